# SPDX-License-Identifier: Apache-2.0
"""Which records a filter keeps, and what it counts, against numpy: ranges, quantiles, groups of conditions."""
import itertools
import json
import random
import unittest

import h5py
import numpy as np

from farpoint import Case

SIZE = 230
COLUMNS = ["a", "b", "c"]


def lies_in(bounds: dict, values: np.ndarray) -> np.ndarray:
    """`values` of the records that enter; quantiles as numpy interpolates them."""
    low, high = bounds.get("min", -np.inf), bounds.get("max", np.inf)
    if "min_quantile" in bounds:
        low = max(low, np.nanquantile(values, bounds["min_quantile"]))
    if "max_quantile" in bounds:
        high = min(high, np.nanquantile(values, bounds["max_quantile"]))
    return (values >= low) & (values <= high)  # False for NaN


def meets(condition: dict, columns: dict) -> np.ndarray:
    size = len(columns["a"])
    met = np.ones(size, dtype=bool)
    for column, bounds in condition.get("keep", {}).items():
        met &= lies_in(bounds, columns[column])
    for inner in condition.get("all", []):
        met &= meets(inner, columns)
    if "any" in condition:
        met &= np.any([meets(inner, columns) for inner in condition["any"]], axis=0)
    return met


def counted(condition: dict, columns: dict) -> dict:
    """The first that fails, of keep by name, all, any."""
    left = np.ones(len(columns["a"]), dtype=bool)
    counters = {}
    obstacles = [(column, lies_in(bounds, columns[column])) for column, bounds in sorted(condition.get("keep", {}).items())]
    obstacles += [(name, meets({name: condition[name]}, columns)) for name in ("all", "any") if name in condition]
    for name, met in obstacles:
        if (left & ~met).any():
            counters["filter:" + name] = int((left & ~met).sum())
        left &= met
    return counters


def random_condition(draw: random.Random, depth: int) -> dict:
    condition = {}
    parts = [part for part in ("keep", "any", "all") if draw.random() < 0.6 and (part == "keep" or depth > 0)] or ["keep"]
    for part in parts:
        if part != "keep":
            condition[part] = [random_condition(draw, depth - 1) for _ in range(draw.randint(1, 3))]
            continue
        condition[part] = {}
        for column in draw.sample(COLUMNS, draw.randint(1, 2)):
            bound = draw.choice([{"min": -0.5}, {"max": 0.6}, {"min": -1, "max": 1}, {"min_quantile": 0.3},
                                 {"max_quantile": 0.8}, {"min": -0.8, "max_quantile": 0.9}])
            condition[part][column] = bound
    return condition


class Filter(Case):
    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(3)
        self.columns = {name: np.round(draw.normal(size=SIZE), 1) for name in COLUMNS}  # with ties
        for place, name in enumerate(COLUMNS):
            self.columns[name][place::17] = np.nan
            np.save(self.folder / f"{name}.npy", self.columns[name])
        np.save(self.folder / "rows.npy", draw.normal(size=(SIZE, 4)).astype(np.float32))

    def config(self, filters: list) -> str:
        attached = [{"attach": {"as": name, "path": f"{name}.npy"}} for name in COLUMNS]
        return json.dumps({"corpus": {"shard_records": 50, "pool": [{"path": "rows.npy", "format": "npy", "as": "v"}]},
                           "pipeline": attached + [{"filter": one} for one in filters]})

    def kept(self, output: str, stage: int) -> np.ndarray:
        ids = []
        for path in sorted((self.folder / output / "stages" / f"{stage:02}-filter").glob("shard-*.h5")):
            with h5py.File(path) as file:
                ids.append(file["kept"][()])
        return np.concatenate(ids)

    def check(self, filters: list, output: str, ranks: int = 1):
        """Each filter sees what the one before has left."""
        self.run_config(self.config(filters), output, ranks=ranks)
        jobs = [job for job in self.summary(output)["jobs"] if job["job"].endswith("filter")]
        ids = np.arange(SIZE)
        for place, (condition, job) in enumerate(zip(filters, jobs, strict=True)):
            columns = {name: values[ids] for name, values in self.columns.items()}
            ids, before = ids[meets(condition, columns)], len(ids)
            what = json.dumps(condition)
            self.assertEqual((job["in"], job["out"]), (before, len(ids)), what)
            self.assertEqual(job["counters"], counted(condition, columns), what)
            np.testing.assert_array_equal(self.kept(output, len(COLUMNS) + 1 + place), ids, what)

    def test_one_condition_in_each_place(self):
        """Every combination of the three keys, each of which lets some records through."""
        parts = {"keep": {"a": {"min": -1}}, "any": [{"keep": {"b": {"min": 0.5}}}, {"keep": {"c": {"max": 0}}}],
                 "all": [{"keep": {"b": {"max": 1.2}}}, {"keep": {"c": {"min_quantile": 0.1}}}]}
        for count in (1, 2, 3):
            for names in itertools.combinations(parts, count):
                with self.subTest(names=names):
                    self.check([{name: parts[name] for name in names}], "-".join(names))

    def test_the_example_of_the_documentation(self):
        self.check([{"keep": {"a": {"min": -1}},
                     "any": [{"keep": {"b": {"min_quantile": 0.5}}},
                             {"all": [{"keep": {"a": {"min": 0.7}}}, {"keep": {"c": {"max": 0.5}}}]}]}], "out", ranks=2)

    def test_random_conditions_in_a_row(self):
        for seed in range(4):
            draw = random.Random(seed)
            filters = [random_condition(draw, 3) for _ in range(4)]
            with self.subTest(seed=seed):
                self.check(filters, f"out-{seed}", ranks=1 + 2 * (seed % 2))

    def test_nan_passes_where_another_condition_holds(self):
        self.check([{"any": [{"keep": {"a": {"min": -100}}}, {"keep": {"b": {"min": -100}}}]}], "either")
        self.check([{"all": [{"keep": {"a": {"min": -100}}}, {"keep": {"b": {"min": -100}}}]}], "both")
        self.columns["c"][:] = np.nan
        np.save(self.folder / "c.npy", self.columns["c"])
        self.run_config(self.config([{"any": [{"keep": {"c": {"min_quantile": 0.5}}}]}]), "nothing")
        job = self.job("nothing", "filter")
        self.assertEqual((job["out"], job["counters"]), (0, {"filter:any": SIZE}))

    def test_the_resolved_configuration_runs(self):
        self.check([{"any": [{"all": [{"keep": {"b": {"max": 0}}}]}, {"keep": {"a": {"min": 1}}}]}], "out")
        self.call("run", self.folder / "out/config.yaml", "--output", self.folder / "again")
        np.testing.assert_array_equal(self.kept("again", 4), self.kept("out", 4))

    def test_mistakes(self):
        cases = [("{}", "'filter' needs keep, any or all"),
                 ("{any: []}", "'filter.any' is an empty list"),
                 ("{keep: {a: {min: 1}}, all: []}", "'filter.all' is an empty list"),
                 ("{any: [{keep: {a: {min: 1}}}, {}]}", "'filter.any.1' needs keep, any or all"),
                 ("{any: [{keep: {}}]}", "'filter.any.0' needs keep, any or all"),
                 ("{all: [{any: [{keep: {a: {}}}]}]}", "'filter.all.0.any.0.keep.a' needs min, max"),
                 ("{any: [{keep: {b: {max_quantile: 2}}}]}", "'filter.any.0.keep.b': a quantile lies between"),
                 ("{any: [{keep: {v: {min: 2}}}]}", "'filter.any.0.keep.v': the column holds vectors"),
                 ("{any: [{kep: {a: {min: 2}}}]}", "did you mean 'keep'"),
                 ("{any: {keep: {a: {min: 2}}}}", "'filter.any' must be a list"),
                 ("{any: [{keep: {unknown: {min: 2}}}]}", "unknown")]
        for text, words in cases:
            with self.subTest(text=text):
                config = self.config([{"keep": {}}]).replace('{"keep": {}}', text)
                _, errors = self.run_config(config, "out", expect=2)
                self.assertIn(words, errors)
                self.assertRegex(errors, r"config.yaml:1:\d+: ")


if __name__ == "__main__":
    unittest.main()
