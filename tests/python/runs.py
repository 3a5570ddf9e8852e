# SPDX-License-Identifier: Apache-2.0
"""The runs that the tests of the Python package read."""
import json

import numpy as np

import farpoint
from case import Case, instructions, jsonl

POOL = """
corpus:
  shard_records: 30
  pool: [{path: a.jsonl, name: web}, {path: b.txt, name: "notes: 1"}]
  curated: [{path: good.jsonl}]
  max_reject_fraction: 0.2
pipeline:
  - clean: {html: strip, min_chars: 30}
  - dedup: {exact: true}
  - parallel:
    - embed:      {as: emb}
    - importance: {as: imp}
    - attach:     {as: score, path: score.npy}
  - filter: {keep: {score: {min: 0.1}}}
  - embed:  {as: late, text: prompt}
"""
SELECT = POOL + """
  - profile: {}
  - select:  {vectors: emb, budget: {records: 12}}
  - export:  {format: jsonl, path: subset.jsonl}
"""


def write_corpus(case: Case) -> None:
    """100 instructions, some marked up, some copies, one faulty, and 20 notes of which half are too short."""
    records = instructions(100)
    for number in range(0, 100, 7):
        records[number]["output"] = f"<p>{records[number]['output']} &amp; more</p>"
    records[50:53] = [records[3]] * 3
    lines = jsonl(records).splitlines(keepends=True)
    lines[40] = '{"instruction": "cut off\n'
    case.write("a.jsonl", "".join(lines))
    case.write("b.txt", "".join(f"a note <b>on</b> things that are 多 and long, number {n}\n" if n % 2 else f"short {n}\n"
                                for n in range(20)))
    case.write("good.jsonl", jsonl(instructions(10, seed=5)))
    scores = np.random.default_rng(3).uniform(size=120)
    scores[[5, 60]] = np.nan
    np.save(case.folder / "score.npy", scores)


class Runs(Case):
    """Two runs over one corpus, one of them without a select. They are made once, for tests that only read."""

    @classmethod
    def setUpClass(cls):
        cls.maker = Case()
        cls.maker.setUp()
        cls.addClassCleanup(cls.maker.doCleanups)
        write_corpus(cls.maker)
        cls.maker.run_config(POOL, "pool")
        cls.maker.run_config(SELECT, "out")

    def setUp(self):
        self.folder = self.maker.folder
        self.run_ = farpoint.open(self.folder / "out")

    def lines(self, *arguments):
        return [json.loads(line) for line in self.call(*arguments)[0].splitlines()]

    def exported(self, run: str) -> list:
        self.call("export", run, "--format", "jsonl", "--out", "written.jsonl")
        return [json.loads(line) for line in (self.folder / "written.jsonl").read_text(encoding="utf-8").splitlines()]
