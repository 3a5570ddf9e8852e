#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the data that the recipes of configs/ read, a few megabytes of made-up text: make_data.py [FOLDER]

FOLDER is `data` by default, where the recipes look for it. Put files of your own in their place, or change the paths in a recipe.
The text means nothing; it has what the recipes are for: sources of very different sizes, copies and near copies, markup, personal
data, refusals, lines of menus, five languages, a benchmark that has leaked, and records that are like a task and such that are not.
"""
import gzip
import json
import pathlib
import random
import struct
import sys

from make_corpus import FIELDS, PLACES, THINGS

MATERIALS = "oak brass linen clay copper glass wool slate cork amber tin leather".split()
SEASONS = ["spring", "summer", "autumn", "winter", "the rainy months", "the first week of May", "late October", "January"]
PEOPLE = "Ada Bruno Chidi Dana Emre Farah Goran Hana Ivo Jun Kofi Lena Mika Nuria Omar Petra".split()
VERBS = "repair sell carry measure draw collect restore copy explain lend paint weigh".split()
SENTENCES = [
    "In {place} the {material} {thing} is used every day, and people have done so since {year}.",
    "{person} learned to {verb} a {thing} in {season}, with no more than a book on {field}.",
    "Whoever wants to {verb} a {thing} should begin with the part that is made of {material}.",
    "The museum of {place} has {number} of them, and the oldest is a {thing} of {material}.",
    "That the {thing} came to {place} from {other} is what most books about {field} say.",
    "It takes {number} hours to {verb} one, and it is a work that nobody likes in {season}.",
    "According to {person}, {field} has more to say about the {thing} than about {material}.",
    "Of all that can be made of {material}, the {thing} is what travellers bring back from {place}.",
    "They were sold with a warranty of {number} months, which was a promise that few could keep.",
    "In {season} the market of {other} is full of them, and the prices fall by {number} percent.",
    "The difference between a good {thing} and a bad one is the {material}, which has to be dry.",
    "{person} and {friend} have written to each other about it for {number} years.",
    "A school in {other} teaches {field} with nothing but a {thing} and a piece of {material}.",
    "There was a time when the {thing} of {place} was forbidden, and that was in {year}.",
]
TASKS = [
    ("Describe how to {verb} a {material} {thing} in {season}.", 2), ("What would an expert in {field} say about the {thing} of {place}?", 3),
    ("Write a letter from {person} to {friend} about a {thing}.", 4), ("Name {number} things that people in {place} {verb} with {material}.", 2),
    ("Summarise what is known about {material} in {field}.", 3), ("Why did the {thing} become common in {place} after {year}?", 2),
    ("Give {person} advice: how can one {verb} a {thing} without {material}?", 2), ("Compare {place} and {other} as places to study {field}.", 3),
]
LANGUAGES = {  # how many records, questions, answers
    "en": (900, ["How do people in {place} {verb} a {thing}?", "What does {field} teach about {material}?"], SENTENCES),
    "de": (300, ["Wie benutzt man in {place} im Alltag einen Gegenstand aus {material}?", "Warum ist das Jahr {year} für {place} wichtig gewesen?"],
           ["In {place} gibt es seit dem Jahr {year} einen Markt, auf dem {number} Händler ihre Waren verkaufen.",
            "{person} hat in {other} gelernt, wie man so etwas selbst baut, und das dauert {number} Tage.",
            "Die meisten Leute wissen nicht, dass {place} und {other} schon {year} miteinander gehandelt haben."]),
    "es": (120, ["¿Cómo llegó esta costumbre a {place} en el año {year}?", "¿Qué hacen {person} y {friend} en el mercado de {place}?"],
           ["En {place} hay desde el año {year} un mercado donde trabajan más de {number} personas.",
            "{person} aprendió a hacerlo en {other}, y dice que hacen falta {number} días de trabajo.",
            "Casi nadie sabe que {place} y {other} ya comerciaban entre sí en el año {year}."]),
    "fr": (60, ["Comment cette habitude est-elle arrivée à {place} en {year} ?", "Que font {person} et {friend} au marché de {place} ?"],
           ["À {place}, il y a depuis {year} un marché où travaillent plus de {number} personnes.",
            "{person} a appris ce métier à {other}, et il faut {number} jours pour le faire.",
            "Peu de gens savent que {place} et {other} faisaient déjà du commerce en {year}."]),
    "zh": (30, ["{year}年以后{place}的市场发生了什么变化？", "{person}为什么要去{place}学习？"],
           ["从{year}年开始，{place}的市场里有{number}个人在工作，大家都很喜欢这里。",
            "{person}在{other}学会了这门手艺，一共花了{number}天的时间。"]),
}
PASSAGE = ("Our guides for the curious traveller are printed on paper from forests that grow again, bound by hand in the old manner, and sent to every "
           "town that has a post office, at a price that has been the same for thirty years and that we hope to keep for thirty more. "
           "Whoever orders two of them gets a third one without paying for it, and the good wishes of all who have worked on it.")
MENU = "Home | About | Contact | Log in"
FOOTER = ("This page uses cookies to give you the best experience. By going on you accept our terms and our privacy policy, which say what we "
          "keep, for how long we keep it, whom we give it to and what you can do if you do not agree with any of it at all.")


class Writer:
    """Draws words and sentences, and writes files."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.draw = random.Random(17)

    def words(self) -> dict:
        draw = self.draw
        place, other = draw.sample(PLACES, 2)
        person, friend = draw.sample(PEOPLE, 2)
        return {"place": place, "other": other, "person": person, "friend": friend, "thing": draw.choice(THINGS),
                "field": draw.choice(FIELDS), "material": draw.choice(MATERIALS), "season": draw.choice(SEASONS),
                "verb": draw.choice(VERBS), "number": draw.randint(2, 90), "year": draw.randint(1650, 1990)}

    def sentences(self, count: int, of=SENTENCES) -> list:
        return [one.format(**self.words()) for one in self.draw.sample(of, min(count, len(of)))]

    def nonsense(self) -> str:
        """Twenty words in an order that no other text has."""
        words = VERBS + THINGS + MATERIALS + FIELDS
        return "Is it true that " + " ".join(self.draw.sample(words, 20)) + "?"

    def write(self, name: str, records: list) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".json"):
            text = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
        else:
            text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(text.encode(), mtime=0))
        else:
            path.write_text(text, encoding="utf-8")

    def write_npy(self, name: str, rows: list) -> None:
        """Float32 vectors, or float64 numbers, in NumPy's format."""
        shape = (len(rows), len(rows[0])) if isinstance(rows[0], list) else (len(rows),)
        kind, code = ("<f4", "f") if len(shape) == 2 else ("<f8", "d")
        header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        numbers = [number for row in rows for number in row] if len(shape) == 2 else rows
        (self.folder / name).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
                                         + struct.pack(f"<{len(numbers)}{code}", *numbers))


def general(write: Writer, count: int) -> list:
    records = []
    for _ in range(count):
        (prompt, length), words = write.draw.choice(TASKS), write.words()
        records.append({"instruction": prompt.format(**words), "input": "", "output": " ".join(write.sentences(length)),
                        "topic": f"{prompt.split()[0].lower()}/{words['field'] if '{field}' in prompt else words['thing']}"})
    return records


def code(write: Writer, count: int) -> list:
    records = []
    for _ in range(count):
        words = write.words()
        name, low = f"{words['verb']}_{words['thing']}", write.draw.randint(1, 99)
        records.append({"prompt": f"Write a Python function {name} that returns all numbers of a list above {low}.",
                        "completion": f"def {name}(numbers):\n    return [number for number in numbers if number > {low}]\n",
                        "topic": f"code/{words['verb']}"})
    return records


def mathematics(write: Writer, count: int) -> list:
    records = []
    for _ in range(count):
        words, a, b = write.words(), write.draw.randint(3, 80), write.draw.randint(2, 12)
        records.append({"question": f"{words['person']} buys {b} boxes with {a} {words['thing']}s each, and gives {b} away. "
                                    f"How many {words['thing']}s are left?",
                        "answer": f"{b} boxes of {a} are {b} * {a} = {a * b}. Without the {b} that are given away {a * b - b} are left. "
                                  f"#### {a * b - b}",
                        "topic": f"mathematics/{words['thing']}"})
    return records


def pools(write: Writer) -> None:
    everything = general(write, 1200)
    write.write("pool/general.jsonl", everything)
    write.write("pool/code.jsonl", code(write, 200))
    write.write("pool/math.jsonl", mathematics(write, 300))
    write.write("task_examples.jsonl", mathematics(write, 60))
    write.write("existing.jsonl", everything[:100] + general(write, 300) + mathematics(write, 150))
    write.write("forum.jsonl", [{"title": TASKS[number % 8][0].format(**write.words()), "top_answer": " ".join(write.sentences(3)),
                                 "votes": write.draw.randint(0, 40)} for number in range(200)])
    good = general(write, 400)
    write.write("labelled/good.jsonl", good)
    write.write("labelled/bad.jsonl", [dict(record, output=" ".join(write.draw.sample(record["output"].split(), 6)))
                                       for record in general(write, 400)])


def instructions(write: Writer) -> None:
    records = general(write, 1500)
    leaked = [write.nonsense() for _ in range(30)]
    for number in range(0, 1500, 10):  # a tenth has faults, each of another kind
        record = records[number]
        fault = number // 10 % 6
        if fault == 0:
            record["output"] = "I'm sorry, but as an AI language model I cannot help with that."
        elif fault == 1:
            record["output"] = ""
        elif fault == 2:
            record["output"] += f" Write to {record['instruction'].split()[-1].strip('.?').lower()}@example.org for more."
        elif fault == 3:
            records[number + 1] = dict(record)
        elif fault == 4:
            records[number + 1] = dict(record, output=record["output"] + " That is all.")
        else:
            record["output"] = record["output"][:len(record["output"]) * 2 // 3].rsplit(" ", 1)[0] + " and then the"
    for number in range(5):  # so much of the benchmark has found its way into the data
        records[5 + 10 * number]["output"] += " " + leaked[number]
    write.write("instructions/alpaca.json", records[:1100])
    write.write("instructions/chat.jsonl", [{"messages": [{"role": "user", "content": record["instruction"]},
                                                          {"role": "assistant", "content": record["output"]}]}
                                            for record in records[1100:]])
    write.write("tests/benchmark.jsonl", [{"question": text, "answer": "yes"} for text in leaked])


def web(write: Writer) -> None:
    pages = []
    for number in range(1000):
        text = write.sentences(4 * write.draw.randint(2, 3))
        paragraphs = [" ".join(text[begin:begin + 4]) for begin in range(0, len(text), 4)]
        if number % 4 == 0:
            paragraphs = [f"<div class=\"nav\">{MENU}</div>", *(f"<p>{one}</p>" for one in paragraphs), f"<p>{FOOTER}</p>"]
        if number % 12 == 5:
            paragraphs.append(PASSAGE)
        if number % 25 == 1:
            paragraphs = ["BUY NOW!!! >>> ### $$$ <<< ### %%% ^^^"] * 9
        if number % 25 == 2:
            paragraphs = [write.sentences(1)[0]] * 12
        if number % 25 == 3:
            paragraphs = [" ".join(write.sentences(1))]
        pages.append({"text": "\n".join(paragraphs), "url": f"https://example.org/{number}"})
    for number in range(4, 1000, 20):  # nearly the same page again
        pages.append({"text": pages[number]["text"] + "\nThe whole of the story is on the next page of this site.", "url": f"https://example.org/copy/{number}"})
    write.write("web/crawl.jsonl.gz", pages)
    write.write("web/spanish.jsonl", [{"text": " ".join(write.sentences(3, LANGUAGES["es"][2]) * 4)} for _ in range(40)])
    write.write("reference.jsonl", [{"text": " ".join(write.sentences(8, SENTENCES[:7]))} for _ in range(200)])
    (write.folder / "blocked.txt").write_text("a phrase that nobody wants\n/casino[- ]bonus/\n", encoding="utf-8")


def languages(write: Writer) -> None:
    records = []
    for language, (count, questions, answers) in LANGUAGES.items():
        for _ in range(count):
            records.append({"instruction": write.draw.choice(questions).format(**write.words()),
                            "output": " ".join(write.sentences(2, answers)), "language": language})
    write.draw.shuffle(records)
    write.write("languages/mixed.jsonl", records)


def questions(write: Writer) -> None:
    records = []
    for _ in range(120):
        options = write.draw.sample(PLACES, 4)
        label = write.draw.randrange(4)
        words = write.words()
        records.append({"passage": f"The {words['thing']} of {words['person']} was made in {options[label]}.",
                        "question": f"Where was the {words['thing']} of {words['person']} made?",
                        "options": [f"({letter}) {place}" for letter, place in zip("ABCD", options)], "label": "ABCD"[label]})
    write.write("questions.jsonl", records)
    write.write("facts.jsonl", [{"question": f"In which town does {person} {verb} a {thing}?", "answer": write.draw.choice(PLACES),
                                 "aliases": [write.draw.choice(PLACES)]}
                                for person, verb, thing in (tuple(write.words()[key] for key in ("person", "verb", "thing"))
                                                            for _ in range(30))])


def vectors(write: Writer) -> None:
    """Records with vectors and scores of their own: 20 kinds, each around a point."""
    records, draw = general(write, 1000), write.draw
    centres = [[draw.gauss(0, 1) for _ in range(16)] for _ in range(20)]
    rows = [[number + draw.gauss(0, 0.3) for number in centres[min(draw.randrange(20), draw.randrange(20))]] for _ in records]
    write.write("records.jsonl", records)
    write.write_npy("vectors.npy", rows)
    write.write_npy("quality.npy", [draw.random() for _ in records])
    write.write_npy("curated.npy", [[number + draw.gauss(0, 0.3) for number in centres[0]] for _ in range(25)])


def main() -> None:
    write = Writer(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "data"))
    for part in (pools, instructions, web, languages, questions, vectors):
        part(write)
    files = [path for path in write.folder.rglob("*") if path.is_file()]
    print(f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB, in {write.folder}")


if __name__ == "__main__":
    main()
