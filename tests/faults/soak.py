#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills ranks of full runs until there were N kills, or for SECONDS, and compares each run's results with the undisturbed one's.

    N=100 FARPOINT_SEED=1 soak.py      prints the seed of each case that went wrong; FARPOINT_SEED with it and N=1 repeats the case
"""
import os
import pathlib
import shutil
import sys
import tempfile
import time

from disturbed import CONFIG, Disturbed, killed_run, result, write_corpus


def main() -> int:
    most = int(os.environ.get("N", "100"))
    end = time.time() + float(os.environ.get("SECONDS_OF_SOAK", "inf"))
    seed = int(os.environ.get("FARPOINT_SEED", "1"))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="farpoint-soak-"))
    kills = runs = wrong = redone = 0
    try:
        # The corpus is the same for all seeds, so that a case is repeated by its seed alone.
        write_corpus(folder, 1)
        (folder / "config.yaml").write_text(CONFIG)
        whole = Disturbed(folder, folder / "whole")
        seconds = whole.measure()
        expected = result(whole.output)
        while kills < most and time.time() < end:
            run = Disturbed(folder, folder / f"seed-{seed}")
            trial = killed_run(run, seed, seconds, expected)
            kills, runs, wrong, redone = kills + trial.kills, runs + 1, wrong + bool(trial.problems), redone + len(trial.redone)
            print(f"seed {seed}: {trial.kills} kills: {'; '.join(trial.problems) or 'identical'}", flush=True)
            shutil.rmtree(run.output)
            seed += 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{kills} kills in {runs} runs of {seconds:.1f} s undisturbed: {runs - wrong} identical, {wrong} not; {redone} finished shards made again")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
