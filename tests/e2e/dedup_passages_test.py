# SPDX-License-Identifier: Apache-2.0
"""Repeated passages against brute force in plain Python, and texts of evaluation sets."""
import json
import unittest

import numpy as np

from dedup_case import Dedup, document


class Passages(Dedup):
    N = 10

    def setUp(self):
        super().setUp()
        passages = [" ".join(document(self.draw, self.draw.randint(8, 25))) for _ in range(6)]
        self.texts = []
        for _ in range(80):
            parts = [" ".join(document(self.draw, self.draw.randint(3, 20)))]
            if self.draw.random() < 0.5:
                parts.insert(self.draw.randint(0, 1), self.draw.choice(passages))
            self.texts.append(" ".join(parts))
        self.texts[40] = passages[0]
        self.write_corpus(self.texts)

    def repeated(self) -> list:
        """Of each text which words lie in a window that stands elsewhere before."""
        seen, marks = set(), []
        for text in self.texts:
            words = text.split()
            marked = [False] * len(words)
            for i in range(len(words) - self.N + 1):
                window = tuple(words[i:i + self.N])
                if window in seen:
                    marked[i:i + self.N] = [True] * self.N
                seen.add(window)
            marks.append(marked)
        return marks

    def test_all_but_the_first_go(self):
        expected = {}
        gone = set()
        for i, (text, marks) in enumerate(zip(self.texts, self.repeated())):
            if any(marks):
                expected[i] = " ".join(word for word, mark in zip(text.split(), marks) if not mark)
        gone = {i for i, text in expected.items() if not text}
        self.assertGreater(len(expected), 10)
        for ranks in (1, 2, 3):
            run = f"run{ranks}"
            self.run_dedup(f"{{substring: {{tokens: {self.N}}}}}", run, ranks)
            self.assertEqual({i: record["text"] for i, record in self.records(run).items()},
                             {i: text for i, text in expected.items() if text})
            self.assertEqual(self.kept(run), set(range(80)) - gone)
            shares = self.column(run, self.stage(run), "repeated")[1]
            np.testing.assert_allclose(shares, [sum(marks) / len(marks) for marks in self.repeated()])

    def test_reports_change_nothing(self):
        self.run_dedup(f"{{substring: {{tokens: {self.N}, action: report, as: copied}}}}")
        self.assertEqual(self.kept(), set(range(80)))
        shares = self.column("run", self.stage(), "copied")[1]
        np.testing.assert_allclose(shares, [sum(marks) / len(marks) for marks in self.repeated()])
        shown, _ = self.call("inspect", "run", "--record", str(int(np.argmax(shares))))
        self.assertIn("stand elsewhere before", shown)


class Decontamination(Dedup):
    def test_evaluation_data_leave(self):
        evaluation = [document(self.draw, 30) for _ in range(15)] + [document(self.draw, 9), document(self.draw, 4)]
        texts = [" ".join(document(self.draw)) for _ in range(60)]
        texts[3] = " ".join(document(self.draw, 20) + evaluation[2][5:18] + document(self.draw, 20))
        texts[4] = " ".join(document(self.draw, 20) + evaluation[2][5:17] + document(self.draw, 20))  # 12 words
        texts[9] = ", ".join(evaluation[7]).upper() + "!"
        texts[20] = " ".join(document(self.draw, 5) + evaluation[15] + document(self.draw, 5))  # short, as a whole
        texts[21] = " ".join(document(self.draw, 5) + evaluation[16])  # too short to mean anything
        self.write_corpus(texts)
        self.write("test.jsonl", "".join(json.dumps({"question": " ".join(words), "answer": "1"}) + "\n" for words in evaluation))
        options = "{decontaminate: {sources: [{path: test.jsonl}]}}"
        for ranks in (1, 2):
            self.run_dedup(options, f"run{ranks}", ranks)
            self.assertEqual({line["id"]: line["reason"] for line in self.rejects(f"run{ranks}")},
                             {3: "contaminated", 9: "contaminated", 20: "contaminated"})
        shown, _ = self.call("inspect", "run1", "--record", "3")
        self.assertIn("13 of 53 words stand in test.jsonl:3", shown)
        # Another test set makes the shards anew.
        self.write("test.jsonl", json.dumps({"question": " ".join(document(self.draw, 30))}) + "\n")
        self.run_dedup(options, "run1")
        self.assertEqual(self.rejects("run1"), [])
        self.write("test.jsonl", '{"question": 3}\n')
        _, error = self.run_dedup(options, "bad", expect=2)
        self.assertIn("test.jsonl:1: bad_json", error)


if __name__ == "__main__":
    unittest.main()
