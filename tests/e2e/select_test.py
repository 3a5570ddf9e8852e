# SPDX-License-Identifier: Apache-2.0
"""The methods of `select` against slow references, each on one rank and on three."""
import unittest

import numpy as np

import select_reference as reference
from farpoint import canonical, jsonl
from select_case import NEIGHBORS, SEED, THRESHOLD, SelectCase
from select_reference import Books


class KCenter(SelectCase):
    def test_the_greedy_and_what_each_record_is_represented_by(self):
        for metric in ("cosine", "l2"):
            subset = self.select(f"vectors: emb, metric: {metric}, budget: {{records: 60}}")
            pool = self.candidates(metric)
            chosen, distances, radius = reference.k_center(metric, pool.rows, Books(records=60))
            self.check(subset, pool, chosen, distances)
            self.assertEqual(subset["attributes"]["radius"], radius)
            self.assertEqual(subset["attributes"]["exactness"], "exact")
            nearest, to_nearest = reference.assign(metric, pool.rows, pool.ids, chosen)
            np.testing.assert_array_equal(subset["pool/id"], pool.ids)
            np.testing.assert_array_equal(subset["pool/representative"], nearest)
            np.testing.assert_array_equal(subset["pool/distance"], to_nearest)

    def test_distance_times_score(self):
        bad = {8: "filter:weight", 44: "filter:weight", 260: "filter:weight", 333: "filter:weight", 399: "filter:weight"}
        for metric, lost in (("cosine", {17: "no_direction", 203: "no_direction"}), ("l2", {17: "no_direction"})):
            subset = self.select(f"vectors: emb, metric: {metric}, score: weight, budget: {{records: 60}}")
            pool = self.candidates(metric, bad)
            chosen, distances, radius = reference.k_center(metric, pool.rows, Books(records=60), score=pool.weight)
            self.check(subset, pool, chosen, distances)
            self.assertEqual(subset["attributes"]["radius"], radius)
            self.assertEqual(self.rejected(), {**bad, **lost})
            self.assertEqual(self.job("on3", "select")["counters"]["filter:weight"], 5)
            # What stands for a record does not depend on scores.
            nearest, to_nearest = reference.assign(metric, pool.rows, pool.ids, chosen)
            np.testing.assert_array_equal(subset["pool/representative"], nearest)
            np.testing.assert_array_equal(subset["pool/distance"], to_nearest)

    def test_radius(self):
        for metric, radius in (("cosine", 0.5), ("l2", 3.5)):
            for more in ("", ", records: 10"):
                subset = self.select(f"vectors: emb, metric: {metric}, budget: {{radius: {radius}{more}}}")
                pool = self.candidates(metric)
                books = Books(records=10) if more else Books()
                chosen, distances, left = reference.k_center(metric, pool.rows, books, radius=radius)
                self.check(subset, pool, chosen, distances)
                self.assertEqual(subset["attributes"]["radius"], left)
                self.assertEqual(left <= radius, not more)

    def test_starts(self):
        pool = self.candidates()
        first = np.array([reference.philox(SEED, int.from_bytes(b"kcenter", "big"), int(one)) >> 11 for one in pool.ids])
        subset = self.select("vectors: emb, first: random, budget: {records: 20}")
        chosen, distances, _ = reference.k_center("cosine", pool.rows, Books(records=20), first=first)
        self.check(subset, pool, chosen, distances)
        self.assertNotEqual(subset["id"][0], 0)

        subset = self.select("vectors: emb, curated: start, budget: {records: 20}")
        chosen, distances, radius = reference.k_center("cosine", pool.rows, Books(records=20), start=self.targets())
        self.check(subset, pool, chosen, distances)
        self.assertEqual(subset["attributes"]["radius"], radius)
        nearest, to_nearest = reference.assign("cosine", pool.rows, pool.ids, chosen, self.targets())
        np.testing.assert_array_equal(subset["pool/representative"], nearest)
        np.testing.assert_array_equal(subset["pool/distance"], to_nearest)
        self.assertTrue((nearest == reference.CURATED).any())

    def test_outliers_are_covered_but_not_chosen(self):
        for metric in ("cosine", "l2"):
            subset = self.select(f"vectors: emb, metric: {metric}, outlier_fraction: 0.1, neighbors: 4, budget: {{records: 40}}")
            pool = self.candidates(metric)
            far = reference.neighbours(metric, pool.rows, 4)[1][:, -1]
            barred = np.zeros(len(pool.ids), dtype=bool)
            # Of equal ones the higher ids are left out.
            barred[np.lexsort((-np.arange(len(far)), -far))[:len(far) // 10]] = True
            chosen, distances, radius = reference.k_center(metric, pool.rows, Books(records=40), barred=barred)
            self.check(subset, pool, chosen, distances)
            self.assertEqual(subset["attributes"]["radius"], radius)
            np.testing.assert_array_equal(subset["pool/id"], pool.ids)
            self.assertEqual(int(subset["weight"].sum()), len(pool.ids))
            self.assertEqual(self.job("on3", "select")["counters"]["outliers"], len(far) // 10)

    def test_approximations_say_so(self):
        exact = self.select("vectors: emb, budget: {records: 30}")
        subset = self.select("vectors: emb, parts: 4, budget: {records: 30}")
        attributes = subset["attributes"]
        self.assertEqual(attributes["exactness"], "approximate")
        self.assertGreaterEqual(attributes["extra_radius"], 0)
        self.assertLessEqual(attributes["radius"], 3 * exact["attributes"]["radius"])
        pool = self.candidates()
        chosen = np.searchsorted(pool.ids, subset["id"])
        np.testing.assert_array_equal(pool.ids[chosen], subset["id"])
        self.assertEqual(len(set(chosen)), 30)
        nearest, to_nearest = reference.assign("cosine", pool.rows, pool.ids, chosen)
        np.testing.assert_array_equal(subset["pool/representative"], nearest)
        self.assertEqual(attributes["radius"], to_nearest[np.setdiff1d(np.arange(len(pool.ids)), chosen)].max())
        self.assertEqual(subset["distance"][0], np.inf)

        subset = self.select("vectors: emb, outlier_fraction: 0.1, index: {kind: ivf, cells: 12, probes: 3}, budget: {records: 9}")
        self.assertEqual(subset["attributes"]["exactness"], "approximate")
        self.assertTrue(0 < subset["attributes"]["recall"] < 1, subset["attributes"])
        subset = self.select("vectors: emb, outlier_fraction: 0.1, index: {kind: ivf, cells: 4, probes: 4}, budget: {records: 9}")
        self.assertEqual(subset["attributes"]["recall"], 1)


class Ranked(SelectCase):
    def test_top_ends_with_nan(self):
        for metric in ("", "vectors: emb, "):
            subset = self.select(metric + "method: top, score: quality, budget: {records: 1000}")
            pool = self.candidates(vectors=bool(metric))
            order = reference.descending(pool.quality)
            self.check(subset, pool, order)
            self.assertTrue(np.isnan(subset["scores/quality"][-3 if not metric else -2:]).all())
            self.assertEqual("weight" in subset, bool(metric))
            self.assertNotIn("distance", subset)

    def test_longest_counts_code_points(self):
        subset = self.select("method: longest, budget: {records: 50}")
        pool = self.candidates(vectors=False)
        self.check(subset, pool, reference.descending(pool.lengths)[:50])

    def test_random_is_the_draw_of_the_seed(self):
        subset = self.select("method: random, budget: {records: 50}")
        pool = self.candidates(vectors=False)
        self.check(subset, pool, reference.random_order(SEED, pool.ids)[:50])

    def test_importance_draws_by_weight(self):
        # Logarithms of weights; one that is not a number cannot be drawn.
        subset = self.select("method: importance, score: quality, budget: {records: 60}")
        pool = self.candidates(vectors=False, without=[5, 90, 251])
        keys = pool.quality + reference.gumbel(SEED, pool.ids)
        self.check(subset, pool, reference.descending(keys)[:60])
        self.assertEqual(self.rejected(), {5: "filter:quality", 90: "filter:quality", 251: "filter:quality"})
        self.assertGreater(subset["scores/quality"].mean(), pool.quality.mean() + 0.3)

    def test_importance_of_texts(self):
        records = [{"text": f"the moon and jazz {i}" if i % 4 == 0 else f"tax law of bicycle {i} octopus"} for i in range(400)]
        self.write("web.jsonl", jsonl(records))
        self.write("curated.jsonl", jsonl([{"text": f"jazz on the moon {i}"} for i in range(30)]))
        config = ("corpus: {shard_records: 50, pool: [{path: web.jsonl}], curated: [{path: curated.jsonl}]}\n"
                  "pipeline: [importance: {as: like}, select: {method: importance, score: like, budget: {records: 50}}]\n")
        for ranks in (1, 3):
            self.run_config(config, f"on{ranks}", ranks=ranks)
        one = self.contents("on1")
        self.assert_same(one, self.contents("on3"))
        self.assertGreater((one["id"] % 4 == 0).mean(), 0.9)
        self.run_config(config, "other", "--set", "run.seed=18")
        self.assertFalse(np.array_equal(one["id"], self.contents("other")["id"]))


class Near(SelectCase):
    def test_leaders(self):
        for metric, threshold in (("cosine", 0.8), ("cosine", 0.4), ("cosine", 0.99999), ("l2", 3.0), ("l2", 0)):
            pool = self.candidates(metric)
            for method, order in (("repr-filter, score: quality", reference.descending(pool.quality)),
                                  ("one-pass", range(len(pool.ids)))):
                for curated in ("ignore", "start"):
                    start = self.targets(metric) if curated == "start" else None
                    subset = self.select(f"method: {method}, vectors: emb, metric: {metric}, threshold: {threshold}, "
                                         f"curated: {curated}")
                    chosen, distances = reference.leaders(metric, pool.rows, order, threshold, Books(), start)
                    self.check(subset, pool, chosen, distances)
                    self.assertTrue(1 < len(chosen) < len(pool.ids), len(chosen))
                    self.assertEqual(self.job("on3", "select")["counters"]["near"], len(pool.ids) - len(chosen))

    def test_leaders_with_a_budget(self):
        pool = self.candidates()
        for method, order in (("repr-filter, score: quality", reference.descending(pool.quality)),
                              ("one-pass", range(len(pool.ids)))):
            subset = self.select(f"method: {method}, vectors: emb, threshold: {THRESHOLD}, budget: {{fraction: 0.1}}")
            chosen, distances = reference.leaders("cosine", pool.rows, order, THRESHOLD, Books(records=len(pool.ids) // 10))
            self.check(subset, pool, chosen, distances)

    def test_targets_take_turns(self):
        for metric in ("cosine", "l2"):
            subset = self.select(f"method: target, vectors: emb, metric: {metric}, budget: {{records: 50}}, must_keep: [7, 2]")
            pool = self.candidates(metric)
            must_keep = np.searchsorted(pool.ids, [7, 2]).tolist()
            chosen, distances, takers = reference.in_turns(metric, pool.rows, self.targets(metric), Books(records=50), must_keep)
            self.check(subset, pool, chosen, distances)
            np.testing.assert_array_equal(subset["target"], takers)
            self.assertFalse((subset["pool/representative"] == reference.CURATED).any(), "targets cover nothing")

    def test_facility_location(self):
        for metric in ("cosine", "l2"):
            for curated in ("ignore", "start"):
                subset = self.select(f"method: facility-location, vectors: emb, metric: {metric}, neighbors: {NEIGHBORS}, "
                                     f"curated: {curated}, budget: {{records: 60}}")
                pool = self.candidates(metric)
                start = self.targets(metric) if curated == "start" else None
                chosen, gains = reference.facility_location(metric, pool.rows, NEIGHBORS, Books(records=60), start)
                self.check(subset, pool, chosen)
                np.testing.assert_array_equal(subset["gain"], gains)
        subset = self.select("method: facility-location, vectors: emb, index: {kind: ivf, cells: 12, probes: 2}, budget: {records: 9}")
        self.assertEqual(subset["attributes"]["exactness"], "approximate")
        self.assertTrue(0 < subset["attributes"]["recall"] < 1, subset["attributes"])

    def test_clusters_share_the_budget(self):
        draw = np.random.default_rng(3)
        self.emb = draw.normal(size=self.emb.shape).astype(np.float32)
        far = draw.uniform(size=len(self.emb)) < 0.25
        self.emb[far] += 50
        np.save(self.folder / "emb.npy", self.emb)
        pool = self.candidates("l2", vectors=False)
        pool.rows = self.emb[pool.ids]
        is_far = far[pool.ids]
        counts = np.array([(~is_far).sum(), is_far.sum()])
        near_part, far_part = reference.largest_remainders(counts, 40)

        subset = self.select("method: k-means, vectors: emb, metric: l2, clusters: 2, score: quality, budget: {records: 40}")
        order = reference.descending(pool.quality)
        expected = [i for i in order if not is_far[i]][:near_part] + [i for i in order if is_far[i]][:far_part]
        self.assertEqual(set(subset["id"]), set(pool.ids[expected]))

        subset = self.select("method: k-means, vectors: emb, metric: l2, clusters: 2, budget: {records: 40}")
        expected = []
        for members, part in ((np.flatnonzero(~is_far), near_part), (np.flatnonzero(is_far), far_part)):
            centre = pool.rows[members].astype(np.float64).mean(axis=0)
            expected += members[np.argsort(canonical("l2", centre, pool.rows[members]), kind="stable")][:part].tolist()
        self.assertEqual(set(subset["id"]), set(pool.ids[expected]))

        subset = self.select("method: k-means, vectors: emb, budget: {fraction: 0.1}")
        self.assertEqual(len(set(subset["id"])), len(pool.ids) // 10)
        self.assertEqual(self.job("on3", "select")["counters"]["clusters"], len(pool.ids) // 10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
