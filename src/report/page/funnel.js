// SPDX-License-Identifier: Apache-2.0
// Where records went: what each job kept, and why the others left.

const jobName = (row) => (row.as ? `${row.job ?? row.stage} (${row.as})` : String(row.job ?? row.stage ?? ""));

// Records that a job neither kept nor refused: those that a selection did not choose.
function passedOver(row) {
  if (!number(row.in) || !number(row.out)) return null;
  return Math.max(
    0,
    row.in - row.out - (number(row.rejected) ? row.rejected : 0) - (number(row.failed) ? row.failed : 0),
  );
}

const FATES = [
  {name: "went on", color: "var(--pool)", area: true, opacity: 0.75},
  {name: "left", color: "var(--left)", area: true, opacity: 1},
  {name: "without a value", color: "var(--failed)", area: true, opacity: 1},
  {name: "not chosen", color: "var(--paper)", area: true, opacity: 1, outline: "var(--line-strong)", dash: "3 2"},
];

function funnelSection(data) {
  const rows = list(data.funnel)
    .map(object)
    .filter((row) => number(row.in) || number(row.out));
  if (rows.length === 0)
    return section(
      "funnel",
      "From the pool to the subset",
      null,
      note("There is nothing to show: no job has finished."),
    );
  const used = FATES.filter((_, k) => k === 0 || rows.some((row) => fates(row)[k] > 0));
  const kept = FATES.map((fate) => used.includes(fate));
  const first = rows[0].in ?? data.pool_records,
    last = rows.findLast((row) => number(row.out));
  const reasons = [...new Set(rows.flatMap((row) => Object.keys(object(row.reasons))))];
  return section(
    "funnel",
    "From the pool to the subset",
    null,
    figure({
      label: "Records that went into each job and came out of it",
      caption: funnelCaption(rows, first, last),
      legend: used.length > 1 && legend(used),
      height: 28 * rows.length + 56,
      draw: (width) =>
        stacked(
          rows.map((row) => ({name: jobName(row), parts: fates(row).filter((_, k) => kept[k]), note: count(row.out)})),
          used,
          {
            width,
            label: "Records that went into each job and came out of it",
            axis: "records →",
            format: edgeLabel,
            show: count,
          },
        ),
      numbers: theNumbers(
        [
          {name: "job", value: jobName, text: true},
          {name: "in", value: (row) => row.in},
          {name: "out", value: (row) => row.out},
          {name: "left", value: (row) => row.rejected},
          {name: "without a value", value: (row) => row.failed},
          ...reasons.map((reason) => ({name: words(reason), value: (row) => object(row.reasons)[reason] ?? null})),
        ],
        rows,
        "Records in and out of each job",
      ),
    }),
  );
}

const fates = (row) => [row.out, row.rejected, row.failed, passedOver(row)].map((value) => (number(value) ? value : 0));

function funnelCaption(rows, first, last) {
  const left = rows.filter((row) => row.rejected > 0).sort((a, b) => b.rejected - a.rejected)[0];
  return sentence([
    `${count(first)} records went in, ${count(last?.out ?? null)} came out of the last job.`,
    left
      ? [
          `Most left at ${text(jobName(left))}: ${count(left.rejected)} (${share(divide(left.rejected, left.in))} of what came to it).`,
        ].join("")
      : "No job refused any.",
  ]);
}

function removedSection(data) {
  const id = "removed",
    title = "Why records left";
  const rows = list(data.removed)
    .map(object)
    .filter((row) => row.records > 0)
    .toSorted((a, b) => (b.records ?? 0) - (a.records ?? 0));
  const examples = rows.filter((row) => list(row.examples).length > 0);
  if (rows.length === 0) return section(id, title, null, note("No record left for a rule."));
  const name = (row) => `${words(row.rule)} (${stageName(row.stage)})`;
  const all = total(rows.map((row) => row.records));
  return section(
    id,
    title,
    null,
    figure({
      label: "Records that left, by rule",
      caption: `${sentence([`${plural(all, "record")} left for ${plural(rows.length, "reason")}.`])} The most frequent is “${name(rows[0])}” with ${count(rows[0].records)} (${share(divide(rows[0].records, all))}).`,
      height: 28 * Math.min(rows.length, 25) + 56,
      draw: (width) =>
        bars(
          rows.slice(0, 25).map((row) => ({name: name(row), value: row.records})),
          {width, label: "Records that left, by rule", axis: "records →", color: "var(--left)"},
        ),
      numbers: theNumbers(
        [
          {name: "rule", value: (row) => words(row.rule), text: true},
          {name: "stage", value: (row) => row.stage, text: true},
          {name: "records", value: (row) => row.records},
          {name: "share of those that left", value: (row) => divide(row.records, all), show: share},
        ],
        rows,
        "Records that left, by rule",
      ),
    }),
    examples.length > 0 &&
      h(
        "div",
        {class: "example-list"},
        h("h3", null, "Examples"),
        examples.map((row) =>
          folded(
            [bdi(name(row)), h("span", {class: "aside"}, plural(row.records, "record"))],
            () =>
              list(row.examples).map((record) => recordCard(record, {facts: [record?.detail && bdi(record.detail)]})),
            {class: "examples"},
          ),
        ),
      ),
  );
}

const stageName = (stage) => text(stage).replace(/^\d+-/, "");
