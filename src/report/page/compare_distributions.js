// SPDX-License-Identifier: Apache-2.0
// What the subsets of several runs look like.

function compareDistributions(data, runs) {
  const all = list(data.distributions)
    .map(object)
    .filter((one) => list(one.bins).length > 0);
  const id = "distributions",
    title = "What the subsets look like";
  if (all.length === 0) return section(id, title, null, note("No column was counted."));
  return section(
    id,
    title,
    "Shares of each subset.",
    legend(runs.map((run) => run.style)),
    h(
      "div",
      {class: "small-multiples"},
      all.map((one) => (one.kind === "numbers" ? compareNumbers(one, runs) : compareCategories(one, runs))),
    ),
  );
}

const runTotals = (bins, at) => total(bins.map((bin) => list(bin.runs)[at]));

function compareNumbers(one, runs) {
  const bins = list(one.bins).map(object),
    label = `Shares of records by ${text(one.label ?? one.name)}`;
  const series = runs.map((run) => ({
    ...run.style,
    shares: bins.map((bin) => divide(list(bin.runs)[run.at], runTotals(bins, run.at)) ?? 0),
  }));
  const summaries = runs.map((run) => ({name: run.style.name, ...object(list(one.summary)[run.at])}));
  const medians = summaries.filter((row) => number(row.p50)).toSorted((a, b) => a.p50 - b.p50);
  return figure({
    title: bdi(one.label ?? one.name),
    label,
    height: 220,
    caption:
      medians.length === 0
        ? "No record has a value."
        : medians.length === 1 || medians[0].p50 === medians.at(-1).p50
          ? `The median is ${measure(medians[0].p50)}${one.unit ? ` ${text(one.unit)}` : ""}.`
          : `Medians go from ${measure(medians[0].p50)} (“${short(medians[0].name)}”) to ${measure(medians.at(-1).p50)} (“${short(medians.at(-1).name)}”).`,
    draw: (width) => histogram(bins, series, {width, label, unit: text(one.unit), log: one.log}),
    numbers: folded(
      "The numbers",
      () => [
        summaryTable(summaries, label),
        table(
          [
            {
              name: one.unit || "from – to",
              value: (bin) => bin.from,
              show: (_, bin) => `${edgeLabel(bin.from)} to ${edgeLabel(bin.to)}`,
            },
            ...runs.map((run) => ({name: bdi(run.style.name), value: (bin) => list(bin.runs)[run.at]})),
          ],
          bins,
          {caption: label, sortable: false},
        ),
      ],
      {class: "numbers"},
    ),
  });
}

function compareCategories(one, runs) {
  const size = (bin) => total(list(bin.runs));
  const bins = list(one.bins)
      .map(object)
      .toSorted((a, b) => size(b) - size(a)),
    label = `Shares of records by ${text(one.label ?? one.name)}`;
  const rows = bins.slice(0, MOST_CATEGORIES).map((bin) => ({
    name: bin.name ?? none,
    values: runs.map((run) => divide(list(bin.runs)[run.at], runTotals(bins, run.at))),
  }));
  const spread = (row) => Math.max(...row.values.filter(number), 0) - Math.min(...row.values.filter(number), 1);
  const most = rows.toSorted((a, b) => spread(b) - spread(a))[0];
  return figure({
    title: bdi(one.label ?? one.name),
    label,
    height: 24 * rows.length + 56,
    caption:
      spread(most) < 0.01
        ? "The subsets have the same shares, within a per cent."
        : `They differ most in “${short(most.name)}”: ${share(Math.min(...most.values.filter(number)))} to ${share(Math.max(...most.values.filter(number)))}.`,
    draw: (width) =>
      comparison(
        rows,
        runs.map((run) => run.style),
        {width, label, axis: "share of the subset →"},
      ),
    numbers: theNumbers(
      [
        {name: text(one.label ?? one.name), value: (bin) => bin.name, text: true},
        ...runs.map((run) => ({name: bdi(run.style.name), value: (bin) => list(bin.runs)[run.at]})),
      ],
      bins,
      label,
    ),
  });
}
