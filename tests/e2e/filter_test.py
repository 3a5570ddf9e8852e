# SPDX-License-Identifier: Apache-2.0
"""Conditions of the job filter, groups in groups, against numpy."""
import unittest

import h5py
import numpy as np

from farpoint import Case


class Filter(Case):
    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(8)
        self.rows = draw.normal(size=(310, 3)).astype(np.float32)
        self.columns = {name: draw.normal(size=310).round(1) for name in "abc"}
        for name, where in (("a", 5), ("b", 6), ("c", 7)):
            self.columns[name][where::23] = np.nan
        np.save(self.folder / "rows.npy", self.rows)
        for name, values in self.columns.items():
            np.save(self.folder / f"{name}.npy", values)

    def kept(self, condition: str, output: str, ranks: int = 1, expect: int = 0):
        config = ("corpus: {shard_records: 40, pool: [{path: rows.npy, as: emb}]}\npipeline:\n" +
                  "".join(f"  - attach: {{as: {name}, path: {name}.npy}}\n" for name in "abc") + f"  - filter: {condition}\n")
        _, error = self.run_config(config, output, ranks=ranks, expect=expect)
        if expect:
            return error
        found = []
        for path in sorted((self.folder / output / "stages/04-filter").glob("shard-*.h5")):
            with h5py.File(path) as file:
                found.append(file["kept"][()])
        return np.concatenate(found)

    def test_groups(self):
        a, b, c = (self.columns[name] for name in "abc")
        with np.errstate(invalid="ignore"):
            low = np.nanquantile(b, 0.5)
            cases = {
                "{keep: {a: {min: 0}}}": a >= 0,
                "{any: [{keep: {a: {min: 1}}}, {keep: {b: {max: -1}}}]}": (a >= 1) | (b <= -1),
                "{all: [{keep: {a: {min: -1}}}, {keep: {b: {max: 1}, c: {min: -1}}}]}": (a >= -1) & (b <= 1) & (c >= -1),
                "{keep: {c: {min: -1}}, any: [{keep: {b: {min_quantile: 0.5}}}, {all: [{keep: {a: {max: 0}}}, {any: [{keep: {c: {min: 1}}}, "
                "{keep: {c: {max: 0}}}]}]}]}": (c >= -1) & ((b >= low) | ((a <= 0) & ((c >= 1) | (c <= 0)))),
            }
        for number, (condition, expected) in enumerate(cases.items()):
            for ranks in (1, 3):
                kept = self.kept(condition, f"out{number}-{ranks}", ranks)
                np.testing.assert_array_equal(kept, np.flatnonzero(expected), condition)
        counters = self.job("out1-1", "filter")["counters"]
        self.assertEqual(counters, {"filter:any": int((~cases[list(cases)[1]]).sum())})
        # What the run says of itself can be read again.
        table, _ = self.call("table", self.folder / "out3-1", "--columns", "a")
        self.assertEqual(len(table.splitlines()), 1 + 310)

    def test_mistakes(self):
        for condition, message in (("{}", "needs keep, any or all"), ("{any: []}", "is an empty list"),
                                   ("{any: [{}]}", "needs keep, any or all"), ("{all: [{keep: {}}]}", "names no column"),
                                   ("{any: [{keep: {a: {}}}]}", "needs min, max"), ("{any: [{keep: {d: {min: 0}}}]}", "does not exist"),
                                   ("{all: [{any: [{keep: {a: {min_quantile: 2}}}]}]}", "between 0 and 1"),
                                   ("{any: [{keep: {emb: {min: 0}}}]}", "holds vectors"), ("{any: [{kep: {}}]}", "unknown key 'kep'")):
            self.assertIn(message, self.kept(condition, "bad", expect=2), condition)


if __name__ == "__main__":
    unittest.main()
