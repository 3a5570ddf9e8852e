# SPDX-License-Identifier: Apache-2.0
"""Help, suggestions, completion by shells, progress and colours, quiet and verbose, and what --json prints."""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

from farpoint import PROGRAM, Case, instructions, jsonl

CONFIG = """
corpus: {shard_records: 40, pool: [{path: a.jsonl, name: web}]}
pipeline:
  - embed:  {as: emb}
  - select: {vectors: emb, budget: {records: 20}}
"""
COMMANDS = ["init", "validate", "estimate", "run", "submit", "status", "inspect", "table", "report", "compare", "export", "jobs", "help",
            "completion", "bench"]


class Help(Case):
    def test_program(self):
        text, _ = self.call("--help")
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^  {command} ")
        self.assertEqual(self.call("help")[0], text)

    def test_command(self):
        for command in COMMANDS:
            text, _ = self.call(command, "--help")
            self.assertEqual(self.call("help", command)[0].split("\n'")[0], text.split("\n'")[0])
            self.assertIn(f"Usage: farpoint {command}", text)
            self.assertRegex(text, r"Examples?:\n  farpoint ")
            self.assertLess(max(map(len, text.splitlines())), 121, command)

    def test_job(self):
        text, _ = self.call("help", "select")
        self.assertIn("budget.records: whole number", text)
        self.assertIn("k-center", text)
        self.assertEqual(self.call("jobs", "select")[0], text)
        self.assertIn("farpoint jobs export", self.call("help", "export")[0])
        self.assertIn("pool[].path: text (needed)", self.call("help", "corpus")[0])

    def test_jobs(self):
        text, _ = self.call("jobs")
        listed = [line.split()[0] for line in text.split("\n\n")[0].splitlines()]
        found = json.loads(self.call("jobs", "--json")[0])
        self.assertEqual(listed, [one["name"] for one in found if one["is_job"]])
        one = json.loads(self.call("jobs", "embed", "--json")[0])
        self.assertIn({"key": "as", "type": "text", "default": "emb", "required": False, "changes_results": True,
                       "help": next(o["help"] for o in one["options"] if o["key"] == "as")}, one["options"])

    def test_mistakes(self):
        for words, hint in ((["rnu"], "'run'"), (["help", "slect"], "'select'"), (["jobs", "embde"], "'embed'"),
                            (["run", "c.yaml", "--ouput", "x"], "'--output'"),
                            (["export", "r", "--format", "shargpt", "--out", "x"], "'sharegpt'")):
            text, errors = self.call(*words, expect=2)
            self.assertIn(f"did you mean {hint}?", errors)
            self.assertEqual(text, "")
        for word, known in (("k-center", "a value of 'select.method': farpoint help select"),
                            ("outlier_fraction", "the option 'select.outlier_fraction': farpoint help select"),
                            ("temperature", "the option 'memory.temperature', 'select.quota.temperature': farpoint help JOB")):
            self.assertIn(f"'{word}' is {known}", self.call("help", word, expect=2)[1])
        self.assertEqual(self.call("rnu", ranks=2, expect=2)[1].count("did you mean"), 1)
        self.assertIn("farpoint --help", self.call(expect=2)[1])


class Completion(Case):
    def bash(self, line: str) -> list:
        """What bash offers at the end of the line. It cuts words at '=' as well."""
        words = [word for word in re.split(r"(=)|\s+", line) if word]
        if line.endswith((" ", "=")):
            words.append("")
        script = self.folder / "farpoint.bash"
        if not script.exists():
            script.write_text(self.call("completion", "bash")[0])
        quoted = " ".join("'" + word + "'" for word in words)
        call = f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _farpoint; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "--norc", "-c", call], cwd=self.folder, capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return sorted(word for word in done.stdout.split("\n") if word)

    def test_bash(self):
        self.write("config.yaml", "")
        self.write("a b.yml", "")
        self.write("data.jsonl", "")
        (self.folder / "runs").mkdir()
        subprocess.run(["bash", "-n"], input=self.call("completion", "bash")[0], text=True, check=True)
        self.assertEqual(self.bash("farpoint ru"), ["run"])
        self.assertLess(set(COMMANDS), set(self.bash("farpoint ")))
        self.assertEqual(self.bash("farpoint run --o"), ["--output"])
        self.assertEqual(self.bash("farpoint -q run --unt"), ["--until"])
        self.assertEqual(self.bash("farpoint run "), ["a b.yml", "config.yaml", "runs"])
        self.assertEqual(self.bash("farpoint run config.yaml --until se"), ["select"])
        self.assertEqual(self.bash("farpoint export runs --format "), ["alpaca", "datasets", "jsonl", "messages", "parquet", "sharegpt", "xtuner"])
        self.assertEqual(self.bash("farpoint export runs --format=al"), ["alpaca"])
        self.assertEqual(self.bash("farpoint export runs --out "), ["a b.yml", "config.yaml", "data.jsonl", "farpoint.bash", "runs"])
        self.assertEqual(self.bash("farpoint run c.yaml --output "), ["runs"])
        self.assertEqual(self.bash("farpoint help sel"), ["select"])
        self.assertEqual(self.bash("farpoint completion "), ["bash", "fish", "zsh"])
        self.assertIn("select.budget.records=", self.bash("farpoint run c.yaml --set select.bud"))

    def test_every_option_of_the_help_is_offered(self):
        for command in COMMANDS:
            options = set(re.findall(r"(?m)^  (?=\S).*?(--[a-z-]+)", self.call(command, "--help")[0].split("Example")[0]))
            self.assertEqual(set(self.bash(f"farpoint {command} --")), options, command)

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish(self):
        script = self.write("farpoint.fish", self.call("completion", "fish")[0])
        self.write("config.yaml", "")

        def fish(line: str) -> list:
            environment = dict(os.environ, HOME=str(self.folder))
            done = subprocess.run(["fish", "-N", "-c", f"source {script}; complete -C '{line}'"], cwd=self.folder,
                                  capture_output=True, text=True, check=True, env=environment)
            self.assertEqual(done.stderr, "")
            return sorted(line.split("\t")[0] for line in done.stdout.splitlines())

        self.assertEqual(fish("farpoint ru"), ["run"])
        self.assertEqual(fish("farpoint run --unt"), ["--until"])
        self.assertEqual(fish("farpoint run c --until se"), ["select"])
        self.assertEqual(fish("farpoint export r --format al"), ["alpaca"])
        self.assertIn("config.yaml", fish("farpoint run c"))
        self.assertEqual(fish("farpoint help memo"), ["memory"])

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh(self):
        script = self.write("_farpoint", self.call("completion", "zsh")[0])
        subprocess.run(["zsh", "-n", script], check=True)
        self.write("config.yaml", "")
        # Completion of zsh needs a terminal: zpty has one, in which what tab offers is printed. However slow the machine is:
        # the line is typed when the prompt is there (whose name the echo of its setting does not hold), and waited for.
        call = f"""
zmodload zsh/zpty
zpty shell 'zsh -f -i'
zpty -w shell "PROMPT='READ''Y>'; fpath=({self.folder} $fpath); autoload -Uz compinit; compinit -u -D; bindkey '^I' complete-word"
zpty -r shell answer '*READY>*'
zpty -w -n shell $1$'\\t\\t'
answer=
for i in {{1..200}}; do
  while zpty -r -t shell more; do answer+=$more; done
  [[ $answer == *$2* ]] && break
  sleep 0.2
done
print -r -- $answer
zpty -d shell
"""
        def zsh(line: str, wanted: str) -> str:
            done = subprocess.run(["zsh", "-f", "-c", call, "zsh", line, wanted], cwd=self.folder, capture_output=True, text=True, timeout=60)
            return done.stdout
        self.assertIn("export", zsh("farpoint expo", "export"))
        self.assertIn("--until", zsh("farpoint run --unt", "--until"))
        self.assertIn("alpaca", zsh("farpoint export r --format alp", "alpaca"))


class Terminal(Case):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl(instructions(4000)))
        self.write("config.yaml", CONFIG)

    def on_a_terminal(self, *arguments, **variables):
        """stdout (a pipe) and stderr (a terminal) of a command."""
        leader, follower = pty.openpty()
        environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "OMP_NUM_THREADS": "1", **variables}
        with subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=follower, env=environment) as process:
            os.close(follower)
            shown = b""
            deadline = time.time() + 300
            while time.time() < deadline:
                if select.select([leader], [], [], 0.1)[0]:
                    try:
                        part = os.read(leader, 65536)
                    except OSError:  # the other end is closed
                        break
                    if not part:
                        break
                    shown += part
            output = process.stdout.read().decode()
        os.close(leader)
        return output, shown.decode(), process.returncode

    def slow(self):
        """Many records: long enough that a bar is drawn."""
        self.write("a.jsonl", jsonl(instructions(12000)))

    def test_bar_is_drawn_in_place(self):
        self.slow()
        _, shown, code = self.on_a_terminal("run", "config.yaml", "--output", "out", LANG="C.UTF-8")
        self.assertEqual(code, 0, shown)
        self.assertRegex(shown, r"\r\x1b\[Kembed[^\r\n]*━[^\r\n]*records/s")
        self.assertRegex(shown, r"\r\x1b\[Kembed[^\r\n]* [\d,]+ / [\d,]+  [\d,]+ records/s  [^\r\n]* left")
        self.assertIn("\x1b[32m", shown)
        # The line that stays: nothing of the bar is left behind it.
        self.assertRegex(shown, r"embed[^\r\n]*12,000 of 12,000 records, [^\r\n\x1b]*\r\n")

    def test_no_colours(self):
        self.slow()
        _, shown, _ = self.on_a_terminal("run", "config.yaml", "--output", "out", NO_COLOR="1", LANG="C")
        self.assertRegex(shown, r"\r\x1b\[Kembed[^\r\n]*\[=+>? *\]")
        self.assertNotIn("\x1b[3", shown)
        self.assertNotIn("\x1b[1", shown)

    def test_dumb_terminal(self):
        _, shown, code = self.on_a_terminal("run", "config.yaml", "--output", "out", TERM="dumb")
        self.assertEqual(code, 0)
        self.assertNotIn("\x1b", shown)
        self.assertIn("4,000 of 4,000 records", shown)

    def test_errors_are_red_on_terminals_alone(self):
        self.assertIn("farpoint: \x1b[1;31merror:\x1b[0m ", self.on_a_terminal("status", "nothing")[1])
        self.assertIn("farpoint: error: ", self.on_a_terminal("status", "nothing", NO_COLOR="1")[1])
        self.assertTrue(self.call("status", "nothing", expect=2)[1].startswith("farpoint: error: "))
        forced = subprocess.run([PROGRAM, "status", "nothing"], capture_output=True, text=True, cwd=self.folder,
                                env=dict(os.environ, FORCE_COLOR="1"))
        self.assertIn("\x1b[1;31merror:", forced.stderr)

    def test_no_colours_in_logs_and_files(self):
        self.write("a.jsonl", jsonl(instructions(100)) + "{no\n")
        self.on_a_terminal("run", "config.yaml", "--output", "out", FORCE_COLOR="1")
        for path in (self.folder / "out").rglob("*"):
            if path.is_file() and path.suffix in (".log", ".json", ".jsonl", ".yaml"):
                self.assertNotIn(b"\x1b", path.read_bytes(), path)

    def test_quiet(self):
        self.assertEqual(self.call("run", "config.yaml", "--output", "out", "-q"), ("", ""))
        self.assertEqual(self.call("--quiet", "export", "out", "--format", "jsonl", "--out", "x.jsonl"), ("", ""))
        self.assertIn("error", self.call("-q", "status", "nothing", expect=2)[1])

    def test_verbose(self):
        _, errors = self.call("run", "config.yaml", "--output", "out", "-v")
        self.assertRegex(errors, r"(?m)^log: ")
        _, plain = self.call("run", "config.yaml", "--output", "other")
        self.assertNotIn("log: ", plain)
        # Results of jobs stand there once.
        self.assertEqual(errors.count("4,000 of 4,000 records"), plain.count("4,000 of 4,000 records"))


class Json(Case):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl(instructions(100)))
        self.write("config.yaml", CONFIG)

    def json(self, *arguments, **options):
        return json.loads(self.call(*arguments, "--json", **options)[0])

    def test_run(self):
        for ranks in (1, 2):
            found = self.json("run", "config.yaml", "--output", f"out{ranks}", ranks=ranks)
            self.assertEqual(found["selected"], 20)
            self.assertEqual(found, self.summary(f"out{ranks}"))
        found = self.json("run", "config.yaml", "--dry-run")
        self.assertEqual([one["job"] for one in found["stages"]], ["embed", "select"])
        self.assertEqual(found["stages"][1]["reads"], ["emb"])

    def test_errors_are_text(self):
        text, errors = self.call("run", "nothing.yaml", "--json", expect=2)
        self.assertEqual(text, "")
        self.assertIn("farpoint: error: ", errors)

    def test_results(self):
        self.call("run", "config.yaml", "--output", "out")
        found = self.json("inspect", "out")
        self.assertEqual([one["stage"][:2] for one in found["stages"]][:2], ["00", "01"])
        shard = next(kind for kind in found["stages"][1]["files"] if kind["kind"] == "shard")
        self.assertEqual(shard["count"], 3)
        vectors = next(column for column in shard["first"]["columns"] if column["name"] == "emb")
        self.assertEqual((vectors["type"], vectors["rows"], vectors["width"]), ("float32", 40, 384))
        self.assertIn("vectors/emb", [column["name"] for column in found["subset"]["columns"]])
        self.assertIn("vectors/emb", [c["name"] for c in self.json("inspect", "out/subset.h5")["columns"]])
        history = self.json("inspect", "out", "--record", "3")
        self.assertEqual((history["id"], history["source"], history["line"]), (3, "web", 4))
        self.assertEqual(json.loads(history["record"]), instructions(100)[3])
        self.assertEqual(self.json("status", "out")["state"], "finished")
        rows = self.call("table", "out", "--columns", "line", "--json")[0].splitlines()
        self.assertEqual(json.loads(rows[5]), {"id": 5, "line": 6})

    def test_export(self):
        self.call("run", "config.yaml", "--output", "out")
        found = self.json("export", "out", "--format", "alpaca", "--out", "s.jsonl")
        self.assertEqual(found, {"records": 20, "format": "alpaca", "files": ["s.jsonl"]})
        found = self.json("export", "out", "--format", "alpaca", "--out", "s.jsonl", "--split", "test=0.3")
        self.assertEqual(found["files"], ["s.train.jsonl", "s.test.jsonl"])
        for file in found["files"]:
            self.assertTrue((self.folder / file).exists())

    def test_estimate_and_bench(self):
        self.assertEqual(self.json("estimate", "config.yaml")["records"], 100)
        found = self.json("bench", "--records", "300", "--repeats", "1")
        self.assertEqual(found["records"], 300)
        self.assertIn("select", [job["job"] for job in found["jobs"]])


if __name__ == "__main__":
    unittest.main(verbosity=2)
