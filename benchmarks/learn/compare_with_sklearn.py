#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times linear_benchmark beside scikit-learn on the same generated examples, by turns, in one run.

Needs a Python with numpy and scikit-learn. Usage: compare_with_sklearn.py BENCHMARK [--n N] [--width D] [--threads T] ...
See README.md for what is measured.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("benchmark", help="the linear_benchmark program")
    parser.add_argument("--n", type=int, default=60_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--l2", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def generate(arguments):
    """Unit vectors with correlated features, as embeddings are; labels with noise, of which a fifth is 1; six classes."""
    import numpy as np

    random = np.random.default_rng(arguments.seed)
    mixing = random.standard_normal((arguments.width, arguments.width)) / np.sqrt(np.arange(1, arguments.width + 1))[:, None]
    rows = random.standard_normal((arguments.n, arguments.width)).astype(np.float32) @ mixing.astype(np.float32)
    rows += 2 * random.standard_normal(arguments.width).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scores = rows @ random.standard_normal((arguments.width, 6)).astype(np.float32)
    scores = scores / scores.std(axis=0) + 0.7 * random.standard_normal(scores.shape)
    binary = (scores[:, 0] > np.quantile(scores[:, 0], 0.8)).astype(float)
    return rows, {"binary": binary, "classes": scores.argmax(axis=1).astype(float)}


def time_sklearn(rows, targets, l2, tolerance, dtype):
    """Standardising included, as ours does."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    start = time.perf_counter()
    features = StandardScaler().fit_transform(rows.astype(dtype))
    model = LogisticRegression(C=1 / (l2 * len(rows)), tol=tolerance, max_iter=1000).fit(features, targets)
    seconds = time.perf_counter() - start
    probabilities = model.predict_proba(features.astype(np.float64))
    loss = -np.log(probabilities[np.arange(len(rows)), targets.astype(int)]).mean() + l2 / 2 * (model.coef_.astype(float) ** 2).sum()
    return {"seconds": seconds, "loss": float(loss), "iterations": int(model.n_iter_[0])}


def time_ours(arguments, file, task, tolerance):
    command = [arguments.benchmark, file, arguments.n, arguments.width, task, arguments.threads, arguments.l2, tolerance]
    output = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def compare(arguments, rows, targets, task, folder):
    import numpy as np

    file = os.path.join(folder, task)
    with open(file, "wb") as stream:
        stream.write(rows.tobytes())
        stream.write(targets.tobytes())
    runs = {
        "Farpoint": lambda: time_ours(arguments, file, task, 1e-5),
        "scikit-learn, float64": lambda: time_sklearn(rows, targets, arguments.l2, 1e-5, np.float64),
        "scikit-learn, float32": lambda: time_sklearn(rows, targets, arguments.l2, 1e-5, np.float32),
    }
    results = {name: [] for name in runs}
    for _ in range(arguments.rounds):
        for name, run in runs.items():
            results[name].append(run())
    ours = statistics.median(result["seconds"] for result in results["Farpoint"])
    for name, of_name in results.items():
        seconds = statistics.median(result["seconds"] for result in of_name)
        print(f"{task:8} {name:22} {seconds:7.3f} s  {of_name[0]['iterations']:4} iterations  loss {of_name[0]['loss']:.9f}"
              f"  {seconds / ours:6.2f}x", flush=True)
    exact = min(result["exact_pass"] for result in results["Farpoint"])
    plain = min(result["plain_pass"] for result in results["Farpoint"])
    print(f"{task:8} a pass with exact sums is {exact / plain:.3f} of one with float64 sums ({exact * 1e3:.1f} ms, one thread)")


def main():
    arguments = parse_arguments()
    # Before numpy is loaded.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(arguments.threads)
    rows, targets = generate(arguments)
    with tempfile.TemporaryDirectory() as folder:
        for task, of_task in targets.items():
            compare(arguments, rows, of_task, task, folder)


if __name__ == "__main__":
    main()
