#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes examples for a quality classifier from instruction data that is mostly good: records as they are, and copies
with a damaged answer. A stand-in for labels by people or by a strong model, which are better where there are any.

Usage: make_labelled.py FILE.json|FILE.jsonl ... --out FOLDER [--count 2000] [--seed 0]
Writes FOLDER/good.jsonl and FOLDER/bad.jsonl in the Alpaca schema; `damage` says what was done to a bad one.
"""
import argparse
import json
import pathlib
import random


def words_of(text: str) -> list:
    """Words, or single characters where there are no spaces to part them."""
    words = text.split()
    return words if len(words) > 1 else list(text)


def joined(words: list, text: str) -> str:
    return (" " if " " in text else "").join(words)


# What a bad answer may look like: functions of the answer, that of another record, and random numbers.
DAMAGE = {
    "cut": lambda answer, other, draw: answer[: max(1, int(len(answer) * draw.uniform(0.1, 0.6)))],
    "shuffled": lambda answer, other, draw: joined(draw.sample(words_of(answer), len(words_of(answer))), answer),
    "repeated": lambda answer, other, draw: " ".join([answer[: max(8, len(answer) // 4)]] * 4),
    "of another question": lambda answer, other, draw: other,
    "refused": lambda answer, other, draw: draw.choice(
        ["I cannot answer that.", "As an AI language model, I am unable to help with this.", "Sorry, I don't know.", "N/A"]),
    "page": lambda answer, other, draw: f"<div class=\"post\"><a href=\"#\">Share</a> {answer[:80]} Click here! Log in | Sign up"
                                         " | Cookies</div>",
}
FOR_SHORT_ANSWERS = ["of another question", "refused", "page"]


def read(path: pathlib.Path) -> list:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.split("\n") if line.strip()]


def as_alpaca(record: dict):
    """The record in the Alpaca schema, or None where it has no prompt or no answer."""
    prompt = record.get("instruction") or record.get("prompt") or record.get("question")
    answer = record.get("output") or record.get("completion") or record.get("answer") or record.get("response")
    if not isinstance(prompt, str) or not isinstance(answer, str):
        return None
    # A mark that only undamaged answers have would be all that a classifier learns.
    answer = answer.removesuffix("<|endoftext|>").strip()
    return {"instruction": prompt, "input": record.get("input") or "", "output": answer} if answer else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=2000, help="records of either kind")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    draw = random.Random(arguments.seed)
    records = [found for path in arguments.files for found in map(as_alpaca, read(path)) if found]
    draw.shuffle(records)
    half = min(arguments.count, len(records) // 2)
    if half == 0:
        parser.error("fewer than two records have a prompt and an answer")
    bad = []
    for record in records[half : 2 * half]:
        name = draw.choice(list(DAMAGE) if len(record["output"]) >= 20 else FOR_SHORT_ANSWERS)
        bad.append({**record, "output": DAMAGE[name](record["output"], draw.choice(records)["output"], draw), "damage": name})
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, kind in (("good", records[:half]), ("bad", bad)):
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in kind]
        (arguments.out / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        print(f"{arguments.out / name}.jsonl: {len(kind)} records")


if __name__ == "__main__":
    main()
