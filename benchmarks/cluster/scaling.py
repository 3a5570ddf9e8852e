#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Question: how does each job scale over ranks and nodes, with one corpus (strong) and with one that grows with the ranks (weak)?

Method: every point is one run of the program into a new folder, on a generated corpus; medians over repeats, which are spread over the
whole measurement, so that a slow hour hits all points alike. README.md says how to start it on a cluster and what it writes.

    scaling.py PROGRAM --launcher 'mpirun --bind-to none -n {ranks}' [--ranks 1 2 4] [--jobs clean dedup] [--scratch DIR] ...
"""
import argparse
import csv
import datetime
import fcntl
import json
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

import corpus
import page
import points

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--launcher", default="mpirun --bind-to none -n {ranks}",
                        help="starts the ranks; {ranks}, {nodes} and {per_node} are filled in")
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--ranks-per-node", type=int, default=0, help="0: all ranks on one node")
    parser.add_argument("--threads", type=int, default=1, help="of each rank; left to the program, few ranks would use more cores each")
    parser.add_argument("--kinds", nargs="+", choices=["strong", "weak"], default=["strong", "weak"])
    parser.add_argument("--jobs", nargs="+", choices=sorted(points.JOBS), default=["ingest", "clean", "dedup", "embed", "perplexity", "select"])
    parser.add_argument("--records", type=int, default=40000, help="of the corpus of strong scaling")
    parser.add_argument("--records-per-rank", type=int, default=10000, help="weak scaling")
    parser.add_argument("--words", type=int, default=160, help="of a record, on average")
    parser.add_argument("--skew", type=float, default=0.0, help="sigma of the log-normal lengths; 0: all alike")
    parser.add_argument("--shard-records", type=int, default=256)
    parser.add_argument("--chosen", type=int, default=200, help="records that select chooses")
    parser.add_argument("--language-model", type=pathlib.Path, default=REPOSITORY / "examples/tiny-lm")
    parser.add_argument("--embedding-model", type=pathlib.Path, help="needed by embed-model")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--slurm", action="store_true", help="each point is a batch job; give --launcher 'srun --mpi=pmix'")
    parser.add_argument("--sbatch-option", action="append", default=[], help="such as --sbatch-option=--partition=cpu")
    parser.add_argument("--scratch", type=pathlib.Path, default=pathlib.Path("."), help="a folder that all nodes see")
    parser.add_argument("--name", default=platform.node(), help="of the machine, in what is kept")
    parser.add_argument("--results", type=pathlib.Path, default=HERE / "results")
    options = parser.parse_args()
    if "embed-model" in options.jobs and options.embedding_model is None:
        parser.error("the job embed-model needs --embedding-model FOLDER")
    options.program = options.program.resolve()
    options.language_model = options.language_model.resolve()
    options.embedding_model = options.embedding_model and options.embedding_model.resolve()
    return options


def output_of(*command) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def environment_of(options) -> dict:
    """Of the machine that starts the points."""
    processor = next((line.split(": ")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    commit = output_of("git", "-C", str(REPOSITORY), "rev-parse", "--short", "HEAD")
    if output_of("git", "-C", str(REPOSITORY), "status", "--porcelain", "--untracked-files=no"):
        commit += ", changed"
    return {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "machine": options.name,
            "processor": processor, "cores": len(os.sched_getaffinity(0)),
            "load before": round(os.getloadavg()[0], 2),
            "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
            "program": output_of(str(options.program), "--version"), "commit": commit, "launcher": options.launcher,
            "slurm": options.slurm, "threads of a rank": options.threads, "records": options.records, "records per rank": options.records_per_rank,
            "words": options.words, "skew": options.skew, "shard records": options.shard_records}


def points_of(options) -> list:
    templates = dict.fromkeys(points.JOBS[job][0] for job in options.jobs)
    found = []
    for repeat in range(options.repeats):
        for kind in options.kinds:
            for ranks in sorted(options.ranks):
                nodes = -(-ranks // options.ranks_per_node) if options.ranks_per_node else 1
                records = options.records if kind == "strong" else ranks * options.records_per_rank
                found += [points.Point(kind, template, ranks, nodes, repeat, records) for template in templates]
    return found


def append_row(path: pathlib.Path, row: dict) -> None:
    """One write to a file that is locked: several measurements may end at once."""
    with open(path, "a+", newline="", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0, os.SEEK_END)
        writer = csv.DictWriter(file, list(row))
        if file.tell() == 0:
            writer.writeheader()
        writer.writerow(row)


def new_folder(options, environment: dict) -> pathlib.Path:
    stamp = environment["date"].replace(":", "").replace("-", "")
    folder = options.results / f"{stamp}-{options.name}"
    folder.mkdir(parents=True)
    (folder / "environment.json").write_text(json.dumps(environment, indent=2) + "\n", encoding="utf-8")
    return folder


def measure(options, folder: pathlib.Path, scratch: pathlib.Path) -> list:
    rows = []
    for point in points_of(options):
        source = scratch / f"corpus-{point.records}.jsonl"
        if not source.exists():
            corpus.write_corpus(source, point.records, options.words, options.skew)
        summary = points.run(point, source, options, scratch)
        for row in points.rows_of(point, summary, options.jobs):
            rows.append(row)
            # At once: what a long measurement has found must outlive it.
            append_row(folder / "scaling.csv", row)
            print(f"{row['kind']:<7} {row['job']:<12} {row['ranks']:>5} ranks {row['seconds']:>9.3f} s "
                  f"{row['records_per_second']:>12,.0f} records/s", flush=True)
        shutil.rmtree(scratch / f"{point.kind}-{point.template}-{point.ranks}-{point.nodes}-{point.repeat}")
    return rows


def main() -> None:
    options = parse_arguments()
    environment = environment_of(options)
    folder = new_folder(options, environment)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="farpoint-scaling-", dir=options.scratch)).resolve()
    try:
        rows = measure(options, folder, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    environment["load after"] = round(os.getloadavg()[0], 2)
    (folder / "environment.json").write_text(json.dumps(environment, indent=2) + "\n", encoding="utf-8")
    page.write_page(folder, rows, environment)
    append_row(options.results / "INDEX.csv", {
        "date": environment["date"], "machine": options.name, "commit": environment["commit"], "folder": folder.name,
        "kinds": " ".join(options.kinds), "jobs": " ".join(options.jobs), "ranks": " ".join(map(str, options.ranks)),
        "repeats": options.repeats})
    print(folder / "scaling.md")


if __name__ == "__main__":
    main()
