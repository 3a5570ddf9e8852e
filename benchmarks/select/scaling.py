# SPDX-License-Identifier: Apache-2.0
"""How k_center scales over ranks: measures what each rank does on this machine, and extends that by a model.

Usage: scaling.py PROGRAM [--rows N] [--weak-rows N] [--records K ...] ..., PROGRAM being k_center_scaling. Needs
mpirun.
See README.md for the model and what it leaves out.
"""

import argparse
import json
import math
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
LAUNCHER = os.path.join(HERE, "..", "..", "tests", "mpirun.sh")


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", help="the k_center_scaling program")
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--rows", type=int, default=160_000, help="of all ranks together (strong scaling)")
    parser.add_argument("--weak-rows", type=int, default=20_000, help="of each rank (weak scaling)")
    parser.add_argument("--few-rows", type=int, default=2000, help="of each rank, where batches are as large as parts")
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--records", type=int, nargs="+", default=[1000, 10_000],
                        help="the first one is measured at all ranks")
    parser.add_argument("--latency", type=float, default=2e-6, help="seconds of one message between two ranks")
    parser.add_argument("--bandwidth", type=float, default=10e9, help="bytes a second into one rank")
    return parser.parse_args()


# What is measured


def run(program, ranks, rows, dimension, records):
    command = [LAUNCHER, str(ranks), program, str(rows), str(dimension), str(records)]
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output)


def print_runs(title, runs):
    print(f"\n**{title}**, {runs[0]['dimension']} numbers a row; CPU seconds of a rank outside of collective calls\n")
    known = {"ranks", "rows", "dimension", "records", "passes", "collectives", "bytes", "work", "inside_collectives",
             "wall"}
    more = [name for name in runs[0] if name not in known]
    names = ["ranks", "rows", "k", "work, mean", "most", "passes", "collectives", "MB received", *more]
    print("| " + " | ".join(names) + " |")
    print("|" + "---|" * len(names))
    for result in runs:
        work = result["work"]
        cells = [result["ranks"], result["rows"], result["records"], f"{sum(work) / len(work):.4f}", f"{max(work):.4f}",
                 f"{result['passes'][0]:.0f}", f"{result['collectives'][0]:.0f}", f"{max(result['bytes']) / 1e6:.2f}"]
        cells += [f"{max(result[name]):.4g}" for name in more]
        print("| " + " | ".join(str(cell) for cell in cells) + " |")


def fit(runs):
    """Least squares of work = slope * (rows of a rank) * k + per_pick * k, relative errors, of the most loaded rank."""
    rows = [[result["rows"] / result["ranks"] * result["records"], result["records"]] for result in runs]
    work = [max(result["work"]) for result in runs]
    a11 = sum((x / t)**2 for (x, _), t in zip(rows, work))
    a12 = sum(x * y / t**2 for (x, y), t in zip(rows, work))
    a22 = sum((y / t)**2 for (_, y), t in zip(rows, work))
    b1 = sum(x / t for (x, _), t in zip(rows, work))
    b2 = sum(y / t for (_, y), t in zip(rows, work))
    determinant = a11 * a22 - a12 * a12
    slope = (b1 * a22 - b2 * a12) / determinant
    per_pick = (b2 * a11 - b1 * a12) / determinant
    off = max(abs(slope * x + per_pick * y - t) / t for (x, y), t in zip(rows, work))
    return slope, per_pick, off


# The messages of one pool, as src/select/pool.cpp sends them


def pools_of(result):
    """One for each pass, and one that was the last."""
    return result["passes"][0] + 1


def share(ranks, pool_size):
    """Records that each rank sends (src/select/pool_size.hpp)."""
    if ranks == 1:
        return pool_size
    fair = pool_size / ranks
    return math.ceil(fair + 2 * math.sqrt(fair))


def bytes_of_pool(ranks, dimension, pool_size):
    """What one rank receives."""
    header, member = 24, 40 + 4 * dimension
    return (ranks - 1) * (header + share(ranks, pool_size) * member)


def typical_pool(result):
    """The pool's size follows its yield: the one that explains the bytes of a run."""
    ranks, dimension = result["ranks"], result["dimension"]
    received = sum(result["bytes"]) / ranks / pools_of(result)
    return next(size for size in range(16, 1 << 16, 16) if bytes_of_pool(ranks, dimension, size) >= received)


# The model


class Model:
    """Of one number of picks: `slope` seconds a row and pick, `slope_of_few` where a rank has few rows, `per_pick`
    seconds a pick on every rank, pools of `pool_size`, and as many collective calls as were measured, one a pool."""

    def __init__(self, arguments, measured, slope, slope_of_few, per_pick, pool_size):
        self.arguments = arguments
        self.records = measured["records"]
        self.collectives = measured["collectives"][0]
        self.pools = pools_of(measured)
        self.slope = slope
        self.slope_of_few = slope_of_few
        self.per_pick = per_pick
        self.pool_size = pool_size

    def terms(self, rows, ranks):
        """Seconds by what they are spent on."""
        of_rank = rows / ranks
        # Where batches are as large as a rank's part, no row is left alone.
        slope = self.slope if of_rank >= 2 * self.arguments.few_rows else max(self.slope, self.slope_of_few)
        rounds = math.ceil(math.log2(ranks))
        received = bytes_of_pool(ranks, self.arguments.dimension, self.pool_size)
        # Every rank works on the whole pool, which has room for an uneven spread.
        pool = ranks * share(ranks, self.pool_size) / self.pool_size
        return {
            "rows": slope * of_rank * self.records,
            "pool": self.per_pick * pool * self.records,
            "latency": self.collectives * rounds * self.arguments.latency,
            "bytes": self.pools * received / self.arguments.bandwidth,
        }


def print_table(heads, ranks, cell):
    """A row for each number of ranks; cell(ranks, column) is what stands there."""
    print("| ranks | " + " | ".join(heads) + " |")
    print("|" + "---|" * (len(heads) + 1))
    for count in ranks:
        print(f"| {count} | " + " | ".join(cell(count, column) for column in range(len(heads))) + " |")


def describe(terms, gain):
    total = sum(terms.values())
    most = max(terms, key=terms.get)
    return f"{total:.3g} ({gain}; {most} {100 * terms[most] / total:.0f} %)"


def ratio_to_one(model, rows_of_one, terms):
    return sum(model.terms(rows_of_one, 1).values()) / sum(terms.values())


def print_model(model, sizes, ranks):
    def cell(count, column):
        terms = model.terms(sizes[column], count)
        return describe(terms, f"{ratio_to_one(model, sizes[column], terms):.0f}x")

    print(f"\n**Model, k = {model.records}**: seconds (speed-up over one rank; what takes most, with its share)\n")
    print_table([f"n = {size / 1e6:g}M" for size in sizes], ranks, cell)
    last = ranks[-1]
    print(f"\nAt {last} ranks:")
    for size in sizes:
        terms = model.terms(size, last)
        print(f"* n = {size / 1e6:g}M: " + ", ".join(f"{name} {value:.3g} s" for name, value in terms.items()))


def print_weak(model, rows_each, ranks):
    def cell(count, column):
        terms = model.terms(rows_each[column] * count, count)
        return describe(terms, f"{100 * ratio_to_one(model, rows_each[column], terms):.0f} %")

    print(f"\n**Model, k = {model.records}, as many rows on each rank**: seconds (efficiency; what takes most, with its share)\n")
    print_table([f"{rows:,} each" for rows in rows_each], ranks, cell)


def print_bytes(runs, dimension, pool_size):
    print(f"\nBytes that a rank receives, measured against the formula of the model for pools of {pool_size}:")
    for result in runs:
        if result["ranks"] == 1:
            continue
        expected = pools_of(result) * bytes_of_pool(result["ranks"], dimension, pool_size)
        measured = sum(result["bytes"]) / len(result["bytes"])
        print(f"* {result['ranks']} ranks: {measured / 1e6:.2f} MB, {expected / 1e6:.2f} MB by the formula")


def main():
    arguments = parse_arguments()
    dimension, first = arguments.dimension, arguments.records[0]

    def measure(ranks, rows, records):
        return run(arguments.program, ranks, rows, dimension, records)

    strong = [measure(ranks, arguments.rows, first) for ranks in arguments.ranks]
    print_runs("A problem of one size (strong scaling)", strong)
    weak = [measure(ranks, ranks * arguments.weak_rows, first) for ranks in arguments.ranks]
    print_runs("A problem that grows with the ranks (weak scaling)", weak)
    few = measure(arguments.ranks[-1], arguments.ranks[-1] * arguments.few_rows, first)
    print_runs("Few rows a rank", [few])
    larger = [measure(1, arguments.rows, records) for records in arguments.records[1:]]
    if larger:
        print_runs("More picks, one rank", larger)
    several = [result for result in strong + weak if result["ranks"] > 1]
    pool_size = typical_pool(several[0])
    print_bytes(strong + weak, dimension, pool_size)

    slope, per_pick, off = fit([result for result in strong + weak
                                if result["rows"] / result["ranks"] >= 2 * arguments.few_rows])
    slope_of_few = (max(few["work"]) - per_pick * first) / (arguments.few_rows * first)
    print(f"\nFit: {1e9 * slope:.3g} ns a row and pick ({1e9 * slope_of_few:.3g} with {arguments.few_rows} "
          f"rows a rank), {1e6 * per_pick:.3g} us a pick on every rank; off by {100 * off:.0f} % at most")
    models = [Model(arguments, strong[0], slope, slope_of_few, per_pick, pool_size)]
    for result in larger:
        own_slope = (result["work"][0] / result["records"] - per_pick) / result["rows"]
        print(f"k = {result['records']}: {1e9 * own_slope:.3g} ns a row and pick")
        models.append(Model(arguments, result, own_slope, slope_of_few, per_pick, pool_size))
    print(f"\nAssumed: {1e6 * arguments.latency:g} us a message, {arguments.bandwidth / 1e9:g} GB/s into a rank; one "
          "core a rank; as many passes as measured")
    for model in models:
        ranks = [2**power for power in range(11)]
        print_model(model, [1e6, 1e7, 1e8], ranks)
        print_weak(model, [20_000, 100_000, 1_000_000], ranks)


if __name__ == "__main__":
    main()
