# SPDX-License-Identifier: Apache-2.0
"""Killed runs, damaged files, changed options: finished work is kept, and the subset is the same."""
import fcntl
import gzip
import json
import os
import random
import signal
import subprocess
import time
import unittest

import numpy as np

from farpoint import Case, instructions, jsonl

CONFIG = """
corpus: {shard_records: 100, pool: [{path: a.jsonl}]}
pipeline:
  - embed: {as: emb}
  - embed: {as: answers, text: response}
  - select: {vectors: emb, budget: {records: 30}}
"""
SHARDS = 20


class Restart(Case):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl(instructions(100 * SHARDS)))

    def resumed(self, output: str) -> list:
        return [job["resumed_shards"] for job in self.summary(output)["jobs"]]

    def test_second_run_keeps_everything(self):
        self.run_config(CONFIG, "out", ranks=2)
        before = self.subset("out")
        stamp = (self.folder / "out/subset.h5").stat().st_mtime_ns
        self.run_config(CONFIG, "out", ranks=3)
        self.assertEqual(self.resumed("out"), [SHARDS] * 4)
        self.assertEqual((self.folder / "out/subset.h5").stat().st_mtime_ns, stamp)
        self.assert_same_selection(before, self.subset("out"))

    def test_fresh_starts_over(self):
        self.run_config(CONFIG, "out")
        self.run_config(CONFIG, "out", "--fresh")
        self.assertEqual(self.resumed("out"), [0] * 4)

    def test_lost_and_damaged_shards_are_made_anew(self):
        self.run_config(CONFIG, "out")
        before = self.subset("out")
        stages = self.folder / "out/stages"
        (stages / "01-embed-emb/shard-00003.h5").unlink()
        damaged = stages / "02-embed-answers/shard-00005.h5"
        content = bytearray(damaged.read_bytes())
        content[len(content) // 2] ^= 1
        damaged.write_bytes(content)
        cut = stages / "00-ingest/shard-00007.h5"
        cut.write_bytes(cut.read_bytes()[:-1000])
        self.run_config(CONFIG, "out", ranks=2)
        self.assertEqual(self.resumed("out")[:3], [SHARDS - 1] * 3)
        self.assert_same_selection(before, self.subset("out"))

    def test_changed_option_redoes_what_depends_on_it(self):
        self.run_config(CONFIG, "out")
        self.run_config(CONFIG.replace("text: response", "text: prompt"), "out")
        self.assertEqual(self.resumed("out")[:3], [SHARDS, SHARDS, 0])
        self.run_config(CONFIG.replace("text: response", "text: prompt").replace("records: 30", "records: 31"), "out")
        self.assertEqual(self.resumed("out"), [SHARDS, SHARDS, SHARDS, 0])
        self.run_config(CONFIG.replace("text: response", "text: prompt").replace("records: 30", "records: 31, pool_size: 7")
                        .replace("records: 31, pool_size: 7}", "records: 31}, pool_size: 7"), "out")
        self.assertEqual(self.resumed("out"), [SHARDS] * 4)

    def test_changed_seed_redoes_the_export_too(self):
        config = CONFIG.replace("vectors: emb", "method: random") + "  - export: {path: subset.jsonl}\n"
        for seed, kept in ((1, 0), (2, SHARDS), (3, SHARDS)):
            self.run_config(config, "out", "--set", f"run.seed={seed}")
            self.assertEqual(self.resumed("out"), [kept] * 3 + [0, 0])
            exported = (self.folder / "out/subset.jsonl").read_text().splitlines()
            self.assertEqual([json.loads(line) for line in exported],
                             [json.loads(text) for text in self.subset("out")["record"]])

    def test_select_is_redone_only_for_what_it_depends_on(self):
        self.write("c.jsonl", jsonl(instructions(50, seed=1)))
        np.save(self.folder / "score.npy", np.arange(100 * SHARDS))
        config = CONFIG.replace("pipeline:\n", "pipeline:\n  - attach: {as: score, path: score.npy}\n").replace(
            "}]}", "}], curated: [{path: c.jsonl}]}")
        self.run_config(config, "out")
        self.write("c.jsonl", jsonl(instructions(50, seed=2)))
        self.run_config(config.replace("text: response", "text: prompt"), "out")
        self.assertEqual(self.resumed("out")[-1], SHARDS, "neither a column that it does not read nor the curated records")
        np.save(self.folder / "score.npy", np.arange(100 * SHARDS) * 2)
        self.run_config(config, "out")
        self.assertEqual(self.resumed("out")[-1], 0, "numbers are part of the subset")

        config = config.replace("select: {", "select: {curated: start, ")
        self.run_config(config, "out")
        self.write("c.jsonl", jsonl(instructions(50, seed=3)))
        self.run_config(config, "out")
        self.assertEqual(self.resumed("out")[-1], 0, "it starts from the curated records")

    def test_changed_input_is_read_again(self):
        self.run_config(CONFIG, "out")
        records = instructions(100 * SHARDS)
        records[250]["output"] = "Something else altogether."
        self.write("a.jsonl", jsonl(records))
        self.run_config(CONFIG, "out")
        fresh = self.run_config(CONFIG, "fresh") and self.subset("fresh")
        self.assert_same_selection(fresh, self.subset("out"))

    def test_killed_run_continues_to_the_same_subset(self):
        self.run_config(CONFIG, "whole", ranks=2)
        whole = self.subset("whole")
        draw = random.Random(11)
        path = self.folder / "config.yaml"
        for attempt in range(6):
            command = self.command(2, "run", path, "--output", self.folder / "killed")
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(draw.uniform(0.05, 1.2))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.wait_until_free("killed")
        self.run_config(CONFIG, "killed", ranks=2)
        self.assert_same_selection(whole, self.subset("killed"))
        left = [path for path in (self.folder / "killed").rglob("*.tmp")]
        self.assertEqual(left, [])

    def test_one_killed_rank_ends_all(self):
        command = self.command(3, "run", self.folder / "config.yaml", "--output", self.folder / "out")
        self.write("config.yaml", CONFIG)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # All ranks are at work when the last one has its log: a launcher whose ranks die while it starts them may hang.
        deadline = time.time() + 30
        while not (self.folder / "out/log/rank-0002.log").exists():
            self.assertIsNone(process.poll())
            self.assertLess(time.time(), deadline)
            time.sleep(0.001)
        ranks = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
        self.assertEqual(len(ranks), 3)
        os.kill(int(ranks[1]), signal.SIGKILL)
        self.assertNotEqual(process.wait(timeout=30), 0)
        self.run_config(CONFIG, "out", ranks=3)
        self.run_config(CONFIG, "whole")
        self.assert_same_selection(self.subset("whole"), self.subset("out"))

    def test_two_runs_in_one_folder_are_refused(self):
        self.run_config(CONFIG, "out", "--until", "ingest")
        with open(self.folder / "out/.lock", "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _, errors = self.run_config(CONFIG, "out", expect=2)
        self.assertIn("another run is at work", errors)
        self.run_config(CONFIG, "out")


class Elsewhere(Case):
    """The same run is found again from other folders and under other spellings."""

    def resumed(self, output: str) -> list:
        return [job["resumed_shards"] for job in self.summary(output)["jobs"]]

    def test_written_configuration_is_the_same_run_from_anywhere(self):
        for name in ("plain", "gl[1]"):
            data = self.folder / name
            data.mkdir()
            records = instructions(500)
            # A cache keeps content under a name without ending, and links to it.
            (data / "blob").write_bytes(gzip.compress(jsonl(records[:200]).encode()))
            (data / "part1.jsonl.gz").symlink_to("blob")
            (data / "part2.jsonl").write_text(jsonl(records[200:300]))
            (data / "b[1].jsonl").write_text(jsonl(records[300:400]))
            (data / "curated.jsonl").write_text(jsonl(records[400:]))
            (data / "config.yaml").write_text(
                f"run: {{output: out-{name[:2]}}}\n"
                "corpus: {shard_records: 100, pool: [{path: 'part*'}, {path: './b[1].jsonl'}], "
                "curated: [{path: './cur*.jsonl'}]}\n"
                "pipeline: [embed: {}, select: {vectors: emb, curated: start, budget: {records: 30}}]\n")
            output = f"out-{name[:2]}"
            self.call("run", f"{name}/config.yaml")
            before = self.subset(output)
            self.assertEqual({source.decode() for source in before["source"]}, {"part1.jsonl.gz", "part2.jsonl", "b[1].jsonl"})

            (self.folder / "elsewhere").mkdir(exist_ok=True)
            self.call("run", f"../{output}/config.yaml", folder="elsewhere")

            self.assertEqual(self.resumed(output), [5, 5, 4], name)
            self.assert_same_selection(before, self.subset(output))
        self.assertEqual(os.listdir(self.folder / "elsewhere"), [])

    def test_spelling_of_the_path_does_not_matter(self):
        (self.folder / "w").mkdir()
        self.write("w/a.jsonl", jsonl(instructions(200)))
        self.write("w/c.yaml", "corpus: {shard_records: 100, pool: [{path: 'a*'}]}\npipeline: [embed: {}]\n")
        for number, path in enumerate(("c.yaml", "./c.yaml", "../w/c.yaml", self.folder / "w/c.yaml")):
            self.call("run", path, "--output", "out", folder="w")
            self.assertEqual(self.resumed("w/out"), [2, 2] if number else [0, 0], path)
        self.write("w/c.yaml", "corpus: {shard_records: 100, pool: [{path: a.jsonl}]}\npipeline: [embed: {}]\n")
        self.call("run", "./c.yaml", "--output", "out", folder="w")
        self.assertEqual(self.resumed("w/out"), [2, 2])

    def test_a_folder_behind_a_link_keeps_its_neighbours(self):
        for folder in ("real/cfg", "real/data"):
            (self.folder / folder).mkdir(parents=True)
        self.write("real/data/a.jsonl", jsonl(instructions(200)))
        self.write("real/cfg/c.yaml", "run: {output: out}\ncorpus: {pool: [{path: ../data/a.jsonl}]}\n")
        (self.folder / "link").symlink_to("real/cfg")
        self.call("run", "link/c.yaml")
        self.call("run", "out/config.yaml")
        self.call("run", "link/../cfg/c.yaml")
        self.assertEqual(self.summary("out")["pool_records"], 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
