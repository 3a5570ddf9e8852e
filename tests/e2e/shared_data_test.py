# SPDX-License-Identifier: Apache-2.0
"""The main job on real data, where it is there."""
import json
import unittest

from farpoint import Case, shared_data


@unittest.skipUnless((shared_data() / "t0_tasks.jsonl").exists(), "no shared data here")
class RealData(Case):
    def test_every_file_is_read(self):
        data = shared_data()
        config = ("corpus:\n  pool:\n" + "".join(f"    - {{path: {data}/{name}}}\n" for name in
                  ("alpaca_*_demo.json", "glaive_*.json", "v1_sft_demo.jsonl", "c4_demo.jsonl", "wiki_demo.txt", "gsm8k_train.jsonl",
                   "agieval/*.jsonl")) + "pipeline:\n  - embed: {}\n  - select: {vectors: emb, budget: {records: 100}}\n"
                  "  - export: {format: messages, path: subset.jsonl}\n")
        self.run_config(config, "two", ranks=2)
        self.run_config(config, "three", ranks=3)

        self.assert_same_selection(self.subset("two"), self.subset("three"))
        self.assertEqual(self.job("two", "ingest")["rejected"], 0)
        self.assertEqual(len((self.folder / "two/subset.jsonl").read_text().splitlines()), 100)

    def test_tasks_are_covered(self):
        config = (f"corpus: {{pool: [{{path: {shared_data()}/t0_tasks.jsonl}}]}}\n"
                  "pipeline: [embed: {}, select: {vectors: emb, budget: {records: 300}, assignment: false}]\n")
        self.run_config(config, "centres", ranks=2)
        self.run_config(config.replace("select: {", "select: {method: random, "), "random", ranks=2)
        covered = {name: len({json.loads(text)["task"] for text in self.subset(name)["record"]})
                   for name in ("centres", "random")}
        self.assertGreater(covered["centres"], covered["random"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
