# SPDX-License-Identifier: Apache-2.0
"""Batch jobs on a real Slurm of two nodes (cluster.sh): they end, are told to stop, lose a node, and choose what a plain run chooses."""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE.parent / "faults")]
from disturbed import differences, ended, result  # noqa: E402
from farpoint import PROGRAM, Case, instructions, jsonl  # noqa: E402

CLUSTER = pathlib.Path(os.environ["FARPOINT_CLUSTER"])
CONFIG = """
run: {output: %s}
corpus: {shard_records: 100, pool: [{path: %s}]}
pipeline:
  - embed:  {as: emb}
  - embed:  {as: answers, text: response}
  - select: {vectors: emb, budget: {records: %d}}
"""
# What a machine of few cores, and a container, need besides.
ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": 1, "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": 1, "OMPI_MCA_mpi_yield_when_idle": 1,
               "OMPI_MCA_btl_tcp_if_include": "lo", "OMPI_MCA_oob_tcp_if_include": "lo",
               "OMPI_MCA_btl_vader_single_copy_mechanism": "none", "OMP_WAIT_POLICY": "passive"}
if os.environ["FARPOINT_CLUSTER_SHARED"] == "1":
    ENVIRONMENT["OMPI_MCA_btl"] = "self,tcp"


def slurm(*words) -> str:
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True, timeout=30).stdout


def facts(job: str) -> dict:
    return dict(re.findall(r"(\w+)=(\S*)", slurm("scontrol", "-o", "show", "job", job)))


def signals_pending(pid: int) -> int:
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^ShdPnd:\s*(\w+)", text, re.M)[1], 16) | int(re.search(r"^SigPnd:\s*(\w+)", text, re.M)[1], 16)


def processes_of_node(name: str) -> list:
    """Its daemon, what the daemon started for jobs, and the programs of the jobs; those of this cluster alone."""
    found = {int((CLUSTER / f"run/{name}.pid").read_text())}
    marks = {f"SLURMD_NODENAME={name}".encode(), f"SLURM_CONF={CLUSTER}/slurm.conf".encode()}
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and marks.issubset((entry / "environ").read_bytes().split(b"\0")):
                found.add(int(entry.name))
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if b"slurmstepd" in pathlib.Path(f"/proc/{parent}/cmdline").read_bytes():
                    found.add(parent)
    return sorted(found)


class Slurm(Case):
    @classmethod
    def setUpClass(cls):
        plain = cls()
        plain.setUp()
        cls.addClassCleanup(plain.doCleanups)
        cls.corpus = plain.write("a.jsonl", jsonl(instructions(1600)))  # a subset knows where its records came from
        cls.expected = {}
        for count in (40, 60):
            plain.config("plain", count)
            plain.call("run", "plain.yaml", "--output", f"plain{count}")
            cls.expected[count] = result(plain.folder / f"plain{count}")

    def setUp(self):
        super().setUp()
        self.folder = self.folder / "it's a \"$HOME\" # 50%j"  # everything that a shell or Slurm might understand
        self.folder.mkdir()
        self.jobs = []
        self.addCleanup(lambda: self.jobs and subprocess.run(["scancel", *self.jobs], timeout=30))

    def runTest(self):
        """So that setUpClass may make one."""

    def site(self, **keys) -> pathlib.Path:
        keys = {"launcher": "mpirun", "program": PROGRAM, "environment": ENVIRONMENT, "signal_seconds": 30} | keys
        return self.write(f"site-{len(list(self.folder.iterdir()))}.yaml", json.dumps(keys))

    def config(self, name: str, count: int = 60, corpus=None) -> pathlib.Path:
        return self.write(f"{name}.yaml", CONFIG % (name, json.dumps(str(corpus or self.corpus)), count))

    def submit(self, *arguments, nodes: int = 2, ranks: int = 2, site=None) -> str:
        said, _ = self.call("submit", *arguments, "--site", site or self.site(), "--nodes", nodes, "--ranks-per-node", ranks,
                            "--time", 5)
        self.assertRegex(said, r"\ASubmitted batch job \d+\n\Z")
        self.jobs.append(said.split()[-1])
        return self.jobs[-1]

    def output_of(self, folder: str) -> str:
        return "".join(path.read_text() for path in (self.folder / folder).glob("*.out"))

    def wait_until(self, what, seconds: float = 100):
        deadline = time.time() + seconds
        while not (found := what()):
            self.assertLess(time.time(), deadline, slurm("squeue", "--long") + "".join(map(self.output_of, [".", *os.listdir(self.folder)])))
            time.sleep(0.02)
        return found

    def wait_for_end(self, job: str, folder: str, expect: str = "COMPLETED") -> dict:
        running = ("PENDING", "RUNNING", "COMPLETING", "CONFIGURING", "REQUEUED")
        found = self.wait_until(lambda: (now := facts(job))["JobState"] not in running and now)
        self.assertEqual(found["JobState"], expect, self.output_of(folder))
        return found

    def assert_as_plain(self, folder: str, count: int = 60):
        self.assertEqual(differences(self.expected[count], result(self.folder / folder)), [])

    @contextlib.contextmanager
    def stopped_rank(self, folder: str):
        """A rank that stands still amid its work until the block ends: the run cannot end meanwhile."""
        output = self.folder / folder
        beat = output / "status/rank-0001.json"
        self.wait_until(beat.exists)
        pid = json.loads(beat.read_text())["process"]
        try:
            os.kill(pid, signal.SIGSTOP)
            while not any(output.glob("stages/01-*/shard-*.h5")):  # in steps, or it may have ended before one looks
                os.kill(pid, signal.SIGCONT)
                time.sleep(0.005)
                os.kill(pid, signal.SIGSTOP)
            self.assertFalse((output / "summary.json").exists(), "the run had ended already")
            yield pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def tell_to_stop(self, job: str, folder: str, *options):
        with self.stopped_rank(folder) as pid:
            slurm("scancel", "--signal=USR1", *options, job)
            # As soon as the rank goes on, it knows that it shall stop.
            self.wait_until(lambda: ended(pid) or signals_pending(pid) & 1 << signal.SIGUSR1 - 1)

    def test_each_launcher(self):
        jobs = {launcher: self.submit(self.config(launcher), site=self.site(launcher=launcher), ranks=2)
                for launcher in ("srun", "mpirun")}
        for launcher, job in jobs.items():
            self.assertEqual(self.wait_for_end(job, launcher)["NumNodes"], "2")
            self.assertEqual(self.summary(launcher)["ranks"], 4)
            self.assert_as_plain(launcher)
            self.assertIn("60 records chosen", self.output_of(launcher))

    def test_stopped_ahead_of_the_limit(self):
        # --batch is what Slurm does ahead of the time limit; without, what people do by hand.
        told = {"mpirun": ["--batch"], "srun": ["--batch"], "ranks": []}
        jobs = {}
        for name, options in told.items():  # one after the other, or it has ended before its turn comes
            jobs[name] = self.submit(self.config(name), site=self.site(launcher="mpirun" if name == "mpirun" else "srun"))
            self.tell_to_stop(jobs[name], name, *options)
        for name, job in jobs.items():
            self.assertEqual(self.wait_for_end(job, name)["Restarts"], "1")
            self.assert_as_plain(name)
            self.assertIn("stopped at a checkpoint; requeued", self.output_of(name))
            self.assertGreater(self.job(name, "embed")["resumed_shards"], 0)

    def test_lost_node(self):
        jobs = {}
        with contextlib.ExitStack() as stopped:
            for launcher in ("srun", "mpirun"):
                jobs[launcher] = self.submit(self.config(launcher), site=self.site(launcher=launcher))
                stopped.enter_context(self.stopped_rank(launcher))
            while victims := [pid for pid in processes_of_node("node2") if not ended(pid)]:
                for pid in victims:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
        slurm("scontrol", "update", "nodename=node2", "state=down", "reason=killed")
        for job in jobs.values():
            self.wait_until(lambda job=job: facts(job)["Restarts"] == "1")
        daemon = subprocess.Popen([HERE / "cluster.sh", "node", "node2"])
        type(self).addClassCleanup(daemon.wait)  # the tests behind this one need the node
        type(self).addClassCleanup(daemon.terminate)
        subprocess.run(["scontrol", "update", "nodename=node2", "state=resume"], stderr=subprocess.DEVNULL)
        for launcher, job in jobs.items():
            self.wait_for_end(job, launcher)
            self.assert_as_plain(launcher)
            self.assertGreater(self.job(launcher, "embed")["resumed_shards"], 0)

    def test_array(self):
        job = self.submit(self.config("large", 60), self.config("small", 40), "--gpus-per-rank", 1, ranks=1)
        for task, (folder, count) in enumerate([("large", 60), ("small", 40)]):
            self.assertEqual(self.wait_for_end(f"{job}_{task}", folder)["TresPerNode"], "gres:gpu:1")
            self.assert_as_plain(folder, count)
            self.assertTrue((self.folder / f"large/slurm-{job}_{task}.out").exists())

    def test_requeued_so_often_and_no_more(self):
        job = self.submit(self.config("run"), site=self.site(max_restarts=0), nodes=1)
        self.tell_to_stop(job, "run", "--batch")
        self.assertEqual(self.wait_for_end(job, "run", "FAILED")["ExitCode"], "75:0")
        self.assertIn("the site's max_restarts is 0", self.output_of("run"))
        # The script goes on where the run is.
        job = slurm("sbatch", "--parsable", self.folder / "run/farpoint.sbatch").strip()
        self.jobs.append(job)
        self.wait_for_end(job, "run")
        self.assert_as_plain("run")

    def test_a_failed_run_is_not_requeued(self):
        corpus = self.write("own.jsonl", self.corpus.read_text())
        job = self.submit(self.config("run", corpus=corpus), site=self.site(setup=["sleep 1"]), nodes=1, ranks=1)
        corpus.write_text("no json\n" * 100)  # only now: submit looks before
        self.assertEqual(self.wait_for_end(job, "run", "FAILED")["Restarts"], "0")
        self.assertIn("max_reject_fraction", self.output_of("run"))

    def test_mistakes(self):
        config = self.config("run")
        for site, expected in [("launcher: srun\npartion: cpu", r":2:1: unknown key 'partion' .*did you mean 'partition'"),
                               ("directives: [exclusive]", r":1:\d+: .*'exclusive'")]:
            _, said = self.call("submit", config, "--site", self.write("site.yaml", site), expect=2)
            self.assertRegex(said, "site.yaml" + expected)
        for options, expected in [(["--site", "nowhere.yaml"], "nowhere.yaml"), (["--time", "soon"], "--time soon"),
                                  (["--set", "corpus.shard_records=no"], "shard_records")]:
            self.assertIn(expected, self.call("submit", config, *options, expect=2)[1])
        self.assertFalse((self.folder / "run").exists())
        # Only Slurm knows these.
        self.assertIn("nowhere", self.call("submit", config, "--site", self.site(partition="nowhere"), expect=1)[1])
        self.assertIn("sbatch refused", self.call("submit", config, "--nodes", 3, expect=1)[1])

    def test_dry_run(self):
        config, site = self.config("run"), self.site(launcher="srun", scratch="/scratch/$USER")
        options = ["submit", config, "--nodes", 2, "--ranks-per-node", 2, "--time", 5, "--memory-per-node", "1G", "--dry-run"]
        script, _ = self.call(*options, "--site", site)
        self.assertFalse((self.folder / "run").exists())
        os.environ["FARPOINT_SITE"] = str(site)
        self.addCleanup(os.environ.pop, "FARPOINT_SITE")
        self.assertEqual(self.call(*options)[0], script)
        self.submit(config, "--memory-per-node", "1G", site=site)
        self.assertEqual((self.folder / "run/farpoint.sbatch").read_text(), script)

    def test_readable_scripts(self):
        self.folder = self.folder.parent  # Slurm would look for patterns in the name of the working folder
        (self.folder / "bin").mkdir()
        (self.folder / "bin/farpoint").symlink_to(PROGRAM)
        environment = dict(os.environ, PATH=f"{self.folder}/bin:{os.environ['PATH']}", **{name: str(value) for name, value in ENVIRONMENT.items()})
        configs = [self.config(name) for name in ("run", "run-mpirun", "first", "second")]
        def submit(*words) -> str:
            done = subprocess.run(["sbatch", "--parsable", *words], cwd=self.folder, env=environment, check=True,
                                  capture_output=True, text=True)
            self.jobs.append(done.stdout.strip())
            return self.jobs[-1]
        scripts = HERE.parents[1] / "slurm"
        jobs = {}
        for name, config in zip(("run", "run-mpirun"), configs):
            jobs[name] = submit(scripts / f"{name}.sbatch", config)
            self.tell_to_stop(jobs[name], name, "--batch")
        array = submit("--array=0-1", scripts / "array.sbatch", *configs[2:])
        self.tell_to_stop(f"{array}_1", "second", "--batch")
        jobs |= {"first": f"{array}_0", "second": f"{array}_1"}
        for name, job in jobs.items():
            self.assertEqual(self.wait_for_end(job, ".")["Restarts"], "0" if name == "first" else "1")
            self.assert_as_plain(name)


if __name__ == "__main__":
    unittest.main()
