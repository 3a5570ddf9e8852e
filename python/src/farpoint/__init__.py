# SPDX-License-Identifier: Apache-2.0
"""Reads what a run of Farpoint leaves: columns of numbers and vectors, records, and the subset.

    run = farpoint.open("runs/demo")
    ids, values = run.column("ppl")
    for record in run.subset: ...

Nothing is ever written, and no file stays open between calls. docs/python.md is a tour.
"""
from farpoint.errors import DamagedFile, FarpointError, Missing, Unfinished
from farpoint.run import Column, Job, Run
from farpoint.run import open_run as open
from farpoint.shard import NO_ID
from farpoint.subset import Representatives, Subset, open_subset

__version__ = "0.1.0"

__all__ = ["NO_ID", "Column", "DamagedFile", "FarpointError", "Job", "Missing", "Representatives", "Run", "Subset",
           "Unfinished", "open", "open_subset"]
