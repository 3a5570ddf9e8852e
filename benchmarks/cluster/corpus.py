# SPDX-License-Identifier: Apache-2.0
"""Corpora for scaling.py: the same bytes for the same options, lengths as uneven as asked for."""
import bisect
import itertools
import json
import pathlib
import random

COMMON = ("the of and to in is that it was for on are with as his they be at one have this from or had by not but what all were when we "
          "there can an your which their said if do will each about how up out them then she many some so these would other into has more").split()
SENTENCE = 13
COPIES = 10  # every tenth record is nearly an earlier one


def write_corpus(path: pathlib.Path, records: int, words: int, skew: float) -> None:
    """`words` a record on average over a corpus of the same length; with a skew above 0 lengths follow a log-normal law whose
    sigma it is, and long records stand together, as they do where one source has long texts."""
    draw = random.Random(17)
    vocabulary = COMMON + ["".join(draw.choices("abcdefghijklmnoprstuvwy", k=draw.randint(3, 10))) for _ in range(20000)]
    sums = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(vocabulary))))
    lengths = [max(20, round(words * draw.lognormvariate(-skew * skew / 2, skew))) if skew > 0 else words for _ in range(records)]
    if skew > 0:
        lengths.sort(reverse=True)
    earlier = []
    temporary = path.with_suffix(".tmp")
    with open(temporary, "w", encoding="utf-8") as out:
        for number, length in enumerate(lengths):
            if number % COPIES == COPIES - 1:
                text = list(draw.choice(earlier))
                text[draw.randrange(len(text))] = "another"
            else:
                text = [vocabulary[bisect.bisect(sums, draw.random() * sums[-1])] for _ in range(length)]
                earlier = (earlier + [text])[-50:]
            sentences = (" ".join(text[i:i + SENTENCE]).capitalize() + "." for i in range(0, len(text), SENTENCE))
            out.write(json.dumps({"text": " ".join(sentences)}) + "\n")
    temporary.rename(path)
