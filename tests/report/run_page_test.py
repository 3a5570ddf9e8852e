# SPDX-License-Identifier: Apache-2.0
"""Reports and comparisons of real runs, opened in Chromium."""
import json
import pathlib
import sys
import unittest

from playwright.sync_api import sync_playwright

import page_visit

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import farpoint  # noqa: E402  (a module of the end-to-end tests)

CONFIG = """
corpus: {pool: [{path: pool.jsonl, name: %s}], max_reject_fraction: 0.5}
pipeline:
  - clean: {min_chars: 12}
  - dedup: {near: {threshold: 0.8}}
  - embed: {as: emb}
  - select: {method: k-center, vectors: emb, budget: {records: 12}, quota: {by: record.topic, max: {a: 8}}}
  - report: {}
"""
HOSTILE = ["<script>window.__pwned = 1</script>", "</script><script>window.__pwned = 2</script>",
           "<img src=x onerror='window.__pwned = 3'>", "<svg onload=alert(1)>", "javascript:alert(1)", "<!-- <script>",
           "\u202eright to left\u202c and \u2066isolated", "line\u2028separator\u2029\u0000 null", "a\u0301" * 300,
           "\U0001f469\u200d\U0001f52c \ufffd", "{{constructor.constructor('alert(1)')()}}", "&lt;b&gt; &amp; ]]>"]


class RunPage(farpoint.Case):
    @classmethod
    def setUpClass(cls):
        cls.playwright = sync_playwright().start()
        cls.browser = cls.playwright.chromium.launch(executable_path="/usr/bin/chromium", args=page_visit.CHROMIUM)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.playwright.stop()

    def visit(self, path: pathlib.Path, width: int = 1280):
        context = self.browser.new_context(viewport={"width": width, "height": 800})
        self.addCleanup(context.close)
        visit = page_visit.Visit(context, path)
        visit.draw_all()
        visit.page.evaluate(page_visit.OPEN_ALL)
        visit.page.evaluate(page_visit.CLICK_ALL)
        return visit

    def check(self, path: pathlib.Path, sections: list):
        for width in (360, 1280):
            visit = self.visit(path, width)
            self.assertEqual(visit.faults, [])
            self.assertFalse(visit.page.evaluate("'__pwned' in window"))
            for section in sections:
                self.assertTrue(visit.page.query_selector(f"#{section} h2"), section)
            self.assertLessEqual(visit.page.evaluate("document.documentElement.scrollWidth"), width)
        return visit

    def write_pool(self, texts: list):
        lines = [json.dumps({"instruction": f"{text} question {i} of {len(texts)}", "output": f"answer {i * i}: {text}",
                             "topic": "ab"[i % 2]}, ensure_ascii=bool(i % 2)) for i, text in enumerate(texts)]
        self.write("pool.jsonl", ("\n".join(lines) + "\n").encode() + b'{"text": "broken \xff\xfe utf-8"}\n')

    def test_an_ordinary_run(self):
        self.write_pool([f"Tell me about the {a} {b}" for a in "red green blue old new".split()
                         for b in "house tree river road hill song".split()])
        self.run_config(CONFIG % "plain", "run")
        visit = self.check(self.folder / "run/report.html", page_visit.REPORT)
        self.assertIn("12", visit.text())
        self.assertIn("bad utf8", visit.text())

    def test_hostile_records(self):
        self.write_pool(HOSTILE * 3 + ["<script>alert(1)</script>" * 40_000, "x" * 1_000_000])
        self.run_config(CONFIG % json.dumps("<script>window.__pwned = 4</script>"), "run")
        path = self.folder / "run/report.html"
        self.assertLess(path.stat().st_size, page_visit.LARGEST_PAGE)
        visit = self.check(path, page_visit.REPORT)
        self.assertIn("window.__pwned = 4", visit.text())

    def test_a_comparison(self):
        self.write_pool(HOSTILE * 4)
        self.run_config(CONFIG % json.dumps("<b>"), "one")
        self.run_config(CONFIG % json.dumps("<b>"), "two", "--set", "select.method=random")
        self.call("compare", "one", "two", "--out", "both.html")
        self.check(self.folder / "both.html", page_visit.COMPARE)


if __name__ == "__main__":
    unittest.main()
