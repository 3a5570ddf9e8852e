# SPDX-License-Identifier: Apache-2.0
"""How much `select` chooses and of what: budgets, quotas, and records that must be kept."""
import unittest

import numpy as np

import select_reference as reference
from farpoint import jsonl
from select_case import METHODS, SelectCase
from select_reference import Books

BY_NUMBER = ("k-center", "top", "longest", "random")
ALL = tuple(METHODS)


def options(method: str, more: str) -> str:
    return ", ".join(part for part in (f"method: {method}", METHODS[method], more) if part)


class Budgets(SelectCase):
    def test_tokens_end_the_walk_at_the_first_that_does_not_fit(self):
        for method in BY_NUMBER:
            for most in (500, 333):
                subset = self.select(options(method, f"budget: {{tokens: {most}}}"))
                pool = self.pool_of(method)
                chosen, distances = self.choose(method, pool, Books(tokens=pool.words, most_tokens=most))
                self.check(subset, pool, chosen, distances)
                self.assertLessEqual(int(pool.words[chosen].sum()), most)
        subset = self.select(options("random", "budget: {tokens: 1}"))
        self.assertEqual(len(subset["id"]), 0)

    def test_words_are_what_any_white_space_separates(self):
        texts = ["one two", "一\u3000二\u00a0三", " a\u2009b\x1cc\td\n", "x" * 30]
        self.write("words.jsonl", jsonl([{"text": text} for text in texts]))
        config = "corpus: {pool: [{path: words.jsonl}]}\npipeline: [select: {method: longest, budget: {tokens: %d}}]\n"
        # By length: 1 word of 30 letters, then 4, 2 and 3 words.
        for tokens, chosen in ((1, [3]), (4, [3]), (5, [3, 2]), (7, [3, 2, 0]), (10, [3, 2, 0, 1])):
            self.run_config(config % tokens, "words", "--fresh")
            self.assertEqual(list(self.subset("words")["id"]), chosen, tokens)

    def test_tokens_of_a_column(self):
        for method, column in (("k-center", "lm"), ("top", "lm.tokens"), ("random", "lm"), ("one-pass", "lm")):
            subset = self.select(options(method, f"token_column: {column}, budget: {{tokens: 400, records: 30}}"))
            # Parts of tokens are rounded up; records whose tokens nobody knows cannot be charged.
            pool = self.pool_of(method, without=[11, 355])
            chosen, distances = self.choose(method, pool, Books(tokens=pool.tokens, most_tokens=400, records=30))
            self.check(subset, pool, chosen, distances)
            self.assertEqual({one: why for one, why in self.rejected().items() if one in (11, 355)},
                             {11: "filter:lm.tokens", 355: "filter:lm.tokens"})

    def test_a_column_of_numbers_counts_tokens_too(self):
        subset = self.select(options("top", "token_column: group, budget: {tokens: 25}"))
        group = np.load(self.folder / "group.npy")
        pool = self.candidates(vectors=False, without=np.flatnonzero(~(group < 2**53)))
        chosen, _ = self.choose("top", pool, Books(tokens=np.ceil(group[pool.ids]), most_tokens=25))
        self.check(subset, pool, chosen)

    def test_fractions_are_of_the_candidates(self):
        for method in BY_NUMBER:
            subset = self.select(options(method, "budget: {fraction: 0.07}"))
            pool = self.pool_of(method)
            chosen, distances = self.choose(method, pool, Books(records=len(pool.ids) * 7 // 100))
            self.check(subset, pool, chosen, distances)

    def test_all_and_more(self):
        for method in ALL:
            pool = self.pool_of(method)
            subset = self.select(options(method, "assignment: false, budget: {records: 100000}"))
            chosen, distances = self.choose(method, pool, Books())
            self.check(subset, pool, chosen, distances)
            self.assertEqual(self.job("on3", "select")["counters"]["left"], len(pool.ids) - len(chosen))


class Quotas(SelectCase):
    def test_maxima_and_minima(self):
        cases = (("source", "max: {web: 9, books: 14}", {}, {"web": 9, "books": 14}),
                 ("record.lang", 'min: {zh: 11, "3": 7}, max: {en: 5, "": 2}', {"zh": 11, "3": 7}, {"en": 5, "": 2}),
                 ("group", 'min: {"2.5": 9, nan: 4, "1e+30": 2}, max: {"0": 3}', {"2.5": 9, "nan": 4, "1e+30": 2}, {"0": 3}))
        for by, limits, least, most in cases:
            for method in ("k-center", "top", "repr-filter", "random"):
                subset = self.select(options(method, f"quota: {{by: {by}, {limits}}}, budget: {{records: 30}}"))
                pool = self.pool_of(method)
                labels = getattr(pool, by.removeprefix("record."))
                books = Books(labels=labels, records=30, least=least, most=most)
                chosen, distances = self.choose(method, pool, books)
                self.check(subset, pool, chosen, distances)
                counts = {name: sum(labels[i] == name for i in chosen) for name in set(labels)}
                for name, number in most.items():
                    self.assertLessEqual(counts[name], number)
                for name, number in least.items():
                    self.assertGreaterEqual(counts[name], min(number, labels.count(name)), (method, name, counts))

    def test_other_methods_keep_them_too(self):
        for method in ("one-pass", "facility-location", "target", "longest"):
            subset = self.select(options(method, "quota: {by: record.lang, min: {zh: 11}, max: {en: 5}}, budget: {records: 30}"))
            pool = self.pool_of(method)
            books = Books(labels=pool.lang, records=30, least={"zh": 11}, most={"en": 5})
            self.check(subset, pool, *self.choose(method, pool, books))

    def test_maxima_alone_end_a_selection(self):
        subset = self.select(options("k-center", "quota: {by: source, max: {web: 9, books: 14}}, budget: {records: 100}"))
        self.assertEqual(sorted(subset["source"].tolist()), [b"books"] * 14 + [b"web"] * 9)

    def test_quotas_and_tokens(self):
        for method in ("k-center", "random"):
            subset = self.select(options(method, "quota: {by: source, min: {books: 12}}, budget: {tokens: 450}"))
            pool = self.pool_of(method)
            books = Books(labels=pool.source, tokens=pool.words, most_tokens=450, least={"books": 12})
            self.check(subset, pool, *self.choose(method, pool, books))

    def test_shares_and_temperature(self):
        for method in ("k-center", "top", "repr-filter", "random"):
            pool = self.pool_of(method)
            for limits, share, temperature in (("share: {zh: 0.5}", 0.5, 1), ("share: {zh: 0.4}, temperature: 3", 0.4, 3),
                                               ("temperature: 2", None, 2)):
                names = sorted(set(pool.lang))
                frequency = np.array([pool.lang.count(name) ** (1 / temperature) for name in names])
                if share is not None:
                    frequency[names.index("zh")] = 0
                    frequency *= (1 - share) / frequency.sum()
                    frequency[names.index("zh")] = share
                most = dict(zip(names, reference.largest_remainders(frequency, 21)))
                self.assertTrue(all(most[name] <= pool.lang.count(name) for name in names), most)
                subset = self.select(options(method, f"quota: {{by: record.lang, {limits}}}, budget: {{records: 21}}"))
                books = Books(labels=pool.lang, records=21, most=most)
                self.check(subset, pool, *self.choose(method, pool, books))

    def test_a_minimum_that_cannot_be_met_is_told(self):
        for method in ("k-center", "random"):
            quota = options(method, "quota: {by: record.lang, min: {rare: 10}}, budget: {records: 20}")
            subset = self.select(quota)
            pool = self.pool_of(method)
            self.check(subset, pool, *self.choose(method, pool, Books(labels=pool.lang, records=20, least={"rare": 10})))
            self.assertEqual(set(subset["id"][:3]), {90, 180, 270})
            _, told = self.run_config((self.folder / "config.yaml").read_text(), "on3", "--fresh", ranks=3)
            self.assertEqual(told.count("the quota's minimum for 'rare' is 10, but only 3 candidates have this label"), 1, told)

    def test_labels_that_nobody_has(self):
        for limits, key, told in (("max: {wbe: 3}", "max", "'wbe', which no candidate has (did you mean 'web'?)"),
                                  ("min: {boks: 3}", "min", "(did you mean 'books'?)"), ("share: {x: 0.1}", "share", "'x'")):
            errors = self.refused(options("random", f"quota: {{by: source, {limits}}}, budget: {{records: 20}}"))
            self.assertIn(f"'quota.{key}' names the label", errors)
            self.assertIn(told, errors)

    def test_quotas_that_contradict_each_other(self):
        for limits, budget, told in (("min: {web: 5}, max: {web: 4}", "records: 20", "a minimum of 5, above its maximum of 4"),
                                     ("min: {web: 15, books: 6}", "records: 20", "more than the 20 records"),
                                     ("share: {web: 0.7, books: 0.4}", "records: 20", "above 1"),
                                     ("share: {web: 1.5}", "records: 20", "not at 1.5"),
                                     ("temperature: 0", "records: 20", "lies above 0, not at 0"),
                                     ("temperature: 2", "tokens: 20", "set the budget to records or a fraction")):
            errors = self.refused(options("random", f"quota: {{by: source, {limits}}}, budget: {{{budget}}}"))
            self.assertIn(told, errors)


class MustKeep(SelectCase):
    def test_they_come_first_in_their_order(self):
        kept = [355, 2, 61, 301, 1, 350]
        for method in ALL:
            for count in (30, 4):
                subset = self.select(options(method, f"must_keep: {kept}, budget: {{records: {count}}}"))
                pool = self.pool_of(method)
                places = np.searchsorted(pool.ids, kept).tolist()
                chosen, distances = self.choose(method, pool, Books(records=count), must_keep=places)
                self.check(subset, pool, chosen, distances)
                self.assertEqual(subset["id"][:6].tolist(), kept)
                self.assertEqual(len(subset["id"]), max(count, 6))

    def test_they_count_against_quotas_and_tokens(self):
        kept = [355, 301, 260, 349]  # all of books
        for method in ("k-center", "top", "one-pass"):
            pool = self.pool_of(method)
            places = np.searchsorted(pool.ids, kept).tolist()
            subset = self.select(options(method, f"must_keep: {kept}, quota: {{by: source, max: {{books: 3}}}}, budget: {{records: 9}}"))
            books = Books(labels=pool.source, records=9, most={"books": 3})
            self.check(subset, pool, *self.choose(method, pool, books, must_keep=places))
            subset = self.select(options(method, f"must_keep: {kept}, budget: {{tokens: 120}}"))
            books = Books(tokens=pool.words, most_tokens=120)
            self.check(subset, pool, *self.choose(method, pool, books, must_keep=places))

    def test_ids_that_are_no_candidates(self):
        dropped = int(np.setdiff1d(np.arange(400), self.kept)[0])
        for method in ALL:
            errors = self.refused(options(method, f"must_keep: [3, {dropped}, 12345], budget: {{records: 20}}"), expect=1)
            self.assertIn(f"2 records that must be kept are no candidate: {dropped}, 12345;", errors)
        errors = self.refused(options("random", "must_keep: [3, 4, 3], budget: {records: 20}"), expect=1)
        self.assertIn("the record 3 must be kept twice", errors)
        errors = self.refused(options("k-center", "must_keep: [17], budget: {records: 20}"), expect=1)
        self.assertIn("17", errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
