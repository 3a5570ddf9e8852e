# SPDX-License-Identifier: Apache-2.0
"""The page of reports and comparisons in Chromium, with made-up data: what it shows, and how it is used."""
import re
import time
import unittest

import page_data
from page_visit import CLICK_ALL, COMPARE, LARGEST_PAGE, OPEN_ALL, REPORT, PageCase, filled

# Text and the colour behind it, both as the browser computes them: contrast by WCAG 2, least first.
CONTRASTS = r"""() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  canvas.canvas.width = canvas.canvas.height = 1;
  const paint = (colors) => { canvas.clearRect(0, 0, 1, 1); for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
  const luminance = (rgb) => rgb.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = (element) => { const colors = []; for (let at = element; at; at = at.parentElement) colors.unshift(getComputedStyle(at).backgroundColor); return ["white", ...colors]; };
  const found = [], walker = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("style, .heard, [hidden]") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element), color = element.closest("svg") ? style.fill : style.color, back = behind(element.closest("svg") ? element.closest("svg") : element);
    const a = luminance(paint(back)), b = luminance(paint([...back, color]));
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), walker.currentNode.data.slice(0, 40), color]);
  }
  return found.sort((x, y) => x[0] - y[0]);
}"""


class PageTest(PageCase):
    def test_nothing_is_said_asked_or_run_in_any_case(self):
        for case in page_data.CASES:
            with self.subTest(case):
                visit = self.visit(case)
                visit.draw_all()
                visit.page.evaluate(OPEN_ALL)
                visit.page.wait_for_timeout(50)
                if case != "huge":
                    visit.page.evaluate(CLICK_ALL)
                visit.page.wait_for_timeout(200)
                self.assertEqual(visit.faults, [])
                self.assertEqual(visit.page.evaluate("typeof window.__pwned"), "undefined")
                self.assertEqual(visit.page.evaluate("document.querySelectorAll('#page :is(script, img, iframe, object, embed, base, meta, form)').length"), 0)
                self.assertEqual(visit.page.evaluate("[...document.querySelectorAll('#page [href]')].filter((a) => !/^#[a-z]+$/.test(a.getAttribute('href'))).length"), 0)
                self.assertEqual(visit.page.evaluate("[...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name))).length"), 0)
                self.assertNotIn("could not be drawn", visit.text())
                for wrong in ("NaN", "undefined", "[object", "Infinity"):
                    self.assertNotIn(wrong, visit.text())
                visit.context.close()

    def test_every_section_has_its_heading_and_its_figures(self):
        for case, names, figures in (("ordinary", REPORT, {"funnel": 1, "removed": 1, "distributions": 5, "map": 1, "coverage": 2, "groups": 1, "tail": 2,
                                                           "duplicates": 1, "performance": 2}),
                                     ("compare", COMPARE, {"coverage": 2, "distributions": 2})):
            visit = self.visit(case)
            visit.draw_all()
            self.assertEqual(visit.page.eval_on_selector_all("main > section", "(all) => all.map((one) => one.id)"), names)
            self.assertEqual(visit.page.eval_on_selector_all(".contents a", "(all) => all.map((one) => one.getAttribute('href').slice(1))"), names)
            for name in names:
                self.assertEqual(visit.page.locator(f"#{name} > h2").count(), 1)
                self.assertEqual(visit.page.locator(f"#{name} figure svg.farpoint-plot[role=img][aria-label]").count(), figures.get(name, 0), name)
            drawn = visit.page.eval_on_selector_all("figure", """(all) => all.map((one) => [one.querySelector("figcaption").innerText.length > 20,
              one.querySelectorAll("details.numbers").length === 1, one.querySelectorAll("svg.farpoint-plot path, svg.farpoint-plot rect").length > 1])""")
            self.assertEqual(drawn, [[True, True, True]] * sum(figures.values()))

    def test_figures_below_the_window_are_drawn_when_they_come_near(self):
        visit = self.visit("ordinary")
        self.assertEqual(visit.page.locator("#performance svg.farpoint-plot").count(), 0)
        visit.page.locator("#performance").scroll_into_view_if_needed()
        visit.page.wait_for_selector("#performance svg.farpoint-plot")

    def test_the_body_never_scrolls_sideways(self):
        for case in ("ordinary", "hostile", "compare", "compare_hostile", "compare_nine", "lonely"):
            for width in (360, 768, 1280):
                with self.subTest(case, width=width):
                    visit = self.visit(case, width=width)
                    visit.draw_all()
                    visit.page.evaluate(OPEN_ALL)
                    visit.page.wait_for_timeout(100)
                    self.assertLessEqual(visit.page.evaluate("document.documentElement.scrollWidth"), width)
                    visit.context.close()

    def test_text_has_enough_contrast_in_light_and_dark(self):
        for case in ("ordinary", "hostile", "worse", "compare"):
            for scheme in ("light", "dark"):
                with self.subTest(case, scheme=scheme):
                    visit = self.visit(case, scheme=scheme)
                    visit.draw_all()
                    visit.page.evaluate(OPEN_ALL)
                    found = visit.page.evaluate(CONTRASTS)
                    self.assertGreater(len(found), 100)
                    self.assertGreaterEqual(found[0][0], 4.5, found[0])
                    visit.context.close()

    def test_the_tables_have_the_numbers_of_the_data(self):
        visit, data = self.visit("ordinary"), self.data["ordinary"]
        rows = visit.table("#funnel figure")
        self.assertEqual([row[0] for row in rows[1:]], ["ingest", "clean", "dedup (copies)", "embed (emb)", "select"])
        self.assertEqual([row[1:4] for row in rows[1:]], [[f"{one[key]:,}" for key in ("in", "out", "rejected")] for one in data["funnel"]])
        overall = data["coverage"]["overall"]
        rows = visit.table("#coverage > .table")
        self.assertEqual([row[2:8] for row in rows[1:]], [[f"{overall[side][key]:.4f}" for key in ("mean", "p50", "p90", "p95", "p99", "max")]
                                                          for side in ("subset", "random")])
        language = data["distributions"][2]["bins"]
        rows = visit.table("#distributions figure:nth-of-type(3)")
        self.assertEqual([row[:2] for row in rows[1:]], [[one["name"], f"{one['pool']:,}"] for one in language])
        self.assertEqual([row[2].replace("\u00a0", " ") for row in rows[1:]], [f"{100 * one['pool'] / 21000:.1f} %" for one in language])
        outside = [not one.get("log") for one in data["distributions"] if one["kind"] == "numbers"]
        self.assertEqual(visit.text().count("7 records of the pool lie outside the figure"), sum(outside))
        self.assertGreater(sum(outside), 0)
        tail = sorted(data["tail"][1]["rows"], key=lambda row: -row["pool"])
        rows = visit.table("#tail figure:nth-of-type(2)")
        pool, subset = (sum(row[key] for row in tail) for key in ("pool", "subset"))
        self.assertEqual([row[0] for row in rows[1:]], [row["name"] for row in tail])
        for shown, row in zip(rows[1:], tail):
            self.assertEqual(shown[1::2][:3], [f"{row[key]:,}" for key in ("pool", "subset", "random")])
            self.assertAlmostEqual(float(shown[7].split("\u00a0")[1]), row["subset"] / subset / (row["pool"] / pool), delta=0.0051)
        self.assertEqual(len(visit.table("#performance figure:nth-of-type(2)")), 1 + 5 * 2)

    def test_the_tables_of_a_comparison_have_its_numbers(self):
        visit, data = self.visit("compare"), self.data["compare"]
        rows = visit.table("#overlap > .table")
        self.assertEqual([[int(re.split(r"\s", cell)[0]) for cell in row[1:]] for row in rows[1:]], data["overlap"])
        shared = data["overlap"][0][1]
        self.assertIn(f"{100 * shared / (1000 - shared):.1f}", rows[1][2])
        self.assertEqual(visit.table("#differences > .table")[1:], [[row["option"], *map(str, row["values"])] for row in data["differences"]])
        self.assertNotIn("do not have the same pool", visit.text())
        self.assertNotIn("do not compare", visit.text())
        self.assertIn("Distances of these runs do not compare", self.visit("compare_nine").text())
        self.assertIn("do not have the same pool", self.visit("compare_hostile").text())

    def test_a_click_on_a_head_sorts(self):
        visit = self.visit("ordinary")
        visit.table("#tail figure:nth-of-type(2)")
        head = visit.page.locator("#tail figure:nth-of-type(2) thead button", has_text="subset").first
        for direction in ("descending", "ascending"):
            head.click()
            values = [int(row[3]) for row in visit.table("#tail figure:nth-of-type(2)")[1:]]
            self.assertEqual(values, sorted(values, reverse=direction == "descending"))
            self.assertEqual(visit.page.locator(f"#tail figure:nth-of-type(2) th[aria-sort={direction}]").count(), 1)

    def test_the_map_shows_the_record_under_the_pointer(self):
        visit, data = self.visit("lonely"), self.data["lonely"]
        chosen = data["map"]["subset"][0]
        visit.draw_all()
        visit.page.locator("#map .plot").scroll_into_view_if_needed()
        box = visit.page.locator("#map svg.farpoint-plot").bounding_box()  # all its points are in the middle
        visit.page.mouse.move(box["x"] + box["width"] / 2 + 2, box["y"] + box["height"] / 2 + 2)
        visit.page.wait_for_selector(".map-tip:not([hidden])")
        self.assertIn(f"record {chosen['id']}", visit.text(".map-tip"))
        self.assertIn("only", visit.text(".map-tip"))
        self.assertIn(chosen["text"].split("\n")[0][:60], " ".join(visit.text(".map-tip").split()))
        self.assertIn("Click a record", visit.text(".map-card"))
        visit.page.mouse.down()
        visit.page.mouse.up()
        self.assertIn(f"record {chosen['id']}", visit.text(".map-card"))
        self.assertEqual(visit.faults, [])

    def test_the_map_is_walked_by_keys_and_filtered_by_source(self):
        visit, data = self.visit("ordinary"), self.data["ordinary"]
        visit.draw_all()
        visit.page.focus("#map .plot")
        for position in (0, 1, 2):
            visit.page.keyboard.press("ArrowRight")
            record = data["map"]["subset"][position]
            self.assertIn(f"chosen as number {position + 1}", visit.text(".map-card"))
            self.assertIn(f"record {record['id']}", visit.text(".map-card"))
        visit.page.keyboard.press("ArrowLeft")
        self.assertIn("chosen as number 2", visit.text(".map-card"))
        symbols = lambda: visit.page.locator("#map svg.farpoint-plot g[aria-label=dot] path").count()
        everything = symbols()
        visit.page.locator("#map button.source", has_text="tools").click()
        self.assertEqual(symbols(), sum(one["source"] == "tools" for one in data["map"]["subset"]))
        visit.page.locator("#map button.source", has_text="tools").click()
        self.assertEqual(symbols(), everything)
        visit.page.locator("#map .order input").fill("10")
        visit.page.wait_for_function("document.querySelectorAll('#map svg.farpoint-plot g[aria-label=dot] path').length === 10")
        self.assertIn("the first 10 of 500 chosen", visit.text("#map .order"))
        visit.page.get_by_label("subset", exact=True).uncheck()
        self.assertEqual(symbols(), 0)
        self.assertEqual(visit.faults, [])

    def test_tips_of_figures_say_the_numbers(self):
        visit = self.visit("ordinary")
        visit.draw_all()
        svg = visit.page.locator("#distributions svg.farpoint-plot").nth(2)
        svg.scroll_into_view_if_needed()
        box = svg.bounding_box()
        visit.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 22)
        visit.page.wait_for_function("document.querySelectorAll('#distributions svg.farpoint-plot')[2].querySelector('g[aria-label=tip]').textContent")
        tip = svg.locator("g[aria-label=tip]").text_content()
        for part in ("en", "pool  76.2", "subset  66.0", "random  76.2"):
            self.assertIn(part, tip.replace("\u00a0%", ""))

    def test_all_is_reached_by_keyboard(self):
        visit = self.visit("ordinary")
        visit.page.keyboard.press("Tab")
        self.assertEqual(visit.page.evaluate("document.activeElement.className"), "skip")
        visit.page.locator("#funnel summary").focus()
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#funnel table")
        reached = set()
        for _ in range(60):
            visit.page.keyboard.press("Tab")
            reached.add(visit.page.evaluate("(document.activeElement.closest('section') ?? {}).id"))
            outline = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            self.assertNotEqual(outline, "none", visit.page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        self.assertLessEqual({"funnel", "removed", "distributions", "map", "coverage"}, reached)

    def test_long_texts_are_clamped_and_opened(self):
        visit, data = self.visit("huge"), self.data["huge"]
        text = visit.page.locator("#extremes .record-text").first
        self.assertLess(text.bounding_box()["height"], 120)
        self.assertLess(len(text.text_content()), 2000)
        button = visit.page.locator("#extremes .record button").first
        self.assertEqual(button.get_attribute("aria-expanded"), "false")
        button.click()
        self.assertEqual(text.evaluate("(one) => one.textContent.length"), len(data["farthest"][0]["text"]))
        button.click()
        self.assertLess(text.bounding_box()["height"], 120)

    def test_print_has_every_figure_in_light_colours(self):
        visit = self.visit("ordinary", scheme="dark")
        visit.page.emulate_media(media="print", color_scheme="dark")
        visit.page.wait_for_function("document.querySelectorAll('svg.farpoint-plot').length > 2")
        undrawn = visit.page.eval_on_selector_all(".plot", "(all) => all.filter((one) => !one.querySelector('svg.farpoint-plot')).length")
        self.assertEqual((undrawn, visit.page.locator(".plot").count()), (0, 16))
        self.assertEqual(visit.page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
        self.assertFalse(visit.page.locator(".contents").is_visible())
        self.assertEqual(visit.page.locator("main button:not(.sort, .source)").filter(visible=True).count(), 0)
        other = self.visit("ordinary")
        pdf = other.page.pdf(format="A4")
        self.assertTrue(pdf.startswith(b"%PDF"))
        self.assertEqual(other.page.locator("svg.farpoint-plot").count(), 16)
        self.assertEqual(other.faults, [])

    def test_the_theme_is_switched_and_nothing_is_stored(self):
        visit = self.visit("ordinary", scheme="light")
        back = lambda: visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        light = back()
        visit.page.get_by_role("button", name="Dark colours").click()
        self.assertNotEqual(back(), light)
        visit.page.get_by_role("button", name="Light colours").click()
        self.assertEqual(back(), light)
        visit.page.get_by_role("button", name="Dark colours").click()
        self.assertEqual(visit.page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length"), 0)
        visit.page.reload()
        self.assertEqual(back(), light)

    def test_the_verdict_knows_what_a_method_is_for(self):
        self.assertNotIn("is not what it is for", self.visit("worse").text(".verdict"))
        self.assertIn("coverage is not what it is for", self.visit({**self.data["worse"], "method": "top"}).text(".verdict"))

    def test_the_verdict_is_plain(self):
        claim = lambda change: self.visit({**self.data["worse"], **change}).text(".claim")
        coverage = lambda mean, p95: {"coverage": {"overall": {"subset": {"mean": mean, "p95": p95}, "random": {"mean": 0.5, "p95": 0.8}}}}
        self.assertEqual(claim(coverage(0.4, 0.6)), "The subset covers the pool better than as many random records.")
        self.assertEqual(claim(coverage(0.499, 0.79)), "The subset covers the pool slightly better than as many random records.")
        self.assertEqual(claim(coverage(0.5, 0.801)), "As many random records cover the pool as well as this subset.")
        self.assertEqual(claim(coverage(0.7, 0.9)), "As many random records cover the pool better than this subset.")
        self.assertIn("on average, and worse for the records far out", claim(coverage(0.4, 0.9)))
        self.assertIn("for the records far out, and worse on average", claim(coverage(0.6, 0.6)))
        self.assertIn("random itself", claim({"method": "random"}))
        self.assertIn("10.0\u00a0% farther", self.visit({**self.data["worse"], **coverage(0.55, 0.88)}).text(".verdict"))

    def test_what_is_missing_is_said(self):
        says = lambda case, *parts: [self.assertIn(part, text) for text in [self.visit(case).text()] for part in parts]
        says("without_select", "This run chose no subset", "There is no map", "Coverage was not measured", "looked for no duplicates")
        says("empty_subset", "The subset is empty", "Nothing was chosen", "Coverage was not measured")
        says("no_records", "There is nothing to show", "No record left for a rule", "No column was counted", "No times are known")
        says("nulls", "This run chose no subset")
        says("compare_nulls", "No run measured its coverage")
        self.assertNotIn("By rank", self.visit("lonely").text())

    def test_the_commands_are_copied(self):
        visit = self.visit("ordinary")
        visit.page.locator("#configuration .copy").first.click()
        visit.page.wait_for_selector("text=Copied")
        visit.page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
        visit.page.focus("#paste")
        visit.page.keyboard.press("Control+V")
        self.assertEqual(visit.page.input_value("#paste"), "\n".join(self.data["ordinary"]["commands"]))

    def test_a_huge_page_is_small_and_quick_enough(self):
        data = {**self.data["huge"], "farthest": [], "nearest": []}  # without the texts of a megabyte, which the program cuts
        for one in data["map"]["pool"] + data["map"]["subset"]:
            one["text"] = one["text"][:400]
        self.assertLess(len(filled(data).encode()), LARGEST_PAGE)
        visit = self.visit(data)
        timing = visit.page.evaluate("(() => { const t = performance.getEntriesByType('navigation')[0]; return t.domContentLoadedEventEnd; })()")
        begin = time.monotonic()
        visit.draw_all()
        drawn = time.monotonic() - begin
        box = visit.page.locator("#map svg.farpoint-plot").bounding_box()
        visit.page.locator("#map svg.farpoint-plot").scroll_into_view_if_needed()
        box = visit.page.locator("#map svg.farpoint-plot").bounding_box()
        begin = time.monotonic()
        for step in range(50):
            visit.page.mouse.move(box["x"] + 100 + 10 * step, box["y"] + 200)
        visit.page.evaluate("new Promise(requestAnimationFrame)")
        moved = (time.monotonic() - begin) / 50
        print(f"\npage of {len(filled(data).encode()) / 1e6:.1f} MB: built after {timing / 1000:.2f} s, all figures in {drawn:.2f} s more, "
              f"{1000 * moved:.1f} ms a move of the pointer on the map")
        self.assertEqual(visit.faults, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
