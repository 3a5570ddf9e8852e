# SPDX-License-Identifier: Apache-2.0
"""subset.h5: what a select chose (docs/formats.md, "Subset file")."""
from __future__ import annotations

import contextlib
import os
import pathlib
from functools import cached_property
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Union, overload

import numpy as np
from numpy.typing import NDArray

from farpoint import config
from farpoint.errors import FarpointError, Missing
from farpoint.shard import Array, Ids, open_file, parse_record

_BLOCK = 1024


class Representatives(NamedTuple):
    """For each candidate, ascending by id, the nearest chosen record; NO_ID where a curated vector is nearer."""

    ids: Ids
    representative: Ids
    distance: NDArray[np.float64]


class Subset:
    """Chosen records in order of choice: row i of every array is the i-th. `len()` says how many there are.

    Numbers are read when they are first asked for, and kept; records and vectors are read anew each time. All of it is
    of the same file: when a run has replaced it since, reading raises FarpointError.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self._identity = _identity(path)
        with self._open() as file:
            if "id" not in file or "record" not in file or "method" not in file.attrs:
                raise FarpointError(f"{path}: this is not a subset file: it has not all of /id, /record and 'method'")
            self._names = {group: sorted(file[group]) if group in file else [] for group in ("scores", "vectors")}
            self.ids: Ids = file["id"][()]
            #: All attributes of the file, such as `farpoint_version`, `exactness` and what the method says of itself.
            self.attributes: Dict[str, Any] = {name: _plain(value) for name, value in file.attrs.items()}

    def __repr__(self) -> str:
        return f"<farpoint.Subset {str(self.path)!r}: {len(self)} records, {self.method}>"

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        return iter(self.records)

    @property
    def method(self) -> str:
        """Of selection, such as `k-center`."""
        return str(self.attributes["method"])

    @property
    def radius(self) -> float:
        """k-center: how far the farthest candidate is from its nearest chosen record."""
        if "radius" not in self.attributes:
            raise Missing(f"{self.path}: the method {self.method} gives no radius")
        return float(self.attributes["radius"])

    @property
    def config_text(self) -> str:
        """The configuration of the run, as YAML."""
        return str(self.attributes["config"])

    @property
    def config(self) -> Dict[str, Any]:
        """The same as a dict; needs PyYAML."""
        return config.parse(self.config_text)

    @property
    def records(self) -> Records:
        """The records as dicts, after cleaning: a sequence that reads them as they are asked for."""
        return Records(self)

    @cached_property
    def sources(self) -> Array:
        """Names of the records' sources."""
        return self._texts("source", slice(None))

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """How new each record was when it was chosen, or how like its target; infinite for a first one."""
        return self._numbers("distance", f"the method {self.method} gives none")

    @cached_property
    def weights(self) -> Ids:
        """How many candidates each chosen record is the nearest one of."""
        return self._numbers("weight", _NO_ASSIGNMENT)

    @cached_property
    def scores(self) -> Dict[str, NDArray[np.float64]]:
        """Every column of one number a record, by name; NaN where it could not be computed."""
        return {name: self._numbers(f"scores/{name}", "") for name in self._names["scores"]}

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The vectors that were selected on, shape (k, d): under cosine of unit length."""
        if not self._names["vectors"]:
            raise Missing(f"{self.path}: the subset has no vectors: its select names none")
        return self._numbers(f"vectors/{self._names['vectors'][0]}", "")

    @cached_property
    def representative(self) -> Representatives:
        """The nearest chosen record of every candidate."""
        return Representatives(*(self._numbers(f"pool/{name}", _NO_ASSIGNMENT)
                                 for name in ("id", "representative", "distance")))

    def members(self, row: int) -> Ids:
        """The candidates that the chosen record of this row represents, itself among them, ascending."""
        row = range(len(self))[row]
        offsets = self._numbers("members/offset", _NO_ASSIGNMENT, slice(row, row + 2))
        return self._numbers("members/id", _NO_ASSIGNMENT, slice(*offsets.tolist()))

    def to_list(self) -> List[Dict[str, Any]]:
        """All records, as `datasets.Dataset.from_list` takes them."""
        return list(self.records)

    def to_pandas(self, fields: bool = False) -> Any:
        """A DataFrame: `id`, `source`, `distance` and `weight` where they are, the scores, and `record`.

        `fields` gives each key of the records a column of its own, `record.KEY`, in place of `record`. A score whose
        name is taken stands under `scores.NAME`.
        """
        import pandas

        columns: Dict[str, Any] = {"id": self.ids, "source": self.sources}
        with self._open() as file:
            columns.update({name: file[name][()] for name in ("distance", "gain", "target", "weight") if name in file})
        for name, values in self.scores.items():
            columns[f"scores.{name}" if name in columns or name.startswith("record") else name] = values
        records = self.to_list()
        if not fields:
            columns["record"] = records
        for key in dict.fromkeys(key for record in records for key in record) if fields else ():
            columns[f"record.{key}"] = [record.get(key) for record in records]
        return pandas.DataFrame(columns)

    @contextlib.contextmanager
    def _open(self) -> Iterator[Any]:
        if _identity(self.path) != self._identity:
            raise FarpointError(f"{self.path}: the file was replaced since it was opened; open it again")
        with open_file(self.path) as file:
            yield file

    def _numbers(self, name: str, absent: str, rows: slice = slice(None)) -> Array:
        with self._open() as file:
            if name in file:
                values: Array = file[name][rows]
                return values
        raise Missing(f"{self.path}: the subset has no /{name}: {absent}")

    def _texts(self, name: str, rows: slice) -> Array:
        with self._open() as file:
            texts: Array = file[name].asstr()[rows]
        return texts


class Records(Sequence[Dict[str, Any]]):
    """The records of a subset; a slice of it is a list."""

    def __init__(self, subset: Subset) -> None:
        self._subset = subset

    def __len__(self) -> int:
        return len(self._subset)

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        for begin in range(0, len(self), _BLOCK):
            yield from self[begin:begin + _BLOCK]

    @overload
    def __getitem__(self, at: int) -> Dict[str, Any]: ...

    @overload
    def __getitem__(self, at: slice) -> List[Dict[str, Any]]: ...

    def __getitem__(self, at: Union[int, slice]) -> Union[Dict[str, Any], List[Dict[str, Any]]]:
        if not isinstance(at, slice):
            row = range(len(self))[at]
            return self._read(range(row, row + 1))[0]
        return self._read(range(*at.indices(len(self))))

    def _read(self, rows: range) -> List[Dict[str, Any]]:
        if not rows:
            return []
        first = min(rows)
        texts = self._subset._texts("record", slice(first, max(rows) + 1))
        return [parse_record(texts[row - first], f"{self._subset.path}: row {row}") for row in rows]


def open_subset(path: Union[str, "os.PathLike[str]"]) -> Subset:
    """Opens a subset.h5, wherever it lies. Raises FarpointError when it is none."""
    return Subset(pathlib.Path(path))


_NO_ASSIGNMENT = "its select ran with assignment: false"


def _identity(path: pathlib.Path) -> Any:
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise FarpointError(f"{path}: there is no such file") from None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
