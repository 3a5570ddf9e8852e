# SPDX-License-Identifier: Apache-2.0
"""The package as such: its version is the program's, it installs, its types hold, and Python 3.9 can read it."""
import ast
import pathlib
import shutil
import subprocess
import sys
import unittest

import farpoint
from case import REPOSITORY, Case, has

PACKAGE = REPOSITORY / "python" / "src" / "farpoint"


class Package(Case):
    def test_its_version_is_that_of_the_program(self):
        printed, _ = self.call("--version")
        self.assertIn(farpoint.__version__, printed.split())

    def test_it_is_the_package_of_this_repository(self):
        self.assertEqual(pathlib.Path(farpoint.__file__).parent, PACKAGE)

    def test_python_3_9_can_read_it(self):
        for path in PACKAGE.glob("*.py"):
            ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))

    @unittest.skipUnless(has("pip") and has("setuptools") and has("wheel"), "needs pip, setuptools and wheel")
    def test_it_installs(self):
        """From a copy: setuptools leaves files beside what it builds."""
        source, target = self.folder / "python", self.folder / "installed"
        shutil.copytree(REPOSITORY / "python", source)
        done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
                               "--disable-pip-version-check", "--root-user-action=ignore", "--target", target, source],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        installed = {path.name for path in (target / "farpoint").iterdir() if path.is_file()}
        self.assertEqual(installed, {path.name for path in PACKAGE.iterdir() if path.is_file()})
        self.assertIn("py.typed", installed)
        [metadata] = target.glob("farpoint-*.dist-info/METADATA")
        self.assertIn(f"\nVersion: {farpoint.__version__}\n", metadata.read_text())

    @unittest.skipUnless(has("mypy"), "needs mypy")
    def test_its_types_hold(self):
        use = self.write("use.py", "import farpoint\n\nrun = farpoint.open('runs/demo')\nids, values = run.column('ppl')\n"
                                   "total: int = sum(len(record) for record in run.subset)\nlengths: int = run.subset.radius\n")
        for checked, expected in ((PACKAGE, ""), (use, "use.py:6: error: Incompatible types in assignment")):
            done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--config-file", REPOSITORY / "python/pyproject.toml",
                                   "--cache-dir", self.folder / "mypy", checked],
                                  capture_output=True, text=True, cwd=self.folder)
            if expected:
                self.assertIn(expected, done.stdout)
                self.assertIn("Found 1 error in 1 file", done.stdout)
            else:
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
