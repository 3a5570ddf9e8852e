# SPDX-License-Identifier: Apache-2.0
"""The folder of a run: its columns, its records, and what it says of itself."""
from __future__ import annotations

import json
import os
import pathlib
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np
from numpy.typing import NDArray

from farpoint import config
from farpoint.errors import DamagedFile, FarpointError, Missing, Unfinished, suggestion
from farpoint.shard import Array, Ids, Shard, StageRecord, open_shard, parse_record, read_record
from farpoint.subset import Subset, open_subset

#: What a shard holds beside the columns of its job.
_RESERVED = {"id", "record", "line", "file", "files", "source", "source_index", "kept", "rejects", "rewritten", "trace"}
_FROM_INGEST = ("source", "source_index", "line")
_GO_ON = "run the same command again to go on"


@dataclass(frozen=True)
class Job:
    """A job of the pipeline, and how far it is."""

    number: int     #: 0 is the ingest
    job: str        #: such as `embed`
    stage: str      #: name of its folder in `stages`, such as `02-embed-emb`; "" while it has none
    finished: bool
    _record: Optional[StageRecord] = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Column:
    """A column of numbers or vectors, one row a record."""

    name: str
    kind: str   #: `number`, `vector`, `id` (of another record; NO_ID for none) or `text`
    width: int  #: length of the vectors; 0 of everything else
    stage: str  #: which made it


class Run:
    """A run's folder, also of a run that is at work or was stopped: what its finished stages made can be read.

    Nothing is kept between calls but the path, so a Run sees what has been finished since. Tables cover the records
    that the ingest has read, ascending by id. `left=True` narrows them to the records that no finished stage removed.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        return f"farpoint.open({str(self.folder)!r})"

    # What the run says of itself

    @property
    def config_text(self) -> str:
        """The configuration with every default written out, as YAML."""
        return (self.folder / "config.yaml").read_text(encoding="utf-8")

    @property
    def config(self) -> Dict[str, Any]:
        """The same as a dict; needs PyYAML."""
        return config.parse(self.config_text)

    @property
    def finished(self) -> bool:
        return (self.folder / "summary.json").exists()

    @property
    def summary(self) -> Dict[str, Any]:
        """summary.json: counts, seconds and facts of every job. Raises Unfinished until the run has ended well."""
        if not self.finished:
            raise Unfinished(f"{self.folder}: the run is not finished: it has no summary.json; {_GO_ON}")
        return self._json("summary.json")

    @property
    def coverage(self) -> Dict[str, Any]:
        """coverage.json: how near the candidates are to the subset (docs/coverage.md)."""
        self._check_select()
        if not (self.folder / "coverage.json").exists():
            raise Missing(f"{self.folder}: the run has no coverage.json; a select with vectors writes it")
        return self._json("coverage.json")

    @property
    def profile(self) -> Dict[str, Any]:
        """What the job `profile` counted (docs/profile.md). Raises Missing when the pipeline has none, or several."""
        jobs = [job for job in self.jobs if job.job == "profile"]
        outputs = [name for job in jobs if job._record for name in job._record.outputs if name.endswith(".json")]
        if len(jobs) == 1 and outputs:
            return self._json(outputs[0])
        if not jobs:
            raise Missing(f"{self.folder}: the pipeline has no job 'profile'")
        if not outputs:
            raise Unfinished(f"{self.folder}: the run has not finished its profile; {_GO_ON}")
        raise Missing(f"{self.folder}: the pipeline has {len(jobs)} profiles: {', '.join(outputs)}; "
                      "read the one that you want with json")

    @property
    def jobs(self) -> List[Job]:
        """The ingest and the jobs of the pipeline in order."""
        jobs = []
        stages = self.folder / "stages"
        folders = sorted(os.listdir(stages)) if stages.is_dir() else []
        for number, name in enumerate(["ingest", *config.job_names(self.config_text)]):
            start = f"{number:02}-{name}"
            found = [stage for stage in folders if stage == start or stage.startswith(start + "-")]
            # A folder of the same job under another name is left from an earlier run, and has no record.
            records = {stage: record for stage in found if (record := read_record(stages / stage)) is not None}
            stage = next(iter([*records, *found]), "")
            jobs.append(Job(number, name, stage, stage in records, records.get(stage)))
        return jobs

    @property
    def sources(self) -> Dict[str, int]:
        """How many records the ingest has read of each source."""
        counts: Dict[str, int] = {}
        for shard in self.iter_shards(["source"]):
            names, numbers = np.unique(shard["source"].astype(str), return_counts=True)
            for name, count in zip(names, numbers):
                counts[str(name)] = counts.get(str(name), 0) + int(count)
        return counts

    @property
    def columns(self) -> Dict[str, Column]:
        """The columns that there are so far, by name: those of the ingest, then in the order of the pipeline."""
        self._shards(self.jobs[0])
        return self._columns(self.jobs)

    # Columns

    @property
    def ids(self) -> Ids:
        """The records that no finished stage removed."""
        return np.concatenate([shard["id"] for shard in self.iter_shards([], left=True)])

    def column(self, name: str) -> Tuple[Ids, Array]:
        """(ids, values) of the records that have the column: those that were there when it was made.

        Vectors are float32, shape (n, width), and all of them lie in memory: 4 n width bytes, and twice that for a
        moment. `iter_shards` holds one shard at a time.
        """
        jobs = self.jobs
        [column] = self._find([name], jobs)
        job = next(job for job in jobs if job.stage == column.stage)
        ids, values = [], []
        for number in range(self._shards(jobs[0])):
            with self._open(job, number) as shard:
                ids.append(shard.numbers("id"))
                values.append(_values(shard, name))
        return np.concatenate(ids), np.concatenate(values)

    def iter_shards(self, names: Sequence[str], left: bool = False) -> Iterator[Dict[str, Array]]:
        """For each shard of the pool `id` and the columns asked for, row by row for the same records.

        A record that left before a column was made has NaN in it. Columns of ids are masked arrays, masked there.
        """
        jobs = self.jobs
        wanted = self._find(names, jobs)
        for number in range(self._shards(jobs[0])):
            with self._open(jobs[0], number) as shard:
                ids = shard.numbers("id")
            table: Dict[str, Array] = {"id": ids, **{column.name: ids for column in wanted}}  # in the order asked for
            for job in jobs:
                mine = [column for column in wanted if column.stage == job.stage]
                if not mine:
                    continue
                with self._open(job, number) as shard:
                    rows = _rows(shard, ids)
                    for column in mine:
                        table[column.name] = _spread(_values(shard, column.name), column.kind, rows, len(ids))
            if left:
                keep = np.isin(ids, self._left(jobs, number))
                table = {name: values[keep] for name, values in table.items()}
            yield table

    def table(self, names: Sequence[str], left: bool = False) -> Dict[str, Array]:
        """The same over all shards: `farpoint table` as arrays."""
        shards = list(self.iter_shards(names, left))
        return {name: _concatenate([shard[name] for shard in shards]) for name in shards[0]}

    def to_pandas(self, names: Sequence[str], left: bool = False) -> Any:
        """The same as a DataFrame with the ids as its index; a vector is an array in its cell."""
        import pandas

        table = self.table(names, left)
        ids = table.pop("id")
        return pandas.DataFrame({name: _series(pandas, values) for name, values in table.items()},
                                index=pandas.Index(ids, name="id"))

    # Records

    def records(self, ids: Optional[Iterable[int]] = None) -> Iterator[Tuple[int, Dict[str, Any]]]:
        """(id, record) ascending by id: the JSON as the last finished stage that changed it left it.

        Without `ids` the records that no finished stage removed, as `farpoint export` writes them for a pipeline
        without a select. With `ids` these, also removed ones; raises Missing at the end for those that are not there.
        """
        jobs = self.jobs
        wanted = None if ids is None else np.unique(np.fromiter(ids, np.uint64))
        for number in range(self._shards(jobs[0])):
            with self._open(jobs[0], number) as shard:
                all_ids = shard.numbers("id")
                rows = np.flatnonzero(np.isin(all_ids, self._left(jobs, number) if wanted is None else wanted))
                if len(rows) == 0:
                    continue
                texts = shard.texts("record")
                path = shard.path
            rewritten = self._rewritten(jobs, number)
            for row, record in zip(rows.tolist(), all_ids[rows].tolist()):
                yield record, parse_record(rewritten.get(record) or texts[row], f"{path}: record {record}")
            if wanted is not None:
                wanted = np.setdiff1d(wanted, all_ids)
        if wanted is not None and len(wanted) > 0:
            listed = ", ".join(map(str, wanted[:5].tolist())) + (", ..." if len(wanted) > 5 else "")
            raise Missing(f"{self.folder}: the pool has no record {listed}; "
                          "rejects() lists what the ingest refused")

    def rejects(self) -> Iterator[Dict[str, Any]]:
        """The lines of rejects.jsonl: every record that left for a fault, with its file, line and reason."""
        path = self.folder / "rejects.jsonl"
        if not path.exists():
            raise Unfinished(f"{path}: not there; the ingest writes it at its end; {_GO_ON}")
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield parse_record(line, f"{path}:{number}")

    @property
    def subset(self) -> Subset:
        """What the select chose. Raises Missing when the pipeline has none, Unfinished while it is not done."""
        self._check_select()
        return open_subset(self.folder / "subset.h5")

    # Inside

    def _json(self, name: str) -> Dict[str, Any]:
        path = self.folder / name
        return parse_record(path.read_text(encoding="utf-8"), str(path))

    def _check_select(self) -> None:
        select = next((job for job in self.jobs if job.job == "select"), None)
        if select is None:
            raise Missing(f"{self.folder}: the pipeline has no select, so there is no subset; "
                          "records() has the records that are left")
        if not select.finished:
            raise Unfinished(f"{self.folder}: the run has not finished its select; {_GO_ON}")

    def _shards(self, ingest: Job) -> int:
        if ingest._record is None:
            raise Unfinished(f"{self.folder}: the run has not finished reading its corpus; {_GO_ON}")
        return len(ingest._record.keys)

    def _open(self, job: Job, number: int) -> Any:
        assert job._record is not None
        return open_shard(self.folder / "stages" / job.stage, number, job._record.keys[number])

    def _done(self, jobs: List[Job]) -> List[Job]:
        """Finished stages of shards."""
        return [job for job in jobs if job._record is not None and job._record.keys]

    def _columns(self, jobs: List[Job]) -> Dict[str, Column]:
        columns = {"source": Column("source", "text", 0, jobs[0].stage)}
        for job in self._done(jobs):
            with self._open(job, 0) as shard:
                for name in shard.names():
                    if name in _RESERVED and not (job.number == 0 and name in _FROM_INGEST):
                        continue
                    dtype, width = shard.describe(name)
                    kind = "vector" if width else "id" if dtype.kind in "iu" and job.number else "number"
                    columns[name] = Column(name, kind, width, job.stage)
        return columns

    def _find(self, names: Sequence[str], jobs: List[Job]) -> List[Column]:
        if isinstance(names, str):
            raise TypeError(f"a list of columns is needed: ['{names}']")
        self._shards(jobs[0])
        columns = self._columns(jobs)
        for name in names:
            if name in columns:
                continue
            waiting = [job.stage or job.job for job in jobs if not job.finished]
            hint = f" (not finished: {', '.join(waiting)})" if waiting else ""
            raise Missing(f"{self.folder}: the run has no column '{name}'{hint}{suggestion(name, columns)}")
        return [columns[name] for name in names]

    def _left(self, jobs: List[Job], number: int) -> Ids:
        """The ids of a shard that no finished stage removed."""
        for job in reversed(self._done(jobs)):
            with self._open(job, number) as shard:
                if shard.has("kept") or job.number == 0:
                    kept: Ids = shard.numbers("kept" if shard.has("kept") else "id")
                    return kept
        raise AssertionError("the ingest is a stage of shards")

    def _rewritten(self, jobs: List[Job], number: int) -> Dict[int, str]:
        """The texts of a shard's records that stages have changed, the last one's."""
        latest: Dict[int, str] = {}
        for job in self._done(jobs):
            with self._open(job, number) as shard:
                if shard.has("rewritten/id"):
                    latest.update(zip(shard.numbers("rewritten/id").tolist(), shard.texts("rewritten/record")))
        return latest


def open_run(folder: Union[str, "os.PathLike[str]"]) -> Run:
    """Opens the folder of a run, finished or not. Raises FarpointError when it is none."""
    path = pathlib.Path(folder)
    if path.is_file():
        raise FarpointError(f"{path}: this is a file, not the folder of a run; open_subset() reads a subset.h5")
    if not (path / "config.yaml").exists():
        raise FarpointError(f"{path}: this is not the folder of a run: it has no config.yaml")
    run = Run(path)
    if not run.config_text.startswith(config.MARK):
        raise FarpointError(f"{path}: this is not the folder of a run: its config.yaml was not written by one")
    return run


def _values(shard: Shard, name: str) -> Array:
    if name != "source":
        return shard.numbers(name)
    sources = [file["source"] for file in json.loads(shard.texts("files")[0])]
    return np.array(sources, dtype=object)[shard.numbers("file")]


def _rows(shard: Shard, ids: Ids) -> Optional[NDArray[np.intp]]:
    """Where in `ids` the rows of a shard belong; None when they are the same."""
    own = shard.numbers("id")
    if len(own) == len(ids):
        return None
    rows = np.searchsorted(ids, own)
    if len(ids) == 0 or not np.array_equal(ids[np.minimum(rows, len(ids) - 1)], own):
        raise DamagedFile(f"{shard.path}: it has records that the ingest does not have; "
                          "delete it and run the same command again")
    return rows


def _spread(values: Array, kind: str, rows: Optional[NDArray[np.intp]], count: int) -> Array:
    """`values` at `rows` of `count`, and nothing at the others."""
    if rows is None and kind != "id":
        return values
    at = slice(None) if rows is None else rows
    spread: Array = np.full((count, *values.shape[1:]), 0 if kind == "id" else np.nan, values.dtype)
    spread[at] = values
    if kind != "id":
        return spread
    mask = np.ones(count, bool)
    mask[at] = False
    return np.ma.MaskedArray(spread, mask)


def _concatenate(parts: List[Array]) -> Array:
    joined: Array = np.concatenate(parts)
    if isinstance(parts[0], np.ma.MaskedArray):
        return np.ma.MaskedArray(joined, np.concatenate([np.ma.getmaskarray(part) for part in parts]))
    return joined


def _series(pandas: Any, values: Array) -> Any:
    if isinstance(values, np.ma.MaskedArray):
        return pandas.arrays.IntegerArray(values.data, np.ma.getmaskarray(values))
    return list(values) if values.ndim == 2 else values
