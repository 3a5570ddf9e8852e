# SPDX-License-Identifier: Apache-2.0
"""What an earlier run left is never taken for the result of a later one, nor lost to a mistake."""
import hashlib
import json
import os
import signal
import subprocess
import time
import unittest

import h5py
import numpy as np

from farpoint import Case, instructions, jsonl

CONFIG = """
corpus: {shard_records: 20, pool: [{path: a.jsonl}]}
pipeline:
  - attach: {as: score, path: score.npy}
  - embed:  {as: emb}
  - select: {vectors: emb, budget: {records: 10}}
  - export: {format: jsonl, path: subset.jsonl}
"""


class Stale(Case):
    def setUp(self):
        super().setUp()
        self.input(100)
        self.run_config(CONFIG, "out")

    def input(self, records: int, first: int = 0):
        self.write("a.jsonl", jsonl(instructions(first + records)[first:]))
        np.save(self.folder / "score.npy", np.arange(records, dtype=np.float64))

    def table_ids(self, columns: str) -> list:
        text, _ = self.call("table", "out", "--columns", columns)
        return [int(line.split(",")[0]) for line in text.splitlines()[1:]]

    def shards(self, stage: str) -> list:
        return sorted(path.name for path in (self.folder / "out/stages" / stage).glob("*-*.h5*"))

    def test_shards_of_a_larger_pool_are_gone(self):
        (self.folder / "out/stages/00-ingest/shard-00004.h5.tmp").write_text("killed")
        self.input(30)
        self.run_config(CONFIG, "out", ranks=2)
        self.assertEqual(self.table_ids("score"), list(range(30)))
        for stage in ("00-ingest", "01-attach-score", "02-embed-emb"):
            self.assertEqual(self.shards(stage), ["shard-00000.h5", "shard-00001.h5"])
        text, _ = self.call("inspect", "out")
        self.assertIn("2 x shard", text)
        self.assertNotIn("5 x shard", text)
        self.run_config(CONFIG.split("  - select")[0], "out")
        self.call("export", "out", "--format", "jsonl", "--out", "kept.jsonl")
        self.assertEqual(len((self.folder / "kept.jsonl").read_text().splitlines()), 30)

    def test_shards_of_another_size_are_gone(self):
        self.run_config(CONFIG.replace("shard_records: 20", "shard_records: 60"), "out")
        self.assertEqual(self.table_ids("score"), list(range(100)))
        self.assertEqual(self.shards("02-embed-emb"), ["shard-00000.h5", "shard-00001.h5"])

    def test_a_failed_run_shows_no_old_columns(self):
        self.write("a.jsonl", jsonl(instructions(200)[100:180]) + "no\n" * 20)
        self.run_config(CONFIG, "out", expect=1)  # too many faults
        self.assertEqual(len(self.table_ids("line")), 80)
        _, errors = self.call("table", "out", "--columns", "score", expect=2)
        self.assertIn("01-attach-score/shard-00000.h5", errors)
        self.assertIn("run the same command again", errors)
        self.call("export", "out", "--format", "jsonl", "--out", "x.jsonl", expect=2)
        self.assertFalse((self.folder / "out/subset.h5").exists())
        self.assertFalse((self.folder / "out/subset.jsonl").exists())

    def test_a_shard_of_another_run_is_refused(self):
        self.input(100, first=50)
        self.run_config(CONFIG, "other")
        stage = "stages/02-embed-emb/shard-00001.h5"
        os.replace(self.folder / "other" / stage, self.folder / "out" / stage)
        _, errors = self.call("table", "out", "--columns", "emb", "--format", "jsonl", expect=2)
        self.assertIn(stage, errors)
        self.assertIn("run the same command again", errors)

    def test_killed_run_is_not_finished(self):
        self.input(3000)
        self.run_config(CONFIG, "out")
        self.input(3000, first=50)
        path = self.write("config.yaml", CONFIG)
        process = subprocess.Popen(self.command(1, "run", path, "--output", self.folder / "out"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        # What the new embedding learns comes before its shards: the stage then holds old ones, and perhaps new ones.
        first = self.folder / "out/stages/02-embed-emb/prepared.h5"
        before = first.stat().st_mtime_ns
        while process.poll() is None and first.stat().st_mtime_ns == before:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (self.folder / "out/summary.json").exists():
            self.skipTest("it was faster than the signal")
        self.assertEqual(self.table_ids("score"), list(range(3000)))
        self.call("table", "out", "--columns", "emb", "--format", "jsonl", expect=2)
        self.run_config(CONFIG, "out")
        self.assertEqual(len(self.shards("02-embed-emb")), 150)

    def assert_no_stale_export(self, *arguments, config=CONFIG, expect=False):
        self.run_config(config, "out", *arguments)
        self.assertEqual((self.folder / "out/subset.jsonl").exists(), expect, arguments)
        self.run_config(CONFIG, "out")
        self.assertEqual(len((self.folder / "out/subset.jsonl").read_text().splitlines()), 10)

    def test_exports_that_are_out_of_date_are_gone(self):
        self.assert_no_stale_export("--until", "embed", expect=True)
        self.assert_no_stale_export("--until", "embed", "--fresh")
        self.assert_no_stale_export("--until", "embed", "--set", "embed.text=prompt")
        self.assert_no_stale_export("--until", "select", "--set", "select.budget.records=7")
        self.assert_no_stale_export("--set", "pipeline=[]")
        self.assert_no_stale_export("--set", "export.path=other.jsonl", "--set", "select.budget.records=5")
        self.assert_no_stale_export(config=CONFIG.split("  - export")[0])

    def test_a_stale_export_behind_a_link_is_gone(self):
        (self.folder / "data").mkdir()
        os.replace(self.folder / "out/subset.jsonl", self.folder / "data/t.jsonl")
        (self.folder / "out/subset.jsonl").symlink_to("../data/t.jsonl")
        self.run_config(CONFIG, "out", "--set", "pipeline=[]")
        self.assertFalse((self.folder / "data/t.jsonl").exists())

    def test_files_of_others_stay(self):
        self.write("out/subset.jsonl", "mine")
        self.run_config(CONFIG, "out", "--set", "pipeline=[]")
        self.assertEqual((self.folder / "out/subset.jsonl").read_text(), "mine")
        (self.folder / "new").mkdir()
        self.write("new/subset.h5", "mine")
        _, errors = self.run_config(CONFIG, "new", expect=2)
        self.assertIn("new/subset.h5", errors)
        self.assertEqual((self.folder / "new/subset.h5").read_text(), "mine")

    def test_subset_of_another_pipeline_is_gone(self):
        self.run_config(CONFIG, "out", "--set", "pipeline=[]")
        self.assertFalse((self.folder / "out/subset.h5").exists())
        self.call("export", "out", "--format", "jsonl", "--out", "kept.jsonl")
        self.assertEqual(len((self.folder / "kept.jsonl").read_text().splitlines()), 100)

    def test_subset_of_another_pool_is_gone(self):
        self.input(50)
        self.run_config(CONFIG, "out", "--until", "ingest")
        self.assertFalse((self.folder / "out/subset.h5").exists())

    def test_part_of_a_run_keeps_the_subset_but_is_not_taken_for_it(self):
        stamp = (self.folder / "out/subset.h5").stat().st_mtime_ns
        self.run_config(CONFIG, "out", "--until", "ingest")
        self.call("export", "out", "--format", "jsonl", "--out", "kept.jsonl")
        self.assertEqual(len((self.folder / "kept.jsonl").read_text().splitlines()), 100)
        self.run_config(CONFIG, "out")
        self.assertEqual((self.folder / "out/subset.h5").stat().st_mtime_ns, stamp)

    def test_subset_that_was_changed_is_refused(self):
        with h5py.File(self.folder / "out/subset.h5", "r+") as subset:
            subset.attrs["note"] = "mine"
        _, errors = self.call("export", "out", "--format", "jsonl", "--out", "x.jsonl", expect=2)
        self.assertIn("run the same command again", errors)


class Mistakes(Case):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl(instructions(60)))

    def content(self, folder: str) -> dict:
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.folder / folder).rglob("*")
                if path.is_file() and path.parent.name not in ("log", "status") and path.name != ".lock"}

    def test_mistyped_input_leaves_a_finished_run_alone(self):
        config = "corpus: {pool: [{path: a.jsonl}]}\npipeline: [embed: {}, select: {vectors: emb, budget: {records: 5}}]\n"
        np.save(self.folder / "flat.npy", np.zeros(5))
        np.save(self.folder / "short.npy", np.zeros(5))
        self.write("cut.jsonl.gz", b"\x1f\x8b\x08\x00")
        self.write("empty.jsonl", "")
        self.run_config(config, "out")
        before = self.content("out")
        for wrong, code in (("path: b.jsonl", 2), ("path: flat.npy, as: emb", 2), ("path: cut.jsonl.gz", None),
                            ("path: empty.jsonl", None)):
            for ranks in (1, 2):
                used = config.replace("embed: {}, ", "") if "as:" in wrong else config
                self.write("config.yaml", used.replace("path: a.jsonl", wrong))
                done = subprocess.run(self.command(ranks, "run", "config.yaml", "--output", "out", "--fresh"), cwd=self.folder,
                                      capture_output=True, text=True)
                self.assertIn(done.returncode, (code,) if code else (1, 2), done.stderr)
                self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
                self.assertNotIn("MPI_ABORT", done.stderr)
                self.assertEqual(self.content("out"), before, wrong)
        self.run_config(config.replace("embed: {}", "attach: {as: x, path: short.npy}, embed: {}"), "out", "--fresh", ranks=3, expect=2)
        self.assertEqual(self.content("out"), before)

    def test_the_users_configuration_is_not_replaced(self):
        config = "corpus: {pool: [{path: a.jsonl}]} # mine\n"
        self.write("config.yaml", config)
        for ranks in (1, 2):
            _, errors = self.call("run", "config.yaml", "--output", ".", ranks=ranks, expect=2)
            self.assertIn("config.yaml", errors)
            self.assertIn("--output", errors)
        self.assertEqual((self.folder / "config.yaml").read_text(), config)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.jsonl", "config.yaml"])
        self.call("run", "config.yaml", "--output", "out")
        # What a run wrote can be run again, there too.
        self.call("run", "out/config.yaml", "--output", "out")
        self.assertEqual(json.loads((self.folder / "out/summary.json").read_text())["jobs"][0]["resumed_shards"], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
