#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Question: what does a report cost beside the run that it tells of, and do its memory and its page grow with the pool?

Method: a corpus of examples/make_corpus.py in two sizes, the larger ten times the smaller. A run on one rank embeds it (built-in),
chooses 1,000 records (k-center) and writes the report; its own summary says what the job took, and what all jobs took. The
peak resident size is that of `farpoint report` alone, on the finished run. With the packages of scripts/test_tools.sh and Chromium the page is
opened as well: seconds until it is loaded and all its figures are drawn.

    measure.py PROGRAM [--records 100000] [--repeats 3]
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CONFIG = """
corpus: {pool: [{path: corpus.jsonl}]}
pipeline:
  - embed:  {as: emb}
  - select: {method: k-center, vectors: emb, budget: {records: 1000}}
  - report: {}
"""


def apart(command: list, folder: pathlib.Path) -> float:
    """Runs it from a process of its own, and returns its peak resident size in MiB: that of this one's children never falls."""
    script = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)")
    done = subprocess.run([sys.executable, "-c", script, *command], cwd=folder, check=True, capture_output=True, text=True)
    return float(done.stdout)


def seconds_in_browser(page: pathlib.Path) -> float:
    sys.path.insert(0, str(REPOSITORY / ".deps/test-tools"))
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return float("nan")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"])
        tab = browser.new_page()
        begin = time.perf_counter()
        tab.goto(f"file://{page}")
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        seconds = time.perf_counter() - begin
        browser.close()
    return seconds


def measure(program: str, folder: pathlib.Path, records: int, repeats: int) -> dict:
    with open(folder / "corpus.jsonl", "wb") as corpus:
        subprocess.run([sys.executable, REPOSITORY / "examples/make_corpus.py", str(records)], stdout=corpus, check=True)
    (folder / "config.yaml").write_text(CONFIG)
    report, rest = [], []
    for _ in range(repeats):
        apart([program, "run", "config.yaml", "--output", "run", "--fresh"], folder)
        jobs = json.loads((folder / "run/summary.json").read_text())["jobs"]
        report.append(next(job["seconds"] for job in jobs if job["job"] == "report"))
        rest.append(sum(job["seconds"] for job in jobs) - report[-1])
    page = folder / "run/report.html"
    return {"records": records, "report_seconds": statistics.median(report), "rest_seconds": statistics.median(rest),
            "page_MB": page.stat().st_size / 1e6, "browser_seconds": seconds_in_browser(page)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("program")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    for records in (arguments.records, 10 * arguments.records):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            result = measure(program, folder, records, arguments.repeats)
            result["peak_MiB"] = apart([program, "report", "run"], folder)
            result["share_of_run"] = result["report_seconds"] / (result["report_seconds"] + result["rest_seconds"])
            print(json.dumps({key: round(value, 3) for key, value in result.items()}), flush=True)


if __name__ == "__main__":
    main()
