# SPDX-License-Identifier: Apache-2.0
"""The helper of tests/e2e, which is called as the package under test is, and the runs that these tests read."""
import importlib.util
import pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def _end_to_end():
    spec = importlib.util.spec_from_file_location("end_to_end", REPOSITORY / "tests" / "e2e" / "farpoint.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_helper = _end_to_end()
Case, PROGRAM, instructions, jsonl = _helper.Case, _helper.PROGRAM, _helper.instructions, _helper.jsonl


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
