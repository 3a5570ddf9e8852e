# SPDX-License-Identifier: Apache-2.0
"""How like the curated records each record is: by the nearest vector, and by the words of the text."""
import math
import re
import unittest

import h5py
import numpy as np

from farpoint import Case, canonical, instructions, jsonl, normalize

WORDS = 2**64 - 1


def nearest(metric: str, rows: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The distance of each row to the nearest target, as it is defined."""
    least = np.full(len(rows), np.inf)
    for target in targets:
        least = np.minimum(least, canonical(metric, target, rows))
    return np.sqrt(least) if metric == "l2" else least


def assert_same_bits(one: np.ndarray, other: np.ndarray) -> None:
    np.testing.assert_array_equal(one.view(np.uint64), other.view(np.uint64))


class Nearest(Case):
    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(5)
        self.rows = draw.normal(size=(230, 24)).astype(np.float32)
        self.rows[17] = np.nan
        self.rows[203] = 0
        self.targets = draw.normal(size=(31, 24)).astype(np.float32)
        self.targets[3] = self.rows[40]  # at no distance
        self.targets[4] = self.targets[5]
        self.targets[6] = np.inf
        self.save()

    def save(self):
        np.save(self.folder / "rows.npy", self.rows)
        np.save(self.folder / "targets.npy", self.targets)

    def config(self, options: str, curated: str = ", curated: [{path: targets.npy, as: emb}]") -> str:
        return ("corpus: {shard_records: 50, pool: [{path: rows.npy, format: npy, as: emb}]" + curated + "}\n"
                f"pipeline: [nearest: {{as: d, {options}}}]\n")

    def distances(self, output: str) -> np.ndarray:
        ids, values = self.column(output, "01-nearest-d", "d")
        np.testing.assert_array_equal(ids, np.arange(230))
        return values

    def expected(self, metric: str) -> np.ndarray:
        targets = np.delete(self.targets, 6, axis=0)
        if metric == "l2":
            expected = nearest(metric, self.rows, targets)
        else:
            with np.errstate(invalid="ignore"):
                expected = nearest(metric, normalize(self.rows), normalize(targets))
            expected[203] = np.nan
        expected[17] = np.nan
        return expected

    def test_distance_to_the_nearest_curated_vector(self):
        for metric, failed in (("cosine", 2), ("l2", 1)):
            for ranks in (1, 3):
                output = f"{metric}{ranks}"
                self.run_config(self.config(f"to: curated, vectors: emb, metric: {metric}"), output, ranks=ranks)
                np.testing.assert_array_equal(self.distances(output), self.expected(metric))
                job = self.job(output, "nearest")
                self.assertEqual((job["in"], job["out"], job["failed"], job["rejected"]), (230, 230 - failed, failed, 0))
            assert_same_bits(self.distances(f"{metric}1"), self.distances(f"{metric}3"))
        self.assertLess(abs(self.distances("cosine1")[40]), 1e-6)
        self.assertEqual(self.distances("l21")[40], 0)

    def test_distance_to_the_vectors_of_a_file(self):
        config = self.config("to: targets.npy", curated="")
        self.run_config(config, "one")
        self.run_config(config, "three", ranks=3)
        np.testing.assert_array_equal(self.distances("one"), self.expected("cosine"))
        assert_same_bits(self.distances("one"), self.distances("three"))
        # What is in the file counts, not where it lies.
        (self.folder / "targets.npy").rename(self.folder / "moved.npy")
        self.run_config(config.replace("targets.npy", "moved.npy"), "one")
        self.assertEqual(self.job("one", "nearest")["resumed_shards"], 5)

    def test_changed_targets_make_it_anew(self):
        for options, curated in (("to: curated", ", curated: [{path: targets.npy, as: emb}]"), ("to: targets.npy", "")):
            config = self.config(options, curated)
            self.run_config(config, "out", ranks=2)
            self.run_config(config, "out")
            self.assertEqual(self.job("out", "nearest")["resumed_shards"], 5, options)
            self.targets[0] = self.rows[9]
            self.save()
            self.run_config(config, "out", ranks=3)
            self.assertEqual(self.job("out", "nearest")["resumed_shards"], 0, options)
            np.testing.assert_array_equal(self.distances("out"), self.expected("cosine"))
            self.targets[0] = -self.rows[9]
            self.save()

    def test_a_changed_shard_leaves_the_others(self):
        config = self.config("to: curated").replace("{path: rows.npy, format: npy, as: emb}",
                                                    "{path: a.npy, as: emb}, {path: b.npy, as: emb}")
        for value, resumed in ((1, 0), (2, 2)):
            self.rows[120, 0] = value
            np.save(self.folder / "a.npy", self.rows[:100])
            np.save(self.folder / "b.npy", self.rows[100:])
            self.run_config(config, "out", ranks=value)
            self.assertEqual(self.job("out", "nearest")["resumed_shards"], resumed)
            np.testing.assert_array_equal(self.distances("out"), self.expected("cosine"))

    def test_vectors_of_texts(self):
        """The built-in vectors of both sets; the column of distances is there for the filter and in the subset."""
        self.write("pool.jsonl", jsonl(instructions(200)))
        self.write("good.jsonl", jsonl(instructions(20, seed=1) + instructions(3)))
        config = ("corpus: {shard_records: 50, pool: [{path: pool.jsonl}], curated: [{path: good.jsonl}]}\n"
                  "pipeline:\n  - embed: {as: v}\n  - nearest: {}\n  - filter: {keep: {nearest: {max_quantile: 0.5}}}\n"
                  "  - select: {method: random, budget: {records: 7}}\n")
        self.run_config(config, "one")
        self.run_config(config, "three", ranks=3)
        ids, rows = self.column("one", "01-embed-v", "v")
        targets = []
        for path in sorted((self.folder / "one/stages/01-embed-v").glob("curated-*.h5")):
            with h5py.File(path) as file:
                targets.append(file["v"][()])
        _, distances = self.column("one", "02-nearest-nearest", "nearest")
        np.testing.assert_array_equal(distances, nearest("cosine", rows, np.concatenate(targets)))
        assert_same_bits(distances, self.column("three", "02-nearest-nearest", "nearest")[1])
        self.assertEqual(self.job("one", "filter")["out"], int((distances <= np.median(distances)).sum()))
        subset = self.subset("three")
        np.testing.assert_array_equal(subset["scores/nearest"], distances[np.searchsorted(ids, subset["id"])])

    def test_mistakes_are_told_with_place_and_way_out(self):
        np.save(self.folder / "numbers.npy", np.zeros(9))
        np.save(self.folder / "none.npy", np.zeros((0, 24), dtype=np.float32))
        np.save(self.folder / "narrow.npy", self.targets[:, :20])
        np.save(self.folder / "zero.npy", np.zeros((4, 24), dtype=np.float32))
        other = ", curated: [{path: targets.npy, as: other}]"
        for options, curated, expect, told in (
                ("to: curated", "", 2, "config.yaml:2:33: 'nearest' needs curated records: list them under corpus.curated"),
                ("vectors: emb", "", 2, "'nearest' needs curated records"),
                ("to: curated", other, 2, "config.yaml:2:33: 'nearest.to: curated': the column 'emb' exists only for the pool"),
                ("to: missing.npy", "", 2, "config.yaml:2:33: 'nearest.to': "),
                ("to: numbers.npy", "", 2, "one number a row"),
                ("to: none.npy", "", 2, "has no rows"),
                ("to: narrow.npy", "", 2, "have 24 numbers in the pool and 20 in"),
                ("to: zero.npy", "", 1, "none of the 4 has a direction"),
                ("to: targets.npy, vectors: wrong", "", 2, "'nearest' reads the column 'wrong', which does not exist"),
                ("to: targets.npy, metric: l1", "", 2, "cosine or l2")):
            for ranks in (1, 3):
                _, errors = self.run_config(self.config(options, curated), "out", ranks=ranks, expect=expect)
                self.assertIn(told, errors)
                self.assertEqual(errors.count("error:"), 1, errors)
                self.assertNotIn("MPI_ABORT", errors)

    def test_the_column_must_be_told_where_there_are_several(self):
        np.save(self.folder / "scores.npy", np.zeros(230))
        two = self.config("to: targets.npy", "").replace("[nearest", "[attach: {as: b, path: rows.npy}, nearest")
        _, errors = self.run_config(two, "out", expect=2)
        self.assertIn("'nearest' needs the key 'vectors': there are emb, b", errors)
        scores = self.config("to: targets.npy, vectors: s", "").replace("[nearest", "[attach: {as: s, path: scores.npy}, nearest")
        _, errors = self.run_config(scores, "out", expect=2)
        self.assertIn("holds one number a record, not vectors", errors)
        self.write("a.jsonl", jsonl(instructions(10)))
        _, errors = self.run_config("corpus: {pool: [{path: a.jsonl}]}\npipeline: [nearest: {to: targets.npy}]\n", "out",
                                    expect=2)
        self.assertIn("put an 'embed' or 'attach' before it", errors)


def mixed(x: int) -> int:
    x = (x ^ x >> 33) * 0xff51afd7ed558ccd & WORDS
    return (x ^ x >> 33) * 0xc4ceb9fe1a85ec53 & WORDS


def ngrams(text: str, buckets: int, n: int) -> list:
    """The bucket of each word and each row of up to n words."""
    hashes = []
    for word in re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]", text.lower()):
        hash = 0
        for character in word:
            hash = (hash ^ ord(character)) * 0x9e3779b97f4a7c15 & WORDS
        hashes.append(hash)
    found = []
    for end in range(1, len(hashes) + 1):
        for length in range(1, min(n, end) + 1):
            row = 0
            for hash in hashes[end - length:end]:
                row = (hash + row * 0xc2b2ae3d27d4eb4f) & WORDS
            found.append((mixed(row) >> 32) * buckets >> 32)
    return found


def importance(pool: list, curated: list, buckets: int, n: int) -> np.ndarray:
    """The log importance weights as docs/like-or-unlike.md defines them."""
    counts = []
    for texts in (curated, pool):
        counts.append([0] * buckets)
        for text in texts:
            for bucket in ngrams(text, buckets, n):
                counts[-1][bucket] += 1
    target, raw = counts
    ratio = [math.log((t + 1) / (sum(target) + buckets)) - math.log((r + 1) / (sum(raw) + buckets))
             for t, r in zip(target, raw)]
    found = [ngrams(text, buckets, n) for text in pool]
    return np.array([sum(ratio[bucket] for bucket in some) if some else math.nan for some in found])


class Importance(Case):
    CONFIG = ("corpus: {shard_records: 50, pool: [{path: pool.jsonl}], curated: [{path: good.jsonl}]}\n"
              "pipeline: [importance: {%s}]\n")

    def setUp(self):
        super().setUp()
        self.pool = instructions(200)
        self.pool[11] = {"text": "... !!"}
        self.curated = [record for record in instructions(400, seed=7) if "数据库" in record["instruction"]]
        self.save()

    def save(self):
        self.write("pool.jsonl", jsonl(self.pool))
        self.write("good.jsonl", jsonl(self.curated))

    def expected(self, buckets: int = 10000, n: int = 2, view=lambda record: "\n".join(record.values())) -> np.ndarray:
        return importance([view(record) for record in self.pool], [view(record) for record in self.curated], buckets, n)

    def weights(self, output: str) -> np.ndarray:
        ids, values = self.column(output, "01-importance-importance", "importance")
        np.testing.assert_array_equal(ids, np.arange(200))
        return values

    def test_log_importance_weights(self):
        self.run_config(self.CONFIG % "", "one")
        self.run_config(self.CONFIG % "", "three", ranks=3)
        weights = self.weights("one")
        np.testing.assert_allclose(weights, self.expected(), rtol=1e-12, atol=1e-12)
        assert_same_bits(weights, self.weights("three"))
        self.assertTrue(np.isnan(weights[11]))
        job = self.job("three", "importance")
        self.assertEqual((job["in"], job["out"], job["failed"]), (200, 199, 1))
        # What is about the curated records' topic comes first.
        about = np.array(["数据库" in record.get("instruction", "") for record in self.pool])
        self.assertGreater(np.median(weights[about]), np.nanmax(weights[~about]) - 1)
        self.assertGreater(np.nanmin(weights[about]), np.nanmedian(weights[~about]))

    def test_options(self):
        self.run_config(self.CONFIG % "buckets: 77, ngrams: 3, text: response", "out", ranks=2)
        expected = self.expected(77, 3, lambda record: record.get("output", ""))
        np.testing.assert_allclose(self.weights("out"), expected, rtol=1e-12, atol=1e-12)

    def test_pool_is_what_is_left_of_it(self):
        np.save(self.folder / "scores.npy", np.arange(200.0))
        config = self.CONFIG.replace("[importance", "[attach: {as: s, path: scores.npy}, filter: {keep: {s: {max: 149}}}, importance") % ""
        self.run_config(config, "out", ranks=3)
        ids, weights = self.column("out", "03-importance-importance", "importance")
        self.pool = self.pool[:150]
        np.testing.assert_array_equal(ids, np.arange(150))
        np.testing.assert_allclose(weights, self.expected(), rtol=1e-12, atol=1e-12)

    def test_changed_records_make_it_anew(self):
        config = self.CONFIG % ""
        self.run_config(config, "out", ranks=2)
        self.run_config(config, "out")
        self.assertEqual(self.job("out", "importance")["resumed_shards"], 4)
        for change in (self.curated, self.pool):
            change[5] = {"text": "a bicycle made for two"}
            self.save()
            self.run_config(config, "out", ranks=3)
            self.assertEqual(self.job("out", "importance")["resumed_shards"], 0)
            np.testing.assert_allclose(self.weights("out"), self.expected(), rtol=1e-12, atol=1e-12)

    def test_mistakes_are_told_with_place_and_way_out(self):
        np.save(self.folder / "v.npy", np.zeros((4, 3), dtype=np.float32))
        self.write("mute.jsonl", jsonl([{"text": "?!"}] * 3))
        config = self.CONFIG % "to: curated"
        for text, expect, told in (
                (config.replace(", curated: [{path: good.jsonl}]", ""), 2,
                 "config.yaml:2:29: 'importance' needs curated records: list them under corpus.curated"),
                (config.replace("path: good.jsonl", "path: v.npy, as: v"), 2, "the curated 'v.npy' holds only vectors"),
                (config.replace("path: pool.jsonl", "path: v.npy, as: v"), 2, "the pool 'v.npy' holds only vectors"),
                (config.replace("good.jsonl", "mute.jsonl"), 1, "the curated records have no words"),
                (self.CONFIG % "ngrams: 9", 2, "config.yaml:2:33: "),
                (self.CONFIG % "buckets: 1", 2, "importance.buckets"),
                (self.CONFIG % "to: elsewhere", 2, "config.yaml:2:29: ")):
            for ranks in (1, 3):
                _, errors = self.run_config(text, "out", ranks=ranks, expect=expect)
                self.assertIn(told, errors)
                self.assertEqual(errors.count("error:"), 1, errors)
                self.assertNotIn("MPI_ABORT", errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
