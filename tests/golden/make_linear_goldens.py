#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/learn/{linear,metrics}.json with scikit-learn.

The examples come from the formula in feature(), which tests/learn/linear_data.cpp repeats, so the files hold results alone.
Needs numpy, scipy and scikit-learn 1.8 or later. Run it again only when the cases change.
"""
import json
import pathlib

import numpy as np
import scipy.stats
import sklearn
from sklearn import metrics
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

FOLDER = pathlib.Path(__file__).parent / "learn"
SIZE = 240
OFFSETS = [0.0, 100.0, -0.5, 3.0, 7.0]
SCALES = [1.0, 250.0, 0.001, 2.0, 0.0]  # the last feature is constant
MIXES = [1.0, -0.5, 0.3, 0.0, 0.0]
LATENT, NOISE = 100, 101


def uniform(i: int, j: int) -> float:
    """In [-1/2, 1/2), a multiple of 2^-16."""
    x = (i * 2654435761 + j * 40503 + 12345) % 2**32
    for _ in range(2):
        x = (x ^ (x >> 16)) * 73244475 % 2**32
    return (x >> 16) / 65536 - 0.5


def feature(i: int, j: int) -> float:
    return OFFSETS[j] + SCALES[j] * (uniform(i, j) + MIXES[j] * uniform(i, LATENT))


def examples() -> np.ndarray:
    return np.array([[feature(i, j) for j in range(len(SCALES))] for i in range(SIZE)]).astype(np.float32)


def binary(i: int) -> int:
    return int(uniform(i, LATENT) + 0.5 * uniform(i, NOISE) > 0.2)


def classes(i: int) -> int:
    return min(2, max(0, int(np.floor(3 * (uniform(i, LATENT) + 0.5 * uniform(i, NOISE)) + 1.5))))


def grade(i: int) -> float:
    return 3 + 2 * uniform(i, LATENT) + 0.5 * uniform(i, NOISE)


def weight(i: int) -> float:
    return (i % 5) * 0.75  # some are 0


def standardised(rows: np.ndarray, weights: np.ndarray):
    scaler = StandardScaler().fit(rows.astype(np.float64), sample_weight=weights)
    return scaler, scaler.transform(rows.astype(np.float64))


def fit(task: str, rows: np.ndarray, targets: np.ndarray, weights: np.ndarray, l2: float) -> dict:
    scaler, features = standardised(rows, weights)
    total = weights.sum()
    if task == "grade":
        model = Ridge(alpha=l2 * total, solver="cholesky").fit(features, targets, sample_weight=weights)
        outputs = model.predict(features)
        loss = np.average((outputs - targets) ** 2, weights=weights) / 2
        coefficients, shown = model.coef_[None, :], outputs[:, None]
    else:
        model = LogisticRegression(C=1 / (l2 * total), tol=1e-12, max_iter=100000).fit(features, targets, sample_weight=weights)
        shown = model.predict_proba(features)
        loss = metrics.log_loss(targets, shown, sample_weight=weights, labels=model.classes_)
        coefficients = model.coef_
    return {
        "task": task,
        "weighted": bool(np.any(weights != weights[0])),
        "l2": l2,
        "loss": float(loss + l2 / 2 * (coefficients**2).sum()),
        "weights": (coefficients / scaler.scale_).tolist(),
        "outputs": shown[:12].tolist(),
    }


def linear_cases() -> list:
    rows = examples()
    uniform_weights = np.ones(SIZE)
    uneven = np.array([weight(i) for i in range(SIZE)])
    cases = []
    for name, function in [("binary", binary), ("classes", classes), ("grade", grade)]:
        targets = np.array([function(i) for i in range(SIZE)])
        for weights in (uniform_weights, uneven):
            for l2 in (1e-4, 1e-1):
                cases.append(fit(name, rows, targets, weights, l2))
    return cases


def metric_cases() -> dict:
    labels = np.array([binary(i) for i in range(SIZE)])
    # Few different values, so that there are ties; one of them is the threshold.
    probabilities = np.array([np.clip(np.round(10 * (uniform(i, LATENT) + 0.5)) / 10, 0, 1) for i in range(SIZE)])
    bins = np.minimum(9, np.floor(probabilities * 10)).astype(int)
    calibration = sum(abs((labels - probabilities)[bins == b].sum()) for b in range(10)) / SIZE
    said = probabilities >= 0.5
    true = np.array([classes(i) for i in range(SIZE)])
    raw = np.array([[uniform(i, 200 + k) + 0.5 + (k == true[i]) * 0.3 + 0.01 for k in range(3)] for i in range(SIZE)])
    spread = raw / raw.sum(axis=1, keepdims=True)
    grades = np.array([np.round(grade(i)) for i in range(SIZE)])
    predictions = np.array([3 + 2 * uniform(i, 0) + uniform(i, LATENT) for i in range(SIZE)])
    return {
        "binary": {
            "auc": metrics.roc_auc_score(labels, probabilities),
            "accuracy": metrics.accuracy_score(labels, said),
            "log_loss": metrics.log_loss(labels, probabilities),
            "brier": metrics.brier_score_loss(labels, probabilities),
            "calibration": float(calibration),
            "confusion": metrics.confusion_matrix(labels, said).tolist(),
        },
        "classes": {
            "accuracy": metrics.accuracy_score(true, spread.argmax(axis=1)),
            "macro_f1": metrics.f1_score(true, spread.argmax(axis=1), average="macro"),
            "log_loss": metrics.log_loss(true, spread),
            "confusion": metrics.confusion_matrix(true, spread.argmax(axis=1)).tolist(),
        },
        "grade": {
            "mean_absolute_error": metrics.mean_absolute_error(grades, predictions),
            "root_mean_squared_error": metrics.root_mean_squared_error(grades, predictions),
            "spearman": float(scipy.stats.spearmanr(grades, predictions).statistic),
        },
    }


def write(name: str, content) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_text(json.dumps({"sklearn": sklearn.__version__, "cases": content}, indent=1) + "\n")


if __name__ == "__main__":
    write("linear.json", linear_cases())
    write("metrics.json", metric_cases())
