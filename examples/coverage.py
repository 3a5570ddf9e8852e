#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many different values of a key a subset holds, beside random subsets of the same size.

    coverage.py KEY POOL.jsonl SUBSET.jsonl

Takes the records as `farpoint export --format jsonl` writes them. Random: the mean over 100 draws from the pool.
"""
import json
import random
import sys


def labels(path: str, key: str) -> list:
    found = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            try:
                found.append(json.loads(line).get(key))
            except ValueError:
                continue  # a faulty line of the pool: Farpoint has listed it in rejects.jsonl
    return [label for label in found if label is not None]


def main() -> None:
    key, pool_path, subset_path = sys.argv[1:4]
    pool, subset = labels(pool_path, key), labels(subset_path, key)
    draw = random.Random(17)
    chance = [len(set(draw.sample(pool, len(subset)))) for _ in range(100)]
    print(f"{len(set(pool))} values of '{key}' in {len(pool):,} records; covered by {len(subset):,} chosen ones:")
    print(f"  this subset  {len(set(subset)):>6}")
    print(f"  random       {sum(chance) / len(chance):>8.1f}  (from {min(chance)} to {max(chance)} in 100 draws)")


if __name__ == "__main__":
    main()
