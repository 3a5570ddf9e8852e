# SPDX-License-Identifier: Apache-2.0
"""What a profile counts and shows, against plain Python: lengths, words, rules, duplicates, samples; and when it is made again."""
import collections
import json
import re
import unittest

import numpy as np

from farpoint import REPOSITORY, Case, jsonl
from select_reference import philox

GOLDEN = REPOSITORY / "tests/golden/tokenizer"
SHARD = 40
PERCENTS = (1, 5, 25, 50, 75, 95, 99)
HAN = "\u4e00-\u9fff"
TOP = 7

ENGLISH = ("the old harbour is quiet at night and the boats return with nets that have been mended by people who know how to "
           "wait for better weather before they leave again").split()
CHINESE = "今天天气很好我们去公园里散步看到了很多美丽的花和小鸟大家都觉得非常开心"


def sentence(draw, words: list, joint: str) -> str:
    return joint.join(draw.choice(words, size=draw.integers(1, 60)))


def pool() -> tuple:
    """Records of two sources as (source, prompt, completion): short and long ones, copies, addresses, lines."""
    draw = np.random.default_rng(11)
    records = []
    for number in range(230):
        source = "web" if number < 150 else "books"
        joint, words = (" ", ENGLISH) if number % 5 else ("", list(CHINESE))
        prompt, answer = sentence(draw, words, joint), sentence(draw, words, joint)
        if number % 4 == 1:
            answer += " write to someone@example.com soon"
        if number % 7 == 2:
            answer += "\n\n" + prompt + "\nIt's Number_" + str(number % 3)
        if number % 9 == 8:
            prompt, answer = records[number - 5][1:]
        records.append((source, prompt, answer))
    return records


def text_of(record: tuple) -> str:
    return record[1] + "\n" + record[2]


def words_of(text: str) -> int:
    """Runs between white space; each Han character is a word, and what is written next to it another one."""
    return len(re.findall(f"[{HAN}]|[^\\s{HAN}]+", text))


def folded_words(text: str) -> list:
    return re.findall(f"[{HAN}]|[^\\W_{HAN}]+", text.lower())


def lines_of(text: str) -> int:
    return sum(1 for line in text.split("\n") if line.strip())


def rounded_down(number: int) -> int:
    """To the beginning of a range: 32 for each power of two."""
    shift = max(number.bit_length() - 6, 0)
    return number >> shift << shift


def distribution(numbers: list) -> dict:
    ordered = sorted(numbers)
    histogram = collections.Counter(1 << number.bit_length() - 1 if number else 0 for number in ordered)
    found = {"sum": sum(ordered), "mean": sum(ordered) / len(ordered) if ordered else None, "min": ordered[0] if ordered else None}
    for percent in PERCENTS:
        rank = -(-percent * len(ordered) // 100)
        found[f"p{percent}"] = max(rounded_down(ordered[rank - 1]), ordered[0]) if ordered else None
    found["max"] = ordered[-1] if ordered else None
    found["histogram"] = [{"from": low, "records": histogram[low]} for low in sorted(histogram)]
    return found


def statistics(texts: list) -> dict:
    counts = collections.Counter(word for text in texts for word in folded_words(text))
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0].encode()))[:TOP]
    return {"records": len(texts), "bytes": sum(len(text.encode()) for text in texts),
            "characters": distribution([len(text) for text in texts]), "words": distribution([words_of(text) for text in texts]),
            "lines": distribution([lines_of(text) for text in texts]),
            "vocabulary": {"words": len(counts), "occurrences": sum(counts.values()),
                           "top": [{"word": word, "count": count} for word, count in top]}}


class Stage:
    """What a stage does to the records that are left: {id: (rule, detail)} of those it removes, {id: text} of those it changes."""

    def __init__(self, name: str, before: dict, removed: dict, changed: dict, rule: str = "", details: dict = None):
        self.name, self.before, self.removed, self.changed, self.rule = name, before, removed, changed, rule
        self.details = details or {}
        self.job = name[3:].split("-")[0]
        self.after = {i: (record[0], *changed[i]) if i in changed else record for i, record in before.items() if i not in removed}

    def effects(self, source: str) -> dict:
        ids = [i for i, record in self.before.items() if source in ("", record[0])]
        removed = collections.Counter(self.removed[i] for i in ids if i in self.removed)
        changed = sum(1 for i in ids if i in self.changed)
        duplicates = {rule: count for rule, count in removed.items() if rule.startswith("duplicate")}
        return {"in": len(ids), "out": len(ids) - sum(removed.values()), "removed": sum(removed.values()), "removed_by": dict(removed),
                "changed": changed, "changed_by": {self.rule: changed} if changed else {}, "noted_by": {}, "duplicates": duplicates}

    def samples(self, size: int, seed: int) -> list:
        """Without details."""
        lines = []
        for kept in (False, True):
            ids = [i for i in self.before if (i not in self.removed) == kept]
            drawn = sorted(ids, key=lambda i: (philox(seed, int.from_bytes(b"profile", "big"), i), i))[:size]
            for i in sorted(drawn):
                rule = self.removed.get(i, self.rule if i in self.changed else "")
                after = text_of(("", *self.changed[i]))[:2000] if i in self.changed and kept else None
                lines.append({"stage": self.name, "kept": kept, "id": i, "source": self.before[i][0], "rule": rule,
                              "before": text_of(self.before[i])[:2000], "after": after})
        return lines


class Profile(Case):
    options = {"top_words": TOP, "sample": 6}

    def setUp(self):
        super().setUp()
        self.records = dict(enumerate(pool()))
        for source in ("web", "books"):
            records = [{"prompt": prompt, "completion": answer} for name, prompt, answer in self.records.values() if name == source]
            self.write(source + ".jsonl", jsonl(records))
        self.write("nothing.jsonl", "")
        self.numbers = np.random.default_rng(5).normal(size=len(self.records))
        np.save(self.folder / "n.npy", self.numbers)

    def config(self, profile: dict = None, clean: dict = None, seed: int = 17, min_number: float = -1.2) -> str:
        sources = [{"path": f"{name}.jsonl", "name": name} for name in ("web", "nothing", "books")]
        return json.dumps({"run": {"seed": seed}, "corpus": {"shard_records": SHARD, "pool": sources}, "pipeline": [
            {"attach": {"as": "n", "path": "n.npy"}}, {"filter": {"keep": {"n": {"min": min_number}}}},
            {"clean": clean or {"pii": "mask", "min_words": 12}}, {"dedup": {"exact": True}},
            {"profile": self.options if profile is None else profile}]})

    def stages(self) -> list:
        """What the three jobs do, in plain Python."""
        passed = Stage("02-filter", self.records, {i: "filter" for i, number in enumerate(self.numbers) if number < -1.2}, {})
        masked = {i: tuple(part.replace("someone@example.com", "<EMAIL>") for part in record[1:])
                  for i, record in passed.after.items() if "@" in record[2]}
        short = {i: "too_short" for i, record in passed.after.items()
                 if words_of(text_of((record[0], *masked.get(i, record[1:])))) < 12}
        cleaned = Stage("03-clean", passed.after, short, {i: texts for i, texts in masked.items() if i not in short}, "pii")
        first = {}
        for i, record in cleaned.after.items():
            first.setdefault(text_of(record), i)
        copies = {i: "duplicate_exact" for i, record in cleaned.after.items() if first[text_of(record)] != i}
        return [passed, cleaned, Stage("04-dedup-duplicate_of", cleaned.after, copies, {})]

    def profile(self, output: str) -> dict:
        return json.loads((self.folder / output / "profile.json").read_text(encoding="utf-8"))

    def samples(self, output: str) -> list:
        return [json.loads(line) for line in (self.folder / output / "profile-samples.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]

    def files(self, output: str) -> tuple:
        return tuple((self.folder / output / name).read_bytes() for name in ("profile.json", "profile-samples.jsonl"))

    def check_state(self, state: dict, name: str, records: dict):
        self.assertEqual(list(state), ["name", "sources", "total"])
        self.assertEqual((state["name"], list(state["sources"])), (name, ["web", "nothing", "books"]))
        for source, found in [*state["sources"].items(), ("", state["total"])]:
            texts = [text_of(record) for record in records.values() if source in ("", record[0])]
            expected = statistics(texts)
            self.assertEqual({key: found[key] for key in expected}, expected, (name, source))
            for key, unit in (("records", "records"), ("bytes", "bytes")):
                self.assertEqual(sum(share[key] for share in found["languages"].values()), found[unit])
            self.assertAlmostEqual(sum(share["share"] for share in found["languages"].values()), 1.0 if texts else 0.0)
            self.assertNotIn("tokens", found)

    def test_numbers_of_every_state_and_stage(self):
        self.run_config(self.config(), "out")
        profile, stages = self.profile("out"), self.stages()
        self.assertEqual(list(profile), ["format_version", "text", "states", "stages"])
        self.assertEqual((profile["format_version"], profile["text"]), (1, "full"))
        names = ["00-ingest"] + [stage.name for stage in stages]
        for state, name, records in zip(profile["states"], names, [self.records] + [stage.after for stage in stages], strict=True):
            self.check_state(state, name, records)
        for found, stage in zip(profile["stages"], stages, strict=True):
            self.assertEqual((found["name"], found["job"]), (stage.name, stage.job))
            self.assertGreaterEqual(len(stage.removed), 3)
            for source in ("web", "nothing", "books"):
                self.assertEqual(found["sources"][source], stage.effects(source), (stage.name, source))
            self.assertEqual(found["total"], stage.effects(""), stage.name)
        languages = profile["states"][0]["total"]["languages"]
        self.assertGreater(languages["en"]["records"], 100)
        self.assertGreater(languages["zh"]["records"], 20)

    def test_samples(self):
        for seed, size in ((17, 6), (18, 6), (17, 500)):
            with self.subTest(seed=seed, size=size):
                self.run_config(self.config({"sample": size, "vocabulary": False, "languages": False}, seed=seed), "out")
                found = self.samples("out")
                expected = [line for stage in self.stages() for line in stage.samples(size, seed)]
                for line in found:
                    self.assertEqual(list(line), ["stage", "kept", "id", "source", "rule", "detail", "before", "after"])
                self.assertEqual([{key: value for key, value in line.items() if key != "detail"} for line in found], expected)
                for line in found:
                    if line["rule"] == "duplicate_exact":
                        self.assertRegex(line["detail"], r"^of record \d+$")
                    self.assertEqual(line["detail"] == "", line["rule"] in ("", "filter"), line)

    def test_the_same_bytes_at_any_number_of_ranks_and_size_of_shards(self):
        self.run_config(self.config(), "one")
        self.run_config(self.config(), "three", ranks=3)
        self.run_config(self.config().replace(f'"shard_records": {SHARD}', '"shard_records": 1000'), "whole", ranks=2)
        self.assertEqual(self.files("one"), self.files("three"))
        self.assertEqual(self.files("one"), self.files("whole"))

    def made_anew(self, output: str) -> bool:
        return self.job(output, "profile")["resumed_shards"] == 0

    def test_a_run_with_nothing_changed_keeps_the_files(self):
        self.run_config(self.config(), "out")
        stamps = [(self.folder / "out" / name).stat().st_mtime_ns for name in ("profile.json", "profile-samples.jsonl")]
        before = self.files("out")
        facts = self.job("out", "profile")["facts"]
        self.run_config(self.config(), "out", ranks=2)
        self.assertFalse(self.made_anew("out"))
        self.assertEqual(stamps, [(self.folder / "out" / name).stat().st_mtime_ns for name in ("profile.json", "profile-samples.jsonl")])
        self.assertEqual(self.job("out", "profile")["facts"], facts)
        (self.folder / "out/profile-samples.jsonl").unlink()
        self.run_config(self.config(), "out")
        self.assertTrue(self.made_anew("out"))
        self.assertEqual(self.files("out"), before)

    def test_what_changes_a_stage_makes_it_anew(self):
        self.run_config(self.config(), "out")
        # The first filter refuses the same records, so the ids that are left stay as they were, but a rule of clean does not.
        for change in ({"clean": {"pii": "mask", "min_words": 12, "max_words": 100_000}}, {"clean": {"pii": "mask", "min_words": 13}},
                       {"min_number": -1.0}, {"profile": self.options | {"top_words": TOP + 1}}, {"seed": 4}):
            with self.subTest(**change):
                self.run_config(self.config(**change), "out")
                self.assertTrue(self.made_anew("out"))
                self.run_config(self.config(**change), "fresh", "--fresh")
                self.assertEqual(self.files("out"), self.files("fresh"))

    def test_facts(self):
        printed, _ = self.run_config(self.config(), "out", ranks=2)
        job, last = self.job("out", "profile"), self.stages()[-1].after
        texts = [text_of(record) for record in last.values()]
        expected = statistics(texts)
        self.assertEqual((job["in"], job["out"]), (len(last), len(last)))
        self.assertEqual(job["facts"]["records"], len(last))
        self.assertEqual(job["facts"]["records_before"], len(self.records))
        self.assertEqual(job["facts"]["words"], expected["words"]["sum"])
        self.assertEqual(job["facts"]["vocabulary"], expected["vocabulary"]["words"])
        self.assertIn(f"profile: {len(last)} of {len(self.records)} records and {expected['words']['sum']:,} of ", printed)
        self.assertIn(f", {expected['vocabulary']['words']} of them different", printed)

    def test_a_pipeline_that_changes_nothing_has_one_state(self):
        sources = [{"path": "web.jsonl", "name": "web"}]
        options = {"languages": False, "vocabulary": False, "text": "response", "as": "plain", "path": "a/b.json"}
        self.run_config(json.dumps({"corpus": {"pool": sources}, "pipeline": [{"profile": options}]}), "out")
        profile = json.loads((self.folder / "out/a/b.json").read_text())
        self.assertEqual((self.folder / "out/a/b-samples.jsonl").read_text(), "")
        self.assertTrue((self.folder / "out/stages/01-profile-plain/done.h5").exists())
        self.assertEqual((profile["stages"], [state["name"] for state in profile["states"]]), ([], ["00-ingest"]))
        answers = [answer for source, _, answer in self.records.values() if source == "web"]
        self.assertEqual(profile["states"][0]["total"]["characters"], distribution([len(answer) for answer in answers]))
        self.assertFalse({"languages", "mixed", "vocabulary", "tokens"} & set(profile["states"][0]["total"]))

    def test_tokens_are_those_of_the_tokenizer(self):
        texts = json.loads((GOLDEN / "texts.json").read_text(encoding="utf-8"))
        ids = json.loads((GOLDEN / "byte_level/expected.json").read_text())["plain"]
        pairs = [(text, len(one)) for text, one in zip(texts, ids, strict=True) if text.strip()]
        self.write("t.jsonl", jsonl([{"text": text} for text, _ in pairs]))
        config = {"corpus": {"pool": [{"path": "t.jsonl"}]}, "models": {"tok": {"path": str(GOLDEN / "byte_level")}},
                  "pipeline": [{"profile": {"tokenizer": "tok"}}]}
        self.run_config(json.dumps(config), "out")
        found = self.profile("out")["states"][0]
        self.assertEqual(found["total"]["tokens"], distribution([count for _, count in pairs]))
        self.assertEqual(found["sources"]["t.jsonl"]["characters"], distribution([len(text) for text, _ in pairs]))
        config["models"] = {"same": config["models"]["tok"]}
        config["pipeline"] = [{"profile": {"tokenizer": "same"}}]
        self.run_config(json.dumps(config), "out")
        self.assertFalse(self.made_anew("out"))
        config["models"] = {"same": {"path": str(GOLDEN / "wordpiece")}}
        self.run_config(json.dumps(config), "out")
        self.assertTrue(self.made_anew("out"))

    def test_long_texts_are_cut_where_a_character_ends(self):
        self.write("long.jsonl", jsonl([{"text": "漢" * 5000 + str(number)} for number in range(3)]))
        config = {"corpus": {"pool": [{"path": "long.jsonl"}]}, "pipeline": [{"clean": {"min_chars": 1}}, {"profile": {}}]}
        self.run_config(json.dumps(config), "out")
        self.assertEqual([line["before"] for line in self.samples("out")], ["漢" * 2000] * 3)

    def test_mistakes(self):
        for options, words in (("{top_words: 1000001}", "'profile.top_words'"), ("{sample: 10001}", "'profile.sample'"),
                               ("{tokenizer: none}", "'profile.tokenizer': there is no model 'none'"),
                               ("{path: summary.json}", "'profile.path'"), ("{path: a/}", "names a folder"),
                               ("{as: a/b}", "a/b"), ("{vocabulry: true}", "did you mean 'vocabulary'")):
            with self.subTest(options=options):
                config = self.config({}).replace('{"profile": {}}', '{"profile": ' + options + "}")
                _, errors = self.run_config(config, "out", expect=2)
                self.assertIn(words, errors)
                self.assertRegex(errors, r"config.yaml:1:\d+: ")


if __name__ == "__main__":
    unittest.main()
