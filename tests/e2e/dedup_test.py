# SPDX-License-Identifier: Apache-2.0
"""Deduplication against brute force in plain Python: exact, near, semantic, one-pass, and against curated records."""
import collections
import itertools
import unittest

import numpy as np

from dedup_case import Dedup, altered, document
from farpoint import normalize

CURATED = 2**64 - 1


def shingles(text: str, n: int = 5) -> set:
    words = text.lower().split()
    return {tuple(words[i:i + n]) for i in range(max(1, len(words) - n + 1))} if words else set()


def jaccard(a: set, b: set) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


def components(size: int, pairs) -> list:
    """The lowest member of each one's component."""
    parent = list(range(size))

    def find(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in pairs:
        a, b = find(a), find(b)
        parent[max(a, b)] = min(a, b)
    return [find(i) for i in range(size)]


class Exact(Dedup):
    def test_copies_of_equal_texts(self):
        texts = [" ".join(document(self.draw, 8)) for _ in range(200)]
        texts[7] = texts[150] = texts[3]
        texts[199] = texts[10].upper()
        texts[198] = "  " + texts[11].replace(" ", " \n\t ")
        texts[30] = texts[31] = ""  # no records at all
        self.write_corpus(texts)
        for ranks in (1, 2, 3, 5):
            self.run_dedup("{exact: true}", f"plain{ranks}", ranks)
            ids, of = self.duplicates(f"plain{ranks}")
            self.assertEqual({int(i): int(o) for i, o in zip(ids, of) if i != o}, {7: 3, 150: 3})
            self.assertEqual(self.assert_counted(f"plain{ranks}"), {"duplicate_exact": 2})
            self.run_dedup("{exact: {normalize: true}}", f"folded{ranks}", ranks)
            ids, of = self.duplicates(f"folded{ranks}")
            self.assertEqual({int(i): int(o) for i, o in zip(ids, of) if i != o}, {7: 3, 150: 3, 199: 10, 198: 11})

    def test_one_of_a_cluster_is_kept_as_asked(self):
        base = " ".join(document(self.draw, 6))
        texts = [base, base.upper() + " ", base + "  ", "other words here"]
        self.write_corpus(texts)
        np.save(self.folder / "score.npy", np.array([0.1, 0.9, np.nan, 0.5]))
        self.run_dedup("{exact: {normalize: true}, keep: longest}", "longest")
        self.assertEqual(self.duplicates("longest")[1].tolist(), [2, 2, 2, 3])
        before = "  - attach: {as: score, path: score.npy}\n"
        self.run_dedup("{exact: {normalize: true}, keep: score}", "score", before=before)
        self.assertEqual(self.duplicates("score")[1].tolist(), [1, 1, 1, 3])
        self.run_dedup("{exact: {normalize: true}}", "lowest")
        self.assertEqual(self.duplicates("lowest")[1].tolist(), [0, 0, 0, 3])


class Near(Dedup):
    def planted(self, groups: int = 60) -> list:
        """Documents of 200 words, and versions of them of which 0 to 12 words are others."""
        texts = []
        for _ in range(groups):
            base = document(self.draw, 200)
            texts.append(" ".join(base))
            for _ in range(self.draw.randint(0, 4)):
                texts.append(" ".join(altered(self.draw, base, self.draw.randint(0, 12))))
        self.draw.shuffle(texts)
        return texts

    def test_what_is_joined_is_near_and_what_is_near_is_joined(self):
        texts = self.planted()
        self.write_corpus(texts)
        self.run_dedup("{near: {threshold: 0.8}}")
        of = self.duplicates()[1]
        sets = [shingles(text) for text in texts]
        pairs = {(a, b): jaccard(sets[a], sets[b]) for a, b in itertools.combinations(range(len(texts)), 2)}
        allowed = components(len(texts), [pair for pair, j in pairs.items() if j >= 0.8])
        for i, kept in enumerate(of):
            self.assertEqual(allowed[i], allowed[kept], f"{i} and {kept} are not near")
        near = [pair for pair, j in pairs.items() if j >= 0.85]
        self.assertGreater(len(near), 40)
        found = [pair for pair in near if of[pair[0]] == of[pair[1]]]
        self.assertGreaterEqual(len(found), 0.97 * len(near))
        self.assertEqual(set(np.unique(of).tolist()), self.kept())
        self.assert_counted()
        # Every kept one is the lowest of its cluster, and stands for itself.
        for i, kept in enumerate(of):
            self.assertLessEqual(kept, i)
            self.assertEqual(of[kept], kept)

    def test_ranks_agree(self):
        self.write_corpus(self.planted())
        options = "{exact: true, near: {threshold: 0.7}, keep: longest}"
        self.run_dedup(options, "one")
        first = self.duplicates("one")[1].tobytes()
        examples = self.job("one", "dedup")["examples"]
        self.assertGreater(len(examples), 0)
        for ranks in (2, 3, 5):
            self.run_dedup(options, f"ranks{ranks}", ranks)
            self.assertEqual(self.duplicates(f"ranks{ranks}")[1].tobytes(), first)
            self.assertEqual(self.job(f"ranks{ranks}", "dedup")["examples"], examples)
            facts = [self.job(run, "dedup")["facts"] for run in ("one", f"ranks{ranks}")]
            self.assertEqual(*facts)

    def test_summary_describes_the_clusters(self):
        texts = self.planted()
        self.write_corpus(texts)
        self.run_dedup("{near: {threshold: 0.8}}")
        of = self.duplicates()[1]
        sizes = {kept: count for kept, count in collections.Counter(of.tolist()).items() if count > 1}
        job = self.job("run", "dedup")
        self.assertEqual(job["facts"]["clusters"], len(sizes))
        self.assertEqual(job["facts"]["largest_cluster"], max(sizes.values()))
        self.assertEqual(sum(v for k, v in job["facts"].items() if k.startswith("clusters_of_")), len(sizes))
        for example in job["examples"]:
            self.assertEqual(example["size"], sizes[example["kept"]])
            members = [i for i, kept in enumerate(of) if kept == example["kept"] and i != kept]
            self.assertEqual(example["duplicates"], members[:5])
            self.assertTrue(texts[example["kept"]].startswith(example["text"].removesuffix("...")))
        largest = sorted(sizes, key=lambda kept: (-sizes[kept], kept))[:10]
        self.assertEqual([example["kept"] for example in job["examples"]], largest)

    def test_chinese(self):
        base = "这座桥是在一百年以前建成的现在还有很多人使用它我们的小组在这个城市里研究水的历史大家都觉得很有意思"
        texts = [base, base[:20] + "新" + base[21:], "完全不同的一句话，没有什么相似的地方，也不需要删除。" * 2]
        self.write_corpus(texts)
        self.run_dedup("{near: {threshold: 0.7}}")
        self.assertEqual(self.duplicates()[1].tolist(), [0, 0, 2])


class Curated(Dedup):
    def test_what_is_curated_already_leaves(self):
        curated = [document(self.draw) for _ in range(20)]
        texts = [" ".join(document(self.draw)) for _ in range(100)]
        texts[5] = " ".join(curated[3])
        texts[6] = " ".join(altered(self.draw, curated[4], 1))
        texts[50] = texts[6]
        texts[70] = texts[71] = " ".join(document(self.draw))
        self.write_corpus(texts)
        self.write_corpus([" ".join(words) for words in curated], "curated.jsonl")
        where = ", curated: [{path: curated.jsonl}]"
        for ranks in (1, 3):
            self.run_dedup("{exact: true, near: {threshold: 0.8}, against: curated}", f"run{ranks}", ranks, curated=where)
            of = self.duplicates(f"run{ranks}")[1]
            self.assertEqual({i: int(o) for i, o in enumerate(of) if i != o}, {5: CURATED, 6: CURATED, 50: CURATED, 71: 70})
            self.assertEqual(self.assert_counted(f"run{ranks}"), {"in_curated": 3, "duplicate_exact": 1})
        self.run_dedup("{exact: true, against: curated}", "exact", curated=where)
        self.assertEqual({i: int(o) for i, o in enumerate(self.duplicates("exact")[1]) if i != o}, {5: CURATED, 50: 6, 71: 70})
        _, error = self.run_dedup("{exact: true, against: curated}", "none", expect=2)
        self.assertIn("corpus.curated", error)


class Vectors(Dedup):
    def setUp(self):
        super().setUp()
        random_rows = np.random.default_rng(5)
        base = random_rows.normal(size=(60, 24))
        rows = np.repeat(base, 4, axis=0) + random_rows.normal(size=(240, 24)) * random_rows.uniform(0, 0.6, size=(240, 1))
        rows[17] = rows[3]
        random_rows.shuffle(rows)
        self.rows = rows.astype(np.float32)
        self.rows[200] = 0  # no direction
        np.save(self.folder / "rows.npy", self.rows)
        self.write_corpus([f"text {i}" for i in range(240)])
        self.before = "  - attach: {as: emb, path: rows.npy}\n"
        self.unit = normalize(np.where(self.rows == 0, np.float32(1e-30), self.rows)).astype(np.float64)
        self.cosines = self.unit @ self.unit.T
        self.cosines[200, :] = self.cosines[:, 200] = -1

    def test_semantic_pairs_are_those_of_brute_force(self):
        for threshold in (0.99, 0.9):
            pairs = np.argwhere(np.triu(self.cosines >= threshold, 1))
            self.assertFalse((np.abs(self.cosines - threshold) < 1e-6).any())
            expected = components(240, pairs.tolist())
            for ranks in (1, 3):
                run = f"run{threshold}{ranks}"
                self.run_dedup(f"{{semantic: {{threshold: {threshold}}}}}", run, ranks, before=self.before)
                self.assertEqual(self.duplicates(run)[1].tolist(), expected)
                self.assertEqual(set(self.assert_counted(run)), {"duplicate_semantic"})

    def test_cells_miss_little_and_join_nothing_else(self):
        pairs = np.argwhere(np.triu(self.cosines >= 0.9, 1)).tolist()
        exact = components(240, pairs)
        options = "{semantic: {threshold: 0.9, index: {kind: ivf, cells: 8, probes: 4}}}"
        self.run_dedup(options, before=self.before)
        found = self.duplicates()[1]
        self.assertTrue(all(exact[i] == exact[kept] for i, kept in enumerate(found)))
        joined = [pair for pair in pairs if found[pair[0]] == found[pair[1]]]
        self.assertGreaterEqual(len(joined), 0.99 * len(pairs))
        self.assertGreaterEqual(self.job("run", "dedup")["facts"]["semantic_recall"], 0.9)
        self.run_dedup(options, "three", 3, before=self.before)
        self.assertEqual(self.duplicates("three")[1].tolist(), found.tolist())

    def test_one_pass_keeps_leaders(self):
        leaders = []
        for i in range(240):
            if i == 200 or not any(self.cosines[i, leader] >= 0.9 for leader in leaders):
                leaders.append(i)
        nearest = lambda i: max(leaders, key=lambda leader: (self.cosines[i, leader], -leader))
        expected = [i if i in leaders else nearest(i) for i in range(240)]
        for ranks in (1, 2):
            self.run_dedup("{one_pass: {threshold: 0.9}}", f"run{ranks}", ranks, before=self.before)
            self.assertEqual(self.duplicates(f"run{ranks}")[1].tolist(), expected)

    def test_curated_vectors(self):
        curated = self.rows[:10]
        np.save(self.folder / "curated.npy", curated)
        self.run_dedup("{semantic: {threshold: 0.95}, against: curated}", before=self.before,
                       curated=", curated: [{path: curated.npy, as: emb}]")
        hits = {i for i in range(240) if (self.cosines[i, :10] >= 0.95).any()}
        of = self.duplicates()[1]
        self.assertEqual({i for i, o in enumerate(of) if int(o) == CURATED}, hits)


class Runs(Dedup):
    def test_what_is_finished_is_kept(self):
        texts = [" ".join(document(self.draw, 20)) for _ in range(160)]
        texts[150] = texts[2]
        self.write_corpus(texts)
        self.run_dedup("{exact: true, near: {threshold: 0.8}}", ranks=2)
        stage = self.folder / "run" / "stages" / self.stage()
        self.run_dedup("{exact: true, near: {threshold: 0.8}}")
        self.assertEqual(self.job("run", "dedup")["resumed_shards"], 4)
        (stage / "shard-00001.h5").unlink()
        self.run_dedup("{exact: true, near: {threshold: 0.8}}")
        self.assertEqual(self.job("run", "dedup")["resumed_shards"], 3)
        (stage / "shard-00001.h5").unlink()
        for path in stage.glob("answers-*.h5"):
            path.unlink()
        _, error = self.run_dedup("{exact: true, near: {threshold: 0.8}}", expect=2)
        self.assertIn("delete the folder", error)

    def test_behind_other_jobs(self):
        texts = [" ".join(document(self.draw, 20)) for _ in range(120)]
        texts[100] = texts[7]
        texts[101] = "<p>" + texts[8] + "</p>"
        self.write_corpus(texts)
        config = """
corpus: {pool: [{path: corpus.jsonl}], shard_records: 50}
pipeline:
  - clean: {html: strip, white_space: tidy, blocklist: [blocked.txt]}
  - dedup: {exact: true}
  - embed: {as: emb}
  - dedup: {semantic: {threshold: 0.999}, as: same_meaning}
  - filter: {keep: {}}
  - select: {method: random, budget: {records: 1000}}
"""
        self.write("blocked.txt", " ".join(texts[3].split()[:3]) + "\n")
        self.run_config(config.replace("  - filter: {keep: {}}\n", ""), "run")
        subset = self.subset("run")
        self.assertEqual(sorted(subset["id"].tolist()), sorted(set(range(120)) - {3, 100, 101}))
        self.assertNotIn("scores/duplicate_of", subset)
        table, _ = self.call("table", "run", "--columns", "duplicate_of")
        self.assertIn("\n100,7\n", table)
        self.assertIn("\n101,8\n", table)

    def test_mistakes_are_named(self):
        self.write_corpus(["a text"])
        for options, part in [("{}", "nothing to do"), ("{near: {threshold: 1.5}}", "near.threshold"),
                              ("{semantic: {threshold: 0.9}}", "put an 'embed'"), ("{exact: maybe}", "exact"),
                              ("{exact: true, keep: quality}", "quality"), ("{near: {treshold: 0.8}}", "treshold"),
                              ("{decontaminate: {sources: [{path: none.jsonl}]}}", "none.jsonl")]:
            _, error = self.run_dedup(options, expect=2)
            self.assertIn(part, error)

    def test_memory_is_stated_and_kept_to(self):
        self.write_corpus([" ".join(document(self.draw, 20)) for _ in range(50)])
        _, error = self.run_dedup("{exact: true, memory_limit: 1MiB}", expect=1)
        self.assertIn("memory_limit", error)
        self.run_dedup("{exact: true}")
        self.assertIn("a rank needs at most", (self.folder / "run/log/rank-0000.log").read_text())

    def test_an_empty_pool(self):
        self.write("corpus.jsonl", '{"text": "one"}\n')
        config = "corpus: {pool: [{path: corpus.jsonl}]}\npipeline:\n  - clean: {min_chars: 100}\n  - dedup: {exact: true, near: {threshold: 0.8}}\n"
        self.run_config(config.replace("corpus: {", "corpus: {max_reject_fraction: 1, "), "run", ranks=2)
        self.assertEqual(self.job("run", "dedup")["out"], 0)


if __name__ == "__main__":
    unittest.main()
