# SPDX-License-Identifier: Apache-2.0
"""The page of a scaling run: medians over repeats, efficiencies, and a plot as SVG for each kind of scaling."""
import math
import statistics

COLOURS = ["#1b6ca8", "#c8553d", "#2a9d5c", "#8e5ea2", "#b08900", "#4a4e69", "#d1495b"]


def median(rows: list, field: str):
    values = [row[field] for row in rows if row[field] not in ("", None)]
    return statistics.median(values) if values else None


def summarise(rows: list) -> list:
    """One line for each kind, job, ranks and nodes. Efficiency: the rate per rank over that of the fewest ranks; the same formula
    for strong and weak scaling."""
    groups = {}
    for row in rows:
        groups.setdefault((row["kind"], row["job"], row["ranks"], row["nodes"]), []).append(row)
    lines, first = [], {}
    for key in sorted(groups):
        kind, job, ranks, nodes = key
        group = groups[key]
        line = {"kind": kind, "job": job, "ranks": ranks, "nodes": nodes, "repeats": len(group)}
        for field in ("records", "seconds", "records_per_second", "communication", "files", "imbalance", "outside"):
            line[field] = median(group, field)
        per_rank = line["records_per_second"] / ranks
        line["efficiency"] = per_rank / first.setdefault((kind, job), per_rank)
        lines.append(line)
    return lines


def percent(value) -> str:
    return "" if value is None else f"{100 * value:.0f} %"


def table(lines: list) -> str:
    text = "| job | ranks | nodes | records | seconds | records/s | efficiency | communication | files | imbalance |\n"
    text += "|---|---|---|---|---|---|---|---|---|---|\n"
    for line in lines:
        text += (f"| {line['job']} | {line['ranks']} | {line['nodes']} | {line['records']:,.0f} | {line['seconds']:.2f} | "
                 f"{line['records_per_second']:,.0f} | {percent(line['efficiency'])} | {percent(line['communication'])} | "
                 f"{percent(line['files'])} | {percent(line['imbalance'])} |\n")
    return text


def plot(lines: list, title: str) -> str:
    """Efficiency over ranks, the latter in powers of two."""
    width, height, left, top, right, bottom = 640, 360, 60, 40, 130, 50
    ranks = sorted({line["ranks"] for line in lines})
    highest = max(1.05, 1.05 * max(line["efficiency"] for line in lines))
    span = max(math.log2(ranks[-1] / ranks[0]), 1e-9)

    def x(count):
        return left + (width - left - right) * math.log2(count / ranks[0]) / span

    def y(efficiency):
        return height - bottom - (height - top - bottom) * efficiency / highest

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/><text x="{left}" y="22" font-size="14">{title}</text>']
    for step in range(0, int(highest * 4) + 1):
        value = step / 4
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>'
                     f'<text x="{left - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{100 * value:.0f} %</text>')
    for count in ranks:
        parts.append(f'<text x="{x(count):.1f}" y="{height - bottom + 20}" text-anchor="middle">{count}</text>')
    parts.append(f'<text x="{(left + width - right) / 2}" y="{height - 10}" text-anchor="middle">ranks</text>')
    for number, job in enumerate(sorted({line["job"] for line in lines})):
        colour = COLOURS[number % len(COLOURS)]
        points = [(x(line["ranks"]), y(line["efficiency"])) for line in lines if line["job"] == job]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in points]
        parts.append(f'<text x="{width - right + 12}" y="{top + 18 * number + 12}" fill="{colour}">{job}</text>')
    return "\n".join([*parts, "</svg>", ""])


def write_page(folder, rows: list, environment: dict) -> None:
    lines = summarise(rows)
    text = "# Scaling\n\n" + "".join(f"* {key}: {value}\n" for key, value in environment.items())
    most, cores = max(line["ranks"] for line in lines), environment["cores"]
    nodes = max(line["nodes"] for line in lines)
    threads = environment["threads of a rank"]
    if most * threads > cores * nodes:
        text += (f"\n**{most} ranks of {threads} threads on {cores * nodes} cores**: where ranks share cores, efficiency cannot exceed cores / threads. Such rows show "
                 "that the program works and how imbalance and start-up grow, not how it scales.\n")
    for kind, title in (("strong", "One corpus on more ranks (strong scaling)"),
                        ("weak", "A corpus that grows with the ranks (weak scaling)")):
        own = [line for line in lines if line["kind"] == kind]
        if not own:
            continue
        (folder / f"{kind}.svg").write_text(plot(own, f"Efficiency: {title}"), encoding="utf-8")
        text += f"\n## {title}\n\n![efficiency]({kind}.svg)\n\n{table(own)}"
    outside = [line for line in lines if line["outside"] is not None]
    if outside:
        text += "\n## Seconds outside of the run\n\nLaunching, MPI's start, loading of the program, the end.\n\n| ranks | seconds, median |\n|---|---|\n"
        for ranks in sorted({line["ranks"] for line in outside}):
            text += f"| {ranks} | {statistics.median(l['outside'] for l in outside if l['ranks'] == ranks):.2f} |\n"
    (folder / "scaling.md").write_text(text, encoding="utf-8")
