# SPDX-License-Identifier: Apache-2.0
"""Classifiers that are trained in a run: contrast and classify, against the same mathematics in numpy."""
import json
import subprocess
import time
import unittest

import numpy as np

from farpoint import REPOSITORY, Case, jsonl, shared_data

GOLDEN = REPOSITORY / "tests/golden/models"
SEED = 17
POOL, CURATED, LABELLED = 0, 1, 2
FOLD_STREAM = 0x666F6C6473


def random_bits(seed: int, stream: int, counter: int) -> int:
    """Philox4x32-10 (Salmon et al. 2011), as the program's documentation says it numbers its draws."""
    low = 0xFFFFFFFF
    x = [counter & low, counter >> 32, stream & low, stream >> 32]
    k = [seed & low, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(b >> 32) ^ x[1] ^ k[0], b & low, (a >> 32) ^ x[3] ^ k[1], a & low]
        k = [(k[0] + 0x9E3779B9) & low, (k[1] + 0xBB67AE85) & low]
    return x[1] << 32 | x[0]


def fold_of(population: int, number: int, folds: int) -> int:
    return random_bits(SEED, FOLD_STREAM, population << 56 | number) % folds


def logistic(rows: np.ndarray, labels: np.ndarray, weights: np.ndarray, l2: float):
    """Newton's method on the weighted mean loss with a penalty on the standardised weights: [width] and the bias."""
    share = weights / weights.sum()
    mean = share @ rows
    scale = np.sqrt(share @ (rows - mean) ** 2)
    x = np.c_[(rows - mean) / scale, np.ones(len(rows))]
    penalty = np.r_[np.full(rows.shape[1], l2), 0]
    w = np.zeros(x.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (share * (p - labels)) + penalty * w
        hessian = (x * (share * p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        w -= np.linalg.solve(hessian, gradient)
    inner = w[:-1] / scale
    return inner, w[-1] - inner @ mean


def balanced(labels: np.ndarray) -> np.ndarray:
    ones = labels.sum()
    return np.where(labels == 1, len(labels) / (2 * ones), len(labels) / (2 * (len(labels) - ones)))


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Share of the pairs of a one and a zero that are in order; of equal ones half."""
    ones, zeros = scores[labels == 1], np.sort(scores[labels == 0])
    below = np.searchsorted(zeros, ones, "left") + np.searchsorted(zeros, ones, "right")
    return below.sum() / (2 * len(ones) * len(zeros))


class Linear(Case):
    """On vectors, where every number can be computed again."""

    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(3)
        self.pool = draw.normal(size=(260, 6)).astype(np.float32)
        self.curated = (draw.normal(size=(260, 6)) + [1.2, -0.5, 0, 0, 0.3, 0]).astype(np.float32)
        self.pool[11] = np.nan
        self.curated[7] = np.inf
        np.save(self.folder / "pool.npy", self.pool)
        np.save(self.folder / "curated.npy", self.curated)

    def config(self, options: str) -> str:
        return ("corpus: {shard_records: 60, pool: [{path: pool.npy, as: emb}], curated: [{path: curated.npy, as: emb}]}\n"
                f"pipeline: [contrast: {{as: like, {options}}}]\n")

    def expected(self, folds: int, l2: float):
        """Held-out probabilities of the pool, and what cross-validation says, with the whole pool in each fold."""
        rows = np.r_[self.pool, self.curated].astype(np.float64)
        labels = np.r_[np.zeros(260), np.ones(260)]
        fold = np.array([fold_of(p, i, folds) for p in (POOL, CURATED) for i in range(260)])
        finite = np.isfinite(rows).all(axis=1)
        scores = np.full(520, np.nan)
        for f in range(folds):
            train = finite & (fold != f)
            w, b = logistic(rows[train], labels[train], balanced(labels[train]), l2)
            held_out = finite & (fold == f)
            scores[held_out] = 1 / (1 + np.exp(-(rows[held_out] @ w + b)))
        return scores, labels, finite, fold

    def test_held_out_probabilities_and_metrics(self):
        # 520 records, as many of either kind but for one: all of the pool is drawn.
        outputs = {}
        for ranks in (1, 2, 3):
            self.run_config(self.config("folds: 4, l2: 0.01, ratio: 2"), f"out{ranks}", ranks=ranks)
            outputs[ranks] = self.column(f"out{ranks}", "01-contrast-like", "like")[1]
            np.testing.assert_array_equal(outputs[1].view(np.uint64), outputs[ranks].view(np.uint64))
        scores, labels, finite, fold = self.expected(4, 0.01)
        np.testing.assert_allclose(outputs[1], scores[:260], atol=2e-4)
        self.assertEqual(np.flatnonzero(np.isnan(outputs[1])).tolist(), [11])
        job = self.job("out3", "contrast")
        self.assertEqual((job["in"], job["out"], job["failed"]), (260, 259, 1))
        facts = job["facts"]
        self.assertEqual(facts, self.job("out1", "contrast")["facts"])
        self.assertAlmostEqual(facts["auc"], auc(scores[finite], labels[finite]), delta=1e-3)
        for f in range(4):
            mine = finite & (fold == f)
            self.assertAlmostEqual(facts[f"fold-{f}.auc"], auc(scores[mine], labels[mine]), delta=2e-3)
            self.assertEqual(facts[f"fold-{f}.converged"], 1)
        confusion = [facts[name] for name in ("true_positives", "false_positives", "true_negatives", "false_negatives")]
        self.assertEqual(sum(confusion), finite.sum())
        self.assertAlmostEqual(facts["accuracy"], (confusion[0] + confusion[2]) / finite.sum())
        # What is kept says the same.
        self.run_config(self.config("folds: 4, l2: 0.01, ratio: 2"), "out3")
        kept = self.job("out3", "contrast")
        self.assertEqual((kept["resumed_shards"], kept["facts"]), (5, facts))

    def test_the_pool_is_drawn_anew_for_each_fold_and_scored_whole(self):
        self.run_config(self.config("ratio: 0.25"), "few")
        values = self.column("few", "01-contrast-like", "like")[1]
        self.assertEqual(np.isnan(values).sum(), 1)
        facts = self.job("few", "contrast")["facts"]
        # 5 draws of a quarter are about 3/4 of the pool, each of them held out once.
        drawn = facts["true_negatives"] + facts["false_positives"]
        self.assertGreater(drawn, 150)
        self.assertLess(drawn, 240)
        self.assertAlmostEqual(facts["pool_share"], 0.25, delta=1e-9)

    def test_options_that_make_no_sense_are_refused(self):
        for options, message in (("ratio: 0", "'contrast.ratio' must be above 0"),
                                 ("folds: 1", "'contrast.folds' must be between 2 and 100"),
                                 ("epochs: 2", "'contrast.epochs' is for 'learner: encoder'"),
                                 ("learner: encoder", "needs the key 'model'"),
                                 ("vectors: nothing", "does not exist"),
                                 ("threshold: 2", "must be between 0 and 1")):
            _, error = self.run_config(self.config(options), "bad", expect=2)
            self.assertIn(message, error)
        config = self.config("folds: 5")
        _, error = self.run_config(config.replace("curated: [{path: curated.npy, as: emb}]", "curated: []"), "bad", expect=2)
        self.assertIn("needs curated records", error)
        np.save(self.folder / "curated.npy", np.full((3, 6), np.nan, dtype=np.float32))
        _, error = self.run_config(config, "bad", expect=1)
        self.assertIn("0 of the curated records", error)


class Labelled(Case):
    """Labels from sources and from records."""

    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(4)
        good, bad = ["clear", "complete", "correct", "helpful", "precise"], ["asdf", "lol", "spam", "click", "buy"]
        filler = ["the", "answer", "is", "about", "rivers", "numbers", "history", "food"]

        def text(words, count):
            return " ".join(draw.choice(filler + words * count, 20))

        self.good = [text(good, 3) for _ in range(90)]
        self.bad = [text(bad, 3) for _ in range(70)]
        self.mixed = [text(good if i % 2 else bad, 3) for i in range(120)]
        self.write("good.txt", "\n".join(self.good) + "\n")
        self.write("bad.txt", "\n".join(self.bad) + "\n")
        self.write("pool.txt", "\n".join(self.mixed) + "\n")
        graded = [{"text": t, "mark": m, "kind": "yes" if m > 2 else "no"}
                  for t, m in [(t, 1 + i % 2) for i, t in enumerate(self.bad)] + [(t, 4 + i % 2) for i, t in enumerate(self.good)]]
        graded.append({"text": "nobody has judged this"})
        self.write("graded.jsonl", jsonl(graded))

    def config(self, options: str, labelled: str, before: str = "") -> str:
        return (f"corpus: {{shard_records: 50, pool: [{{path: pool.txt}}], labelled: [{labelled}]}}\n"
                f"pipeline: [{before}classify: {{as: quality, folds: 3, {options}}}]\n")

    def quality(self, output: str, stage: str = "01-classify-quality") -> np.ndarray:
        return self.column(output, stage, "quality")[1]

    def test_good_and_bad_files(self):
        sources = "{path: good.txt, name: good}, {path: bad.txt, name: bad}"
        for ranks in (1, 3):
            self.run_config(self.config("positive: good", sources), f"out{ranks}", ranks=ranks)
        values = self.quality("out1")
        np.testing.assert_array_equal(values.view(np.uint64), self.quality("out3").view(np.uint64))
        labels = np.arange(120) % 2
        self.assertGreater(auc(values, labels), 0.95)
        facts = self.job("out1", "classify")["facts"]
        self.assertGreater(facts["auc"], 0.95)
        self.assertEqual((facts["examples"], facts["unlabelled"]), (160, 0))
        # The other way round.
        self.run_config(self.config("positive: bad", sources), "bad")
        np.testing.assert_allclose(self.quality("bad"), 1 - values, atol=1e-3)
        # With the vectors of a column it is the same.
        self.run_config(self.config("positive: good, vectors: emb", sources, "embed: {as: emb}, "), "column")
        np.testing.assert_allclose(self.quality("column", "02-classify-quality"), values, atol=1e-9)

    def test_grades_and_labels_of_records(self):
        source = "{path: graded.jsonl}"
        self.run_config(self.config("label: record.mark", source), "grade")
        values = self.quality("grade")
        self.assertGreater(values[1::2].mean(), 3.4)
        self.assertLess(values[0::2].mean(), 2.6)
        facts = self.job("grade", "classify")["facts"]
        self.assertEqual((facts["examples"], facts["unlabelled"]), (160, 1))
        self.assertGreater(facts["spearman"], 0.5)
        self.run_config(self.config("label: record.mark, task: classes, positive: '5'", source), "classes", ranks=2)
        values = self.quality("classes")
        self.assertTrue(((values >= 0) & (values <= 1)).all())
        self.assertGreater(values[1::2].mean(), values[0::2].mean() + 0.2)
        self.run_config(self.config("label: record.kind, positive: 'yes'", source), "kind")
        self.assertGreater(auc(self.quality("kind"), np.arange(120) % 2), 0.95)

    def test_what_cannot_be_learnt_is_an_error(self):
        source = "{path: graded.jsonl}"
        for options, message in (("label: record.nothing", "no label"), ("label: record.kind", "say with 'positive'"),
                                 ("label: record.kind, positive: perhaps", "there is no label 'perhaps'"),
                                 ("label: record.kind, task: grade", "must be numbers"),
                                 ("label: source", "one label only")):
            _, error = self.run_config(self.config(options, source), "bad", expect=1, ranks=2)
            self.assertIn(message, error)
        _, error = self.run_config(self.config("label: kind", source), "bad", expect=2)
        self.assertIn("must be source or record.KEY", error)
        _, error = self.run_config("corpus: {pool: [{path: pool.txt}]}\npipeline: [classify: {}]\n", "bad", expect=2)
        self.assertIn("needs labelled records", error)


class Encoder(Case):
    """A tiny model, all of whose weights are trained."""

    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(6)

        def text(letters):
            return "".join(draw.choice(list(letters), 12))

        self.write("curated.jsonl", jsonl([{"text": text("abcd ")} for _ in range(60)]))
        self.write("pool.jsonl", jsonl([{"text": text("abcd " if i % 2 else "wxyz ")} for i in range(90)]))
        self.write("good.jsonl", jsonl([{"text": text("abcd "), "mark": 4} for _ in range(40)]))
        self.write("bad.jsonl", jsonl([{"text": text("wxyz "), "mark": 1} for _ in range(40)]))
        self.labels = np.arange(90) % 2

    def config(self, job: str, model: str = "bert-classify", labelled: str = "") -> str:
        return (f"corpus: {{shard_records: 40, pool: [{{path: pool.jsonl}}], curated: [{{path: curated.jsonl}}]{labelled}}}\n"
                f"models: {{enc: {{path: {GOLDEN}/{model}}}}}\n"
                f"pipeline: [{job}]\n")

    OPTIONS = "learner: encoder, model: enc, folds: 2, epochs: 4, batch: 16, micro_batch: 4, learning_rate: 3.0e-3"

    def values(self, output: str, stage: str, name: str) -> np.ndarray:
        return self.column(output, stage, name)[1]

    def test_contrast_is_the_same_on_any_number_of_ranks(self):
        config = self.config(f"contrast: {{as: like, {self.OPTIONS}}}")
        for ranks in (1, 2, 4):
            self.run_config(config, f"out{ranks}", ranks=ranks)
        values = self.values("out1", "01-contrast-like", "like")
        for ranks in (2, 4):
            other = self.values(f"out{ranks}", "01-contrast-like", "like")
            np.testing.assert_array_equal(values.view(np.uint64), other.view(np.uint64))
        self.assertGreater(auc(values, self.labels), 0.95)
        facts = self.job("out4", "contrast")["facts"]
        self.assertEqual(facts, self.job("out1", "contrast")["facts"])
        self.assertGreater(facts["fold-0.steps"], 8)
        # A finished model is not trained again, even where the run was stopped before it was used.
        stage = self.folder / "out1/stages/01-contrast-like"
        (stage / "prepared.h5").unlink()
        for shard in stage.glob("shard-*.h5"):
            shard.unlink()
        before = (stage / "model-1/model.safetensors").stat().st_mtime_ns
        self.run_config(config, "out1", ranks=2)
        self.assertEqual((stage / "model-1/model.safetensors").stat().st_mtime_ns, before)
        np.testing.assert_array_equal(self.values("out1", "01-contrast-like", "like").view(np.uint64), values.view(np.uint64))

    def test_a_killed_training_goes_on_from_its_checkpoint(self):
        config = self.config(f"contrast: {{as: like, {self.OPTIONS.replace('epochs: 4', 'epochs: 20')}}}")
        self.run_config(config, "whole")
        path = self.write("config.yaml", config.replace("epochs: 20", "epochs: 20, checkpoint_seconds: 0"))
        state = self.folder / "killed/stages/01-contrast-like/model-0.training"
        process = subprocess.Popen(self.command(1, "run", path, "--output", self.folder / "killed"), cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.time() + 60
        while not state.exists() and process.poll() is None and time.time() < deadline:
            time.sleep(0.005)
        process.kill()
        process.wait()
        self.assertTrue(state.exists(), "killed after its training")
        self.run_config(config, "killed")
        self.assertFalse(state.exists())
        np.testing.assert_array_equal(self.values("killed", "01-contrast-like", "like").view(np.uint64),
                                      self.values("whole", "01-contrast-like", "like").view(np.uint64))

    def test_a_classifier_is_a_model_folder_that_rates(self):
        labelled = ", labelled: [{path: good.jsonl, name: good}, {path: bad.jsonl, name: bad}]"
        for name, options in (("classes", "positive: good"), ("grades", "label: record.mark, task: grade")):
            job = f"classify: {{as: quality, {options}, {self.OPTIONS}}}"
            self.run_config(self.config(job, "deberta-v3", labelled), name, ranks=2)
            values = self.values(name, "01-classify-quality", "quality")
            self.assertGreater(auc(values, self.labels), 0.85, name)
            folder = self.folder / name / "stages/01-classify-quality/model"
            known = json.loads((folder / "config.json").read_text())
            self.assertEqual(known["architectures"], ["DebertaV2ForSequenceClassification"])
            if name == "classes":
                self.assertEqual(known["id2label"], {"0": "bad", "1": "good"})
            self.run_config(f"corpus: {{shard_records: 40, pool: [{{path: pool.jsonl}}]}}\nmodels: {{judge: {{path: {folder}}}}}\n"
                            f"pipeline: [rate: {{model: judge, as: rating}}]\n", f"rate-{name}")
            np.testing.assert_allclose(self.values(f"rate-{name}", "01-rate-rating", "rating"), values, atol=1e-5)

    def test_a_linear_classifier_on_a_models_vectors_rates_too(self):
        self.write("good.jsonl", jsonl([{"text": f"abc {'abcd'[i % 4]}", "kind": "a"} for i in range(24)]))
        self.write("bad.jsonl", jsonl([{"text": f"wxyz {'wxyz'[i % 4]}", "kind": "cd"[i % 2]} for i in range(24)]))
        labelled = ", labelled: [{path: good.jsonl, name: good}, {path: bad.jsonl, name: bad}]"
        for name, options, label in (("binary", "positive: good", ""), ("classes", "label: record.kind, positive: d", ", label: d")):
            job = f"classify: {{as: q, model: enc, folds: 2, {options}}}"
            self.run_config(self.config(job, "sentence-minilm", labelled), name, ranks=2)
            folder = self.folder / name / "stages/01-classify-q/model"
            self.run_config(f"corpus: {{shard_records: 40, pool: [{{path: pool.jsonl}}]}}\nmodels: {{judge: {{path: {folder}}}}}\n"
                            f"pipeline: [rate: {{model: judge, as: rating{label}}}]\n", f"rate-{name}")
            np.testing.assert_allclose(self.values(f"rate-{name}", "01-rate-rating", "rating"),
                                       self.values(name, "01-classify-q", "q"), atol=1e-5)

    def test_causal_models_are_refused(self):
        _, error = self.run_config(self.config(f"contrast: {{{self.OPTIONS}}}", "llama"), "bad", expect=2)
        self.assertIn("an encoder is what can be trained", error)


class Planted(Case):
    """Curated records are half of the tasks' records; the pool is the other half and records of another kind."""

    def test_what_the_curated_set_lacks_is_found(self):
        data = shared_data()
        if not data.exists():
            self.skipTest("without the shared data")
        tasks, other = ((data / name).read_text(encoding="utf-8").strip().split("\n")
                        for name in ("t0_tasks.jsonl", "gsm8k_train.jsonl"))
        half = np.random.default_rng(0).permutation(len(tasks)) % 2 == 0
        self.write("curated.jsonl", "\n".join(t for t, h in zip(tasks, half) if h) + "\n")
        rest = [t for t, h in zip(tasks, half) if not h]
        self.write("pool.jsonl", "\n".join(rest + other) + "\n")
        self.run_config("corpus: {pool: [{path: pool.jsonl}], curated: [{path: curated.jsonl}]}\n"
                        "pipeline: [embed: {as: emb, text: prompt}, contrast: {vectors: emb, as: like}]\n", "out", ranks=2)
        ids, values = self.column("out", "02-contrast-like", "like")
        self.assertGreater(auc(1 - values, (ids >= len(rest)).astype(int)), 0.97)


if __name__ == "__main__":
    unittest.main()
