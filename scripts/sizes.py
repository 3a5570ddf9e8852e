#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sizes of files and functions and the share of comments, as docs/architecture.md lists them: scripts/sizes.py

Functions of C++ and JavaScript are found by their braces, so read the trend, not the unit: from the line in which a function's
head begins to its last brace, lambdas with the function that they stand in.
"""
import ast
import bisect
import dataclasses
import pathlib
import re
import statistics

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
PARTS = {
    "C++ headers": ("include src jobs", ".hpp .h .cuh"), "C++ sources": ("src jobs", ".cpp .cu"), "C++ tests": ("tests", ".cpp .hpp"),
    "C++ benchmarks": ("benchmarks", ".cpp .hpp"), "JavaScript": ("src", ".js"),
    "Python": ("python scripts examples benchmarks slurm", ".py"), "Python tests": ("tests", ".py"),
}
LIMITS = {"file": 400, "function": 50}
COMMENT_OR_TEXT = re.compile(r"""//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<![\w'])'(?:\\.|[^'\\\n])+'""", re.DOTALL)
NO_FUNCTION = re.compile(r"^(if|for|while|switch|catch|do|else|try|namespace|struct|class|enum|union|return|case|default)\b|=\s*$|^\s*$")


@dataclasses.dataclass
class Piece:
    place: str
    lines: int


def blank(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def functions_by_braces(text: str, place: str) -> list:
    code = re.sub(r"^ *#.*$", blank, COMMENT_OR_TEXT.sub(blank, text), flags=re.MULTILINE)
    ends = [position for position, letter in enumerate(code) if letter == "\n"]
    found, open_braces, begin = [], [], 0
    for match in re.finditer(r"[{};]|\b(?:public|private|protected):", code):
        position, head = match.start(), code[begin:match.start()]
        if match[0] == "{":
            name = re.search(r"([\w~]+|operator[^\w\s(]+)\s*\(", head)
            inside = any(function for _, function in open_braces)
            initialises = re.search(r"\)\s*:[^:]", head) and re.search(r"\w\s*$", head)  # a member, in front of the body
            is_function = bool(name) and not inside and not initialises and not NO_FUNCTION.search(head.strip())
            first = begin + len(head) - len(head.lstrip())
            open_braces.append((first, name[1] if is_function else ""))
            if initialises:
                continue
        elif match[0] == "}" and open_braces:
            first, name = open_braces.pop()
            if name:
                line = bisect.bisect(ends, first - 1) + 1
                found.append(Piece(f"{place}:{line} {name}", bisect.bisect(ends, position - 1) + 2 - line))
        begin = match.end()
    return found


def functions_of_python(text: str, place: str) -> list:
    return [Piece(f"{place}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1) for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def comment_share(text: str) -> tuple:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return sum(line.startswith(("//", "#!", "# ", "*", "/*")) for line in lines), len(lines)


def row(values: list, limit: int) -> str:
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return f"{len(values):,} | {statistics.median(values):.0f} | {cuts[14]:.0f} | {cuts[17]:.0f} | {max(values)} | {sum(v > limit for v in values)}"


def main() -> None:
    all_files, all_functions, shares = [], [], {}
    tables = {"file": [], "function": []}
    for part, (folders, endings) in PARTS.items():
        paths = sorted(path for folder in folders.split() for path in (REPOSITORY / folder).rglob("*")
                       if path.suffix in endings.split() and not {"build", "target"} & set(path.parts))
        files, functions, comments, lines = [], [], 0, 0
        for path in paths:
            text, place = path.read_text(encoding="utf-8"), str(path.relative_to(REPOSITORY))
            files.append(Piece(place, text.count("\n")))
            functions += (functions_of_python if path.suffix == ".py" else functions_by_braces)(text, place)
            counted = comment_share(text)
            comments, lines = comments + counted[0], lines + counted[1]
        tables["file"].append(f"| {part} | {row([file.lines for file in files], LIMITS['file'])} | {comments / lines:.0%} |")
        tables["function"].append(f"| {part} | {row([function.lines for function in functions], LIMITS['function'])} |")
        all_files, all_functions = all_files + files, all_functions + functions
    for kind, pieces in (("file", all_files), ("function", all_functions)):
        last = " comments |" if kind == "file" else ""
        print(f"| lines of a {kind} | {kind}s | median | 75 % | 90 % | most | > {LIMITS[kind]} |{last}")
        print("|---" * (8 if last else 7) + "|", *tables[kind], sep="\n")
        print("\nThe longest:", *(f"  {piece.lines}  {piece.place}" for piece in sorted(pieces, key=lambda p: -p.lines)[:12]), "", sep="\n")


if __name__ == "__main__":
    main()
