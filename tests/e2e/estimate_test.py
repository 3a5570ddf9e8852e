# SPDX-License-Identifier: Apache-2.0
"""farpoint estimate, and what run makes of it: numbers for programs, what cannot fit, and runs that go on."""
import gzip
import json
import re
import unittest

import h5py
import numpy as np

from farpoint import REPOSITORY, Case, instructions, jsonl

VECTORS = """
corpus: {pool: [{path: vectors.npy, as: emb}], shard_records: 1000}
pipeline:
  - select: {method: k-center, vectors: emb, budget: {records: 5}}
"""


class Estimate(Case):
    def estimate(self, config: str, *arguments, expect: int = 0):
        path = self.write("config.yaml", config)
        return self.call("estimate", path, *arguments, expect=expect)

    def estimated(self, config: str, *arguments) -> dict:
        return json.loads(self.estimate(config, "--format", "json", *arguments)[0])

    def vectors(self, rows: int, width: int) -> None:
        np.save(self.folder / "vectors.npy", np.random.default_rng(0).standard_normal((rows, width), dtype=np.float32))

    def test_says_for_each_job_what_it_needs(self):
        records = instructions(500)
        self.write("a.jsonl", jsonl(records))
        self.write("b.jsonl.gz", gzip.compress(jsonl(records).encode()))
        config = f"""
corpus: {{pool: [{{path: a.jsonl}}, {{path: b.jsonl.gz}}]}}
models: {{lm: {{path: {REPOSITORY}/examples/tiny-lm}}}}
pipeline:
  - clean: {{}}
  - embed: {{as: emb}}
  - perplexity: {{model: lm, as: ppl}}
  - select: {{vectors: emb, budget: {{records: 10}}}}
"""
        result = self.estimated(config)
        self.assertEqual([(job["job"], job["as"]) for job in result["jobs"]],
                         [("ingest", ""), ("clean", ""), ("embed", "emb"), ("perplexity", "ppl"), ("select", "")])
        for job in result["jobs"]:
            self.assertEqual(job["records"], 1000)
            self.assertAlmostEqual(job["bytes"], 2 * len(jsonl(records).encode()), delta=10)
            self.assertGreater(job["memory_per_rank_bytes"], 20e6)
            self.assertGreaterEqual(job["disk_bytes"], 0)
            self.assertGreater(job["seconds"], 0)
            self.assertIn(job["limited_by"], ["computing", "memory", "disk", "files", "communication"])
        tokens = {job["job"]: job["tokens"] for job in result["jobs"]}
        self.assertEqual(tokens["clean"], 0)
        self.assertGreater(tokens["perplexity"], 5000)
        disk = {job["job"]: job["disk_bytes"] for job in result["jobs"]}
        self.assertGreaterEqual(disk["embed"], 1000 * 384 * 4)
        self.assertGreaterEqual(result["fitting_ranks_per_node"], 1)
        self.assertTrue(result["fits"])
        # As text: a line a job, and no less than the sum.
        text = self.estimate(config)[0]
        self.assertRegex(text, r"(?m)^perplexity ppl ")
        self.assertIn("1 rank, ", text)

    def test_only_what_a_job_asks_for_costs_tokens(self):
        self.write("plain.jsonl", jsonl(instructions(180)))
        self.write("questions.jsonl", jsonl([{"question": f"How much is {i} and {i}?", "options": ["(A) 1", f"(B) {2 * i}"],
                                              "label": "B"} for i in range(20)]))
        config = f"""
corpus: {{pool: [{{path: plain.jsonl}}, {{path: questions.jsonl}}]}}
models: {{lm: {{path: {REPOSITORY}/examples/tiny-lm}}}}
pipeline: [{{perplexity: {{model: lm, as: ppl}}}}, {{choices: {{model: lm, as: choices}}}}]
"""
        tokens = {job["job"]: job["tokens"] for job in self.estimated(config)["jobs"]}
        self.assertGreater(tokens["choices"], 20 * 10)
        self.assertLess(tokens["choices"], tokens["perplexity"] / 2)

    def test_tokens_are_those_that_a_run_counts(self):
        texts = [{"text": f"Nobody asked for text number {i}, and so nothing is an answer. " * 5} for i in range(180)]
        self.write("a.jsonl", jsonl(texts + instructions(60)))
        for options in ("condition: prompt", "ifd: true", "condition: prompt, ifd: true, reverse: true"):
            config = f"""
corpus: {{pool: [{{path: a.jsonl}}]}}
models: {{lm: {{path: {REPOSITORY}/examples/tiny-lm}}}}
pipeline: [{{perplexity: {{model: lm, as: ppl, {options}}}}}]
"""
            foreseen = self.estimated(config)["jobs"][1]["tokens"]
            self.run_config(config, "out")
            counted = 0
            for path in (self.folder / "out/stages/01-perplexity-ppl").glob("shard-*.h5"):
                with h5py.File(path) as file:
                    counted += int(file.attrs["units"])
            self.assertLess(abs(foreseen / counted - 1), 0.1, f"{options}: {foreseen} foreseen, {counted} counted")

    def test_models_are_faster_on_a_gpu(self):
        self.write("a.jsonl", jsonl(instructions(500)))
        config = f"""
corpus: {{pool: [{{path: a.jsonl}}]}}
models: {{lm: {{path: {REPOSITORY}/examples/tiny-lm}}}}
pipeline: [{{perplexity: {{model: lm, as: ppl}}}}]
"""
        cpu, gpu = self.estimated(config)["jobs"][1], self.estimated(config, "--gpu", "h200")["jobs"][1]
        self.assertLess(gpu["seconds"], cpu["seconds"])
        self.assertIn("h200", self.estimate(config, "--gpu", "abacus", expect=2)[1])

    def test_memory_of_a_rank_falls_with_their_number(self):
        self.vectors(20000, 100)
        one, many = self.estimated(VECTORS), self.estimated(VECTORS, "--ranks", "16")
        self.assertEqual((one["ranks"], many["ranks"]), (1, 16))
        self.assertLess(many["jobs"][1]["memory_per_rank_bytes"] + 6e6, one["jobs"][1]["memory_per_rank_bytes"])
        self.assertEqual(one["jobs"][1]["records"], 20000)
        self.assertGreater(many["memory_per_node_bytes"], 16 * 20e6)
        spread = self.estimated(VECTORS, "--ranks", "16", "--ranks-per-node", "4")
        self.assertLess(spread["memory_per_node_bytes"], many["memory_per_node_bytes"] / 3)

    def test_a_node_that_is_too_small(self):
        self.vectors(1000, 10)
        result = self.estimated(VECTORS, "--memory-per-node", "1MB")
        self.assertFalse(result["fits"])
        self.assertEqual((result["limited_by"], result["fitting_ranks_per_node"]), ("memory", 0))
        self.assertIn("does not fit", self.estimate(VECTORS, "--memory-per-node", "1MB")[0])
        self.assertIn("--memory-per-node", self.estimate(VECTORS, "--memory-per-node", "much", expect=2)[1])

    def test_a_run_that_cannot_fit_is_refused_before_it_begins(self):
        self.vectors(1000, 10)
        _, errors = self.run_config(VECTORS, "run", "--memory-per-node", "1MB", expect=1)
        self.assertRegex(errors, r"cannot fit: .*of memory.*1 rank.*--force")
        self.assertFalse((self.folder / "run" / "stages").exists())
        self.run_config(VECTORS, "run", "--memory-per-node", "1MB", "--force")
        self.assertEqual(len(self.subset("run")["id"]), 5)
        # It goes on as it is: nothing is left to do.
        _, errors = self.run_config(VECTORS, "run", "--memory-per-node", "1MB")
        self.assertNotIn("estimate:", errors)

    def test_a_refused_run_on_two_ranks_ends_in_order(self):
        self.vectors(1000, 10)
        _, errors = self.run_config(VECTORS, "run", "--memory-per-node", "1MB", ranks=2, expect=1)
        self.assertEqual(errors.count("cannot fit"), 1)

    def test_what_is_left_to_do_decides(self):
        self.vectors(1000, 10)
        longer = VECTORS + "  - export: {format: jsonl, path: all.jsonl}\n"
        self.run_config(VECTORS, "run")
        self.run_config(longer, "run", "--memory-per-node", "1MB", expect=1)
        _, errors = self.run_config(longer, "run")
        self.assertIn("estimate: 1,000 records", errors)
        self.assertTrue((self.folder / "run" / "all.jsonl").exists())

    def test_submit_asks_for_what_the_estimate_says(self):
        self.vectors(1000, 10)
        path = self.write("config.yaml", VECTORS)
        site = self.write("site.yaml", "launcher: mpirun\n")
        needed = self.estimated(VECTORS)["memory_per_node_bytes"]
        script = self.call("submit", path, "--site", site, "--output", self.folder / "run", "--dry-run")[0]
        asked = int(re.search(r'--mem="(\d+)M"', script)[1]) * 2**20
        self.assertAlmostEqual(asked, 1.5 * needed, delta=0.1 * needed)
        script = self.call("submit", path, "--site", site, "--output", self.folder / "run", "--dry-run",
                           "--memory-per-node", "3G")[0]
        self.assertIn('--mem="3G"', script)

    def test_mistakes_are_those_of_validate(self):
        _, errors = self.estimate(VECTORS, expect=2)
        self.assertIn("vectors.npy", errors)
        self.vectors(10, 3)
        self.assertIn("vectosr", self.estimate(VECTORS.replace("vectors: emb", "vectosr: emb"), expect=2)[1])


if __name__ == "__main__":
    unittest.main()
