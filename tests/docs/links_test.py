# SPDX-License-Identifier: Apache-2.0
"""Links between pages, to files and to headings, and pages that sources and configurations name, are there."""
import pathlib
import re
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILT = {"build", ".deps", ".git", "runs", "quickstart", "data", "tutorial"}


def files(*patterns: str) -> list:
    found = [path for pattern in patterns for path in REPOSITORY.rglob(pattern)]
    return sorted(path for path in found if path.relative_to(REPOSITORY).parts[0] not in BUILT)


def prose(page: pathlib.Path) -> str:
    """The page without its fenced blocks and comments."""
    return re.sub(r"^( *)```.*?^\1```|<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: pathlib.Path) -> set:
    """Of headings, as GitHub makes them: small letters, blanks to hyphens, no punctuation, a number for what is there already."""
    found = set(re.findall(r'<a (?:name|id)="([^"]+)"', prose(page)))
    for heading in re.findall(r"^#{1,6} +(.*?) *#*$", prose(page), flags=re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = base = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = 0
        while slug in found:
            number += 1
            slug = f"{base}-{number}"
        found.add(slug)
    return found


class Links(unittest.TestCase):
    def test_links_lead_somewhere(self):
        wrong, seen = [], 0
        for page in files("*.md"):
            text = re.sub(r"`[^`\n]*`", "", prose(page))  # what is in code is no link
            for target in re.findall(r"\]\(([^)\s]+)(?: \"[^\"]*\")?\)", text):
                if re.match(r"[a-z]+:", target):
                    continue  # other sites may come and go
                seen += 1
                path, _, anchor = target.partition("#")
                there = (page.parent / path).resolve() if path else page
                if not there.exists():
                    wrong.append(f"{page.relative_to(REPOSITORY)}: '{target}': no such file")
                elif anchor and anchor not in anchors(there):
                    wrong.append(f"{page.relative_to(REPOSITORY)}: '{target}': no such heading")
        self.assertEqual(wrong, [])
        self.assertGreater(seen, 100)

    def test_every_page_is_reached_from_the_index(self):
        index = (REPOSITORY / "docs/README.md").read_text(encoding="utf-8")
        missing = [page.name for page in sorted((REPOSITORY / "docs").glob("*.md"))
                   if page.name != "README.md" and f"]({page.name}" not in index]
        self.assertEqual(missing, [])

    def test_pages_and_configurations_that_sources_name_are_there(self):
        wrong = []
        for path in files("*.cpp", "*.hpp", "*.py", "*.yaml", "*.sh", "*.txt", "Makefile"):
            for name in re.findall(r"\b((?:docs|configs)/[\w.-]+\.(?:md|yaml))\b", path.read_text(encoding="utf-8")):
                if not (REPOSITORY / name).exists():
                    wrong.append(f"{path.relative_to(REPOSITORY)}: {name}")
        self.assertEqual(wrong, [])

    def test_every_recipe_is_in_the_cookbook(self):
        cookbook = (REPOSITORY / "docs/cookbook.md").read_text(encoding="utf-8")
        missing = [path.name for path in sorted((REPOSITORY / "configs").glob("*.yaml"))
                   if f"](../configs/{path.name})" not in cookbook]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
