# SPDX-License-Identifier: Apache-2.0
"""Runs that are told to stop end with exit code 75 where the same command goes on, and choose the same in the end."""
import os
import pathlib
import signal
import subprocess
import time
import unittest

import h5py
import numpy as np

from farpoint import Case, instructions, jsonl

CONFIG = """
corpus: {shard_records: 100, pool: [{path: a.jsonl}]}
pipeline:
  - clean: {html: strip}
  - embed: {as: emb}
  - parallel: [{embed: {as: answers, text: response}}, {embed: {as: prompts, text: prompt}}]
  - dedup: {near: {threshold: 0.9}}
  - select: {vectors: emb, budget: {records: 30}}
"""
SHARDS = 20
# What a user waits for at most; the runs here need less by far.
SECONDS_TO_STOP = 30


class Stop(Case):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl(instructions(100 * SHARDS)))
        self.write("config.yaml", CONFIG)

    def start(self, output: str, *arguments, ranks: int = 1, config: str = "config.yaml") -> subprocess.Popen:
        command = self.command(ranks, "run", self.folder / config, "--output", self.folder / output, *arguments)
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                   env=dict(os.environ, OMP_NUM_THREADS="1"))
        self.addCleanup(process.kill)
        return process

    def shards(self, output: str) -> dict:
        """Finished shards, and by what one sees that they were made anew."""
        return {path: path.stat().st_mtime_ns for path in (self.folder / output).glob("stages/*/shard-*.h5")}

    def wait_for(self, process: subprocess.Popen, happened) -> None:
        """Until something has happened, or the run is over."""
        deadline = time.time() + 100
        while process.poll() is None and not happened():
            self.assertLess(time.time(), deadline)
            time.sleep(0.002)

    def ended(self, process: subprocess.Popen, why: str, output: str) -> None:
        """It ends with 75 on all ranks, says why, and leaves a folder that another run may take."""
        start = time.time()
        _, errors = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 75, errors)
        self.assertLess(time.time() - start, SECONDS_TO_STOP)
        self.assertEqual(errors.count(f"farpoint: stopped {why}"), 1, errors)
        self.assertNotIn("error", errors)
        self.assertFalse((self.folder / output / "summary.json").exists())
        self.assertEqual(list((self.folder / output).rglob("*.tmp")), [])
        self.wait_until_free(output)
        told, _ = self.call("status", self.folder / output)
        self.assertIn("was stopped", told)

    def rank_of(self, process: subprocess.Popen, rank: int) -> int:
        """The process of a rank that mpirun has started."""
        for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                environment = path.read_bytes().split(b"\0")
                parent = int((path.parent / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == process.pid and f"OMPI_COMM_WORLD_RANK={rank}".encode() in environment:
                return int(path.parent.name)
        self.fail(f"rank {rank} is not there")

    def assert_goes_on(self, output: str, kept: dict, ranks: int, plain: dict) -> None:
        """The same command finishes it: nothing that was finished is made anew, and the subset is that of a plain run."""
        self.call("run", self.folder / "config.yaml", "--output", self.folder / output, ranks=ranks)
        shards = self.shards(output)
        self.assertEqual([str(path) for path, stamp in kept.items() if shards.get(path) != stamp], [])
        self.assert_same_selection(plain, self.subset(output))

    def test_a_signal_at_any_moment(self):
        self.call("run", self.folder / "config.yaml", "--output", self.folder / "plain", ranks=3)
        plain, total = self.subset("plain"), len(self.shards("plain"))
        draw = np.random.default_rng(3)
        for number in range(4):
            output, moment = f"out{number}", int(draw.integers(total * number // 4, total * (number + 1) // 4))
            process = self.start(output, ranks=3)
            self.wait_for(process, lambda: len(self.shards(output)) > moment)
            if number % 2 == 0:
                process.send_signal(signal.SIGUSR1)  # which mpirun passes on to all ranks
                self.ended(process, "on SIGUSR1", output)
            else:
                os.kill(self.rank_of(process, number % 3), signal.SIGTERM)  # one rank alone, which tells the others
                self.ended(process, "on SIGTERM", output)
            self.assert_goes_on(output, self.shards(output), (1, 2, 3)[number % 3], plain)

    def test_one_process(self):
        self.call("run", self.folder / "config.yaml", "--output", self.folder / "plain")
        plain = self.subset("plain")
        for name in ("SIGTERM", "SIGINT"):
            process = self.start(name)
            self.wait_for(process, lambda: len(self.shards(name)) > SHARDS + 3)
            process.send_signal(getattr(signal, name))
            self.ended(process, f"on {name}", name)
            self.assert_goes_on(name, self.shards(name), 2, plain)

    def test_the_time_limit(self):
        process = self.start("out", "--time-limit", "0s", ranks=2)
        self.ended(process, "at the time limit", "out")
        self.call("run", self.folder / "config.yaml", "--output", self.folder / "out", "--time-limit", "1h")
        for wrong in ("55", "x", "-5m", "5 parsecs"):
            _, errors = self.call("run", self.folder / "config.yaml", "--time-limit", wrong, expect=2)
            self.assertIn("--time-limit", errors)

    def test_k_center_keeps_its_picks(self):
        vectors = np.random.default_rng(1).normal(size=(20_000, 96)).astype(np.float32)
        np.save(self.folder / "vectors.npy", vectors)
        self.write("config.yaml", "corpus: {pool: [{path: vectors.npy, as: emb}]}\n"
                   "pipeline: [select: {vectors: emb, budget: {records: 3000}, checkpoint_seconds: 0.02, assignment: false}]\n")
        self.call("run", self.folder / "config.yaml", "--output", self.folder / "plain", ranks=3)
        plain = self.subset("plain")
        process = self.start("out", ranks=3)
        picks = self.folder / "out/stages/01-select/picks.h5"
        self.wait_for(process, picks.exists)
        process.send_signal(signal.SIGUSR1)
        self.ended(process, "on SIGUSR1", "out")
        with h5py.File(picks) as file:
            kept = len(file["id"])
        self.assertGreater(kept, 0)
        self.call("run", self.folder / "config.yaml", "--output", self.folder / "out", ranks=2)
        np.testing.assert_array_equal(self.subset("out")["id"], plain["id"])
        self.assertEqual(self.job("out", "select")["counters"]["resumed_picks"], kept)


if __name__ == "__main__":
    unittest.main()
