# SPDX-License-Identifier: Apache-2.0
"""A pool for the tests of `select`: texts of two sources with vectors and numbers, some of them faulty."""
import json

import h5py
import numpy as np

import select_reference as reference
from farpoint import Case, jsonl, normalize

COUNT = 400
SEED = 7
NEIGHBORS = 5
THRESHOLD = 0.8
PIPELINE = f"""
run: {{seed: {SEED}}}
corpus:
  shard_records: 50
  pool: [{{path: web.jsonl, name: web}}, {{path: books.jsonl, name: books}}]
  curated: [{{path: curated.npy, as: emb}}]
pipeline:
  - attach: {{as: emb, path: emb.npy}}
  - attach: {{as: quality, path: quality.npy}}
  - attach: {{as: weight, path: weight.npy}}
  - attach: {{as: group, path: group.npy}}
  - attach: {{as: lm.tokens, path: tokens.npy}}
  - attach: {{as: good, path: good.npy}}
  - filter: {{keep: {{good: {{min: 0.5}}}}}}
  - select: """
# Methods with the options that they cannot do without.
METHODS = {
    "k-center": "vectors: emb",
    "repr-filter": f"vectors: emb, score: quality, threshold: {THRESHOLD}",
    "one-pass": f"vectors: emb, threshold: {THRESHOLD}",
    "facility-location": f"vectors: emb, neighbors: {NEIGHBORS}",
    "target": "vectors: emb",
    "top": "score: quality",
    "longest": "vectors: emb",
    "random": "",
}


class Candidates:
    """Those that can be chosen, by place; ids ascend."""

    def __init__(self, ids, rows, columns):
        self.ids, self.rows = ids, rows
        for name, values in columns.items():
            setattr(self, name, [values[one] for one in ids] if isinstance(values, list) else values[ids])


def texts(draw) -> list:
    words = ["moon", "bicycle", "photosynthesis", "数据库", "revolution", "octopus", "tax", "jazz", "ответ", "𝄞"]
    records = []
    for number in range(COUNT):
        say = lambda most: " ".join(words[draw.integers(len(words))] for _ in range(draw.integers(1, most)))
        record = {"instruction": say(12), "input": "", "output": say(20) + ("\t\n" if number % 7 else "") + str(number)}
        language = ("en", "en", "en", "zh", "zh", 3, None)[draw.integers(7)]
        if number in (90, 180, 270):
            language = "rare"
        if language is not None:
            record["lang"] = language
        records.append(record)
    return records


def full_text(record: dict) -> str:
    return record["instruction"] + "\n" + record["output"]


class SelectCase(Case):
    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(5)
        records = texts(draw)
        self.write("web.jsonl", jsonl(records[:250]))
        self.write("books.jsonl", jsonl(records[250:]))
        self.emb = draw.normal(size=(COUNT, 16)).astype(np.float32)
        self.emb[::2] = np.round(self.emb[::2])  # many equal distances
        self.emb[300:350] = self.emb[0:50]
        self.emb[17] = np.nan
        self.emb[203] = 0
        self.curated = draw.normal(size=(9, 16)).astype(np.float32)
        self.curated[3] = self.emb[40]
        quality = np.round(draw.normal(size=COUNT), 1)
        quality[[5, 90, 251]] = np.nan
        weight = np.round(draw.uniform(0.5, 3, size=COUNT), 1)
        weight[[8, 44, 260, 333, 399]] = 0, -1, np.nan, np.inf, 1e200
        group = draw.choice([0, 1, 2.5, np.nan, 1e30], size=COUNT, p=[0.5, 0.3, 0.1, 0.05, 0.05])
        tokens = draw.integers(0, 40, size=COUNT) + draw.choice([0, 0.5], size=COUNT)
        tokens[[11, 355]] = np.nan
        kept = (draw.uniform(size=COUNT) < 0.9).astype(np.float32)
        kept[[0, 1, 2, 5, 7, 8, 11, 17, 44, 61, 90, 180, 203, 251, 260, 270, 301, 333, 349, 350, 355, 399]] = 1
        for name, values in (("emb", self.emb), ("curated", self.curated), ("quality", quality), ("weight", weight),
                             ("group", group), ("tokens", tokens), ("good", kept)):
            np.save(self.folder / f"{name}.npy", values)
        self.kept = np.flatnonzero(kept >= 0.5)
        self.columns = {
            "quality": quality, "weight": weight, "tokens": np.ceil(tokens),
            "words": np.array([len(full_text(record).split()) for record in records]),
            "lengths": np.array([len(full_text(record)) for record in records]),
            "source": ["web"] * 250 + ["books"] * 150,
            "lang": [str(record.get("lang", "")) for record in records],
            "group": ["1e+30" if one == 1e30 else f"{one:g}" for one in group],
        }

    def candidates(self, metric: str = "cosine", without=(), form=lambda rows: rows, vectors: bool = True) -> Candidates:
        faulty = [] if not vectors else [17] if metric == "l2" else [17, 203]
        ids = np.setdiff1d(self.kept, [*faulty, *without]).astype(np.uint64)
        rows = np.zeros((len(ids), 0)) if not vectors else form(self.emb[ids] if metric == "l2" else normalize(self.emb[ids]))
        return Candidates(ids, rows, self.columns)

    def targets(self, metric: str = "cosine") -> np.ndarray:
        return self.curated if metric == "l2" else normalize(self.curated)

    def contents(self, output: str) -> dict:
        """Everything in subset.h5 that may not depend on ranks, as bits."""
        found = self.subset(output)
        for name in ("created", "config"):
            del found["attributes"][name]
        return found

    def assert_same(self, one: dict, other: dict):
        self.assertEqual(set(one), set(other))
        for name, values in one.items():
            if name == "attributes":
                self.assertEqual(values, other[name])
            elif values.dtype == object:
                self.assertEqual(values.tolist(), other[name].tolist(), name)
            else:
                self.assertEqual((values.dtype, values.shape), (other[name].dtype, other[name].shape), name)
                self.assertEqual(values.tobytes(), other[name].tobytes(), name)

    def select(self, options: str, curated: bool = True) -> dict:
        """Runs it on one rank and on three, which must give the same bits."""
        for ranks in (1, 3):
            self.run_config(PIPELINE + "{" + options + "}\n", f"on{ranks}", ranks=ranks)
        one = self.contents("on1")
        self.assert_same(one, self.contents("on3"))
        coverage = [self.folder / output / "coverage.json" for output in ("on1", "on3")]
        if coverage[0].exists():
            self.assertEqual(coverage[0].read_text(), coverage[1].read_text())
        for name in ("in", "out", "rejected", "failed"):
            self.assertEqual(self.job("on1", "select")[name], self.job("on3", "select")[name], name)
        return one

    def refused(self, options: str, expect: int = 2, ranks: int = 3) -> str:
        _, errors = self.run_config(PIPELINE + "{" + options + "}\n", "refused", ranks=ranks, expect=expect)
        self.assertEqual(errors.count("error:"), 1, errors)
        return errors

    def choose(self, method: str, pool: Candidates, books: reference.Books, metric: str = "cosine", must_keep=()):
        """Places that the method chooses, and their distances (nothing where it has none)."""
        if method == "k-center":
            return reference.k_center(metric, pool.rows, books, must_keep=must_keep)[:2]
        if method == "repr-filter":
            return reference.leaders(metric, pool.rows, reference.descending(pool.quality), THRESHOLD, books, None, must_keep)
        if method == "one-pass":
            return reference.leaders(metric, pool.rows, range(len(pool.ids)), THRESHOLD, books, None, must_keep)
        if method == "facility-location":
            return reference.facility_location(metric, pool.rows, NEIGHBORS, books, None, must_keep)[0], None
        if method == "target":
            return reference.in_turns(metric, pool.rows, self.targets(metric), books, must_keep)[:2]
        order = {"top": lambda: reference.descending(pool.quality), "longest": lambda: reference.descending(pool.lengths),
                 "random": lambda: reference.random_order(SEED, pool.ids)}[method]()
        return reference.walk(order, books, must_keep), None

    def pool_of(self, method: str, metric: str = "cosine", without=()) -> Candidates:
        return self.candidates(metric, without, vectors="vectors" in METHODS[method])

    def check(self, subset: dict, pool: Candidates, chosen, distances=None):
        np.testing.assert_array_equal(subset["id"], pool.ids[list(chosen)])
        if distances is not None:
            np.testing.assert_array_equal(subset["distance"], distances)

    def coverage(self, output: str = "on1") -> dict:
        return json.loads((self.folder / output / "coverage.json").read_text())

    def rejected(self, output: str = "on1") -> dict:
        return {reject["id"]: reject["reason"] for reject in self.rejects(output) if reject["stage"] == "select"}


def read(path, name: str):
    with h5py.File(path) as file:
        return file[name][()]
