# SPDX-License-Identifier: Apache-2.0
"""Jobs that run models: the vectors and perplexities of transformers, at any number of ranks, made once."""
import json
import pathlib
import shutil
import struct
import unittest
import unittest.mock

import numpy as np

from farpoint import REPOSITORY, Case, jsonl, normalize

GOLDEN = REPOSITORY / "tests/golden/models"
WORDS = "the small boats return at night and people measure degrees if harbour is quiet ice melts in kettle moon opens".split()


def expected(name: str) -> dict:
    return json.loads((GOLDEN / name / "expected.json").read_text(encoding="utf-8"))


def answers(texts: list) -> list:
    """Records whose response is a text, the empty one too."""
    return [{"prompt": "Why", "completion": text} for text in texts]


def sentences(count: int, seed: int = 0) -> list:
    """Of the few bytes that the golden tokenizers know; some of them alike."""
    draw = np.random.default_rng(seed)
    return [" ".join(draw.choice(WORDS, size=draw.integers(1, 25))) for _ in range(count)]


class ModelCase(Case):
    def config(self, *jobs: str, models: str = "", shard_records: int = 16) -> str:
        models = models or f"enc: {{path: {GOLDEN}/sentence-minilm}}, lm: {{path: {GOLDEN}/llama}}"
        lines = "".join(f"  - {job}\n" for job in jobs)
        return (f"corpus: {{shard_records: {shard_records}, pool: [{{path: a.jsonl}}]}}\n"
                f"models: {{{models}}}\npipeline:\n{lines}")

    def copy_of(self, name: str) -> pathlib.Path:
        return pathlib.Path(shutil.copytree(GOLDEN / name, self.folder / "model"))

    def log(self, output: str) -> str:
        return "".join(path.read_text() for path in sorted((self.folder / output / "log").iterdir()))

    def resumed(self, output: str) -> list:
        return [job["resumed_shards"] for job in self.summary(output)["jobs"]]

    def assert_adds_up(self, job: dict, failed: int):
        self.assertEqual(job["in"], job["out"] + job["rejected"] + job["failed"], job)
        self.assertEqual(job["failed"], failed)

    def assert_same_column(self, one, other):
        for mine, theirs in zip(one, other):
            np.testing.assert_array_equal(mine.view(np.uint8), theirs.view(np.uint8))


class Embedding(ModelCase):
    def embedded(self, name: str, texts: list, options: str = "", output: str = "out"):
        self.write("a.jsonl", jsonl(answers(texts)))
        config = self.config(f"embed: {{model: enc, text: response{options}}}", models=f"enc: {{path: {GOLDEN}/{name}}}")
        self.run_config(config, output)
        return self.column(output, "01-embed-emb", "emb")[1]

    def test_vectors_are_those_of_sentence_transformers(self):
        for name in ("sentence-minilm", "sentence-prompt", "sentence-concatenated-dense", "sentence-qwen3"):
            golden = expected(name)
            plain = self.embedded(name, golden["texts"], ", normalize: false", f"plain-{name}")
            np.testing.assert_allclose(plain, golden["embeddings"], atol=3e-5)
            rows = self.embedded(name, golden["texts"], "", f"unit-{name}")
            np.testing.assert_array_equal(rows, normalize(plain))

    def test_the_runs_configuration_says_what_was_done(self):
        texts = sentences(5)
        self.embedded("sentence-minilm", texts)
        config = (self.folder / "out/config.yaml").read_text()
        for line in ("pooling: mean", f"max_tokens: {expected('sentence-minilm')['max_length']}", "precision: fp32"):
            self.assertIn(line, config)
        self.embedded("bert", texts, output="bert")  # without modules.json
        config = (self.folder / "bert/config.yaml").read_text()
        self.assertIn("pooling: mean", config)
        self.assertIn(f"max_tokens: {expected('bert')['max_length']}", config)
        self.call("run", "bert/config.yaml")
        self.assertEqual(self.resumed("bert"), [1, 1])
        self.embedded("sentence-prompt", texts, ", prompt: 'a: b '", "prompt")
        self.call("run", "prompt/config.yaml")
        self.assertEqual(self.resumed("prompt"), [1, 1])
        rows = self.column("bert", "01-embed-emb", "emb")[1]
        other = self.embedded("bert", texts, ", pooling: max, max_tokens: 5", "other")
        self.assertFalse(np.allclose(rows, other))

    def test_identical_and_long_texts_are_counted(self):
        self.embedded("sentence-minilm", ["the small boats"] * 3 + ["ice " * 200], ", max_tokens: 24")
        job = self.job("out", "embed")
        self.assertEqual(job["counters"], {"identical": 2, "truncated": 1})
        self.assertEqual(job["unit"], "tokens")
        self.assertGreater(job["rate"], 0)
        rows = self.column("out", "01-embed-emb", "emb")[1]
        np.testing.assert_array_equal(rows[0], rows[2])
        self.assert_adds_up(job, failed=0)

    def test_texts_without_tokens_have_no_vector_and_are_told(self):
        texts = sentences(20)
        texts[3] = texts[17] = ""
        self.write("a.jsonl", jsonl(answers(texts)))
        # A tokenizer that adds no special tokens finds none in an empty text.
        config = self.config("embed: {model: lm, text: response}", models=f"lm: {{path: {GOLDEN}/qwen2}}")
        _, errors = self.run_config(config, "out")
        self.assertIn("embed emb: 1 of 16 pool records have no value", errors)
        self.assertIn("ids 3 (a.jsonl:4)", errors)
        self.assertIn("ids 17 (a.jsonl:18)", self.log("out"))
        self.assert_adds_up(self.job("out", "embed"), failed=2)
        ids, rows = self.column("out", "01-embed-emb", "emb")
        np.testing.assert_array_equal(np.isnan(rows).all(axis=1), np.isin(ids, [3, 17]))

    def test_curated_records_are_embedded_too(self):
        self.write("a.jsonl", jsonl(answers(sentences(60))))
        self.write("c.jsonl", jsonl(answers(sentences(10, seed=1))))
        config = self.config("embed: {model: enc}", "select: {vectors: emb, curated: start, budget: {records: 9}}")
        self.run_config(config.replace("}]}", "}], curated: [{path: c.jsonl}]}", 1), "out", ranks=2)
        self.assertEqual(self.job("out", "embed")["counters"]["curated_in"], 10)
        self.assertEqual(len(self.subset("out")["id"]), 9)


class Perplexity(ModelCase):
    def column_of(self, output: str, name: str, stage: str = "01-perplexity-ppl"):
        return self.column(output, stage, name)[1]

    def test_perplexities_are_those_of_transformers(self):
        for name in ("llama", "gpt2", "qwen3", "llama-sharded"):
            golden = expected(name)
            short = [i for i, ids in enumerate(golden["ids"]) if len(ids) < golden["max_length"]]
            self.write("a.jsonl", jsonl(answers([golden["texts"][i] for i in short])))
            config = self.config("perplexity: {model: lm, text: response}", models=f"lm: {{path: {GOLDEN}/{name}}}")
            _, errors = self.run_config(config, name)
            losses = [golden["token_nll"][i] for i in short]
            wanted = [np.exp(np.mean(loss)) if loss else np.nan for loss in losses]
            np.testing.assert_allclose(self.column_of(name, "ppl"), wanted, rtol=1e-4)
            np.testing.assert_array_equal(self.column_of(name, "ppl.tokens"), [len(loss) for loss in losses])
            self.assert_adds_up(self.job(name, "perplexity"), failed=sum(not loss for loss in losses))
            self.assertIn("have no value (no token to score", errors)

    def test_long_texts_are_read_in_windows(self):
        self.write("a.jsonl", jsonl([{"text": " ".join(sentences(40))}, {"text": "the small boats"}]))
        self.run_config(self.config("perplexity: {model: lm}"), "out")
        self.assertEqual(self.job("out", "perplexity")["counters"]["windowed"], 1)
        self.assertGreater(self.column_of("out", "ppl.tokens")[0], 500)
        self.assertIn("stride: 64", (self.folder / "out/config.yaml").read_text())

    def test_difficulty_is_what_the_prompt_leaves_of_the_perplexity(self):
        records = [{"instruction": one, "output": two} for one, two in zip(sentences(30), sentences(30, seed=1))]
        records[4]["output"] = ""
        self.write("a.jsonl", jsonl(records))
        for name in ("llama", "gpt2"):  # with a token before each text, and without
            models = f"lm: {{path: {GOLDEN}/{name}}}"
            self.run_config(self.config("perplexity: {model: lm, condition: prompt, ifd: true}",
                                        "perplexity: {model: lm, text: response, as: alone}",
                                        "perplexity: {model: lm, ifd: true, as: both}", models=models), name)
            given, ifd = self.column_of(name, "ppl"), self.column_of(name, "ppl.ifd")
            alone = self.column_of(name, "alone", "02-perplexity-alone")
            np.testing.assert_allclose(ifd, given / alone, rtol=1e-6)
            np.testing.assert_array_equal(np.flatnonzero(np.isnan(given)), [4])
            np.testing.assert_allclose(self.column_of(name, "both.ifd", "03-perplexity-both"), ifd, rtol=1e-6)
            first, second = self.summary(name)["jobs"][1:3]
            self.assert_adds_up(first, failed=1)
            self.assert_adds_up(second, failed=1)
            # All tokens of the response are scored when something stands before the first of them.
            tokens = self.column_of(name, "ppl.tokens") - self.column_of(name, "alone.tokens", "02-perplexity-alone")
            np.testing.assert_array_equal(np.delete(tokens, 4), 0 if name == "llama" else 1)

    def test_chat_templates_write_the_text(self):
        model = self.copy_of("llama")
        # Writes what the plain views are, so that the results must be theirs.
        (model / "chat_template.jinja").write_text(
            "{% if messages[0].content == 'bad' %}{{ raise_exception('this is bad') }}{% endif %}{{ bos_token }}"
            "{% for m in messages %}{{ m.content }}{% if m.role == 'user' %}{{ '\\n' }}{% endif %}{% endfor %}")
        records = [{"instruction": one, "output": two} for one, two in zip(sentences(20), sentences(20, seed=1))]
        records[7]["instruction"] = "bad"
        self.write("a.jsonl", jsonl(records))
        jobs = ["perplexity: {model: lm, as: whole}", "perplexity: {model: lm, as: given, condition: prompt, ifd: true}"]
        _, errors = self.run_config(
            self.config(*(job.replace("model: lm", "model: lm, template: chat") for job in jobs), models="lm: {path: model}"), "chat")
        self.run_config(self.config(*jobs, models="lm: {path: model}"), "plain")
        for stage, names in (("01-perplexity-whole", ["whole", "whole.tokens"]),
                             ("02-perplexity-given", ["given", "given.ifd", "given.tokens"])):
            for name in names:
                chat, plain = (np.delete(self.column_of(output, name, stage), 7) for output in ("chat", "plain"))
                np.testing.assert_allclose(chat, plain, rtol=1e-6)
        self.assertIn("this is bad", errors)
        for job in self.summary("chat")["jobs"][1:]:
            self.assert_adds_up(job, failed=1)
            self.assertEqual(job["counters"]["refused_by_template"], 1)
        self.assertTrue(np.isnan(self.column_of("chat", "whole", "01-perplexity-whole")[7]))

    def test_a_template_may_ask_for_the_answer_in_its_own_way(self):
        model = self.copy_of("llama")
        self.write("a.jsonl", jsonl([{"instruction": one, "output": f" {two} "} for one, two in zip(sentences(20), sentences(20, seed=1))]))
        template = ("{{ bos_token }}{% for m in messages %}{{ m.content | trim }}{% if m.role == 'user' %}{{ '\n' }}{% endif %}{% endfor %}")
        values = []
        for number, ask in enumerate(("", "{% if add_generation_prompt %}ice{% endif %}")):
            (model / "chat_template.jinja").write_text(template + ask)
            config = self.config("perplexity: {model: lm, template: chat, condition: prompt}", models="lm: {path: model}")
            self.run_config(config, f"out{number}")
            self.assert_adds_up(self.job(f"out{number}", "perplexity"), failed=0)
            values.append((self.column_of(f"out{number}", "ppl"), self.column_of(f"out{number}", "ppl.tokens")))
        np.testing.assert_array_equal(values[0][1], values[1][1])  # the same response
        self.assertFalse(np.isclose(values[0][0], values[1][0]).any())  # after another text

    def test_a_changed_template_is_another_text(self):
        model = self.copy_of("llama")
        self.write("a.jsonl", jsonl([{"text": text} for text in sentences(20)]))
        config = self.config("perplexity: {model: lm, template: chat}", models="lm: {path: model}")
        for ending, kept in (("", 0), ("", 2), (" the moon", 0)):
            (model / "chat_template.jinja").write_text("{% for m in messages %}{{ m.content }}{% endfor %}" + ending)
            self.run_config(config, "out")
            self.assertEqual(self.resumed("out"), [2 if (self.folder / "seen").exists() else 0, kept])
            self.write("seen", "")

    def test_scores_filter_and_are_in_the_subset(self):
        self.write("a.jsonl", jsonl([{"text": text} for text in sentences(100)]))
        self.run_config(self.config("perplexity: {model: lm}",
                                    "filter: {keep: {ppl: {max_quantile: 0.9}, ppl.tokens: {min: 4}}}",
                                    "select: {method: random, budget: {records: 10}}"), "out", ranks=2)
        ppl, tokens = self.column_of("out", "ppl"), self.column_of("out", "ppl.tokens")
        kept = (ppl <= np.nanquantile(ppl, 0.9)) & (tokens >= 4)
        self.assertEqual(self.job("out", "filter")["out"], kept.sum())
        subset = self.subset("out")
        np.testing.assert_array_equal(subset["scores/ppl"], ppl[subset["id"]])
        np.testing.assert_array_equal(subset["scores/ppl.tokens"], tokens[subset["id"]])
        text, _ = self.call("table", "out", "--columns", "ppl,ppl.tokens,line")
        self.assertEqual(len(text.splitlines()), 101)


class Runs(ModelCase):
    jobs = ("embed: {model: enc}", "perplexity: {model: lm}")

    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl([{"text": text} for text in sentences(100)]))

    def columns(self, output: str) -> list:
        stages = sorted(path.name for path in (self.folder / output / "stages").iterdir())
        return [self.column(output, stages[1], "emb"), self.column(output, stages[2], "ppl")]

    def test_same_columns_at_any_number_of_ranks(self):
        config = self.config(*self.jobs)
        parallel = self.config("parallel: [{embed: {model: enc, share: 1}}, {perplexity: {model: lm, share: 2}}]")
        self.run_config(config, "one")
        self.run_config(config, "three", ranks=3)
        self.run_config(parallel, "parallel", ranks=3)
        self.run_config(parallel, "alone")
        for other in ("three", "parallel", "alone"):
            for mine, theirs in zip(self.columns("one"), self.columns(other)):
                self.assert_same_column(mine, theirs)
        self.assertEqual([job["job"] for job in self.summary("parallel")["jobs"]], ["ingest", "embed", "perplexity"])
        self.assertEqual(self.summary("parallel")["device"], "cpu")

    def test_finished_shards_are_kept_and_no_weights_loaded(self):
        self.run_config(self.config(*self.jobs), "out")
        self.assertEqual(self.log("out").count("loaded on"), 2)
        self.run_config(self.config(*self.jobs), "out", ranks=2)
        self.assertEqual(self.resumed("out"), [7, 7, 7])
        self.assertEqual(self.log("out").count("loaded on"), 2)
        self.assertEqual([job["rate"] for job in self.summary("out")["jobs"]], [0, 0, 0])
        # Of two ranks only the one with a shard to make loads.
        (self.folder / "out/stages/01-embed-emb/shard-00003.h5").unlink()
        self.run_config(self.config(*self.jobs), "out", ranks=2)
        self.assertEqual(self.resumed("out"), [7, 6, 7])
        self.assertEqual(self.log("out").count("loaded on"), 3)

    def test_what_results_depend_on_redoes_them(self):
        model = self.copy_of("llama")
        config = self.config(*self.jobs, models=f"enc: {{path: {GOLDEN}/sentence-minilm}}, lm: {{path: model}}")

        def run(text: str, resumed: list):
            self.run_config(text, "out", ranks=2)
            self.assertEqual(self.resumed("out"), resumed)

        run(config, [0, 0, 0])
        run(config.replace("lm: {path: model", "other: {path: model").replace("model: lm", "model: other"), [7, 7, 7])
        run(config.replace("path: model", "path: model, precision: bf16"), [7, 7, 0])
        run(config, [7, 7, 0])
        weights = bytearray((model / "model.safetensors").read_bytes())
        weights[-2] ^= 1
        (model / "model.safetensors").write_bytes(weights)
        run(config, [7, 7, 0])
        (model / "README.md").write_text("changes nothing")
        run(config, [7, 7, 7])
        model.rename(self.folder / "moved")
        run(config.replace("path: model", "path: moved"), [7, 7, 7])
        run(config.replace("path: model", "path: moved").replace("{model: enc}", "{model: enc, max_tokens: 7}"), [7, 0, 7])

    def test_a_finished_run_is_read_without_its_models(self):
        model = self.copy_of("llama")
        self.run_config(self.config("perplexity: {model: lm, ifd: true}", models="lm: {path: model}"), "out")
        shutil.rmtree(model)
        text, _ = self.call("table", "out", "--columns", "ppl,ppl.ifd")
        self.assertEqual(len(text.splitlines()), 101)
        self.call("inspect", "out")
        self.call("export", "out", "--format", "jsonl", "--out", "kept.jsonl")


class Mistakes(ModelCase):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", jsonl([{"text": text} for text in sentences(10)]))

    def error(self, job: str, models: str = "", ranks: int = 1) -> str:
        self.write("config.yaml", self.config(job, models=models))
        errors = self.call("validate", "config.yaml", ranks=ranks, expect=2)[1]
        _, again = self.call("run", "config.yaml", "--output", "out", ranks=ranks, expect=2)
        self.assertFalse((self.folder / "out").exists())
        self.assertEqual(again.count("error:"), 1, again)
        return errors

    def test_errors_name_the_place_and_the_way_out(self):
        cases = [
            ("embed: {model: en}", "", "config.yaml:4:20: 'embed.model' is 'en', which is not one of 'models' (did you mean 'enc'?)"),
            ("perplexity: {model: qwen-7b}", "", "config.yaml:4:25: 'perplexity.model' is 'qwen-7b', which is not one of 'models'; 'models' lists enc, lm"),
            ("perplexity: {}", "", "'perplexity' needs the key 'model'"),
            ("perplexity: {model: enc}", "", "config.yaml:4:25: 'perplexity.model': "),
            ("perplexity: {model: enc}", "", "holds an encoder (model type 'bert')"),
            ("embed: {model: enc}", "enc: {path: nowhere}", "config.yaml:2:22: 'models.enc.path': "),
            ("embed: {model: enc}", "enc: {path: nowhere}", f"{self.folder}/nowhere: no such folder"),
            ("embed: {model: enc}", "enc: {path: intfloat/e5-small}", "hf download intfloat/e5-small --local-dir"),
            ("embed: {model: enc}", "enc: {path: a.jsonl}", "is a file; give the folder"),
            ("embed: {pooling: cls}", "", "config.yaml:4:13: 'embed.pooling' is for models"),
            ("embed: {model: enc, pooling: sum}", "", "'embed.pooling' must be cls or max or mean"),
            ("embed: {model: enc, max_tokens: 100000}", "", "config.yaml:4:37: 'embed.max_tokens' must be between 1 and"),
            ("perplexity: {model: lm, max_tokens: 1}", "", "'perplexity.max_tokens' must be between 2 and"),
            ("perplexity: {model: lm, max_tokens: 8, stride: 8}", "", "'perplexity.stride' must be between 1 and 7, not 8"),
            ("perplexity: {model: lm, template: chat}", "", "has no chat template"),
            ("perplexity: {model: lm, condition: prompt, text: prompt}", "", "it is the response that is scored"),
            ("perplexity: {model: lm, batch_tokens: 0}", "", "'perplexity.batch_tokens' must be between 1 and"),
        ]
        for job, models, message in cases:
            self.assertIn(message, self.error(job, models), job)

    def test_damaged_weights_are_named_before_any_work(self):
        model = self.copy_of("llama")
        whole = (model / "model.safetensors").read_bytes()
        length = struct.unpack("<Q", whole[:8])[0]
        for content in (whole[:-100], whole[:length // 2], b""):
            (model / "model.safetensors").write_bytes(content)
            for ranks in (1, 2):
                errors = self.error("perplexity: {model: lm}", "lm: {path: model}", ranks)
                self.assertIn("model.safetensors", errors)
                self.assertIn("config.yaml:2:21", errors)
        (model / "model.safetensors").unlink()
        self.assertIn("neither model.safetensors nor", self.error("embed: {model: lm}", "lm: {path: model}"))

    def test_weights_of_another_model_end_all_ranks_in_order(self):
        model = self.copy_of("llama")
        config = json.loads((model / "config.json").read_text())
        (model / "config.json").write_text(json.dumps({**config, "hidden_size": 64, "head_dim": 16}))
        self.write("config.yaml", self.config("perplexity: {model: lm}", models="lm: {path: model}"))
        for ranks in (1, 2):
            _, errors = self.call("run", "config.yaml", "--output", "out", ranks=ranks, expect=2)
            self.assertIn(str(model), errors)
            self.assertNotIn("MPI_ABORT", errors)

    def test_a_library_that_is_not_there(self):
        self.write("a.jsonl", jsonl(answers(sentences(3))))
        missing = {"FARPOINT_TORCH_LIBRARY": "/nowhere/libfarpoint_torch.so"}
        with unittest.mock.patch.dict("os.environ", missing):
            for ranks in (1, 2):
                _, errors = self.run_config(self.config("embed: {model: enc}"), "out", ranks=ranks, expect=1)
                self.assertIn("/nowhere/libfarpoint_torch.so", errors)
                self.assertIn("FARPOINT_TORCH_LIBRARY", errors)
            self.assertFalse((self.folder / "out/ingest").exists(), "found out too late")
            self.run_config(self.config("embed: {}"), "other")
        self.run_config(self.config("embed: {model: enc}"), "out")

    def test_a_gpu_that_is_not_there(self):
        config = self.config("perplexity: {model: lm}").replace("corpus:", "run: {device: cuda}\ncorpus:")
        text, _ = self.call("--version")
        if "GPU" in text:
            self.skipTest("there is one")
        _, errors = self.run_config(config, "out", expect=2)
        self.assertIn("sees no GPU", errors)
        _, errors = self.run_config(config.replace("perplexity: {model: lm}", "embed: {}"), "out")
        self.assertIn("no job of this pipeline uses a GPU", errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
