# SPDX-License-Identifier: Apache-2.0
"""Runs programs in turn, several rounds, and prints one table. Every program prints one line of JSON at its end."""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import shlex
import statistics
import subprocess
import sys
import time


@dataclasses.dataclass
class Candidate:
    name: str
    command: list
    results: list = dataclasses.field(default_factory=list)


def parser_for(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--texts", nargs="+", required=True, help="files of texts: .jsonl, .json, or one a line")
    parser.add_argument("--model", help="model folder")
    parser.add_argument("--count", type=int, default=1000, help="texts that are chosen from the files")
    parser.add_argument("--mean-tokens", type=int, default=143, help="their mean length in the model's tokens")
    parser.add_argument("--work", help="folder for converted models, kept for the next run; else temporary")
    parser.add_argument("--farpoint", help="our program; called with FOLDER TEXTS.jsonl PRECISION THREADS OUTPUT.npy")
    parser.add_argument("--precisions", default="float32,bfloat16", help="those that our program is called with")
    parser.add_argument("--peers", help="names of peers, with commas between; all if not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--reference-texts", type=int, default=200, help="texts that are computed in float64 as well")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def run(command, threads):
    """The JSON on the last line that the program prints."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="true",
                       RAYON_NUM_THREADS=str(threads), TRANSFORMERS_VERBOSITY="error")
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def candidates(arguments, script, peers, folder, texts, work):
    """Our program in each precision, then the peers; each writes to a file of its own."""
    listed = []
    for precision in arguments.precisions.split(",") if arguments.farpoint else []:
        output = os.path.join(work, f"farpoint-{precision}.npy")
        command = [*shlex.split(arguments.farpoint), folder, texts, precision, str(arguments.threads), output]
        listed.append(Candidate(f"Farpoint {precision}", command))
    for name in arguments.peers.split(",") if arguments.peers else peers:
        output = os.path.join(work, name.replace(" ", "-") + ".npy")
        job = {"peer": name, "model": folder, "texts": texts, "threads": arguments.threads, "work": work,
               "output": output}
        listed.append(Candidate(name, [sys.executable, script, "peer", json.dumps(job)]))
    return listed


def interleave(listed, arguments):
    """One run of each a round. The batch size that a peer finds best in the first round is kept for the others."""
    for number in range(arguments.repeats):
        for candidate in listed:
            command = list(candidate.command)
            if candidate.results and "batch" in candidate.results[0]:
                job = {**json.loads(command[-1]), "batches": [candidate.results[0]["batch"]]}
                command[-1] = json.dumps(job)
            candidate.results.append(run(command, arguments.threads))
            print(f"round {number + 1}: {candidate.name} {candidate.results[-1]}", file=sys.stderr, flush=True)


def measure(compute, texts, batches, per_call):
    """Warms up, tries the batches on a sample if there are several, and times all texts with the best."""
    sample = texts[::max(1, len(texts) // per_call)]
    compute(sample[:16], batches[0])
    best = batches[0]
    if len(batches) > 1:
        seconds = []
        for batch in batches:
            compute(sample[:16], batch)
            start = time.perf_counter()
            compute(sample, batch)
            seconds.append(time.perf_counter() - start)
        best = batches[seconds.index(min(seconds))]
    start = time.perf_counter()
    values = compute(texts, best)
    return values, time.perf_counter() - start, best


def batches_of_tokens(lengths, tokens):
    """Indices of texts, sorted by length; padded to its longest a batch has at most `tokens` tokens."""
    batches, batch = [], []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > tokens:
            batches.append(batch)
            batch = []
        batch.append(index)
    return batches + [batch]


def in_parallel(function, items, workers):
    if workers == 1:
        return [function(item) for item in items]
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return list(pool.map(function, items))


def table(listed, rate, error_title, errors):
    """Medians and, for each of our rows, how many times as fast as the others it was."""
    medians = {candidate.name: statistics.median(result[rate] for result in candidate.results) for candidate in listed}
    ours = [candidate.name for candidate in listed if candidate.name.startswith("Farpoint")]
    heads = ["program", "batch", rate.replace("_per_second", "/s"), "range", error_title]
    heads += [f"{name} is" for name in ours]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for candidate in listed:
        rates = [result[rate] for result in candidate.results]
        batch = " x ".join(map(str, candidate.results[0].get("batch", [])))
        ratios = [f"{medians[name] / medians[candidate.name]:.2f}x" for name in ours]
        cells = [candidate.name, batch, f"{medians[candidate.name]:.1f}", f"{min(rates):.1f} to {max(rates):.1f}",
                 errors[candidate.name], *ratios]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
