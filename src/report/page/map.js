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
  const state = {density: true, pool: true, subset: true, source: null, record: null};
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
        method: map.method,
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
  const explained = list(map.explained).filter(number);
  const parts = [];
  if (list(object(map.density).counts).some((counted) => counted > 0))
    parts.push("Shades show where the pool is dense.");
  if (pool.length > 0)
    parts.push(
      `Dots are ${pool.length < map.pool_total ? `${count(pool.length)} random records of its ${count(map.pool_total)}` : `its ${plural(pool.length, "record")}`}.`,
    );
  if (subset.length > 0)
    parts.push(
      `Symbols are ${subset.length < map.subset_total ? `the first ${count(subset.length)} of the ${count(map.subset_total)} chosen` : `the ${count(subset.length)} chosen`}, by source.`,
    );
  else parts.push("Nothing was chosen.");
  if (explained.length > 0) {
    const sum = total(explained);
    parts.push(
      `The two directions (${text(map.method ?? "PCA")} of “${text(map.vectors)}”) hold ${share(sum)} of the variance${
        sum < 0.5
          ? `; the other ${share(1 - sum)} is not seen. Vectors of texts have many directions: records that are near each other here may be far apart, and a subset that is spread well may look clumped`
          : ""
      }.`,
    );
  }
  return parts.join(" ");
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
    buttons.length > 0 &&
      h(
        "div",
        {class: "sources", role: "group", "aria-label": "Show one source alone"},
        buttons.map(([button]) => button),
      ),
  ]);
}

// Both axes have the same scale: a distance on the map is one, whatever its direction.
function mapFrame(points, density, width) {
  const x = d3.extent([...points.map((point) => point.x), ...density.flatMap((cell) => [cell.x1, cell.x2])]);
  const y = d3.extent([...points.map((point) => point.y), ...density.flatMap((cell) => [cell.y1, cell.y2])]);
  const across = Math.max(x[1] - x[0], 1e-12),
    up = Math.max(y[1] - y[0], 1e-12);
  const inner = width - 32,
    height = Math.min(Math.max(inner * Math.min(up / across, 1), 0.5 * inner, 260), 640);
  const scale = Math.max(across / inner, up / height) * 1.04;
  const around = ([from, to], size) => [(from + to) / 2 - (scale * size) / 2, (from + to) / 2 + (scale * size) / 2];
  return {x: around(x, inner), y: around(y, height), height};
}

function densityCells(density) {
  const {x, y, columns, rows} = density;
  if (!number(columns) || !number(rows) || ![0, 1].every((k) => number(list(x)[k]) && number(list(y)[k]))) return [];
  const most = Math.max(1, ...list(density.counts).filter(number));
  const across = (x[1] - x[0]) / columns,
    up = (y[1] - y[0]) / rows;
  return list(density.counts).flatMap((counted, at) =>
    counted > 0
      ? [
          {
            x1: x[0] + (at % columns) * across,
            x2: x[0] + ((at % columns) + 1) * across,
            y1: y[0] + Math.floor(at / columns) * up,
            y2: y[0] + (Math.floor(at / columns) + 1) * up,
            shade: 0.06 + 0.5 * Math.sqrt(counted / most),
          },
        ]
      : [],
  );
}

function drawMap({pool, subset, density, sources, state, label, width, show, explained, method}) {
  const frame = mapFrame([...pool, ...subset], density, width);
  const visible = (record) => !state.source || sources.of(record) === state.source;
  const dots = state.pool ? pool.filter(visible) : [],
    chosen = state.subset ? subset.filter(visible) : [];
  const axis = (name, at) =>
    `${name} direction${number(explained[at]) ? `, ${share(explained[at])} of the variance` : ""}`;
  const ring = {x: "x", y: "y", r: 9, stroke: "var(--ink)", strokeWidth: 2, fill: "none"};
  const svg = plot(width, label, {
    height: frame.height + 40,
    marginLeft: 16,
    marginRight: 16,
    marginTop: 14,
    marginBottom: 26,
    x: {domain: frame.x, ticks: [], label: `${axis("first", 0)} →`, labelAnchor: "right"},
    y: {domain: frame.y, ticks: [], label: `↑ ${axis("second", 1)}`, labelAnchor: "top"},
    marks: [
      Plot.frame({stroke: "var(--line)"}),
      state.density
        ? Plot.rect(density, {
            x1: "x1",
            x2: "x2",
            y1: "y1",
            y2: "y2",
            fill: "var(--pool)",
            fillOpacity: {value: "shade", scale: null},
            shapeRendering: "crispEdges",
          })
        : null,
      Plot.dot(dots, {x: "x", y: "y", r: 1.6, fill: "var(--pool-dot)", fillOpacity: 0.55}),
      sources.styles.map((style) =>
        Plot.dot(
          chosen.filter((record) => sources.of(record) === style),
          {
            x: "x",
            y: "y",
            symbol: style.symbol,
            r: chosen.length > 1200 || width < 500 ? 2.6 : 3.6,
            fill: style.symbol === "times" ? "none" : style.color,
            stroke: style.symbol === "times" ? style.color : "var(--paper)",
            strokeWidth: 0.9,
          },
        ),
      ),
      state.record && [state.record].every(visible) ? Plot.dot([state.record], ring) : null,
      Plot.dot([...dots, ...chosen], Plot.pointer({...ring, maxRadius: 24})),
    ],
  });
  const tip = h("div", {class: "map-tip", hidden: true});
  const box = h("div", null, svg, tip);
  svg.addEventListener("input", () => {
    tip.hidden = !svg.value;
    if (!svg.value) return;
    const x = svg.scale("x").apply(svg.value.x),
      y = svg.scale("y").apply(svg.value.y);
    tip.replaceChildren(mapCard(svg.value, 5));
    tip.style.left = `${Math.max(0, Math.min(x - 160, width - 320))}px`;
    tip.style.top = y < frame.height / 2 ? `${y + 16}px` : "";
    tip.style.bottom = y < frame.height / 2 ? "" : `${frame.height + 40 - y + 16}px`;
  });
  svg.addEventListener("click", () => {
    if (svg.value) show(svg.value);
  });
  return box;
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
