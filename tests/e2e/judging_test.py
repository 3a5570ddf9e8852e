# SPDX-License-Identifier: Apache-2.0
"""The jobs choices and memory: what transformers computes, the same at any number of ranks, and nothing made up."""
import json
import re
import string
import unittest

import numpy as np

from farpoint import REPOSITORY, Case, jsonl

GOLDEN = json.loads((REPOSITORY / "tests/golden/judging.json").read_text(encoding="utf-8"))
CHOICES = [one["record"] for one in GOLDEN["choices"]]
LABELS = [2, 0, 0, None, 1]
PARTS = ["", ".correct", ".margin", ".entropy", ".probability", ".rank"]


class JudgingCase(Case):
    def config(self, *jobs: str, shard_records: int = 8, seed: int = 0) -> str:
        lines = "".join(f"  - {job}\n" for job in jobs)
        return (f"run: {{seed: {seed}}}\ncorpus: {{shard_records: {shard_records}, pool: [{{path: a.jsonl}}]}}\n"
                f"models: {{lm: {{path: {REPOSITORY}/examples/tiny-lm}}}}\npipeline:\n{lines}")

    def values(self, output: str, name: str, stage: str) -> np.ndarray:
        return self.column(output, stage, name)[1]

    def assert_counts(self, job: dict, failed: int, **counters: int):
        self.assertEqual(job["in"], job["out"] + job["rejected"] + job["failed"], job)
        self.assertEqual(job["failed"], failed)
        for name, count in counters.items():
            self.assertEqual(job["counters"][name], count, name)


def scores(logs: list, label: int | None) -> list:
    """The columns in the order of PARTS."""
    p = np.exp(logs)
    shares = p / p.sum()
    found = [p.sum(), np.nan, np.nan, -(shares * np.log(shares)).sum(), np.nan, np.nan]
    if label is not None:
        others = np.delete(p, label)
        rank = 1 + (others > p[label]).sum()
        found[1], found[2], found[4], found[5] = rank == 1, p[label] - others.max(), p[label], rank
    return found


class Choices(JudgingCase):
    def columns(self, output: str, name: str = "choices", stage: str = "01-choices-choices") -> np.ndarray:
        return np.stack([self.values(output, name + part, stage) for part in PARTS], axis=1)

    def test_probabilities_are_those_of_transformers(self):
        self.write("a.jsonl", jsonl(CHOICES))
        _, errors = self.run_config(self.config("choices: {model: lm}", "choices: {model: lm, as: full, answer: ' {text}'}"), "out")
        for name, stage, key in (("choices", "01-choices-choices", "letter"), ("full", "02-choices-full", "text")):
            wanted = [scores(one[key], label) for one, label in zip(GOLDEN["choices"], LABELS)]
            np.testing.assert_allclose(self.columns("out", name, stage), wanted, rtol=2e-4, atol=1e-12)
        self.assert_counts(self.job("out", "choices"), failed=1, no_label=1, no_options=0, too_long=0)
        self.assertIn("choices choices: 1 of 5 pool records have no value", errors)
        self.assertIn("1 without a label", errors)
        self.assertIn("max_tokens: 512", (self.folder / "out/config.yaml").read_text())

    def test_probabilities_are_those_of_the_job_perplexity(self):
        # Without letters, which are not part of an answer's text.
        records = [{**record, "options": [re.sub("^(.[A-E].|A. )", "", one) for one in record["options"]], "label": 1}
                   for record in CHOICES[:3]]
        pairs = [{"prompt": "\n".join([record["question"], *record["options"]]), "completion": f" {record['options'][1]}"}
                 for record in records]
        self.write("a.jsonl", jsonl(records))
        job = r'choices: {model: lm, template: "{question}\n{options}\n", answer: " {text}"}'
        self.run_config(self.config(job), "choices")
        self.write("a.jsonl", jsonl(pairs))
        self.run_config(self.config("perplexity: {model: lm, condition: prompt}"), "ppl")
        found = self.values("choices", "choices.probability", "01-choices-choices")
        tokens = self.values("ppl", "ppl.tokens", "01-perplexity-ppl")
        np.testing.assert_allclose(found, self.values("ppl", "ppl", "01-perplexity-ppl") ** -tokens, rtol=1e-4)

    def test_the_same_bits_at_any_number_of_ranks(self):
        records = [{**CHOICES[i % 5], "passage": f"Passage number {i}. " * (i % 7)} for i in range(40)]
        self.write("a.jsonl", jsonl(records))
        config = self.config("choices: {model: lm, answer: ' {letter}. {text}'}")
        self.run_config(config, "one")
        self.run_config(config, "three", ranks=3)
        np.testing.assert_array_equal(self.columns("one").view(np.uint64), self.columns("three").view(np.uint64))

    def test_what_cannot_be_asked_has_no_value(self):
        records = [CHOICES[0], {"text": "no question"}, {**CHOICES[1], "passage": "cow " * 600}, {**CHOICES[2], "label": "Z"},
                   {"question": "Empty?", "options": [], "label": "A"}]
        self.write("a.jsonl", jsonl(records))
        _, errors = self.run_config(self.config("choices: {model: lm}", "filter: {keep: {choices: {min: 0}}}"), "out")
        found = self.columns("out")
        np.testing.assert_array_equal(np.isnan(found[:, 0]), [False, True, True, False, True])
        np.testing.assert_array_equal(np.isnan(found[:, 5]), [False, True, True, True, True])
        self.assert_counts(self.job("out", "choices"), failed=4, no_options=2, too_long=1, no_label=1)
        # A pool of several kinds of records is no fault: only questions are named.
        self.assertIn("2 of 5 pool records have no value (1 without a label, 1 too long): ids 2 (a.jsonl:3), 3 (a.jsonl:4)", errors)

    def test_templates_are_checked(self):
        self.write("a.jsonl", jsonl(CHOICES))
        for options, words in (("template: '{pasage}'", "no field '{pasage}'"), ("answer: ' A'", "without {letter} or {text}"),
                               ("answer: '{options}'", "no field '{options}'")):
            self.write("config.yaml", self.config(f"choices: {{model: lm, {options}}}"))
            _, errors = self.call("validate", "config.yaml", expect=2)
            self.assertIn(words, errors)
            self.assertIn("config.yaml:5:", errors)


def normalized(text: str) -> str:
    """normalize_answer() of SQuAD's evaluation."""
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def share(texts: list, answers: list, pattern: str) -> float:
    hits = [any(re.search(pattern.format(re.escape(normalized(one))), normalized(text)) for one in answers) for text in texts]
    return float(np.mean(hits))


PREFIX, EXACT, CONTAINS = r"^{}\b", r"^{}$", r"\b{}\b"


class Memory(JudgingCase):
    def test_texts_are_those_of_transformers(self):
        records = []
        for one in GOLDEN["memory"]:
            for text in one["texts"]:
                # What begins a text, what ends it, and a whole text.
                for answer in (text.split()[0], text.split()[-1], text):
                    records.append({"question": one["question"], "answer": answer, "texts": one["texts"]})
        self.write("a.jsonl", jsonl(records))
        jobs = [f"memory: {{model: lm, as: {match}, match: {match}, max_new_tokens: {GOLDEN['new_tokens']}}}"
                for match in ("prefix", "exact", "contains")]
        self.run_config(self.config(*jobs, shard_records=100), "out")
        seen = set()
        for place, (name, pattern) in enumerate((("prefix", PREFIX), ("exact", EXACT), ("contains", CONTAINS)), start=1):
            found = self.values("out", name, f"0{place}-memory-{name}")
            checked = 0
            for value, record in zip(found, records):
                if np.isnan(value) or not normalized(record["answer"]):
                    continue
                # An answer that fills a text to its last token may be cut there.
                if name == "exact" and record["answer"] not in ("No", "C"):
                    continue
                self.assertEqual(value, share(record["texts"], [record["answer"]], pattern), (name, record))
                seen.add(value)
                checked += 1
            self.assertGreater(checked, 5)
        self.assertTrue({0.25, 0.5} <= seen, seen)

    def test_answers_and_aliases_from_the_record(self):
        question = GOLDEN["memory"][4]  # "No", "C", "present within ...", "Question:"
        records = [{"question": question["question"], "answer": "x", "facts": {"value": 7, "also": also}}
                   for also in (["c", "no!"], "question", None)]
        self.write("a.jsonl", jsonl(records))
        self.run_config(self.config("memory: {model: lm, answer: record.facts.value, aliases: facts.also}"), "out")
        np.testing.assert_array_equal(self.values("out", "memory", "01-memory-memory"), [0.5, 0.25, 0])

    def test_drawn_texts_hang_on_the_seed_alone(self):
        often = ["2", "5", "10", "of", "is", "in", "to"]
        records = [{"question": one["question"], "answer": "no", "also": often} for one in GOLDEN["memory"] * 4]
        self.write("a.jsonl", jsonl(records))
        job = "memory: {model: lm, samples: 5, match: contains, aliases: also, temperature: 1.5, max_new_tokens: 6}"
        self.run_config(self.config(job), "one")
        self.run_config(self.config(job), "two", ranks=3)
        self.run_config(self.config(job, seed=1), "other")
        one, two, other = (self.values(name, "memory", "01-memory-memory") for name in ("one", "two", "other"))
        np.testing.assert_array_equal(one, two)
        self.assertFalse(np.array_equal(one, other))
        np.testing.assert_allclose(one * 20, np.round(one * 20), atol=1e-9)
        self.assertGreater(len(set(one)), 2)
        # Records of the same question draw their own numbers.
        self.assertFalse(np.array_equal(one[:6], one[6:12]))
        self.run_config(self.config("memory: {model: lm}"), "greedy")
        self.run_config(self.config("memory: {model: lm}", seed=1), "greedy")
        self.assertEqual(self.job("greedy", "memory")["resumed_shards"], 3)

    def test_what_cannot_be_asked_has_no_value(self):
        records = [{"question": "How many?", "answer": "3"}, {"question": "How many?", "answer": ""},
                   {"question": "How many?", "answer": "..."}, {"question": "How many? " * 300, "answer": "3"},
                   {"question": "How many?", "answer": "so many words " * 30}]
        self.write("a.jsonl", jsonl(records))
        _, errors = self.run_config(self.config("memory: {model: lm}"), "out")
        np.testing.assert_array_equal(np.isnan(self.values("out", "memory", "01-memory-memory")), [False] + [True] * 4)
        self.assert_counts(self.job("out", "memory"), failed=4, no_answer=2, too_long=1, long_answer=1, no_question=0)
        self.assertIn("2 without an answer, 1 with an answer of more than 32 tokens, 1 too long", errors)

    def test_options_are_checked(self):
        self.write("a.jsonl", jsonl([{"question": "a", "answer": "b"}]))
        for options, words in (("templates: []", "one at least"), ("templates: ['Q: ']", "no {question}"),
                               ("templates: ['{question} {answer}']", "no field '{answer}'"), ("answer: 'answer'", "record.KEY"),
                               ("samples: 2, temperature: 0", "above 0"), ("max_new_tokens: 512", "max_new_tokens"),
                               ("match: fuzzy", "fuzzy")):
            self.write("config.yaml", self.config(f"memory: {{model: lm, {options}}}"))
            _, errors = self.call("validate", "config.yaml", expect=2)
            self.assertIn(words, errors)


if __name__ == "__main__":
    unittest.main()
