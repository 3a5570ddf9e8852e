# SPDX-License-Identifier: Apache-2.0
"""A folder that looks like the repository, in which documented commands and recipes run as users run them."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ["FARPOINT_PROGRAM"]
MPIRUN = os.environ.get("FARPOINT_MPIRUN", "")

# Takes the place of mpirun on PATH: containers need more options than users (tests/mpirun.sh has them). Of these only -n acts.
LAUNCHER = """#!/usr/bin/env bash
ranks=1
while [[ $1 == -* ]]; do
  case $1 in
    -n) ranks=$2; shift 2 ;;
    --oversubscribe) shift ;;
    --bind-to|--map-by) shift 2 ;;
    *) echo "mpirun: the test of the documentation knows no $1" >&2; exit 2 ;;
  esac
done
launcher=%s
PATH=${PATH#*:}  # the launcher looks for the true one
[ -n "$launcher" ] && exec "$launcher" "$((ranks < 4 ? ranks : 4))" "$@"
exec "$@"
"""


class Scratch(unittest.TestCase):
    """One folder for all tests of a class: copies of configs/ and examples/, the program where `make build` puts it and on PATH."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="farpoint-docs-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        for name in ("configs", "examples", "slurm"):
            shutil.copytree(REPOSITORY / name, cls.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (cls.folder / "launcher").mkdir()
        for name in ("bin", "build/release/bin"):
            (cls.folder / name).mkdir(parents=True)
            (cls.folder / name / "farpoint").symlink_to(PROGRAM)
        (cls.folder / "launcher/mpirun").write_text(LAUNCHER % MPIRUN)
        (cls.folder / "launcher/mpirun").chmod(0o755)
        (cls.folder / "bin/python3").symlink_to(sys.executable)
        if (REPOSITORY / ".deps/minilm/model/model.safetensors").exists():
            (cls.folder / ".deps").mkdir()
            (cls.folder / ".deps/minilm").symlink_to(REPOSITORY / ".deps/minilm")
        cls.environment = dict(os.environ, PATH=f"{cls.folder}/launcher:{cls.folder}/bin:{os.environ['PATH']}", OMP_NUM_THREADS="1",
                               PYTHONDONTWRITEBYTECODE="1")

    @classmethod
    def bash(cls, command: str, timeout: float = 300) -> subprocess.CompletedProcess:
        """Runs a line of bash in the folder."""
        return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=cls.folder, env=cls.environment, capture_output=True,
                              text=True, timeout=timeout)

    @classmethod
    def make_data(cls) -> None:
        done = cls.bash("python3 examples/make_data.py")
        assert done.returncode == 0, done.stderr
