# SPDX-License-Identifier: Apache-2.0
"""The job rate: the ratings of transformers, of causal models that are asked and of classifiers, and none that is made up."""
import json
import shutil
import unittest

import numpy as np

from farpoint import REPOSITORY, jsonl
from models_test import GOLDEN, ModelCase, answers, expected

EXPECTED = json.loads((REPOSITORY / "tests/golden/rating.json").read_text(encoding="utf-8"))
TINY = REPOSITORY / "examples/tiny-lm"
LINEAR = "torch.nn.modules.linear.Identity"


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def conversation(exchanges: list) -> dict:
    turns = [(role, text) for exchange in exchanges for role, text in zip(("user", "assistant"), exchange) if text]
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


class RateCase(ModelCase):
    def rate(self, options: str, output: str, model=TINY, expect: int = 0, ranks: int = 1, more: str = ""):
        config = self.config(f"rate: {{model: lm, {options}}}", models=f"lm: {{path: {model}}}{more}")
        return self.run_config(config, output, expect=expect, ranks=ranks)

    def of(self, output: str, ending: str = ""):
        return self.column(output, "01-rate-rating", "rating" + ending)[1]

    def counters(self, output: str) -> dict:
        return self.job(output, "rate")["counters"]


class Asked(RateCase):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl([conversation(one) for one in EXPECTED["conversations"]]))

    def deita(self, name: str) -> list:
        """The ratings of each conversation's exchanges; of quality, of those with a response."""
        return [[row[name] for row in rows if row[name] is not None] for rows in EXPECTED["deita"]]

    def test_complexity_and_quality_are_deitas(self):
        for name in ("complexity", "quality"):
            ratings = self.deita(name)
            self.rate(f"rating: {name}", name)
            sums = [sum(rows) if rows else np.nan for rows in ratings]
            np.testing.assert_allclose(self.of(name), sums, rtol=1e-5)
            failed = sum(not rows for rows in ratings)
            self.assert_adds_up(self.job(name, "rate"), failed=failed)
            self.assertEqual(self.counters(name), {"nothing_to_rate": failed, "too_long": 0})
        for turns, of_rows in (("mean", np.mean), ("last", lambda rows: rows[-1])):
            self.rate(f"rating: complexity, turns: {turns}", turns)
            np.testing.assert_allclose(self.of(turns), [of_rows(rows) for rows in self.deita("complexity")], rtol=1e-5)

    def test_evol_sums_products_of_exchanges(self):
        self.rate("rating: evol", "one")
        self.rate("rating: evol, quality_model: other", "two", more=f", other: {{path: {TINY}, precision: fp32}}")
        whole = [[row for row in rows if row["quality"] is not None] for rows in EXPECTED["deita"]]
        for ending, value in (("", lambda row: row["complexity"] * row["quality"]), (".complexity", lambda row: row["complexity"]),
                              (".quality", lambda row: row["quality"])):
            sums = [sum(map(value, rows)) if rows else np.nan for rows in whole]
            np.testing.assert_allclose(self.of("one", ending), sums, rtol=1e-5)
            np.testing.assert_allclose(self.of("two", ending), sums, rtol=1e-5)
        self.assert_adds_up(self.job("one", "rate"), failed=1)
        self.assertEqual(self.log("one").count("loaded on"), 2)

    def test_a_template_of_ones_own(self):
        own = EXPECTED["own"]
        self.write("a.jsonl", jsonl([{"instruction": one, "output": two} for one, two in own["pairs"]]))
        self.rate(f"template: {json.dumps(own['template'])}, scale: ['1', '2', '3', '0']", "own", GOLDEN / "llama")
        np.testing.assert_allclose(self.of("own"), own["ratings"], rtol=1e-5)
        # Other numbers for the same tokens.
        self.rate(f"template: {json.dumps(own['template'])}, scale: ['1', '2', '3', '0'], values: [2, 4, 6, 0]", "twice", GOLDEN / "llama")
        np.testing.assert_allclose(self.of("twice"), 2 * self.of("own"), rtol=1e-12)

    def test_a_text_is_rated_as_a_whole(self):
        texts = ["the moon is quiet", "ice melts", ""]
        self.write("a.jsonl", jsonl(answers(texts)))
        self.rate("template: '{response}; 1 to 6: '", "response")
        self.rate("template: 'Why\n{response}; 1 to 6: '", "full")
        self.write("a.jsonl", jsonl([{"text": text} for text in texts if text]))
        self.rate("template: '{text}; 1 to 6: '", "text")
        np.testing.assert_allclose(self.of("text"), self.of("response")[:2], rtol=1e-6)
        np.testing.assert_array_equal(np.isnan(self.of("response")), [False, False, True])
        self.assertFalse(np.isclose(self.of("full")[:2], self.of("text")).any())

    def test_long_prompts_have_no_rating(self):
        self.write("a.jsonl", jsonl([conversation([["ice " * 600, "moon"], ["Why", "moon"]]), conversation([["Why", "moon"]])]))
        _, errors = self.rate("rating: quality", "sum")
        np.testing.assert_array_equal(np.isnan(self.of("sum")), [True, False])
        self.assertEqual(self.counters("sum"), {"nothing_to_rate": 0, "too_long": 1})
        self.assertIn("0 have nothing to rate, 1 are too long", errors)
        self.assert_adds_up(self.job("sum", "rate"), failed=1)
        self.rate("rating: quality, turns: last", "last")
        self.assertEqual(self.of("last")[0], self.of("last")[1])

    def test_same_at_any_number_of_ranks_and_from_its_own_configuration(self):
        self.write("a.jsonl", jsonl([conversation(EXPECTED["conversations"][i % 4]) for i in range(50)]))
        self.rate("rating: evol", "one")
        self.rate("rating: evol", "three", ranks=3)
        for ending in ("", ".complexity", ".quality"):
            self.assert_same_column([self.of("one", ending)], [self.of("three", ending)])
        config = (self.folder / "one/config.yaml").read_text()
        for line in ("turns: sum", "quality_model: lm", "max_tokens: 512"):
            self.assertIn(line, config)
        self.call("run", "one/config.yaml")
        self.assertEqual(self.resumed("one"), [4, 4])


    def test_the_weights_of_both_models_count(self):
        models = f", other: {{path: {TINY}, precision: bf16}}"
        self.rate("rating: evol, quality_model: other", "out", more=models)
        self.rate("rating: evol, quality_model: other", "out", more=models)
        self.assertEqual(self.resumed("out"), [1, 1])
        self.rate("rating: evol, quality_model: other", "out", more=models.replace("bf16", "fp32"))
        self.assertEqual(self.resumed("out"), [1, 0])

    def test_a_finished_run_is_read_without_its_models(self):
        model = self.folder / "copy"
        shutil.copytree(TINY, model)
        self.rate("rating: evol", "out", "copy")
        shutil.rmtree(model)
        text, _ = self.call("table", "out", "--columns", "rating,rating.quality")
        self.assertEqual(len(text.splitlines()), 5)


class Classifiers(RateCase):
    def rated(self, name: str, options: str, output: str, model=None):
        """Ratings of the golden texts, and the logits of transformers; NaN where there is nothing to rate."""
        golden = expected(name)
        self.write("a.jsonl", jsonl(answers(golden["texts"])))
        self.rate(f"text: response, max_tokens: {golden['max_length']}{options}", output, model or GOLDEN / name)
        width = len(golden["logits"][0])
        logits = [row if row and text else [np.nan] * width for row, text in zip(golden["logits"], golden["texts"])]
        return self.of(output), np.array(logits)

    def test_outputs_are_those_of_transformers(self):
        cases = [("bert-classify", ", label: good", lambda x: softmax(x)[:, 2]),
                 ("bert-classify", ", label: 0, output: raw", lambda x: x[:, 0]),
                 ("bert-multilabel", ", label: LABEL_3", lambda x: sigmoid(x)[:, 3]),
                 ("bert-multilabel", ", label: LABEL_3, output: softmax", lambda x: softmax(x)[:, 3]),
                 ("bert-regression", "", lambda x: x[:, 0]),
                 ("bert-regression", ", output: sigmoid", lambda x: sigmoid(x)[:, 0]),
                 ("bert-regression", ", clamp: [0.1, 0.4]", lambda x: np.clip(x[:, 0], 0.1, 0.4)),
                 ("deberta-v3-classify", ", label: fair", lambda x: softmax(x)[:, 1]),
                 ("deberta-v3-fc", ", label: poor", lambda x: softmax(x)[:, 0]),
                 ("llama-classify", ", label: good, output: raw", lambda x: x[:, 2])]
        for number, (name, options, value) in enumerate(cases):
            with self.subTest(name=name, options=options):
                found, logits = self.rated(name, options, f"out{number}")
                np.testing.assert_allclose(found, value(logits), atol=2e-5)
                self.assert_adds_up(self.job(f"out{number}", "rate"), failed=1)
                self.assertEqual(self.counters(f"out{number}")["nothing_to_rate"], 1)

    def test_expectation_over_labels_with_numbers(self):
        model = self.copy_of("bert-classify")
        config = json.loads((model / "config.json").read_text())
        config["id2label"] = {"0": "1 star", "1": "3 stars", "2": "4.5 stars"}
        (model / "config.json").write_text(json.dumps(config))
        found, logits = self.rated("bert-classify", ", expectation: true", "out", "model")
        np.testing.assert_allclose(found, softmax(logits) @ [1, 3, 4.5], atol=2e-5)

    def test_cross_encoders_say_their_activation(self):
        model = self.copy_of("bert-regression")
        plain = json.loads((model / "config.json").read_text())
        sigmoid_name = "torch.nn.modules.activation.Sigmoid"
        cases = [({"sentence_transformers": {"activation_fn": sigmoid_name}}, sigmoid), ({"sbert_ce_default_activation_function": LINEAR}, lambda x: x),
                 ({"sbert_ce_default_activation_function": sigmoid_name}, sigmoid)]
        for number, (keys, value) in enumerate(cases):
            (model / "config.json").write_text(json.dumps({**plain, **keys}))
            found, logits = self.rated("bert-regression", "", f"out{number}", "model")
            np.testing.assert_allclose(found, value(logits[:, 0]), atol=2e-5)

    def test_prompt_and_response_as_a_pair(self):
        for name in ("bert-classify", "roberta-classify"):
            pairs = [pair for pair in expected(name)["pairs"] if pair["texts"][1]]
            records = [{"instruction": pair["texts"][0], "output": pair["texts"][1]} for pair in pairs]
            self.write("a.jsonl", jsonl([*records, {"text": "no response"}]))
            self.rate("pair: true, label: good", name, GOLDEN / name)
            wanted = softmax(np.array([pair["logits"] for pair in pairs]))[:, 2]
            np.testing.assert_allclose(self.of(name), [*wanted, np.nan], atol=2e-5)

    def test_reward_models_read_the_conversation_as_their_template_writes_it(self):
        model = self.copy_of("llama-classify")
        (model / "chat_template.jinja").write_text(
            "{% if messages[0].content == 'bad' %}{{ raise_exception('this is bad') }}{% endif %}{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}")
        texts = [text for text in expected("llama-classify")["texts"] if text]
        self.write("a.jsonl", jsonl([{"text": text} for text in [*texts, "bad"]]))
        self.rate("label: good, output: raw, template: chat", "chat", "model")
        self.rate("label: good, output: raw, text: full", "plain", "model")
        np.testing.assert_array_equal(self.of("chat")[:-1], self.of("plain")[:-1])
        self.assertTrue(np.isnan(self.of("chat")[-1]))
        self.assertEqual(self.counters("chat")["refused_by_template"], 1)

    def test_long_texts_lose_their_end(self):
        self.write("a.jsonl", jsonl([{"text": "the small boats " * 50}, {"text": "ice"}]))
        self.rate("", "out", GOLDEN / "bert-regression")
        self.assertEqual(self.counters("out"), {"nothing_to_rate": 0, "truncated": 1})
        self.assert_adds_up(self.job("out", "rate"), failed=0)

    def test_a_linear_layer_on_an_embedding(self):
        model = self.copy_of("sentence-concatenated-dense")
        modules = json.loads((model / "modules.json").read_text())
        (model / "modules.json").write_text(json.dumps(modules[:3]))  # without Normalize
        dense = json.loads((model / "2_Dense/config.json").read_text())
        (model / "2_Dense/config.json").write_text(json.dumps({**dense, "activation_function": LINEAR}))
        config = json.loads((model / "config.json").read_text())
        labels = {str(i): f"label {i}" for i in range(dense["out_features"])}
        (model / "config.json").write_text(json.dumps({**config, "id2label": labels}))
        self.write("a.jsonl", jsonl([{"text": "the small boats"}, {"text": "ice melts"}]))
        config = self.config("embed: {model: lm, normalize: false}", "rate: {model: lm, label: label 7}", models="lm: {path: model}")
        self.run_config(config, "out")
        logits = self.column("out", "01-embed-emb", "emb")[1]
        np.testing.assert_allclose(self.column("out", "02-rate-rating", "rating")[1], softmax(logits.astype(float))[:, 7], rtol=1e-5)


class Mistakes(RateCase):
    def test_errors_name_the_place_and_the_way_out(self):
        self.write("a.jsonl", jsonl([{"text": "ice"}]))
        causal, three, two = TINY, GOLDEN / "bert-classify", GOLDEN / "bert-regression"
        cases = [(causal, "label: good", "config.yaml:4:30: 'rate.label': is for models with a classification head"),
                 (causal, "pair: false", "'rate.pair': is for models with a classification head"),
                 (causal, "", "'rate.model': a causal language model needs the key 'rating'"),
                 (causal, "rating: quality, template: '{prompt}'", "'rate.template': a 'rating' has its own"),
                 (causal, "template: 'rate {it}'", "'rate.template': no field '{it}'; there are {prompt}, {instruction}"),
                 (causal, "template: 'how good? '", "'rate.template': says nothing of the record"),
                 (causal, "rating: quality, scale: ['1', '7 of 9']", "'rate.scale': '7 of 9' is no number; say in 'values'"),
                 (causal, "rating: quality, scale: ['1', '-12345']", "'rate.scale': '-12345' is not one token of the model"),
                 (causal, "rating: quality, scale: ['1', '1']", "'rate.scale': '1' and '1' are the same token"),
                 (causal, "rating: quality, scale: ['1']", "'rate.scale': give two ratings at least"),
                 (causal, "rating: quality, values: [1, 2]", "'rate.values': 2 numbers for a scale of 6"),
                 (causal, "rating: quality, quality_model: lm", "'rate.quality_model': is for 'rating: evol'"),
                 (causal, "rating: evol, quality_model: ml", "'rate.quality_model' is 'ml', which is not one of 'models' (did you mean 'lm'?)"),
                 (causal, "rating: evol, quality_model: other", "holds a classifier, which cannot be asked for a rating"),
                 (three, "rating: quality", "'rate.rating': is for causal language models"),
                 (three, "turns: sum", "'rate.turns': is for causal language models"),
                 (three, "", "'rate.model': give with 'label' which of its labels is the rating: poor, fair, good"),
                 (three, "label: god", "'rate.label': 'god' is no label of the model (did you mean 'good'?); there are poor, fair, good"),
                 (three, "label: 3", "'rate.label': '3' is no label of the model"),
                 (three, "expectation: true", "'rate.expectation': label 'poor' does not begin with a number"),
                 (three, "label: good, expectation: true", "'rate.label': an expectation is over all labels"),
                 (three, "label: good, template: chat", "'rate.template': chat is for causal models with a classification head"),
                 (three, "label: good, clamp: [5, 0]", "'rate.clamp': give the smallest and the largest value"),
                 (three, "label: good, pair: true, text: full", "'rate.text': with 'pair: true' it is prompt and response"),
                 (two, "output: softmax", "'rate.output': softmax over one label is always 1"),
                 (GOLDEN / "llama-classify", "label: good, template: chat", "has no chat template"),
                 (GOLDEN / "bert", "", "holds an encoder (model type 'bert') without a classification head"),
                 (GOLDEN / "sentence-minilm", "", "makes embeddings; name a causal language model or a classifier")]
        for model, options, message in cases:
            models = f"lm: {{path: {model}}}, other: {{path: {GOLDEN}/bert-classify}}"
            self.write("config.yaml", self.config(f"rate: {{model: lm, {options}}}", models=models))
            self.assertIn(message, self.call("validate", "config.yaml", expect=2)[1], options)

    def test_an_activation_that_is_not_known(self):
        self.write("a.jsonl", jsonl([{"text": "ice"}]))
        model = self.copy_of("bert-regression")
        config = json.loads((model / "config.json").read_text())
        (model / "config.json").write_text(json.dumps({**config, "sbert_ce_default_activation_function": "torch.nn.Tanh"}))
        _, errors = self.rate("", "out", "model", expect=2)
        self.assertIn("the folder's activation is 'torch.nn.Tanh'; say with 'output'", errors)
        self.rate("output: raw", "out", "model")


if __name__ == "__main__":
    unittest.main(verbosity=2)
