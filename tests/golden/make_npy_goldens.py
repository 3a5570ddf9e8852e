#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes npy/: small .npy files by NumPy itself, whose values tests/corpus/npy_test.cpp knows by formula.

The element with index k (row-major) of a readable array is
  floats: k / 2 - 3      signed integers: k - 3      unsigned integers: k      booleans: k % 3 == 0
but for the *_limits files, whose values stand in LIMITS. The files in npy/refused/ are of kinds that are not read.

Run it from anywhere: python3 tests/golden/make_npy_goldens.py
"""
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent / "npy"
SHAPE = (5, 3)
LIMITS = {
    "f2": [np.inf, -np.inf, np.nan, -0.0, 65504, 2**-14, 2**-24, -(2**-24)],
    "f4": [np.inf, -np.inf, np.nan, -0.0, 3.4028234663852886e38, 2**-149, 16777216, 0.1],
    "f8": [np.inf, -np.inf, np.nan, -0.0, 1.7976931348623157e308, 5e-324, 16777217, 0.1],
    "i8": [-(2**63), 2**63 - 1, 2**53 + 1, -(2**53) - 1, 2**24 + 1],
    "u8": [0, 2**64 - 1, 2**63, 2**53 + 1, 2**24 + 1],
}


def values(dtype, shape):
    k = np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
    kind = np.dtype(dtype).kind
    by_formula = {"f": k / 2 - 3, "i": k - 3, "u": k, "b": k % 3 == 0}
    return by_formula[kind].astype(dtype)


def write(name, array, version=None):
    path = FOLDER / f"{name}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        np.lib.format.write_array(file, array, version=version)


def main():
    for dtype in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]:
        write(dtype, values(dtype, SHAPE))
        write(f"{dtype}_rank1", values(dtype, SHAPE[:1]))
    for dtype, limits in LIMITS.items():
        write(f"{dtype}_limits", np.array(limits, dtype=dtype))
    for version in [(1, 0), (2, 0), (3, 0)]:
        write(f"version{version[0]}", values("f4", SHAPE), version)
    write("empty_rank1", values("f4", (0,)))
    write("empty_rank2", values("f4", (0, 4)))

    write("refused/big_endian", values("f4", SHAPE).astype(">f4"))
    write("refused/fortran", np.asfortranarray(values("f4", SHAPE)))
    write("refused/structured", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
    write("refused/subarray", np.zeros(2, dtype=[("a", "<f4", (2,))]))
    write("refused/object", np.array([{"a": 1}, None], dtype=object))
    write("refused/complex", np.zeros(2, dtype="<c8"))
    write("refused/text", np.array(["ab", "c"]))
    write("refused/date", np.array(["2024-01-01"], dtype="datetime64[D]"))
    write("refused/rank0", np.float32(1).reshape(()))
    write("refused/rank3", values("f4", (2, 2, 2)))
    write("refused/no_columns", np.zeros((3, 0), dtype="f4"))


if __name__ == "__main__":
    main()
