# SPDX-License-Identifier: Apache-2.0
"""The other commands, wrong configurations, and the documentation that is made from the program."""
import csv
import io
import json
import os
import re
import subprocess
import unittest

import numpy as np

from farpoint import REPOSITORY, Case, instructions, jsonl

CONFIG = """
corpus: {shard_records: 40, pool: [{path: a.jsonl, name: web}]}
pipeline:
  - attach: {as: score, path: score.npy}
  - filter: {keep: {score: {min: 0.25}}}
  - embed:  {as: emb}
  - select: {vectors: emb, budget: {records: 20}}
"""


class Commands(Case):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl(instructions(100)))
        self.scores = np.arange(100) / 100.0
        self.scores[50] = np.nan
        np.save(self.folder / "score.npy", self.scores)
        self.run_config(CONFIG, "out")

    def test_table_csv(self):
        text, _ = self.call("table", "out", "--columns", "score,line")

        rows = list(csv.reader(io.StringIO(text)))
        self.assertEqual(rows[0], ["id", "score", "line"])
        self.assertEqual([int(row[0]) for row in rows[1:]], list(range(100)))
        self.assertEqual(rows[51], ["50", "", "51"])
        self.assertEqual(float(rows[31][1]), 0.3)

    def test_table_jsonl_and_file(self):
        self.call("table", "out", "--columns", "score,emb", "--format", "jsonl", "--out", "rows.jsonl")

        rows = [json.loads(line) for line in (self.folder / "rows.jsonl").read_text().splitlines()]
        self.assertIsNone(rows[50]["score"])
        self.assertIsNone(rows[0]["emb"])  # had left before its vector was made
        self.assertEqual(len(rows[99]["emb"]), 384)

    def test_table_unknown_column(self):
        text, errors = self.call("table", "out", "--columns", "scoer", expect=2)
        self.assertIn("did you mean 'score'?", errors)
        self.assertEqual(text, "")
        text, errors = self.call("table", "out", "--columns", "emb", expect=2)
        self.assertIn("--format jsonl", errors)
        self.assertEqual(text, "")

    def test_table_source(self):
        text, _ = self.call("table", "out", "--columns", "source,line")
        self.assertEqual(text.splitlines()[:2], ["id,source,line", "0,web,1"])

    def test_table_infinite_values(self):
        np.save(self.folder / "score.npy", np.array([np.inf, -np.inf, np.nan] + [1.0] * 97))
        self.run_config(CONFIG.split("  - filter")[0], "infinite")
        text, _ = self.call("table", "infinite", "--columns", "score")
        self.assertEqual(text.splitlines()[1:5], ["0,inf", "1,-inf", "2,", "3,1.0"])
        text, _ = self.call("table", "infinite", "--columns", "score", "--format", "jsonl")
        self.assertEqual([json.loads(line)["score"] for line in text.splitlines()[:4]], ["inf", "-inf", None, 1.0])

    def test_output_that_cannot_be_written_is_an_error(self):
        self.write("config.yaml", CONFIG)
        for arguments in (["table", "out", "--columns", "score"], ["run", "config.yaml", "--output", "out"],
                          ["validate", "config.yaml"], ["inspect", "out"], ["--version"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run(self.command(1, *arguments), cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn("error", done.stderr)

    def test_the_error_that_ends_a_run_is_in_the_log(self):
        self.write("a.jsonl", "no\n" * 100)
        self.run_config(CONFIG, "faulty", ranks=2, expect=1)
        for rank in range(2):
            self.assertIn("100 of 100 records are faulty", (self.folder / f"faulty/log/rank-000{rank}.log").read_text())

    def test_attached_file_is_not_needed_any_more(self):
        self.run_config(CONFIG.replace("  - embed:  {as: emb}\n", "  - attach: {as: emb, path: emb.npy}\n"), "two", expect=2)
        np.save(self.folder / "emb.npy", np.random.default_rng(1).normal(size=(100, 8)))
        self.run_config(CONFIG.replace("  - embed:  {as: emb}\n", "  - attach: {as: emb, path: emb.npy}\n"), "two")
        os.rename(self.folder / "score.npy", self.folder / "moved.npy")
        os.remove(self.folder / "emb.npy")
        text, _ = self.call("table", "two", "--columns", "score")
        self.assertEqual(text.splitlines()[31], "30,0.3")
        text, _ = self.call("table", "two", "--columns", "emb", "--format", "jsonl")
        self.assertEqual(len(json.loads(text.splitlines()[99])["emb"]), 8)
        self.call("export", "two", "--format", "jsonl", "--out", "s.jsonl")
        self.assertEqual(len((self.folder / "s.jsonl").read_text().splitlines()), 20)

    def test_inspect(self):
        text, _ = self.call("inspect", "out")
        for expected in ("03-embed-emb", "float32", "[20, 384]", "subset.h5"):
            self.assertIn(expected, text)
        text, _ = self.call("inspect", "out/subset.h5")
        self.assertIn("/vectors/emb", text)
        _, errors = self.call("inspect", "a.jsonl", expect=2)
        self.assertIn("a.jsonl", errors)

    def test_export_formats(self):
        ids = self.subset("out")["id"]
        expected = [instructions(100)[one] for one in ids]
        self.call("export", "out", "--format", "jsonl", "--out", "s.jsonl")
        self.assertEqual([json.loads(line) for line in (self.folder / "s.jsonl").read_text().splitlines()], expected)
        self.call("export", "out/subset.h5", "--format", "messages", "--out", "s.json")
        first = json.loads((self.folder / "s.json").read_text())[0]
        self.assertEqual(first, {"messages": [{"role": "user", "content": expected[0]["instruction"]},
                                              {"role": "assistant", "content": expected[0]["output"]}]})
        self.call("export", "out", "--format", "sharegpt", "--out", "g.jsonl")
        self.assertIn("conversations", json.loads((self.folder / "g.jsonl").read_text().splitlines()[0]))

    def test_export_through_a_link_and_into_a_pipe(self):
        (self.folder / "data").mkdir()
        os.symlink("data/subset.jsonl", self.folder / "link.jsonl")
        os.mkfifo(self.folder / "pipe.jsonl")
        self.call("export", "out", "--format", "jsonl", "--out", "link.jsonl")
        written = (self.folder / "data/subset.jsonl").read_text()
        self.assertEqual(len(written.splitlines()), 20)
        self.assertTrue((self.folder / "link.jsonl").is_symlink())
        with subprocess.Popen(["cat", self.folder / "pipe.jsonl"], stdout=subprocess.PIPE, text=True) as reader:
            self.call("export", "out", "--format", "jsonl", "--out", "pipe.jsonl")
            self.assertEqual(reader.communicate()[0], written)
        self.assertTrue((self.folder / "pipe.jsonl").is_fifo())

    def test_export_split(self):
        self.call("export", "out", "--format", "alpaca", "--out", "s.jsonl", "--split", "test=0.3")
        parts = [(self.folder / f"s.{part}.jsonl").read_text().splitlines() for part in ("train", "test")]
        self.assertEqual(len(parts[0]) + len(parts[1]), 20)
        self.assertFalse(set(parts[0]) & set(parts[1]))
        self.assertGreater(len(parts[1]), 0)
        _, errors = self.call("export", "out", "--format", "alpaca", "--out", "s.jsonl", "--split", "test=2", expect=2)
        self.assertIn("test=2", errors)

    def test_export_does_not_replace_an_input(self):
        before = (self.folder / "a.jsonl").read_text()
        scores = (self.folder / "score.npy").read_bytes()
        for target in ("a.jsonl", "score.npy", "config.yaml"):
            for output in ("out", "new"):
                for command in ("validate", "run"):
                    self.write("config.yaml", CONFIG + f"  - export: {{path: ../{target}}}\n")
                    _, errors = self.call(command, "config.yaml", "--set", f"run.output={output}", expect=2)
                    self.assertIn(f"{target}, which is read", errors)
        self.call("export", "out", "--format", "jsonl", "--out", "a.jsonl", expect=2)
        self.assertEqual((self.folder / "a.jsonl").read_text(), before)
        self.assertEqual((self.folder / "score.npy").read_bytes(), scores)

    def test_export_does_not_replace_the_run(self):
        for target in ("out/subset.h5", "out/stages/x.jsonl", "out/config.yaml"):
            _, errors = self.call("export", "out", "--format", "jsonl", "--out", target, expect=2)
            self.assertIn("belongs to the run itself", errors)
        _, errors = self.call("export", "out/subset.h5", "--format", "jsonl", "--out", "out/subset.h5", expect=2)
        self.assertIn("out/subset.h5, which is read", errors)
        before = (self.folder / "out/config.yaml").read_text()
        (self.folder / "link.jsonl").symlink_to("out/config.yaml")
        for command in (("export", "out", "--format", "jsonl"), ("export", "out/subset.h5", "--format", "jsonl"),
                        ("table", "out", "--columns", "line")):
            for target in ("link.jsonl", "out/config.yaml"):
                _, errors = self.call(*command, "--out", target, expect=2)
                self.assertIn("belongs to the run itself", errors)
        self.assertEqual((self.folder / "out/config.yaml").read_text(), before)
        self.call("export", "out", "--format", "jsonl", "--out", "out/subset.jsonl")

    def test_split_keeps_copies_of_a_text_together(self):
        self.write("copies.jsonl", jsonl([{"id": number, "text": f"text {number % 40}"} for number in range(200)]))
        self.run_config("corpus: {pool: [{path: copies.jsonl}]}\npipeline:\n  - filter: {keep: {}}\n", "copies")
        self.call("export", "copies", "--format", "jsonl", "--out", "c.jsonl", "--split", "test=0.5")
        train, test = ({json.loads(line)["text"] for line in (self.folder / f"c.{part}.jsonl").read_text().splitlines()}
                       for part in ("train", "test"))
        self.assertEqual(len(train) + len(test), 40)
        self.assertFalse(train & test)

    def test_export_without_select_writes_what_is_kept(self):
        config = CONFIG.split("  - embed")[0]
        self.run_config(config, "kept", ranks=2)
        self.call("export", "kept", "--format", "jsonl", "--out", "k.jsonl")
        kept = [json.loads(line) for line in (self.folder / "k.jsonl").read_text().splitlines()]
        self.assertEqual(kept, [r for r, s in zip(instructions(100), self.scores) if s >= 0.25])

    def test_parallel_jobs(self):
        config = CONFIG.replace("  - embed:  {as: emb}\n", "  - parallel:\n      - embed: {as: emb, share: 2}\n"
                                "      - embed: {as: answers, text: response}\n")
        for ranks in (1, 2, 3):
            self.run_config(config, f"parallel{ranks}", ranks=ranks)
            self.assert_same_selection(self.subset("out"), self.subset(f"parallel{ranks}"))
            self.assertEqual([job["as"] for job in self.summary(f"parallel{ranks}")["jobs"]],
                             ["", "score", "", "emb", "answers", ""])

    def test_version_and_help(self):
        text, _ = self.call("--version")
        self.assertRegex(text, r"farpoint \d+\.\d+\.\d+")
        text, _ = self.call("run", "--help")
        self.assertIn("--fresh", text)
        _, errors = self.call("rnu", expect=2)
        self.assertNotEqual(errors, "")


class WrongConfigurations(Case):
    def error(self, config: str, *arguments, ranks: int = 1) -> str:
        self.write("a.jsonl", jsonl(instructions(10)))
        self.write("config.yaml", config)
        return self.call("validate", "config.yaml", *arguments, ranks=ranks, expect=2)[1]

    def test_errors_name_the_place_and_the_way_out(self):
        pool = "corpus: {pool: [{path: a.jsonl}]}\npipeline:\n"
        cases = [
            (pool + "  - embed: {modle: x}\n", "config.yaml:3:13: unknown key 'modle' in 'embed' (did you mean 'model'?)"),
            (pool + "  - embde: {}\n", "config.yaml:3:5: unknown job 'embde' (did you mean 'embed'?)"),
            (pool + "  - embed: {text: promt}\n", "config.yaml:3:19: 'embed.text' must be prompt or response"),
            (pool + "  - embed: {normalize: 3}\n", "config.yaml:3:24: 'embed.normalize' must be true or false, not '3'"),
            (pool + "  - select: {vectors: emb, budget: {records: 5}}\n", "reads the column 'emb', which does not exist"),
            (pool + "  - embed: {}\n  - embed: {}\n", "config.yaml:4:5: 'embed' writes the column 'emb', which exists already"),
            (pool + "  - embed: {}\n  - select: {vectors: emb, budget: {}}\n", "needs records, tokens, fraction or radius"),
            (pool + "  - embed: {}\n  - select: {vectors: emb, budget: {records: -1}}\n", "config.yaml:4:46"),
            (pool + "  - embed: {}\n  - select: {vectors: emb, budget: {records: 1}}\n  - embed: {as: b}\n", "move it up"),
            (pool + "  - embed: {}\n  - select: {vectors: emb, budget: {records: 1}, pool_size: 1048577}\n",
             "config.yaml:4:61: 'select.pool_size' must be between 1 and 1048576, not 1048577"),
            (pool + "  - embed: {}\n  - select: {vectors: emb, budget: {fraction: 1.5}}\n", "config.yaml:4:47: 'select.budget.fr"),
            ("corpus: {pool: [{path: a.jsonl}], shard_records: 18446744073709551615}\n", "config.yaml:1:50: 'corpus.shard_records'"),
            (pool + "  - attach: {as: x, path: no.npy}\n", "no.npy"),
            ("corpus: {pool: [{path: v.npy, as: v}]}\npipeline:\n  - export: {format: alpaca, path: x.jsonl}\n",
             "config.yaml:3:22: 'export.format': the pool 'v.npy' holds only vectors"),
            (pool + "  - embed: {as: a/b}\n", "config.yaml:3:17: 'a/b' cannot be the name of a column: it holds a '/'"),
            ("corpus: {pool: [{path: v.npy, as: id}]}\n", "config.yaml:1:35: 'id' cannot be the name of a column"),
            (pool + "  - export: {path: rejects.jsonl}\n", "config.yaml:3:20: 'export.path': 'farpoint-run/rejects.jsonl' belongs to the run"),
            (pool + "  - export: {path: ..}\n", "config.yaml:3:20: 'export.path': '..' names a folder"),
            (pool + "  - export: {path: x.jsonl}\n  - export: {path: ../farpoint-run/x.jsonl}\n", "config.yaml:4:20: 'export' writes"),
            (pool + "  - export: {path: a.jsonl}\n  - export: {path: a.jsonl}\n", "config.yaml:4:20: 'export' writes 'a.jsonl', but"),
            ("corpus: {pool: []}\n", "must list at least one source"),
            ("corpus: {pool: [{path: a.jsonl}]}\ncorpus: {}\n", "stands here twice"),
            ("corpus: [\n", "this is not YAML"),
            ("", "config.yaml:1:1: a configuration is a map"),
            ("run: &a {output: *a}\n", "more than 64 levels deep"),
            (pool + "---\nrun: {}\n", "config.yaml:3:1: a second document"),
            ("run:\n\toutput: x\n", "config.yaml:2:8: this is not YAML: illegal map value; indent with spaces: here is a tab"),
            ("run: {threads: many}\n", "'run.threads' must be auto or a whole number from 1, not 'many'"),
            ("corpus: {pool: [a.jsonl]}\n", "each entry of 'corpus.pool' must be a map, not 'a.jsonl'; write {path: a.jsonl}"),
            (pool + "  - embed: {model: org/mini}\nmodels: {lm: {path: v.npy}}\n",
             "'models' lists lm; models: {NAME: {path: FOLDER}} adds one"),
            ("corpus: {pool: [{path: a.jsonl, fields: {promt: q}}]}\n", "did you mean 'prompt'?"),
        ]
        for config, expected in cases:
            self.assertIn(expected, self.error(config), config)

    def test_all_ranks_end_alike(self):
        errors = self.error("corpus: {pool: [{path: a.jsonl}]}\npipelin: []\n", ranks=3)
        self.assertEqual(errors.count("unknown key 'pipelin'"), 1)

    def test_set_changes_values(self):
        config = "corpus: {pool: [{path: a.jsonl}]}\npipeline: [embed: {}]\n"
        self.assertIn("'embed.text' must be", self.error(config, "--set", "embed.text=all"))
        self.assertIn("--set run.x: unknown key 'x'", self.error(config, "--set", "run.x=1"))
        self.assertIn("--set embed: unknown key 'txt'", self.error(config, "--set", "embed={txt: prompt}"))
        select = config.replace("embed: {}", "embed: {}, select: {vectors: emb, budget: {records: 1}}")
        self.assertIn("--set select.vectors: 'select' reads the column 'other'",
                      self.error(select, "--set", "select.vectors=other"))
        self.assertIn("--set select.budget.records: 'select.budget.records' must be at least 1",
                      self.error(select, "--set", "select.budget.records=0"))
        self.assertIn("--set embed.model: 'embed.model' is 'big'", self.error(config, "--set", "embed.model=big"))

    def test_vectors_of_different_width(self):
        for name, shape in (("wide", (5, 6)), ("narrow", (5, 4)), ("numbers", (5,))):
            np.save(self.folder / f"{name}.npy", np.ones(shape, dtype=np.float32))
        wide, narrow, numbers = ("{path: %s.npy, as: emb}" % name for name in ("wide", "narrow", "numbers"))
        text = "{path: a.jsonl}"
        for pool, curated, message in ((f"{wide}, {narrow}", "", "narrow.npy: rows of 4 numbers, but"),
                                       (wide, narrow, "wide.npy has rows of 6"), (text, f"{narrow}, {wide}", "wide.npy: rows of 6"),
                                       (numbers, "", "numbers.npy: vectors are an array of rank 2")):
            config = f"corpus: {{pool: [{pool}], curated: [{curated}]}}\n"
            self.assertIn(message, self.error(config))
            _, errors = self.call("run", "config.yaml", "--output", "out", ranks=2, expect=2)
            self.assertIn(message, errors)
        self.assertFalse((self.folder / "out").exists())
        self.write("config.yaml", f"corpus: {{pool: [{wide}], curated: [{narrow.replace('emb', 'other')}]}}\n")
        self.call("validate", "config.yaml")

    def test_validate_changes_nothing(self):
        self.write("a.jsonl", jsonl(instructions(10)))
        self.write("config.yaml", "run: {output: out}\ncorpus: {pool: [{path: a.jsonl}]}\npipeline: [embed: {}]\n")
        text, _ = self.call("validate", "config.yaml")
        self.assertIn("01-embed-emb", text)
        self.call("run", "config.yaml", "--dry-run")
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.jsonl", "config.yaml"])


class Documentation(Case):
    def test_configuration_page_is_up_to_date(self):
        page = subprocess.run([os.environ["FARPOINT_DOCUMENT"]], capture_output=True, text=True, check=True).stdout
        self.assertEqual(page, (REPOSITORY / "docs/configuration.md").read_text(), "run 'make docs'")

    def test_readme_lists_every_job(self):
        jobs, _ = self.call("jobs")
        table = (REPOSITORY / "README.md").read_text().split("\n## Jobs\n")[1].split("\n## ")[0]
        self.assertEqual(sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)),
                         re.findall(r"^(\w+) ", jobs.split("\n\n")[0], re.MULTILINE), "README.md, table of jobs")


if __name__ == "__main__":
    unittest.main(verbosity=2)
