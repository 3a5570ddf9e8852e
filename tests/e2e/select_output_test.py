# SPDX-License-Identifier: Apache-2.0
"""What `select` writes beside the choice, how it stores vectors, goes on after a kill, and refuses options."""
import os
import shutil
import signal
import subprocess
import time
import unittest

import h5py
import numpy as np

import select_reference as reference
from farpoint import Case
from select_case import PIPELINE, SEED, SelectCase, read
from select_reference import Books

SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


class Coverage(SelectCase):
    def assert_summary(self, summary: dict, distances: np.ndarray, radii):
        self.assertLess(abs(summary["mean"] - distances.mean()), 1e-12)
        for name, share in SHARES.items():
            self.assertEqual(summary[name], reference.quantile(distances, share), name)
        self.assertEqual(summary["max"], distances.max())
        self.assertEqual(summary["within"], [(distances <= radius).mean() for radius in radii])

    def assert_group(self, group: dict, members, chosen, drawn, to_chosen, to_drawn, radii):
        self.assertEqual((group["records"], group["measured"]), (members.sum(), members.sum()))
        self.assertEqual((group["chosen"], group["random_chosen"]), (members[chosen].sum(), members[drawn].sum()))
        self.assert_summary(group["subset"], to_chosen[members], radii)
        self.assert_summary(group["random"], to_drawn[members], radii)
        for name in ("mean", "p95"):
            subset, random = group["subset"][name], group["random"][name]
            # JSON has no infinity.
            expected = 1 if subset == random else random / subset if subset > 0 else None
            self.assertEqual(group[f"{name}_improvement"], expected)

    def assert_coverage(self, metric: str, subset: dict, start=None, by=()):
        pool = self.candidates(metric)
        chosen = np.searchsorted(pool.ids, subset["id"])
        drawn = reference.random_order(SEED + 1, pool.ids)[:len(chosen)]
        to_chosen = np.maximum(reference.assign(metric, pool.rows, pool.ids, chosen, start)[1], 0)
        to_drawn = np.maximum(reference.assign(metric, pool.rows, pool.ids, drawn, start)[1], 0)
        radii = [reference.quantile(to_drawn, 0.5), reference.quantile(to_drawn, 0.9), 0.25, 3.5]

        coverage = self.coverage()
        self.assertFalse(coverage["sampled"])
        self.assertEqual(coverage["radii"], radii)
        everything = np.ones(len(pool.ids), dtype=bool)
        self.assert_group(coverage["overall"], everything, chosen, drawn, to_chosen, to_drawn, radii)
        self.assertEqual(set(coverage["by"]), set(by))
        for key in by:
            labels = np.array(getattr(pool, key.removeprefix("record.")))
            self.assertEqual(set(coverage["by"][key]), set(labels))
            for name, group in coverage["by"][key].items():
                self.assert_group(group, labels == name, chosen, drawn, to_chosen, to_drawn, radii)

        lengths = [-(-len(chosen) // part) for part in (16, 8, 4, 2, 1)]
        self.assertEqual([point["records"] for point in coverage["curve"]], lengths)
        for place, (length, point) in enumerate(zip(lengths, coverage["curve"])):
            to_part = np.maximum(reference.assign(metric, pool.rows, pool.ids, chosen[:length], start)[1], 0)
            self.assertLess(abs(point["mean"] - to_part.mean()), 1e-12)
            self.assertEqual((point["p95"], point["max"]), (reference.quantile(to_part, 0.95), to_part.max()))
            for name, value in point.items():
                self.assertEqual(subset[f"curve/{name}"][place], value)
        facts = self.job("on3", "select")["facts"]
        self.assertEqual(facts["coverage_p95"], coverage["overall"]["subset"]["p95"])
        self.assertEqual(facts["random_mean"], coverage["overall"]["random"]["mean"])

    def assert_members(self, subset: dict):
        offsets, members = subset["members/offset"], subset["members/id"]
        self.assertEqual(len(offsets), len(subset["id"]) + 1)
        np.testing.assert_array_equal(np.diff(offsets), subset["weight"])
        for place, one in enumerate(subset["id"]):
            own = subset["pool/id"][subset["pool/representative"] == one]
            np.testing.assert_array_equal(members[offsets[place]:offsets[place + 1]], own)
        self.assertEqual(len(members), (subset["pool/representative"] != reference.CURATED).sum())

    def test_numbers_are_those_of_numpy(self):
        for metric in ("cosine", "l2"):
            subset = self.select(f"vectors: emb, metric: {metric}, radii: [0.25, 3.5], budget: {{records: 40}}")
            self.assert_coverage(metric, subset, by=("source",))
            self.assert_members(subset)

    def test_every_method_with_vectors_tells_what_it_covers(self):
        for method in ("top, score: quality", "random", "longest", "one-pass, threshold: 0.8",
                       "facility-location", "target", "k-means"):
            subset = self.select(f"method: {method}, vectors: emb, radii: [0.25, 3.5], budget: {{records: 40}}")
            self.assert_coverage("cosine", subset, by=("source",))
            self.assert_members(subset)

    def test_by_the_labels_of_the_quota(self):
        for by in ("record.lang", "group"):
            subset = self.select("method: random, vectors: emb, metric: l2, radii: [0.25, 3.5], "
                                 f"quota: {{by: {by}, temperature: 4}}, budget: {{records: 60}}")
            self.assert_coverage("l2", subset, by=("source", by))

    def test_curated_vectors_cover_on_both_sides(self):
        subset = self.select("vectors: emb, curated: start, radii: [0.25, 3.5], budget: {records: 40}")
        self.assert_coverage("cosine", subset, self.targets(), by=("source",))
        self.assert_members(subset)
        self.assertTrue((subset["pool/representative"] == reference.CURATED).any())

    def test_without_an_assignment(self):
        self.select("vectors: emb, radii: [0.25, 3.5], budget: {records: 40}")
        coverage = self.coverage()
        subset = self.select("vectors: emb, radii: [0.25, 3.5], assignment: false, budget: {records: 40}")
        self.assertEqual(self.coverage(), coverage)
        self.assertEqual([name for name in subset if name.startswith(("weight", "pool", "members"))], [])

    def test_a_large_pool_is_sampled(self):
        np.save(self.folder / "many.npy", np.random.default_rng(1).normal(size=(21000, 8)).astype(np.float32))
        config = ("corpus: {pool: [{path: many.npy, format: npy, as: emb}]}\n"
                  "pipeline: [select: {vectors: emb, assignment: false, budget: {records: 30}}]\n")
        for ranks in (1, 3):
            self.run_config(config, f"on{ranks}", ranks=ranks)
        self.assert_same(self.contents("on1"), self.contents("on3"))
        coverage = self.coverage()
        self.assertEqual(coverage, self.coverage("on3"))
        self.assertTrue(coverage["sampled"])
        overall = coverage["overall"]
        self.assertEqual((overall["records"], overall["measured"], overall["chosen"]), (21000, 10000, 30))
        self.assertLessEqual(overall["subset"]["max"], self.subset("on1")["attributes"]["radius"])


class Storage(SelectCase):
    def log(self, output: str) -> str:
        return (self.folder / output / "log/rank-0000.log").read_text(encoding="utf-8")

    def test_distances_are_those_of_the_rounded_numbers(self):
        self.emb[61] = 1e6
        np.save(self.folder / "emb.npy", self.emb)
        with np.errstate(over="ignore"):
            half = lambda rows: rows.astype(np.float16).astype(np.float32)
            for storage, form in (("float16", half), ("bfloat16", reference.bfloat16)):
                for metric in ("cosine", "l2"):
                    without = [61] if (storage, metric) == ("float16", "l2") else []  # beyond what it can hold
                    subset = self.select(f"vectors: emb, storage: {storage}, metric: {metric}, budget: {{records: 40}}")
                    pool = self.candidates(metric, without, form)
                    chosen, distances, radius = reference.k_center(metric, pool.rows, Books(records=40))
                    self.check(subset, pool, chosen, distances)
                    self.assertEqual(subset["attributes"]["radius"], radius)
                    np.testing.assert_array_equal(subset["vectors/emb"], pool.rows[chosen])
                    nearest, to_nearest = reference.assign(metric, pool.rows, pool.ids, chosen)
                    np.testing.assert_array_equal(subset["pool/representative"], nearest)
                    np.testing.assert_array_equal(subset["pool/distance"], to_nearest)
                    self.assertEqual([one for one in self.rejected() if one == 61], without)

    def test_little_memory_changes_nothing(self):
        for options in ("budget: {records: 40}", "storage: float16, budget: {records: 40}",
                        "storage: bfloat16, metric: l2, curated: start, budget: {records: 40}",
                        "method: repr-filter, score: quality, threshold: 0.8", "method: target, budget: {records: 40}",
                        "method: facility-location, budget: {records: 40}", "method: k-means, metric: l2, budget: {records: 40}",
                        "parts: 3, budget: {records: 40}"):
            whole = self.select(f"vectors: emb, {options}")
            coverage = self.coverage()
            for limit in ("0", "2 KB"):
                for ranks in (1, 3):
                    # The option does not change results: in the same folder nothing would be done again.
                    output = f"limited{ranks}"
                    shutil.rmtree(self.folder / output, ignore_errors=True)
                    self.run_config(PIPELINE + f"{{vectors: emb, {options}, memory_limit: {limit}}}\n", output, ranks=ranks)
                    self.assertIn("stay in the shard files", self.log(output))
                    self.assert_same(whole, self.contents(output))
                    self.assertEqual(coverage, self.coverage(output))

    def test_a_limit_that_is_large_enough_keeps_all_in_memory(self):
        self.run_config(PIPELINE + "{vectors: emb, memory_limit: 1GB, budget: {records: 9}}\n", "on1")
        self.assertNotIn("stay in the shard files", self.log("on1"))


class Checkpoint(Case):
    CONFIG = ("corpus: {shard_records: 500, pool: [{path: rows.npy, format: npy, as: emb}]}\n"
              "pipeline: [select: {vectors: emb, assignment: false, pool_size: 16, checkpoint_seconds: 0, "
              "budget: {records: 3000}}]\n")

    def setUp(self):
        super().setUp()
        np.save(self.folder / "rows.npy", np.random.default_rng(9).normal(size=(4000, 64)).astype(np.float32))

    def kill_while_it_picks(self, output: str, ranks: int):
        """Returns the number of picks that are on disk."""
        self.write("config.yaml", self.CONFIG)
        command = self.command(ranks, "run", self.folder / "config.yaml", "--output", self.folder / output)
        environment = dict(os.environ, OMP_NUM_THREADS="1")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                                   env=environment)
        deadline = time.time() + 60
        while not self.picks(output):
            self.assertIsNone(process.poll(), "it was over before")
            self.assertLess(time.time(), deadline)
            time.sleep(0.005)
        # The launcher's ranks have process groups of their own, and would work on until they notice that it is gone.
        ranks_at_work = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
        for one in [*ranks_at_work, process.pid]:
            os.kill(int(one), signal.SIGKILL)
        process.wait()
        self.wait_until_free(output)
        self.assertFalse((self.folder / output / "subset.h5").exists())
        return len(read(self.picks(output)[0], "id"))

    def picks(self, output: str) -> list:
        return list((self.folder / output / "stages").glob("*-select/picks.h5"))

    def assert_same_picks(self, one: dict, other: dict):
        np.testing.assert_array_equal(one["id"], other["id"])
        np.testing.assert_array_equal(one["distance"].view(np.uint64), other["distance"].view(np.uint64))
        self.assertEqual(one["attributes"]["radius"], other["attributes"]["radius"])

    def test_a_killed_selection_goes_on(self):
        self.run_config(self.CONFIG, "whole")
        self.assertEqual(self.picks("whole"), [])
        self.assertNotIn("resumed_picks", self.job("whole", "select")["counters"])
        for ranks in (1, 3):
            for again, config in ((4 - ranks, self.CONFIG), (ranks, self.CONFIG.replace("pool_size: 16", "pool_size: 300"))):
                output = f"killed{ranks}{again}"
                left = self.kill_while_it_picks(output, ranks)
                self.assertTrue(0 < left < 3000)
                self.run_config(config, output, ranks=again)
                self.assertEqual(self.job(output, "select")["counters"]["resumed_picks"], left)
                self.assertEqual(self.picks(output), [])
                self.assert_same_picks(self.subset("whole"), self.subset(output))

    def test_picks_of_another_selection_are_not_taken(self):
        self.kill_while_it_picks("kept", 1)
        for name, config in (("first", self.CONFIG.replace("pool_size: 16", "first: random")),
                             ("metric", self.CONFIG.replace("pool_size: 16", "metric: l2")),
                             ("fewer", self.CONFIG.replace("records: 3000", "records: 200"))):
            subprocess.run(["cp", "-r", self.folder / "kept", self.folder / name], check=True)
            self.run_config(config, name)
            self.assertNotIn("resumed_picks", self.job(name, "select")["counters"])
            self.assertEqual(self.picks(name), [])
            self.run_config(config, "whole", "--fresh")
            self.assert_same_picks(self.subset("whole"), self.subset(name))
        np.save(self.folder / "rows.npy", np.random.default_rng(10).normal(size=(4000, 64)).astype(np.float32))
        self.run_config(self.CONFIG, "kept")
        self.assertNotIn("resumed_picks", self.job("kept", "select")["counters"])
        self.run_config(self.CONFIG, "whole", "--fresh")
        self.assert_same_picks(self.subset("whole"), self.subset("kept"))

    def test_damaged_picks_are_not_taken(self):
        self.kill_while_it_picks("out", 3)
        path = self.picks("out")[0]
        with h5py.File(path) as file:
            offset = file["id"].id.get_offset()
        content = bytearray(path.read_bytes())
        content[offset] ^= 1
        path.write_bytes(content)
        self.run_config(self.CONFIG, "out", ranks=3)
        self.assertNotIn("resumed_picks", self.job("out", "select")["counters"])
        self.run_config(self.CONFIG, "whole")
        self.assert_same_picks(self.subset("whole"), self.subset("out"))


class Refusals(SelectCase):
    """The caret stands before what the error's column points to."""

    def check_refusal(self, options: str, told: str, pipeline: str = PIPELINE):
        line = pipeline.splitlines()[-1] + options
        place = f"config.yaml:{len(pipeline.splitlines())}:{line.index('^') + 1}: "
        _, errors = self.run_config(pipeline + options.replace("^", "") + "\n", "refused", expect=2)
        self.assertIn(told, errors, options)
        self.assertIn(place, errors, options)

    def test_budgets(self):
        for options, told in (
                ("{vectors: emb, budget: ^{records: 3, fraction: 0.5}}", "takes either records or fraction"),
                ("^{vectors: emb}", "'select.budget' needs records, tokens, fraction or radius"),
                ("{vectors: emb, budget: {records: ^0}}", "'select.budget.records' must be at least 1"),
                ("{vectors: emb, budget: {fraction: ^0}}", "lies above 0 and up to 1, not at 0"),
                ("{vectors: emb, budget: {fraction: ^1.5}}", "lies above 0 and up to 1, not at 1.5"),
                ("{vectors: emb, budget: {fraction: ^.nan}}", "fraction"),
                ("{method: top, score: quality, budget: {records: 3, radius: ^0.5}}",
                 "'select.budget.radius' is for k-center, not for top"),
                ("{vectors: emb, budget: {radius: ^-1}}", "'select.budget.radius' cannot be negative: -1"),
                ("{vectors: emb, budget: {radius: ^.nan}}", "radius"),
                ("{method: random, token_column: ^lm, budget: {records: 3}}", "which is not there"),
                ("{method: random, token_column: ^ml, budget: {tokens: 3}}", "there is no column of numbers 'ml' or 'ml.tokens'"),
                ("{method: random, token_column: ^emb, budget: {tokens: 3}}", "there is no column of numbers 'emb'"),
                ("{method: k-means, vectors: emb, budget: ^{tokens: 30}}", "'budget' needs records or fraction")):
            self.check_refusal(options, told)

    def test_columns(self):
        for options, told in (
                ("^{method: top, budget: {records: 3}}", "'select' needs the key 'score' for top: one of quality, weight"),
                ("^{budget: {records: 3}}", "'select' needs the key 'vectors' for k-center: one of emb"),
                ("{method: random, score: ^quality, budget: {records: 3}}", "'select.score' is for top, repr-filter"),
                ("{method: top, score: ^emb, budget: {records: 3}}", "the column 'emb' holds vectors"),
                ("{vectors: ^quality, budget: {records: 3}}", "the column 'quality' holds one number a record"),
                ("{method: random, quota: ^{max: {web: 3}}, budget: {records: 3}}", "needs the key 'by'"),
                ("{method: random, quota: ^{by: source}, budget: {records: 3}}", "needs max, min, share or temperature"),
                ("{method: random, quota: {by: ^emb, max: {web: 3}}, budget: {records: 3}}", "the column 'emb' holds vectors"),
                ("{method: random, quota: {by: ^sauce, max: {web: 3}}, budget: {records: 3}}", "there is no column 'sauce'"),
                ("{method: random, quota: {by: ^record., max: {web: 3}}, budget: {records: 3}}", "there is no column 'record.'"),
                ("{method: k-means, vectors: emb, quota: ^{by: source, max: {web: 3}}, budget: {records: 9}}",
                 "k-means shares the budget out among its clusters")):
            self.check_refusal(options, told)
        _, errors = self.run_config(PIPELINE + "{vectors: embb, budget: {records: 3}}\n", "refused", expect=2)
        self.assertIn("(did you mean 'emb'?)", errors)

    def test_curated(self):
        nobody = PIPELINE.replace("  curated: [{path: curated.npy, as: emb}]\n", "")
        elsewhere = PIPELINE.replace("as: emb}]\n", "as: other}]\n")
        for pipeline, told in ((nobody, "needs curated records"), (elsewhere, "exists only for the pool")):
            self.check_refusal("{vectors: emb, curated: ^start, budget: {records: 3}}", told, pipeline)
            self.check_refusal("{method: ^target, vectors: emb, budget: {records: 3}}", told, pipeline)
        self.check_refusal("{method: random, curated: ^start, budget: {records: 3}}", "'select.curated' is for k-center, ")

    def test_methods(self):
        for options, told in (
                ("{vectors: emb, threshold: ^0.5, budget: {records: 3}}",
                 "'select.threshold' is for repr-filter, one-pass, not for k-center"),
                ("^{method: one-pass, vectors: emb}", "'select' needs the key 'threshold' for one-pass"),
                ("{method: random, first: ^random, budget: {records: 3}}", "'select.first' is for k-center"),
                ("{method: random, outlier_fraction: ^0.1, budget: {records: 3}}", "'select.outlier_fraction' is for k-center"),
                ("{vectors: emb, clusters: ^4, budget: {records: 3}}", "'select.clusters' is for k-means"),
                ("{method: random, parts: ^4, budget: {records: 3}}", "'select.parts' is for k-center"),
                ("{vectors: emb, parts: ^1, budget: {records: 3}}", "select.parts"),
                ("{vectors: emb, parts: 4, budget: ^{radius: 3}}", "takes a budget of records or a fraction alone"),
                ("{vectors: emb, parts: 4, budget: ^{records: 9, tokens: 3}}", "takes a budget of records or a fraction alone"),
                ("{vectors: emb, parts: ^4, quota: {by: source, max: {web: 3}}, budget: {records: 9}}", "goes without quota"),
                ("{vectors: emb, parts: ^4, score: weight, budget: {records: 9}}", "goes without quota, score"),
                ("{vectors: emb, parts: ^4, must_keep: [1], budget: {records: 9}}", "goes without quota, score, must_keep"),
                ("{vectors: emb, parts: ^4, first: random, budget: {records: 9}}", "goes without"),
                ("{vectors: emb, parts: ^4, outlier_fraction: 0.1, budget: {records: 9}}", "goes without")):
            self.check_refusal(options, told)

    def test_numbers(self):
        for options, told in (("pool_size: ^0", "select.pool_size"), ("neighbors: ^0", "select.neighbors"),
                              ("neighbors: ^5000", "4096"), ("index: {probes: ^0}", "select.index.probes"),
                              ("method: k-means, clusters: ^0", "select.clusters"),
                              ("outlier_fraction: ^1", "lies between 0 and 1, not at 1"),
                              ("outlier_fraction: ^-0.1", "lies between 0 and 1, not at -0.1"),
                              ("outlier_fraction: ^.nan", "outlier_fraction"), ("radii: ^[0.1, -1]", "a distance cannot be negative: -1"),
                              ("radii: [^.nan]", "radii"), ("method: one-pass, threshold: ^.nan", "threshold"),
                              ("method: one-pass, metric: l2, threshold: ^-1", "threshold"),
                              ("checkpoint_seconds: ^-1", "'select.checkpoint_seconds' cannot be negative"),
                              ("memory_limit: ^3XB", "a number of bytes, such as 8GB"), ("memory_limit: ^-1", "a number of bytes"),
                              ("memory_limit: ^much", "a number of bytes"), ("must_keep: [^-1]", "must_keep"),
                              ("storage: ^float61", "not 'float61' (did you mean "), ("method: ^k-centre", "did you mean 'k-center'?"),
                              ("^treshold: 0.5", "did you mean 'threshold'?")):
            self.check_refusal("{vectors: emb, " + options + ", budget: {records: 3}}", told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
