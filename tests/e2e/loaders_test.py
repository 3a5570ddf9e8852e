# SPDX-License-Identifier: Apache-2.0
"""Exports as those read them who train on them: pyarrow, pandas, datasets, json; and Parquet files of others as input.
Needs .deps/test-tools (scripts/test_tools.sh)."""
import base64
import datetime
import decimal
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

# Read when datasets is imported.
CACHE = tempfile.TemporaryDirectory(prefix="farpoint-hf-")
os.environ.update(HF_HOME=CACHE.name, HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")

import datasets
import h5py
import huggingface_hub
import numpy as np
import pandas
import pyarrow as pa
import pyarrow.parquet as pq

from export_test import HOSTILE, ExportCase, records_of, sentences, without_null
from farpoint import PROGRAM, jsonl, shared_data

CALLS = [
    {"messages": [{"role": "user", "content": f"weather in {city}?"},
                  {"role": "assistant", "content": None, "tool_calls": [
                      {"id": f"c{number}", "type": "function",
                       "function": {"name": "weather", "arguments": {"city": city} if number % 2 else {"place": [city, number]}}}]},
                  {"role": "tool", "tool_call_id": f"c{number}", "content": "sun ☀"},
                  {"role": "assistant", "content": "Sunny.\u2028 Done"}],
     "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}],
     "n": number, "score": number / 7, "when": "2026-01-31 10:00:00", "id": 2**63 + number, "empty": "", "extra": {"k": [1, 2.5]}}
    for number, city in enumerate(["Paris", "東京", "القاهرة", "x" * 3000])]


def plain(value):
    """What pandas and pyarrow hold as Python has it; JSON text of arrow.json decoded."""
    if isinstance(value, np.ndarray):
        return [plain(inner) for inner in value]
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.item() if isinstance(value, np.generic) else value


def decoded(value, kind):
    """The value of a pyarrow type with its JSON text read."""
    if value is None:
        return None
    if isinstance(kind, pa.JsonType):
        return json.loads(value)
    if pa.types.is_list(kind):
        return [decoded(inner, kind.value_type) for inner in value]
    if pa.types.is_struct(kind):
        return {field.name: decoded(value[field.name], field.type) for field in kind if field.name in value}
    return value


def rows_of(table) -> list:
    return [without_null({field.name: decoded(row[field.name], field.type) for field in table.schema})
            for row in table.to_pylist()]


class LoadersCase(ExportCase):
    def setUp(self):
        super().setUp()
        if not self.has_parquet():
            self.skipTest("built without Arrow")

    def exported(self, records: list, *arguments, out: str):
        self.write("in.jsonl", jsonl(records))
        self.keep("{path: in.jsonl}", "out", 1, "--fresh")
        return self.call("export", "out", "--out", out, *arguments)


class ReadByOthersTest(LoadersCase):
    def test_parquet_is_equal_field_for_field(self):
        self.exported(CALLS, "--format", "parquet", out="o.parquet")
        table = pq.read_table(self.folder / "o.parquet")
        expected = [without_null(record) for record in CALLS]
        self.assertEqual(rows_of(table), expected)
        self.assertEqual(table.schema.field("id").type, pa.uint64())
        self.assertEqual(table.schema.field("when").type, pa.string())
        self.assertEqual(table.schema.field("score").type, pa.float64())
        self.assertEqual(table.column_names, list(CALLS[0]))
        turn = table.schema.field("messages").type.value_type
        call = turn.field("tool_calls").type.value_type.field("function").type
        self.assertEqual(call.field("arguments").type, pa.json_())
        frame = pandas.read_parquet(self.folder / "o.parquet")
        rows = [decoded(plain(row), pa.struct(list(table.schema))) for row in frame.to_dict("records")]
        self.assertEqual([without_null(row) for row in rows], expected)
        loaded = datasets.load_dataset("parquet", data_files=str(self.folder / "o.parquet"), split="train",
                                       cache_dir=str(self.folder / "cache"))
        self.assertEqual([without_null(row) for row in loaded], expected)

    def test_hostile_records_are_equal(self):
        self.write("in.jsonl", "\n".join(HOSTILE) + "\n")
        self.keep("{path: in.jsonl}", "out")
        expected = [without_null(json.loads(record)) for record in HOSTILE]
        for schema in ("as-is", "messages", "sharegpt", "alpaca", "xtuner"):
            with self.subTest(schema):
                if schema != "as-is":
                    self.call("export", "out", "--format", schema, "--out", "o.jsonl")
                    expected = [without_null(record) for record in records_of(self.folder / "o.jsonl")]
                self.call("export", "out", "--format", "parquet", "--schema", schema, "--out", "o.parquet")
                self.assertEqual(rows_of(pq.read_table(self.folder / "o.parquet")), expected)

    def test_lines_and_arrays_are_equal(self):
        self.exported(CALLS, "--format", "messages", out="o.jsonl")
        self.call("export", "out", "--format", "messages", "--out", "o.json")
        self.assertEqual(records_of(self.folder / "o.jsonl"), CALLS)
        self.assertEqual(json.loads((self.folder / "o.json").read_text(encoding="utf-8")), CALLS)

    def test_datasets_folder_loads(self):
        texts = sentences(200, random.Random(1))
        records = [{"instruction": text, "input": "", "output": str(i), "tags": ["a", "b"][:i % 3]} for i, text in enumerate(texts)]
        expected = {record["output"]: record for record in records}
        for library in ({}, {"FARPOINT_PARQUET_LIBRARY": str(self.folder / "none.so")}):
            self.write("in.jsonl", jsonl(records))
            self.keep("{path: in.jsonl}", "out", 1, "--fresh")
            done = subprocess.run(self.command(1, "export", "out", "--format", "datasets", "--out", "set", "--split",
                                               "test=0.1,validation=0.05", "--shard-size", "20KB"),
                                  cwd=self.folder, env=dict(os.environ, **library), capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            ending = "jsonl" if library else "parquet"
            self.assertGreater(len(list((self.folder / "set/data").glob(f"train-*.{ending}"))), 2)
            loaded = datasets.load_dataset(str(self.folder / "set"), cache_dir=str(self.folder / f"cache-{ending}"))
            self.assertEqual({name: len(part) for name, part in loaded.items()}, {"train": 170, "test": 20, "validation": 10})
            rows = [row for part in loaded.values() for row in part]
            self.assertEqual(len(rows), 200)
            for row in rows:
                self.assertEqual(row, expected[row["output"]])
            card = huggingface_hub.DatasetCard.load(self.folder / "set/README.md")
            self.assertEqual(card.data.license, "unknown")
            self.assertEqual(card.data.size_categories, ["n<1K"])
            self.assertEqual([file["split"] for file in card.data.configs[0]["data_files"]], ["train", "test", "validation"])

    def test_subset_is_read_by_h5py(self):
        self.write("in.jsonl", jsonl(CALLS))
        self.run_config("corpus: {pool: [{path: in.jsonl}]}\npipeline:\n  - select: {method: longest, budget: {records: 2}}\n"
                        "  - export: {format: parquet, path: s.parquet}\n", "chosen")
        with h5py.File(self.folder / "chosen/subset.h5") as file:
            stored = [json.loads(record) for record in file["record"].asstr()]
        self.assertEqual(rows_of(pq.read_table(self.folder / "chosen/s.parquet")), [without_null(r) for r in stored])

    def test_parts_of_a_split_have_one_schema(self):
        texts = sentences(40, random.Random(2))
        records = [{"text": text, **({"rare": {"k": i}} if i == 7 else {})} for i, text in enumerate(texts)]
        self.exported(records, "--format", "parquet", "--split", "test=0.5", "--shard-records", "10", out="o.parquet")
        schemas = {str(pq.read_schema(path)) for path in self.folder.glob("o.*.parquet")}
        self.assertEqual(len(schemas), 1)
        self.assertIn("rare", schemas.pop())


class RealDataTest(LoadersCase):
    def test_every_file_comes_back(self):
        files = [path for path in sorted(shared_data().glob("*")) if path.suffix in (".jsonl", ".json")]
        if not files:
            self.skipTest("no shared data")
        for path in files:
            with self.subTest(path.name):
                self.keep(f"{{path: '{path}'}}", "out", 1, "--fresh")
                self.call("export", "out", "--format", "jsonl", "--out", "o.jsonl")
                self.call("export", "out", "--format", "parquet", "--out", "o.parquet")
                expected = [without_null(record) for record in records_of(self.folder / "o.jsonl")]
                self.assertGreater(len(expected), 0)
                self.assertEqual(rows_of(pq.read_table(self.folder / "o.parquet")), expected)
                loaded = datasets.load_dataset("parquet", data_files=str(self.folder / "o.parquet"), split="train",
                                               cache_dir=str(self.folder / f"cache-{path.name}"))
                self.assertEqual([without_null(row) for row in loaded], expected)
                self.keep("{path: o.parquet}", "again", 1, "--fresh")
                self.call("export", "again", "--format", "jsonl", "--out", "again.jsonl")
                self.assertEqual([without_null(record) for record in records_of(self.folder / "again.jsonl")], expected)


class WrittenByOthersTest(LoadersCase):
    def test_init_writes_a_configuration_for_them(self):
        rows = [{"instruction": f"{text} {i}", "output": text[::-1]} for i, text in enumerate(sentences(200, random.Random(5)))]
        (self.folder / "data").mkdir()
        pq.write_table(pa.Table.from_pylist(rows), self.folder / "data/a.parquet", row_group_size=64)
        self.call("init", "data", "--output", "c.yaml")
        self.assertIn("200 records, Alpaca", (self.folder / "c.yaml").read_text())
        self.call("run", "c.yaml")
        self.assertEqual(self.summary("runs/c")["pool_records"], 200)

    def test_any_number_of_ranks_reads_row_groups_alike(self):
        texts = sentences(1000, random.Random(3))
        table = pa.table({"text": texts, "n": list(range(1000))})
        pq.write_table(table.slice(0, 700), self.folder / "a.parquet", row_group_size=130)
        pq.write_table(table.slice(700), self.folder / "b", row_group_size=1000)
        for ranks in (1, 2, 3):
            self.run_config("corpus: {pool: [{path: a.parquet}, {path: b}], shard_records: 64}\npipeline:\n"
                            "  - embed: {as: emb}\n  - select: {vectors: emb, budget: {records: 50}}\n"
                            "  - export: {path: s.jsonl}\n", f"out{ranks}", ranks=ranks)
            self.assertEqual(self.summary(f"out{ranks}")["pool_records"], 1000)
            self.assert_same_selection(self.subset("out1"), self.subset(f"out{ranks}"))
        chosen = records_of(self.folder / "out1/s.jsonl")
        ids = self.subset("out1")["id"]
        self.assertEqual(chosen, [{"text": texts[i], "n": int(i)} for i in ids])
        text, _ = self.call("table", "out1", "--columns", "source,line", "--format", "jsonl")
        self.assertEqual(json.loads(text.splitlines()[700]), {"id": 700, "source": "b", "line": 1})
        with h5py.File(self.folder / "out1/stages/00-ingest/shard-00003.h5") as file:
            self.assertEqual(file["id"][0], 192)
        # What has changed is read again, and nothing else.
        pq.write_table(table.slice(700).set_column(1, "n", pa.array(list(range(300)))), self.folder / "b", row_group_size=1000)
        path = self.folder / "config.yaml"
        self.call("run", path, "--output", self.folder / "out1")
        self.assertIn({"text": texts[ids[ids >= 700][0]], "n": int(ids[ids >= 700][0]) - 700},
                      records_of(self.folder / "out1/s.jsonl"))

    def test_types(self):
        when = datetime.datetime(2026, 1, 31, 10, 0, 0, 250000)
        table = pa.table({
            "text": pa.array(["one", "two"], pa.large_string()),
            "i8": pa.array([-1, None], pa.int8()), "u64": pa.array([2**64 - 1, 0], pa.uint64()),
            "f32": pa.array([0.1, float("nan")], pa.float32()), "f64": pa.array([0.1, 1.0]),
            "half": pa.array([np.float16(1.5), None], pa.float16()),
            "money": pa.array([decimal.Decimal("12.50"), None], pa.decimal128(10, 2)),
            "when": pa.array([when, None], pa.timestamp("us")), "day": pa.array([when.date(), None]),
            "utc": pa.array([when, None], pa.timestamp("ms", "UTC")),
            "bytes": pa.array([b"\xff\x00", "é".encode()]), "words": pa.array(["w", "w"]).dictionary_encode(),
            "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
            "fixed": pa.array([[1, 2], None], pa.list_(pa.int32(), 2)), "nothing": pa.nulls(2),
            "json": pa.array(['{"a": [1]}', "no json"], pa.json_()), "flag": [True, False]})
        pq.write_table(table, self.folder / "a.parquet")
        self.keep("{path: a.parquet}", "out")
        self.call("export", "out", "--format", "jsonl", "--out", "o.jsonl")
        text = (self.folder / "o.jsonl").read_text()
        self.assertEqual(records_of(self.folder / "o.jsonl"), [
            {"text": "one", "i8": -1, "u64": 2**64 - 1, "f32": 0.1, "f64": 0.1, "half": 1.5, "money": 12.5,
             "when": "2026-01-31 10:00:00.250000", "day": "2026-01-31", "utc": "2026-01-31 10:00:00.250Z",
             "bytes": base64.b64encode(b"\xff\x00").decode(), "words": "w", "map": {"k": 1}, "fixed": [1, 2],
             "json": {"a": [1]}, "flag": True},
            {"text": "two", "u64": 0, "f64": 1.0, "bytes": "é", "words": "w", "json": "no json", "flag": False}])
        self.assertIn('"money":12.50', text)
        self.assertIn('"f64":1.0', text)

    def test_schemas_faults_and_fields(self):
        pq.write_table(pa.table({"instruction": ["a", None, ""], "output": ["b", None, ""], "k": [1, 2, 3]}), self.folder / "a.parquet")
        pq.write_table(pa.table({"q": ["x"], "a": ["y"]}), self.folder / "b.parquet")
        self.run_config("corpus: {pool: [{path: a.parquet}, {path: b.parquet, fields: {prompt: q, response: a}}], "
                        "max_reject_fraction: 1}\npipeline:\n  - export: {format: alpaca, path: o.jsonl}\n", "out")
        self.assertEqual([(r["id"], r["line"], r["reason"]) for r in self.rejects("out")], [(1, 2, "no_text"), (2, 3, "no_text")])
        self.assertEqual(records_of(self.folder / "out/o.jsonl"), [{"instruction": "a", "output": "b", "k": 1},
                                                                   {"instruction": "x", "input": "", "output": "y"}])

    def test_damaged_files_are_named(self):
        pq.write_table(pa.table({"text": sentences(500, random.Random(4))}), self.folder / "a.parquet", compression="none")
        whole = (self.folder / "a.parquet").read_bytes()
        for cut in (whole[:1000], whole[:-1], b"PAR1"):
            self.write("a.parquet", cut)
            for command in ("validate", "run"):
                self.write("config.yaml", KEEP_ONE)
                code = 0 if command == "validate" else 2
                done = subprocess.run([PROGRAM, command, "config.yaml"], cwd=self.folder, capture_output=True, text=True)
                self.assertIn(done.returncode, (code, 2))
                if done.returncode:
                    self.assertIn("a.parquet", done.stderr)
                    self.assertIn("fetch it again", done.stderr)

    def peak_of_a_run(self) -> int:
        """KiB."""
        script = ("import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; "
                  "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)")
        self.write("config.yaml", KEEP_ONE)
        done = subprocess.run([sys.executable, "-c", script, PROGRAM, "run", "config.yaml", "--fresh"], cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return int(done.stdout.splitlines()[-1])

    def test_a_row_group_is_not_held(self):
        draw = random.Random(6)
        texts = [f"{i} " + "".join(draw.choice("abcdefgh") for _ in range(2000)) for i in range(4096)]
        peaks = []
        for copies in (1, 25):  # of 8 MB, in one row group
            pq.write_table(pa.table({"text": texts * copies}), self.folder / "a.parquet", row_group_size=10**6,
                           use_dictionary=False)
            self.assertEqual(pq.ParquetFile(self.folder / "a.parquet").num_row_groups, 1)
            peaks.append(self.peak_of_a_run())
        self.assertLess(peaks[1], peaks[0] + 50_000)


KEEP_ONE = "run: {output: out}\ncorpus: {pool: [{path: a.parquet}]}\npipeline:\n  - filter: {keep: {}}\n"

if __name__ == "__main__":
    unittest.main()
