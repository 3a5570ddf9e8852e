# SPDX-License-Identifier: Apache-2.0
"""The perplexity family against transformers: of responses and prompts given each other, and of all answers of a conversation."""
import json
import unittest

import numpy as np

from farpoint import REPOSITORY, jsonl
from models_test import GOLDEN, ModelCase, sentences

EXPECTED = json.loads((REPOSITORY / "tests/golden/perplexity.json").read_text(encoding="utf-8"))
MODELS = [name for name in EXPECTED if name != "records"]


def values(rows: list, key: str):
    return np.array([row[key] for row in rows], dtype=float)  # null becomes NaN


def conversations(count: int, seed: int = 0) -> list:
    """Of one to four questions, each with its answer."""
    draw = np.random.default_rng(seed)
    texts = iter(sentences(8 * count, seed))
    turns = [[{"role": role, "content": next(texts)} for _ in range(draw.integers(1, 5)) for role in ("user", "assistant")]
             for _ in range(count)]
    return [{"messages": messages} for messages in turns]


class PerplexityCase(ModelCase):
    def perplexity(self, options: str, output: str, model: str = f"{GOLDEN}/llama", expect: int = 0):
        config = self.config(f"perplexity: {{model: lm, condition: prompt{options}}}", models=f"lm: {{path: {model}}}")
        return self.run_config(config, output, expect=expect)

    def of(self, output: str, ending: str = ""):
        return self.column(output, "01-perplexity-ppl", "ppl" + ending)[1]

    def columns(self, output: str, endings: list) -> dict:
        return {ending: self.of(output, ending) for ending in endings}


class Parity(PerplexityCase):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl(EXPECTED["records"]))

    def test_of_responses_and_prompts_given_each_other(self):
        for name in MODELS:
            self.perplexity(", ifd: true, reverse: true, loss: true", name, GOLDEN / name)
            golden = EXPECTED[name]
            np.testing.assert_allclose(self.of(name), values(golden, "ppl"), rtol=1e-5)
            np.testing.assert_allclose(self.of(name, ".loss"), np.log(values(golden, "ppl")), rtol=1e-6)
            np.testing.assert_array_equal(self.of(name, ".tokens"), values(golden, "tokens"))
            np.testing.assert_allclose(self.of(name, ".ifd"), values(golden, "ifd"), rtol=2e-5)
            np.testing.assert_allclose(self.of(name, ".rifd"), values(golden, "rifd"), rtol=2e-5)
            without = np.isnan(values(golden, "ifd")) | np.isnan(values(golden, "rifd"))
            self.assert_adds_up(self.job(name, "perplexity"), failed=without.sum())

    def test_of_all_answers(self):
        for name in MODELS:
            self.perplexity(", answers: all, ifd: true, loss: true", name, GOLDEN / name)
            golden = [row["all"] for row in EXPECTED[name]]
            np.testing.assert_allclose(self.of(name), values(golden, "ppl"), rtol=1e-5)
            np.testing.assert_allclose(self.of(name, ".loss"), np.log(values(golden, "ppl")), rtol=1e-6)
            for ending in ("mean", "max"):
                np.testing.assert_allclose(self.of(name, "." + ending), values(golden, ending), rtol=1e-5)
            np.testing.assert_allclose(self.of(name, ".ifd"), values(golden, "ifd"), rtol=2e-5)
            for ending in ("tokens", "answers"):
                np.testing.assert_array_equal(self.of(name, "." + ending), values(golden, ending))
            self.assert_adds_up(self.job(name, "perplexity"), failed=np.isnan(values(golden, "ifd")).sum())

    def test_the_reverse_needs_no_condition(self):
        self.run_config(self.config("perplexity: {model: lm, reverse: true}"), "out")
        np.testing.assert_allclose(self.of("out", ".rifd"), values(EXPECTED["llama"], "rifd"), rtol=2e-5)


class AllAnswers(PerplexityCase):
    endings = ["", ".tokens", ".answers", ".mean", ".max", ".ifd"]

    def chat_model(self, template: str):
        model = self.folder / "model"
        if not model.exists():
            self.copy_of("llama")
        (model / "chat_template.jinja").write_text(template)
        return "model"

    def assert_same(self, one: str, other: str, rtol: float = 1e-6):
        theirs = self.columns(other, self.endings)
        for ending, column in self.columns(one, self.endings).items():
            np.testing.assert_allclose(column, theirs[ending], rtol=rtol, err_msg=ending)

    def test_a_single_answer_is_the_response(self):
        self.write("a.jsonl", jsonl([{"instruction": one, "output": two} for one, two in zip(sentences(20), sentences(20, seed=1))]))
        self.perplexity(", ifd: true", "last")
        self.perplexity(", ifd: true, answers: all", "all")
        for ending in ("", ".tokens", ".ifd"):
            self.assert_same_column([self.of("last", ending)], [self.of("all", ending)])
        for ending in (".mean", ".max"):
            np.testing.assert_allclose(self.of("all", ending), self.of("all"), rtol=1e-12)
        np.testing.assert_array_equal(self.of("all", ".answers"), 1)

    def test_tool_calls_answer_where_nothing_else_does(self):
        call = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "ice", "arguments": {"in": "moon"}}}]}
        user = {"role": "user", "content": "the small boats"}
        self.write("a.jsonl", jsonl([{"messages": [user, call, user, call]}, {"messages": [user, call, user, {"role": "assistant", "content": "ice"}]}]))
        self.perplexity(", answers: all", "out")
        np.testing.assert_array_equal(self.of("out", ".answers"), [2, 1])

    def test_long_conversations_are_read_in_windows(self):
        records = conversations(20)
        self.write("a.jsonl", jsonl(records))
        self.perplexity(", answers: all, ifd: true, max_tokens: 4096", "whole", GOLDEN / "llama")
        self.perplexity(", answers: all, ifd: true, max_tokens: 60, stride: 50", "windows")
        self.assertEqual(self.job("whole", "perplexity")["counters"]["windowed"], 0)
        self.assertGreater(self.job("windows", "perplexity")["counters"]["windowed"], 0)
        for ending in (".tokens", ".answers"):
            np.testing.assert_array_equal(self.of("whole", ending), self.of("windows", ending))
        self.assertTrue(np.isfinite(self.of("windows")).all())
        self.assertGreater(self.of("whole", ".answers").max(), 1)

    def test_chat_templates_write_the_conversation(self):
        records = conversations(20)
        self.write("a.jsonl", jsonl(records))
        # What the plain text is: answers stand between newlines.
        model = self.chat_model("{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '' if loop.first else '\\n' }}{{ m.content }}"
                                "{{ '\\n' }}{% else %}{{ m.content }}{% endif %}{% endfor %}")
        self.perplexity(", answers: all, ifd: true", "plain")
        self.perplexity(", answers: all, ifd: true, template: chat", "chat", model)
        self.assert_same("chat", "plain")
        self.assert_adds_up(self.job("chat", "perplexity"), failed=0)

    def test_templates_may_write_more_around_the_last_answer(self):
        self.write("a.jsonl", jsonl(conversations(20)))
        plain = ("{{ bos_token }}{% for m in messages %}<{{ m.role }}>{% if THINKS %}{{ '()' }}{% endif %}{{ m.content }}.{{ '\\n' }}{% endfor %}"
                 "{% if add_generation_prompt %}<assistant>{% endif %}")
        thinks = plain.replace("THINKS", "m.role == 'assistant' and loop.last")
        self.perplexity(", answers: all, template: chat", "thinks", self.chat_model(thinks))
        self.perplexity(", answers: all, template: chat", "plain", self.chat_model(plain.replace("THINKS", "false")))
        self.assert_adds_up(self.job("thinks", "perplexity"), failed=0)
        answers = self.of("plain", ".answers")
        np.testing.assert_array_equal(self.of("thinks", ".answers"), answers)
        # The thought belongs to the last answer, which is asked for without it, and to no other.
        more = self.of("thinks", ".tokens") - self.of("plain", ".tokens")
        self.assertTrue(((more >= 1) & (more <= 2)).all(), more)

    def test_templates_that_forget_answers_are_refused(self):
        records = conversations(20)
        self.write("a.jsonl", jsonl(records))
        model = self.chat_model("{% for m in messages %}{{ m.content if loop.last or m.role == 'user' else 'moon' }}{% endfor %}")
        _, errors = self.perplexity(", answers: all, template: chat", "out", model)
        self.assertIn("an answer is written otherwise once the conversation goes on; use 'answers: last'", errors)
        long = np.array([len(record["messages"]) > 2 for record in records])
        np.testing.assert_array_equal(np.isnan(self.of("out")), long)
        self.assertEqual(self.job("out", "perplexity")["counters"]["refused_by_template"], long.sum())
        self.assert_adds_up(self.job("out", "perplexity"), failed=long.sum())


class Mistakes(PerplexityCase):
    def test_options_that_do_not_go_together(self):
        self.write("a.jsonl", jsonl([{"text": "ice"}]))
        cases = [("answers: all", "config.yaml:4:38: 'perplexity.answers': 'all' scores answers given what stands before each"),
                 ("condition: prompt, answers: all, reverse: true", "'perplexity.reverse': there is one prompt for the last answer"),
                 ("template: chat, reverse: true", "'perplexity.reverse': no chat template writes a prompt behind"),
                 ("answers: first", "'perplexity.answers' must be last or all")]
        for options, message in cases:
            self.write("config.yaml", self.config(f"perplexity: {{model: lm, {options}}}"))
            self.assertIn(message, self.call("validate", "config.yaml", expect=2)[1], options)


if __name__ == "__main__":
    unittest.main(verbosity=2)
