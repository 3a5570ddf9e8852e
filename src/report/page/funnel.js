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
  const id = "funnel",
    title = "From the pool to the subset";
  const rows = list(data.funnel)
    .map(object)
    .filter((row) => number(row.in) || number(row.out));
  if (rows.length === 0) return section(id, title, null, note("There is nothing to show: no job has finished."));
  const kept = FATES.map((_, k) => k === 0 || rows.some((row) => fates(row)[k] > 0));
  const used = FATES.filter((_, k) => kept[k]);
  const label = "Records that went into each job and came out of it";
  const parts = (row) => fates(row).filter((_, k) => kept[k]);
  return section(
    id,
    title,
    null,
    figure({
      label,
      height: 28 * rows.length + 56,
      caption: funnelCaption(rows, rows[0].in ?? data.pool_records),
      legend: used.length > 1 && legend(used),
      draw: (width) =>
        stacked(
          rows.map((row) => ({name: jobName(row), parts: parts(row), note: count(row.out)})),
          used,
          {width, label, axis: "records →", format: edgeLabel, show: count},
        ),
      numbers: funnelNumbers(rows, label),
    }),
  );
}

function funnelNumbers(rows, label) {
  const reasons = [...new Set(rows.flatMap((row) => Object.keys(object(row.reasons))))];
  return theNumbers(
    [
      {name: "job", value: jobName, text: true},
      {name: "in", value: (row) => row.in},
      {name: "out", value: (row) => row.out},
      {name: "left", value: (row) => row.rejected},
      {name: "without a value", value: (row) => row.failed},
      ...reasons.map((reason) => ({name: words(reason), value: (row) => object(row.reasons)[reason] ?? null})),
    ],
    rows,
    label,
  );
}

const fates = (row) => [row.out, row.rejected, row.failed, passedOver(row)].map((value) => (number(value) ? value : 0));

function funnelCaption(rows, first) {
  const last = rows.findLast((row) => number(row.out))?.out ?? null;
  const most = rows.filter((row) => row.rejected > 0).toSorted((a, b) => b.rejected - a.rejected)[0];
  const part = most && share(divide(most.rejected, most.in));
  return sentence([
    `${count(first)} records went in, ${count(last)} came out of the last job.`,
    most
      ? `Most left at “${short(jobName(most), 60)}”: ${count(most.rejected)} (${part} of what came to it).`
      : "No job refused any.",
  ]);
}

function removedSection(data) {
  const id = "removed",
    title = "Why records left";
  const rows = list(data.removed)
    .map(object)
    .filter((row) => row.records > 0)
    .toSorted((a, b) => b.records - a.records);
  if (rows.length === 0) return section(id, title, null, note("No record left for a rule."));
  const all = total(rows.map((row) => row.records)),
    label = "Records that left, by rule";
  const shown = rows.slice(0, 25).map((row) => ({name: ruleName(row), value: row.records}));
  return section(
    id,
    title,
    null,
    figure({
      label,
      height: 28 * shown.length + 56,
      caption:
        `${plural(all, "record")} left for ${plural(rows.length, "reason")}. The most frequent is “${ruleName(rows[0])}” ` +
        `with ${count(rows[0].records)} (${share(divide(rows[0].records, all))}).`,
      draw: (width) => bars(shown, {width, label, axis: "records →", color: "var(--left)"}),
      numbers: theNumbers(
        [
          {name: "rule", value: (row) => words(row.rule), text: true},
          {name: "stage", value: (row) => row.stage, text: true},
          {name: "records", value: (row) => row.records},
          {name: "share of those that left", value: (row) => divide(row.records, all), show: share},
        ],
        rows,
        label,
      ),
    }),
    removedExamples(rows.filter((row) => list(row.examples).length > 0)),
  );
}

function removedExamples(rows) {
  if (rows.length === 0) return null;
  const card = (record) => recordCard(record, {facts: [record?.detail && bdi(record.detail)]});
  return h(
    "div",
    {class: "example-list"},
    h("h3", null, "Examples"),
    rows.map((row) =>
      folded(
        [bdi(ruleName(row)), h("span", {class: "aside"}, plural(row.records, "record"))],
        () => list(row.examples).map(card),
        {class: "examples"},
      ),
    ),
  );
}

const ruleName = (row) => `${words(row.rule)} (${stageName(row.stage)})`;

const stageName = (stage) => text(stage).replace(/^\d+-/, "");
