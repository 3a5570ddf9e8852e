// SPDX-License-Identifier: Apache-2.0
// Runs beside each other.

function comparePage(data) {
  const runs = list(data.runs).map((run, at) => ({
    ...object(run),
    at,
    style: styleOf(at, object(run).name ?? `run ${at + 1}`),
  }));
  return [
    compareHeadline(data, runs),
    runsSection(runs),
    overlapSection(data, runs),
    compareCoverage(runs),
    differencesSection(data, runs),
    compareDistributions(data, runs),
    onlySection(data, runs),
  ];
}

function compareHeadline(data, runs) {
  return h(
    "header",
    {class: "headline", id: "headline"},
    h("p", {class: "kicker"}, "Farpoint compare"),
    h("h1", null, `${plural(runs.length, "run")} beside each other`),
    data.same_pool === false &&
      h(
        "div",
        {class: "verdict worse"},
        h("p", {class: "claim"}, "These runs do not have the same pool."),
        h(
          "p",
          null,
          "The same id means different records. What both chose was counted by the records' text; distances are to different " +
            "records and are not comparable.",
        ),
      ),
    data.same_pool !== false &&
      data.same_vectors === false &&
      h(
        "div",
        {class: "verdict worse"},
        h("p", {class: "claim"}, "Distances of these runs do not compare."),
        h("p", null, "The runs measure them in different vectors, or one of them in none."),
      ),
    h("p", {class: "lead"}, data.same_vectors === false ? "" : nearestRun(runs)),
    legend(runs.map((run) => run.style)),
  );
}

function nearestRun(runs) {
  const known = runs.filter((run) => number(object(run.coverage).p95));
  if (known.length < 2) return "";
  const best = known.toSorted((a, b) => a.coverage.p95 - b.coverage.p95)[0];
  const mean = known.toSorted((a, b) => a.coverage.mean - b.coverage.mean)[0];
  const sizes = new Set(known.map((run) => run.selected));
  return [
    "95 % of the records are nearest to ",
    bdi(best.style.name),
    ` (within ${distance(best.coverage.p95)}); `,
    best === mean ? "so they are on average" : ["on average ", bdi(mean.style.name), " is nearest"],
    ` (${distance(mean.coverage.mean)}).`,
    sizes.size > 1 ? " The subsets differ in size, and larger ones are nearer." : "",
  ];
}

function runsSection(runs) {
  const coverage = (key) => (run) => object(run.coverage)[key] ?? null;
  return section(
    "runs",
    "The runs",
    null,
    table(
      [
        {
          name: "run",
          value: (run) => run.style.name,
          text: true,
          show: (name, run) => [swatch(run.style), " ", bdi(name)],
        },
        {name: "method", value: (run) => run.method, text: true},
        {name: "chosen", value: (run) => run.selected},
        {name: "words chosen", value: (run) => run.tokens},
        {name: "pool", value: (run) => run.pool_records},
        {name: "radius", value: (run) => run.radius, show: distance},
        ...[
          ["mean", "mean"],
          ["p50", "median"],
          ["p95", "95 % within"],
          ["max", "all within"],
        ].map(([key, name]) => ({name, value: coverage(key), show: distance})),
        {name: "time", value: (run) => run.seconds, show: seconds},
        {name: "ranks", value: (run) => run.ranks},
      ],
      runs,
      {caption: "The runs", sortable: true},
    ),
  );
}

function overlapSection(data, runs) {
  const overlap = list(data.overlap).map(list);
  if (runs.length < 2 || overlap.length === 0)
    return section("overlap", "What they have in common", null, note("There is nothing to compare."));
  const part = (i, j) =>
    divide(overlap[i]?.[j], (overlap[i]?.[i] ?? 0) + (overlap[j]?.[j] ?? 0) - (overlap[i]?.[j] ?? 0));
  const pairs = runs.flatMap((a, i) => runs.slice(i + 1).map((b, k) => ({a, b, i, j: i + 1 + k})));
  const most = pairs.toSorted((x, y) => (part(y.i, y.j) ?? 0) - (part(x.i, x.j) ?? 0))[0];
  return section(
    "overlap",
    "What they have in common",
    [
      "Records that both runs chose, and their share of what either chose. ",
      most
        ? [
            "The most alike are ",
            bdi(most.a.style.name),
            " and ",
            bdi(most.b.style.name),
            `: ${count(overlap[most.i]?.[most.j])} in common (${share(part(most.i, most.j))}).`,
          ]
        : "",
    ],
    table(
      [
        {
          name: "",
          value: (run) => run.style.name,
          text: true,
          show: (name, run) => [swatch(run.style), " ", bdi(name)],
        },
        ...runs.map((other) => ({
          name: bdi(other.style.name),
          value: (run) => overlap[run.at]?.[other.at] ?? null,
          show: (value, run) =>
            run === other
              ? h("span", {class: "self"}, count(value))
              : heat(part(run.at, other.at), [
                  count(value),
                  " ",
                  h("span", {class: "more"}, share(part(run.at, other.at))),
                ]),
        })),
      ],
      runs,
      {caption: "Records that two runs have in common", sortable: false},
    ),
  );
}

const heat = (value, content) =>
  h("span", {class: "heat", style: `--heat: ${number(value) ? Math.round(100 * Math.sqrt(value)) : 0}%`}, content);

function compareCoverage(runs) {
  const known = runs.filter((run) => number(object(run.coverage).mean));
  const id = "coverage",
    title = "Coverage";
  if (known.length === 0) return section(id, title, null, note("No run measured its coverage."));
  const one = (key, name) => {
    const label = `${name}: the subset of each run, and as many random records`;
    const rows = known.map((run) => ({
      name: run.style.name,
      values: [run.coverage[key], run.coverage[`random_${key}`]],
    }));
    return figure({
      title: name,
      label,
      height: 24 * rows.length + 56,
      caption: coverageCaption(known, key),
      draw: (width) => comparison(rows, SIDES, {width, label, axis: "distance →", format: edgeLabel, show: distance}),
      numbers: theNumbers(
        [
          {name: "run", value: (row) => row.name, text: true},
          {name: "subset", value: (row) => row.values[0], show: distance},
          {name: "random", value: (row) => row.values[1], show: distance},
        ],
        rows,
        label,
      ),
    });
  };
  return section(
    id,
    title,
    "The distance from a record of the pool to the nearest chosen one. Less is better.",
    legend(SIDES.map((side) => ({...side, line: false}))),
    h("div", {class: "small-multiples"}, one("mean", "Mean distance"), one("p95", "95 % are within")),
  );
}

function coverageCaption(runs, key) {
  const name = (run) => `“${short(run.style.name, 40)}”`;
  const best = runs.toSorted((a, b) => a.coverage[key] - b.coverage[key])[0];
  const lost = runs.filter((run) => standing(run.coverage[key], run.coverage[`random_${key}`]) === "worse");
  return (
    `${name(best)} is nearest with ${distance(best.coverage[key])}. ` +
    (lost.length === 0
      ? "None is clearly farther than random records."
      : `Farther than random records: ${enumerate(lost.map(name))}.`)
  );
}

function differencesSection(data, runs) {
  const rows = list(data.differences).map(object);
  return section(
    "differences",
    "What was configured differently",
    null,
    rows.length === 0
      ? note("Nothing: the configurations are the same.")
      : table(
          [
            {name: "option", value: (row) => row.option, text: true, show: (value) => h("code", null, visible(value))},
            ...runs.map((run) => ({
              name: bdi(run.style.name),
              value: (row) => list(row.values)[run.at],
              text: true,
              show: (value) =>
                value === undefined || value === null
                  ? none
                  : h("code", null, visible(typeof value === "string" ? value : JSON.stringify(value))),
            })),
          ],
          rows,
          {caption: "Options that differ"},
        ),
  );
}

function onlySection(data, runs) {
  const only = list(data.only).map(list);
  if (!only.some((records) => records.length > 0))
    return section(
      "only",
      "What only one run chose",
      null,
      note("No run chose a record that no other chose, or there are no examples."),
    );
  return section(
    "only",
    "What only one run chose",
    null,
    runs.map(
      (run) =>
        list(only[run.at]).length > 0 && [
          h("h3", null, swatch(run.style), " ", bdi(run.style.name)),
          firstOf(only[run.at], 3, (record) => recordCard(record, {lines: 3}), h("div", {class: "cards"})),
        ],
    ),
  );
}
