# SPDX-License-Identifier: Apache-2.0
"""Exports: what stands in the files, splits, shards, the folder of datasets; each format read again by the program."""
import collections
import json
import random
import re
import shutil
import subprocess
import unittest

from farpoint import Case, jsonl

KEEP = "corpus: {{pool: [{pool}]}}\npipeline:\n  - filter: {{keep: {{}}}}\n"

# As they are written, not as a JSON library would write them.
HOSTILE = [
    r'{"output":"ans","instruction":"emoji 😀, bidi ‮abc‬, separators   ","zeta":1,"alpha":2,"input":""}',
    '{"instruction":"raw \u2028 \u2029 \u202e \U0001f468\u200d\U0001f469","input":"","output":"\\u0000 \\ud83d\\ude00 \\/"}',
    r'{"instruction":"numbers","output":"x","n":[1,1.0,-0,-0.0,1e5,1E+2,18446744073709551615,-9223372036854775808,0.1,5e-324]}',
    r'{"instruction":"huge","output":"x","id":1180591620717411303424,"more":[123456789012345678901234567890]}',
    r'{"instruction":"nothing","input":"","output":"x","a":null,"b":{},"c":[],"d":"","e":[null],"f":{"":""}}',
    r'{"system":"be kind","instruction":"history","output":"x","history":[["a","b"],["c","d"]],"tools":"[{\"name\":\"f\"}]"}',
    r'{"messages":[{"role":"system","content":"s"},{"role":"user","content":"q","weight":0},{"role":"assistant","content":null,'
    r'"tool_calls":[{"id":"7","type":"function","function":{"name":"f","arguments":"{\"a\": 1.0}"}}]},'
    r'{"role":"tool","tool_call_id":"7","content":"r"},{"role":"assistant","content":"done"}],"tools":[{"type":"function","function":'
    r'{"name":"f","parameters":{"type":"object"}}}],"source_url":"x"}',
    r'{"conversations":[{"from":"human","value":"q"},{"from":"function_call","value":"{\"name\": \"f\", \"arguments\": {}}"},'
    r'{"from":"observation","value":"r"},{"from":"gpt","value":"a"}],"system":"s","tools":"[]","topic":"t"}',
    r'{"conversation":[{"system":"s","input":"q","output":"a","k":1},{"input":"q2","output":"a2"}]}',
    r'{"text":"plain","meta":{"deep":[[[{"x":[]}]]]}}',
    r'{"question":"q?","options":["a","b"],"label":"B"}',
]


def records_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def without_null(value):
    """What Parquet can say: a key that is null is one that is not there."""
    if isinstance(value, dict):
        return {key: without_null(inner) for key, inner in value.items() if inner is not None}
    return [without_null(inner) for inner in value] if isinstance(value, list) else value


class ExportCase(Case):
    def keep(self, pool: str, output: str, ranks: int = 1, *arguments):
        self.run_config(KEEP.format(pool=pool), output, *arguments, ranks=ranks)

    def has_parquet(self) -> bool:
        self.write("probe.jsonl", '{"text":"x"}\n')
        self.keep("{path: probe.jsonl}", "probe")
        command = self.command(1, "export", "probe", "--format", "parquet", "--out", "probe.parquet")
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            self.assertIn("scripts/arrow.sh", done.stderr)
        return done.returncode == 0


class RoundTripTest(ExportCase):
    def setUp(self):
        super().setUp()
        self.write("in.jsonl", "\n".join(HOSTILE) + "\n")
        self.keep("{path: in.jsonl}", "out")

    def test_jsonl_keeps_every_byte(self):
        self.call("export", "out", "--format", "jsonl", "--out", "o.jsonl")
        self.assertEqual((self.folder / "o.jsonl").read_text(encoding="utf-8").split("\n")[:-1], HOSTILE)
        self.call("export", "out", "--format", "jsonl", "--out", "o.json")
        self.assertEqual(json.loads((self.folder / "o.json").read_text(encoding="utf-8")), [json.loads(r) for r in HOSTILE])

    def test_every_format_read_again_gives_the_same_records(self):
        for schema in ("jsonl", "alpaca", "sharegpt", "messages", "xtuner"):
            with self.subTest(schema):
                self.call("export", "out", "--format", schema, "--out", f"{schema}.jsonl")
                first = (self.folder / f"{schema}.jsonl").read_text(encoding="utf-8")
                self.assertEqual(len(first.split("\n")), len(HOSTILE) + 1)
                self.keep(f"{{path: {schema}.jsonl}}", f"{schema}-again")
                self.assertEqual(self.rejects(f"{schema}-again"), [])
                for kind in ("jsonl", schema):
                    self.call("export", f"{schema}-again", "--format", kind, "--out", "again.jsonl")
                    self.assertEqual((self.folder / "again.jsonl").read_text(encoding="utf-8"), first)

    def test_same_schema_keeps_unknown_fields(self):
        for schema, line in (("alpaca", 2), ("messages", 6), ("sharegpt", 7), ("xtuner", 8)):
            self.call("export", "out", "--format", schema, "--out", "o.jsonl")
            self.assertEqual((self.folder / "o.jsonl").read_text(encoding="utf-8").split("\n")[line], HOSTILE[line])

    def test_parquet_read_again_gives_the_same_records(self):
        if not self.has_parquet():
            self.skipTest("built without Arrow")
        _, errors = self.call("export", "out", "--format", "parquet", "--out", "o.parquet")
        self.assertIn("'n[]' are of different kinds", errors)
        self.keep("{path: o.parquet}", "again")
        self.assertEqual(self.rejects("again"), [])
        self.call("export", "again", "--format", "jsonl", "--out", "again.jsonl")
        again = (self.folder / "again.jsonl").read_text(encoding="utf-8").split("\n")
        for line, original in zip(again, HOSTILE):
            self.assertEqual(without_null(json.loads(line)), without_null(json.loads(original)))
        self.assertIn("18446744073709551615", again[2])
        self.assertIn("1180591620717411303424", again[3])
        for schema in ("messages", "sharegpt"):
            self.call("export", "out", "--format", schema, "--out", f"{schema}.parquet")
            self.call("export", "out", "--format", schema, "--out", f"{schema}.jsonl")
            self.keep(f"{{path: {schema}.parquet}}", f"{schema}-p")
            self.call("export", f"{schema}-p", "--format", "jsonl", "--out", "p.jsonl")
            self.assertEqual([without_null(r) for r in records_of(self.folder / "p.jsonl")],
                             [without_null(r) for r in records_of(self.folder / f"{schema}.jsonl")])


def sentences(count: int, draw: random.Random) -> list:
    words = [f"word{n}" for n in range(400)]
    return [" ".join(draw.choice(words) for _ in range(60)) for _ in range(count)]


class SplitTest(ExportCase):
    def split(self, output: str, *arguments, name: str = "s") -> dict:
        self.call("export", output, "--format", "jsonl", "--out", f"{name}.jsonl", *arguments)
        return {part.name.split(".")[1]: records_of(part) for part in sorted(self.folder.glob(f"{name}.*.jsonl"))}

    def test_every_source_and_label_has_its_share(self):
        draw = random.Random(1)
        texts = sentences(405, draw)
        for name, begin, end in (("a", 0, 300), ("b", 300, 390), ("c", 390, 405)):
            self.write(f"{name}.jsonl", jsonl([{"text": text, "src": name, "label": "xy"[i % 3 == 0]}
                                               for i, text in enumerate(texts[begin:end])]))
        self.keep("{path: a.jsonl}, {path: b.jsonl}, {path: c.jsonl}", "out")
        parts = self.split("out", "--split", "test=0.1")
        self.assertEqual(len(parts["train"]) + len(parts["test"]), 405)
        counts = collections.Counter(record["src"] for record in parts["test"])
        # 30, 9 and 1.5 of 40.5: 41 in all.
        self.assertEqual(counts, {"a": 30, "b": 9, "c": 2})
        parts = self.split("out", "--split", "test=0.2,validation=0.1", "--stratify", "record.label")
        self.assertEqual(sorted(parts), ["test", "train", "validation"])
        self.assertEqual([len(parts[name]) for name in ("test", "validation", "train")], [81, 41, 283])
        self.assertEqual(collections.Counter(r["label"] for r in parts["test"]), {"x": 54, "y": 27})
        ids = [record["text"] for part in parts.values() for record in part]
        self.assertEqual(sorted(ids), sorted(texts))

    def test_no_near_duplicate_crosses_the_split(self):
        draw = random.Random(2)
        records = []
        for number, text in enumerate(sentences(60, draw)):
            records.append({"text": text, "cluster": number})
            words = text.split(" ")
            for _ in range(number % 4):
                changed = list(words)
                changed[draw.randrange(60)] = "changed"
                records.append({"text": " ".join(changed), "cluster": number})
            records.append({"text": "  " + text.upper() + "\n", "cluster": number})
        draw.shuffle(records)
        self.write("in.jsonl", jsonl(records))
        self.keep("{path: in.jsonl}", "out")
        parts = self.split("out", "--split", "test=0.3")
        train, test = ({record["cluster"] for record in parts[name]} for name in ("train", "test"))
        self.assertFalse(train & test)
        # Clusters of two records and more cannot always be put together to the number.
        self.assertLessEqual(abs(len(parts["test"]) - 0.3 * len(records)), 1)
        equal = self.split("out", "--split", "test=0.3", "--near", "0", name="e")
        folded = [{" ".join(record["text"].split()).casefold() for record in equal[name]} for name in ("train", "test")]
        self.assertFalse(folded[0] & folded[1])
        self.assertTrue({r["cluster"] for r in equal["train"]} & {r["cluster"] for r in equal["test"]})

    def test_job_and_command_split_alike_at_any_number_of_ranks(self):
        texts = sentences(100, random.Random(3))
        self.write("in.jsonl", jsonl([{"text": text} for text in texts + texts[:20]]))
        config = (KEEP.format(pool="{path: in.jsonl}") +
                  "  - export: {path: s.jsonl, split: {test: 0.25}, shard_records: 20}\n")
        for ranks in (1, 3):
            self.run_config(config, f"out{ranks}", ranks=ranks)
        names = sorted(path.name for path in (self.folder / "out1").glob("s.*"))
        self.assertEqual(names, ["s.files.json", *(f"s.test-0000{n}-of-00002.jsonl" for n in range(2)),
                                 *(f"s.train-0000{n}-of-00005.jsonl" for n in range(5))])
        for name in names:
            self.assertEqual((self.folder / "out1" / name).read_text(), (self.folder / "out3" / name).read_text())
        self.call("export", "out3", "--format", "jsonl", "--out", "c.jsonl", "--split", "test=0.25")
        joined = "".join((self.folder / "out1" / f"s.test-0000{n}-of-00002.jsonl").read_text() for n in range(2))
        self.assertEqual((self.folder / "c.test.jsonl").read_text(), joined)
        job = self.job("out1", "export")
        self.assertEqual(job["counters"], {"in_clusters": 40, "test": 30, "train": 90})
        # Done work is kept; a shard that is gone is made again.
        _, errors = self.run_config(config, "out1")
        self.assertGreater(self.job("out1", "export")["resumed_shards"], 0)
        (self.folder / "out1/s.train-00003-of-00005.jsonl").unlink()
        self.run_config(config, "out1")
        self.assertEqual((self.folder / "out1/s.train-00003-of-00005.jsonl").read_text(),
                         (self.folder / "out3/s.train-00003-of-00005.jsonl").read_text())
        # Fewer shards: no file of before is left.
        self.run_config(config.replace("shard_records: 20", "shard_records: 60"), "out1")
        self.assertEqual(sorted(path.name for path in (self.folder / "out1").glob("s.*.jsonl")),
                         ["s.test-00000-of-00001.jsonl", "s.train-00000-of-00002.jsonl", "s.train-00001-of-00002.jsonl"])

    def test_mistakes_are_named(self):
        self.write("in.jsonl", jsonl([{"text": "x"}]))
        self.keep("{path: in.jsonl}", "out")
        for arguments, expected in (
                (("--split", "test"), "test=SHARE"), (("--split", "test=x"), "--split test=x"),
                (("--split", "train=0.5"), "'train'"), (("--split", "a=0.5,b=0.5"), "leaves none"),
                (("--split", "test=0.1", "--stratify", "topic"), "record.KEY"), (("--near", "2"), "between 0 and 1"),
                (("--shard-size", "many"), "512MiB"), (("--license", "a b"), "cc-by-4.0")):
            _, errors = self.call("export", "out", "--format", "jsonl", "--out", "o.jsonl", *arguments, expect=2)
            self.assertIn(expected, errors)
        _, errors = self.call("export", "out", "--format", "messages", "--schema", "alpaca", "--out", "o.jsonl", expect=2)
        self.assertIn("schema", errors)
        self.assertEqual(list(self.folder.glob("o.*")), [])


class ShardTest(ExportCase):
    def test_shards_are_as_large_as_they_may_be(self):
        records = [{"text": "x" * (100 + i)} for i in range(100)]
        self.write("in.jsonl", jsonl(records))
        self.keep("{path: in.jsonl}", "out")
        self.call("export", "out", "--format", "jsonl", "--out", "deep/o.jsonl", "--shard-size", "4kB")
        files = sorted((self.folder / "deep").glob("o-*.jsonl"))
        self.assertEqual([path.name for path in files], [f"o-{n:05}-of-{len(files):05}.jsonl" for n in range(len(files))])
        self.assertEqual([record for path in files for record in records_of(path)], records)
        for path, following in zip(files, files[1:]):
            first = len(following.read_text().split("\n")[0]) + 1
            self.assertLessEqual(path.stat().st_size, 4000)
            self.assertGreater(path.stat().st_size + first, 4000)
        listed = json.loads((self.folder / "deep/o.files.json").read_text())["files"]
        self.assertEqual([file["name"] for file in listed], [path.name for path in files])
        self.assertEqual(sum(file["records"] for file in listed), 100)
        self.call("export", "out", "--format", "jsonl", "--out", "deep/o.json", "--shard-records", "50")
        self.assertEqual([len(json.loads(path.read_text())) for path in sorted((self.folder / "deep").glob("o-*.json"))], [50, 50])

    def test_one_long_record_is_a_shard(self):
        self.write("in.jsonl", jsonl([{"text": "a"}, {"text": "b" * 500}, {"text": "c"}]))
        self.keep("{path: in.jsonl}", "out")
        self.call("export", "out", "--format", "jsonl", "--out", "o.jsonl", "--shard-size", "100")
        self.assertEqual([len(records_of(path)) for path in sorted(self.folder.glob("o-*.jsonl"))], [1, 1, 1])


class DatasetsTest(ExportCase):
    CONFIG = """corpus: {pool: [{path: a.jsonl, name: web|x}, {path: b.jsonl}]}
pipeline:
  - clean: {min_chars: 1, language: [en]}
  - embed: {as: emb}
  - select: {vectors: emb, budget: {records: 40}}
  - export: {format: datasets, path: data/set, split: {test: 0.1}, shard_records: 20, license: cc-by-4.0}
"""

    def setUp(self):
        super().setUp()
        draw = random.Random(5)
        words = "the a of moon sun reads writes house small large and with never always explains".split()
        for name in "ab":
            self.write(f"{name}.jsonl", jsonl([{"instruction": " ".join(draw.choice(words) for _ in range(30)), "input": "",
                                                "output": "Because it is so.", "n": i} for i in range(60)]))

    def test_folder_and_card(self):
        self.run_config(self.CONFIG, "out")
        folder = self.folder / "out/data/set"
        card = (folder / "README.md").read_text()
        head = card.split("---\n")[1]
        self.assertIn("license: cc-by-4.0", head)
        self.assertIn('language:\n- "en"', head)
        self.assertIn("size_categories:\n- n<1K", head)
        self.assertIn("task_categories:\n- text-generation", head)
        self.assertIn("  - split: test\n    path: data/test-*", head)
        self.assertIn("web\\|x", card)
        self.assertIn("40 records from a pool of 120 records", card)
        self.assertIn("k-center", card)
        self.assertIn("<details>", card)
        self.assertRegex(card, r"## Coverage(.|\n)*\| subset \| [0-9.]+ \|(.|\n)*\| random \|")
        self.assertNotIn("not known", card)
        names = sorted(path.name for path in (folder / "data").iterdir())
        self.assertEqual([re.sub(r"\..*", "", name) for name in names],
                         ["test-00000-of-00001", "train-00000-of-00002", "train-00001-of-00002"])
        self.assertFalse((self.folder / "out/data/set.tmp").exists())
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        self.run_config(self.CONFIG, "out")
        self.assertGreater(self.job("out", "export")["resumed_shards"], 0)
        self.assertEqual({path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}, before)
        shutil.rmtree(folder / "data")
        self.run_config(self.CONFIG, "out")
        self.assertEqual({path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}, before)

    def test_command_replaces_its_own_folder_and_no_other(self):
        self.keep("{path: a.jsonl}", "out")
        self.call("export", "out", "--format", "datasets", "--out", "set/")
        self.assertIn("The license of this data is not known", (self.folder / "set/README.md").read_text())
        self.call("export", "out", "--format", "datasets", "--out", "set", "--schema", "messages", "--shard-records", "25")
        self.assertEqual(len(list((self.folder / "set/data").iterdir())), 3)
        self.assertIn("--schema messages", (self.folder / "set/README.md").read_text())
        self.write("set/mine.txt", "x")
        _, errors = self.call("export", "out", "--format", "datasets", "--out", "set", expect=2)
        self.assertIn("mine.txt", errors)
        self.assertEqual(len(list((self.folder / "set/data").iterdir())), 3)
        (self.folder / "other").mkdir()
        self.write("other/README.md", "mine")
        _, errors = self.call("export", "out", "--format", "datasets", "--out", "other", expect=2)
        self.assertIn("README.md", errors)
        _, errors = self.call("export", "out", "--format", "datasets", "--out", "a.jsonl", expect=2)
        self.assertIn("a.jsonl", errors)
        _, errors = self.call("export", "out", "--format", "datasets", "--out", "out", expect=2)


if __name__ == "__main__":
    unittest.main()
