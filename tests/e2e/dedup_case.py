# SPDX-License-Identifier: Apache-2.0
"""Runs of `dedup` over made-up words, and what they wrote."""
import itertools
import json
import random

import h5py

from farpoint import Case

WORDS = ["".join(letters) for letters in itertools.product("bcdfgklmnprst", "aeiou", "bdgklmnrst", "aeo")]


def document(draw: random.Random, words: int = 80) -> list:
    return [draw.choice(WORDS) for _ in range(words)]


def altered(draw: random.Random, words: list, changes: int) -> list:
    """The same text with some words replaced."""
    changed = list(words)
    for place in draw.sample(range(len(words)), changes):
        changed[place] = draw.choice(WORDS)
    return changed


class Dedup(Case):
    def setUp(self):
        super().setUp()
        self.draw = random.Random(11)

    def write_corpus(self, texts: list, name: str = "corpus.jsonl"):
        self.write(name, "".join(json.dumps({"text": text}) + "\n" for text in texts))

    def run_dedup(self, options: str, output: str = "run", ranks: int = 1, before: str = "", curated: str = "", expect: int = 0):
        config = f"corpus: {{pool: [{{path: corpus.jsonl}}], shard_records: 50{curated}}}\npipeline:\n{before}  - dedup: {options}\n"
        return self.run_config(config, output, ranks=ranks, expect=expect)

    def stage(self, output: str = "run") -> str:
        return next(path.name for path in (self.folder / output / "stages").iterdir() if "dedup" in path.name)

    def duplicates(self, output: str = "run", name: str = "duplicate_of"):
        return self.column(output, self.stage(output), name)

    def kept(self, output: str = "run") -> set:
        kept = []
        for path in sorted((self.folder / output / "stages" / self.stage(output)).glob("shard-*.h5")):
            with h5py.File(path) as file:
                kept.extend(int(i) for i in file["kept"][()])
        return set(kept)

    def records(self, output: str = "run") -> dict:
        found = {}
        for path in sorted((self.folder / output / "stages" / self.stage(output)).glob("shard-*.h5")):
            with h5py.File(path) as file:
                group = file["rewritten/record"]
                raw, offsets = group["bytes"][()].tobytes(), group["offsets"][()]
                for i, record in enumerate(file["rewritten/id"][()]):
                    found[int(record)] = json.loads(raw[offsets[i]:offsets[i + 1]])
        return found

    def assert_counted(self, output: str = "run"):
        job = self.job(output, "dedup")
        ids, of = self.duplicates(output)
        reasons = {name: count for name, count in job["counters"].items()
                   if name.startswith("duplicate_") or name in ("in_curated", "contaminated")}
        self.assertEqual(job["in"], job["out"] + job["rejected"])
        self.assertEqual(sum(reasons.values()), job["rejected"])
        self.assertEqual(len(self.kept(output)), job["out"])
        return reasons
