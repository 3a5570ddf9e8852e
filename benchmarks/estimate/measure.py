#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what `farpoint estimate` says of the memory of a rank with the peak resident size of runs.

Usage: measure.py [--program PATH] [--folder DIR] [--only NAME,...]. Makes its corpus (seeded) in DIR, runs each
configuration alone and on two ranks, and prints a table in Markdown: estimated, measured, their ratio. The peak of the
largest rank is what the system says of the process when it has ended (ru_maxrss), so it is that of the whole run, and
is compared with the largest estimate among its jobs.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys

import numpy as np

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# Runs its arguments and appends the peak of the process in KiB to the file named first.
WRAPPER = ("import resource, subprocess, sys\n"
           "code = subprocess.run(sys.argv[2:]).returncode\n"
           "with open(sys.argv[1], 'a') as out: out.write(f'{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}\\n')\n"
           "sys.exit(code)\n")


def write_texts(path: pathlib.Path, megabytes: int, words_a_text: int, seed: int) -> None:
    """Texts of random words, a tenth of them copies of an earlier one with a few words changed."""
    if path.exists():
        return
    draw = random.Random(seed)
    words = ["".join(draw.choices("etaoinshrdlucmfwyp", k=draw.randint(2, 9))) for _ in range(20000)]
    earlier = []
    with open(path, "w", encoding="utf-8") as out:
        written = 0
        while written < megabytes << 20:
            if earlier and draw.random() < 0.1:
                text = list(draw.choice(earlier))
                text[draw.randrange(len(text))] = draw.choice(words)
            else:
                text = draw.choices(words, k=max(8, int(draw.gauss(words_a_text, words_a_text / 3))))
                if len(earlier) < 1000:
                    earlier.append(text)
            line = json.dumps({"text": " ".join(text) + "."}) + "\n"
            out.write(line)
            written += len(line)


def write_vectors(path: pathlib.Path, rows: int, width: int) -> None:
    if not path.exists():
        np.save(path, np.random.default_rng(3).standard_normal((rows, width), dtype=np.float32))


def cases(folder: pathlib.Path) -> dict:
    write_texts(folder / "large.jsonl", 200, 150, 1)
    write_texts(folder / "middle.jsonl", 4, 120, 2)
    write_texts(folder / "small.jsonl", 1, 100, 4)
    write_vectors(folder / "vectors.npy", 200_000, 384)
    minilm, tiny = REPOSITORY / ".deps/minilm/model", REPOSITORY / "examples/tiny-lm"

    def texts(name, pipeline, more=""):
        return f"corpus: {{pool: [{{path: {folder / name}}}]}}\n{more}pipeline:\n{pipeline}"

    vectors = f"corpus: {{pool: [{{path: {folder / 'vectors.npy'}, format: npy, as: emb}}]}}\npipeline:\n"
    kept = {
        "ingest": texts("large.jsonl", "  - export: {format: jsonl, path: all.jsonl}\n"),
        "clean": texts("large.jsonl", "  - clean: {}\n"),
        "dedup exact": texts("large.jsonl", "  - dedup: {exact: true}\n"),
        "dedup near": texts("large.jsonl", "  - dedup: {near: {threshold: 0.8}}\n"),
        "embed built-in": texts("large.jsonl", "  - embed: {as: emb}\n"),
        "embed MiniLM": texts("middle.jsonl", "  - embed: {model: m, as: emb}\n", f"models: {{m: {{path: {minilm}}}}}\n"),
        "perplexity tiny-lm": texts("small.jsonl", "  - perplexity: {model: m, as: ppl}\n",
                                    f"models: {{m: {{path: {tiny}}}}}\n"),
        "k-center": vectors + "  - select: {method: k-center, vectors: emb, budget: {records: 500}}\n",
        "k-center bfloat16": vectors + "  - select: {method: k-center, vectors: emb, storage: bfloat16, budget: {records: 500}}\n",
        "random": vectors + "  - select: {method: random, vectors: emb, budget: {records: 20000}}\n",
    }
    return kept


def measured(program: str, folder: pathlib.Path, config: pathlib.Path, ranks: int) -> int:
    peaks = folder / "peaks.txt"
    peaks.unlink(missing_ok=True)
    launcher = [str(REPOSITORY / "tests/mpirun.sh"), str(ranks)] if ranks > 1 else []
    command = [*launcher, sys.executable, "-c", WRAPPER, str(peaks), program, "run", str(config), "--fresh", "--output",
               str(folder / "run")]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
    if done.returncode != 0:
        raise SystemExit(f"{config}: {done.stderr[-2000:]}")
    return max(int(line) for line in peaks.read_text().split()) * 1024


def estimated(program: str, config: pathlib.Path, ranks: int) -> int:
    done = subprocess.run([program, "estimate", str(config), "--ranks", str(ranks), "--format", "json"],
                          capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
    if done.returncode != 0:
        return 0
    return max(job["memory_per_rank_bytes"] for job in json.loads(done.stdout)["jobs"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(REPOSITORY / "build/release/bin/farpoint"))
    parser.add_argument("--folder", default="/tmp/farpoint-estimate")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    folder = pathlib.Path(arguments.folder)
    folder.mkdir(parents=True, exist_ok=True)
    only = [name for name in arguments.only.split(",") if name]
    print("| run | ranks | estimated, MiB | measured, MiB | ratio |\n|---|---|---|---|---|")
    for name, text in cases(folder).items():
        if only and name not in only:
            continue
        config = folder / f"{name.replace(' ', '-')}.yaml"
        config.write_text(text, encoding="utf-8")
        for ranks in (1, 2):
            guess, peak = estimated(arguments.program, config, ranks), measured(arguments.program, folder, config, ranks)
            print(f"| {name} | {ranks} | {guess / 2**20:.0f} | {peak / 2**20:.0f} | {guess / peak:.2f} |", flush=True)


if __name__ == "__main__":
    main()
