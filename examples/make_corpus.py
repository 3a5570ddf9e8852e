#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a corpus of instruction records to play with: make_corpus.py RECORDS > corpus.jsonl

It has what makes real corpora hard: 60 topics of very different sizes (the largest has a fifth of all records, the
smallest a handful), many records that differ in a few words only, some in Chinese, a few faulty lines.
"""
import json
import random
import sys

PLACES = "Lisbon Osaka Nairobi Quito Tromsø Hanoi Perth Lima Aleppo Leeds Dakar Turin Bergen Pune Cusco Lagos".split()
THINGS = "bicycle kettle violin telescope sandal lantern compass blanket ladder hammer cello teapot drill scarf".split()
FIELDS = ("astronomy botany chess cooking economics geology grammar history law medicine music painting physics poetry "
          "programming statistics tailoring weather woodwork zoology").split()
TASKS = [
    ("explain", "Explain to a beginner in {field} why a {thing} matters in {place}.",
     "In {field}, a {thing} matters because people in {place} use it every day. Start from what you can see, then name it."),
    ("compare", "Compare a {thing} from {place} with one made elsewhere, as an expert in {field} would.",
     "Seen through {field}, the {thing} from {place} is heavier, older in design and easier to repair than others."),
    ("quiz", "Write a quiz question about {field} that mentions {place} and a {thing}, with its answer.",
     "Question: which idea of {field} explains the {thing} of {place}? Answer: the one that came first."),
]
CHINESE = [("翻译", "把下面的句子翻译成中文：The {thing} is in {place}.", "这个{thing}在{place}。"),
           ("说明", "请用简单的语言说明{place}的{thing}与{field}有什么关系。", "{place}的{thing}可以帮助我们理解{field}的基本概念。")]


def main() -> None:
    count = int(sys.argv[1])
    draw = random.Random(17)
    topics = [(field, task) for task in TASKS for field in FIELDS]
    draw.shuffle(topics)
    weights = [1.0 / (1 + rank) for rank in range(len(topics))]
    for number in range(count):
        if number % 997 == 996:
            print('{"instruction": "this line is cut off')
            continue
        field, (kind, prompt, answer) = draw.choices(topics, weights)[0]
        words = {"field": field, "thing": draw.choice(THINGS), "place": draw.choice(PLACES)}
        if draw.random() < 0.05:
            kind, prompt, answer = draw.choice(CHINESE)
        record = {"instruction": prompt.format(**words), "input": "", "output": answer.format(**words),
                  "topic": f"{kind}/{field}"}
        print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    main()
