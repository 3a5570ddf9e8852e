# SPDX-License-Identifier: Apache-2.0
"""Fenced blocks of a page, the commands in them, and configurations made whole."""
import dataclasses
import pathlib
import re
import textwrap

# What the words behind ``` mean to the test; a page may use no others.
LANGUAGES = {
    "sh": "commands, one a line",
    "console": "commands behind '$ ', and what they print",
    "yaml": "a configuration, or a part of one",
    "python": "a program, or what stands behind '>>> '",
    "text": "what is printed, a drawing, or a synopsis of commands",
    "json": "what is in a file", "cpp": "a part of the sources",
    "mermaid": "a drawing, which a script makes",
}


@dataclasses.dataclass
class Block:
    page: str
    line: int
    language: str
    text: str
    file: str  # <!-- file: NAME --> above the block: it is that file

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    def commands(self) -> list:
        """(command, lines that follow it as its output)."""
        found, lines = [], self.text.split("\n")
        while lines:
            line = lines.pop(0)
            if self.language == "console" and not line.startswith("$ "):
                if found and line.strip():
                    found[-1][1].append(line)
                continue
            line = line.removeprefix("$ ")
            if not line.strip() or line.startswith("#"):
                continue
            while line.endswith("\\"):
                line = line[:-1].rstrip() + " " + lines.pop(0).strip()
            found.append((line, []))
        return found


def blocks(page: pathlib.Path, name: str) -> list:
    found, current, hint = [], None, ""
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), 1):
        fence = re.match(r"( *)```(\S*)", line)
        if current is None and fence:
            indent = fence[1]
            current = Block(name, number, fence[2], "", hint)
        elif current is not None and fence:
            found.append(current)
            current, hint = None, ""
        elif current is not None:
            current.text += line.removeprefix(indent) + "\n"
        elif line.strip():
            comment = re.fullmatch(r"<!-- file: (\S+) -->", line.strip())
            hint = comment[1] if comment else ""
    if current is not None:
        raise ValueError(f"{current.place}: the block has no end")
    return found


def without_comment(command: str) -> str:
    return re.sub(r"\s+#.*$", "", command).strip()


# ---- configurations

CORPUS = """corpus:
  pool: [{path: standard/a.jsonl, name: web}, {path: standard/b.jsonl, name: code}]
  curated: [{path: standard/curated.jsonl}]
  labelled: [{path: standard/good.jsonl, name: good}, {path: standard/bad.jsonl, name: bad}]
"""


def top_level(text: str) -> set:
    return set(re.findall(r"^(\w+):", text, re.MULTILINE))


def pipelines(text: str) -> list:
    """The configurations that a block of YAML stands for: itself, or around a list of jobs one, or one for each `select`."""
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    if not lines[0].lstrip().startswith("- "):
        return [text]
    text = textwrap.indent(textwrap.dedent(text), "  ")
    items = [item for item in re.split(r"^(?=  - )", text, flags=re.MULTILINE) if item.strip()]
    if all(item.startswith("  - select") for item in items):
        return [f"pipeline:\n{item}" for item in items]
    return [f"pipeline:\n{text}"]


def section(text: str, name: str) -> str:
    found = re.search(rf"^{name}:.*?(?=^\w|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def models_named(text: str) -> set:
    jobs = section(text, "pipeline")
    return set(re.findall(r"\b(?:quality_)?(?:model|tokenizer): ([\w-]+)", jobs)) - {"builtin"}
