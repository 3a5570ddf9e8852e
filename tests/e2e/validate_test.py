# SPDX-License-Identifier: Apache-2.0
"""`validate` finds everything that is wrong at once, each with its place."""
import json
import unittest

from farpoint import Case, instructions, jsonl

POOL = "corpus: {pool: [{path: a.jsonl}]}\npipeline:\n"


class Validate(Case):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl(instructions(20)))

    def problems(self, config: str, *arguments, command: str = "validate", ranks: int = 1) -> list:
        """The lines of the error, in order, without the program's name."""
        self.write("config.yaml", config)
        text, errors = self.call(command, "config.yaml", *arguments, ranks=ranks, expect=2)
        lines = errors.splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith("farpoint: error: "))
        lines = lines[start:]
        lines[0] = lines[0].removeprefix("farpoint: error: ")
        return [line for line in lines if not line.startswith(("-----", "mpirun", "Primary"))]

    def test_everything_at_once_sorted_by_place(self):
        found = self.problems("run: {sed: 3}\n"
                              "corpus:\n"
                              "  pool: [{path: a.jsonl}, {path: gone.jsonl}, {path: 'no/*.txt'}]\n"
                              "  shard_records: many\n"
                              "pipeline:\n"
                              "  - clean: {html: away}\n"
                              "  - embed: {modle: x}\n"
                              "  - attach: {as: score, path: score.npy}\n"
                              "  - filter: {keep: {lenght: {min: 1}}}\n"
                              "  - embed: {as: two, model: big}\n"
                              "  - select: {vectors: nothing, budget: {records: 0}}\n"
                              "  - export: {format: alpca, path: x.jsonl}\n")
        expected = ["config.yaml:1:7: unknown key 'sed' in 'run' (did you mean 'seed'?)",
                    "config.yaml:3:34: 'gone.jsonl': no such file",
                    "config.yaml:3:54: 'no/*.txt': no such file",
                    "config.yaml:4:18: 'corpus.shard_records' must be a whole number",
                    "config.yaml:6:19: 'clean.html' must be off or strip, not 'away'",
                    "config.yaml:7:13: unknown key 'modle' in 'embed' (did you mean 'model'?)",
                    "config.yaml:8:31: 'attach.path': 'score.npy': no such file",
                    "config.yaml:9:21: 'filter' reads the column 'lenght', which does not exist",
                    "config.yaml:10:29: 'embed.model' is 'big', which is not one of 'models'",
                    "config.yaml:11:50: 'select.budget.records' must be at least 1",
                    "config.yaml:12:22: 'export.format' must be"]
        self.assertEqual(found[-1], f"{len(expected)} problems", "\n".join(found))
        for line, start in zip(found, expected):
            self.assertTrue(line.startswith(start), f"{line}\nis not\n{start}")

    def test_consequences_are_not_told(self):
        for broken in ("embed: {normalize: 3}", "embed: {model: big}", "embde: {as: emb}", "embde: {}",
                       "attach: {as: emb, path: no.npy}"):
            found = self.problems(POOL + f"  - {broken}\n  - dedup: {{semantic: {{threshold: 0.9, vectors: emb}}}}\n"
                                  "  - select: {vectors: emb, budget: {records: 5}}\n  - export: {path: x.jsonl}\n")
            self.assertEqual(len(found), 1, "\n".join(found))
            self.assertTrue(found[0].startswith("config.yaml:3:"), found[0])

    def test_each_duplicate_name_is_told(self):
        found = self.problems(POOL + "  - embed: {}\n  - embed: {}\n  - embed: {as: a}\n  - embed: {as: a}\n")
        self.assertEqual([line[:15] for line in found], ["config.yaml:4:5", "config.yaml:6:1", "2 problems"], "\n".join(found))

    def test_run_tells_all_too_on_rank_0_alone(self):
        config = "run: {sed: 3}\n" + POOL + "  - embde: {}\n  - export: {format: x, path: x}\n"
        for ranks in (1, 3):
            found = self.problems(config, command="run", ranks=ranks)
            self.assertEqual(sum("'sed'" in line for line in found), 1)
            self.assertEqual(found[3], "3 problems", "\n".join(found))
        self.assertFalse((self.folder / "farpoint-run").exists())

    def test_settings_are_part_of_it(self):
        config = POOL + "  - embed: {}\n  - select: {vectors: emb, budget: {records: 5}}\n"
        found = self.problems(config, "--set", "slect.budget.records=3", "--set", "run.sed=1", "--set", "nonsense")
        self.assertEqual(found[-1], "3 problems", "\n".join(found))
        self.assertTrue(any("did you mean 'select'?" in line for line in found))
        self.assertTrue(any("did you mean 'seed'?" in line for line in found))
        self.assertTrue(any("not KEY=VALUE" in line for line in found))

    def test_until_knows_the_jobs(self):
        self.write("config.yaml", POOL + "  - embed: {}\n")
        _, errors = self.call("run", "config.yaml", "--until", "embde", expect=2)
        self.assertIn("--until embde: the pipeline has no such job (did you mean 'embed'?)", errors)
        _, errors = self.call("run", "config.yaml", "--until", "something", expect=2)
        self.assertIn("it has ingest, embed", errors)

    def test_what_until_leaves_out_may_be_wrong(self):
        self.write("config.yaml", POOL + "  - embed: {}\n  - attach: {as: score, path: made-later.npy}\n")
        self.call("run", "config.yaml", "--until", "embed", "--dry-run")
        self.assertEqual(len(self.problems((self.folder / "config.yaml").read_text())), 1)

    def test_json(self):
        self.write("config.yaml", "run: {sed: 3}\n" + POOL + "  - embde: {}\n")
        text, errors = self.call("validate", "config.yaml", "--json", expect=2)
        found = json.loads(text)
        self.assertFalse(found["valid"])
        self.assertEqual([(one["file"], one["line"], one["column"]) for one in found["problems"]],
                         [("config.yaml", 1, 7), ("config.yaml", 4, 5)])
        self.assertIn("did you mean 'seed'?", found["problems"][0]["message"])
        self.assertIn("2 problems", errors)
        self.write("config.yaml", POOL + "  - embed: {}\n")
        found = json.loads(self.call("validate", "config.yaml", "--json")[0])
        self.assertEqual((found["valid"], found["problems"], found["files"]["pool"]), (True, [], 1))
        self.assertEqual(found["stages"][0]["stage"], "01-embed-emb")

    def test_json_of_what_has_no_place(self):
        self.write("config.yaml", POOL + "  - export: {path: ../a.jsonl}\n")
        text, errors = self.call("validate", "config.yaml", "--json", "--output", "out", expect=2)
        found = json.loads(text)["problems"]
        self.assertEqual(len(found), 1)
        self.assertIn("a.jsonl, which is read", found[0]["message"])
        self.assertIsNone(found[0]["line"])
        self.assertIn("a.jsonl, which is read", errors)

    def test_missing_file_says_what_writes_one(self):
        _, errors = self.call("validate", "nothing.yaml", expect=2)
        self.assertIn("nothing.yaml: there is no such file; farpoint init", errors)
        self.write("a.jsonl", '{"text": "a"}\n')
        for path, way_out in (("a.jsonl", "this is data by its name, and no configuration; farpoint init a.jsonl writes one"),
                              (".", "this is a folder; farpoint init . writes a configuration for it")):
            self.assertIn(f"{path}: {way_out}", self.call("validate", path, expect=2)[1])

    def test_each_missing_input_of_an_otherwise_valid_configuration(self):
        found = self.problems("corpus:\n  pool: [{path: a.jsonl}, {path: b.jsonl}]\n  curated: [{path: c.jsonl}]\n")
        self.assertRegex("\n".join(found), r"config.yaml:2:34: 'b.jsonl'.*\n.*config.yaml:3:20: 'c.jsonl'.*\n2 problems")

    def test_a_valid_one_is_quiet_when_asked(self):
        self.write("config.yaml", POOL + "  - embed: {}\n")
        self.assertEqual(self.call("validate", "config.yaml", "-q"), ("", ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
