# SPDX-License-Identifier: Apache-2.0
"""A run of a full pipeline that is disturbed, and what it is compared with: the run that was not."""
import dataclasses
import gzip
import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from farpoint import PROGRAM, MPIRUN, REPOSITORY, jsonl  # noqa: E402
from models_test import sentences  # noqa: E402

RANKS = 3
CONFIG = f"""
corpus:
  shard_records: 40
  max_reject_fraction: 0.2
  pool:
    - {{path: a.jsonl, name: web}}
    - {{path: b.jsonl.gz, name: forum}}
    - {{path: c.json, name: books}}
  curated: [{{path: curated.jsonl}}]
models: {{lm: {{path: {REPOSITORY}/tests/golden/models/llama}}}}
pipeline:
  - clean:      {{html: strip, pii: mask, min_chars: 10}}
  - dedup:      {{exact: true, near: {{threshold: 0.8}}}}
  - embed:      {{as: emb}}
  - perplexity: {{model: lm, as: ppl}}
  - contrast:   {{as: like}}
  - filter:     {{keep: {{ppl: {{max_quantile: 0.97}}}}}}
  - select:     {{vectors: emb, budget: {{records: 60}}}}
  - export:     {{format: jsonl, path: subset.jsonl}}
"""


def records(count: int, seed: int) -> list:
    """Short questions with answers; some stand twice, some nearly, some hold markup and addresses."""
    draw = random.Random(seed)
    texts = sentences(2 * count, seed)
    made = [{"instruction": texts[2 * i], "input": "", "output": texts[2 * i + 1]} for i in range(count)]
    for i in range(0, count - 1, 9):
        made[i + 1] = dict(made[i], output=made[i]["output"] + draw.choice(["", "", " opens"]))
    for i in range(4, count, 13):
        made[i]["output"] += " <b>at</b> night a@b.org"
    return made


def write_corpus(folder: pathlib.Path, seed: int, count: int = 300) -> None:
    third = count // 3
    (folder / "a.jsonl").write_text(jsonl(records(third, seed)) + "no json\n")
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(jsonl(records(third, seed + 1)).encode(), mtime=0))
    (folder / "c.json").write_text(json.dumps(records(third, seed + 2)))
    (folder / "curated.jsonl").write_text(jsonl(records(80, seed + 3)))


def result(output: pathlib.Path) -> dict:
    """A digest of each part of what a run has for its user."""
    parts = {name: (output / name).read_bytes() for name in ("rejects.jsonl", "subset.jsonl", "coverage.json")
             if (output / name).exists()}
    with h5py.File(output / "subset.h5") as file:
        def visit(name, item):
            if isinstance(item, h5py.Dataset):
                values = item[()]
                content = b"\0".join(values) if values.dtype == object else np.ascontiguousarray(values).tobytes()
                parts["subset.h5/" + name] = f"{values.dtype} {values.shape}".encode() + content
        file.visititems(visit)
        for name in ("pool_sha", "method", "radius"):
            parts["subset.h5@" + name] = str(file.attrs[name]).encode()
    return {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}


def differences(one: dict, other: dict) -> list:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def shard_files(output: pathlib.Path) -> dict:
    """Finished shard files, and by what one knows that they were made anew. Not what a preparation leaves for itself
    (answers-*.h5), which counts only when all of it is there."""
    paths = [path for kind in ("shard", "curated") for path in output.glob(f"stages/*/{kind}-*.h5")]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def ended(pid: int) -> bool:
    """Nobody may be there to wait for the orphans of a killed launcher: what is only a name has ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


@dataclasses.dataclass
class Disturbed:
    """Starts, kills and continues runs of one configuration in one folder."""
    folder: pathlib.Path
    output: pathlib.Path
    config: str = "config.yaml"
    options: tuple = ()

    def command(self, ranks: int) -> list:
        launcher = [MPIRUN, str(ranks)] if ranks > 1 else []
        return [*launcher, PROGRAM, "run", str(self.folder / self.config), "--output", str(self.output), *self.options]

    def start(self, ranks: int = RANKS) -> subprocess.Popen:
        return subprocess.Popen(self.command(ranks), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))

    def finish(self, ranks: int = RANKS, timeout: float = 300) -> tuple:
        """(exit code, what was said)"""
        process = self.start(ranks)
        try:
            _, errors = process.communicate(timeout=timeout)
        finally:
            process.kill()
        return process.returncode, errors

    def start_all(self, ranks: int) -> tuple:
        """The launcher and its ranks, once all are at work: one whose ranks die while it starts them may hang."""
        log = self.output / f"log/rank-{ranks - 1:04}.log"
        before = log.stat().st_mtime_ns if log.exists() else None
        process = self.start(ranks)
        deadline = time.time() + 60
        while not (log.exists() and log.stat().st_mtime_ns != before):
            if process.poll() is not None or time.time() > deadline:
                process.kill()
                raise RuntimeError(f"a run did not begin: {process.stderr.read()}")
            time.sleep(0.002)
        return process, children(process.pid)

    def measure(self, ranks: int = RANKS) -> float:
        """Seconds from the last rank's beginning to the end of a run that nobody disturbs."""
        process, _ = self.start_all(ranks)
        start = time.time()
        _, errors = process.communicate(timeout=300)
        if process.returncode != 0:
            raise RuntimeError(f"the undisturbed run failed: {errors}")
        return time.time() - start

    def kill(self, after: float, victims: list, ranks: int = RANKS) -> bool:
        """Kills ranks by number after so many seconds; waits until all are gone. False: the run had ended before."""
        process, pids = self.start_all(ranks)
        try:
            process.wait(timeout=after)
            process.stderr.close()
            return False
        except subprocess.TimeoutExpired:
            pass
        for victim in victims:
            try:
                os.kill(pids[victim], signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.communicate(timeout=60)
        deadline = time.time() + 60
        while not all(ended(pid) for pid in pids):
            if time.time() > deadline:
                raise RuntimeError("ranks outlive one that was killed")
            time.sleep(0.01)
        return True


def children(pid: int) -> list:
    # The kernel lists them in the order of their start, which is that of the ranks.
    found = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


@dataclasses.dataclass
class Trial:
    """A fresh run that is killed some times and then ends, and what was wrong with it."""
    kills: int = 0
    redone: list = dataclasses.field(default_factory=list)
    problems: list = dataclasses.field(default_factory=list)


def killed_run(run: Disturbed, seed: int, seconds: float, expected: dict) -> Trial:
    """What it does is a function of the seed, but for the moments at which the machine has done how much."""
    draw = random.Random(seed)
    trial = Trial()
    ranks = draw.choice([RANKS, RANKS, RANKS, 2])
    for _ in range(draw.randint(1, 3)):
        finished = shard_files(run.output)
        victims = list(range(ranks)) if draw.random() < 0.2 else [draw.randrange(ranks)]
        killed = run.kill(draw.uniform(0, seconds), victims, ranks)
        now = shard_files(run.output)
        trial.redone += [path.relative_to(run.output) for path, stamp in finished.items() if now.get(path) != stamp]
        unfinished = list(run.output.glob("stages/*/*-[0-9]*.h5.tmp"))
        if len(unfinished) > ranks:
            trial.problems.append(f"{len(unfinished)} unfinished shards at {ranks} ranks")
        if not killed:
            break
        trial.kills += 1
    finished = shard_files(run.output)
    code, errors = run.finish(draw.choice([RANKS, RANKS, 2, 1]))
    if code != 0:
        trial.problems.append(f"the last run ended with {code}: {errors}")
        return trial
    now = shard_files(run.output)
    trial.redone += [path.relative_to(run.output) for path, stamp in finished.items() if now.get(path) != stamp]
    if trial.redone:
        trial.problems.append(f"made again though finished: {', '.join(map(str, trial.redone))}")
    resumed = sum(job["resumed_shards"] for job in json.loads((run.output / "summary.json").read_text())["jobs"])
    if resumed < len([path for path in finished if path.name.startswith("shard-")]):
        trial.problems.append(f"{len(finished)} shards were finished, {resumed} kept")
    trial.problems += [f"{path} is left" for path in run.output.rglob("*.tmp")]
    trial.problems += [f"{name} differs" for name in differences(expected, result(run.output))]
    return trial
