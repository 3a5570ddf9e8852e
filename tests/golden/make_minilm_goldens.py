#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What sentence-transformers computes with the real all-MiniLM-L6-v2 in float32, for tests/models/minilm_test.cpp.

make_minilm_goldens.py FOLDER > tests/golden/minilm/expected.json    (made with sentence-transformers 6.2.0, torch 2.15.0)
"""
import json
import sys

from sentence_transformers import SentenceTransformer

TEXTS = [
    "A short sentence.",
    "word",
    "",
    "The quick brown fox jumps over the lazy dog, and the dog does not mind at all.",
    "How many apples does Ann have if she buys three bags of twelve and gives away seven?",
    "def add(a, b):\n    return a + b\n",
    "请用一句话解释什么是机器学习。",
    "Ünïcödé, naïve café — “quotes” and emoji 🙂🙃",
    "1234567890 3.14159 $99.99 50% 2026-11-24",
    " ".join(f"Sentence number {i} says that things repeat, but never quite in the same way." for i in range(40)),
]

model = SentenceTransformer(sys.argv[1], device="cpu")
vectors = [model.encode([text])[0] for text in TEXTS]
json.dump({"texts": TEXTS, "embeddings": [[float(f"{x:.8g}") for x in vector] for vector in vectors]}, sys.stdout,
          ensure_ascii=False, separators=(",", ":"))
print()
