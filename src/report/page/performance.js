// SPDX-License-Identifier: Apache-2.0
// Where the time went: by job, and by rank.

const ACTIVITIES = [
  {key: "computing", name: "computing", color: "var(--c0)", area: true, opacity: 1},
  {key: "communication", name: "communication and waiting", color: "var(--c1)", area: true, opacity: 1},
  {key: "files", name: "files", color: "var(--c5)", area: true, opacity: 1},
];
const OTHER = {key: "other", name: "not told apart", color: "var(--pool)", area: true, opacity: 0.5};

function performanceSection(data) {
  const id = "performance",
    title = "Where the time went";
  const performance = object(data.performance),
    jobs = list(performance.jobs).map(object);
  const rows = jobs
    .map((job) => ({...job, name: jobName(job), parts: timesOf(job)}))
    .filter((row) => total(row.parts) > 0);
  if (rows.length === 0) return section(id, title, null, note("No times are known of this run."));
  const styles = [...ACTIVITIES, OTHER].filter((_, k) => k < 3 || rows.some((row) => row.parts[3] > 0));
  const label = "Seconds of each job";
  const shown = rows.map((row) => ({name: row.name, parts: row.parts, note: seconds(row.seconds)}));
  const where = `on ${plural(performance.ranks, "rank")} of ${plural(performance.threads, "thread")} (${performance.device ?? "cpu"})`;
  return section(
    id,
    title,
    `${seconds(performance.seconds)} in all, ${where}.`,
    figure({
      label,
      height: 28 * rows.length + 56,
      legend: legend(styles),
      caption: timesCaption(rows),
      draw: (width) => stacked(shown, styles, {width, label, axis: "seconds →", format: edgeLabel, show: seconds}),
      numbers: timesNumbers(rows, label),
    }),
    ranksFigure(rows),
  );
}

function timesNumbers(rows, label) {
  const part = (activity) => (row) => divide(row[activity.key], total(ACTIVITIES.map((one) => row[one.key])));
  const rate = (value, row) => (value > 0 ? `${measure(value)} ${text(row.unit)}` : none);
  return theNumbers(
    [
      {name: "job", value: (row) => row.name, text: true},
      {name: "seconds", value: (row) => row.seconds, show: seconds},
      ...ACTIVITIES.flatMap((activity) => [
        {name: activity.name, value: (row) => row[activity.key], show: seconds},
        {name: "share", value: part(activity), show: share},
      ]),
      {name: "imbalance", value: (row) => row.imbalance, show: share},
      {name: "rate", value: (row) => row.rate, show: rate},
      {name: "shards kept from before", value: (row) => row.resumed_shards},
    ],
    rows,
    label,
  );
}

// The three activities are means over the ranks, and may be a little more or less than the wall time.
function timesOf(job) {
  const parts = ACTIVITIES.map((activity) => (number(job[activity.key]) ? job[activity.key] : 0));
  return total(parts) > 0 ? [...parts, 0] : [0, 0, 0, number(job.seconds) ? job.seconds : 0];
}

function timesCaption(rows) {
  const longest = rows.filter((row) => number(row.seconds)).toSorted((a, b) => b.seconds - a.seconds)[0];
  if (!longest) return "";
  const all = total(rows.map((row) => row.seconds)),
    waiting = divide(total(rows.map((row) => row.communication)), total(rows.flatMap((row) => row.parts)));
  const uneven = rows
    .filter((row) => row.imbalance > 0.2 && row.seconds > 0.1 * all)
    .toSorted((a, b) => b.imbalance - a.imbalance)[0];
  return sentence([
    `“${short(longest.name, 60)}” took ${share(divide(longest.seconds, all))} of the time (${seconds(longest.seconds)}).`,
    waiting !== null && `Of all jobs' time ${share(waiting)} was communication and waiting.`,
    uneven &&
      `“${short(uneven.name, 60)}” was shared out unevenly: its busiest rank worked ${share(uneven.imbalance)} more than the mean.`,
  ]);
}

function ranksFigure(rows) {
  const jobs = rows.filter((row) => list(row.ranks).length > 1);
  if (jobs.length === 0) return null;
  const cells = jobs.flatMap(rankCells),
    label = "Work of each rank, job by job";
  return figure({
    title: "By rank",
    label,
    height: 28 * jobs.length + 56,
    caption:
      "Each row is a job, each column a rank. The stronger its colour, the longer the rank computed and read or wrote files, " +
      "as a part of the busiest one's time. An even row is work that is shared out well.",
    draw: (width) => drawRanks(jobs, cells, width, label),
    numbers: theNumbers(
      [
        {name: "job", value: (cell) => cell.job, text: true},
        {name: "rank", value: (cell) => cell.k},
        ...ACTIVITIES.map(({name, key}) => ({name, value: (cell) => cell.rank[key], show: seconds})),
      ],
      cells,
      label,
    ),
  });
}

function rankCells(row, at) {
  const busy = (rank) => (number(rank?.computing) || number(rank?.files) ? total([rank.computing, rank.files]) : null);
  const most = Math.max(1e-9, ...row.ranks.map(busy).filter(number));
  return row.ranks.map((rank, k) => ({
    at,
    k,
    rank: object(rank),
    job: row.name,
    value: busy(rank),
    part: (busy(rank) ?? 0) / most,
  }));
}

function drawRanks(jobs, cells, width, label) {
  const ranks = Math.max(...jobs.map((row) => row.ranks.length));
  const {margin, most} = nameMargin(
    jobs.map((row) => row.name),
    width,
  );
  const room = (width - margin - 16) / ranks;
  const title = (cell) =>
    tipLines(
      `${short(cell.job, 40)}, rank ${cell.k}`,
      ACTIVITIES.map((activity) => `${activity.name}  ${seconds(cell.rank[activity.key])}`),
    );
  const step = Math.max(1, Math.round(d3.tickStep(0, ranks, Math.max(1, Math.floor((ranks * room) / 34)))));
  const tickFormat = (k) => (k % step === 0 ? String(k) : "");
  return plot(width, label, {
    height: 28 * jobs.length + 52,
    marginLeft: margin,
    marginBottom: 38,
    padding: 0,
    x: {type: "band", domain: d3.range(ranks), label: "rank →", labelAnchor: "right", tickSize: 0, tickFormat},
    y: {type: "band", domain: jobs.map((_, at) => at)},
    marks: [
      nameAxis(jobs, most),
      Plot.cell(cells, {
        x: "k",
        y: "at",
        fill: "var(--c0)",
        inset: room > 6 ? 1 : 0,
        fillOpacity: {value: (cell) => 0.04 + 0.5 * cell.part, scale: null},
      }),
      room > 52 ? Plot.text(cells, {x: "k", y: "at", text: (cell) => seconds(cell.value), fill: "var(--ink)"}) : null,
      Plot.tip(cells, Plot.pointer({x: "k", y: "at", title, ...TIP})),
    ],
  });
}
