// SPDX-License-Identifier: Apache-2.0
// The first lines of a report: what was chosen, and whether it is worth more than as many random records.

// Below one per cent a difference is called none: another random draw can turn it round.
const SAME = 0.01,
  SLIGHT = 0.05;
const apart = (subset, random) => Math.abs(divide(subset - random, random) ?? 0);

// What the subset is beside the random one in a distance (less is better): "better", "same", "worse" or null.
function standing(subset, random) {
  if (!number(subset) || !number(random)) return null;
  if (subset === random || Math.abs(subset - random) <= SAME * Math.abs(random)) return "same";
  return subset < random ? "better" : "worse";
}

function changeInWords(subset, random) {
  const change = divide(subset - random, random);
  if (change === null) return null;
  if (Math.abs(change) < 0.0005) return "the same";
  return `${share(Math.abs(change))} ${change < 0 ? "nearer" : "farther"}`;
}

// Methods that choose by something else than how well the pool is covered.
const NO_COVER = {
  target: "what is like the targets",
  top: "the highest scores",
  longest: "the longest records",
  importance: "what is likelier among the curated records",
  "repr-filter": "high scores that are not alike",
};

// Mean and 95th percentile decide; the text says plainly when random records are as good, or better.
function verdict(overall, method) {
  const subset = object(object(overall).subset),
    random = object(object(overall).random);
  const mean = standing(subset.mean, random.mean),
    p95 = standing(subset.p95, random.p95);
  if (mean === null && p95 === null) return null;
  const known = [mean, p95].filter(Boolean);
  const all = (what) => known.every((one) => one === what);
  const some = (what) => known.includes(what);
  const much = Math.max(apart(subset.mean, random.mean), apart(subset.p95, random.p95)) < SLIGHT ? "slightly " : "";
  let tone = "same",
    claim;
  if (method === "random") claim = "This subset is random itself; differences from the other random draw are luck.";
  else if (all("same")) claim = "As many random records cover the pool as well as this subset.";
  else if (some("better") && !some("worse")) {
    tone = "better";
    claim = `The subset covers the pool ${much}better than as many random records.`;
  } else if (some("worse") && !some("better")) {
    tone = "worse";
    claim = `As many random records cover the pool ${much}better than this subset.`;
  } else
    claim =
      mean === "better"
        ? "The subset is better than as many random records on average, and worse for the records far out."
        : "The subset is better than as many random records for the records far out, and worse on average.";
  const parts = [];
  if (mean)
    parts.push(
      `A record's nearest chosen one is ${distance(subset.mean)} away on average, ${distance(random.mean)} with the random ones ` +
        `(${changeInWords(subset.mean, random.mean)}).`,
    );
  if (p95)
    parts.push(
      `95 % of the records are within ${distance(subset.p95)}, against ${distance(random.p95)} (${changeInWords(subset.p95, random.p95)}).`,
    );
  if (number(subset.max) && number(random.max))
    parts.push(`The farthest is ${distance(subset.max)} away, ${distance(random.max)} with the random ones.`);
  if (method in NO_COVER) {
    parts.push(`The method ${method} looks for ${NO_COVER[method]}: coverage is not what it is for.`);
    if (tone === "worse") tone = "same";
  }
  return {tone, claim, detail: parts.join(" ")};
}

const tile = (name, value, more) =>
  h("div", {class: "tile"}, h("dt", null, name), h("dd", null, value, more && h("span", {class: "more"}, more)));

function headline(data) {
  const judged = verdict(object(data.coverage).overall, data.method);
  const chosen = number(data.selected);
  const unjudged =
    data.selected === 0
      ? "The subset is empty, so there is nothing to compare with random records."
      : "How well the subset covers the pool was not measured: the selection had no vectors.";
  const pool = number(data.pool_records) ? ` Its pool has ${plural(data.pool_records, "record")}.` : "";
  return h(
    "header",
    {class: "headline", id: "headline"},
    h("p", {class: "kicker"}, "Farpoint report"),
    h("h1", null, bdi(data.title ?? "run")),
    h("p", {class: "lead"}, chosen ? whatWasChosen(data) : `This run chose no subset.${pool}`),
    judged &&
      h("div", {class: `verdict ${judged.tone}`}, h("p", {class: "claim"}, judged.claim), h("p", null, judged.detail)),
    !judged && chosen && h("div", {class: "verdict"}, h("p", null, unjudged)),
    headlineTiles(data),
  );
}

function whatWasChosen(data) {
  return [
    h("strong", null, count(data.selected)),
    ` of ${plural(data.pool_records, "record")} were chosen`,
    data.method ? [" by ", h("strong", null, bdi(data.method))] : "",
    exactness(data.exactness),
    ".",
  ];
}

function headlineTiles(data) {
  const performance = object(data.performance);
  const ofPool = divide(data.candidates, data.pool_records),
    ofCandidates = divide(data.selected, data.candidates);
  const where = `on ${plural(performance.ranks, "rank")}, ${performance.device ?? "cpu"}`;
  return h(
    "dl",
    {class: "tiles"},
    tile("Pool", count(data.pool_records), "records"),
    number(data.candidates) &&
      tile("Candidates", count(data.candidates), number(ofPool) && `${share(ofPool)} of the pool`),
    number(data.selected) &&
      tile("Chosen", count(data.selected), number(ofCandidates) && `${share(ofCandidates)} of the candidates`),
    number(data.radius) && tile("Radius", distance(data.radius), "the largest distance left"),
    number(performance.seconds) && tile("Time", seconds(performance.seconds), where),
  );
}

const exactness = (value) => {
  if (!value) return "";
  return value === "exact" ? ", computed exactly" : [" (", bdi(value), ")"];
};
