# SPDX-License-Identifier: Apache-2.0
"""One measured point: a job on a number of ranks, started by a launcher or as a Slurm job."""
import dataclasses
import json
import math
import pathlib
import shlex
import string
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
# Of each job: the configuration that has it, and where it stands in summary.json.
JOBS = {"ingest": ("clean", "ingest"), "clean": ("clean", "clean"), "dedup": ("dedup", "dedup"), "embed": ("embed", "embed"),
        "embed-model": ("embed-model", "embed"), "perplexity": ("perplexity", "perplexity"), "select": ("select", "select")}


@dataclasses.dataclass(frozen=True)
class Point:
    kind: str  # strong or weak
    template: str
    ranks: int
    nodes: int
    repeat: int
    records: int


def command_of(launcher: str, point: Point, program: list) -> list:
    """The launcher with {ranks}, {nodes} and {per_node} filled in."""
    per_node = math.ceil(point.ranks / point.nodes)
    filled = launcher.format(ranks=point.ranks, nodes=point.nodes, per_node=per_node)
    return [*shlex.split(filled), *map(str, program)]


def write_config(point: Point, corpus: pathlib.Path, options, path: pathlib.Path) -> None:
    text = (HERE / "jobs" / f"{point.template}.yaml").read_text(encoding="utf-8")
    values = {"corpus": json.dumps(str(corpus)), "shard_records": options.shard_records, "chosen": options.chosen,
              "language_model": json.dumps(str(options.language_model)),
              "embedding_model": json.dumps(str(options.embedding_model))}
    path.write_text(string.Template(text).substitute(values), encoding="utf-8")


def batch_script(command: list, point: Point, options) -> str:
    lines = ["#!/bin/bash", f"#SBATCH --nodes={point.nodes}",
             f"#SBATCH --ntasks-per-node={math.ceil(point.ranks / point.nodes)}"]
    lines += [f"#SBATCH {option}" for option in options.sbatch_option]
    return "\n".join([*lines, "exec " + shlex.join(command), ""])


def run(point: Point, corpus: pathlib.Path, options, folder: pathlib.Path) -> dict:
    """summary.json of the run, and `outside`: seconds of the launcher that the run itself does not know of."""
    name = f"{point.kind}-{point.template}-{point.ranks}-{point.nodes}-{point.repeat}"
    config, output = folder / f"{name}.yaml", folder / name
    write_config(point, corpus, options, config)
    program = [options.program, "run", config, "--output", output, "--set", f"run.threads={options.threads}"]
    command = command_of(options.launcher, point, program)
    if options.slurm:
        script = folder / f"{name}.sh"
        script.write_text(batch_script(command, point, options), encoding="utf-8")
        command = ["sbatch", "--wait", "--parsable", f"--output={folder / name}.out", str(script)]
    begin = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wall = time.monotonic() - begin
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(command)}\nfailed with {done.returncode}:\n{done.stdout[-2000:]}")
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    # The wait in Slurm's queue is no start-up.
    summary["outside"] = None if options.slurm else wall - summary["seconds"]
    return summary


def rows_of(point: Point, summary: dict, jobs: list) -> list:
    """One row a job that was asked for. Versions without an account of time leave its fields empty."""
    rows = []
    for job in jobs:
        template, name = JOBS[job]
        if template != point.template:
            continue
        entry = next(e for e in summary["jobs"] if e["job"] == name)
        spent = entry.get("time", {})
        total = sum(spent.values())
        share = {part: spent[part] / total if total > 0 else 0.0 for part in spent}
        rows.append({"kind": point.kind, "job": job, "ranks": point.ranks, "nodes": point.nodes, "repeat": point.repeat,
                     "threads": summary["threads"], "records": entry["in"], "seconds": entry["seconds"],
                     "records_per_second": entry["in"] / max(entry["seconds"], 1e-9),
                     "communication": share.get("communication", ""), "files": share.get("files", ""),
                     "imbalance": entry.get("imbalance", ""), "outside": summary["outside"]})
    return rows
