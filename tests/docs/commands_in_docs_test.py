# SPDX-License-Identifier: Apache-2.0
"""Every command in a block of a page is run, and every configuration validated, page by page, each in a folder of its own.

What is not run stands in NOT_RUN with the reason. A command that is new, fails or is listed in vain makes the test fail. What a page
needs before its first command (a corpus, a run) is in PREPARE. `make` is checked for its targets, `farpoint submit` gets --dry-run,
and recipes of configs/ are run by configs_test.py.
"""
import doctest
import json
import pathlib
import re
import shutil
import sys
import unittest

import numpy as np

from blocks import CORPUS, LANGUAGES, blocks, models_named, pipelines, section, top_level, without_comment
from scratch import REPOSITORY, Scratch

PAGES = ["README.md", "CONTRIBUTING.md", "slurm/README.md", *sorted(f"docs/{path.name}" for path in (REPOSITORY / "docs").glob("*.md"))]

NOT_RUN = {
    "docs/command-line.md: farpoint completion bash > ~/.local/share/bash-completion/completions/farpoint":
        "writes into the home folder; tests/e2e/command_line_test.py asks bash what it offers",
    "docs/command-line.md: farpoint completion zsh  > ~/.zfunc/_farpoint": "writes into the home folder",
    "docs/command-line.md: farpoint completion fish > ~/.config/fish/completions/farpoint.fish": "writes into the home folder",
    "docs/performance.md: perf record --call-graph dwarf,16384 -e cpu-clock -F 199 -o run.perf farpoint run config.yaml --fresh":
        "needs perf, and the right to use it",
    "docs/performance.md: perf report -i run.perf --no-inline --no-children -g none": "reads what perf has written",
    "docs/performance.md: perf report -i run.perf --no-inline --children -g none": "reads what perf has written",
    "docs/python.md: pip install ./python": "tests/python/package_test.py installs it",
    "docs/slurm.md: less runs/example/slurm-4711.out": "made by Slurm",
    "docs/neighbours.md: cmake -B build -DFAISS_ENABLE_GPU=ON -DFAISS_ENABLE_PYTHON=OFF -DBUILD_SHARED_LIBS=ON "
    "-DCMAKE_INSTALL_PREFIX=/opt/faiss": "builds another project, for a GPU",
    "docs/neighbours.md: cmake --build build -j && cmake --install build": "builds another project, for a GPU",
    "slurm/README.md: sbatch --nodes=4 --time=4:00:00 --partition=cpu slurm/run.sbatch config.yaml --set run.seed=3":
        "needs Slurm; tests/slurm/slurm_test.py runs this script",
}

STANDARD = CORPUS + """pipeline:
  - clean:  {pii: mask, html: strip}
  - attach: {as: emb, path: standard/vectors.npy}
  - attach: {as: ppl, path: standard/numbers.npy}
  - filter: {keep: {}}
  - select: {method: k-center, vectors: emb, budget: {records: 20}}
"""

# Before the first command of a page.
PREPARE = {
    "README.md": "cp standard.yaml config.yaml && mkdir my-data && cp standard/a.jsonl my-data",
    "docs/cleaning.md": "farpoint run standard.yaml --output runs/demo",
    "docs/estimate.md": "python3 examples/make_data.py",
    "docs/formats.md": "farpoint run standard.yaml --output run && cp run/subset.h5 . && cp run/stages/00-ingest/shard-00000.h5 .",
    "docs/models.md": "farpoint run standard.yaml --output RUN",
    "docs/slurm.md": "for name in config a b c; do (echo \"run: {output: runs/$name}\"; cat standard.yaml) > $name.yaml; done; "
                     "cp slurm/sites/generic.yaml mysite.yaml; farpoint run standard.yaml --output runs/example",
    "docs/status.md": "farpoint run standard.yaml --output runs/example",
}

# Their Python blocks are one session, which another test runs.
PYTHON_ELSEWHERE = {"docs/python.md": "tests/python/docs_test.py"}

# Folders of models that pages name, by small ones of the same kind.
MODELS = {"lm": "examples/tiny-lm", "tiny": "examples/tiny-lm", "Qwen2.5-0.5B": "examples/tiny-lm", "complexity-scorer": "examples/tiny-lm",
          "quality-scorer": "examples/tiny-lm", "minilm": "tests/golden/models/sentence-minilm",
          "all-MiniLM-L6-v2": "tests/golden/models/sentence-minilm", "deberta": "tests/golden/models/deberta-v3",
          "edu": "tests/golden/models/bert-regression", "quality": "tests/golden/models/bert-classify",
          "reward": "tests/golden/models/llama-classify"}
# What small models cannot do: in the tokenizer of tiny-lm "yes" is no single token, and the small classifier has three labels, not one.
REPLACED = {"docs/models.md": [('["yes", "no"]', '["y", "n"]'), ("template: chat, as: reward", "template: chat, label: High, as: reward")]}
NUMBERS = re.compile(r"ppl|ifd|memory|quality|score|weight|grade|rating|like|distance")


class Page(Scratch):
    """The blocks of one page, in order."""
    page = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write_records("standard/a.jsonl")
        cls.write_records("standard/b.jsonl")
        for name in ("curated", "good", "bad"):
            cls.write_records(f"standard/{name}.jsonl")
        np.save(cls.folder / "standard/numbers.npy", np.where(np.arange(60) % 20 == 7, np.nan, 2.0))
        vectors = np.random.default_rng(1).normal(size=(60, 8)).astype("f4")
        vectors[7] = np.nan
        np.save(cls.folder / "standard/vectors.npy", vectors)
        (cls.folder / "standard.yaml").write_text(STANDARD)
        if cls.page in PREPARE:
            done = cls.bash(PREPARE[cls.page])
            assert done.returncode == 0, f"{cls.page}: {PREPARE[cls.page]}\n{done.stdout}\n{done.stderr}"

    @classmethod
    def write_records(cls, name: str) -> None:
        """Thirty records that have all the keys that pages speak of."""
        path = cls.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw = np.random.default_rng(len(name))
        words = "river stone apple engine garden letter winter music copper market window forest bridge teacher".split()
        records = [{"instruction": "Tell me about the " + " and the ".join(draw.choice(words, 4)) + f", part {number}.",
                    "output": "It is " + " ".join(draw.choice(words, 12)) + (" <b>bob@example.org</b>." if number == 17 else "."),
                    "language": "en", "mark": int(draw.integers(1, 6))} for number in range(30)]
        lines = [json.dumps(record) for record in records]
        path.write_text("[" + ",\n".join(lines) + "]" if ".json" == path.suffix else "\n".join(lines) + "\n")

    def provide(self, name: str, in_models: bool) -> None:
        """A file or a model's folder that a configuration names."""
        if list(self.folder.glob(name)):
            return
        path = self.folder / name.replace("**", "x").replace("*", "x")
        path.parent.mkdir(parents=True, exist_ok=True)
        if in_models:
            self.assertIn(path.name, MODELS, "give it a small model in MODELS")
            self.link_model(path.name, path)
        elif path.suffix == ".npy":
            np.save(path, np.ones(60) if NUMBERS.search(path.stem) else np.random.default_rng(1).normal(size=(60, 8)).astype("f4"))
        else:
            self.write_records(str(path.relative_to(self.folder)))

    def link_model(self, name: str, path: pathlib.Path) -> None:
        shutil.copytree(REPOSITORY / MODELS[name], path)
        config = path / "config.json"
        config.write_text(config.read_text().replace('"good"', '"High"'))  # a label that a page speaks of
        tiny = json.loads((REPOSITORY / "examples/tiny-lm/tokenizer_config.json").read_text())
        (path / "chat_template.jinja").write_text(tiny["chat_template"])

    # ---- YAML

    def check_yaml(self, block) -> None:
        whole = block.text
        for old, new in REPLACED.get(self.page, []):
            whole = whole.replace(old, new)
        for text in pipelines(whole):
            if block.file and "pipeline" not in top_level(text):
                return  # another kind of file, such as a site's: the command that reads it checks it
            if "corpus" not in top_level(text):
                text = CORPUS + text
            if "pipeline" not in top_level(text):
                text += "pipeline: []\n"
            models = section(text, "models")
            named = sorted(models_named(text) - set(re.findall(r"^  ([\w-]+):", models, re.MULTILINE)))
            for name in named:
                self.provide(f"models/{name}", True)
            if named:
                text = text.replace(models, "") if models else text
                text += (models or "models:\n") + "".join(f"  {name}: {{path: models/{name}}}\n" for name in named)
            for part in ("corpus", "models", "pipeline"):
                for name in re.findall(r"\bpath: ['\"]?([^,}\s'\"]+)", section(text, part)):
                    if part != "pipeline" or name.endswith(".npy") or "sources" in section(text, part):
                        self.provide(name, part == "models")
            for name in re.findall(r"\bto: ([^,}\s]+\.npy)", text):
                self.provide(name, False)
            self.validate(block, text)

    def validate(self, block, text: str) -> None:
        """Valid, once what earlier jobs would have written is there."""
        for _ in range(8):
            (self.folder / "block.yaml").write_text(text, encoding="utf-8")
            done = self.bash("farpoint validate block.yaml")
            missing = re.search(r"(?:reads the column|there is no column of numbers) '([^']+)'", done.stderr)
            if done.returncode == 0 or not missing:
                break
            name = missing[1]
            file = "score" if NUMBERS.search(name) else "emb"
            self.provide(f"columns/{file}.npy", False)
            attach = f"  - attach: {{as: {name}, path: columns/{file}.npy}}\n"
            if "." in name:
                attach = "  - perplexity: {model: lm, as: %s, condition: prompt, ifd: true}\n" % name.split(".")[0]
                text = self.with_model(text, "lm")
            text = text.replace("pipeline:\n", f"pipeline:\n{attach}", 1)
        self.assertEqual(done.returncode, 0, f"{block.place}\n{text}\n{done.stdout}{done.stderr}")

    def with_model(self, text: str, name: str) -> str:
        self.provide(f"models/{name}", True)
        models = section(text, "models")
        entry = f"  {name}: {{path: models/{name}}}\n"
        return text.replace(models, models.rstrip("\n") + "\n" + entry) if models else text + "models:\n" + entry

    # ---- commands

    def check_command(self, block, command: str, output: list) -> None:
        plain = without_comment(command)
        if f"{self.page}: {plain}" in NOT_RUN:
            return
        targets = re.fullmatch(r"(?:\w+=\S+ )*make((?: [\w-]+| \w+=\S+)+)", plain)
        if targets:
            makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
            for target in re.findall(r" ([\w-]+)(?!=)\b(?!=)", targets[1]):
                self.assertTrue(re.search(rf"(?m)^{target}:", makefile), f"{block.place}: make {target}: no such target")
            return
        recipe = re.fullmatch(r"(?:mpirun -n \d+ )?farpoint run (configs/[\w-]+\.yaml)", plain)
        if recipe:
            self.assertTrue((REPOSITORY / recipe[1]).exists(), f"{block.place}: {recipe[1]}")
            return
        if "farpoint submit" in plain and "--dry-run" not in plain:
            plain = plain.replace("farpoint submit", "farpoint submit --dry-run")
        done = self.bash(plain)
        cut_off = 141 if "| head" in plain else 0  # who writes into a pipe that head has closed
        self.assertIn(done.returncode, (0, cut_off), f"{block.place}: {plain}\n{done.stdout}\n{done.stderr}")
        if self.page in OUTPUT_CHECKED and ("--dry-run" in command or "--dry-run" not in plain):
            printed = {masked(line) for line in (done.stdout + done.stderr).split("\n")}
            for line in output:
                if line.strip() != "...":
                    self.assertIn(masked(line), printed, f"{block.place}: '{line}' is not what is printed:\n{done.stdout}{done.stderr}")

    def check_python(self, block) -> None:
        if self.page in PYTHON_ELSEWHERE:
            self.assertTrue((REPOSITORY / PYTHON_ELSEWHERE[self.page]).exists())
            return
        text = block.text
        if ">>> " in text:
            text = "".join(example.source for example in doctest.DocTestParser().get_examples(text))
        (self.folder / "block.py").write_text(text, encoding="utf-8")
        done = self.bash("python3 block.py")
        self.assertEqual(done.returncode, 0, f"{block.place}\n{done.stderr}")

    def test_blocks(self):
        for block in blocks(REPOSITORY / self.page, self.page):
            with self.subTest(block.place):
                if block.file:
                    path = self.folder / block.file
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(block.text, encoding="utf-8")
                if block.language == "yaml":
                    self.check_yaml(block)
                elif block.language in ("sh", "console"):
                    for command, output in block.commands():
                        self.check_command(block, command, output)
                elif block.language == "python":
                    self.check_python(block)


# Pages whose blocks show what is printed: each line must be printed, but for what masked() takes away.
OUTPUT_CHECKED = {"docs/tutorial.md"}


def masked(line: str) -> str:
    """The line without what hangs on the machine: numbers, units, folders, how many threads. What the table of a run says of
    records stays."""
    counts = re.match(r"(\w[\w ()-]*?)((?:\s+\d[\d,]*){4})\s+\d+\.\d", line)
    if counts:
        return " ".join((counts[1] + counts[2]).split())
    line = re.sub(r"(?<![\w.])/[^\s\":=]*/(?=tutorial/)", "/", line)
    line = re.sub(r"\d[\d,.:]*", "0", line)
    line = re.sub(r"\b0 ([kMGT]?B(/s)?)", r"0 B\2", line)
    line = re.sub(r"\b0 min 0 s", "0 s", line)
    return " ".join(re.sub(r"\b(thread|rank)s\b", r"\1", line).split())


class Rules(Scratch):
    """What holds for all pages."""

    def test_blocks_say_what_they_are(self):
        for page in PAGES:
            for block in blocks(REPOSITORY / page, page):
                self.assertIn(block.language, LANGUAGES, f"{block.place}: write one of {', '.join(LANGUAGES)} behind ```")
                if block.language in ("text", "json", "cpp"):
                    command = re.search(r"^(\$ |mpirun |make |python3 |sbatch |pip ).*", block.text, re.MULTILINE)
                    self.assertIsNone(command, f"{block.place}: a command: write sh or console behind ```")

    def test_no_command_hides_in_an_indented_block(self):
        for page in PAGES:
            for number, line in enumerate((REPOSITORY / page).read_text(encoding="utf-8").split("\n"), 1):
                self.assertNotRegex(line, r"^ {4,}(\$ )?(make|farpoint|mpirun|python3) ", f"{page}:{number}: put it between ```sh and ```")

    def test_what_is_not_run_is_there_and_has_a_reason(self):
        there = {f"{page}: {without_comment(command)}" for page in PAGES for block in blocks(REPOSITORY / page, page)
                 if block.language in ("sh", "console") for command, _ in block.commands()}
        self.assertEqual(set(NOT_RUN) - there, set())
        self.assertTrue(all(NOT_RUN.values()))
        self.assertEqual((set(PREPARE) | OUTPUT_CHECKED) - set(PAGES), set())

    def test_commands_and_options_in_texts_exist(self):
        helps = {}
        makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
        for page in PAGES:
            text = re.sub(r"<!--.*?-->", "", (REPOSITORY / page).read_text(encoding="utf-8"), flags=re.DOTALL)
            spoken = re.findall(r"`([^`\n]+)`", text)
            spoken += [line for block in blocks(REPOSITORY / page, page) if block.language == "text"
                       for line in block.text.split("\n") if line.startswith("farpoint ")]
            for text in spoken:
                farpoint = re.match(r"(?:mpirun .*)?farpoint ([a-z]+)\b(.*)", text)
                if farpoint:
                    command, rest = farpoint[1], farpoint[2]
                    if command not in helps:
                        helps[command] = self.bash(f"farpoint {command} --help")
                    self.assertEqual(helps[command].returncode, 0, f"{page}: `{text}`: no such command")
                    for option in re.findall(r"(?<![\w-])--[a-z-]+", rest.split(" #")[0]):
                        self.assertIn(option, helps[command].stdout, f"{page}: `{text}`")
                made = re.match(r"make ([a-z-]+)$", text)
                if made:
                    self.assertTrue(re.search(rf"(?m)^{made[1]}:", makefile), f"{page}: `{text}`: no such target")


def load_tests(loader, tests, pattern):
    for page in PAGES:
        if any(block.language in ("yaml", "sh", "console", "python") for block in blocks(REPOSITORY / page, page)):
            name = re.sub(r"\W", "_", page.removesuffix(".md"))
            tests.addTests(loader.loadTestsFromTestCase(type(f"Page_{name}", (Page,), {"page": page})))
    return tests


if __name__ == "__main__":  # with pages as arguments only these
    PAGES = sys.argv[1:] or PAGES
    suite = unittest.TestSuite() if sys.argv[1:] else unittest.defaultTestLoader.loadTestsFromTestCase(Rules)
    load_tests(unittest.defaultTestLoader, suite, None)
    outcome = unittest.TextTestRunner(verbosity=2).run(suite)
    raise SystemExit(not outcome.wasSuccessful())
