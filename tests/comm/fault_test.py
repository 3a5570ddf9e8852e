# SPDX-License-Identifier: Apache-2.0
"""Usage: fault_test.py MPIRUN_SCRIPT FAULT_PROGRAM FAILING_PROGRAM

Checks how a program on several ranks ends when one of them fails: with the right exit code, with the reason on stderr,
and soon, although the other ranks wait for the failed one.
"""

import subprocess
import sys
import threading
import time
import unittest

MPIRUN, FAULT_PROGRAM, FAILING_PROGRAM = sys.argv[1:4]
RANKS = 4
SECONDS_TO_END = 10
SECONDS_TO_HANG = 60


class Outcome:
    """What a command printed on stderr, its exit code, and how long it lived after its first error."""

    def __init__(self, command):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        watchdog = threading.Timer(SECONDS_TO_HANG, process.kill)
        watchdog.start()
        self.lines = []
        failed_at = None
        for line in process.stderr:
            self.lines.append(line.rstrip("\n"))
            if failed_at is None and line.startswith("farpoint: error:"):
                failed_at = time.monotonic()
        self.code = process.wait()
        watchdog.cancel()
        process.stderr.close()
        self.seconds_after_error = time.monotonic() - failed_at if failed_at else None
        self.errors = [line for line in self.lines if line.startswith("farpoint: error:")]


def on_ranks(program, *arguments):
    return Outcome([MPIRUN, str(RANKS), program, *arguments])


class OneRankThrows(unittest.TestCase):
    def check(self, fault, rank, code, message):
        outcome = on_ranks(FAULT_PROGRAM, fault, str(rank))
        self.assertEqual(outcome.errors, [f"farpoint: error: rank {rank}: {message}"], outcome.lines)
        self.assertEqual(outcome.lines[0], outcome.errors[0], "the reason comes before what MPI prints")
        self.assertEqual(outcome.code, code, outcome.lines)
        self.assertLess(outcome.seconds_after_error, SECONDS_TO_END)

    def test_error_on_any_rank(self):
        for rank in range(RANKS):
            with self.subTest(rank=rank):
                self.check("error", rank, 1, "shard 7 is damaged")

    def test_usage_error_has_its_own_code(self):
        self.check("usage", 2, 2, "unknown key 'x'")

    def test_exceptions_that_are_not_ours(self):
        self.check("memory", 1, 1, "out of memory")
        self.check("unknown", 3, 1, "unknown exception")


class AllRanksEndTogether(unittest.TestCase):
    def test_agreed_error_is_printed_once_and_nobody_is_aborted(self):
        outcome = on_ranks(FAULT_PROGRAM, "agreed", "3")
        self.assertEqual(outcome.errors, ["farpoint: error: rank 3: unknown key 'x'"], outcome.lines)
        self.assertEqual(outcome.code, 2, outcome.lines)
        self.assertNotIn("MPI_ABORT", "\n".join(outcome.lines))
        self.assertLess(outcome.seconds_after_error, SECONDS_TO_END)

    def test_a_stop_on_request_is_no_error(self):
        outcome = on_ranks(FAULT_PROGRAM, "stop", "1")
        self.assertEqual((outcome.code, outcome.errors), (75, []), outcome.lines)
        self.assertEqual(outcome.lines.count("farpoint: stopped"), 1, outcome.lines)
        self.assertNotIn("MPI_ABORT", "\n".join(outcome.lines))

    def test_the_largest_code_counts(self):
        outcome = on_ranks(FAULT_PROGRAM, "code", "2")
        self.assertEqual((outcome.code, outcome.errors), (75, []), outcome.lines)


class OneRankUnderTheLauncher(unittest.TestCase):
    def test_error_needs_no_rank(self):
        outcome = Outcome([MPIRUN, "1", FAULT_PROGRAM, "error", "0"])
        self.assertEqual(outcome.errors, ["farpoint: error: shard 7 is damaged"], outcome.lines)
        self.assertEqual(outcome.code, 1, outcome.lines)


class WithoutLauncher(unittest.TestCase):
    def test_one_process_ends_with_the_code_of_its_error(self):
        outcome = Outcome([FAULT_PROGRAM, "usage", "0"])
        self.assertEqual((outcome.code, outcome.lines), (2, ["farpoint: error: unknown key 'x'"]))

    def test_a_stop_on_request_is_no_error(self):
        outcome = Outcome([FAULT_PROGRAM, "stop", "0"])
        self.assertEqual((outcome.code, outcome.lines), (75, ["farpoint: stopped"]))


class TestMain(unittest.TestCase):
    def test_a_failed_expectation_on_rank_1_only_fails_the_program(self):
        outcome = on_ranks(FAILING_PROGRAM)
        self.assertEqual(outcome.code, 1, outcome.lines)
        self.assertTrue(any(line.startswith("rank 1: Failing.OnRankOneOnly:") for line in outcome.lines), outcome.lines)

    def test_the_same_program_passes_without_rank_1(self):
        self.assertEqual(Outcome([MPIRUN, "1", FAILING_PROGRAM]).code, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
