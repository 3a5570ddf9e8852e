#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads with h5py what Farpoint wrote, and the reverse. Usage: h5py_interop.py STORE_INTEROP_PROGRAM"""
import json
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy as np

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "golden"))
import make_store_goldens as goldens  # noqa: E402

INFINITY = float("inf")
TEXTS = ["", "zwei\nZeilen", "\U0001f600 \u4e16\u754c"]
# The same values stand in samples.cpp.
NUMBERS = {
    "id": np.array([0, 7, 2**64 - 1], dtype="u8"),
    "flag": np.array([0, 1, 255], dtype="u1"),
    "source_index": np.array([1, 2, 2**32 - 1], dtype="u4"),
    "offset": np.array([-(2**63), 0, 5], dtype="i8"),
    "scores/ppl": np.array([1.5, -INFINITY, INFINITY]),
    "scores/ppl.tokens": np.array([1e-300, 0, 3]),
    "vectors/emb": np.arange(1, 7, dtype="f4").reshape(3, 2),
    "vectors/none": np.zeros((0, 5), dtype="f4"),
    "hash": np.arange(1, 10, dtype="u1").reshape(3, 3),
    "nothing": np.zeros(0),
}
ATTRIBUTES = {
    "job": b"embed", "fingerprint": b"0123456789abcdef", "empty": b"", "nul": b"a\0b\0", "unicode": "\u00fc".encode(),
    "counters.in": b"3", "counters.out": b"3", "seconds": b"0.25", "as": b"emb",
}


def run(program: str, *arguments) -> str:
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    assert done.stderr == "", done.stderr
    return done.stdout


def expect(name: str, actual, expected) -> None:
    assert actual == expected, f"{name}: {actual!r} instead of {expected!r}"


def check_numbers(file: h5py.File) -> None:
    for name, values in NUMBERS.items():
        dataset = file[name]
        expect(name, (dataset.dtype, dataset.shape), (values.dtype, values.shape))
        assert np.array_equal(dataset[...], values), name


def read_texts(group: h5py.Group) -> list:
    """As docs/formats.md shows it."""
    data, offsets = group["bytes"][...].tobytes(), group["offsets"][...].tolist()
    return [data[a:b] for a, b in zip(offsets, offsets[1:])]


def check_shard(path: pathlib.Path) -> None:
    with h5py.File(path, "r") as file:
        expect("format", file.attrs["format"], b"farpoint-shard")
        expect("format_version", file.attrs["format_version"], 1)
        check_numbers(file)
        expect("text", read_texts(file["text"]), [text.encode() for text in TEXTS])
        expect("text.nul", read_texts(file["text.nul"]), [b"a\0b", b"\0", b"\xff\xfe not UTF-8"])
        expect("text.none", read_texts(file["text.none"]), [])
        for name, value in ATTRIBUTES.items():
            expect(name, file.attrs[name], value.split(b"\0")[0])  # HDF5 shows the text up to a NUL byte
        check_checksums(file)


def check_checksums(file: h5py.File) -> None:
    stored = {}
    for name, values in NUMBERS.items():
        expect(name, file[name].attrs["checksum"], goldens.xxh3(values.tobytes()))
        width = values.shape[1] if values.ndim == 2 else 0
        stored[name.encode()] = (str(values.dtype).encode(), len(values), width, [file[name].attrs["checksum"]])
    for name in ("text", "text.nul", "text.none"):
        parts = [file[name]["bytes"], file[name]["offsets"]]
        for part in parts:
            expect(part.name, part.attrs["checksum"], goldens.xxh3(part[...].tobytes()))
        stored[name.encode()] = (b"text", len(parts[1]) - 1, 0, [part.attrs["checksum"] for part in parts])
    attributes = {name.encode(): value for name, value in ATTRIBUTES.items()}
    expect("checksum", file.attrs["checksum"], goldens.summary_checksum(attributes, stored))


def check_table(path: pathlib.Path) -> None:
    with h5py.File(path, "r") as file:
        check_numbers(file)
        expect("text", list(file["text"].asstr()), TEXTS + ["appended"])
        expect("text.none", len(file["text.none"]), 0)
        kind = h5py.check_string_dtype(file["text"].dtype)
        expect("text type", (kind.encoding, kind.length), ("utf-8", None))
        expect("attributes", dict(file.attrs), {"method": "k-center \u4e16", "radius": 0.25, "format_version": 1})


def check_reading(program: str, folder: pathlib.Path) -> None:
    path = folder / "h5py.h5"
    with h5py.File(path, "w", libver="latest") as file:
        for name, values in NUMBERS.items():
            file[name] = values
        file.create_dataset("text", data=TEXTS * 3, dtype=h5py.string_dtype(), chunks=(2,), compression="gzip")
        file["fixed"] = np.array([b"ab", b"c"])
        file.attrs["note"] = "\u4e16"
        file.attrs["count"] = 3
    shown = json.loads(run(program, "show", path))
    expect("attributes", shown["attributes"], {"note": "\u4e16", "count": 3})
    expect("names", sorted(shown["columns"]), sorted([*NUMBERS, "text", "fixed"]))
    for name, values in NUMBERS.items():
        column = shown["columns"][name]
        expect(name, column["type"], str(values.dtype))
        expect(name, column["width"], values.shape[1] if values.ndim == 2 else 0)
        if np.isfinite(values).all():  # JSON has no infinity
            expect(name, column["values"], values.ravel().tolist())
    expect("text", shown["columns"]["text"]["values"], TEXTS * 3)
    expect("fixed", shown["columns"]["fixed"]["values"], ["ab", "c"])


def check_documented_shard(program: str, folder: pathlib.Path) -> None:
    path = folder / "documented.h5"
    columns = {**NUMBERS, "text": [text.encode() for text in TEXTS], "empty text": []}
    goldens.write_shard(path, ATTRIBUTES, columns)
    run(program, "verify", path)


def main() -> None:
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run(program, "write", folder)
        check_shard(folder / "shard.h5")
        check_table(folder / "table.h5")
        check_reading(program, folder)
        check_documented_shard(program, folder)
    print("h5py and Farpoint read each other's files")


if __name__ == "__main__":
    main()
