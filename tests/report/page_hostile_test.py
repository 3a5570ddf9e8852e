# SPDX-License-Identifier: Apache-2.0
"""What texts of strangers cannot do to the page of reports, and what it is put together from."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import page_data
from page_visit import OPEN_ALL, PAGE, PageCase

ROOT = pathlib.Path(__file__).resolve().parents[2]


class HostileTest(PageCase):
    def test_hostile_texts_are_shown_as_texts(self):
        data = page_data.report(seed=9, pool=50, subset=20)
        texts = page_data.HOSTILE[:8]
        data["farthest"] = [{"id": i, "source": text, "text": text, "distance": 0.5} for i, text in enumerate(texts)]
        visit = self.visit(data)
        shown = visit.page.eval_on_selector_all("#extremes .pairs:first-of-type .record-text", "(all) => all.map((one) => one.textContent)")[:len(texts)]
        invisible = {"\u202e": "202E", "\u202c": "202C", "\u2066": "2066", "\u2069": "2069", "\u200b": "200B", "\ufeff": "FEFF",
                     "\u2028": "2028", "\u2029": "2029", "\x00": "0000", "\x07": "0007", "\x1b": "001B"}
        self.assertEqual(shown, ["".join(f"⟦U+{invisible[c]}⟧" if c in invisible else c for c in text) for text in texts])
        self.assertEqual(visit.faults, [])
        hostile = self.visit("hostile")
        hostile.draw_all()
        hostile.page.evaluate(OPEN_ALL)
        shown = hostile.page.evaluate("document.body.innerText + [...document.querySelectorAll('svg text, svg title')].map((t) => t.textContent).join()")
        for turning in "\u202a\u202b\u202d\u202e\u2066\u2067\u200e\u200f\ufeff":
            self.assertNotIn(turning, shown)
        isolated = re.findall("\u2068[^\u2068\u2069]*\u2069", shown)  # the page's own, around names from right to left
        self.assertGreater(len(isolated), 0)
        self.assertEqual((len(isolated), len(isolated)), (shown.count("\u2068"), shown.count("\u2069")))
        self.assertEqual(hostile.page.eval_on_selector_all(".record-text:not(.empty)", "(all) => all.every((one) => one.dir === 'auto')"), True)

    def test_a_right_to_left_text_has_its_own_direction(self):
        data = page_data.report(seed=9, pool=50, subset=20)
        data["farthest"] = [{"id": 1, "source": "شبكة", "text": "سلام دنیا", "distance": 0.5}]
        visit = self.visit(data)
        self.assertEqual(visit.page.eval_on_selector("#extremes .record-text", "(one) => getComputedStyle(one).direction"), "rtl")
        self.assertEqual(visit.page.eval_on_selector("#extremes", "(one) => getComputedStyle(one).direction"), "ltr")
        self.assertEqual(visit.page.eval_on_selector("#extremes .record-source bdi", "(one) => getComputedStyle(one).unicodeBidi"), "isolate")

    def test_a_title_cannot_break_out(self):
        data = page_data.report(seed=10, pool=20, subset=5)
        data["title"] = "</title><script>window.__pwned = 9</script>"
        visit = self.visit(data)
        self.assertEqual(visit.page.title(), "</title><script>window.__pwned = 9</script> - Farpoint")
        self.assertEqual(visit.page.evaluate("typeof window.__pwned"), "undefined")
        self.assertEqual(visit.text("h1"), data["title"])
        self.assertEqual(visit.faults, [])

    def test_the_policy_stops_scripts_that_are_not_the_page_s(self):
        visit = self.visit("ordinary")
        visit.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.__pwned = 1\"><a id=bad href=\"javascript:window.__pwned = 2\">x</a>'); document.getElementById('bad').click()")
        visit.page.evaluate("{ const one = document.createElement('script'); one.textContent = 'window.__pwned = 3'; document.body.append(one); }")
        visit.page.evaluate("fetch('file:///etc/hostname').catch(() => 0)")
        visit.page.wait_for_timeout(200)
        self.assertEqual(visit.page.evaluate("typeof window.__pwned"), "undefined")
        self.assertGreaterEqual(sum("Content Security Policy" in fault for fault in visit.faults), 3, visit.faults)

    def test_damaged_data_and_no_javascript_are_said(self):
        self.assertIn("cannot be read", self.visit('{"kind": "report", ').text())
        context = self.browser.new_context(java_script_enabled=False)
        self.addCleanup(context.close)
        page = context.new_page()
        page.goto(self.visit("ordinary").page.url)
        self.assertIn("switched off", page.inner_text("body"))


class AssemblyTest(unittest.TestCase):
    def test_markers_policy_and_licences_are_there(self):
        for marker in ("@FARPOINT_DATA@", "@FARPOINT_TITLE@"):
            self.assertEqual(PAGE.count(marker), 1)
        self.assertEqual(PAGE.count("@FARPOINT_NONCE@"), 3)
        self.assertIn("script-src 'nonce-@FARPOINT_NONCE@'", PAGE)
        self.assertIn("default-src 'none'", PAGE)
        self.assertEqual(PAGE.count("</script>"), 3)
        for owner in ("Mike Bostock", "Observable, Inc."):
            self.assertIn(f"{owner}\n\nPermission to use, copy, modify", PAGE)
        self.assertLess(len(PAGE.encode()), 700_000)

    def test_what_is_missing_is_named_with_the_way_out(self):
        with tempfile.TemporaryDirectory() as folder:
            made = subprocess.run(["cmake", f"-DPAGE={ROOT}/src/report/page", f"-DPLOT={folder}", "-DSCRIPTS=main.js", f"-DOUTPUT={folder}/page.html",
                                   "-P", f"{ROOT}/cmake/assemble_page.cmake"], capture_output=True, text=True)
            said = " ".join(made.stderr.split())
            self.assertNotEqual(made.returncode, 0)
            self.assertIn("d3.min.js", said)
            self.assertIn("scripts/plot.sh fetches it", said)
            self.assertFalse(os.path.exists(f"{folder}/page.html"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
