# SPDX-License-Identifier: Apache-2.0
"""Runs the program as a user would, and reads what it wrote with h5py: an independent check of every file."""
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import h5py
import numpy as np

PROGRAM = os.environ["FARPOINT_PROGRAM"]
MPIRUN = os.environ.get("FARPOINT_MPIRUN", "")
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def shared_data() -> pathlib.Path:
    return pathlib.Path(os.environ.get("FARPOINT_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="farpoint-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name: str, content) -> pathlib.Path:
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return path

    def command(self, ranks: int, *arguments) -> list:
        launcher = [MPIRUN, str(ranks)] if ranks > 1 else []
        if ranks > 1 and not MPIRUN:
            self.skipTest("built without MPI")
        return [*launcher, PROGRAM, *map(str, arguments)]

    def call(self, *arguments, ranks: int = 1, expect: int = 0, folder: str = "."):
        """Runs a command in a folder of this test and returns what it printed: (stdout, stderr)."""
        environment = dict(os.environ, OMP_NUM_THREADS="1")
        done = subprocess.run(self.command(ranks, *arguments), cwd=self.folder / folder, capture_output=True, text=True,
                              timeout=100, env=environment)
        self.assertEqual(done.returncode, expect, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout, done.stderr

    def run_config(self, config: str, output: str, *arguments, ranks: int = 1, expect: int = 0):
        path = self.folder / "config.yaml"
        path.write_text(config, encoding="utf-8")
        return self.call("run", path, "--output", self.folder / output, *arguments, ranks=ranks, expect=expect)

    def wait_until_free(self, output: str) -> None:
        """Ranks outlive their launcher by the time they need to notice."""
        lock = self.folder / output / ".lock"
        if not lock.exists():
            return
        deadline = time.time() + 30
        with open(lock, "r+") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except BlockingIOError:
                    self.assertLess(time.time(), deadline, "ranks of a killed run are still at work")
                    time.sleep(0.05)

    def summary(self, output: str) -> dict:
        return json.loads((self.folder / output / "summary.json").read_text())

    def job(self, output: str, name: str) -> dict:
        return next(job for job in self.summary(output)["jobs"] if job["job"] == name)

    def rejects(self, output: str) -> list:
        lines = (self.folder / output / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def subset(self, output: str) -> dict:
        with h5py.File(self.folder / output / "subset.h5") as file:
            found = {}
            file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
            found["attributes"] = dict(file.attrs)
        return found

    def column(self, output: str, stage: str, name: str):
        """ids and values of a numeric column over all shards of the pool."""
        ids, values = [], []
        for path in sorted((self.folder / output / "stages" / stage).glob("shard-*.h5")):
            with h5py.File(path) as file:
                ids.append(file["id"][()])
                values.append(file[name][()])
        return np.concatenate(ids), np.concatenate(values)

    def assert_same_selection(self, one: dict, other: dict):
        np.testing.assert_array_equal(one["id"], other["id"])
        np.testing.assert_array_equal(one["distance"].view(np.uint64), other["distance"].view(np.uint64))
        for name in ("weight", "pool/id", "pool/representative"):
            np.testing.assert_array_equal(one[name], other[name])


def canonical(metric: str, x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The contract's distance of one row to many: float64, summed in index order."""
    x, rows = x.astype(np.float64), rows.astype(np.float64)
    if metric == "cosine":
        return 1.0 - np.cumsum(rows * x, axis=1)[:, -1]
    return np.cumsum((rows - x) ** 2, axis=1)[:, -1]


def k_center(metric: str, ids: np.ndarray, rows: np.ndarray, count: int, start: np.ndarray = None):
    """The greedy as it is defined: ids in order of choice, the distances, and what is left."""
    best = np.full(len(ids), np.inf)
    if start is not None:
        for vector in start:
            best = np.minimum(best, canonical(metric, vector, rows))
    left = np.ones(len(ids), dtype=bool)
    chosen, distances = [], []
    for _ in range(min(count, len(ids))):
        candidates = np.flatnonzero(left)
        pick = candidates[np.argmax(best[candidates])]  # the first of the largest: ids ascend
        chosen.append(ids[pick])
        distances.append(best[pick])
        left[pick] = False
        best = np.minimum(best, canonical(metric, rows[pick], rows))
    radius = best[left].max() if left.any() else 0.0
    shown = np.sqrt if metric == "l2" else (lambda value: value)
    return np.array(chosen), shown(np.array(distances)), shown(radius)


def normalize(rows: np.ndarray) -> np.ndarray:
    wide = rows.astype(np.float64)
    norms = np.sqrt(np.cumsum(wide * wide, axis=1)[:, -1])
    return (wide / norms[:, None]).astype(np.float32)


def instructions(count: int, seed: int = 0) -> list:
    """Records of a few topics, many nearly alike."""
    draw = np.random.default_rng(seed)
    verbs = ["Explain", "Describe", "Summarise", "Compare", "翻译", "说明"]
    things = ["the moon", "a bicycle", "photosynthesis", "数据库", "the French revolution", "an octopus", "tax law", "jazz"]
    return [{"instruction": f"{verbs[draw.integers(6)]} {things[draw.integers(8)]} in {draw.integers(3, 60)} words.",
             "input": "", "output": f"It is about {things[draw.integers(8)]}, number {number}."} for number in range(count)]


def jsonl(records: list) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
