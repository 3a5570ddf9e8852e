# SPDX-License-Identifier: Apache-2.0
"""What a run is doing, how it ended, where its time went; and ranks that stall are named instead of waited for."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import unittest

from farpoint import Case, instructions, jsonl

CONFIG = """
corpus: {shard_records: 100, pool: [{path: a.jsonl}]}
pipeline:
  - embed: {as: emb}
  - embed: {as: answers, text: response}
  - select: {vectors: emb, budget: {records: 30}}
"""
STAGES = ["00-ingest", "01-embed-emb", "02-embed-answers", "03-select"]


class Status(Case):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl(instructions(2000)))
        self.write("config.yaml", CONFIG)

    def status(self, output: str = "out") -> dict:
        return json.loads(self.call("status", output, "--json")[0])

    @contextlib.contextmanager
    def started(self, ranks: int, *arguments):
        """A run that is at work on all ranks, and the process of each."""
        shutil.rmtree(self.folder / "out/status", ignore_errors=True)  # an earlier run's would be taken for this one's
        command = self.command(ranks, "run", "config.yaml", "--output", "out", *arguments)
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True, start_new_session=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
        pids = []
        try:
            beats = [self.folder / f"out/status/rank-{rank:04}.json" for rank in range(ranks)]
            deadline = time.time() + 60
            while not all(beat.exists() for beat in beats):
                self.assertIsNone(process.poll(), "it ended before it began")
                self.assertLess(time.time(), deadline)
                time.sleep(0.001)
            pids = [json.loads(beat.read_text())["process"] for beat in beats]
            yield process, pids
        finally:
            for pid in pids:  # one that was stopped does not notice that its launcher is gone
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stderr.close()

    def test_of_a_finished_run(self):
        self.run_config(CONFIG, "out", ranks=2)
        status = self.status()
        self.assertEqual(status["state"], "finished")
        self.assertEqual(status["summary"]["selected"], 30)
        self.assertEqual([(stage["name"], stage["complete"]) for stage in status["stages"]],
                         [(name, True) for name in STAGES])
        self.assertEqual([rank["state"] for rank in status["ranks"]], ["finished"])
        text, _ = self.call("status", "out")
        self.assertIn("finished", text)
        self.assertIn("imbalance", text)
        self.assertIn("embed (answers)", text)

    def test_totals_are_of_the_records_that_are_left(self):
        self.write("a.jsonl", "{\n" + jsonl(instructions(400) + instructions(100)))
        self.run_config("""
corpus: {shard_records: 100, pool: [{path: a.jsonl}], max_reject_fraction: 1}
pipeline: [{dedup: {exact: true}}, {clean: {}}]
""", "out", ranks=2)
        beat = json.loads((self.folder / "out/status/rank-0000.json").read_text())
        self.assertEqual((beat["stage"], beat["total"]), ("02-clean", 400))

    def test_times_add_up(self):
        for ranks in (1, 3):
            self.run_config(CONFIG, f"out{ranks}", ranks=ranks)
            for job in self.summary(f"out{ranks}")["jobs"]:
                total = sum(job["time"].values())
                self.assertGreater(job["time"]["files"], 0)
                self.assertLess(total, self.summary(f"out{ranks}")["seconds"] * 1.5)
                self.assertGreater(total, job["seconds"] * 0.5)
                (self.assertEqual if ranks == 1 else self.assertGreaterEqual)(job["imbalance"], 0)

    def test_of_a_run_at_work_and_of_one_that_was_killed(self):
        with self.started(1) as (_, ranks):
            # It stands still, so that it is at work for as long as this test looks.
            os.kill(ranks[0], signal.SIGSTOP)
            status = self.status()
            self.assertEqual(status["state"], "running")
            self.assertEqual([stage["name"] for stage in status["stages"]], STAGES)
            self.assertEqual(status["ranks"][0]["host"], socket.gethostname())
            self.assertEqual(status["ranks"][0]["process"], ranks[0])
            self.assertIn(f"running on 1 rank at {socket.gethostname()}", self.call("status", "out")[0])
            os.kill(ranks[0], signal.SIGKILL)
        status = self.status()
        self.assertEqual(status["state"], "stopped")
        self.assertIsNone(status["summary"])
        text, _ = self.call("status", "out")
        self.assertIn("run the same command again", text)
        self.assertIn("03-select", text)
        self.run_config(CONFIG, "out")
        self.assertEqual(self.status()["state"], "finished")

    def test_of_a_run_that_failed(self):
        self.write("a.jsonl", jsonl(instructions(10)) + "broken\n" * 10)
        for ranks in (1, 2):
            self.run_config(CONFIG, "out", ranks=ranks, expect=1)
            status = self.status()
            self.assertEqual(status["state"], "failed")
            self.assertIn("10 of 20 records are faulty", status["error"])
            self.assertIn("10 of 20 records are faulty", self.call("status", "out")[0])

    def test_other_folders_are_refused(self):
        for path in (".", "nowhere", "a.jsonl"):
            _, errors = self.call("status", path, expect=2)
            self.assertIn(path, errors)

    def test_fewer_ranks_leave_no_beats_of_others(self):
        self.run_config(CONFIG, "out", ranks=3)
        with self.started(3) as (_, ranks):
            for rank in ranks:
                os.kill(rank, signal.SIGSTOP)
        self.wait_until_free("out")
        self.run_config(CONFIG, "out", ranks=1)
        self.assertEqual(sorted(os.listdir(self.folder / "out/status")), ["rank-0000.json"])

    def test_a_rank_that_stalls_is_named_and_the_run_ended(self):
        for stalled in (1, 0):
            # The other ranks wait for this one: without the watch this would take forever.
            with self.started(3, "--fresh", "--set", "run.stall_timeout=5") as (process, ranks):
                os.kill(ranks[stalled], signal.SIGSTOP)
                _, errors = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 1, errors)
                named = f"rank {stalled} (process {ranks[stalled]} on {socket.gethostname()})"
                self.assertIn(f"{named} has given no sign of life", errors)
            self.wait_until_free("out")
            status = self.status()
            self.assertEqual(status["state"], "failed")
            self.assertIn("no sign of life", status["error"])
        self.run_config(CONFIG, "out", ranks=2)
        self.run_config(CONFIG, "whole")
        self.assert_same_selection(self.subset("whole"), self.subset("out"))


if __name__ == "__main__":
    unittest.main()
