# SPDX-License-Identifier: Apache-2.0
"""`farpoint bench`: the same corpus and the same work at any number of ranks, a file that says where, and comparisons."""
import json
import unittest

from farpoint import Case

JOBS = ["ingest", "clean", "dedup", "embed", "select"]


class Bench(Case):
    def bench(self, *arguments, ranks: int = 1, expect: int = 0):
        return self.call("bench", "--records", 2000, "--repeats", 1, *arguments, ranks=ranks, expect=expect)

    def report(self, name: str) -> dict:
        return json.loads((self.folder / name).read_text())

    def test_measures_saves_and_compares(self):
        table, _ = self.bench("--save", "one.json")

        report = self.report("one.json")
        self.assertEqual([job["job"] for job in report["jobs"]], JOBS)
        self.assertEqual((report["records"], report["ranks"]), (2000, 1))
        self.assertTrue(report["processor"] and report["host"] and report["date"] and report["version"])
        self.assertGreaterEqual(report["cores"], 1)
        for job in report["jobs"]:
            self.assertEqual(len(job["seconds"]), 1)
            self.assertAlmostEqual(job["records_per_second"] * job["seconds"][0], job["records"], delta=1e-6 * job["records"])
            self.assertIn(job["job"], table)
        # A tenth of the corpus are near copies, which are gone behind dedup; cleaning refuses nothing.
        read = {job["job"]: job["records"] for job in report["jobs"]}
        self.assertEqual((read["clean"], read["dedup"]), (2000, 2000))
        self.assertLess(read["embed"], 1850)
        self.assertGreater(read["embed"], 1750)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["one.json"], "the temporary folder is left")

        # The same work on more ranks, beside a result from before.
        changed = json.loads(json.dumps(report))
        for job in changed["jobs"]:
            job["seconds"] = [{"embed": 1e-6, "clean": 1e6}.get(job["job"], job["seconds"][0])]
        self.write("before.json", json.dumps(changed))
        table, _ = self.bench("--save", "three.json", "--against", "before.json", ranks=3)
        three = self.report("three.json")
        self.assertEqual(three["ranks"], 3)
        self.assertEqual([job["records"] for job in three["jobs"]], [job["records"] for job in report["jobs"]])
        lines = {line.split()[0]: line for line in table.splitlines()}
        self.assertIn("ratio", lines["job"])
        self.assertTrue(lines["embed"].endswith("slower"), table)
        self.assertTrue(lines["clean"].endswith("faster"), table)

    def test_refuses_what_does_not_compare(self):
        self.write("other.json", '{"jobs": []}')
        _, error = self.bench("--against", "other.json", expect=2)
        self.assertIn("other.json", error)
        _, error = self.bench("--against", "missing.json", expect=2)
        self.assertIn("missing.json", error)
        _, error = self.bench("--folder", "nowhere", expect=2)
        self.assertIn("nowhere", error)
        fields = dict.fromkeys(("version", "date", "host", "processor"), "any")
        self.write("few.json", json.dumps({**fields, "ranks": 1, "threads": 1, "records": 100, "jobs": []}))
        _, error = self.bench("--against", "few.json", expect=2)
        self.assertIn("--records 100", error)


if __name__ == "__main__":
    unittest.main()
