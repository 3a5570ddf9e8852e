# SPDX-License-Identifier: Apache-2.0
"""farpoint compare: its numbers against those of the subset files."""
import json
import unittest

import numpy as np

import farpoint
from report_test import WORDS, page_data

CONFIG = """
run: {seed: 3}
corpus: {pool: [{path: one.jsonl}, {path: two.jsonl}], shard_records: 64}
pipeline:
  - embed: {as: emb}
  - attach: {as: score, path: score.npy}
  - select: {method: k-center, vectors: emb, budget: {records: 30}}
"""


class Compare(farpoint.Case):
    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(3)
        lines = [json.dumps({"instruction": " ".join(draw.choice(WORDS, size=draw.integers(3, 60))), "output": str(i)}) + "\n"
                 for i in range(300)]
        self.write("one.jsonl", "".join(lines[:200]))
        self.write("two.jsonl", "".join(lines[200:]))
        np.save(self.folder / "score.npy", draw.normal(size=300))
        self.run_config(CONFIG, "a")
        self.run_config(CONFIG, "b", "--set", "select.method=random", "--set", "select.budget.records=50")

    def compare(self, *arguments) -> dict:
        printed, _ = self.call("compare", *arguments, "--json")
        return json.loads(printed)

    def test_overlap_differences_and_shifts(self):
        data = self.compare("a", "b")
        a, b = self.subset("a"), self.subset("b")
        both = len(set(a["id"]) & set(b["id"]))
        self.assertEqual(data["overlap"], [[30, both], [both, 50]])
        self.assertTrue(data["same_pool"])
        self.assertTrue(data["same_vectors"])
        self.assertEqual({d["option"]: d["values"] for d in data["differences"]},
                         {"pipeline[2].select.method": ["k-center", "random"],
                          "pipeline[2].select.budget.records": ["30", "50"]})
        self.assertEqual([run["method"] for run in data["runs"]], ["k-center", "random"])
        words = [sum(len((r["instruction"] + " " + r["output"]).split()) for r in map(json.loads, s["record"]))
                 for s in (a, b)]
        self.assertEqual([run["tokens"] for run in data["runs"]], words)
        for name, values in (("score", [a["scores/score"], b["scores/score"]]),):
            entry = next(d for d in data["distributions"] if d["name"] == name)
            edges = [bin["from"] for bin in entry["bins"]] + [entry["bins"][-1]["to"]]
            for run, part in enumerate(values):
                self.assertEqual(entry["summary"][run]["p50"], np.quantile(part, 0.5, method="inverted_cdf"))
                self.assertEqual([bin["runs"][run] for bin in entry["bins"]], np.histogram(part, edges)[0].tolist())
        sources = next(d for d in data["distributions"] if d["name"] == "source")
        self.assertEqual([sum(bin["runs"][run] for bin in sources["bins"]) for run in range(2)], [30, 50])
        only = [record["id"] for record in data["only"][0]]
        self.assertEqual(only, [i for i in a["id"] if i not in b["id"]][:6])
        coverage = json.loads((self.folder / "a/coverage.json").read_text())["overall"]
        self.assertEqual(data["runs"][0]["coverage"]["mean"], coverage["subset"]["mean"])

    def test_other_pools_are_told_apart_by_texts(self):
        self.run_config(CONFIG.replace("{path: one.jsonl}, {path: two.jsonl}", "{path: two.jsonl}, {path: one.jsonl}")
                        .replace("method: k-center", "method: random").replace("records: 30", "records: 300"), "c")
        data = self.compare("a", "c")
        self.assertFalse(data["same_pool"])
        self.assertFalse(data["same_vectors"])
        self.assertEqual(data["overlap"], [[30, 30], [30, 300]])
        self.assertEqual(data["only"][0], [])

    def test_options_that_both_leave_unset_do_not_differ(self):
        """Those of a source that one run does not have."""
        self.run_config(CONFIG.replace(", {path: two.jsonl}", "").replace("  - attach: {as: score, path: score.npy}\n", ""), "c")
        options = {difference["option"] for difference in self.compare("a", "c")["differences"]}
        self.assertIn("corpus.pool[1].path", options)
        self.assertNotIn("corpus.pool[1].as", options)

    def test_table_and_page(self):
        printed, _ = self.call("compare", "a", "b", "--out", "ab.html")
        self.assertIn("records that both chose", printed)
        self.assertIn("pipeline[2].select.method", printed)
        self.assertEqual(page_data(self.folder / "ab.html"), self.compare("a", "b"))

    def test_what_cannot_be_compared_says_so(self):
        _, error = self.call("compare", "a", expect=2)
        self.assertIn("two runs", error)
        _, error = self.call("compare", "a", "nowhere", expect=2)
        self.assertIn("nowhere", error)
        self.run_config("corpus: {pool: [{path: one.jsonl}]}\npipeline: [embed: {}]", "none")
        _, error = self.call("compare", "a", "none", expect=2)
        self.assertIn("its pipeline has no select", error)
        _, error = self.call("compare", "a", "b", "--out", "a/subset.h5", expect=2)
        self.assertIn("belongs to the run itself", error)
        self.write("b/coverage.json", "{")
        _, error = self.call("compare", "a", "b", expect=1)
        self.assertIn("b/coverage.json: this is not the file that a run wrote", error)


if __name__ == "__main__":
    unittest.main()
