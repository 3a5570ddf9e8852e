# SPDX-License-Identifier: Apache-2.0
"""The main job: corpus in, exact k-center subset out, at any number of ranks."""
import gzip
import json
import unittest

import numpy as np

from farpoint import Case, canonical, instructions, jsonl, k_center, normalize

CONFIG = """
run: {seed: 3}
corpus:
  pool:
    - {path: a.jsonl, name: web}
    - {path: "b*.json"}
  shard_records: 64
pipeline:
  - embed: {as: emb}
  - select: {method: k-center, vectors: emb, budget: {records: 40}}
  - export: {format: alpaca, path: subset.json}
"""


class MainJob(Case):
    def setUp(self):
        super().setUp()
        records = instructions(500)
        self.write("a.jsonl", jsonl(records[:300]) + "\n\nnot json\n" + jsonl(records[300:310]))
        self.write("b1.json", json.dumps(records[310:400], indent=2, ensure_ascii=False))
        self.write("b2.json", json.dumps(records[400:], ensure_ascii=False))

    def test_subset_is_the_greedy_of_the_vectors(self):
        self.run_config(CONFIG, "out")

        subset = self.subset("out")
        ids, rows = self.column("out", "01-embed-emb", "emb")
        chosen, distances, radius = k_center("cosine", ids, rows, 40)
        np.testing.assert_array_equal(subset["id"], chosen)
        np.testing.assert_array_equal(subset["distance"], distances)
        self.assertEqual(subset["attributes"]["radius"], radius)
        np.testing.assert_array_equal(subset["vectors/emb"], rows[np.searchsorted(ids, chosen)])

    def test_assignment_is_the_nearest_chosen(self):
        self.run_config(CONFIG, "out")

        subset = self.subset("out")
        ids, rows = self.column("out", "01-embed-emb", "emb")
        chosen = np.sort(subset["id"])
        far = np.stack([canonical("cosine", rows[np.searchsorted(ids, one)], rows) for one in chosen])
        nearest = chosen[far.argmin(axis=0)]  # the first of the smallest: the lowest id
        nearest[np.searchsorted(ids, chosen)] = chosen
        np.testing.assert_array_equal(subset["pool/id"], ids)
        np.testing.assert_array_equal(subset["pool/representative"], nearest)
        counts = [int((nearest == one).sum()) for one in subset["id"]]
        np.testing.assert_array_equal(subset["weight"], counts)

    def test_same_answer_at_any_number_of_ranks(self):
        self.run_config(CONFIG, "one")
        one = self.subset("one")
        for ranks in (2, 3, 4):
            self.run_config(CONFIG, f"on{ranks}", ranks=ranks)
            self.assert_same_selection(one, self.subset(f"on{ranks}"))
            self.assertEqual(self.rejects("one"), self.rejects(f"on{ranks}"))
            self.assertEqual((self.folder / "one/subset.json").read_text(), (self.folder / f"on{ranks}/subset.json").read_text())

    def test_same_vectors_however_the_pool_is_cut(self):
        config = CONFIG.replace("shard_records: 64", "shard_records: 5")
        self.run_config(config, "one", "--until", "embed")
        self.run_config(config, "three", "--until", "embed", ranks=3)
        self.run_config(CONFIG, "cut", "--until", "embed")
        for other in ("three", "cut"):
            for one, two in zip(self.column("one", "01-embed-emb", "emb"), self.column(other, "01-embed-emb", "emb")):
                np.testing.assert_array_equal(one, two)

    def test_ids_are_positions_and_faults_are_listed(self):
        self.run_config(CONFIG, "out", ranks=2)

        summary = self.summary("out")
        self.assertEqual(summary["pool_records"], 501)
        ids, lines = self.column("out", "00-ingest", "line")
        np.testing.assert_array_equal(ids, np.delete(np.arange(501), 300))
        self.assertEqual(lines[ids == 301][0], 304)  # two blank lines and a faulty one before it
        (reject,) = self.rejects("out")
        self.assertEqual(reject, {"id": 300, "source": "web", "file": str(self.folder / "a.jsonl"), "line": 303,
                                  "stage": "ingest", "reason": "bad_json"})

    def test_summary_adds_up(self):
        self.run_config(CONFIG, "out", ranks=2)

        summary = self.summary("out")
        self.assertEqual([job["job"] for job in summary["jobs"]], ["ingest", "embed", "select", "export"])
        for job in summary["jobs"][:2]:
            self.assertEqual(job["in"], job["out"] + job["rejected"] + job["failed"], job)
        select = summary["jobs"][2]
        self.assertEqual((select["in"], select["out"], select["counters"]["left"]), (500, 40, 460))
        self.assertEqual(select["counters"]["picks"], 40)
        self.assertLess(select["counters"]["passes"], 40)
        self.assertEqual(summary["ranks"], 2)
        self.assertEqual(summary["selected"], 40)

    def test_records_keep_their_text_and_source(self):
        self.run_config(CONFIG, "out")

        subset = self.subset("out")
        everything = instructions(500)
        for number, text, source in zip(subset["id"], subset["record"], subset["source"]):
            number = int(number) - (1 if number > 300 else 0)
            self.assertEqual(json.loads(text), everything[number])
            expected = "web" if number < 310 else "b1.json" if number < 400 else "b2.json"
            self.assertEqual(source.decode(), expected)
        exported = json.loads((self.folder / "out/subset.json").read_text())
        self.assertEqual(exported, [json.loads(text) for text in subset["record"]])

    def test_compressed_input_gives_the_same(self):
        self.run_config(CONFIG, "plain")
        text = (self.folder / "a.jsonl").read_bytes()
        (self.folder / "a.jsonl.gz").write_bytes(gzip.compress(text[:5000]) + gzip.compress(text[5000:]))
        self.run_config(CONFIG.replace("path: a.jsonl", "path: a.jsonl.gz"), "gz", ranks=3)
        self.assert_same_selection(self.subset("plain"), self.subset("gz"))

    def test_budgets(self):
        for budget, count in (("fraction: 0.1", 50), ("records: 100000", 500), ("records: 7, radius: 0.0001", 7)):
            config = CONFIG.replace("records: 40", budget)
            self.run_config(config, "out", "--fresh")
            self.assertEqual(len(self.subset("out")["id"]), count, budget)
        self.run_config(CONFIG.replace("records: 40", "radius: 0.4"), "out")
        subset = self.subset("out")
        self.assertLessEqual(subset["attributes"]["radius"], 0.4)
        self.assertGreater(subset["distance"][-1], 0.4)

    def test_fractions_are_those_that_were_written(self):
        self.write("c.jsonl", jsonl(instructions(100)))
        config = "corpus: {pool: [{path: c.jsonl}]}\npipeline: [select: {method: random, budget: {fraction: %s}}]\n"
        for fraction, count in (("0.29", 29), ("0.57", 57), ("0.579", 57), ("0.5799999", 57), ("0.001", 1), ("1", 100)):
            self.run_config(config % fraction, "out")
            self.assertEqual(len(self.subset("out")["id"]), count, fraction)

    def test_random_is_the_same_at_any_number_of_ranks(self):
        config = CONFIG.replace("k-center, vectors: emb", "random")
        self.run_config(config, "one")
        self.run_config(config, "three", ranks=3)
        np.testing.assert_array_equal(self.subset("one")["id"], self.subset("three")["id"])
        self.assertEqual(len(set(self.subset("one")["id"])), 40)
        self.run_config(config, "other", "--set", "run.seed=4")
        self.assertFalse(np.array_equal(self.subset("one")["id"], self.subset("other")["id"]))


class Vectors(Case):
    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(5)
        self.rows = draw.normal(size=(400, 24)).astype(np.float32)
        self.rows[300:350] = self.rows[0:50]
        self.rows[17] = np.nan
        self.rows[203] = 0
        np.save(self.folder / "rows.npy", self.rows)
        self.curated = draw.normal(size=(30, 24)).astype(np.float32)
        np.save(self.folder / "curated.npy", self.curated)

    def config(self, select: str) -> str:
        return ("corpus: {shard_records: 50, pool: [{path: rows.npy, format: npy, as: emb}], "
                "curated: [{path: curated.npy, as: emb}]}\n"
                f"pipeline: [select: {{vectors: emb, {select}}}]\n")

    def test_vectors_as_corpus(self):
        self.run_config(self.config("budget: {records: 60}"), "out", ranks=3)

        subset = self.subset("out")
        ids = np.delete(np.arange(400), [17, 203])
        rows = normalize(self.rows[ids])
        chosen, distances, radius = k_center("cosine", ids, rows, 60)
        np.testing.assert_array_equal(subset["id"], chosen)
        np.testing.assert_array_equal(subset["distance"], distances)
        self.assertEqual(subset["attributes"]["radius"], radius)
        self.assertEqual([json.loads(text) for text in subset["record"]], [{"id": int(one)} for one in chosen])
        self.assertEqual([(r["id"], r["line"], r["stage"], r["reason"]) for r in self.rejects("out")],
                         [(17, 18, "select", "no_direction"), (203, 204, "select", "no_direction")])
        job = self.job("out", "select")
        self.assertEqual((job["in"], job["out"], job["rejected"], job["counters"]["left"]), (400, 60, 2, 338))

    def test_l2(self):
        self.run_config(self.config("metric: l2, budget: {records: 60}"), "out", ranks=2)

        ids = np.delete(np.arange(400), [17])
        chosen, distances, radius = k_center("l2", ids, self.rows[ids], 60)
        np.testing.assert_array_equal(self.subset("out")["id"], chosen)
        np.testing.assert_array_equal(self.subset("out")["distance"], distances)
        self.assertEqual(self.subset("out")["attributes"]["radius"], radius)

    def test_curated_start(self):
        self.run_config(self.config("curated: start, budget: {records: 25}"), "out", ranks=2)

        subset = self.subset("out")
        ids = np.delete(np.arange(400), [17, 203])
        chosen, distances, _ = k_center("cosine", ids, normalize(self.rows[ids]), 25, normalize(self.curated))
        np.testing.assert_array_equal(subset["id"], chosen)
        np.testing.assert_array_equal(subset["distance"], distances)
        nearer_to_curated = subset["pool/representative"] == 2**64 - 1
        self.assertTrue(nearer_to_curated.any())
        self.assertEqual(subset["weight"].sum() + nearer_to_curated.sum(), len(ids))

    def test_curated_vectors_beside_texts(self):
        self.write("texts.jsonl", jsonl(instructions(400)))
        np.save(self.folder / "long.npy", 3 * np.random.default_rng(2).normal(size=(20, 384)).astype(np.float32))
        corpus = "corpus: {shard_records: 50, pool: [{path: texts.jsonl}], curated: [{path: %s, as: emb}]}\n"
        select = "select: {vectors: emb, curated: start, budget: {records: 25}}"

        self.run_config(corpus % "long.npy" + f"pipeline: [embed: {{as: emb}}, {select}]\n", "embed", ranks=2)
        ids, rows = self.column("embed", "01-embed-emb", "emb")
        curated = normalize(np.load(self.folder / "long.npy"))
        chosen, distances, _ = k_center("cosine", ids, rows, 25, curated)
        np.testing.assert_array_equal(self.subset("embed")["id"], chosen)
        np.testing.assert_array_equal(self.subset("embed")["distance"], distances)

        self.run_config(corpus % "curated.npy" + f"pipeline: [attach: {{as: emb, path: rows.npy}}, {select}]\n", "attach")
        ids = np.delete(np.arange(400), [17, 203])
        chosen, distances, _ = k_center("cosine", ids, normalize(self.rows[ids]), 25, normalize(self.curated))
        np.testing.assert_array_equal(self.subset("attach")["id"], chosen)
        np.testing.assert_array_equal(self.subset("attach")["distance"], distances)

        _, errors = self.run_config(corpus % "curated.npy" + f"pipeline: [embed: {{as: emb}}, {select}]\n", "other", expect=2)
        self.assertIn("'emb' has 384 numbers a record in the pool and 24 in the curated", errors)
        _, errors = self.run_config(corpus % "curated.npy" + f"pipeline: [embed: {{as: v}}, {select.replace('emb', 'v')}]\n",
                                    "other", expect=2)
        self.assertIn("exists only for the pool", errors)

    def test_curated_vectors_of_another_width_are_told_once(self):
        np.save(self.folder / "curated.npy", self.curated[:, :20])
        _, errors = self.run_config(self.config("curated: start, budget: {records: 5}"), "out", ranks=3, expect=2)
        self.assertEqual(errors.count("error:"), 1, errors)
        self.assertIn("rows of 20 numbers, but", errors)
        self.assertNotIn("MPI_ABORT", errors)

    def test_attach_and_filter(self):
        self.write("texts.jsonl", jsonl(instructions(400)))
        scores = np.random.default_rng(1).normal(size=400)
        scores[5] = np.nan
        np.save(self.folder / "scores.npy", scores)
        config = ("corpus: {shard_records: 50, pool: [{path: texts.jsonl}]}\n"
                  "pipeline:\n"
                  "  - attach: {as: emb, path: rows.npy}\n"
                  "  - attach: {as: quality, path: scores.npy}\n"
                  "  - filter: {keep: {quality: {min: -1.5, max_quantile: 0.9}}}\n"
                  "  - select: {vectors: emb, metric: l2, budget: {records: 30}}\n")
        self.run_config(config, "out", ranks=2)

        limit = np.nanquantile(scores, 0.9)
        kept = np.flatnonzero((scores >= -1.5) & (scores <= limit))
        job = self.job("out", "filter")
        self.assertEqual((job["in"], job["out"], job["rejected"]), (400, len(kept), 400 - len(kept)))
        self.assertEqual(job["counters"], {"filter:quality": 400 - len(kept)})
        places = kept[kept != 17]
        chosen, _, _ = k_center("l2", places, self.rows[places], 30)
        subset = self.subset("out")
        np.testing.assert_array_equal(subset["id"], chosen)
        np.testing.assert_array_equal(subset["scores/quality"], scores[chosen])


class Faults(Case):
    def test_every_kind_of_faulty_record(self):
        lines = [b'{"text": "good"}', b'{"text": "cut', b'{"text": "\xff"}', b'{"other": 1}', b'{"text": 3}', b'{"text": "  "}',
                 b'{"text": NaN}', b'{"text": "\\ud800"}', b'{"text": "' + b"x" * 3000 + b'"}', b'{"text": "a"} b', b"[1]"]
        self.write("a.jsonl", b"\xef\xbb\xbf" + b"\r\n".join(lines))
        text, _ = self.run_config("corpus: {pool: [{path: a.jsonl}], max_record_bytes: 1000, max_reject_fraction: 1}\n", "out")
        self.assertIn("10 of 11 records are faulty (6 bad_json, 1 bad_utf8, 2 no_text, 1 too_large): ", text)

        reasons = {reject["line"]: reject["reason"] for reject in self.rejects("out")}
        self.assertEqual(reasons, {2: "bad_json", 3: "bad_utf8", 4: "no_text", 5: "bad_json", 6: "no_text", 7: "bad_json",
                                   8: "bad_json", 9: "too_large", 10: "bad_json", 11: "bad_json"})
        job = self.job("out", "ingest")
        self.assertEqual((job["in"], job["out"], job["rejected"]), (11, 1, 10))

    def test_an_array_that_hides_records_is_refused_before_they_get_ids(self):
        records = [json.dumps(record, ensure_ascii=False) for record in instructions(90)]
        records[40] = records[40].replace('"input"', '"input')
        self.write("a.json", "[\n" + ",\n".join(records) + "\n]\n")
        for ranks in (1, 3):
            _, errors = self.run_config("corpus: {pool: [{path: a.json}]}\npipeline: [embed: {}]\n", f"out{ranks}",
                                        ranks=ranks, expect=2)
            self.assertIn("a.json:42: ", errors)
            self.assertIn(".jsonl", errors)
            self.assertEqual(list((self.folder / f"out{ranks}").glob("stages/*/*.h5")), [])

    def test_too_many_faults_end_the_run_with_the_numbers(self):
        self.write("a.jsonl", "no\n" * 10 + jsonl(instructions(90)))
        for ranks in (1, 3):
            _, errors = self.run_config("corpus: {pool: [{path: a.jsonl}]}\npipeline: [embed: {}]\n", f"out{ranks}",
                                        ranks=ranks, expect=1)
            self.assertIn("10 of 100 records are faulty", errors)
            self.assertEqual(len(self.rejects(f"out{ranks}")), 10)
            self.assertFalse((self.folder / f"out{ranks}" / "summary.json").exists())

    def test_faults_of_the_curated_set_count_too(self):
        self.write("a.jsonl", jsonl(instructions(90)))
        self.write("c.jsonl", "no\n" * 10 + jsonl(instructions(30)))
        _, errors = self.run_config("corpus: {pool: [{path: a.jsonl}], curated: [{path: c.jsonl}]}\n", "out", ranks=2, expect=1)
        self.assertIn("corpus.curated: 10 of 40 records are faulty", errors)
        self.assertEqual({reject["set"] for reject in self.rejects("out")}, {"curated"})

    def test_start_without_curated_records_is_an_error(self):
        self.write("a.jsonl", jsonl(instructions(90)))
        self.write("c.jsonl", "no\n" * 10)
        np.save(self.folder / "a.npy", np.eye(9, dtype=np.float32))
        np.save(self.folder / "c.npy", np.zeros((4, 9), dtype=np.float32))
        for pool, curated, embed, told in (("a.jsonl", "c.jsonl", "embed: {}, ", "it has no records"),
                                           ("a.npy, as: emb", "c.npy, as: emb", "", "none of the 4 vectors")):
            _, errors = self.run_config(
                f"corpus: {{pool: [{{path: {pool}}}], curated: [{{path: {curated}}}], max_reject_fraction: 1}}\n"
                f"pipeline: [{embed}select: {{vectors: emb, curated: start, budget: {{records: 3}}}}]\n", "out", ranks=2, expect=1)
            self.assertIn(told, errors)
            self.assertEqual(errors.count("error:"), 1)

    def test_empty_and_missing_input(self):
        self.write("empty.jsonl", "\n \n")
        _, errors = self.run_config("corpus: {pool: [{path: empty.jsonl}]}\n", "out", expect=1)
        self.assertIn("empty.jsonl", errors)
        _, errors = self.run_config("corpus: {pool: [{path: nothing-*.jsonl}]}\n", "out", expect=2)
        self.assertIn("nothing-*.jsonl", errors)

    def test_subset_of_no_candidates_is_complete(self):
        self.write("a.jsonl", jsonl([{"text": "..."}] * 5))
        self.run_config("corpus: {pool: [{path: a.jsonl}]}\npipeline: [embed: {}, select: {vectors: emb, budget: {records: 3}}]\n",
                        "out", ranks=2)
        subset = self.subset("out")
        for name in ("id", "record", "distance", "weight", "pool/id", "pool/representative"):
            self.assertEqual(len(subset[name]), 0, name)

    def test_rejects_are_listed_when_a_later_job_fails(self):
        self.write("a.jsonl", jsonl(instructions(50)))
        self.write("c.jsonl", '{"bad\n' * 3)
        self.run_config("corpus: {pool: [{path: a.jsonl}], curated: [{path: c.jsonl}], max_reject_fraction: 1}\n"
                        "pipeline: [embed: {}, select: {vectors: emb, curated: start, budget: {records: 3}}]\n", "out", expect=1)
        self.assertEqual([reject["line"] for reject in self.rejects("out")], [1, 2, 3])

    def test_text_without_features_fails_and_is_counted(self):
        self.write("a.jsonl", jsonl([{"text": "words here"}, {"instruction": "only a prompt", "input": "", "output": ""}] * 3))
        self.run_config("corpus: {pool: [{path: a.jsonl}]}\n"
                        "pipeline: [embed: {text: response}, select: {vectors: emb, budget: {records: 5}}]\n", "out")
        embed, select = self.job("out", "embed"), self.job("out", "select")
        self.assertEqual(embed["in"], embed["out"] + embed["failed"])
        self.assertGreater(embed["failed"], 0)
        self.assertEqual(select["rejected"], embed["failed"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
