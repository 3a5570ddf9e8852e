# SPDX-License-Identifier: Apache-2.0
"""Jobs that see all records at once and are killed in the middle: what they have done is not done again, at any number of ranks."""
import json
import pathlib
import random
import subprocess
import time
import unittest

import numpy as np

from dedup_test import altered, document
from farpoint import Case, jsonl


class Killed(Case):
    """Kills runs when a file appears, and reads the logs of those that follow."""

    def kill_when(self, config: str, output: str, file: str, ranks: int) -> None:
        path = self.write("config.yaml", config)
        process = subprocess.Popen(self.command(ranks, "run", path, "--output", self.folder / output), cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pids = [process.pid]
        deadline = time.time() + 100
        while not (self.folder / output / file).exists():
            self.assertIsNone(process.poll(), "it ended before")
            self.assertLess(time.time(), deadline)
            time.sleep(0.002)
        if ranks > 1:
            pids += map(int, pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
        subprocess.run(["kill", "-KILL", *map(str, reversed(pids))], check=True)
        process.wait()
        self.wait_until_free(output)
        self.assertFalse((self.folder / output / "summary.json").exists(), "it was killed too late")

    def log_of(self, output: str, config: str, ranks: int) -> str:
        """What rank 0 and the others say in a run that ends."""
        logs = self.folder / output / "log"
        before = {path: path.stat().st_size for path in logs.glob("*")} if logs.exists() else {}
        self.run_config(config, output, ranks=ranks)
        return "".join(path.read_text()[before.get(path, 0):] for path in sorted(logs.glob("*")))

    def cut(self, path: pathlib.Path) -> None:
        path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])

    def flip(self, path: pathlib.Path) -> None:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)


class Dedup(Killed):
    """Near duplicates first, then vectors for a while, which is when the run is killed."""
    CONFIG = ("corpus: {shard_records: 500, pool: [{path: pool.jsonl}]}\n"
              "pipeline:\n"
              "  - attach: {as: emb, path: emb.npy}\n"
              "  - dedup: {exact: true, near: {threshold: 0.8}, semantic: {threshold: 0.99, vectors: emb}, substring: {tokens: 20}, "
              "checkpoint_seconds: 0}\n")
    STAGE = "stages/02-dedup-duplicate_of"

    def setUp(self):
        super().setUp()
        draw = random.Random(5)
        texts = []
        while len(texts) < 4000:
            words = document(draw, 60)
            texts += [words, words, altered(draw, words, 2)] if draw.random() < 0.2 else [words]
        self.write("pool.jsonl", jsonl([{"text": " ".join(words)} for words in texts]))
        rows = np.random.default_rng(5).normal(size=(len(texts), 512)).astype(np.float32)
        rows[1::10] = rows[0:-1:10] * 2
        np.save(self.folder / "emb.npy", rows)

    def answers(self, output: str) -> dict:
        stage = pathlib.Path(self.STAGE).name
        job = self.job(output, "dedup")
        return {"ids": self.column(output, stage, "id")[0].tolist(), "kept": self.column(output, stage, "kept")[1].tolist(),
                "of": self.column(output, stage, "duplicate_of")[1].tolist(), "facts": job["facts"],
                "examples": job["examples"], "counters": job["counters"], "rejects": self.rejects(output)}

    def check(self, output: str, expected: dict) -> None:
        self.assertEqual(self.answers(output), expected)
        self.assertFalse((self.folder / output / self.STAGE / "phases").exists())
        self.assertEqual(list((self.folder / output).rglob("*.tmp")), [])

    def test_a_phase_is_done_once(self):
        self.run_config(self.CONFIG, "whole")
        expected = self.answers("whole")
        for name in ("duplicate_exact", "duplicate_near", "duplicate_semantic"):
            self.assertGreater(expected["counters"][name], 50)
        self.kill_when(self.CONFIG, "out", f"{self.STAGE}/phases/near.h5", ranks=3)
        self.kill_when(self.CONFIG, "out", f"{self.STAGE}/phases/semantic.h5", ranks=2)
        phases = self.folder / "out" / self.STAGE / "phases"
        self.assertEqual(len(list(phases.glob("near-*.h5"))), 8)
        self.assertIn("goes on behind the phase 'near'", (self.folder / "out/log/rank-0000.log").read_text())

        # Without the last one, the one before it is taken; and a killed run's file under a temporary name does no harm.
        self.cut(phases / "semantic-00003.h5")
        (phases / "semantic-00004.h5.tmp").write_bytes(b"half")
        log = self.log_of("out", self.CONFIG, ranks=1)
        self.assertIn("semantic-00003.h5: gone, damaged", log)
        self.assertIn("goes on behind the phase 'near'", log)
        self.check("out", expected)

    def test_what_is_damaged_or_foreign_is_done_again(self):
        self.run_config(self.CONFIG, "whole")
        self.kill_when(self.CONFIG, "out", f"{self.STAGE}/phases/near.h5", ranks=2)
        (self.folder / "out" / self.STAGE / "phases/near-00001.h5").unlink()
        log = self.log_of("out", self.CONFIG, ranks=3)
        self.assertIn("near-00001.h5: gone, damaged", log)
        self.assertNotIn("goes on behind", log)
        self.check("out", self.answers("whole"))

        other = self.CONFIG.replace("threshold: 0.8", "threshold: 0.6")
        self.run_config(other, "other")
        self.kill_when(self.CONFIG, "changed", f"{self.STAGE}/phases/near.h5", ranks=1)
        log = self.log_of("changed", other, ranks=2)
        self.assertIn("near.h5: damaged, or of other options", log)
        self.assertNotIn("goes on behind", log)
        self.check("changed", self.answers("other"))


class Folds(Killed):
    """Models of folds, one after the other."""

    def test_a_fitted_model_is_kept(self):
        draw = np.random.default_rng(7)
        rows = draw.normal(size=(4000, 100)).astype(np.float32)
        np.save(self.folder / "pool.npy", rows)
        np.save(self.folder / "curated.npy", draw.normal(size=(2000, 100)).astype(np.float32) + 0.1)
        config = ("corpus: {shard_records: 1000, pool: [{path: pool.npy, as: emb}], curated: [{path: curated.npy, as: emb}]}\n"
                  "pipeline: [contrast: {as: like, folds: 6, l2: 1.0e-6}]\n")
        stage = "01-contrast-like"
        self.run_config(config, "whole")
        expected = self.column("whole", stage, "like")[1].view(np.uint64)
        facts = self.job("whole", "contrast")["facts"]
        trained = self.folder / "out/stages" / stage / "trained"
        for ranks, kept, damaged in ((2, 1, []), (3, 3, ["model-1.h5"])):
            self.kill_when(config, "out", f"stages/{stage}/trained/model-{kept}.h5", ranks)
            for name in damaged:
                self.cut(trained / name)
        log = self.log_of("out", config, ranks=1)
        for model in (0, 2, 3):
            self.assertIn(f"model {model} is kept", log)
        self.assertNotIn("model 1 is kept", log)
        self.assertIn("model-1.h5: damaged", log)
        np.testing.assert_array_equal(self.column("out", stage, "like")[1].view(np.uint64), expected)
        self.assertEqual(self.job("out", "contrast")["facts"], facts)
        self.assertFalse(trained.exists())

    def test_a_fine_tuned_model_is_kept_and_checked(self):
        draw = random.Random(6)

        def texts(letters, count):
            return jsonl([{"text": "".join(draw.choice(letters) for _ in range(12))} for _ in range(count)])

        self.write("curated.jsonl", texts("abcd ", 60))
        self.write("pool.jsonl", texts("abcdwxyz ", 90))
        golden = pathlib.Path(__file__).resolve().parents[1] / "golden/models/bert-classify"
        config = (f"corpus: {{shard_records: 40, pool: [{{path: pool.jsonl}}], curated: [{{path: curated.jsonl}}]}}\n"
                  f"models: {{enc: {{path: {golden}}}}}\n"
                  "pipeline: [contrast: {as: like, learner: encoder, model: enc, folds: 3, epochs: 4, batch: 16, micro_batch: 4, "
                  "learning_rate: 3.0e-3}]\n")
        often = config.replace("epochs: 4", "epochs: 4, checkpoint_seconds: 0")
        stage = "stages/01-contrast-like"
        self.run_config(config, "whole")
        self.kill_when(often, "out", f"{stage}/model-1.training", ranks=2)
        first = self.folder / "out" / stage / "model-0/model.safetensors"
        before = first.stat().st_mtime_ns
        self.kill_when(often, "out", f"{stage}/model-2.training", ranks=1)
        self.assertEqual(first.stat().st_mtime_ns, before, "a finished model was trained again")
        self.flip(self.folder / "out" / stage / "model-1/model.safetensors")
        self.flip(self.folder / "out" / stage / "model-2.training")
        log = self.log_of("out", config, ranks=2)
        self.assertIn("model-1: damaged", log)
        self.assertIn("model-2.training is not taken up", log)
        self.assertEqual(first.stat().st_mtime_ns, before)
        for output in ("whole", "out"):
            self.assertEqual(list((self.folder / output / stage).glob("*.training")), [])
        np.testing.assert_array_equal(*(self.column(output, "01-contrast-like", "like")[1].view(np.uint64)
                                        for output in ("whole", "out")))
        self.assertEqual(json.dumps(self.job("out", "contrast")["facts"]), json.dumps(self.job("whole", "contrast")["facts"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
