# SPDX-License-Identifier: Apache-2.0
"""Times k_center_benchmark against the loops that people write in torch and numpy, in one run on the same vectors.

Needs a Python with numpy and torch. Usage: compare_with_torch.py BENCHMARK [--vectors FILE.npy] [--records K] ...
See README.md for what is measured.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time

import numpy as np


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("benchmark", help="the k_center_benchmark program")
    parser.add_argument("--vectors", help="float32 vectors [n, d]; generated if not given")
    parser.add_argument("--n", type=int, default=60_000)
    parser.add_argument("--d", type=int, default=384)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def clustered(n, d, seed):
    """Unit vectors around 2,000 directions of very different popularity, like embeddings of real texts."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((2000, d), dtype=np.float32)
    popularity = 1 / np.arange(1, 2001)
    cluster = random.choice(2000, n, p=popularity / popularity.sum())
    vectors = centres[cluster] + random.uniform(0.2, 1.2, (n, 1)).astype(np.float32) * random.standard_normal(
        (n, d), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def torch_loop(vectors, records):
    import torch

    rows = torch.from_numpy(vectors)
    nearest = torch.full((len(rows),), torch.inf)
    pick = 0
    for _ in range(records):
        nearest = torch.minimum(nearest, 1 - rows @ rows[pick])
        last, pick = pick, int(torch.argmax(nearest))
    return last


def numpy_loop(vectors, records):
    nearest = np.full(len(vectors), np.inf, dtype=np.float32)
    pick = 0
    for _ in range(records):
        np.minimum(nearest, 1 - vectors @ vectors[pick], out=nearest)
        last, pick = pick, int(np.argmax(nearest))
    return last


def measure(name, loop, vectors, records, repeats):
    loop(vectors, min(records, 20))
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        last = loop(vectors, records)
        seconds.append(time.perf_counter() - start)
    return {"name": name, "best": min(seconds), "median": sorted(seconds)[repeats // 2], "last": last}


def run_program(arguments, path):
    environment = dict(os.environ, OMP_NUM_THREADS=str(arguments.threads))
    command = [arguments.benchmark, path, str(arguments.records), str(arguments.repeats)]
    lines = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in lines.splitlines()]


def main():
    arguments = parse_arguments()
    import torch

    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.vectors or os.path.join(folder, "vectors.npy")
        if not arguments.vectors:
            np.save(path, clustered(arguments.n, arguments.d, arguments.seed))
        vectors = np.load(path)
        results = run_program(arguments, path)
        loops = [("torch loop", torch_loop), ("numpy loop", numpy_loop)]
        results += [measure(name, loop, vectors, arguments.records, arguments.repeats) for name, loop in loops]

    print(f"{len(vectors)} x {vectors.shape[1]}, k = {arguments.records}, {arguments.threads} threads")
    ours = [result for result in results if "passes" in result]
    for result in results:
        ratios = "".join(f"  {result['best'] / our['best']:6.1f} x {our['name']}" for our in ours)
        extra = {key: value for key, value in result.items() if key not in ("name", "best", "median")}
        print(f"{result['name']:26} best {result['best']:8.3f} s  median {result['median']:8.3f} s{ratios}  {extra}")


if __name__ == "__main__":
    main()
