#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Question: how many MB/s of text do `clean`, exact and near deduplication take on one core, and how does that compare with rensa?

Method: a corpus of generated web-like texts (seeded; words by Zipf's law, a tenth of the records exact or near copies of others), or any
JSONL with a key `text`. The program runs on one rank with one thread: ingest, clean (html, unicode, white space, personal data, language,
lengths, Gopher's repetition of lines and word pairs, symbols, URLs, a block list), dedup (exact, near 0.8). Counted are the bytes of the
input over the seconds of the jobs clean and dedup together, by the program's own summary; the ingest is not part of it. rensa (0.8 threshold, 128
permutations, 16 bands) gets the same texts in the usual way: shingles of five words made in Python, one MinHash a text, query and insert. Its
seconds are those of shingling, MinHash and index; reading the file and cleaning are not counted. Both take turns, on the same core; medians.
Last result: docs/performance.md.

    clean_and_dedup.py PROGRAM [--megabytes 50] [--repeats 3] [--corpus FILE.jsonl] [--python PYTHON_WITH_RENSA]
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

RULES = """{html: strip, unicode: nfc, white_space: tidy, pii: mask, language: [en, zh], min_chars: 20, max_chars: 1000000,
             repetition: {max_duplicate_line_fraction: 0.3, max_top_ngram_fraction: 0.2}, symbols: {max_ratio: 0.3},
             urls: {max_ratio: 0.3}, blocklist: [blocked.txt]}"""
COMMON = ("the of and to in is that it was for on are with as his they be at one have this from or had by not but what all were when we "
          "there can an your which their said if do will each about how up out them then she many some so these would other into has more").split()


def write_corpus(path: pathlib.Path, megabytes: float) -> None:
    draw = random.Random(3)
    words = COMMON + ["".join(draw.choices("abcdefghijklmnoprstuvwy", k=draw.randint(3, 10))) for _ in range(30000)]
    pool = draw.choices(words, [1 / (rank + 2) for rank in range(len(words))], k=600000)
    earlier, size = [], 0
    with open(path, "w", encoding="utf-8") as out:
        while size < megabytes * 1e6:
            kind = draw.random()
            if kind < 0.1 and earlier:
                sentences = list(draw.choice(earlier))
                if kind < 0.05:
                    sentences[draw.randrange(len(sentences))] = "One sentence is another one here."
            else:
                sentences = []
                for _ in range(draw.randint(5, 40)):
                    begin = draw.randrange(len(pool) - 30)
                    sentences.append(" ".join(pool[begin:begin + draw.randint(6, 20)]).capitalize() + ".")
                if len(earlier) < 2000:
                    earlier.append(sentences)
            text = "\n".join(" ".join(sentences[i:i + 5]) for i in range(0, len(sentences), 5))
            if draw.random() < 0.05:
                text += f" Write to {draw.choice(words)}@{draw.choice(words)}.org &amp; wait."
            size += out.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")


def run_program(program: str, folder: pathlib.Path, corpus: pathlib.Path, core: int) -> dict:
    (folder / "blocked.txt").write_text("\n".join(f"never written phrase {i}" for i in range(1000)) + "\n")
    (folder / "config.yaml").write_text(f"run: {{threads: 1}}\ncorpus: {{pool: [{{path: {corpus}}}], max_reject_fraction: 1}}\n"
                                        f"pipeline:\n  - clean: {RULES}\n  - dedup: {{exact: true, near: {{threshold: 0.8}}}}\n")
    subprocess.run(["taskset", "-c", str(core), program, "run", folder / "config.yaml", "--output", folder / "run", "--fresh"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    jobs = {job["job"]: job for job in json.loads((folder / "run/summary.json").read_text())["jobs"]}
    return {"clean": jobs["clean"]["seconds"], "dedup": jobs["dedup"]["seconds"], "kept": jobs["dedup"]["out"],
            "counters": jobs["dedup"]["counters"]}


def rensa_seconds(corpus: str) -> float:
    import rensa
    texts = [json.loads(line)["text"] for line in open(corpus, encoding="utf-8")]
    begin = time.perf_counter()
    index = rensa.RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    kept = 0
    for number, text in enumerate(texts):
        words = text.lower().split()
        shingles = [" ".join(words[i:i + 5]) for i in range(max(1, len(words) - 4))]
        minhash = rensa.RMinHash(num_perm=128, seed=42)
        minhash.update(shingles)
        if not index.query(minhash):
            index.insert(number, minhash)
            kept += 1
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?")
    parser.add_argument("--megabytes", type=float, default=50)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--corpus")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rensa", metavar="CORPUS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rensa:
        print(rensa_seconds(arguments.rensa))
        return
    core = max(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="farpoint-bench-") as name:
        folder = pathlib.Path(name)
        corpus = pathlib.Path(arguments.corpus).resolve() if arguments.corpus else folder / "corpus.jsonl"
        if not arguments.corpus:
            write_corpus(corpus, arguments.megabytes)
        size = corpus.stat().st_size / 1e6
        program = str(pathlib.Path(arguments.program).resolve())
        ours, theirs = [], []
        for _ in range(arguments.repeats):
            ours.append(run_program(program, folder, corpus, core))
            theirs.append(float(subprocess.run(["taskset", "-c", str(core), arguments.python, __file__, "--rensa", corpus], check=True,
                                               capture_output=True, text=True).stdout))
        clean, dedup = (statistics.median(run[job] for run in ours) for job in ("clean", "dedup"))
        both = statistics.median(run["clean"] + run["dedup"] for run in ours)
        rensa = statistics.median(theirs)
        print(f"{size:.0f} MB: clean {size / clean:.1f} MB/s, dedup {size / dedup:.1f} MB/s, both {size / both:.1f} MB/s; "
              f"rensa {size / rensa:.1f} MB/s; ratio {rensa / both:.1f} (dedup alone {rensa / dedup:.1f})")
        print(json.dumps({"megabytes": size, "ours": ours, "rensa_seconds": theirs}))


if __name__ == "__main__":
    main()
