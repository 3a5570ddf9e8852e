# SPDX-License-Identifier: Apache-2.0
"""Every recipe of configs/ (and the quick start's) is run on the data that it names, with the command that it names."""
import collections
import json
import re
import unittest

import h5py

from scratch import REPOSITORY, Scratch

RECIPES = sorted(path.stem for path in (REPOSITORY / "configs").glob("*.yaml"))
NEED_MINILM = {"minilm", "active-learning"}


class Recipes(Scratch):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_data()

    def records(self, output: str) -> list:
        with h5py.File(self.folder / output / "subset.h5") as subset:
            return [dict(json.loads(text), source=source) for text, source
                    in zip(subset["record"].asstr()[()], subset["source"].asstr()[()])]

    def counted(self, output: str, key: str) -> collections.Counter:
        return collections.Counter(record.get(key) for record in self.records(output))

    def run_twice(self, command: str, output: str) -> dict:
        """The summary of a run, when it is whole and the same command finds all of it done."""
        done = self.bash(command)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}")
        folder = self.folder / output
        summary = json.loads((folder / "summary.json").read_text())
        for job in summary["jobs"]:
            left = job["counters"].get("left", 0) if job["job"] == "select" else 0
            self.assertEqual(job["in"], job["out"] + job["rejected"] + job["failed"] + left, job)
        chosen = len(self.records(output))
        self.assertEqual(chosen, summary["selected"])
        self.assertGreater(chosen, 0)
        written = [path for path in folder.glob("subset.json*")]
        self.assertEqual(len(written), 1, "a recipe writes one training file")
        text = written[0].read_text(encoding="utf-8")
        self.assertEqual(len(json.loads(text) if written[0].suffix == ".json" else text.splitlines()), chosen)

        before = {path: path.stat().st_mtime_ns for path in folder.glob("stages/*/*.h5")}
        done = self.bash(command.replace(" --fresh", ""))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({path: path.stat().st_mtime_ns for path in folder.glob("stages/*/*.h5")}, before)
        again = json.loads((folder / "summary.json").read_text())
        for first, second in zip(summary["jobs"], again["jobs"]):
            self.assertEqual([first[key] for key in ("job", "in", "out")], [second[key] for key in ("job", "in", "out")])
            self.assertEqual(second["rate"], 0, second)
        return summary

    def test_quickstart(self):
        self.bash("mkdir -p quickstart && python3 examples/make_corpus.py 500 > quickstart/corpus.jsonl")
        self.assertEqual(self.run_twice("farpoint run examples/quickstart.yaml", "quickstart/run")["selected"], 150)

    def test_heads_name_data_command_and_time(self):
        for recipe in RECIPES:
            head = (REPOSITORY / f"configs/{recipe}.yaml").read_text(encoding="utf-8").split("\nrun:")[0]
            self.assertRegex(head, r"(?m)^# Data: python3 examples/make_data\.py", recipe)
            self.assertRegex(head, rf"(?m)^# Run:  (farpoint run configs/{recipe}\.yaml|make {recipe}|"
                                   rf"mpirun -n \d+ farpoint run configs/{recipe}\.yaml)$", recipe)
            self.assertRegex(head, r"(?m)^# Takes .*\d.*", recipe)
            for line in head.splitlines():
                self.assertTrue(line.startswith("# "), f"{recipe}: {line}")


class Checks:
    """What a recipe promises, beyond being whole, and the numbers of it that docs/cookbook.md and docs/limits.md give."""

    @staticmethod
    def cover(test, summary):
        topics = test.counted("runs/cover", "topic")
        test.assertGreater(len(topics), 137)  # the most that any of 100 random draws has
        facts = next(job["facts"] for job in summary["jobs"] if job["job"] == "select")
        for name, value in (("coverage_mean", 0.591), ("random_mean", 0.581), ("coverage_p95", 0.799), ("random_p95", 0.823)):
            test.assertAlmostEqual(facts[name], value, delta=0.002)

    @staticmethod
    def facility_location(test, summary):
        facts = next(job["facts"] for job in summary["jobs"] if job["job"] == "select")
        test.assertAlmostEqual(facts["coverage_mean"], 0.547, delta=0.002)
        test.assertAlmostEqual(facts["random_mean"], 0.581, delta=0.002)

    @staticmethod
    def like(test, summary):
        sources = test.counted("runs/like", "source")
        test.assertGreater(sources["math.jsonl"], 0.9 * sum(sources.values()))

    @staticmethod
    def target(test, summary):
        test.assertEqual(test.counted("runs/target", "source"), {"math.jsonl": 200})

    @staticmethod
    def unlike(test, summary):
        sources = test.counted("runs/unlike", "source")  # the existing set has general and mathematics, and no code
        test.assertGreater(sources["code.jsonl"] / 200, 2 * sources["general.jsonl"] / 1200)
        dedup = next(job for job in summary["jobs"] if job["job"] == "dedup")
        test.assertGreaterEqual(dedup["counters"]["in_curated"], 100)

    @staticmethod
    def multilingual(test, summary):
        languages = test.counted("runs/multilingual", "language")
        test.assertEqual(set(languages), {"en", "de", "es", "fr", "zh"})
        test.assertEqual((languages["en"], languages["zh"]), (56, 28))

    @staticmethod
    def quota(test, summary):
        sources = test.counted("runs/quota", "source")
        test.assertGreaterEqual(sources["math"], 100)
        with h5py.File(test.folder / "runs/quota/subset.h5") as subset:
            test.assertEqual(list(subset["id"][:2]), [17, 4])

    @staticmethod
    def instruction(test, summary):
        counters = collections.Counter()
        for job in summary["jobs"]:
            counters.update(job["counters"])
        for reason in ("empty_answer", "truncated", "duplicate_exact", "duplicate_near"):
            test.assertGreater(counters[reason], 0, reason)
        test.assertEqual([counters[reason] for reason in ("refusal", "masked_email", "contaminated")], [25, 25, 5])

    @staticmethod
    def web(test, summary):
        counters = collections.Counter()
        for job in summary["jobs"]:
            counters.update(job["counters"])
        for reason in ("changed_html", "repetition", "too_short", "duplicate_near", "with_repeated_passages"):
            test.assertGreater(counters[reason], 0, reason)
        test.assertNotIn("spanish.jsonl", test.counted("runs/web", "source"))


def make_test(recipe: str):
    def test(self):
        text = (self.folder / f"configs/{recipe}.yaml").read_text(encoding="utf-8")
        output = re.search(r"^  output: (\S+)", text, re.MULTILINE)[1]
        if recipe in NEED_MINILM and not (self.folder / ".deps/minilm").exists():
            self.skipTest("needs all-MiniLM-L6-v2: `make minilm` fetches it")
        command = re.search(r"^# Run:  (.*)$", text, re.MULTILINE)[1]
        if command.startswith("make "):
            makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
            self.assertRegex(makefile, rf"(?m)^{command.removeprefix('make ')}:")
            self.assertIn(f"$(FARPOINT) run configs/{recipe}.yaml", makefile)
            command = f"farpoint run configs/{recipe}.yaml"
        summary = self.run_twice(command, output)
        check = getattr(Checks, recipe.replace("-", "_"), None)
        if check is not None:
            check(self, summary)

    return test


for one in RECIPES:
    setattr(Recipes, f"test_recipe_{one.replace('-', '_')}", make_test(one))

if __name__ == "__main__":
    unittest.main(verbosity=2)
