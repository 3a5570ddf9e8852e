# SPDX-License-Identifier: Apache-2.0
"""The Python package against runs that the program makes: compared with `farpoint table`, `export` and plain h5py."""
import json
import os
import shutil
import subprocess
import time
import unittest

import h5py
import numpy as np

import farpoint
from case import Case, has, instructions, jsonl

POOL = """
corpus:
  shard_records: 30
  pool: [{path: a.jsonl, name: web}, {path: b.txt, name: "notes: 1"}]
  curated: [{path: good.jsonl}]
  max_reject_fraction: 0.2
pipeline:
  - clean: {html: strip, min_chars: 30}
  - dedup: {exact: true}
  - parallel:
    - embed:      {as: emb}
    - importance: {as: imp}
    - attach:     {as: score, path: score.npy}
  - filter: {keep: {score: {min: 0.1}}}
  - embed:  {as: late, text: prompt}
"""
SELECT = POOL + """
  - profile: {}
  - select:  {vectors: emb, budget: {records: 12}}
  - export:  {format: jsonl, path: subset.jsonl}
"""


def write_corpus(case: Case) -> None:
    """100 instructions, some marked up, some copies, one faulty, and 20 notes of which half are too short."""
    records = instructions(100)
    for number in range(0, 100, 7):
        records[number]["output"] = f"<p>{records[number]['output']} &amp; more</p>"
    records[50:53] = [records[3]] * 3
    lines = jsonl(records).splitlines(keepends=True)
    lines[40] = '{"instruction": "cut off\n'
    case.write("a.jsonl", "".join(lines))
    case.write("b.txt", "".join(f"a note <b>on</b> things that are 多 and long, number {n}\n" if n % 2 else f"short {n}\n"
                                for n in range(20)))
    case.write("good.jsonl", jsonl(instructions(10, seed=5)))
    scores = np.random.default_rng(3).uniform(size=120)
    scores[[5, 60]] = np.nan
    np.save(case.folder / "score.npy", scores)


class Runs(Case):
    """Two runs over one corpus, one of them without a select. They are made once, for tests that only read."""

    @classmethod
    def setUpClass(cls):
        cls.maker = Case()
        cls.maker.setUp()
        cls.addClassCleanup(cls.maker.doCleanups)
        write_corpus(cls.maker)
        cls.maker.run_config(POOL, "pool")
        cls.maker.run_config(SELECT, "out")

    def setUp(self):
        self.folder = self.maker.folder
        self.run_ = farpoint.open(self.folder / "out")

    def lines(self, *arguments):
        return [json.loads(line) for line in self.call(*arguments)[0].splitlines()]

    def exported(self, run: str) -> list:
        self.call("export", run, "--format", "jsonl", "--out", "written.jsonl")
        return [json.loads(line) for line in (self.folder / "written.jsonl").read_text(encoding="utf-8").splitlines()]


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


class Faults(Runs):
    """Each test spoils a copy of the run."""

    def setUp(self):
        super().setUp()
        self.copy = self.folder / self.id().rpartition(".")[2]
        shutil.copytree(self.folder / "out", self.copy)
        self.run_ = farpoint.open(self.copy)
        self.shard = self.copy / "stages/03-embed-emb/shard-00001.h5"

    def test_a_run_that_was_stopped(self):
        """As a kill within the filter leaves it, the files of the ingest and the stages before it."""
        for stage in ("06-filter", "07-embed-late", "08-profile", "09-select", "10-export"):
            os.remove(self.copy / "stages" / stage / "done.h5")
        for name in ("summary.json", "subset.h5"):
            os.remove(self.copy / name)
        self.assertFalse(self.run_.finished)
        self.assertEqual([job.job for job in self.run_.jobs if not job.finished], ["filter", "embed", "profile", "select", "export"])
        self.assertEqual(list(self.run_.columns)[-1], "score")
        np.testing.assert_array_equal(self.run_.ids, self.column(self.copy.name, "03-embed-emb", "emb")[0])
        self.assertEqual(len(list(self.run_.records())), len(self.run_.ids))
        for part in ("summary", "subset", "coverage", "profile"):
            with self.assertRaisesRegex(farpoint.Unfinished, "run the same command again"):
                getattr(self.run_, part)
        with self.assertRaisesRegex(farpoint.Missing, r"no column 'late' \(not finished: 06-filter, 07-embed-late, "):
            self.run_.column("late")

        self.run_config(SELECT, self.copy.name)
        self.assertEqual(len(self.run_.subset), 12)  # the same Run sees what was finished since
        self.assertEqual(self.run_.column("late")[1].shape[1], 384)

    def test_a_run_that_has_not_read_its_corpus(self):
        os.remove(self.copy / "stages/00-ingest/done.h5")
        for read in (lambda: self.run_.columns, lambda: self.run_.ids, lambda: list(self.run_.records()),
                     lambda: self.run_.column("emb")):
            with self.assertRaisesRegex(farpoint.Unfinished, "not finished reading its corpus"):
                read()

    def test_until(self):
        self.run_config(SELECT, "part", "--until", "dedup")
        run = farpoint.open(self.folder / "part")
        self.assertEqual([job.job for job in run.jobs], ["ingest", "clean", "dedup"])
        with self.assertRaisesRegex(farpoint.Missing, "no select"):
            run.subset

    def test_results_of_another_pipeline_are_not_read(self):
        changed = SELECT.replace("as: late, text: prompt", "as: other, text: prompt")
        self.run_config(changed, self.copy.name)
        self.assertTrue((self.copy / "stages/07-embed-late").exists())
        self.assertEqual(list(self.run_.columns)[-1], "other")

    def assert_damaged(self, message: str):
        for read in (lambda: self.run_.column("emb"), lambda: self.run_.table(["emb"])):
            with self.assertRaisesRegex(farpoint.DamagedFile, f"03-embed-emb/shard-00001.h5: {message}"):
                read()
        self.assertEqual(len(self.run_.column("imp")[0]), len(self.run_.table(["imp"], left=True)["id"]) +
                         int((~np.isin(self.run_.column("imp")[0], self.run_.ids)).sum()))  # the others can still be read

    def test_a_shard_that_is_cut_off(self):
        os.truncate(self.shard, self.shard.stat().st_size // 2)
        self.assert_damaged("the file is damaged.*delete it and run the same command again")

    def test_a_shard_that_is_not_hdf5(self):
        self.shard.write_bytes(b"")
        self.assert_damaged("the file is damaged")

    def test_a_shard_that_is_missing(self):
        os.remove(self.shard)
        self.assert_damaged("the file is missing")

    def test_a_shard_of_another_run(self):
        shutil.copy(self.shard.with_name("shard-00002.h5"), self.shard)
        self.assert_damaged("the file is not the one that the run made")

    @unittest.skipUnless(has("xxhash"), "needs xxhash")
    def test_a_flipped_bit_in_the_values(self):
        with h5py.File(self.shard) as file:
            offset = file["emb"].id.get_offset()
        with open(self.shard, "r+b") as file:
            file.seek(offset + 1001)
            byte = file.read(1)[0]
            file.seek(offset + 1001)
            file.write(bytes([byte ^ 4]))
        self.assert_damaged("the checksum of 'emb' is wrong")

    def test_a_damaged_subset(self):
        path = self.copy / "subset.h5"
        os.truncate(path, path.stat().st_size // 2)
        with self.assertRaisesRegex(farpoint.DamagedFile, "subset.h5: the file is damaged"):
            self.run_.subset

    def test_a_subset_that_was_replaced(self):
        chosen = self.run_.subset
        self.run_config(SELECT.replace("records: 12", "records: 9"), self.copy.name)
        with self.assertRaisesRegex(farpoint.FarpointError, "replaced since it was opened"):
            chosen.to_list()
        self.assertEqual(len(self.run_.subset), 9)

    def test_a_damaged_line_of_the_rejects(self):
        (self.copy / "rejects.jsonl").write_text('{"id": 1}\nno\n')
        with self.assertRaisesRegex(farpoint.DamagedFile, "rejects.jsonl:2: not JSON"):
            list(self.run_.rejects())

    def test_a_newer_format(self):
        with h5py.File(self.copy / "subset.h5", "r+") as file:
            file.attrs["format_version"] = np.uint64(2)
        with self.assertRaisesRegex(farpoint.FarpointError, "format_version 2 is newer"):
            self.run_.subset

    def test_what_is_no_run(self):
        (self.folder / "empty").mkdir()
        self.write("empty/config.yaml", "run: {}\n")
        for path, message in (("nowhere", "it has no config.yaml"), ("a.jsonl", r"a file.*open_subset\(\)"),
                              ("empty", "was not written by one")):
            with self.assertRaisesRegex(farpoint.FarpointError, f"{path}: .*{message}"):
                farpoint.open(self.folder / path)
        for path, message in (("nowhere.h5", "no such file"), ("a.jsonl", "damaged or not of a run"),
                              ("out/stages/01-clean/done.h5", "not a subset file")):
            with self.assertRaisesRegex(farpoint.FarpointError, f"{path}: .*{message}"):
                farpoint.open_subset(self.folder / path)

    def test_a_column_that_is_not_there(self):
        with self.assertRaisesRegex(farpoint.Missing, "no column 'scoer'; did you mean 'score'?"):
            self.run_.table(["scoer"])
        with self.assertRaisesRegex(farpoint.Missing, "no column 'zzz'; there are: source, line,.*late"):
            next(self.run_.iter_shards(["zzz"]))
        with self.assertRaisesRegex(TypeError, r"\['emb'\]"):
            self.run_.table("emb")


if __name__ == "__main__":
    unittest.main()
