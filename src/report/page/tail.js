// SPDX-License-Identifier: Apache-2.0
// The long tail: which sources and labels have a larger share of the subset than of the pool, and which a smaller one.

const MOST_ROWS = 30;

function tailSection(data) {
  const id = "tail",
    title = "Over- and under-representation";
  const parts = list(data.tail)
    .map(object)
    .filter((part) => list(part.rows).length > 0);
  if (parts.length === 0) return section(id, title, null, note("Records have no sources or labels to compare."));
  if (!parts.some((part) => total(list(part.rows).map((row) => row?.pool)) > 0))
    return section(id, title, null, note("The pool was not counted."));
  if (!parts.some((part) => total(list(part.rows).map((row) => row?.subset)) > 0))
    return section(id, title, null, note("Nothing was chosen, so nothing is represented."), parts.map(tailTable));
  return section(
    id,
    title,
    "A group's share of the subset, divided by its share of the pool: 1 is proportional, 2 twice as much.",
    parts.map(tailFigure),
  );
}

function tailRows(part) {
  const rows = list(part.rows).map(object);
  const all = {pool: totals(rows, "pool"), subset: totals(rows, "subset"), random: totals(rows, "random")};
  return rows
    .map((row) => {
      const shares = {
        pool: divide(row.pool, all.pool),
        subset: divide(row.subset, all.subset),
        random: divide(row.random, all.random),
      };
      return {
        ...row,
        shares,
        ratio: divide(shares.subset, shares.pool),
        randomRatio: divide(shares.random, shares.pool),
      };
    })
    .toSorted((a, b) => (b.pool ?? 0) - (a.pool ?? 0));
}

function tailFigure(part) {
  const rows = tailRows(part),
    name = groupingName(part.by);
  const label = `Share of the subset over share of the pool, by ${name}`;
  // Both ends matter: the largest groups, and the rarest.
  const half = MOST_ROWS / 2,
    shown = rows.length <= MOST_ROWS ? rows : [...rows.slice(0, half), ...rows.slice(-half)];
  return figure({
    title: sentence(["by", name]),
    label,
    height: 24 * shown.length + 56,
    legend: legend(SIDES.map((side) => ({...side, line: false}))),
    caption: sentence([
      tailCaption(rows),
      shown.length < rows.length &&
        `The figure shows the ${half} largest and the ${half} smallest of ${count(rows.length)}.`,
    ]),
    draw: (width) =>
      comparison(
        shown.map((row) => ({name: row.name ?? none, values: [row.ratio, row.randomRatio]})),
        SIDES,
        {
          width,
          label,
          axis: "share of the subset over share of the pool →",
          log: true,
          reference: 1,
          show: ratio,
          format: (value) => `×\u00a0${value}`,
        },
      ),
    numbers: tailTable(part),
  });
}

function tailCaption(rows) {
  const known = rows.filter((row) => number(row.ratio)).toSorted((a, b) => b.ratio - a.ratio);
  if (known.length === 0) return "";
  const most = known[0],
    least = known.findLast((row) => row.subset > 0);
  const missing = known.filter((row) => row.subset === 0);
  const of = (row, how) =>
    `“${short(row.name)}” is ${how}-represented most (${ratio(row.ratio)}: ${share(row.shares.pool)} of the pool, ` +
    `${share(row.shares.subset)} of the subset; ${count(row.subset)} of ${count(row.pool)} chosen).`;
  const over = most.ratio > 1.1,
    under = least && least !== most && least.ratio < 0.9;
  const absent =
    missing.length === 1 ? `“${short(missing[0].name)}” does` : `${count(missing.length)} of ${count(rows.length)} do`;
  return sentence([
    over && of(most, "over"),
    under && of(least, "under"),
    !over && !under && "All that occur in the subset have about the share that they have in the pool.",
    missing.length > 0 && `${absent} not occur in the subset.`,
  ]);
}

function tailTable(part) {
  const name = groupingName(part.by);
  return theNumbers(
    [
      {name, value: (row) => row.name, text: true},
      ...[
        ["pool", "pool"],
        ["subset", "subset"],
        ["random", "random"],
      ].flatMap(([key, title]) => [
        {name: title, value: (row) => row[key]},
        {name: "share", value: (row) => row.shares[key], show: share},
      ]),
      {name: "subset over pool", value: (row) => row.ratio, show: ratio},
      {name: "random over pool", value: (row) => row.randomRatio, show: ratio},
    ],
    tailRows(part),
    `Shares by ${name}`,
  );
}
