# SPDX-License-Identifier: Apache-2.0
"""Killed ranks, full disks, damaged and lost files, changed inputs, a second run: never another subset than the undisturbed one."""
import dataclasses
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest

from disturbed import CONFIG, MPIRUN, Disturbed, differences, killed_run, result, write_corpus

SEED = int(os.environ.get("FARPOINT_SEED", "8"))


@unittest.skipUnless(MPIRUN, "built without MPI")
class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="farpoint-faults-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        write_corpus(cls.folder, SEED)
        (cls.folder / "config.yaml").write_text(CONFIG)
        cls.whole = Disturbed(cls.folder, cls.folder / "whole")
        cls.seconds = cls.whole.measure()
        cls.expected = result(cls.whole.output)

    def setUp(self):
        self.run_ = Disturbed(self.folder, self.folder / self._testMethodName)

    def copy_of_whole(self) -> pathlib.Path:
        return pathlib.Path(shutil.copytree(self.whole.output, self.run_.output))

    def assert_same_after(self, code_and_errors: tuple, expected: dict = None):
        self.assertEqual(code_and_errors[0], 0, code_and_errors[1])
        self.assertEqual(differences(expected or self.expected, result(self.run_.output)), [], f"FARPOINT_SEED={SEED}")

    def test_killed_ranks(self):
        trial = killed_run(self.run_, SEED, self.seconds, self.expected)
        self.assertEqual(trial.problems, [], f"FARPOINT_SEED={SEED}")

    def test_damaged_and_lost_files(self):
        draw = random.Random(SEED)
        output = self.copy_of_whole()
        files = sorted(path for path in output.glob("stages/*/*.h5"))
        def flip(path):
            content = bytearray(path.read_bytes())
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
            path.write_bytes(content)
        def cut(path):
            path.write_bytes(path.read_bytes()[:draw.randrange(path.stat().st_size)])
        faults = [flip, cut, lambda path: path.write_bytes(b""), lambda path: path.unlink()]
        chosen = draw.sample([path for path in files if path.name[0] in "sc"], 8)
        chosen += draw.sample([path for path in files if path.name in ("done.h5", "prepared.h5")], 4)
        for number, path in enumerate(chosen):
            faults[number % 4](path)
        self.assert_same_after(self.run_.finish())

    def test_inputs_change_between_runs(self):
        self.copy_of_whole()
        changed = self.folder / "changed"
        changed.mkdir()
        write_corpus(changed, SEED + 100, 240)
        os.replace(changed / "c.json", changed / "x")
        shutil.copy(self.folder / "c.json", changed / "c.json")
        (changed / "config.yaml").write_text(CONFIG)
        fresh = Disturbed(changed, changed / "fresh")
        self.assertEqual(fresh.finish()[0], 0)
        self.run_ = Disturbed(changed, self.run_.output)
        self.assert_same_after(self.run_.finish(), result(fresh.output))

    def test_a_second_run_is_refused(self):
        process, _ = self.run_.start_all(3)
        code, errors = self.run_.finish(1)
        _, first = process.communicate(timeout=300)
        self.assertEqual(code, 2, errors)
        self.assertIn("another run is at work", errors)
        self.assert_same_after((process.returncode, first))

    def test_full_disk(self):
        mount = self.run_.output
        mount.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", mount], capture_output=True, text=True)
        if made.returncode != 0:
            self.skipTest(f"a small file system cannot be mounted here: {made.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", mount], check=True)
        code, errors = self.run_.finish()
        self.assertEqual(code, 1, errors)
        self.assertIn("this run cannot fit", errors)
        # Others may fill a disk that had room.
        code, errors = dataclasses.replace(self.run_, options=("--force",)).finish()
        self.assertEqual(code, 1, errors)
        self.assertIn("No space left on device", errors)
        subprocess.run(["mount", "-o", "remount,size=64m", mount], check=True)
        self.assert_same_after(self.run_.finish())


if __name__ == "__main__":
    unittest.main(verbosity=2)
