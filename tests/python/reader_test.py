# SPDX-License-Identifier: Apache-2.0
"""The Python package against runs that the program makes: compared with `farpoint table`, `export` and plain h5py."""
import json
import os
import shutil
import subprocess
import time
import unittest

import numpy as np

import farpoint
from case import Case, has, instructions, jsonl
from runs import SELECT, Runs, write_corpus


def as_json(value):
    """A value of a table as `farpoint table` prints it."""
    if value is np.ma.masked:
        return None
    if isinstance(value, np.ndarray):
        return None if np.isnan(value).all() else [as_json(one) for one in value.tolist()]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and np.isnan(value):
        return None
    return value


class Tables(Runs):
    def test_every_column_is_what_the_program_prints(self):
        names = list(self.run_.columns)
        self.assertEqual(names, ["source", "line", "source_index", "duplicate_of", "emb", "imp", "score", "late"])

        printed = self.lines("table", "out", "--columns", ",".join(names), "--format", "jsonl")
        table = self.run_.table(names)

        self.assertEqual(list(table), ["id", *names])
        self.assertEqual(len(printed), len(table["id"]))
        self.assertEqual(len(printed), 119)
        for row, line in enumerate(printed):
            for name in names:
                if name in ("emb", "late"):
                    expected = np.full(384, np.nan) if line[name] is None else np.float32(line[name])
                    np.testing.assert_array_equal(table[name][row], expected)
                else:
                    self.assertEqual(as_json(table[name][row]), line[name], (row, name))
        self.assertIn(None, [line["late"] for line in printed])
        self.assertIn(None, [line["duplicate_of"] for line in printed])

    def test_kinds(self):
        columns = self.run_.columns
        self.assertEqual((columns["emb"].kind, columns["emb"].width, columns["emb"].stage), ("vector", 384, "03-embed-emb"))
        self.assertEqual([columns[name].kind for name in ("imp", "duplicate_of", "source", "line")],
                         ["number", "id", "text", "number"])
        self.assertIsInstance(self.run_.table(["duplicate_of"])["duplicate_of"], np.ma.MaskedArray)

    def test_one_column_has_the_rows_of_its_stage(self):
        for stage, name in (("03-embed-emb", "emb"), ("05-attach-score", "score"), ("07-embed-late", "late")):
            ids, values = self.run_.column(name)
            expected_ids, expected = self.column("out", stage, name)
            np.testing.assert_array_equal(ids, expected_ids)
            np.testing.assert_array_equal(values, expected)
        self.assertEqual(self.run_.column("emb")[1].dtype, np.float32)
        self.assertEqual(set(self.run_.column("source")[1]), {"web", "notes: 1"})

    def test_shards_come_one_by_one(self):
        shards = list(self.run_.iter_shards(["score", "emb"]))
        self.assertEqual([len(shard["id"]) for shard in shards], [30, 29, 30, 30])
        np.testing.assert_array_equal(np.concatenate([shard["score"] for shard in shards]), self.run_.table(["score"])["score"])

    def test_what_is_left_has_every_column(self):
        table = self.run_.table(["late", "score", "duplicate_of"], left=True)
        np.testing.assert_array_equal(table["id"], self.run_.ids)
        np.testing.assert_array_equal(table["id"], self.column("out", "07-embed-late", "late")[0])
        self.assertFalse(np.isnan(table["late"]).any())
        self.assertTrue((table["score"] >= 0.1).all())
        self.assertFalse(np.ma.getmaskarray(table["duplicate_of"]).any())
        self.assertLess(len(table["id"]), 110)

    def test_sources_are_counted(self):
        self.assertEqual(self.run_.sources, {"web": 99, "notes: 1": 20})

    @unittest.skipUnless(has("pandas"), "needs pandas")
    def test_pandas(self):
        frame = self.run_.to_pandas(["score", "source", "duplicate_of", "emb"])
        table = self.run_.table(["score", "duplicate_of", "emb"])
        self.assertEqual(frame.index.name, "id")
        self.assertEqual(frame.loc[41, "source"], "web")
        np.testing.assert_array_equal(frame["score"].to_numpy(), table["score"])
        np.testing.assert_array_equal(frame["duplicate_of"].isna(), np.ma.getmaskarray(table["duplicate_of"]))
        np.testing.assert_array_equal(frame["emb"].iloc[3], table["emb"][3])


class Records(Runs):
    def test_what_is_left_is_what_export_writes(self):
        run = farpoint.open(self.folder / "pool")
        ids, records = zip(*run.records())
        self.assertEqual(list(records), self.exported("pool"))
        np.testing.assert_array_equal(ids, run.ids)

    def test_texts_are_those_behind_the_cleaning(self):
        records = dict(self.run_.records([7, 101, 3]))
        self.assertEqual(list(records), [3, 7, 101])
        self.assertEqual(records[7]["output"], instructions(8)[7]["output"] + " & more")
        self.assertEqual(records[3], instructions(4)[3])
        self.assertEqual(records[101], {"text": "a note on things that are 多 and long, number 1"})

    def test_removed_records_are_still_there(self):
        self.assertNotIn(100, self.run_.ids)
        self.assertEqual(dict(self.run_.records([100])), {100: {"text": "short 0"}})
        self.assertEqual(list(self.run_.records([])), [])

    def test_a_record_that_is_not_there(self):
        with self.assertRaisesRegex(farpoint.Missing, r"no record 40, 120;.*rejects\(\)"):
            list(self.run_.records(np.array([120, 1, 40])))

    def test_rejects(self):
        self.assertEqual(list(self.run_.rejects()), self.rejects("out"))
        first = next(self.run_.rejects())
        self.assertEqual((first["id"], first["source"], first["line"], first["reason"]), (40, "web", 41, "bad_json"))


class Subsets(Runs):
    def setUp(self):
        super().setUp()
        self.chosen = self.run_.subset

    def test_it_is_what_h5py_reads(self):
        raw = self.subset("out")
        chosen = self.chosen
        self.assertEqual(len(chosen), 12)
        for mine, name in ((chosen.ids, "id"), (chosen.distances, "distance"), (chosen.weights, "weight"),
                           (chosen.vectors, "vectors/emb"), (chosen.scores["imp"], "scores/imp"),
                           (chosen.scores["score"], "scores/score")):
            np.testing.assert_array_equal(mine, raw[name])
        self.assertEqual(set(chosen.scores), {"imp", "score"})
        self.assertEqual(chosen.sources.tolist(), [name.decode() for name in raw["source"]])
        self.assertEqual((chosen.radius, chosen.method), (raw["attributes"]["radius"], "k-center"))
        self.assertEqual(chosen.attributes["exactness"], "exact")

    def test_records_are_what_export_writes(self):
        expected = self.exported("out")
        chosen = self.chosen
        self.assertEqual(chosen.to_list(), expected)
        self.assertEqual(list(chosen), expected)
        self.assertEqual([chosen.records[row] for row in range(-12, 12)], expected * 2)
        for rows in (slice(None), slice(2, 9, 3), slice(None, None, -1), slice(5, 5), slice(-3, 100)):
            self.assertEqual(chosen.records[rows], expected[rows])
        with self.assertRaises(IndexError):
            chosen.records[12]
        for number, record in zip(chosen.ids, chosen):
            self.assertEqual(dict(self.run_.records([number])), {int(number): record})

    def test_scores_are_the_columns(self):
        table = self.run_.table(["imp", "score"])
        rows = np.searchsorted(table["id"], self.chosen.ids)
        for name in ("imp", "score"):
            np.testing.assert_array_equal(self.chosen.scores[name], table[name][rows])

    def test_members_and_representatives_agree(self):
        pool = self.chosen.representative
        np.testing.assert_array_equal(pool.ids, self.run_.ids)
        for row, number in enumerate(self.chosen.ids):
            members = self.chosen.members(row)
            np.testing.assert_array_equal(members, pool.ids[pool.representative == number])
            self.assertEqual(len(members), self.chosen.weights[row])
        np.testing.assert_array_equal(self.chosen.members(-1), self.chosen.members(11))
        self.assertAlmostEqual(pool.distance.max(), self.chosen.radius)
        with self.assertRaises(IndexError):
            self.chosen.members(12)

    def test_a_subset_file_can_lie_anywhere(self):
        shutil.copy(self.folder / "out/subset.h5", self.folder / "copy.h5")
        self.assertEqual(farpoint.open_subset(self.folder / "copy.h5").to_list(), self.chosen.to_list())

    @unittest.skipUnless(has("pandas"), "needs pandas")
    def test_pandas(self):
        frame = self.chosen.to_pandas()
        self.assertEqual(list(frame), ["id", "source", "distance", "weight", "imp", "score", "record"])
        self.assertEqual(frame["record"].tolist(), self.chosen.to_list())
        np.testing.assert_array_equal(frame["score"], self.chosen.scores["score"])
        fields = self.chosen.to_pandas(fields=True)
        self.assertEqual(set(fields) - set(frame), {"record.instruction", "record.input", "record.output", "record.text"} & set(fields))
        outputs = [record["output"] for record in self.chosen if "output" in record]
        self.assertEqual(fields["record.output"].dropna().tolist(), outputs)


class TheRunItself(Runs):
    def test_jobs_are_those_of_the_summary(self):
        jobs = self.run_.jobs
        self.assertEqual([job.job for job in jobs], [job["job"] for job in self.summary("out")["jobs"]])
        self.assertEqual([job.stage for job in jobs], sorted(os.listdir(self.folder / "out/stages")))
        self.assertTrue(all(job.finished for job in jobs) and self.run_.finished)

    def test_json_files(self):
        for part, name in ((self.run_.summary, "summary"), (self.run_.coverage, "coverage"), (self.run_.profile, "profile")):
            self.assertEqual(part, json.loads((self.folder / f"out/{name}.json").read_text()))

    @unittest.skipUnless(has("yaml"), "needs PyYAML")
    def test_configuration(self):
        config = self.run_.config
        self.assertEqual(config["corpus"]["shard_records"], 30)
        self.assertEqual(config["corpus"]["pool"][1]["name"], "notes: 1")
        self.assertEqual(config["corpus"]["max_reject_fraction"], 0.2)
        self.assertEqual([next(iter(entry)) for entry in config["pipeline"]],
                         ["clean", "dedup", "parallel", "filter", "embed", "profile", "select", "export"])
        clean = config["pipeline"][0]["clean"]
        self.assertEqual((clean["max_chars"], clean["min_chars"], clean["c4"]["braces"]), (None, 30, False))
        self.assertEqual(self.run_.subset.config, config)

    @unittest.skipUnless(has("yaml"), "needs PyYAML")
    def test_yaml_is_read_as_the_program_means_it(self):
        from farpoint.config import parse
        self.assertEqual(parse("a: [no, on, 1e-05, 1.5, -3, 012, 1:30, ~, true, '', \"5\", 1_000]")["a"],
                         ["no", "on", 1e-05, 1.5, -3, "012", "1:30", None, True, "", "5", "1_000"])

    def test_without_yaml_the_text_is_there(self):
        import unittest.mock
        with unittest.mock.patch.dict("sys.modules", {"yaml": None}):
            with self.assertRaisesRegex(farpoint.FarpointError, "pip install pyyaml.*config_text"):
                self.run_.config
        self.assertIn("shard_records: 30", self.run_.config_text)

    def test_reading_changes_nothing(self):
        def state():
            return sorted((path, path.stat().st_mtime_ns, path.stat().st_size) for path in (self.folder / "out").rglob("*"))
        before = state()
        self.run_.table(["emb", "source"], left=True)
        list(self.run_.records()), self.run_.subset.to_list(), self.run_.summary
        self.assertEqual(state(), before)

    def test_no_file_stays_open(self):
        run, chosen = farpoint.open(self.folder / "out"), self.run_.subset
        shards, records, rows = run.iter_shards(["emb"]), run.records(), iter(chosen)
        next(shards), next(records), next(rows)
        chosen.vectors, chosen.members(0)
        links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
        self.assertEqual([link for link in links if os.path.realpath(link).endswith(".h5")], [])


class AtWork(Case):
    def test_a_run_is_read_while_it_is_at_work(self):
        """What is there grows, and nothing of it is ever half there."""
        self.write("a.jsonl", jsonl(instructions(3000)))
        self.write("config.yaml", "run: {output: out}\ncorpus: {shard_records: 100, pool: [{path: a.jsonl}]}\npipeline:\n"
                                  "  - clean: {html: strip, min_chars: 30}\n  - embed: {as: emb}\n  - embed: {as: late, text: prompt}\n"
                                  "  - select: {vectors: emb, budget: {records: 5}}\n")
        seen = []
        with subprocess.Popen(self.command(1, "run", "config.yaml"), cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as program:
            while program.poll() is None:
                time.sleep(0.05)
                if not (self.folder / "out/config.yaml").exists():
                    continue
                run = farpoint.open(self.folder / "out")
                try:
                    names = list(run.columns)
                    self.assertEqual(len(run.table(names)["id"]), 3000)
                    left = [len(run.ids), sum(1 for _ in run.records()), len(run.ids)]
                    self.assertEqual(left, sorted(left, reverse=True))  # stages may end between these
                except farpoint.Unfinished:
                    continue
                seen.append(len(names))
        self.assertEqual(program.returncode, 0)
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(len(run.columns), 5)
        self.assertEqual(len(run.subset), 5)


class OtherShapes(Case):
    def test_one_shard(self):
        write_corpus(self)
        self.run_config(SELECT.replace("shard_records: 30", "shard_records: 1000"), "out")
        run = farpoint.open(self.folder / "out")
        self.assertEqual(len(list(run.iter_shards(["emb"]))), 1)
        self.assertEqual(len(run.table(["imp"])["id"]), 119)
        self.assertEqual(len(run.subset), 12)

    def test_shards_without_records_that_are_left(self):
        self.write("a.jsonl", jsonl(instructions(50)))
        np.save(self.folder / "score.npy", np.r_[np.zeros(20), np.ones(15), np.zeros(15)])
        self.run_config("corpus: {shard_records: 10, pool: [{path: a.jsonl}]}\npipeline:\n"
                        "  - attach: {as: score, path: score.npy}\n  - filter: {keep: {score: {min: 0.5}}}\n"
                        "  - embed: {as: emb}\n", "out")
        run = farpoint.open(self.folder / "out")
        self.assertEqual(run.ids.tolist(), list(range(20, 35)))
        self.assertEqual(run.table(["emb"])["emb"].shape, (50, 384))
        self.assertEqual(np.isnan(run.table(["emb"])["emb"]).any(axis=1).sum(), 35)
        self.assertEqual([number for number, _ in run.records()], list(range(20, 35)))

    def test_vectors_without_texts(self):
        rows = np.random.default_rng(2).normal(size=(70, 6)).astype(np.float32)
        np.save(self.folder / "rows.npy", rows)
        self.run_config("corpus: {shard_records: 32, pool: [{path: rows.npy, as: emb}]}\npipeline:\n"
                        "  - select: {vectors: emb, metric: l2, budget: {records: 5}, assignment: false}\n", "out")
        run = farpoint.open(self.folder / "out")
        ids, values = run.column("emb")
        np.testing.assert_array_equal(values, rows)
        self.assertEqual(run.columns["emb"].stage, "00-ingest")
        self.assertEqual(list(run.records([69, 3])), [(3, {"id": 3}), (69, {"id": 69})])
        chosen = run.subset
        np.testing.assert_array_equal(chosen.vectors, rows[chosen.ids.astype(int)])
        self.assertEqual(chosen.to_list(), [{"id": number} for number in chosen.ids.tolist()])
        for part in ("weights", "representative"):
            with self.assertRaisesRegex(farpoint.Missing, "assignment: false"):
                getattr(chosen, part)
        with self.assertRaisesRegex(farpoint.Missing, "assignment: false"):
            chosen.members(0)

    def test_a_method_without_vectors_and_distances(self):
        self.write("a.jsonl", jsonl(instructions(30)))
        self.run_config("corpus: {pool: [{path: a.jsonl}]}\npipeline:\n  - select: {method: random, budget: {records: 5}}\n", "out")
        chosen = farpoint.open(self.folder / "out").subset
        self.assertEqual((len(chosen), chosen.method, chosen.scores), (5, "random", {}))
        with self.assertRaisesRegex(farpoint.Missing, "random gives none"):
            chosen.distances
        with self.assertRaisesRegex(farpoint.Missing, "names none"):
            chosen.vectors
        with self.assertRaisesRegex(farpoint.Missing, "gives no radius"):
            chosen.radius
        with self.assertRaisesRegex(farpoint.Missing, "coverage.json"):
            farpoint.open(self.folder / "out").coverage

    def test_curated_duplicates_and_representatives_have_no_id(self):
        records = instructions(40)
        self.write("a.jsonl", jsonl(records))
        self.write("good.jsonl", jsonl(records[:4]))
        self.run_config("corpus: {pool: [{path: a.jsonl}], curated: [{path: good.jsonl}]}\npipeline:\n"
                        "  - dedup: {exact: true, against: curated}\n  - embed: {as: emb}\n"
                        "  - select: {vectors: emb, curated: start, budget: {records: 5}}\n", "out")
        run = farpoint.open(self.folder / "out")
        ids, duplicate_of = run.column("duplicate_of")
        self.assertTrue(set(range(4)) <= set(ids[duplicate_of == farpoint.NO_ID].tolist()))
        none = run.subset.representative.representative == farpoint.NO_ID
        self.assertEqual(none.sum() + run.subset.weights.sum(), len(run.ids))


if __name__ == "__main__":
    unittest.main()
