# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of docs/python.md and python/README.md, in order, on the run that the page makes."""
import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
import unittest

from case import REPOSITORY, Case, has

PAGES = ("docs/python.md", "python/README.md")


def blocks(page: str, language: str) -> list:
    """(number of the first line, text) of each block."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    return [(text.count("\n", 0, match.start()) + 2, match[1])
            for match in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


class Documentation(Case):
    def test_the_examples(self):
        corpus = subprocess.run([sys.executable, REPOSITORY / "examples/make_corpus.py", "1000"], check=True,
                                capture_output=True, text=True, encoding="utf-8").stdout
        self.write("corpus.jsonl", corpus)
        self.write("good.jsonl", "".join(corpus.splitlines(keepends=True)[:100]))
        [(_, config)] = blocks("docs/python.md", "yaml")
        self.write("demo.yaml", config)
        self.call("run", "demo.yaml")
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)

        for page in PAGES:
            names: dict = {}
            found = blocks(page, "python")
            self.assertGreater(len(found), 0)
            for line, block in found:
                if "pandas" in block and not has("pandas"):
                    continue
                with self.subTest(f"{page}:{line}"):
                    self.run_block(page, line, block, names)

    def run_block(self, page: str, line: int, block: str, names: dict):
        if not block.startswith(">>>"):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile("\n" * (line - 1) + block, page, "exec"), names)
            return
        test = doctest.DocTestParser().get_doctest(block, {}, page, page, line - 1)
        test.globs = names
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        printed = io.StringIO()
        failed, tried = runner.run(test, out=printed.write, clear_globs=False)
        self.assertGreater(tried, 0)
        self.assertEqual(failed, 0, printed.getvalue())


if __name__ == "__main__":
    unittest.main()
