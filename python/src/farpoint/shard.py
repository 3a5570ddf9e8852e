# SPDX-License-Identifier: Apache-2.0
"""The files of a stage, as docs/formats.md describes them: shard files, and the record of what is finished."""
from __future__ import annotations

import contextlib
import importlib
import json
import pathlib
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

import h5py
import numpy as np
from numpy.typing import NDArray

from farpoint.errors import DamagedFile, FarpointError

Array = NDArray[Any]
Ids = NDArray[np.uint64]

#: The id that says "none": of what duplicates a curated record, and of what a curated vector represents.
NO_ID = 2**64 - 1

FORMAT_VERSION = 1

_WAY_OUT = "delete it and run the same command again"


@contextlib.contextmanager
def open_file(path: pathlib.Path) -> Iterator[Any]:
    """An HDF5 file for reading. What goes wrong while it is open is said to be its fault, so only read inside."""
    try:
        # Files under their final name do not change, and some file systems refuse locks.
        with h5py.File(path, "r", locking=False) as file:
            version = int(file.attrs["format_version"])
            if version > FORMAT_VERSION:
                raise FarpointError(f"{path}: format_version {version} is newer than this package reads; update it")
            yield file
    except FileNotFoundError:
        raise DamagedFile(f"{path}: the file is missing; run the same command again") from None
    except PermissionError as error:
        raise FarpointError(f"{path}: {error.strerror}") from error
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, IndexError) as error:
        # It may be anybody's file: open_subset() takes what it is given.
        raise DamagedFile(f"{path}: the file is damaged or not of a run ({error}); if a run made it, {_WAY_OUT}") from error


def parse_record(text: str, where: str) -> Dict[str, Any]:
    """A record's JSON; `where` begins the message when it is none."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"{where}: not JSON ({error})") from error
    if not isinstance(record, dict):
        raise DamagedFile(f"{where}: not a JSON object")
    return record


class Shard:
    """The columns of one job for one shard, while its file is open."""

    def __init__(self, path: pathlib.Path, file: Any) -> None:
        self.path = path
        self._file = file

    def has(self, name: str) -> bool:
        return name in self._file

    @property
    def attributes(self) -> Dict[str, str]:
        return {name: value.decode() for name, value in self._file.attrs.items() if isinstance(value, bytes)}

    def names(self) -> List[str]:
        """Columns of numbers and vectors."""
        return [name for name, item in self._file.items() if isinstance(item, h5py.Dataset)]

    def describe(self, name: str) -> Any:
        """(type, width) of a column of numbers; the width is 0 of single numbers."""
        dataset = self._file[name]
        return dataset.dtype, dataset.shape[1] if dataset.ndim == 2 else 0

    def numbers(self, name: str) -> Array:
        """Values of a column, checked against their checksum where xxhash is installed."""
        dataset = self._file[name]
        values: Array = dataset[()]
        xxhash = _xxhash()
        if xxhash and xxhash.xxh3_64_intdigest(np.ascontiguousarray(values).data) != int(dataset.attrs["checksum"]):
            raise DamagedFile(f"{self.path}: the checksum of '{name}' is wrong; {_WAY_OUT}")
        return values

    def texts(self, name: str) -> Texts:
        texts = Texts(self.numbers(f"{name}/bytes").tobytes(), self.numbers(f"{name}/offsets"))
        if len(texts.offsets) == 0 or int(texts.offsets[-1]) != len(texts.data):
            raise DamagedFile(f"{self.path}: '{name}' does not hold what its offsets say; {_WAY_OUT}")
        return texts


class Texts:
    """A column of texts, decoded one by one."""

    def __init__(self, data: bytes, offsets: Ids) -> None:
        self.data = data
        self.offsets = offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[str]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> str:
        return self.data[int(self.offsets[row]):int(self.offsets[row + 1])].decode()


class StageRecord(NamedTuple):
    """What a finished stage says of itself."""

    keys: List[str]     #: of the pool's shards, in order
    outputs: List[str]  #: names of the files that a collective job left


def read_record(folder: pathlib.Path) -> Optional[StageRecord]:
    """None when the stage is not finished."""
    path = folder / "done.h5"
    if not path.exists():
        return None
    with open_file(path) as file:
        shard = Shard(path, file)
        halves = shard.numbers("keys/pool") if shard.has("keys/pool") else np.zeros((0, 2), np.uint64)
        outputs = [name[len("output."):] for name in shard.attributes if name.startswith("output.")]
    return StageRecord([f"{int(high):016x}{int(low):016x}" for high, low in halves], outputs)


@contextlib.contextmanager
def open_shard(folder: pathlib.Path, number: int, key: str) -> Iterator[Shard]:
    """A shard of the pool; refused when its key is not the one that the stage recorded."""
    path = folder / f"shard-{number:05}.h5"
    with open_file(path) as file:
        shard = Shard(path, file)
        if shard.attributes.get("key") != key:
            raise DamagedFile(f"{path}: the file is not the one that the run made; {_WAY_OUT}")
        yield shard


def _xxhash() -> Any:
    try:
        return importlib.import_module("xxhash")
    except ImportError:
        return None
