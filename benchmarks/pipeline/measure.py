#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Question: how fast are ingest and the built-in embedding inside the real program on one core, and does their memory depend on
the size of the corpus?

Method: an Alpaca corpus of about 1 KB a record is generated (seeded) in two sizes; the larger holds the smaller four times.
`farpoint run` on one rank with one thread; the first run is a warm-up that brings the input into the page cache; then the best and the
median of the repeats. Times are those of the program's own summary: reading, parsing, checksums, writing and fsync included, start-up not.
Memory is the peak resident size of the whole process. Results are printed as a table and as lines of JSON.

    measure.py PROGRAM [--megabytes 100] [--repeats 3]
"""
import argparse
import json
import os
import pathlib
import random
import resource
import statistics
import subprocess
import tempfile

ENGLISH = ("the model of a river is simple when water moves slowly but a flood changes what engineers know about banks and bridges so "
           "that every estimate needs data from several years before anyone can say how high the next wave will be").split()
CHINESE = "数据是模型的基础我们需要从许多文本中选择最有代表性的样本这样训练出来的系统才能理解不同的问题并给出清楚的回答"


def corpus(path: pathlib.Path, megabytes: int) -> None:
    draw = random.Random(5)
    words = ENGLISH + ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 11))) for _ in range(20000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    pool = draw.choices(words, weights, k=400000)
    size = 0
    with open(path, "w", encoding="utf-8") as out:
        while size < megabytes * 1e6:
            def text(length: int) -> str:
                begin = draw.randrange(len(pool) - length)
                return " ".join(pool[begin:begin + length])
            record = {"instruction": text(25), "input": "", "output": text(130)}
            if draw.random() < 0.1:
                record["output"] = "".join(draw.choices(CHINESE, k=280))
            size += out.write(json.dumps(record, ensure_ascii=False) + "\n")


def run(program: str, folder: pathlib.Path, data: pathlib.Path) -> dict:
    config = folder / "config.yaml"
    config.write_text(f"run: {{threads: 1}}\ncorpus: {{pool: [{{path: {data}}}]}}\npipeline: [embed: {{}}]\n")
    pid = os.fork()
    if pid == 0:  # a child of its own, so that its peak memory is its own
        code = subprocess.call([program, "run", str(config), "--output", str(folder / "run"), "--fresh"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        (folder / "peak").write_text(str(peak))
        os._exit(code)
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise SystemExit(f"the program failed with status {status}")
    summary = json.loads((folder / "run/summary.json").read_text())
    jobs = {job["job"]: job for job in summary["jobs"]}
    return {"ingest": jobs["ingest"]["rate"] / 1e6, "embed": jobs["embed"]["rate"] / 1e6,
            "peak_mib": int((folder / "peak").read_text()) / 1024}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--megabytes", type=int, default=100)
    arguments.add_argument("--repeats", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="farpoint-bench-") as name:
        folder = pathlib.Path(name)
        small, large = folder / "small.jsonl", folder / "large.jsonl"
        corpus(small, given.megabytes)
        large.write_bytes(small.read_bytes() * 4)
        run(given.program, folder, small)  # warm-up
        runs = [run(given.program, folder, small) for _ in range(given.repeats)]
        big = run(given.program, folder, large)
    for job in ("ingest", "embed"):
        rates = [one[job] for one in runs]
        print(f"{job:<8} best {max(rates):7.1f} MB/s   median {statistics.median(rates):7.1f} MB/s   (one core)")
        print(json.dumps({"benchmark": job, "unit": "MB/s", "best": max(rates), "median": statistics.median(rates)}))
    peaks = [one["peak_mib"] for one in runs] + [big["peak_mib"]]
    print(f"memory   {max(peaks[:-1]):.0f} MiB at {given.megabytes} MB, {peaks[-1]:.0f} MiB at {4 * given.megabytes} MB")
    print(json.dumps({"benchmark": "memory", "unit": "MiB", "small": max(peaks[:-1]), "large": peaks[-1]}))


if __name__ == "__main__":
    main()
