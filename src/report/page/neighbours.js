// SPDX-License-Identifier: Apache-2.0
// Records beside the chosen one that stands for them: the worst represented, the nearest that were left out, the
// largest groups, and the clusters of duplicates.

const PAIRS = 8;

function extremesSection(data) {
  const id = "extremes",
    title = "Farthest and nearest records";
  const farthest = list(data.farthest).map(object),
    nearest = list(data.nearest).map(object);
  if (farthest.length + nearest.length === 0)
    return section(id, title, null, note("No record was assigned to a chosen one."));
  return section(
    id,
    title,
    null,
    pairFigure(
      farthest,
      "Represented worst",
      "The farthest records have no chosen one nearby. Noise and rare kinds of records are found here: if they matter, choose " +
        "more or set a quota; if they are noise, clean them out.",
    ),
    pairFigure(
      nearest,
      "Nearest to a chosen record",
      "These were left out, for a chosen one says almost the same. If these pairs differ in what matters to you, the vectors " +
        "do not see it.",
    ),
  );
}

function pairFigure(records, title, sense) {
  if (records.length === 0) return null;
  const distances = records.map((record) => record.distance).filter(number);
  return [
    h("h3", null, title),
    h(
      "p",
      null,
      sense,
      distances.length > 0
        ? ` Distances of ${distance(Math.min(...distances))} to ${distance(Math.max(...distances))}.`
        : "",
    ),
    firstOf(records, PAIRS, pair, h("div", {class: "pairs"})),
  ];
}

const pair = (record) =>
  h(
    "article",
    {class: "pair"},
    recordCard(record, {facts: [distanceFact(record)], lines: 3}),
    record.representative && recordCard(record.representative, {heading: "nearest chosen", lines: 3}),
  );

function groupsSection(data) {
  const id = "groups",
    title = "What the chosen records stand for";
  const groups = list(data.groups).map(object);
  if (groups.length === 0)
    return section(id, title, null, note("No group is known: records were not assigned to chosen ones."));
  const lead = "A chosen record stands for those that are nearer to it than to any other chosen one.";
  return section(
    id,
    title,
    lead,
    groups.some((group) => group.weight > 0) && weightsFigure(groups, data.candidates),
    groups.map((group) => {
      const members = list(group.members)
        .map(object)
        .toSorted((a, b) => (a.distance ?? 0) - (b.distance ?? 0));
      return family(
        group.chosen,
        "chosen",
        number(group.weight) && `stands for ${plural(group.weight, "record")}`,
        members,
        `${plural(members.length, "record")} of the group, nearest and farthest`,
      );
    }),
  );
}

function weightsFigure(groups, candidates) {
  const name = (group) => `${object(group.chosen).id ?? ""} ${short(object(group.chosen).text, 40)}`;
  const rows = groups.map((group) => ({name: name(group), value: group.weight}));
  const sum = total(groups.map((group) => group.weight)),
    part = divide(sum, candidates);
  const label = "Records that the chosen ones of the largest groups stand for";
  return figure({
    label,
    height: 28 * groups.length + 56,
    caption:
      `The largest group has ${plural(groups[0].weight, "record")}. These ${count(groups.length)} stand for ${count(sum)}` +
      `${part === null ? "" : `, ${share(part)} of the candidates`}.`,
    draw: (width) => bars(rows, {width, label, axis: "records →"}),
    numbers: theNumbers(
      [
        {name: "chosen record", value: (group) => object(group.chosen).id, show: (value) => String(value ?? none)},
        {name: "source", value: (group) => object(group.chosen).source, text: true},
        {name: "stands for", value: (group) => group.weight},
        {name: "share of the candidates", value: (group) => divide(group.weight, candidates), show: share},
      ],
      groups,
      label,
    ),
  });
}

// A record, and those that it stands for or that were its copies, folded away.
function family(head, heading, fact, members, summary) {
  const card = (record) => recordCard(record, {facts: [distanceFact(record)], lines: 3});
  return h(
    "article",
    {class: "group"},
    recordCard(head, {heading, facts: [fact], lines: 3}),
    members.length > 0 && folded(summary, () => members.map(card), {class: "examples"}),
  );
}

function duplicatesSection(data) {
  const id = "duplicates",
    title = "Duplicates";
  const removed = Object.entries(object(object(data.duplicates).removed))
    .filter(([, value]) => number(value))
    .map(([name, value]) => ({name: words(name), value}))
    .toSorted((a, b) => b.value - a.value);
  const clusters = list(object(data.duplicates).clusters).map(object);
  if (removed.length + clusters.length === 0)
    return section(id, title, null, note("This run looked for no duplicates, or found none."));
  return section(
    id,
    title,
    null,
    removed.length > 0 && duplicatesFigure(removed, data.pool_records),
    clusters.length > 0 && [
      h("h3", null, "The largest clusters"),
      clusters.map((cluster) =>
        family(
          cluster.kept,
          "kept",
          `cluster of ${plural(cluster.size, "record")}`,
          list(cluster.members),
          `${plural(list(cluster.members).length, "duplicate")} of it`,
        ),
      ),
    ],
  );
}

function duplicatesFigure(removed, pool) {
  const all = total(removed.map((row) => row.value)),
    label = "Records removed as duplicates, by how they were found";
  const most = removed.length > 1 && all > 0 ? `; most of them were found as “${removed[0].name}”` : "";
  return figure({
    label,
    height: 28 * removed.length + 56,
    caption: `${plural(all, "duplicate")} left, ${share(divide(all, pool))} of the pool${most}.`,
    draw: (width) => bars(removed, {width, label, axis: "records →", color: "var(--left)"}),
    numbers: theNumbers(
      [
        {name: "found as", value: (row) => row.name, text: true},
        {name: "records", value: (row) => row.value},
      ],
      removed,
      label,
    ),
  });
}
