# SPDX-License-Identifier: Apache-2.0
"""Data for the page of reports, made up: ordinary, hostile, huge, empty, and of a comparison."""
import math
import random

HOSTILE = [
    "<script>window.__pwned = 1</script>",
    "<img src=x onerror=\"window.__pwned = 2\">",
    "</script><script>window.__pwned = 3</script>",
    "<!-- <script> --> ]]> &lt;b&gt; &amp;",
    "javascript:window.__pwned=4",
    "\u202eright to left\u202c and \u2066isolated\u2069 and \u200bzero width\ufeff",
    "lines\u2028and\u2029paragraphs\x00\x07\x1b[31m",
    "'; window.__pwned = 5; //\\",
    "${window.__pwned = 6} `x` {{7*7}}",
    "سلام دنیا (a) שלום עולם [b]",
    "\ufffd\ufffd broken",
    "W" * 300,
    "👩‍👩‍👧‍👦 می‌خواهم 中文 ไทย",
    "\U000e0041\U000e0042 tags",
]
WORDS = ("translate explain sum list write poem code function number river why how the of and a model train answer question given "
         "following sentence premise hypothesis calculate total price weather api call json user city").split()
SOURCES = ["t0", "math", "alpaca", "tools"]


def sentence(draw, least=8, most=60):
    return " ".join(draw.choice(WORDS) for _ in range(draw.randint(least, most))).capitalize() + "."


def record(draw, number, texts=None, **more):
    text = draw.choice(texts) if texts else f"{sentence(draw)}\n{sentence(draw)}"
    source = draw.choice(texts)[:60] if texts else draw.choices(SOURCES, [12, 7, 2, 1])[0]
    return {"id": number, "source": source, "text": text, **more}


def numbers(draw, name, label, unit, edges, shift, log=False):
    bins = []
    for at, (low, high) in enumerate(zip(edges, edges[1:])):
        middle = (at + 0.5) / (len(edges) - 1)
        height = math.exp(-((middle - 0.45) ** 2) / 0.03)
        moved = math.exp(-((middle - 0.45 - shift) ** 2) / 0.04)
        bins.append({"from": low, "to": high, "pool": round(4000 * height), "subset": round(90 * moved),
                     "random": max(0, round(90 * height + draw.gauss(0, 3)))})
    half = edges[len(edges) // 2]

    def summary(factor, key):
        return {"count": sum(one[key] for one in bins), "missing": 3, "mean": half * factor * 1.1, "min": edges[0],
                "p5": half * factor * 0.3, "p50": half * factor, "p95": half * factor * 3, "max": edges[-1]}

    outside = {"pool": 7, "subset": 1, "random": 0}
    nothing = {key: 0 for key in outside}
    return {"name": name, "label": label, "unit": unit, "kind": "numbers", "log": log, "bins": bins,
            "below": nothing, "above": nothing if log else outside,
            "summary": {"pool": summary(1, "pool"), "subset": summary(1 + 2 * shift, "subset"), "random": summary(1.01, "random")}}


def distances(scale):
    return {"mean": 0.67 * scale, "p50": 0.69 * scale, "p90": 0.82 * scale, "p95": 0.845 * scale, "p99": 0.86 * scale,
            "max": 0.8639 * scale, "within": [0.52 / scale, 0.91]}


def coverage_of(records, chosen, gain):
    return {"records": records, "measured": records, "chosen": chosen, "subset": distances(1), "random_chosen": chosen,
            "random": distances(gain), "mean_improvement": gain, "p95_improvement": gain}


def map_of(draw, pool, subset, texts):
    centres = [(draw.gauss(0, 0.5), draw.gauss(0, 0.35)) for _ in range(9)]

    def place(number, spread, **more):
        x, y = draw.choice(centres)
        return record(draw, number, texts, x=x + draw.gauss(0, spread), y=y + draw.gauss(0, spread), **more)

    columns, rows = 60, 40
    points = [place(7 * i, 0.12) for i in range(pool)]
    x = [min(p["x"] for p in points), max(p["x"] for p in points)]
    y = [min(p["y"] for p in points), max(p["y"] for p in points)]
    counts = [0] * (columns * rows)
    for point in points:
        column = min(columns - 1, int((point["x"] - x[0]) / (x[1] - x[0]) * columns))
        row = min(rows - 1, int((point["y"] - y[0]) / (y[1] - y[0]) * rows))
        counts[row * columns + column] += 5
    chosen = [place(11 * i, 0.2, position=i, weight=draw.randint(1, 90), distance=None if i == 0 else 1.2 - 0.3 * i / subset)
              for i in range(subset)]
    return {"vectors": "emb", "method": "PCA", "explained": [0.081, 0.052], "pool_total": 21000, "subset_total": subset,
            "pool": points, "density": {"x": x, "y": y, "columns": columns, "rows": rows, "counts": counts}, "subset": chosen}


def performance_of(draw, ranks):
    jobs = []
    for job, name, seconds, rate, unit in (("ingest", "", 0.061, 340.9, "MB/s"), ("clean", "", 0.4, 22000, "records/s"),
                                           ("embed", "emb", 1.38, 13.9, "MB/s"), ("select", "", 0.26, 9053, "picks/s"),
                                           ("export", "", 0.01, 70382, "records/s")):
        parts = [{"computing": seconds * (0.9 - wait), "communication": seconds * wait, "files": seconds * 0.1}
                 for wait in (draw.uniform(0.1, 0.5) for _ in range(ranks))]
        mean = {key: sum(part[key] for part in parts) / ranks for key in parts[0]}
        jobs.append({"job": job, "as": name, "seconds": seconds, "rate": rate, "unit": unit, "resumed_shards": 0, **mean,
                     "imbalance": 0.37 if job == "embed" else 0.05, "ranks": parts if ranks > 1 else []})
    return {"ranks": ranks, "threads": 1, "device": "cpu", "seconds": 2.1, "jobs": jobs}


def report(seed=1, pool=2000, subset=500, texts=None, ranks=2, gain=1.013):
    """A report with everything in it. `texts`: what every text and name is drawn from, instead of harmless words."""
    draw = random.Random(seed)

    def records(count, **more):
        return [record(draw, draw.randint(0, 22071), texts, **more) for _ in range(count)]

    def pairs(low, high):
        return [{**one, "distance": draw.uniform(low, high), "representative": records(1)[0]} for one in records(12)]

    name = (lambda fallback: draw.choice(texts)[:60]) if texts else (lambda fallback: fallback)
    lengths = [2 ** i for i in range(4, 15)]
    scores = [i / 24 for i in range(25)]
    rows = [{"name": name(s), "pool": p, "subset": c, "random": r} for s, p, c, r in
            (("t0", 12000, 258, 271), ("math", 7473, 158, 170), ("alpaca", 1999, 74, 46), ("tools", 600, 10, 13))]
    labels = [{"name": name(f"task {i}"), "pool": 4000 // (i + 1), "subset": draw.randint(0, 12), "random": 60 // (i + 1)} for i in range(44)]
    return {
        "kind": "report", "title": name("runs/demo"), "version": "0.1.0", "pool_records": 22072, "candidates": 21000,
        "selected": subset, "method": "k-center", "radius": 0.8639, "exactness": "exact", "subset_created": "2026-11-30T12:00:00Z",
        "config": name("") + "# Written by a run of farpoint\nrun:\n  output: runs/demo\n  seed: 1\npipeline:\n  - embed: {as: emb}\n"
                             "  - select:\n      method: k-center\n      vectors: emb\n      budget: {records: 500}\n",
        "commands": ["mpirun -n 2 farpoint run config.yaml", name("farpoint export runs/demo --format messages --out subset.jsonl")],
        "funnel": [
            {"stage": "00-ingest", "job": "ingest", "as": "", "in": 22072, "out": 22072, "rejected": 0, "failed": 0, "reasons": {}},
            {"stage": "01-clean", "job": "clean", "as": "", "in": 22072, "out": 21700, "rejected": 372, "failed": 0,
             "reasons": {name("too_short"): 310, "language": 62}},
            {"stage": "02-dedup", "job": "dedup", "as": "copies", "in": 21700, "out": 21000, "rejected": 700, "failed": 0,
             "reasons": {"duplicate_exact": 120, "duplicate_near": 580}},
            {"stage": "03-embed", "job": "embed", "as": name("emb"), "in": 21000, "out": 20990, "rejected": 0, "failed": 10, "reasons": {}},
            {"stage": "04-select", "job": "select", "as": "", "in": 21000, "out": subset, "rejected": 0, "failed": 0, "reasons": {}},
        ],
        "removed": [
            {"stage": "01-clean", "rule": name("too_short"), "records": 310, "examples": records(3, detail=name("12 characters, less than 20"))},
            {"stage": "01-clean", "rule": "language", "records": 62, "examples": records(3, detail="fr, 0.98")},
            {"stage": "02-dedup", "rule": "duplicate_near", "records": 580, "examples": records(3, detail="of record 17")},
            {"stage": "02-dedup", "rule": "duplicate_exact", "records": 120, "examples": []},
        ],
        "distributions": [
            numbers(draw, "characters", name("Length"), "characters", lengths, 0.12, log=True),
            numbers(draw, "words", "Words", name("words"), [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], 0.1, log=True),
            {"name": "language", "label": "Language", "kind": "categories", "bins": [
                {"name": name("en"), "pool": 16000, "subset": 330, "random": 381}, {"name": "zh", "pool": 4500, "subset": 150, "random": 107},
                {"name": "other", "pool": 500, "subset": 20, "random": 12}]},
            numbers(draw, "ppl", name("Perplexity"), "", scores, -0.04),
            numbers(draw, "ppl.ifd", "Instruction-following difficulty", "", scores, 0),
        ],
        "map": map_of(draw, pool, subset, texts),
        "coverage": {"sampled": False, "radii": [0.69, 0.83], "overall": coverage_of(21000, subset, gain),
                     "by": {"source": {row["name"]: coverage_of(row["pool"], row["subset"], gain + 0.01 - 0.008 * i) for i, row in enumerate(rows)}},
                     "curve": [{"records": max(1, subset // k), "mean": 0.67 + 0.02 * math.log2(k), "p95": 0.845 + 0.015 * math.log2(k),
                                "max": 0.864 + 0.02 * math.log2(k)} for k in (16, 8, 4, 2, 1)]},
        "farthest": pairs(0.8, 0.86), "nearest": pairs(0.001, 0.02),
        "groups": [{"chosen": records(1)[0], "weight": 180 - 9 * i, "members": [{**one, "distance": draw.uniform(0.1, 0.8)} for one in records(6)]}
                   for i in range(10)],
        "tail": [{"by": "source", "rows": rows}, {"by": "record.task", "rows": labels}],
        "duplicates": {"removed": {"duplicate_exact": 120, "duplicate_near": 580},
                       "clusters": [{"kept": records(1)[0], "size": 9 - i, "members": records(3)} for i in range(5)]},
        "performance": performance_of(draw, ranks),
    }


def hostile():
    return report(seed=2, pool=600, subset=200, texts=HOSTILE)


def huge():
    """As much as a page may have: 3,000 records of the pool and 3,000 chosen ones, and very long texts among the examples."""
    data = report(seed=3, pool=3000, subset=3000, ranks=256)
    for at, one in enumerate(data["map"]["pool"] + data["map"]["subset"]):
        one["text"] = (one["text"] * 8)[:400 if at % 10 else 2000]
    data["farthest"][0]["text"] = "word " * 200_000
    data["farthest"][1]["text"] = "<b>" + "x" * 1_000_000
    data["nearest"][0]["text"] = "line\n" * 200_000
    return data


def without_select():
    data = report(seed=4, subset=500)
    del data["funnel"][-1], data["performance"]["jobs"][-2:]
    for key in ("selected", "method", "radius", "exactness", "subset_created", "candidates", "map", "coverage", "farthest", "nearest", "groups", "duplicates"):
        data[key] = None
    for one in data["distributions"]:
        for bin_ in one["bins"]:
            bin_["subset"] = bin_["random"] = None
        for key in ("subset", "random"):
            if "summary" in one:
                one["summary"][key] = None
    for part in data["tail"]:
        for row in part["rows"]:
            row["subset"] = row["random"] = 0
    return data


def empty_subset():
    data = report(seed=5, pool=400, subset=500)
    data.update(selected=0, radius=None, farthest=[], nearest=[], groups=[])
    data["map"].update(subset=[], subset_total=0)
    data["coverage"]["overall"]["subset"] = dict.fromkeys(data["coverage"]["overall"]["subset"])
    data["coverage"]["overall"]["random"] = dict.fromkeys(data["coverage"]["overall"]["random"])
    data["coverage"]["by"] = {}
    for one in data["distributions"]:
        for bin_ in one["bins"]:
            bin_["subset"] = bin_["random"] = 0
    for part in data["tail"]:
        for row in part["rows"]:
            row["subset"] = row["random"] = 0
    return data


def lonely():
    """One source, one rank, one record chosen."""
    data = report(seed=6, pool=30, subset=1, ranks=1)
    for one in data["map"]["pool"] + data["map"]["subset"]:
        one.update(source="only", x=0.5, y=0.5)
    data["map"]["density"] = {"x": [0.5, 0.5], "y": [0.5, 0.5], "columns": 1, "rows": 1, "counts": [30]}
    data["tail"] = [{"by": "source", "rows": [{"name": "only", "pool": 30, "subset": 1, "random": 1}]}]
    data["coverage"]["by"] = {"source": {"only": coverage_of(30, 1, 1.0)}}
    data["coverage"]["curve"] = [{"records": 1, "mean": 0.5, "p95": 0.7, "max": 0.8}]
    data["distributions"] = [{"name": "characters", "label": "Length", "unit": "characters", "kind": "numbers", "log": True,
                              "bins": [{"from": 10, "to": 10, "pool": 30, "subset": 1, "random": 1}], "summary": {}},
                             {"name": "language", "label": "Language", "kind": "categories", "bins": [{"name": "en", "pool": 30, "subset": 1, "random": 1}]}]
    return data


def nulls(value):
    """The same structure with nothing known in it."""
    if isinstance(value, dict):
        return {key: nulls(inner) if key != "kind" else inner for key, inner in value.items()}
    if isinstance(value, list):
        return [nulls(inner) for inner in value]
    return None


def no_records():
    data = {key: [] if isinstance(value, list) else {} if isinstance(value, dict) else None for key, value in report(pool=20, subset=4).items()}
    data.update(kind="report", title="runs/none", version="0.1.0", pool_records=0, candidates=0, selected=0)
    return data


def compare(seed=7, runs=3, texts=None, same_pool=True):
    draw = random.Random(seed)
    name = (lambda fallback: draw.choice(texts)[:60]) if texts else (lambda fallback: fallback)
    methods = ["k-center", "random", "repr-filter", "facility-location", "k-means", "rds", "dsir", "top", "target"]
    words = numbers(draw, "words", name("Words"), "", [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], 0.1, log=True)
    for bin_ in words["bins"]:
        bin_["runs"] = [max(0, round(bin_["subset"] * (1 - 0.3 * (i % 2)) + draw.gauss(0, 4))) for i in range(runs)]
        for key in ("pool", "subset", "random"):
            del bin_[key]
    words["summary"] = [{**words["summary"]["subset"], "p50": 40 + 7 * i} for i in range(runs)]
    return {
        "kind": "compare", "version": "0.1.0",
        "runs": [{"name": name(f"runs/{'abcdefghi'[i]}"), "method": methods[i], "selected": 500, "radius": 0.86 + 0.01 * i, "seconds": 1.7 + i, "ranks": 2,
                  "tokens": 31234 + 1000 * i, "pool_records": 22072,
                  "coverage": None if i == 3 else {"mean": 0.66 + 0.008 * i, "p50": 0.67, "p95": 0.84 + 0.01 * i, "max": 0.87, "random_mean": 0.6737, "random_p95": 0.8556}}
                 for i in range(runs)],
        "overlap": [[500 if i == j else 150 - 20 * abs(i - j) for j in range(runs)] for i in range(runs)],
        "same_pool": same_pool, "same_vectors": same_pool and runs < 9,
        "differences": [{"option": "select[3].method", "values": methods[:runs]}, {"option": name("run.seed"), "values": [i + 1 for i in range(runs)]}],
        "distributions": [words, {"name": "source", "label": "Source", "kind": "categories", "bins": [
            {"name": name(s), "runs": [round(500 * part * (1 + 0.1 * i)) for i in range(runs)]} for s, part in zip(SOURCES, (0.5, 0.3, 0.15, 0.05))]}],
        "only": [[record(draw, draw.randint(0, 22071), texts) for _ in range(5)] for _ in range(runs)],
    }


CASES = {
    "ordinary": report, "hostile": hostile, "huge": huge, "without_select": without_select, "empty_subset": empty_subset, "lonely": lonely,
    "nulls": lambda: nulls(report(pool=20, subset=4)), "no_records": no_records,
    "worse": lambda: report(seed=8, pool=100, subset=50, gain=0.9),
    "compare": compare, "compare_hostile": lambda: compare(texts=HOSTILE, same_pool=False), "compare_nine": lambda: compare(runs=9),
    "compare_nulls": lambda: nulls(compare()),
}
