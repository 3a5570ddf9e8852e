# SPDX-License-Identifier: Apache-2.0
"""The Python package on runs that are damaged, stopped, or not there: errors that say what is wrong."""
import os
import shutil
import unittest

import h5py
import numpy as np

import farpoint
from case import has
from runs import SELECT, Runs


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
        for path, message in (("nowhere.h5", "no such file"), ("a.jsonl", "damaged or not of a run .*; if a run made it, delete it"),
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
