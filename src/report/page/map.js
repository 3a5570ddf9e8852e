// SPDX-License-Identifier: Apache-2.0
// The map: the pool's vectors in two dimensions, and which of its records were chosen.

const MOST_COLORED = 7; // sources with a colour of their own; the last colour is for all others

function mapSection(data) {
  const id = "map",
    title = "Map of the pool";
  const map = object(data.map);
  const pool = placed(map.pool),
    subset = placed(map.subset),
    density = densityCells(object(map.density));
  if (pool.length + subset.length + density.length === 0)
    return section(id, title, null, note("There is no map: no job of this run left vectors."));
  const state = {density: true, pool: true, subset: true, first: subset.length, source: null, record: null};
  const sources = sourceStyles([...subset, ...pool]);
  const card = h("div", {class: "map-card", "aria-live": "polite"}, note(MAP_HINT));
  const label = `Map of ${count(map.pool_total)} records of the pool and ${count(map.subset_total)} of the subset`;
  const show = (record) => {
    state.record = record;
    card.replaceChildren(mapCard(record, 6));
  };
  const drawing = figure({
    label,
    height: 520,
    caption: mapCaption(map, pool, subset),
    controls: h("div", {class: "controls"}),
    draw: (width) =>
      drawMap({
        pool,
        subset,
        density,
        sources,
        state,
        label,
        width,
        show,
        explained: list(map.explained),
      }),
    numbers: [card, mapNumbers(subset, pool)],
  });
  fillControls(drawing.querySelector(".controls"), sources, state, {pool, subset, density}, () => drawing.redraw());
  walkByKeys(drawing.querySelector(".plot"), subset.length > 0 ? subset : pool, state, show, drawing);
  return section(id, title, null, drawing);
}

const MAP_HINT = "Click a record to read it here, or focus the map and press → and ←.";
const placed = (records) =>
  list(records)
    .map(object)
    .filter((record) => number(record.x) && number(record.y));

function mapCard(record, lines) {
  const chosen = number(record.position);
  return recordCard(record, {
    lines,
    heading: chosen ? `chosen as number ${count(record.position + 1)}` : "of the pool",
    facts: [
      number(record.weight) && `stands for ${plural(record.weight, "record")}`,
      chosen && (number(record.distance) ? `${distance(record.distance)} from those before it` : null),
    ],
  });
}

// The most frequent sources have colours and symbols, in the order of their names.
function sourceStyles(records) {
  const frequencies = d3.rollup(
    records,
    (of) => of.length,
    (record) => record.source ?? null,
  );
  const names = [...frequencies].toSorted((a, b) => b[1] - a[1]).map(([name]) => name);
  const own = (names.length <= COLORS ? names : names.slice(0, MOST_COLORED)).toSorted((a, b) =>
    d3.ascending(String(a), String(b)),
  );
  const styles = own.map((name, at) => ({...styleOf(at, name ?? "no source"), source: name, line: false}));
  if (own.length < names.length)
    styles.push({...styleOf(COLORS - 1, `${names.length - own.length} other sources`), source: undefined, line: false});
  const of = new Map(own.map((name, at) => [name, styles[at]]));
  return {styles, of: (record) => of.get(record.source ?? null) ?? styles.at(-1)};
}

function mapCaption(map, pool, subset) {
  const dense = list(object(map.density).counts).some((counted) => counted > 0);
  const dots =
    pool.length < map.pool_total
      ? `${count(pool.length)} random records of its ${count(map.pool_total)}`
      : `its ${plural(pool.length, "record")}`;
  const symbols =
    subset.length < map.subset_total
      ? `the first ${count(subset.length)} of the ${count(map.subset_total)} chosen`
      : `the ${count(subset.length)} chosen`;
  return sentence([
    dense && "Shades show where the pool is dense.",
    pool.length > 0 && `Dots are ${dots}.`,
    subset.length > 0 ? `Symbols are ${symbols}, by source.` : "Nothing was chosen.",
    explainedCaption(map),
  ]);
}

function explainedCaption(map) {
  const explained = list(map.explained).filter(number);
  if (explained.length === 0) return "";
  const part = total(explained),
    method = short(map.method ?? "PCA");
  const seen = `The two directions (${method} of “${short(map.vectors, 60)}”) hold ${share(part)} of the variance`;
  if (part >= 0.5) return `${seen}.`;
  return (
    `${seen}; the other ${share(1 - part)} is not seen. Vectors of texts have many directions: ` +
    "records that are near each other here may be far apart, and a subset that is spread well may look clumped."
  );
}

function fillControls(bar, sources, state, {pool, subset, density}, redraw) {
  const layer = (key, name) =>
    h(
      "label",
      null,
      h("input", {
        type: "checkbox",
        checked: true,
        onchange: (event) => {
          state[key] = event.target.checked;
          redraw();
        },
      }),
      ` ${name}`,
    );
  const buttons = sources.styles.map((style) => {
    const button = h(
      "button",
      {
        type: "button",
        class: "source",
        "aria-pressed": "false",
        onclick: () => {
          state.source = state.source === style ? null : style;
          for (const [other, its] of buttons) other.setAttribute("aria-pressed", String(its === state.source));
          redraw();
        },
      },
      subset.length > 0 && swatch(style),
      bdi(style.name),
    );
    return [button, style];
  });
  append(bar, [
    h(
      "div",
      {class: "layers"},
      density.length > 0 && layer("density", "density of the pool"),
      pool.length > 0 && layer("pool", "records of the pool"),
      subset.length > 0 && layer("subset", "subset"),
    ),
    subset.length > 1 && orderControl(subset.length, state, redraw),
    buttons.length > 0 &&
      h(
        "div",
        {class: "sources", role: "group", "aria-label": "Show one source alone"},
        buttons.map(([button]) => button),
      ),
  ]);
}

// How the subset grew: the first so many of the chosen, in the order of choice.
function orderControl(all, state, redraw) {
  const said = h("output", null, count(all));
  let asked = false;
  const range = h("input", {
    type: "range",
    min: 1,
    max: all,
    value: all,
    oninput: () => {
      state.first = Number(range.value);
      said.textContent = count(state.first);
      if (!asked)
        requestAnimationFrame(() => {
          asked = false;
          redraw();
        });
      asked = true;
    },
  });
  return h("label", {class: "order"}, h("span", null, "the first ", said, ` of ${count(all)} chosen`), range);
}

function walkByKeys(host, records, state, show, drawing) {
  if (records.length === 0) return;
  host.tabIndex = 0;
  host.setAttribute("role", "group");
  host.setAttribute("aria-label", "The map: arrow keys go from record to record, in the order of choice");
  host.addEventListener("keydown", (event) => {
    const by = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!by) return;
    event.preventDefault();
    const at = records.indexOf(state.record);
    show(records[at < 0 ? (by > 0 ? 0 : records.length - 1) : (at + by + records.length) % records.length]);
    drawing.redraw();
  });
}

function mapNumbers(subset, pool) {
  const rows = subset.length > 0 ? subset : pool;
  return theNumbers(
    [
      {name: "record", value: (record) => record.id, show: (id) => String(id ?? none)},
      {name: "source", value: (record) => record.source, text: true},
      {name: "chosen as", value: (record) => (number(record.position) ? record.position + 1 : null)},
      {name: "stands for", value: (record) => record.weight},
      {name: "distance", value: (record) => record.distance, show: distance},
      {name: "first", value: (record) => record.x, show: measure},
      {name: "second", value: (record) => record.y, show: measure},
      {
        name: "text",
        value: (record) => record.text,
        text: true,
        show: (value) => h("bdi", {dir: "auto"}, short(value, 90)),
      },
    ],
    rows,
    "Records of the map",
  );
}
