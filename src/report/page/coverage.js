// SPDX-License-Identifier: Apache-2.0
// How near the pool is to the subset, beside as many random records; and the records that are worst and best represented.

const SIDES = [SUBSET, RANDOM];
const STATISTICS = [
  ["mean", "mean"],
  ["p50", "median"],
  ["p90", "90 % within"],
  ["p95", "95 % within"],
  ["p99", "99 % within"],
  ["max", "all within"],
];

function coverageSection(data) {
  const id = "coverage",
    title = "Coverage";
  const coverage = object(data.coverage),
    overall = object(coverage.overall);
  if (!number(object(overall.subset).mean))
    return section(
      id,
      title,
      null,
      note("Coverage was not measured: the selection had no vectors, or nothing was chosen."),
    );
  const groups = Object.entries(object(coverage.by)).map(([by, of]) =>
    groupFigure(
      by,
      Object.entries(object(of)).map(([name, group]) => ({name, ...object(group)})),
    ),
  );
  return section(
    id,
    title,
    `The distance from a record to the nearest chosen one, of ${coverage.sampled ? "a sample of" : "all"} ` +
      `${plural(overall.measured, "candidate")}. Less is better.`,
    overallTable(overall, list(coverage.radii)),
    curveFigure(list(coverage.curve), overall),
    groups,
  );
}

function overallTable(overall, radii) {
  const of = (key, k) => (side) => (k === undefined ? side.values[key] : list(side.values[key])[k]);
  const sides = SIDES.map((style) => ({style, values: object(overall[style.key])}));
  return table(
    [
      {name: "", value: (side) => side.style.name, text: true, show: (name, side) => [swatch(side.style), " ", name]},
      {name: "records", value: (side) => (side.style === SUBSET ? overall.chosen : overall.random_chosen)},
      ...STATISTICS.map(([key, name]) => ({name, value: of(key), show: distance})),
      ...radii
        .filter(number)
        .map((radius, k) => ({name: `within ${distance(radius)}`, value: of("within", k), show: share})),
    ],
    sides.filter((side) => number(side.values.mean)),
    {caption: "Distances to the subset and to as many random records", sortable: false},
  );
}

const MEASURES = [
  {key: "max", name: "all within", color: "var(--c3)", symbol: "triangle", dash: "2 2.5", filled: true, width: 2},
  {key: "p95", name: "95 % within", color: "var(--c1)", symbol: "square", dash: "6 3", filled: true, width: 2},
  {key: "mean", name: "mean", color: "var(--subset)", symbol: "circle", filled: true, width: 2},
];

function curveFigure(curve, overall) {
  const rows = curve
    .map(object)
    .filter((row) => number(row.records) && number(row.mean))
    .toSorted((a, b) => a.records - b.records);
  if (rows.length < 2) return null;
  const label = "Distance left, by the number of records chosen";
  const points = (key) => rows.filter((row) => number(row[key])).map((row) => ({x: row.records, y: row[key]}));
  const series = MEASURES.map((style) => ({...style, points: points(style.key)})).filter(
    (one) => one.points.length > 1,
  );
  const random = MEASURES.map((style) => ({...style, y: object(overall.random)[style.key]})).filter((one) =>
    number(one.y),
  );
  const diamond = {...RANDOM, name: "as many random records", color: "var(--ink-soft)", line: false};
  const at = new Map(rows.map((row) => [row.records, row]));
  const title = (x) =>
    tipLines(
      plural(x, "record"),
      series.map((one) => `${one.name}  ${distance(at.get(x)?.[one.key])}`),
    );
  return figure({
    title: "Would fewer have done?",
    label,
    height: 290,
    legend: legend([...series, ...(random.length > 0 ? [diamond] : [])]),
    caption: curveCaption(rows.at(-2), rows.at(-1), random.length > 0),
    draw: (width) =>
      curves(series, {
        width,
        label,
        xLabel: "records chosen, doubling →",
        yLabel: "distance",
        xTicks: rows.map((row) => row.records),
        title,
        marks: random.map((one) => randomDiamond(one, rows.at(-1).records)),
      }),
    numbers: theNumbers(
      [
        {name: "records chosen", value: (row) => row.records},
        ...["mean", "p95", "max"].map((key) => ({name: key, value: (row) => row[key], show: distance})),
      ],
      rows,
      label,
    ),
  });
}

function curveCaption(half, end, diamonds) {
  return (
    sentence([
      `The last ${count(end.records - half.records)} of ${count(end.records)} records brought the mean`,
      `from ${distance(half.mean)} to ${distance(end.mean)}`,
      number(half.p95) && `and the 95th percentile from ${distance(half.p95)} to ${distance(end.p95)}`,
    ]) +
    "." +
    (diamonds ? " Diamonds show what as many random records reach." : "")
  );
}

const randomDiamond = (one, x) =>
  Plot.dot([one], {
    x: () => x,
    y: "y",
    symbol: "diamond",
    r: 5,
    fill: "var(--paper)",
    stroke: one.color,
    strokeWidth: 1.8,
  });

function groupFigure(by, groups) {
  const known = groups
    .filter((group) => number(object(group.subset).p95))
    .toSorted((a, b) => (b.records ?? 0) - (a.records ?? 0));
  if (known.length === 0) return null;
  const name = groupingName(by),
    label = `95 % of the records of each ${name} are within this distance`;
  const sides = SIDES.filter((side) => known.some((group) => number(object(group[side.key]).p95)));
  const gains = known
    .filter((group) => number(group.p95_improvement))
    .toSorted((a, b) => b.p95_improvement - a.p95_improvement);
  const shown = known.slice(0, 30);
  return figure({
    title: sentence(["by", name]),
    label,
    height: 24 * shown.length + 56,
    legend: legend(sides.map((side) => ({...side, line: false}))),
    caption:
      gains.length > 0
        ? groupCaption(gains)
        : `95 % of the records of each ${name} have a chosen one within this distance.`,
    draw: (width) =>
      comparison(
        shown.map((group) => ({name: group.name, values: sides.map((side) => object(group[side.key]).p95)})),
        sides,
        {width, label, axis: "95 % within →", format: edgeLabel, show: distance},
      ),
    numbers: theNumbers(
      [
        {name, value: (group) => group.name, text: true},
        {name: "records", value: (group) => group.records},
        {name: "chosen", value: (group) => group.chosen},
        {name: "mean", value: (group) => object(group.subset).mean, show: distance},
        {name: "random mean", value: (group) => object(group.random).mean, show: distance},
        {name: "95 % within", value: (group) => object(group.subset).p95, show: distance},
        {name: "random 95 %", value: (group) => object(group.random).p95, show: distance},
        {name: "all within", value: (group) => object(group.subset).max, show: distance},
        {name: "gain in the mean", value: (group) => group.mean_improvement, show: ratio},
        {name: "gain in 95 %", value: (group) => group.p95_improvement, show: ratio},
      ],
      known,
      label,
    ),
  });
}

function groupCaption(gains) {
  const best = gains[0],
    worst = gains.at(-1);
  const p95 = (group, side) => object(group[side]).p95;
  const of = (group) =>
    `“${short(group.name)}” (${distance(p95(group, "subset"))}, random ${distance(p95(group, "random"))})`;
  if (best === worst) return `95 % of ${of(best)} are so near.`;
  const lost = gains.filter((group) => standing(p95(group, "subset"), p95(group, "random")) === "worse").length;
  return (
    `The most is gained by ${of(best)}, the least by ${of(worst)}. ` +
    (lost === 0
      ? "None is clearly worse off"
      : `${count(lost)} of ${count(gains.length)} ${lost === 1 ? "is" : "are"} worse off`) +
    " than with random records."
  );
}

// "record.language" is the language of the record.
const groupingName = (by) =>
  text(by)
    .replace(/^record\./, "")
    .replaceAll("_", " ");
