// SPDX-License-Identifier: Apache-2.0
// Charts over an axis of numbers: histograms and curves. Each is a function of its rows and the width, and returns an SVG.

const percentTick = (value) => `${+(100 * value).toFixed(2)} %`;
const tipLines = (head, lines) => [head, ...lines].join("\n");
const TIP = {
  fontSize: 12,
  lineHeight: 1.35,
  lineWidth: 34,
  fill: "var(--raised)",
  stroke: "var(--line-strong)",
  textPadding: 9,
  pathFilter: null,
};

// Where bins are drawn: equal ones by their values, all others, such as those of a logarithmic scale, equally wide.
function binScale(bins, log, width) {
  const edges = [...bins.map((bin) => bin.from), bins.at(-1).to];
  const room = Math.max(2, Math.floor(width / 56));
  const size = (edges.at(-1) - edges[0]) / bins.length;
  if (
    !log &&
    size > 0 &&
    edges.every((edge, at) => number(edge) && Math.abs(edge - edges[0] - at * size) < 1e-3 * size)
  )
    return {at: edges, axis: {ticks: Math.min(room, 8), tickFormat: edgeLabel}};
  const step = Math.ceil(edges.length / room);
  return {
    at: d3.range(edges.length),
    axis: {ticks: d3.range(0, edges.length, step), tickFormat: (at) => edgeLabel(edges[at])},
  };
}
const compactNumber = new Intl.NumberFormat("en", {notation: "compact", maximumSignificantDigits: 3});
function edgeLabel(value) {
  if (!number(value)) return "";
  if (Number.isInteger(value) && Math.abs(value) < 1e5) return count(value);
  return Math.abs(value) >= 1e4 ? compactNumber.format(value) : measure(+value.toPrecision(3));
}

// bins: {from, to}; series: styles with `shares`, one a bin.
function histogram(bins, series, {width, label, unit, log}) {
  const scale = binScale(bins, log, width - 64);
  const rows = bins.map((bin, k) => ({
    k,
    bin,
    x1: scale.at[k],
    x2: scale.at[k + 1],
    middle: (scale.at[k] + scale.at[k + 1]) / 2,
    top: Math.max(0, ...series.map((one) => one.shares[k])),
  }));
  const most = Math.max(0, ...rows.map((row) => row.top)) || 1;
  const title = ({bin, k}) =>
    tipLines(
      `${edgeLabel(bin.from)} to ${edgeLabel(bin.to)}${unit ? ` ${unit}` : ""}`,
      series.map((one) => `${short(one.name)}  ${share(one.shares[k])}`),
    );
  return plot(width, label, {
    height: 228,
    marginTop: 24,
    marginLeft: 48,
    marginBottom: 40,
    x: {domain: [scale.at[0], scale.at.at(-1)], label: unit ? `${unit} →` : null, labelAnchor: "right", ...scale.axis},
    y: {label: "share of records", ticks: 4, tickFormat: percentTick, grid: true, domain: [0, most], nice: true},
    marks: [
      series.filter((one) => one.area).map((one) => binBars(rows, one)),
      series.map((one) => binOutline(scale.at, one)),
      Plot.ruleY([0], {stroke: "var(--line-strong)"}),
      Plot.ruleX(rows, Plot.pointerX({x: "middle", stroke: "var(--ink)", strokeOpacity: 0.35})),
      Plot.tip(rows, Plot.pointerX({x: "middle", y: "top", title, ...TIP})),
    ],
  });
}

const binBars = (rows, one) =>
  Plot.rectY(rows, {
    x1: "x1",
    x2: "x2",
    y: (row) => one.shares[row.k],
    fill: one.color,
    fillOpacity: 0.45,
    insetLeft: 0.5,
    insetRight: 0.5,
  });

function binOutline(at, one) {
  const last = at.at(-1);
  const steps = [[at[0], 0], ...one.shares.map((value, k) => [at[k], value]), [last, one.shares.at(-1)], [last, 0]];
  return Plot.line(steps, {
    x: "0",
    y: "1",
    curve: "step-after",
    stroke: one.color,
    strokeWidth: one.width ?? 1,
    strokeDasharray: one.dash,
  });
}

// Over a logarithmic axis. series: styles with `points`: {x, y}; marks: further marks, drawn first.
function curves(series, {width, label, xLabel, yLabel, marks = [], title, xTicks}) {
  const points = series.flatMap((one) => one.points.map((point) => ({...point, name: one.name})));
  const xs = [...new Map(points.map((point) => [point.x, point])).values()];
  return plot(width, label, {
    height: 290,
    marginTop: 26,
    marginLeft: 56,
    marginBottom: 42,
    x: {type: "log", axis: null, insetLeft: 8, insetRight: 8},
    y: {label: yLabel, grid: true, ticks: 5, tickFormat: measure, nice: true},
    marks: [
      Plot.axisX(xTicks, {text: edgeLabel, label: xLabel, labelAnchor: "right"}),
      marks,
      series.map((one) =>
        Plot.line(one.points, {x: "x", y: "y", stroke: one.color, strokeWidth: one.width, strokeDasharray: one.dash}),
      ),
      series.map((one) => Plot.dot(one.points, {x: "x", y: "y", symbol: one.symbol, r: 4, fill: one.color})),
      Plot.ruleX(xs, Plot.pointerX({x: "x", stroke: "var(--ink)", strokeOpacity: 0.35})),
      Plot.tip(xs, Plot.pointerX({x: "x", y: "y", title: (point) => title(point.x), ...TIP})),
    ],
  });
}
