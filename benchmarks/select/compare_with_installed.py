# SPDX-License-Identifier: Apache-2.0
"""Times k_center_benchmark against selectors of libraries that people install, in one run on the same vectors.

Needs a Python with numpy and torch. Libraries: pip install scikit-activeml fpsample small-text skmatter; what is not
there is passed over and said so. Usage: compare_with_installed.py BENCHMARK [--records K] [--budget SECONDS] ...
See README.md for what is measured.
"""

import argparse
import json
import os
import random
import subprocess
import tempfile
import time
import warnings


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("benchmark", help="the k_center_benchmark program")
    parser.add_argument("--vectors", help="float32 unit vectors [n, d]; generated if not given")
    parser.add_argument("--n", type=int, default=60_000)
    parser.add_argument("--d", type=int, default=384)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3, help="of k_center; the others run once")
    parser.add_argument("--budget", type=float, default=25,
                        help="seconds for one library; what takes longer makes fewer picks and is extrapolated")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


# Each function makes a selector: a function of the number of picks that returns them, row 0 first. What a library does
# once for all vectors, as copying them, belongs to the selector.


def torch_differences(vectors):
    """The loop of anomalib (KCenterGreedy, for memory banks of PatchCore): norms of differences. Without its sparse
    random projection before, which is faster and chooses otherwise."""
    import torch

    features = torch.from_numpy(vectors)

    def select(records):
        nearest = torch.full((len(features), 1), torch.inf)
        picks = [0]
        while len(picks) < records:
            distances = torch.linalg.norm(features - features[picks[-1]], ord=2, dim=1, keepdim=True)
            nearest = torch.minimum(nearest, distances)
            picks.append(int(torch.argmax(nearest)))
        return picks

    return select


def torch_products(vectors):
    import torch

    rows = torch.from_numpy(vectors)

    def select(records):
        nearest = torch.full((len(rows),), torch.inf)
        picks = [0]
        while len(picks) < records:
            nearest = torch.minimum(nearest, 1 - rows @ rows[picks[-1]])
            picks.append(int(torch.argmax(nearest)))
        return picks

    return select


def scikit_activeml(vectors):
    """CoreSet; row 0 is what is labelled."""
    import numpy as np
    from skactiveml.pool import CoreSet

    labels = np.full(len(vectors), np.nan)
    labels[0] = 0
    return lambda records: [0, *CoreSet(random_state=0).query(vectors, labels, batch_size=records - 1)]


def fpsample_plain(vectors):
    """Its methods with trees are for few dimensions: they refuse these vectors."""
    import fpsample

    return lambda records: fpsample.fps_sampling(vectors, records, start_idx=0)


def fpsample_npdu(vectors):
    """An approximation: each pick is compared with a window of rows around it."""
    import fpsample

    return lambda records: fpsample.fps_npdu_sampling(vectors, records, start_idx=0)


def skmatter(vectors):
    from skmatter.sample_selection import FPS

    return lambda records: FPS(n_to_select=records, initialize=0).fit(vectors).selected_idx_


PEERS = [
    ("torch, products", torch_products),
    ("torch, differences (anomalib)", torch_differences),
    ("skmatter FPS", skmatter),
    ("fpsample fps", fpsample_plain),
    ("fpsample fps_npdu (approximate)", fpsample_npdu),
    ("scikit-activeml CoreSet", scikit_activeml),
]


def timed(select, records):
    start = time.perf_counter()
    picks = [int(pick) for pick in select(records)]
    return time.perf_counter() - start, picks


def measure(select, records, budget):
    """The picks of the longest run that fits into the budget, and the seconds that all records would take. A run of
    few picks warms up; the extrapolation leaves out what the run before the last took, so that a start-up is not
    multiplied."""
    count, before = min(20, records), None
    timed(select, count)
    while True:
        seconds, picks = timed(select, count)
        fitting = min(records, int(count * budget / seconds))
        if count == records or (fitting < records and fitting < 1.5 * count):
            break
        count, before = fitting, (count, seconds)
    if count == records:
        return picks, seconds
    if before is None:
        return picks, seconds * records / count
    return picks, seconds + (records - count) * (seconds - before[1]) / (count - before[0])


def measure_small_text(vectors, ours, records):
    """greedy_coreset compares all rows with all picks again for every pick: a pick's time grows with those before it,
    and the pick in the middle takes what they take on average. Its picks after the first half of ours, and the seconds
    that all records would take."""
    import numpy as np
    from small_text.query_strategies.coresets import greedy_coreset

    half = ours[:max(records // 2, 1)]
    others = np.setdiff1d(np.arange(len(vectors)), half)
    # It takes numbers of unlabelled rows for numbers of all rows, so the labelled ones must come last.
    rows = vectors[np.concatenate([others, half])]
    unlabelled, labelled = np.arange(len(others)), np.arange(len(others), len(rows))

    def select(count):
        return others[greedy_coreset(rows, unlabelled, labelled, count, normalized=True)]

    timed(select, 1)
    seconds, picks = timed(select, min(5, records - len(half)))
    return picks, seconds / len(picks) * records


def run_program(arguments, path, folder):
    environment = dict(os.environ, OMP_NUM_THREADS=str(arguments.threads))
    picks = os.path.join(folder, "picks")
    command = [arguments.benchmark, path, str(arguments.records), str(arguments.repeats), "--picks", picks]
    command += ["--only", "k_center", "--only", "loop"]
    lines = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    with open(picks) as file:
        return [json.loads(line) for line in lines.splitlines()], [int(line) for line in file]


def radius(vectors, picks):
    """The largest distance of a row to its nearest pick, under cosine."""
    nearest = (vectors[begin:begin + 4096] @ vectors[picks].T for begin in range(0, len(vectors), 4096))
    return 1 - min(block.max(axis=1).min() for block in nearest)


def compare(picks, ours, vectors):
    """Of the picks, how many are ours in our order and among as many of ours; their radius in relation to ours."""
    ours = ours[:len(picks)]
    same_place = sum(a == b for a, b in zip(picks, ours)) / len(picks)
    in_common = len(set(picks) & set(ours)) / len(picks)
    ratio = radius(vectors, picks) / radius(vectors, ours)
    return f"{100 * same_place:6.1f} % {100 * in_common:6.1f} % {ratio:7.3f}"


def print_peers(arguments, vectors, ours, best):
    def row(name, seconds, picks, comparison):
        mark = " " if picks == arguments.records else "*"
        print(f"{name:32} {seconds:10.3f}{mark}{seconds / best:10.1f}  {picks:9}  {comparison}", flush=True)

    for name, make in PEERS:
        try:
            picks, seconds = measure(make(vectors), arguments.records, arguments.budget)
            row(name, seconds, len(picks), compare(picks, ours, vectors))
        except ImportError as error:
            print(f"{name:32} passed over: {error}", flush=True)
    name = "small-text greedy_coreset"
    try:
        picks, seconds = measure_small_text(vectors, ours, arguments.records)
        following = ours[arguments.records // 2:]
        row(name, seconds, len(picks), f"{100 * sum(a == b for a, b in zip(picks, following)) / len(picks):6.1f} %")
    except ImportError as error:
        print(f"{name:32} passed over: {error}", flush=True)
    # What a radius of 1.03 is worth.
    picks = random.Random(arguments.seed).sample(range(len(vectors)), len(ours))
    print(f"{'picks at random':32} {'':22}  {len(picks):9}  {compare(picks, ours, vectors)}")


def main():
    arguments = parse_arguments()
    # The libraries below read it when they are loaded.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(arguments.threads)
    import numpy as np
    import torch

    from compare_with_torch import clustered

    torch.set_num_threads(arguments.threads)
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.vectors or os.path.join(folder, "vectors.npy")
        if not arguments.vectors:
            np.save(path, clustered(arguments.n, arguments.d, arguments.seed))
        vectors = np.load(path)
        results, ours = run_program(arguments, path, folder)

    print(f"{len(vectors)} x {vectors.shape[1]}, k = {arguments.records}, {arguments.threads} threads; * extrapolated")
    print(f"{'':32} {'seconds':>10} {'x k_center':>10}  picks run     same   common  radius")
    best = results[0]["best"]
    for result in results:
        print(f"{result['name']:32} {result['best']:10.3f} {result['best'] / best:10.1f}", flush=True)
    print_peers(arguments, vectors, ours, best)


if __name__ == "__main__":
    main()
