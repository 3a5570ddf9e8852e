# SPDX-License-Identifier: Apache-2.0
"""What can go wrong. Every message names the folder, the file or the column, and the way out."""
from __future__ import annotations

import difflib
from typing import Iterable


class FarpointError(Exception):
    """The base of all errors of this package; as itself: this is no run, no subset, or of a newer format."""


class Missing(FarpointError, LookupError):
    """There is no such column, record or part, and more work of the run would not make it."""


class Unfinished(FarpointError):
    """The run has not come so far yet; the same command goes on with it."""


class DamagedFile(FarpointError):
    """A file is not what the run wrote; delete it and run the same command again."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of a message about a name that is not known."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; there are: {', '.join(names)}" if names else ""
