# SPDX-License-Identifier: Apache-2.0
"""Nothing of the product needs a network: commands, models, ranks, reports and exports where there is none."""
import pathlib
import subprocess
import sys
import unittest

import farpoint

GOLDEN = farpoint.REPOSITORY / "tests/golden/models"
WITHOUT_NETWORK = ["unshare", "--user", "--map-root-user", "--net", sys.executable,
                   str(pathlib.Path(__file__).with_name("without_network.py"))]
CONFIG = f"""
corpus: {{pool: [{{path: pool.jsonl}}], curated: [{{path: curated.jsonl}}], shard_records: 50}}
models:
  enc: {{path: {GOLDEN}/sentence-minilm}}
  lm: {{path: {farpoint.REPOSITORY}/examples/tiny-lm}}
pipeline:
  - clean: {{profile: instruction}}
  - dedup: {{exact: true, near: {{threshold: 0.8}}, against: curated}}
  - embed: {{model: enc, as: emb}}
  - perplexity: {{model: lm, as: ppl}}
  - select: {{vectors: emb, budget: {{records: 20}}}}
  - export: {{format: messages, path: subset.jsonl}}
  - report: {{}}
"""


class Offline(farpoint.Case):
    def setUp(self):
        super().setUp()
        probe = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=20)"
        done = subprocess.run([*WITHOUT_NETWORK, sys.executable, "-c", probe], capture_output=True, text=True)
        if "Network is unreachable" not in done.stderr:
            self.skipTest(f"this machine makes no network namespaces: {done.stderr.strip().splitlines()[-1]}")
        self.write("pool.jsonl", farpoint.jsonl(farpoint.instructions(150)))
        self.write("curated.jsonl", farpoint.jsonl(farpoint.instructions(160)[150:]))

    def command(self, ranks: int, *arguments) -> list:
        return [*WITHOUT_NETWORK, *super().command(ranks, *arguments)]

    def test_a_first_run_from_files_to_report(self):
        self.call("init", "pool.jsonl", "--output", "config.yaml")
        self.call("validate", "config.yaml")
        self.call("run", "config.yaml", "--output", "run")
        self.call("status", "run")
        self.call("report", "run", "--out", "again.html")
        self.assertEqual((self.folder / "again.html").read_bytes()[:15], b"<!doctype html>")

    def test_models_ranks_comparison_and_exports(self):
        self.write("config.yaml", CONFIG)
        self.call("estimate", "config.yaml")
        self.run_config(CONFIG, "one")
        self.run_config(CONFIG, "three", ranks=3)
        self.assert_same_selection(self.subset("one"), self.subset("three"))
        self.assertTrue((self.folder / "three/report.html").exists())
        self.call("compare", "one", "three")
        self.call("export", "one", "--format", "datasets", "--out", "data")
        self.assertTrue((self.folder / "data/README.md").exists())


if __name__ == "__main__":
    unittest.main()
