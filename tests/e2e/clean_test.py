# SPDX-License-Identifier: Apache-2.0
"""Cleaning: planted faults of every rule are found, clean records stay, what was changed is traced and reaches the subset."""
import json
import random
import unittest

import h5py

from farpoint import REPOSITORY, Case

SUBJECTS = ["The engineer", "A careful student", "My neighbour", "The old captain", "Our small team", "The museum guide",
            "A young doctor", "The village baker"]
VERBS = ["explains", "describes", "measures", "repairs", "studies", "remembers", "compares", "paints"]
OBJECTS = ["the engine of the boat", "a map of the northern valley", "three kinds of bread", "the history of the bridge",
           "a machine that sorts letters", "the colours of the evening sky", "the plan for the garden",
           "an experiment with warm water"]
ENDS = ["before the rain begins", "with great patience", "for a group of visitors", "in the quiet hours of the morning",
        "and writes every detail down", "because somebody has to do it", "while the others listen",
        "after a long walk to the station"]
CHINESE = ["这位工程师在早晨检查了发动机，并且把每一个细节都写了下来。", "我们的小组在这个城市里研究水的历史，大家都觉得很有意思。",
           "老师说，这座桥是在一百年以前建成的，现在还有很多人使用它。", "他不知道花园的计划是谁写的，但是他很喜欢其中的颜色。"]


def sentence(draw: random.Random) -> str:
    return f"{draw.choice(SUBJECTS)} {draw.choice(VERBS)} {draw.choice(OBJECTS)} {draw.choice(ENDS)}."


def prose(draw: random.Random, count: int) -> str:
    return " ".join(sentence(draw) for _ in range(count))


def clean_record(draw: random.Random) -> dict:
    if draw.random() < 0.2:
        return {"instruction": "请用一段话回答：" + draw.choice(CHINESE), "output": "".join(draw.sample(CHINESE, 3))}
    return {"instruction": f"Write about this in a few words: {sentence(draw)}", "output": prose(draw, draw.randint(2, 6))}


def luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str((10 - total % 10) % 10)


def resident_id(draw: random.Random) -> str:
    body = f"{draw.choice(['110101', '310104', '440305', '510107'])}{draw.randint(1950, 2005)}" \
           f"{draw.randint(1, 12):02}{draw.randint(1, 28):02}{draw.randint(0, 999):03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights)) % 11]


def iban(draw: random.Random) -> str:
    body = "".join(str(draw.randint(0, 9)) for _ in range(18))
    check = 98 - int(body + "131400") % 97
    return f"DE{check:02}{body}"


class PlantedFaults(Case):
    """Faulty records among clean ones: of each kind all but 1 in 100 must be found, of the clean ones 1 in 200 at most."""

    KIND = 40

    def records_with(self, kinds: dict, clean: int = 400):
        """Clean records, and KIND faulty ones of each kind, mixed; the kind of each."""
        draw = random.Random(7)
        planted = [("", clean_record(draw)) for _ in range(clean)]
        for kind, make in kinds.items():
            planted += [(kind, make(draw)) for _ in range(self.KIND)]
        draw.shuffle(planted)
        self.write("corpus.jsonl", "".join(json.dumps(record, ensure_ascii=False) + "\n" for _, record in planted))
        return [kind for kind, _ in planted], [record for _, record in planted]

    def run_clean(self, options: str, output: str = "run", ranks: int = 1):
        config = f"corpus: {{pool: [{{path: corpus.jsonl}}], shard_records: 128}}\npipeline:\n  - clean: {options}\n"
        self.run_config(config, output, ranks=ranks)
        return {line["id"]: line["reason"] for line in self.rejects(output)}

    def rewritten(self, output: str) -> dict:
        found = {}
        for path in sorted((self.folder / output / "stages" / "01-clean").glob("shard-*.h5")):
            with h5py.File(path) as file:
                offsets, raw = file["rewritten/record/offsets"][()], file["rewritten/record/bytes"][()].tobytes()
                for i, record in enumerate(file["rewritten/id"][()]):
                    found[int(record)] = json.loads(raw[offsets[i]:offsets[i + 1]])
        return found

    def assert_found(self, kinds: list, reasons: dict, expected: dict):
        for kind, names in expected.items():
            ids = [i for i, k in enumerate(kinds) if k == kind]
            found = [i for i in ids if reasons.get(i) in names]
            self.assertGreaterEqual(len(found), 0.99 * len(ids),
                                    f"{kind}: {[(i, reasons.get(i)) for i in ids if i not in found][:5]}")
        clean = [i for i, k in enumerate(kinds) if k == ""]
        wrong = [(i, reasons[i]) for i in clean if i in reasons]
        self.assertLessEqual(len(wrong), 0.005 * len(clean), wrong[:5])

    def test_texts_that_are_no_prose(self):
        answer = lambda make: lambda draw: {"instruction": sentence(draw), "output": make(draw)}
        kinds = {
            "too_short": lambda draw: {"text": draw.choice(["Hi", "No", "ok then", "???"])},
            "too_long": answer(lambda draw: prose(draw, 400)),
            "language": lambda draw: {"text": " ".join(draw.sample([
                "Der Ingenieur beschreibt den Motor des Schiffes sehr genau.", "Die Kinder spielen heute im Garten der Schule.",
                "Wir haben gestern lange über die Geschichte der Brücke gesprochen.", "Das Brot wird jeden Morgen frisch gebacken.",
                "Niemand weiß, warum der Zug schon wieder verspätet ist."], 4))},
            "repetition": answer(lambda draw: "\n".join([sentence(draw)] * 12)),
            "top_ngram": answer(lambda draw: "very nice " * 60),
            "symbols": answer(lambda draw: "".join(draw.choice("#*@{}<>=|~^$%+") for _ in range(300))),
            "digits": answer(lambda draw: " ".join(str(draw.randint(10**5, 10**6)) for _ in range(60))),
            "urls": answer(lambda draw: " ".join(f"https://example.com/{draw.random()}/page/of/{i}" for i in range(12))),
            "blocklist": answer(lambda draw: prose(draw, 2) + " They met in the Forbidden Palace. " + prose(draw, 1)),
            "blocked_expression": answer(lambda draw: prose(draw, 2) + f" The code is secret-{draw.randint(100, 999)}-key. "),
            "bullets": answer(lambda draw: "\n".join("* " + sentence(draw) for _ in range(30))),
            "ellipses": answer(lambda draw: "\n".join(sentence(draw)[:-1] + "..." for _ in range(12))),
            "advertisement": answer(lambda draw: "\n".join(draw.sample([
                "Click here to subscribe to our newsletter", "Buy now and save 50%", "All rights reserved",
                "Sign up for free today", "Limited time offer", "Follow us on Facebook"], 5))),
            "word_length": lambda draw: {"text": " ".join("".join(draw.choice("abcdefgh") for _ in range(22)) for _ in range(40))},
            "alphabetic_words": answer(lambda draw: " ".join(draw.choice(["--", "12", "&&", "7:", "%"]) for _ in range(150))),
            "stop_words": lambda draw: {"text": " ".join(draw.choice(["engine", "boat", "garden", "map"]) for _ in range(8))},
            "c4": answer(lambda draw: prose(draw, 2) + " Lorem ipsum dolor sit amet. " + prose(draw, 1)),
        }
        self.write("blocked.txt", "# what we do not want\nforbidden palace\n/secret-[0-9]+-key/\n")
        options = """
      min_chars: 10
      max_chars: 5000
      language: [en, zh]
      repetition: {max_duplicate_line_fraction: 0.3, max_top_ngram_fraction: 0.25}
      symbols: {max_ratio: 0.3}
      digits: {max_ratio: 0.5}
      urls: {max_ratio: 0.4}
      bullets: {max_fraction: 0.9}
      ellipses: {max_fraction: 0.3}
      advertisement: {max_fraction: 0.5}
      word_length: {min: 2, max: 12}
      alphabetic_words: {min_fraction: 0.6}
      stop_words: {min: 1}
      c4: {lorem_ipsum: true}
      blocklist: [blocked.txt]"""
        kinds_of, _ = self.records_with(kinds)
        reasons = self.run_clean(options)
        self.assert_found(kinds_of, reasons, {
            **{kind: [kind] for kind in kinds if kind not in ("language", "top_ngram", "blocked_expression", "alphabetic_words")},
            "language": ["language", "stop_words"], "top_ngram": ["repetition"], "blocked_expression": ["blocklist"],
            "alphabetic_words": ["alphabetic_words", "symbols", "word_length"]})
        job = self.job("run", "clean")
        self.assertEqual(job["in"], job["out"] + job["rejected"] + job["failed"])
        counted = {name: count for name, count in job["counters"].items() if not name.startswith(("changed", "masked"))}
        self.assertEqual(sum(counted.values()), job["rejected"])
        self.assertEqual(len(reasons), job["rejected"])

    def test_languages(self):
        several = lambda sentences: lambda draw: {"text": " ".join(draw.sample(sentences, 3))}
        kinds = {
            "de": several(["Der Ingenieur beschreibt den Motor des Schiffes sehr genau.", "Die Kinder spielen im Garten der Schule.",
                           "Wir haben lange über die Geschichte der Brücke gesprochen.", "Das Brot wird jeden Morgen frisch gebacken."]),
            "fr": several(["Le guide du musée explique l'histoire du pont aux visiteurs.", "Nous mangeons du pain frais tous les matins.",
                           "Personne ne sait pourquoi le train est encore en retard.", "La petite ville dort pendant que la pluie tombe."]),
            "ru": several(["Инженер подробно описывает двигатель корабля.", "Дети играют сегодня в саду школы.",
                           "Мы долго говорили об истории моста.", "Никто не знает, почему поезд опять опаздывает."]),
            "ja": several(["エンジニアは船のエンジンを詳しく説明しています。", "子どもたちは今日、学校の庭で遊んでいます。",
                           "私たちは橋の歴史について長い間話しました。", "パンは毎朝新しく焼かれます。"]),
        }
        kinds_of, _ = self.records_with(kinds)
        reasons = self.run_clean("{language: [en, zh]}")
        self.assert_found(kinds_of, reasons, {kind: ["language"] for kind in kinds})
        # A question in one language and an answer in the other are both languages.
        self.write("corpus.jsonl", "".join(json.dumps({"instruction": sentence(random.Random(i)) * 2, "output": CHINESE[i % 4] * 2}) + "\n"
                                           for i in range(20)))
        self.assertEqual(self.run_clean("{language: [en, zh]}", "mixed"), {})
        self.assertEqual(len(self.run_clean("{language: [en]}", "english")), 20)

    def test_questions_and_answers(self):
        ask = lambda output: lambda draw: {"instruction": sentence(draw), "output": output(draw)}
        kinds = {
            "empty_answer": ask(lambda draw: draw.choice(["N/A", "...", "None", "<noinput>", "-", "无"])),
            "refusal": ask(lambda draw: draw.choice([
                "I'm sorry, but I can't help with that request.", "As an AI language model, I cannot do this for you.",
                "I am unable to answer this question.", "抱歉，我无法回答这个问题。", "作为一个人工智能语言模型，我不能提供这些信息。"])),
            "repeats_question": lambda draw: (lambda text: {"instruction": text, "output": text.upper()})(prose(draw, 2)),
            "truncated": ask(lambda draw: prose(draw, 5) + " The captain then went to the harbour, where the,"),
            "open_code": ask(lambda draw: "Here is the program:\n```python\nfor i in range(10):\n    print(i)\n"),
            "placeholder": ask(lambda draw: draw.choice(["[Insert answer here]", "TODO", "待补充", "xxx"])),
            "role_order": lambda draw: {"messages": [
                {"role": "user", "content": sentence(draw)}, {"role": "user", "content": sentence(draw)},
                {"role": "assistant", "content": prose(draw, 2)}]},
            "answer_first": lambda draw: {"conversations": [
                {"from": "gpt", "value": prose(draw, 2)}, {"from": "human", "value": sentence(draw)},
                {"from": "gpt", "value": prose(draw, 2)}]},
            "empty_prompt": lambda draw: {"instruction": "", "output": prose(draw, 3)},
        }
        kinds_of, _ = self.records_with(kinds)
        reasons = self.run_clean("{profile: instruction}")
        self.assert_found(kinds_of, reasons, {
            **{kind: [kind] for kind in kinds if kind not in ("open_code", "answer_first")},
            "open_code": ["truncated"], "answer_first": ["role_order"]})

    def test_changed_texts(self):
        say = lambda text: lambda draw: {"instruction": sentence(draw), "output": text(draw), "note": "<b>as it is</b>", "n": 1.50}
        kinds = {
            "<EMAIL>": say(lambda d: f"Write to anna.{d.randint(1, 99)}@example-mail.org, please."),
            "<PHONE>": say(lambda d: d.choice([f"Call (212) 555-{d.randint(1000, 9999)} today.",
                                               f"我的电话是1{d.choice('3578')}{d.randint(10**8, 10**9 - 1)}。",
                                               f"Ring +44 20 7946 {d.randint(1000, 9999)} in the evening."])),
            "<IP>": say(lambda d: f"The server at {d.randint(20, 99)}.{d.randint(0, 255)}.{d.randint(0, 255)}.{d.randint(1, 254)} is down."),
            "<ID>": say(lambda d: f"身份证号码：{resident_id(d)}，请核对。"),
            "<CARD>": say(lambda d: "Card " + luhn("4" + "".join(str(d.randint(0, 9)) for _ in range(14))) + " was charged."),
            "<IBAN>": say(lambda d: f"Send it to {iban(d)} this week."),
            "html": say(lambda d: f"<div class=\"x\"><script>var a = '<b>';</script><p>{sentence(d)}</p> 3 &lt; 4 &amp; vector&lt;int&gt;</div>"),
            "unicode": say(lambda d: f"cafe\u0301 au\u200b lait\u0007, {sentence(d)}\r\nNext"),
            "left alone": say(lambda d: "On 2023-04-15 at 12:30:45, version 1.20.3 gave 3.14159 x 10-4; vector<int> a < b; "
                                        f"f(x) = {d.randint(100, 999)}*x; ISBN 978-3-16-148410-0; 1,234,567 people; if (a<b && c>d)"),
            "check digits": say(lambda d: f"Numbers such as 4111111111111112 and 110101199001010{d.choice('012')}00 are wrong."),
        }
        kinds_of, records = self.records_with(kinds)
        reasons = self.run_clean("{html: strip, unicode: nfc, pii: mask}")
        self.assertEqual(reasons, {})
        changed = self.rewritten("run")
        for place, (kind, record) in enumerate(zip(kinds_of, records)):
            if kind in ("", "left alone", "check digits"):
                self.assertNotIn(place, changed, record)
                continue
            self.assertIn(place, changed, record)
            after = changed[place]
            self.assertEqual({k: v for k, v in after.items() if k != "output"}, {k: v for k, v in record.items() if k != "output"})
            if kind.startswith("<"):
                self.assertEqual(after["output"].count(kind), 1, (record, after))
            elif kind == "html":
                self.assertIn("3 < 4 & vector<int>", after["output"])
                for gone in ("<p>", "script", "var a", "class"):
                    self.assertNotIn(gone, after["output"])
            else:
                self.assertTrue(after["output"].startswith("caf\u00e9 au lait, "), after)
                self.assertTrue(after["output"].endswith("\nNext"), after)
        counters = self.job("run", "clean")["counters"]
        self.assertEqual(counters["changed"], len(changed))
        self.assertEqual(counters["masked_card"], self.KIND)
        # Where a finished shard tells the same story again, nothing is done.
        self.run_clean("{html: strip, unicode: nfc, pii: mask}")
        self.assertEqual(self.job("run", "clean")["resumed_shards"], len(list((self.folder / "run/stages/01-clean").glob("shard-*"))))

    def test_tokens_count(self):
        self.write("corpus.jsonl", "".join(json.dumps({"text": "word " * n}) + "\n" for n in (1, 10, 100, 1000)))
        config = f"""
corpus: {{pool: [{{path: corpus.jsonl}}], max_reject_fraction: 1}}
models: {{lm: {{path: {REPOSITORY / "examples/tiny-lm"}}}}}
pipeline:
  - clean: {{tokenizer: lm, min_tokens: 10, max_tokens: 500}}
"""
        self.run_config(config, "run")
        self.assertEqual(self.job("run", "clean")["counters"], {"too_short": 1, "too_long": 1})

    def test_spelling_is_a_column(self):
        self.write("xx.aff", "SET UTF-8\n")
        known = "the old captain repairs engine of boat".split()
        self.write("xx.dic", f"{len(known)}\n" + "\n".join(known) + "\n")
        self.write("corpus.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in [
            "the old captain repairs the engine of the boat", "the old captain qwrtz the plmkj of the boat", "too few"]))
        self.run_clean("{spelling: {as: unknown, languages: [xx], folder: ., max_unknown_fraction: 0.5}}")
        values = self.column("run", "01-clean", "unknown")[1]
        self.assertEqual(values[:2].tolist(), [0, 2 / 9])
        self.assertTrue(values[2] != values[2])

    def test_ranks_agree(self):
        kinds = {"mail": lambda d: {"text": f"Ask bob{d.randint(0, 99)}@mail.example.com about {sentence(d)}"},
                 "short": lambda d: {"text": "no"}}
        self.records_with(kinds)
        options = "{pii: mask, min_chars: 5, coherence: {as: flow}}"
        first = self.run_clean(options, "one")
        for ranks in (2, 3):
            self.assertEqual(self.run_clean(options, f"ranks{ranks}", ranks=ranks), first)
            self.assertEqual(self.rewritten(f"ranks{ranks}"), self.rewritten("one"))
            one, other = (self.column(run, "01-clean", "flow")[1].tobytes() for run in ("one", f"ranks{ranks}"))
            self.assertEqual(one, other)


class Trace(Case):
    def setUp(self):
        super().setUp()
        self.write("corpus.jsonl", "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in [
            {"instruction": "Who?", "output": "Mail me: a.b@example.org &amp; wait.", "id": "keep me"},
            {"instruction": "What?", "output": "No."},
            {"instruction": "Tell me about the sea.", "output": "It is wide and blue, and nobody has seen all of it."}]))
        self.write("curated.jsonl", '{"text": "Curated &amp; trusted: c@example.org"}\n')
        self.config = """
run: {seed: 3}
corpus: {pool: [{path: corpus.jsonl}], curated: [{path: curated.jsonl}], max_reject_fraction: 1}
pipeline:
  - clean: {html: strip, pii: mask, min_chars: 10}
  - select: {method: longest, budget: {records: 5}}
  - export: {format: alpaca, path: out.jsonl}
"""

    def test_a_record_can_be_followed(self):
        self.run_config(self.config, "run")
        shown, _ = self.call("inspect", "run", "--record", "0")
        self.assertIn("a.b@example.org &amp; wait", shown)
        self.assertIn("<EMAIL> & wait", shown)
        self.assertIn("html", shown)
        self.assertIn("pii: 1 <EMAIL>", shown)
        removed, _ = self.call("inspect", "run", "--record", "1")
        self.assertIn("01-clean: removed", removed)
        self.assertIn("too_short: characters 9, less than 10", removed)
        _, error = self.call("inspect", "run", "--record", "99", expect=2)
        self.assertIn("the pool has no record 99", error)

    def test_subset_and_exports_have_the_changed_texts(self):
        self.run_config(self.config, "run")
        subset = self.subset("run")
        records = {int(i): json.loads(r) for i, r in zip(subset["id"], subset["record"])}
        self.assertEqual(sorted(records), [0, 2])
        self.assertEqual(records[0], {"instruction": "Who?", "output": "Mail me: <EMAIL> & wait.", "id": "keep me"})
        lines = (self.folder / "run" / "out.jsonl").read_text().splitlines()
        self.assertIn("<EMAIL> & wait", "".join(lines))
        # The curated texts are written alike, and none of them leaves.
        with h5py.File(next((self.folder / "run/stages/01-clean").glob("curated-*.h5"))) as file:
            self.assertIn(b"Curated & trusted: <EMAIL>", file["rewritten/record/bytes"][()].tobytes())
            self.assertEqual(len(file["kept"]), 1)

    def test_a_changed_rule_remakes_what_stands_behind_it(self):
        self.run_config(self.config, "run")
        self.run_config(self.config.replace("pii: mask, ", ""), "run")
        records = [json.loads(r) for r in self.subset("run")["record"]]
        self.assertIn("a.b@example.org & wait.", records[1]["output"] + records[0]["output"])


class Mistakes(Case):
    def setUp(self):
        super().setUp()
        self.write("corpus.jsonl", '{"text": "some text"}\n')

    def refused(self, options: str, *parts: str):
        config = f"corpus: {{pool: [{{path: corpus.jsonl}}]}}\npipeline:\n  - clean: {options}\n"
        path = self.write("config.yaml", config)
        _, error = self.call("validate", path, expect=2)
        for part in parts:
            self.assertIn(part, error)

    def test_are_named(self):
        self.refused("{htlm: strip}", "config.yaml:3:", "htlm", "did you mean 'html'")
        self.refused("{html: all}", "all")
        self.refused("{symbols: {max_ratio: 3}}", "between 0 and 1")
        self.refused("{min_chars: 10, max_chars: 5}", "max_chars")
        self.refused("{blocklist: [nowhere.txt]}", "nowhere.txt")
        self.write("bad.txt", "fine\n/(/\n")
        self.refused("{blocklist: [bad.txt]}", "bad.txt:2")
        self.refused("{max_tokens: 5}", "tokenizer")
        self.refused("{max_tokens: 5, tokenizer: none}", "there is no model 'none'")
        self.refused("{spelling: {as: s, languages: [xx]}}", "xx")
        self.refused("{profile: wed}", "wed")
        self.refused("{exchange: [refusals]}", "refusals")

    def test_profiles_can_be_changed(self):
        config = "corpus: {pool: [{path: corpus.jsonl}], max_reject_fraction: 1}\npipeline:\n  - clean: {profile: web%s}\n"
        self.run_config(config % "", "a")
        self.assertEqual(self.job("a", "clean")["counters"], {"too_short": 1})
        self.run_config(config % ", min_words: null, stop_words: null", "b")
        self.assertEqual(self.job("b", "clean")["out"], 1)


class HostileTexts(Case):
    """Everything a rule could choke on, through all rules at once."""

    def test_end(self):
        texts = ["a" * 3_000_000, "<div>" * 100_000, "<!--" * 200_000, "e" + "\u0301" * 300_000, "1-" * 500_000, "a@" * 500_000,
                 "(" * 300_000, "\n" * 900_000 + "x", "```\n" * 100_000, "&" * 500_000, "<a b='" * 100_000, "word " * 400_000,
                 "\u4e2d" * 400_000, "1" * 900_000, "http://" * 100_000, "[" * 400_000, ("x" * 50 + "\n") * 20_000]
        self.write("corpus.jsonl", "".join(json.dumps({"instruction": "Say it.", "output": text}) + "\n" for text in texts))
        self.write("blocked.txt", "/(a+)+$/\n/(x|xx)+y/\nnever there\n")
        config = """
corpus: {pool: [{path: corpus.jsonl}], max_reject_fraction: 1}
pipeline:
  - clean: {profile: web, min_words: null, blocklist: [blocked.txt], coherence: {as: flow}, language: [en, zh],
            exchange: [empty_answer, refusal, repeats_question, truncated, placeholder], c4: {drop_lines: true}}
"""
        self.run_config(config, "run")
        job = self.job("run", "clean")
        self.assertEqual(job["in"], len(texts))


if __name__ == "__main__":
    unittest.main()
