# SPDX-License-Identifier: Apache-2.0
"""Rules of `clean` that no profile sets, or only together with others: each alone, on a text that it refuses and one that it keeps."""
import json
import unittest

from farpoint import Case

PROSE = "The engineer explains the old engine to a group of visitors, and writes every detail down."
GERMAN = "Der Ingenieur beschreibt den Motor des Schiffes sehr genau und mit großer Geduld."

# The rule that is named, its options, what it refuses, what it keeps.
CASES = [
    ("alphanumeric", "{alphanumeric: {min_fraction: 0.25}}", "?! (-) " * 20 + "so", PROSE),
    ("symbol_words", "{symbol_words: {max_ratio: 0.1}}", "# one # two # three ...", "# " + PROSE),
    ("line_length", "{line_length: {max_mean: 100}}", PROSE + " " + PROSE, PROSE + "\n" + PROSE),
    ("line_length", "{line_length: {max: 120}}", "Short.\n" * 20 + PROSE + " " + PROSE, "Short.\n" * 20 + PROSE),
    ("c4", "{c4: {min_sentences: 3}}", PROSE + " It runs.", PROSE + " It runs. All are glad."),
    ("language", "{language: [en], language_confidence: 0.9}", " ".join([PROSE, GERMAN, PROSE, GERMAN, PROSE]), PROSE),
]


class CleanRules(Case):
    def clean(self, texts: list, options: str, output: str) -> dict:
        self.write("corpus.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts))
        self.run_config(f"corpus: {{pool: [{{path: corpus.jsonl}}]}}\npipeline:\n  - clean: {options}\n", output)
        return {line["id"]: line["reason"] for line in self.rejects(output)}

    def test_each_refuses_and_keeps(self):
        for place, (rule, options, refused, kept) in enumerate(CASES):
            with self.subTest(options):
                self.assertEqual(self.clean([kept, refused], options, f"run{place}"), {1: rule})

    def test_a_language_needs_the_share_that_is_asked_for(self):
        mixed = CASES[-1][2]
        self.assertEqual(self.clean([mixed], "{language: [en], language_confidence: 0.3}", "run"), {})

    def test_only_the_named_kinds_are_masked(self):
        text = "Write to anna@example-mail.org, or call (212) 555-1234 today."
        self.clean([text], "{pii: mask, pii_kinds: [email]}", "run")
        shown, _ = self.call("inspect", "run", "--record", "0")
        self.assertIn("Write to <EMAIL>, or call (212) 555-1234 today.", shown)


if __name__ == "__main__":
    unittest.main()
