#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/store/*.h5 with h5py: files that Farpoint must read although it did not write them.

write_shard() follows docs/formats.md ("Shard file") alone, so it also tests that document.
Needs h5py, numpy and the xxHash library. Run it again only when the formats change.
"""
import ctypes
import ctypes.util
import pathlib
import struct

import h5py
import numpy as np

XXHASH = ctypes.CDLL(ctypes.util.find_library("xxhash"))
XXHASH.XXH3_64bits.restype = ctypes.c_uint64
XXHASH.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def xxh3(data: bytes) -> int:
    return XXHASH.XXH3_64bits(data, len(data))


def summary_checksum(attributes: dict, columns: dict) -> int:
    """`columns`: name -> (type, rows, width, checksums)."""

    def number(value: int) -> bytes:
        return struct.pack("<Q", value)

    def text(value: bytes) -> bytes:
        return number(len(value)) + value

    summary = number(len(attributes))
    for name, value in sorted(attributes.items()):
        summary += text(name) + text(value)
    summary += number(len(columns))
    for name, (kind, rows, width, checksums) in sorted(columns.items()):
        summary += text(name) + text(kind) + number(rows) + number(width) + b"".join(map(number, checksums))
    return xxh3(summary)


def set_text(target, name: str, value: bytes) -> None:
    """A scalar string attribute of fixed length that one NUL byte ends; h5py's own interface cannot write it."""
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(len(value) + 1)
    kind.set_cset(h5py.h5t.CSET_UTF8)
    attribute = h5py.h5a.create(target.id, name.encode(), kind, h5py.h5s.create(h5py.h5s.SCALAR))
    attribute.write(np.array(value + b"\0", dtype=f"S{len(value) + 1}"), mtype=kind)


def write_dataset(file, name: str, values: np.ndarray) -> int:
    dataset = file.create_dataset(name, data=values)
    checksum = xxh3(np.ascontiguousarray(values).tobytes())
    dataset.attrs["checksum"] = np.uint64(checksum)
    return checksum


def write_shard(path: pathlib.Path, attributes: dict, columns: dict) -> None:
    """`attributes`: name -> bytes; `columns`: name -> array, or list of bytes for a text column."""
    with h5py.File(path, "w", libver=("v108", "v108")) as file:
        set_text(file, "format", b"farpoint-shard")
        file.attrs["format_version"] = np.uint64(1)
        for name, value in attributes.items():
            set_text(file, name, value)
        stored = {}
        for name, values in columns.items():
            if isinstance(values, list):
                set_text(file.create_group(name), "type", b"text")
                offsets = np.cumsum([0] + [len(value) for value in values], dtype="<u8")
                packed = np.frombuffer(b"".join(values), dtype="u1")
                checksums = [write_dataset(file, name + "/bytes", packed),
                             write_dataset(file, name + "/offsets", offsets)]
                stored[name.encode()] = (b"text", len(values), 0, checksums)
            else:
                width = values.shape[1] if values.ndim == 2 else 0
                checksum = write_dataset(file, name, values)
                stored[name.encode()] = (str(values.dtype).encode(), len(values), width, [checksum])
        summary = summary_checksum({name.encode(): value for name, value in attributes.items()}, stored)
        file.attrs["checksum"] = np.uint64(summary)


def write_types(path: pathlib.Path) -> None:
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        for name in ("int8", "int16"):
            info = np.iinfo(name)
            file[name] = np.array([info.min, info.max], dtype=name)
        file["int32_big_endian"] = np.array([-2, 3], dtype=">i4")
        file["int64"] = np.array([-(2**63), 1], dtype="i8")
        for name in ("uint8", "uint16", "uint32", "uint64"):
            file[name] = np.array([0, np.iinfo(name).max], dtype=name)
        file["bool"] = np.array([True, False])
        file["float16"] = np.array([0.5, -2], dtype="f2")
        file["float32"] = np.array([0.1, 3], dtype="f4")
        file["float64"] = np.array([0.1, 3], dtype="f8")
        file["matrix"] = np.arange(6, dtype="f4").reshape(2, 3)
        file.create_dataset("compressed", data=np.full(1000, 2.5), compression="gzip", shuffle=True)
        file.create_dataset("empty", shape=(0,), dtype="f8")
        file.create_dataset("text", data=["", "\u00fc", "long " + "x" * 100], dtype=text)
        file.create_dataset("text_ascii", data=["a", "bc"], dtype=h5py.string_dtype("ascii"))
        file["text_fixed"] = np.array([b"ab", b"", b"abcd"], dtype="S4")
        file.create_dataset("text_fixed_utf8", data=["\u00fc".encode(), b"b"], dtype=h5py.string_dtype("utf-8", 4))
        write_space_padded(file)
        odd = file.create_group("odd")
        odd["compound"] = np.zeros(1, dtype=[("a", "f4"), ("b", "i4")])
        odd.create_dataset("enum", data=[1], dtype=h5py.enum_dtype({"RED": 1, "BLUE": 2}))
        odd["scalar"] = 1.5
        odd["cube"] = np.zeros((1, 2, 3), dtype="f4")
        odd.create_dataset("lists", shape=(1,), dtype=h5py.vlen_dtype("i4"))
        odd["nothing"] = h5py.Empty("f4")
        file.attrs["text"] = "\u00fc"
        file.attrs["bytes"] = np.bytes_(b"fixed")
        file.attrs["int"] = 7
        file.attrs["negative"] = -3
        file.attrs["bool"] = np.bool_(True)
        file.attrs["float32"] = np.float32(0.5)
        file.attrs["array"] = np.arange(3)


def write_space_padded(file) -> None:
    """As Fortran programs write texts."""
    kind = h5py.h5t.FORTRAN_S1.copy()
    kind.set_size(4)
    dataset = h5py.h5d.create(file.id, b"text_space_padded", kind, h5py.h5s.create_simple((2,)))
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"ab  ", b"c d "], dtype="S4"), mtype=kind)


def write_subset(path: pathlib.Path) -> None:
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file.attrs["farpoint_version"] = "0.1.0"
        file.attrs["format_version"] = np.uint64(1)
        file.attrs["method"] = "k-center"
        file.attrs["radius"] = 0.75
        file["id"] = np.array([4, 0], dtype="u8")
        file.create_dataset("record", data=['{"text": "d"}', '{"text": "a"}'], dtype=text)
        file.create_dataset("source", data=["web", "web"], dtype=text)
        file["source_index"] = np.array([0, 0], dtype="u4")
        file["distance"] = np.array([np.inf, 0.75])
        file["vectors/emb"] = np.eye(2, dtype="f4")


def main() -> None:
    folder = pathlib.Path(__file__).parent / "store"
    folder.mkdir(exist_ok=True)
    write_shard(
        folder / "shard.h5",
        {"job": b"embed", "empty": b"", "nul": b"a\0b\0"},
        {
            "id": np.array([5, 6, 7], dtype="u8"),
            "scores/ppl": np.array([0.5, 1.5, 2.5]),
            "emb": np.arange(6, dtype="f4").reshape(3, 2),
            "text": [b"", b"a\0b", "\u4e16\u754c".encode()],
        },
    )
    write_types(folder / "types.h5")
    write_subset(folder / "subset.h5")


if __name__ == "__main__":
    main()
