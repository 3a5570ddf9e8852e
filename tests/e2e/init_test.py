# SPDX-License-Identifier: Apache-2.0
"""`init` writes a configuration that validates and runs, whatever the files are."""
import gzip
import json
import unittest

import numpy as np

from farpoint import Case, instructions, jsonl

LONG = "This is a sentence of a text in plain English, which is long enough for its language to be known. "


class Init(Case):
    def init(self, *arguments, expect: int = 0):
        return self.call("init", *arguments, expect=expect)

    def run_written(self, records: int, name: str = "config.yaml") -> str:
        """What was written is valid and runs; returns it."""
        self.call("validate", name)
        self.call("run", name)
        summary = self.summary(f"runs/{name.removesuffix('.yaml')}")
        self.assertEqual(summary["pool_records"], records)
        self.assertGreater(summary["selected"], 0)
        return (self.folder / name).read_text()

    def exported(self, name: str = "subset.jsonl") -> list:
        text = (self.folder / "runs/config" / name).read_text()
        return json.loads(text) if name.endswith(".json") else [json.loads(line) for line in text.splitlines()]

    def test_alpaca(self):
        self.write("a.jsonl", jsonl(instructions(300)))
        text, _ = self.init("a.jsonl")
        self.assertIn("300 records, Alpaca", text)
        self.assertIn("farpoint validate config.yaml", text)
        self.assertIn("farpoint run config.yaml", text)
        config = self.run_written(300)
        self.assertIn("  - report: {}", config)
        self.assertEqual(len(self.exported()), 30)
        self.assertEqual(set(self.exported()[0]), {"instruction", "input", "output"})

    def test_messages_in_an_array(self):
        records = [{"messages": [{"role": "user", "content": f"Question {n}?"}, {"role": "assistant", "content": f"{n}"}]}
                   for n in range(50)]
        self.write("chat.json", json.dumps(records))
        text, _ = self.init("chat.json")
        self.assertIn("50 records, messages", text)
        self.run_written(50)
        self.assertIn("messages", self.exported("subset.json")[0])

    def test_text_and_gzip(self):
        self.write("lines.txt", "".join(f"{LONG}{n}\n" for n in range(40)))
        with gzip.open(self.folder / "more.jsonl.gz", "wt") as file:
            file.write(jsonl([{"text": f"<p>{LONG}</p> {n}"} for n in range(60)]))
        text, _ = self.init("lines.txt", "more.jsonl.gz")
        self.assertIn("40 records, text", text)
        self.assertIn("60 records, text, compressed", text)
        self.assertIn("en 100 %", text)
        config = self.run_written(100)
        self.assertIn("# html: strip", config)
        self.assertIn("60 % of the sampled texts", config)

    def test_folder_of_everything(self):
        (self.folder / "data/part").mkdir(parents=True)
        for n in range(3):
            self.write(f"data/part/{n}.jsonl", jsonl(instructions(40, seed=n)))
        self.write("data/qa.jsonl", jsonl([{"question": f"What is {n}?", "answer": f"It is {n}."} for n in range(30)]))
        self.write("data/empty.jsonl", "")
        self.write("data/README.md", "words")
        self.write("data/broken.json", "no JSON at all")
        text, _ = self.init("data")
        self.assertIn("120 records in 3 files, Alpaca", text)
        self.assertIn("30 records, question and answer", text)
        self.assertRegex(text, r"data/empty.jsonl +left out: holds no record")
        self.assertRegex(text, r"data/broken.json +left out: ")
        self.assertIn("1 other file was passed over", text)
        config = self.run_written(150)
        self.assertIn("part/*.jsonl", config)
        self.assertIn("# left out: holds no record", config)

    def test_folder_default_passes_over_runs(self):
        self.write("a.jsonl", jsonl(instructions(60)))
        self.init()
        self.run_written(60)
        text, _ = self.init("--force")
        self.assertNotIn("subset", text)
        self.run_written(60)

    def test_unknown_keys_are_guessed_and_named(self):
        self.write("own.jsonl", jsonl([{"id": n, "user_question": f"Why {n}?", "bot_answer": f"Because {n}.", "score": n}
                                       for n in range(50)]))
        text, _ = self.init("own.jsonl")
        self.assertIn("check the guessed 'fields'", text)
        config = self.run_written(50)
        self.assertIn("fields: {prompt: user_question, response: bot_answer}", config)
        self.assertIn("id, user_question, bot_answer, score", config)

    def test_no_text_names_the_keys(self):
        self.write("numbers.jsonl", jsonl([{"x": n, "y": [n]} for n in range(10)]))
        _, errors = self.init("numbers.jsonl", expect=2)
        self.assertIn("its keys are x, y", errors)
        self.assertFalse((self.folder / "config.yaml").exists())
        self.write("a.jsonl", jsonl(instructions(60)))
        text, _ = self.init("numbers.jsonl", "a.jsonl")
        self.assertIn("fields: {prompt: KEY, response: KEY}", text)
        self.assertIn("fields: {prompt: KEY, response: KEY}", self.run_written(60))

    def test_vectors_only(self):
        np.save(self.folder / "v.npy", np.random.default_rng(1).normal(size=(80, 8)).astype(np.float32))
        text, _ = self.init("v.npy")
        self.assertIn("80 vectors of 8 numbers", text)
        config = self.run_written(80)
        self.assertNotIn("clean", config)

    def test_vectors_beside_texts_are_a_suggestion(self):
        self.write("a.jsonl", jsonl(instructions(60)))
        np.save(self.folder / "v.npy", np.zeros((60, 8), dtype=np.float32))
        self.init("a.jsonl", "v.npy")
        self.assertIn("# - attach: {as: v, path: v.npy}", self.run_written(60))

    def test_languages_and_copies(self):
        english = [{"text": f"{LONG}{n}"} for n in range(40)]
        chinese = [{"text": f"这是一个很长的中文句子,用来测试语言检测是否可靠。第{n}句。"} for n in range(20)]
        self.write("both.jsonl", jsonl(english + chinese + english[:10]))
        self.init("both.jsonl")
        config = self.run_written(70)
        self.assertRegex(config, r"# language: \[en\] +# seen: en 71 %, zh 29 %")
        self.assertIn("14 % of the sampled records are copies", config)

    def test_faulty_records_do_not_stop_the_run(self):
        self.write("a.jsonl", jsonl(instructions(60)) + "{broken\n" * 18 + "{}\n" * 2)
        text, _ = self.init("a.jsonl")
        self.assertIn("faulty of 80 sampled: 18 bad_json, 2 no_text", text)
        self.assertIn("max_reject_fraction", self.run_written(80))

    def test_few_faulty_records_leave_the_default(self):
        self.write("a.jsonl", jsonl(instructions(200)) + "{broken\n")
        text, _ = self.init("a.jsonl")
        self.assertIn("faulty of 201 sampled: 1 bad_json", text)
        self.assertNotIn("max_reject_fraction", self.run_written(201))

    def test_a_file_of_another_schema_is_a_source_of_its_own(self):
        """Else the fields that are guessed for its neighbours would make all its records faulty."""
        (self.folder / "data").mkdir()
        self.write("data/mine.jsonl", jsonl([{"q": f"Why {n}?", "a": f"Because {n}."} for n in range(60)]))
        self.write("data/other.jsonl", jsonl([{"messages": [{"role": "user", "content": f"{n}?"}]} for n in range(20)]
                                            + [{"text": f"{LONG}{n}"} for n in range(20)]))
        text, _ = self.init("data")
        self.assertIn("40 records, several schemas (messages, text)", text)
        config = self.run_written(100)
        self.assertIn("path: data/mine.jsonl, name: mine, fields: {prompt: q, response: a}", config)
        self.assertIn("# the records as they are, of several schemas", config)
        self.assertEqual(self.rejects("runs/config"), [])
        text, _ = self.init("data/*.jsonl", "--force")
        # A glob is taken as it is.
        self.assertRegex(text, "faulty of 100 sampled: 40 no_text; .*data/other.jsonl is unlike the others: make it a source")
        self.write("data/a.jsonl", jsonl(instructions(10)))
        self.assertIn("its files are unlike each other; name them apart", self.init("data/*.jsonl", "--force", expect=2)[1])

    def test_names_that_mean_something_elsewhere(self):
        (self.folder / "my data").mkdir()
        for name in ("my data/a [1].jsonl", "my data/b: #2.json.jsonl", "my data/日本.jsonl"):
            self.write(name, jsonl(instructions(20, seed=len(name))))
        self.init("my data/a [1].jsonl", "my data/b: #2.json.jsonl", "my data/日本.jsonl", "--output", "my data/c.yaml")
        self.call("validate", "my data/c.yaml")
        config = (self.folder / "my data/c.yaml").read_text()
        for name in ("name: a-1}", "name: b-2}", "name: data}"):
            self.assertIn(name, config)
        self.call("run", "my data/c.yaml")
        self.assertEqual(self.summary("runs/c")["pool_records"], 60)

    def test_globs(self):
        for n in range(3):
            self.write(f"p{n}.jsonl", jsonl(instructions(20, seed=n)))
        text, _ = self.init("p*.jsonl")
        self.assertIn("60 records in 3 files", text)
        self.run_written(60)

    def test_nothing_is_replaced_without_being_told(self):
        self.write("a.jsonl", jsonl(instructions(60)))
        self.write("config.yaml", "mine")
        _, errors = self.init("a.jsonl", expect=2)
        self.assertIn("--force", errors)
        self.assertEqual((self.folder / "config.yaml").read_text(), "mine")
        self.init("a.jsonl", "--force")
        self.run_written(60)

    def test_nothing_there(self):
        _, errors = self.init("gone.jsonl", expect=2)
        self.assertIn("gone.jsonl: there is no such file or folder", errors)
        _, errors = self.init(expect=2)
        self.assertIn("name the files", errors)
        self.write("empty.jsonl", "")
        _, errors = self.init("empty.jsonl", expect=2)
        self.assertIn("holds no record", errors)
        self.assertFalse((self.folder / "config.yaml").exists())

    def test_json(self):
        self.write("a.jsonl", jsonl(instructions(60)))
        text, _ = self.init("a.jsonl", "--json")
        found = json.loads(text)
        self.assertEqual((found["config"], found["records"]), ("config.yaml", 60))
        self.assertEqual(found["sources"][0]["schemas"], {"Alpaca": 60})


if __name__ == "__main__":
    unittest.main(verbosity=2)
