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

    def tasks_of(self, output: str) -> int:
        return len({json.loads(text)["task"] for text in self.subset(output)["record"]})

    def cover(self, pool: str, records: int, seeds: int):
        """Tasks covered by k-center, and by random subsets on average."""
        config = (f"corpus: {{pool: [{{path: {pool}}}]}}\n"
                  f"pipeline: [embed: {{}}, select: {{vectors: emb, budget: {{records: {records}}}, assignment: false}}]\n")
        self.run_config(config, "run", ranks=2)
        centres = self.tasks_of("run")
        chance = 0
        for seed in range(seeds):
            self.run_config(config.replace("select: {", "select: {method: random, "), "run", "--set", f"run.seed={seed}")
            chance += self.tasks_of("run")
        return centres, chance / seeds

    def test_tasks_of_a_balanced_pool_are_covered(self):
        centres, chance = self.cover(shared_data() / "t0_tasks.jsonl", 300, 8)
        self.assertGreater(centres, chance)

    def test_rare_tasks_of_an_unbalanced_pool_are_covered(self):
        lines = (shared_data() / "t0_tasks.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
        by_task = {}
        for line in lines:
            by_task.setdefault(json.loads(line)["task"], []).append(line)
        kept = [line for rank, task in enumerate(by_task.values()) for line in task[:max(1, int(85 * (rank + 1) ** -0.7))]]
        pool = self.write("unbalanced.jsonl", "\n".join(kept))

        centres, chance = self.cover(pool, 150, 8)

        self.assertGreater(centres, 1.15 * chance)


if __name__ == "__main__":
    unittest.main(verbosity=2)
