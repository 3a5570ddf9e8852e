# SPDX-License-Identifier: Apache-2.0
"""The job rate: what transformers computes with the same prompts and classifiers, and nothing made up."""
import json
import shutil
import unittest

import numpy as np

from farpoint import REPOSITORY, Case, jsonl

MODELS = REPOSITORY / "tests/golden/models"
GOLDEN = json.loads((REPOSITORY / "tests/golden/ratings.json").read_text(encoding="utf-8"))


def classifier(name: str) -> dict:
    return json.loads((MODELS / name / "expected.json").read_text(encoding="utf-8"))


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


class RateCase(Case):
    def config(self, options: str, model, before: str = "") -> str:
        return (f"corpus: {{shard_records: 3, pool: [{{path: a.jsonl}}]}}\nmodels: {{judge: {{path: {model}}}}}\n"
                f"pipeline: [{before}rate: {{model: judge, as: r{options}}}]\n")

    def rated(self, options: str, model, output: str = "out", ranks: int = 1) -> np.ndarray:
        self.run_config(self.config(options, model), output, ranks=ranks)
        return self.column(output, "01-rate-r", "r")[1]


class AskedModels(RateCase):
    MODEL = REPOSITORY / "examples/tiny-lm"

    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl([{"conversations": [turn for asked, said in conversation for turn in
                                                        ({"from": "human", "value": asked}, {"from": "gpt", "value": said})]}
                                     for conversation in GOLDEN["conversations"]]))

    def test_ratings_are_those_of_transformers(self):
        for rating in ("complexity", "quality"):
            of_turns = GOLDEN["ratings"][rating]
            for turns, join in (("sum", np.sum), ("mean", np.mean), ("last", lambda values: values[-1])):
                values = self.rated(f", rating: {rating}, turns: {turns}", self.MODEL, f"{rating}-{turns}")
                np.testing.assert_allclose(values, [join(one) for one in of_turns], rtol=1e-4)
        three = self.rated(", rating: quality", self.MODEL, "three", ranks=3)
        np.testing.assert_array_equal(three.view(np.uint64), self.column("quality-sum", "01-rate-r", "r")[1].view(np.uint64))

    def test_own_templates_and_scales(self):
        template = ("You are a helpful assistant. Please identify the complexity score of the following user "
                                                "query. \\n##Query: {prompt}  \\n##Complexity: ")
        values = self.rated(f', template: "{template}"', self.MODEL)
        np.testing.assert_allclose(values, [np.sum(one) for one in GOLDEN["ratings"]["complexity"]], rtol=1e-4)
        values = self.rated(f', template: "{template}", scale: ["1", "2"], turns: mean', self.MODEL, "two")
        self.assertTrue(((values > 1) & (values < 2)).all())

    def test_what_cannot_be_rated_has_no_number(self):
        self.write("a.jsonl", jsonl([{"prompt": "Why?", "completion": ""}, {"prompt": "Why?", "completion": "So."},
                                     {"prompt": "Why?", "completion": "so " * 600}]))
        values = self.rated("", self.MODEL)
        self.assertEqual(np.isnan(values).tolist(), [True, False, True])
        job = self.job("out", "rate")
        self.assertEqual((job["in"], job["out"], job["failed"]), (3, 1, 2))
        self.assertEqual((job["counters"]["no_text"], job["counters"]["too_long"]), (1, 1))
        # A question alone is enough for its complexity.
        self.assertFalse(np.isnan(self.rated(", rating: complexity", self.MODEL, "alone")).any())


class Judges(RateCase):
    def texts(self, name: str) -> np.ndarray:
        golden = classifier(name)
        short = [i for i, ids in enumerate(golden["ids"]) if len(ids) < golden["max_length"] and golden["texts"][i].strip()]
        self.write("a.jsonl", jsonl([{"text": golden["texts"][i]} for i in short]))
        return np.array([golden["logits"][i] for i in short])

    def test_scores_are_those_of_transformers(self):
        logits = self.texts("bert-classify")
        names = list(json.loads((MODELS / "bert-classify/config.json").read_text())["id2label"].values())
        for place, label in enumerate(names):
            values = self.rated(f', label: "{label}"', MODELS / "bert-classify", f"soft{place}")
            np.testing.assert_allclose(values, softmax(logits)[:, place], atol=1e-5)
            values = self.rated(f', output: raw, label: "{label}"', MODELS / "bert-classify", f"raw{place}", ranks=2)
            np.testing.assert_allclose(values, logits[:, place], atol=1e-4)
        logits = self.texts("bert-multilabel")
        label = list(json.loads((MODELS / "bert-multilabel/config.json").read_text())["id2label"].values())[0]
        values = self.rated(f', label: "{label}"', MODELS / "bert-multilabel", "multi")
        np.testing.assert_allclose(values, 1 / (1 + np.exp(-logits[:, 0])), atol=1e-5)
        logits = self.texts("bert-regression")
        np.testing.assert_allclose(self.rated("", MODELS / "bert-regression", "grade"), logits[:, 0], atol=1e-4)

    def test_expectations_and_activations_of_cross_encoders(self):
        logits = self.texts("bert-classify")
        model = shutil.copytree(MODELS / "bert-classify", self.folder / "model")
        config = json.loads((model / "config.json").read_text())
        count = len(config["id2label"])
        config["id2label"] = {str(i): f"{i + 1} stars" for i in range(count)}
        config["label2id"] = {f"{i + 1} stars": i for i in range(count)}
        (model / "config.json").write_text(json.dumps(config))
        values = self.rated(", expectation: true", model)
        np.testing.assert_allclose(values, softmax(logits) @ np.arange(1, count + 1), atol=1e-4)
        logits = self.texts("bert-regression")
        model = shutil.copytree(MODELS / "bert-regression", self.folder / "cross")
        config = json.loads((model / "config.json").read_text())
        config["sentence_transformers"] = {"activation_fn": "torch.nn.modules.activation.Sigmoid"}
        (model / "config.json").write_text(json.dumps(config))
        np.testing.assert_allclose(self.rated("", model, "sigmoid"), 1 / (1 + np.exp(-logits[:, 0])), atol=1e-5)

    def test_pairs(self):
        self.write("a.jsonl", jsonl([{"prompt": "Why", "completion": "ice melts"}, {"prompt": "Why", "completion": ""}]))
        label = list(json.loads((MODELS / "bert-classify/config.json").read_text())["id2label"].values())[0]
        pair = self.rated(f', pair: true, label: "{label}"', MODELS / "bert-classify")
        full = self.rated(f', label: "{label}"', MODELS / "bert-classify", "full")
        self.assertEqual(np.isnan(pair).tolist(), [False, True])
        self.assertNotAlmostEqual(pair[0], full[0], delta=1e-9)

    def test_mistakes(self):
        self.write("a.jsonl", jsonl([{"text": "Why"}]))
        for options, model, message in (
                (", rating: quality", MODELS / "bert-classify", "is for causal models"),
                (", label: nothing", MODELS / "bert-classify", "the labels are"),
                (", expectation: true", MODELS / "bert-classify", "does not begin with a number"),
                (", text: full", AskedModels.MODEL, "is for classifiers"),
                (", scale: ['1', 'ten thousand']", AskedModels.MODEL, "'rate.scale'"),
                (", template: 'nothing'", AskedModels.MODEL, "none of the fields"),
                (", template: '{query}'", AskedModels.MODEL, "'rate.template'"),
                ("", MODELS / "bert", "is no classifier")):
            _, error = self.run_config(self.config(options, model), "bad", expect=2)
            self.assertIn(message, error)


class Linear(RateCase):
    """What classify saves of a linear learner on a model's vectors."""

    def test_a_saved_classifier_rates_as_it_did(self):
        words = ["the small boats", "ice melts", "count to one hundred", "the baker sings"]
        self.write("good.jsonl", jsonl([{"text": f"{words[i % 2]} {words[(i // 2) % 2]}", "kind": "a"} for i in range(24)]))
        self.write("bad.jsonl", jsonl([{"text": f"{words[2 + i % 2]} {words[2 + (i // 2) % 2]}", "kind": "cd"[i % 2]} for i in range(24)]))
        self.write("a.jsonl", jsonl([{"text": text} for text in words]))
        for task, options in (("binary", "positive: good"), ("classes", "label: record.kind, positive: d")):
            self.run_config("corpus: {pool: [{path: a.jsonl}], labelled: [{path: good.jsonl, name: good}, {path: bad.jsonl, name: bad}]}\n"
                            f"models: {{enc: {{path: {MODELS}/sentence-minilm}}}}\n"
                            f"pipeline: [classify: {{model: enc, as: q, folds: 2, {options}}}]\n", task, ranks=2)
            wanted = self.column(task, "01-classify-q", "q")[1]
            folder = self.folder / task / "stages/01-classify-q/model"
            label = "" if task == "binary" else ", label: d"
            np.testing.assert_allclose(self.rated(label, folder, f"rate-{task}"), wanted, atol=1e-5)


if __name__ == "__main__":
    unittest.main()
