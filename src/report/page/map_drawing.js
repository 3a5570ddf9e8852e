// SPDX-License-Identifier: Apache-2.0
// The map as a figure: where things are, the layers, and the record under the pointer.

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

function drawMap({pool, subset, density, sources, state, label, width, show, explained}) {
  const frame = mapFrame([...pool, ...subset], density, width);
  const visible = (record) => !state.source || sources.of(record) === state.source;
  const dots = state.pool ? pool.filter(visible) : [],
    chosen = state.subset ? subset.slice(0, state.first).filter(visible) : [];
  const axis = (name, at) =>
    `${name} direction${number(explained[at]) ? `, ${share(explained[at])} of the variance` : ""}`;
  const ring = {x: "x", y: "y", r: 9, stroke: "var(--ink)", strokeWidth: 2, fill: "none"};
  const size = chosen.length > 1200 || width < 500 ? 2.6 : 3.6;
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
      state.density ? densityShades(density) : null,
      Plot.dot(dots, {x: "x", y: "y", r: 1.6, fill: "var(--pool-dot)", fillOpacity: 0.55}),
      sources.styles.map((style) =>
        chosenSymbols(
          chosen.filter((record) => sources.of(record) === style),
          style,
          size,
        ),
      ),
      state.record && visible(state.record) ? Plot.dot([state.record], ring) : null,
      Plot.dot([...dots, ...chosen], Plot.pointer({...ring, maxRadius: 24})),
    ],
  });
  svg.addEventListener("click", () => {
    if (svg.value) show(svg.value);
  });
  return h("div", null, svg, mapTip(svg, width, frame.height));
}

const densityShades = (density) =>
  Plot.rect(density, {
    x1: "x1",
    x2: "x2",
    y1: "y1",
    y2: "y2",
    fill: "var(--pool)",
    fillOpacity: {value: "shade", scale: null},
    shapeRendering: "crispEdges",
  });

function chosenSymbols(records, style, size) {
  const open = style.symbol === "times";
  return Plot.dot(records, {
    x: "x",
    y: "y",
    symbol: style.symbol,
    r: size,
    fill: open ? "none" : style.color,
    stroke: open ? style.color : "var(--paper)",
    strokeWidth: 0.9,
  });
}

// The record under the pointer. Plot's own tips know one text of one direction; this one is a card like all others.
function mapTip(svg, width, height) {
  const tip = h("div", {class: "map-tip", hidden: true});
  svg.addEventListener("input", () => {
    tip.hidden = !svg.value;
    if (!svg.value) return;
    const x = svg.scale("x").apply(svg.value.x),
      y = svg.scale("y").apply(svg.value.y);
    tip.replaceChildren(mapCard(svg.value, 5));
    tip.style.left = `${Math.max(0, Math.min(x - 160, width - 320))}px`;
    tip.style.top = y < height / 2 ? `${y + 16}px` : "";
    tip.style.bottom = y < height / 2 ? "" : `${height + 40 - y + 16}px`;
  });
  return tip;
}
