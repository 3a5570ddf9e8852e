#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tokenizer/chat_templates/: for each style a folder as a model has it, and expected.json, what transformers renders with it
for conversations.json, or null where the template refuses them. The templates are written for this test, in the
styles of published ones and with the constructs that those use.

Made with transformers 5.24 and jinja2 3.1. Run it from anywhere:
  python3 tests/golden/make_chat_template_goldens.py
"""
import json
import pathlib
import shutil

from jinja2.exceptions import TemplateError, UndefinedError
from transformers.utils.chat_template_utils import render_jinja_template

FOLDER = pathlib.Path(__file__).resolve().parent / "tokenizer" / "chat_templates"

CHATML = """{% for message in messages %}
    {%- if loop.first and messages[0]['role'] != 'system' %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
{%- endfor %}
{% if add_generation_prompt %}
{{ '<|im_start|>assistant\\n' }}
{% endif %}
"""

QWEN_TOOLS = """{%- if tools %}
    {{- '<|im_start|>system\\n# Tools\\n' }}
    {%- for tool in tools %}
        {{- "\\n" }}{{ tool | tojson }}
    {%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(multi_step=true, last_query=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step = false %}
        {%- set ns.last_query = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning = '' %}
        {%- if message.reasoning_content is defined and message.reasoning_content is not none %}
            {%- set reasoning = message.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set reasoning = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query and (loop.last or reasoning) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {%- if message.tool_calls %}
            {%- for tool_call in message.tool_calls %}
                {%- if (loop.first and content) or (not loop.first) %}{{- '\\n' }}{%- endif %}
                {%- if tool_call.function %}{%- set tool_call = tool_call.function %}{%- endif %}
                {{- '<tool_call>\\n{"name": "' ~ tool_call.name ~ '", "arguments": ' }}
                {%- if tool_call.arguments is string %}{{- tool_call.arguments }}{%- else %}{{- tool_call.arguments | tojson }}{%- endif %}
                {{- '}\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {{- '<|im_start|>user\\n<tool_response>\\n' + content + '\\n</tool_response><|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}
"""

LLAMA3 = """{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{#- A system message is taken out, so that it may be joined to the preface. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}{{- "Environment: ipython\\n" }}{%- endif %}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable %}{{- message.content | tojson }}{%- else %}{{- message.content }}{%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

LLAMA2 = """{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"""

MISTRAL = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or message.role == "tool_results" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, conversation roles must alternate user/assistant/user/assistant/...") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message.tool_calls is defined and message.tool_calls is not none %}
        {{- "[TOOL_CALLS] [" }}
        {%- for tool_call in message.tool_calls %}
            {%- set out = tool_call.function|tojson %}
            {{- out[:-1] }}
            {{- ', "id": "' + tool_call.id + '"}' }}
            {%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" + eos_token }}{%- endif %}
        {%- endfor %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- elif message["role"] == "tool_results" or message["role"] == "tool" %}
        {{- '[TOOL_RESULTS] {"content": ' + message.content|string + "}[/TOOL_RESULTS]" }}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported, with the exception of an initial optional system message!") }}
    {%- endif %}
{%- endfor %}
"""

SMOLLM = """{#- Macros, generation blocks, a date, loop controls. #}
{%- macro header(role) -%}
<|im_start|>{{ role }}
{% endmacro -%}
{%- set reasoning_mode = "/no_think" if messages[0].role == "system" and "/no_think" in messages[0].content else "/think" -%}
{{ header("system") -}}
{{- "## Metadata\\n\\n" -}}
{%- set today = "2024" if strftime_now("%Y")|length == 4 else "?" -%}
{{- "Reasoning Mode: " + reasoning_mode + "\\nToday: " + today + "\\n" -}}
{%- if messages[0].role == "system" -%}
    {{- messages[0].content.replace("/no_think", "").replace("/think", "").rstrip() -}}
{%- endif -%}
{{- "<|im_end|>\\n" -}}
{%- for message in messages -%}
    {%- if message.role == "system" -%}{%- continue -%}{%- endif -%}
    {%- if loop.index > 40 -%}{%- break -%}{%- endif -%}
    {%- set content = message.content if message.content is string else "" -%}
    {%- if message.role == "user" -%}
        {{ header(message.role) + content + "<|im_end|>\\n" }}
    {%- elif message.role == "assistant" -%}
        {%- generation -%}
        {%- if reasoning_mode == "/think" -%}
            {{ "<|im_start|>assistant\\n" + content.lstrip("\\n") + "<|im_end|>\\n" }}
        {%- else -%}
            {{ "<|im_start|>assistant\\n<think>\\n\\n</think>\\n" + content.lstrip("\\n") + "<|im_end|>\\n" }}
        {%- endif -%}
        {%- endgeneration -%}
    {%- else -%}
        {{ header("user") + content + "<|im_end|>\\n" }}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ "<|im_start|>assistant\\n" if reasoning_mode == "/think" else "<|im_start|>assistant\\n<think>\\n\\n</think>\\n" }}
{%- endif -%}
"""

# Python's ways of writing values, and white space around tags.
VALUES = """Values:
  {% for message in messages %}
  {# a comment of its own line #}
    {% if message.content is string %}
  {{ loop.index }}/{{ loop.length }} {{ message.role | upper }}: {{ message.content.title() }}|{{ message.content[:3] }}|{{ message.content[-1:] }}
    {% else %}
  {{ message.content }} {{ message.content | tojson(indent=2) }}
    {% endif %}
  {% for key, value in message.items() %}
[{{ key }}={{ value | tojson }}]
  {%+ endfor %}
  {% endfor %}
{{ none }} {{ true }} {{ 1.0 }} {{ 1e20 }} {{ 0.1 + 0.2 }} {{ 7 // 2 }} {{ 7 / 2 }} {{ -7 % 3 }} {{ [1, 'a', none, true] }} {{ {'k': 'v'} }} {{ missing }}
{{ 'a,b,,c'.split(',') | join('+') }} {{ 'x' * 3 }} {{ 'abc' | replace('b', '<b>') }} {{ "%s and %d" | format('s', 3) }} {{ 'a' ~ 1 ~ none ~ true }}
{{ messages | map(attribute='role') | list }} {{ messages | map(attribute='role') | join(', ') }} {{ messages[-1].role }} {{ "q'\\"" | tojson }}
{{ '  strip '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'abc'.find('c') }}|{{ 'a b  c'.split() }}|{{ 'prefix-rest'.removeprefix('prefix-') }}|{{ 'rest.py'.removesuffix('.py') }}|{{ 'a.b.c'.rsplit('.', 1) }}
"""

STYLES = {
    "chatml": (CHATML, {"eos_token": "<|im_end|>"}),
    "qwen": (QWEN_TOOLS, {"bos_token": None, "eos_token": "<|im_end|>"}),
    "llama3": (LLAMA3, {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}),
    "llama2": (LLAMA2, {"bos_token": {"__type": "AddedToken", "content": "<s>", "lstrip": False},
                        "eos_token": {"__type": "AddedToken", "content": "</s>", "lstrip": False}, "add_bos_token": True}),
    "mistral": (MISTRAL, {"bos_token": "<s>", "eos_token": "</s>"}),
    "smollm": (SMOLLM, {"eos_token": "<|im_end|>"}),
    "values": (VALUES, {}),
}

CONVERSATIONS = [
    [{"role": "user", "content": "Hello"}],
    [{"role": "system", "content": " Be brief. "}, {"role": "user", "content": "  What is 2 + 2?\n"},
     {"role": "assistant", "content": "\n4 "}, {"role": "user", "content": "And <b>\"3\"</b> & 'more'?"}],
    [{"role": "user", "content": "你好 🙂"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\n你好！"}],
    [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
    [{"role": "system", "content": "s /no_think"}, {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
    [{"role": "user", "content": "weather?"},
     {"role": "assistant", "content": "", "tool_calls": [{"id": "abcdefghi", "type": "function", "function": {
         "name": "get", "arguments": {"city": "Köln", "days": 3, "ratio": 0.5, "exact": True, "none": None, "list": [1, 2], "empty": {}}}}]},
     {"role": "tool", "content": "{\"t\": 3}"}, {"role": "assistant", "content": "Three."}],
    [{"role": "tool", "content": "first"}],
    [{"role": "user", "content": ""}, {"role": "assistant", "content": ""}],
    [{"role": "user", "content": "{{ messages }} {% if %} {# no #}"}, {"role": "assistant", "content": "line\n\nline\n"}],
    [{"role": "user", "content": None}],
]


def special_tokens(config):
    tokens = {key: value for key, value in config.items() if key.endswith("_token")}
    text = {key: value["content"] if isinstance(value, dict) else value for key, value in tokens.items()}
    return {key: value for key, value in text.items() if isinstance(value, str)}


def rendered(template, config, messages, add_generation_prompt):
    try:
        texts, _ = render_jinja_template([messages], chat_template=template, add_generation_prompt=add_generation_prompt,
                                         **special_tokens(config))
        return texts[0]
    except (TemplateError, UndefinedError, TypeError):
        return None


def write_folder(name, template, config):
    folder = FOLDER / name
    folder.mkdir(parents=True)
    config = dict(config)
    if name == "llama3":
        # As transformers stores it since version 4.53; the file wins over the older place.
        (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
        config["chat_template"] = "{{ 'not this one' }}"
    elif name == "mistral":
        config["chat_template"] = [{"name": "tool_use", "template": "not this one"}, {"name": "default", "template": template}]
    else:
        config["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    expected = {}
    for name, (template, config) in STYLES.items():
        write_folder(name, template, config)
        expected[name] = [[rendered(template, config, messages, prompt) for prompt in (False, True)]
                          for messages in CONVERSATIONS]
    (FOLDER / "conversations.json").write_text(json.dumps(CONVERSATIONS, indent=1), encoding="utf-8")
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
