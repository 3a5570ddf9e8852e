# SPDX-License-Identifier: Apache-2.0
"""The report of a run: its numbers against those that h5py and numpy find in the files of the run."""
import collections
import json
import pathlib
import re
import unittest

import h5py
import numpy as np

import farpoint

NO_ID = 2**64 - 1

CONFIG = """
corpus: {pool: [%s], shard_records: 64}
pipeline:
  - clean: {min_chars: 12}
  - dedup: {exact: true}
  - embed: {as: emb}
  - attach: {as: score, path: score.npy}
  - filter: {keep: {score: {max: 1000}}}
  - select: {method: k-center, vectors: emb, budget: {records: 40}, quota: {by: record.topic, max: {"3": 20}}}
  - report: {examples: 5}
"""

WORDS = "amber basin cedar delta ember fjord grove heron inlet joist kelp lumen marsh north ochre prism quartz".split()


def page_data(path: pathlib.Path) -> dict:
    page = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.S)[1])


class ReportCase(farpoint.Case):
    def make_corpus(self):
        draw = np.random.default_rng(3)
        records = []
        for i in range(500):
            text = " ".join(draw.choice(WORDS, size=draw.integers(3, 60)))
            records.append({"instruction": f"topic {i % 7} {text}", "output": f"answer {i} {text[::-1]}", "topic": i % 7})
        for i in range(0, 40, 2):
            records[i + 100] = records[i]
        records[33] = {"instruction": "hm", "output": "no"}
        self.write("one.jsonl", "".join(json.dumps(r) + "\n" for r in records[:300]))
        self.write("two.jsonl", "".join(json.dumps(r) + "\n" for r in records[300:]) + "{broken\n")
        scores = draw.lognormal(2, 1, size=501)
        scores[7], scores[11] = np.nan, 5000
        np.save(self.folder / "score.npy", scores)
        return CONFIG % "{path: one.jsonl}, {path: two.jsonl, name: second}"

    def report(self, output: str) -> dict:
        return page_data(self.folder / output / "report.html")

    def without_performance(self, data: dict) -> dict:
        return {key: value for key, value in data.items() if key not in ("performance", "commands", "title", "config",
                                                                          "subset_created")}


class Numbers(ReportCase):
    def setUp(self):
        super().setUp()
        self.run_config(self.make_corpus(), "run")
        self.data = self.report("run")

    def test_the_head_is_that_of_the_subset(self):
        subset = self.subset("run")
        self.assertEqual(self.data["kind"], "report")
        self.assertEqual(self.data["pool_records"], 501)
        self.assertEqual(self.data["selected"], 40)
        self.assertEqual(self.data["method"], "k-center")
        self.assertEqual(self.data["radius"], subset["attributes"]["radius"])
        self.assertIn("k-center", self.data["config"])

    def test_the_funnel_accounts_for_every_record(self):
        summary = self.summary("run")
        for entry, job in zip(self.data["funnel"], summary["jobs"]):
            self.assertEqual([entry[key] for key in ("job", "in", "out", "rejected", "failed")],
                             [job[key] for key in ("job", "in", "out", "rejected", "failed")])
            if entry["job"] != "attach":  # it keeps its records, with or without a number
                self.assertEqual(sum(entry["reasons"].values()), entry["in"] - entry["out"], entry)
        by_job = {entry["job"]: entry["reasons"] for entry in self.data["funnel"]}
        self.assertEqual(by_job["ingest"], {"bad_json": 1})
        self.assertEqual(by_job["clean"], {"too_short": 1})
        self.assertEqual(by_job["dedup"], {"duplicate_exact": 20})
        self.assertEqual(sum(by_job["filter"].values()), 2)  # NaN is not within bounds

    def test_removed_records_are_shown_with_their_reasons(self):
        removed = {entry["rule"]: entry for entry in self.data["removed"]}
        self.assertEqual(removed["too_short"]["examples"][0]["id"], 33)
        self.assertIn("hm", removed["too_short"]["examples"][0]["text"])
        copies = removed["duplicate_exact"]["examples"]
        self.assertEqual(len(copies), 5)
        for copy in copies:
            self.assertIn(copy["id"], range(100, 140, 2))
            self.assertEqual(copy["detail"], f"of record {copy['id'] - 100}")

    def test_what_the_ingest_refused_is_named_by_its_place(self):
        refused = self.data["removed"][0]
        self.assertEqual((refused["stage"], refused["rule"], refused["records"]), ("00-ingest", "bad_json", 1))
        self.assertEqual([(r["id"], r["source"]) for r in refused["examples"]], [(500, "second")])
        self.assertRegex(refused["examples"][0]["detail"], r"two\.jsonl:201$")

    def left(self):
        """ids, sources and topics of the records that select has seen, by h5py alone."""
        with h5py.File(self.folder / "run" / "subset.h5") as file:
            ids = file["pool/id"][()]
        records = {}
        for path in sorted((self.folder / "run/stages/00-ingest").glob("shard-*.h5")):
            with h5py.File(path) as file:
                offsets, text = file["record/offsets"][()], file["record/bytes"][()].tobytes()
                for row, id in enumerate(file["id"][()]):
                    records[int(id)] = json.loads(text[offsets[row]:offsets[row + 1]])
        return ids, records

    def test_distributions_count_every_record(self):
        ids, records = self.left()
        chosen = set(self.subset("run")["id"].tolist())
        by_name = {entry["name"]: entry for entry in self.data["distributions"]}
        self.assertEqual(list(by_name), ["characters", "words", "language", "score"])
        lengths = np.array([len(records[i]["instruction"]) + 1 + len(records[i]["output"]) for i in ids.tolist()], float)
        of_score, scores = self.column("run", "04-attach-score", "score")
        scores = scores[np.isin(of_score, ids)]
        mine = np.isin(ids, list(chosen))
        for name, values in (("characters", lengths), ("score", scores)):
            entry = by_name[name]
            for side, part in (("pool", values), ("subset", values[mine])):
                summary = entry["summary"][side]
                self.assertEqual(summary["count"], np.isfinite(part).sum())
                self.assertEqual(summary["missing"], np.isnan(part).sum())
                for key, share in (("p5", 0.05), ("p50", 0.5), ("p95", 0.95)):
                    self.assertEqual(summary[key], np.quantile(part, share, method="inverted_cdf"))
                self.assertAlmostEqual(summary["mean"], part.mean(), places=9)
                edges = [b["from"] for b in entry["bins"]] + [entry["bins"][-1]["to"]]
                self.assertEqual(edges, sorted(set(edges)))
                counts, _ = np.histogram(part, edges)
                self.assertEqual([b[side] for b in entry["bins"]], counts.tolist(), (name, side))
                self.assertEqual(entry["below"][side] + entry["above"][side] + counts.sum(), len(part))
            self.assertEqual(sum(b["random"] for b in entry["bins"]) + entry["below"]["random"] + entry["above"]["random"],
                             40)
        words = by_name["words"]["summary"]["pool"]
        self.assertEqual(words["max"], max(len((records[i]["instruction"] + " " + records[i]["output"]).split())
                                           for i in ids.tolist()))

    def test_the_long_tail_is_told_by_source_and_by_the_quotas_label(self):
        ids, records = self.left()
        chosen = self.subset("run")
        self.assertEqual([entry["by"] for entry in self.data["tail"]], ["source", "record.topic"])
        topics = collections.Counter(records[i]["topic"] for i in ids.tolist())
        mine = collections.Counter(json.loads(r)["topic"] for r in chosen["record"])
        for row in self.data["tail"][1]["rows"]:
            self.assertEqual((row["pool"], row["subset"]), (topics[int(row["name"])], mine[int(row["name"])]))
        self.assertEqual(sum(row["random"] for row in self.data["tail"][0]["rows"]), 40)
        sources = collections.Counter(s.decode() for s in chosen["source"])
        self.assertEqual({row["name"]: row["subset"] for row in self.data["tail"][0]["rows"]}, dict(sources))

    def test_farthest_nearest_and_groups_are_those_of_the_subset_file(self):
        subset = self.subset("run")
        order = np.lexsort((subset["pool/id"], -subset["pool/distance"]))
        rest = [i for i in order if subset["pool/id"][i] != subset["pool/representative"][i]]
        expected = [(int(subset["pool/id"][i]), int(subset["pool/representative"][i])) for i in rest[:5]]
        self.assertEqual([(r["id"], r["representative"]["id"]) for r in self.data["farthest"]], expected)
        near = [i for i in rest[::-1] if subset["pool/distance"][i] > 1e-7]
        self.assertEqual({r["id"] for r in self.data["nearest"]}, {int(subset["pool/id"][i]) for i in near[:5]})
        largest = np.sort(subset["weight"])[::-1][:5]
        self.assertEqual([g["weight"] for g in self.data["groups"]], largest.tolist())
        for group in self.data["groups"]:
            self.assertIn(group["chosen"]["id"], subset["id"])
            for member in group["members"]:
                row = np.searchsorted(subset["pool/id"], member["id"])
                self.assertEqual(subset["pool/representative"][row], group["chosen"]["id"])
                self.assertEqual(member["distance"], subset["pool/distance"][row])
            distances = [member["distance"] for member in group["members"]]
            self.assertEqual(distances, sorted(distances))

    def test_the_map_is_a_plane_of_the_vectors(self):
        ids, vectors = self.column("run", "03-embed-emb", "emb")
        left, _ = self.left()
        vectors = vectors[np.isin(ids, left)].astype(np.float64)
        centred = vectors - vectors.mean(axis=0)
        values, axes = np.linalg.eigh(centred.T @ centred)
        points = self.data["map"]["pool"]
        self.assertEqual({p["id"] for p in points}, set(left.tolist()))
        self.assertEqual([p["id"] for p in self.data["map"]["subset"]], self.subset("run")["id"].tolist())
        np.testing.assert_allclose(self.data["map"]["explained"], values[::-1][:2] / values.sum(), rtol=1e-6)
        rows = {int(id): row for row, id in enumerate(left)}
        for axis, key in ((-1, "x"), (-2, "y")):
            along = centred @ axes[:, axis]
            mine = np.array([p[key] for p in points])
            theirs = np.array([along[rows[p["id"]]] for p in points])
            sign = np.sign(np.dot(mine, theirs))
            np.testing.assert_allclose(mine, sign * theirs, atol=2e-4)
        density = self.data["map"]["density"]
        self.assertEqual(sum(density["counts"]), len(left))
        self.assertEqual(len(density["counts"]), density["columns"] * density["rows"])

    def test_performance_is_that_of_the_summary(self):
        summary = self.summary("run")
        jobs = self.data["performance"]["jobs"]
        self.assertEqual([j["job"] for j in jobs], [j["job"] for j in summary["jobs"]][:-1])
        for job in jobs:
            self.assertEqual(len(job["ranks"]), 1)


class Ways(ReportCase):
    def test_it_is_the_same_at_any_number_of_ranks_and_from_the_command(self):
        config = self.make_corpus()
        self.run_config(config, "one")
        alone = self.without_performance(self.report("one"))
        self.run_config(config, "three", ranks=3)
        self.assertEqual(self.without_performance(self.report("three")), alone)
        self.assertEqual([len(j["ranks"]) for j in self.report("three")["performance"]["jobs"]], [3] * 7)
        for name in ("one.jsonl", "two.jsonl", "score.npy"):
            (self.folder / name).unlink()
        (self.folder / "one/report.html").unlink()
        printed, _ = self.call("report", "one")
        self.assertEqual(printed.strip(), "one/report.html")
        self.assertEqual(self.without_performance(self.report("one")), alone)
        printed, _ = self.call("report", "three", "--out", "elsewhere.html", ranks=2)
        self.assertEqual(printed.strip(), "elsewhere.html")
        self.assertEqual(self.without_performance(page_data(self.folder / "elsewhere.html")), alone)

    def test_a_second_run_keeps_it(self):
        config = self.make_corpus()
        self.run_config(config, "run")
        before = (self.folder / "run/report.html").stat().st_mtime_ns
        self.run_config(config, "run")
        self.assertEqual((self.folder / "run/report.html").stat().st_mtime_ns, before)

    def test_without_a_subset_there_is_a_pool_to_show(self):
        self.write("a.jsonl", "".join(json.dumps({"text": f"some words {i}"}) + "\n" for i in range(30)))
        self.run_config("corpus: {pool: [{path: a.jsonl}]}\npipeline: [report: {}]", "run")
        data = self.report("run")
        self.assertIsNone(data["selected"])
        self.assertIsNone(data["map"])
        self.assertIsNone(data["coverage"])
        self.assertEqual(data["distributions"][0]["summary"]["pool"]["count"], 30)
        self.assertIsNone(data["distributions"][0]["summary"]["subset"])

    def test_vectors_without_text(self):
        np.save(self.folder / "v.npy", np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32))
        self.run_config("corpus: {pool: [{path: v.npy, as: v}]}\npipeline: [select: {vectors: v, method: k-center, "
                        "budget: {records: 5}}, report: {}]", "run")
        data = self.report("run")
        self.assertEqual([d["name"] for d in data["distributions"]], [])
        self.assertEqual(len(data["map"]["pool"]), 50)

    def test_what_cannot_be_reported_says_so(self):
        _, error = self.call("report", self.folder / "nowhere", expect=2)
        self.assertIn("it has no config.yaml", error)
        config = self.make_corpus()
        self.run_config(config, "run")
        coverage = (self.folder / "run/coverage.json").read_text()
        self.write("run/coverage.json", "[")
        _, error = self.call("report", "run", expect=1)
        self.assertIn("run/coverage.json: this is not the file that a run wrote", error)
        self.write("run/coverage.json", coverage)
        # Lines that somebody has changed are no examples.
        with open(self.folder / "run/rejects.jsonl", "a") as rejects:
            rejects.write('{"stage": 1}\n{"stage": "ingest", "reason": "bad_json", "id": -1e300, "line": []}\nx\n')
        self.call("report", "run", "--out", "changed.html")
        (self.folder / "run/subset.h5").write_bytes((self.folder / "run/subset.h5").read_bytes() + b"x")
        _, error = self.call("report", "run", expect=2)
        self.assertIn("subset.h5 was changed since", error)
        (self.folder / "run/summary.json").unlink()
        self.run_config(config, "run", "--until", "embed")
        self.call("report", "run", "--out", "part.html")
        self.assertIsNone(page_data(self.folder / "part.html")["selected"])
        _, error = self.call("report", "run", "--out", "run/subset.h5", expect=2)
        self.assertIn("belongs to the run itself", error)
        for option in ("{vectors: embb}", "{by: [nope]}", "{path: subset.h5}", "{points: 100000}", "{pats: x}"):
            _, error = self.run_config(config.replace("{examples: 5}", option), "bad", expect=2)
            self.assertRegex(error, r"config.yaml:\d+:\d+: ", option)

    def test_hostile_text_stays_text(self):
        texts = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u202eabc\u2028\u0000def",
                 "a" * 1_000_000, "<!-- <script>"]
        self.write("a.jsonl", "".join(json.dumps({"instruction": t + str(i), "output": t}) + "\n"
                                      for i, t in enumerate(texts * 4)))
        self.run_config("corpus: {pool: [{path: a.jsonl, name: '</title><script>alert(1)</script>'}]}\n"
                        "pipeline: [embed: {}, select: {vectors: emb, method: k-center, budget: {records: 5}}, report: {}]",
                        "run</title><b>")
        path = self.folder / "run</title><b>" / "report.html"
        page = path.read_text(encoding="utf-8")
        self.assertEqual(page.count("<script"), page.count("</script"))
        self.assertNotIn("<script>alert", page)
        self.assertNotIn("<img src=x", page)
        self.assertLess(path.stat().st_size, 2_000_000)
        self.assertEqual(len(page_data(path)["map"]["pool"]), 20)


if __name__ == "__main__":
    unittest.main()
