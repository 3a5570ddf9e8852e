#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What does it cost that shards are shared out before the work begins, and by estimated costs?

    farpoint run CONFIG --fresh                     # on one rank: its log has the time of each shard
    balance.py RUN STAGE [--window 256 --hidden 384]

Takes the times of a stage's shards from the log, shares them out over 2 to 64 ranks as the program does (costliest first,
each to the rank with least), by bytes and by the model's costs, and compares the busiest rank with an even share; and with
handing out a shard whenever a rank is free, in the same order. `--window` is the model's max_tokens, `--hidden` its width.
"""
import argparse
import datetime
import heapq
import pathlib
import re

import h5py

LINE = re.compile(r"^(\S+ \S+) I (\S+)/(shard-\d+\.h5): ")


def shard_seconds(log: pathlib.Path, stage: str) -> dict:
    """Seconds of each shard: from the line before, whatever it is, to its own."""
    seconds, before = {}, None
    for line in log.read_text().splitlines():
        try:
            time = datetime.datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S.%f")
        except ValueError:
            continue
        found = LINE.match(line)
        if found and found[2] == stage and before is not None:
            seconds[found[3]] = (time - before).total_seconds()
        before = time
    return seconds


def sizes(shard: pathlib.Path) -> list:
    """(records, bytes of each) by class."""
    with h5py.File(shard) as file:
        text = file.attrs["sizes"]
    text = text.decode() if isinstance(text, bytes) else text
    classes = (word.split(":") for word in text.split())
    return [(int(records), int(size) / int(records)) for _, records, size in classes]


def model_cost(size: float, window: int, hidden: int) -> float:
    tokens = min(size / 4, window)
    return tokens * (1 + min(tokens, window) / (6 * hidden))


def busiest(seconds: dict, costs: dict, ranks: int) -> float:
    loads = [(0.0, rank, 0.0) for rank in range(ranks)]
    for shard in sorted(costs, key=costs.get, reverse=True):
        cost, rank, time = heapq.heappop(loads)
        heapq.heappush(loads, (cost + max(costs[shard], 1), rank, time + seconds[shard]))
    return max(time for _, _, time in loads)


def when_free(seconds: dict, costs: dict, ranks: int) -> float:
    times = [0.0] * ranks
    for shard in sorted(costs, key=costs.get, reverse=True):
        heapq.heapreplace(times, times[0] + seconds[shard])
    return max(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("stage", help="its folder: 01-embed-emb")
    parser.add_argument("--window", type=int, default=256)
    parser.add_argument("--hidden", type=int, default=384)
    asked = parser.parse_args()
    seconds = shard_seconds(asked.run / "log" / "rank-0000.log", asked.stage)
    ingest = asked.run / "stages" / "00-ingest"
    classes = {shard: sizes(ingest / shard) for shard in seconds}
    by_bytes = {shard: sum(n * size for n, size in found) for shard, found in classes.items()}
    by_model = {shard: sum(n * model_cost(size, asked.window, asked.hidden) for n, size in found)
                for shard, found in classes.items()}
    total = sum(seconds.values())
    print(f"{len(seconds)} shards, {total:.1f} s, {min(seconds.values()):.2f} to {max(seconds.values()):.2f} s each\n")
    print("| ranks | by bytes | by the model's costs | when a rank is free |\n|---|---|---|---|")
    for ranks in (2, 4, 8, 16, 32, 64):
        if ranks * 2 > len(seconds):
            break
        even = total / ranks
        lost = [busiest(seconds, by_bytes, ranks), busiest(seconds, by_model, ranks), when_free(seconds, by_model, ranks)]
        print(f"| {ranks} | " + " | ".join(f"{100 * (one / even - 1):.1f} %" for one in lost) + " |")


if __name__ == "__main__":
    main()
