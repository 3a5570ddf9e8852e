# SPDX-License-Identifier: Apache-2.0
"""The page of reports and comparisons in Chromium: filled as the program fills it, opened, and watched."""
import html
import json
import os
import pathlib
import tempfile
import unittest

import page_data
from playwright.sync_api import sync_playwright

PAGE = pathlib.Path(os.environ["FARPOINT_PAGE"]).read_text(encoding="utf-8")
CHROMIUM = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
REPORT = ["funnel", "removed", "distributions", "map", "coverage", "extremes", "groups", "tail", "duplicates", "performance", "configuration"]
COMPARE = ["runs", "overlap", "coverage", "differences", "distributions", "only"]
LARGEST_PAGE = 8 * 1024 * 1024

OPEN_ALL = """() => { for (let round = 0; round < 2; ++round) for (const one of document.querySelectorAll("details")) one.open = true; }"""
CLICK_ALL = """() => { for (const one of document.querySelectorAll("main button.quiet:not(.copy), .sort")) one.click(); }"""


def filled(data):
    """The page with the data in it: the markers replaced in the order and the way of the program."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    title = "Farpoint" if isinstance(data, str) else f"{data.get('title')} - Farpoint"
    return (PAGE.replace("@FARPOINT_NONCE@", "b4c8a1").replace("@FARPOINT_TITLE@", html.escape(title, quote=False))
            .replace("@FARPOINT_DATA@", text.replace("<", "\\u003c")))


class Visit:
    """An open page, and everything that it must not do."""

    def __init__(self, context, path):
        self.context, self.path, self.faults = context, path, []
        context.set_default_timeout(120_000)  # where others have the processor
        self.page = context.new_page()
        self.page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("popup", lambda popup: self.faults.append(f"popup: {popup.url}"))
        self.page.on("request", lambda request: None if request.url in (f"file://{path}", "data:,") else self.faults.append(f"request: {request.url}"))
        self.page.goto(f"file://{path}")

    def draw_all(self):
        self.page.evaluate("dispatchEvent(new Event('beforeprint'))")

    def table(self, selector):
        """The rows of a table as lists of texts, head first, its details opened."""
        return self.page.eval_on_selector(selector, """(host) => {
          const details = host.matches("details") ? host : host.querySelector("details.numbers");
          if (details && !host.querySelector("table")) { details.open = true; details.dispatchEvent(new Event("toggle")); }
          return [...host.querySelector("table").rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim())); }""")

    def text(self, selector="#content"):
        return self.page.inner_text(selector)


class PageCase(unittest.TestCase):
    """One browser for the tests of a class."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.driver = sync_playwright().start()
        cls.browser = cls.driver.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        cls.data = {name: make() for name, make in page_data.CASES.items()}

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.driver.stop()
        cls.folder.cleanup()

    def visit(self, case, width=1280, scheme="light", **more):
        data = self.data[case] if isinstance(case, str) and case in self.data else case
        path = pathlib.Path(self.folder.name) / (f"{case}.html" if isinstance(case, str) and case in self.data else "other.html")
        if path.name == "other.html" or not path.exists():
            path.write_text(filled(data), encoding="utf-8")
        context = self.browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", **more)
        self.addCleanup(context.close)
        return Visit(context, path)
