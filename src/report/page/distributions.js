// SPDX-License-Identifier: Apache-2.0
// What the pool, the subset and as many random records look like: shares, not counts, so that they can be compared.

function distributionsSection(data) {
  const id = "distributions",
    title = "What the subset looks like";
  const all = list(data.distributions)
    .map(object)
    .filter((one) => list(one.bins).some((bin) => bin?.pool > 0));
  if (all.length === 0) return section(id, title, null, note("No column was counted."));
  const sets = SETS.filter((set) => all.some((one) => list(one.bins).some((bin) => bin?.[set.key] > 0)));
  return section(
    id,
    sets.length === 1 ? "What the pool looks like" : title,
    sets.length === 1
      ? "Each figure shows what share of the pool has such a value."
      : "Each figure shows shares: what part of the pool, of the subset, and of as many random records has such a value. " +
          "Where the lines run together, choosing changed nothing.",
    legend(sets),
    h(
      "div",
      {class: "small-multiples"},
      all.map((one) => (one.kind === "numbers" ? numbersFigure(one, sets) : categoriesFigure(one, sets))),
    ),
  );
}

const totals = (bins, key) => total(bins.map((bin) => bin[key]));
const sharesOf = (bins, key, all) => bins.map((bin) => divide(bin[key], all) ?? 0);

function numbersFigure(one, sets) {
  const bins = list(one.bins).map(object);
  const summary = object(one.summary);
  const label = `Shares of records by ${text(one.label ?? one.name)}`;
  // Numbers that are far out have no bin, but they are records all the same.
  const below = {...object(one.below), name: `below ${edgeLabel(bins[0]?.from)}`};
  const above = {...object(one.above), name: `above ${edgeLabel(bins.at(-1)?.to)}`};
  const outside = (key) => (below[key] ?? 0) + (above[key] ?? 0);
  const all = sets.map((set) => totals(bins, set.key) + outside(set.key));
  const series = sets.map((set, k) => ({...set, shares: sharesOf(bins, set.key, all[k])}));
  const range = (bin) => bin.name ?? `${edgeLabel(bin.from)} to ${edgeLabel(bin.to)}`;
  const rows = [below, ...bins, above].filter((bin) => !bin.name || sets.some((set) => bin[set.key] > 0));
  return figure({
    title: bdi(one.label ?? one.name),
    label,
    height: 220,
    caption:
      numbersCaption(
        one.label ?? one.name,
        one.unit,
        sets.map((set) => [set, object(summary[set.key])]),
      ) + (outside("pool") > 0 ? ` ${plural(outside("pool"), "record")} of the pool lie outside the figure.` : ""),
    draw: (width) => histogram(bins, series, {width, label, unit: text(one.unit), log: one.log}),
    numbers: folded(
      "The numbers",
      () => [
        summaryTable(
          sets.map((set) => ({name: set.name, ...object(summary[set.key])})),
          label,
        ),
        table(
          [
            {name: one.unit || "from – to", value: (bin) => bin.from, show: (_, bin) => range(bin)},
            ...sets.flatMap((set, k) => [
              {name: set.name, value: (bin) => bin[set.key]},
              {name: "share", value: (bin) => divide(bin[set.key], all[k]) ?? 0, show: share},
            ]),
          ],
          rows,
          {caption: label, sortable: false},
        ),
      ],
      {class: "numbers"},
    ),
  });
}

const summaryTable = (rows, caption) =>
  table(
    [
      {name: "", value: (row) => row.name, text: true},
      {name: "records", value: (row) => row.count},
      {name: "missing", value: (row) => row.missing},
      ...["mean", "min", "p5", "p50", "p95", "max"].map((key) => ({
        name: key,
        value: (row) => row[key],
        show: measure,
      })),
    ],
    rows,
    {caption: `${caption}: summary`, sortable: false},
  );

// In words: how the median of the subset stands to that of the pool.
function numbersCaption(label, unit, sets) {
  const of = (key) => sets.find(([set]) => set.key === key)?.[1] ?? {};
  const pool = of("pool").p50,
    subset = of("subset").p50,
    random = of("random").p50;
  const name = short(label, 60);
  if (!number(pool)) return `No record has a value of ${name}.`;
  const of_unit = unit ? ` ${text(unit)}` : "";
  if (!number(subset)) return `The median of the pool is ${measure(pool)}${of_unit}.`;
  const beside = number(random) ? `, ${measure(random)} among random records` : "";
  const change = pool === 0 ? subset - pool : (subset - pool) / Math.abs(pool);
  const isLength = /^(length|words|characters|tokens)$/i.test(label);
  const comparative =
    Math.abs(change) < 0.02
      ? "like the pool"
      : change > 0
        ? isLength
          ? "longer"
          : "higher"
        : isLength
          ? "shorter"
          : "lower";
  const strength = Math.abs(change) >= 0.02 && Math.abs(change) < 0.1 ? "slightly " : "";
  return `The subset is ${strength}${comparative}: median ${measure(subset)}${of_unit} against ${measure(pool)} in the pool${beside}.`;
}

const MOST_CATEGORIES = 20;

function categoriesFigure(one, sets) {
  const bins = list(one.bins)
    .map(object)
    .toSorted((a, b) => (b.pool ?? 0) - (a.pool ?? 0));
  const label = `Shares of records by ${text(one.label ?? one.name)}`;
  const all = sets.map((set) => totals(bins, set.key));
  const shown = bins.slice(0, MOST_CATEGORIES),
    rest = bins.slice(MOST_CATEGORIES);
  const rows = shown.map((bin) => ({
    name: bin.name ?? none,
    values: sets.map((set, k) => divide(bin[set.key], all[k])),
  }));
  if (rest.length > 0)
    rows.push({
      name: `${count(rest.length)} others`,
      values: sets.map((set, k) => divide(totals(rest, set.key), all[k])),
    });
  return figure({
    title: bdi(one.label ?? one.name),
    label,
    height: 24 * rows.length + 56,
    caption: categoriesCaption(bins, sets, all),
    draw: (width) => comparison(rows, sets, {width, label, axis: "share of records →"}),
    numbers: theNumbers(
      [
        {name: text(one.label ?? one.name), value: (bin) => bin.name, text: true},
        ...sets.flatMap((set, k) => [
          {name: set.name, value: (bin) => bin[set.key]},
          {name: "share", value: (bin) => divide(bin[set.key], all[k]), show: share},
        ]),
      ],
      bins,
      label,
    ),
  });
}

function categoriesCaption(bins, sets, all) {
  const at = (key) => all[sets.findIndex((set) => set.key === key)];
  if (!at("pool")) return "No record has a value.";
  const first = bins[0];
  if (!at("subset")) return `Most of the pool is “${short(first.name)}”: ${share(first.pool / at("pool"))}.`;
  const moved = bins
    .map((bin) => ({bin, pool: (bin.pool ?? 0) / at("pool"), subset: (bin.subset ?? 0) / at("subset")}))
    .toSorted((a, b) => Math.abs(b.subset - b.pool) - Math.abs(a.subset - a.pool))[0];
  if (Math.abs(moved.subset - moved.pool) < 0.01)
    return bins.length === 1
      ? `All records are “${short(first.name)}”.`
      : "The subset has the same shares as the pool, within a per cent.";
  return `The largest change is “${short(moved.bin.name)}”: ${share(moved.subset)} of the subset, ${share(moved.pool)} of the pool.`;
}
