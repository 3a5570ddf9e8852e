// SPDX-License-Identifier: Apache-2.0
// Charts with a row for each name: comparisons and bars. Each is a function of its rows and the width, and returns an SVG.

// Room for names on the left: as wide as they are, but never most of a narrow page.
function nameMargin(names, width) {
  const most = Math.max(8, Math.floor((0.42 * width) / 6.8));
  const labels = names.map((name) => short(name, most));
  return {margin: Math.ceil(18 + 6.8 * Math.max(4, ...labels.map((label) => label.length))), most};
}

// Rows are placed by their number and not by their name, which need not be unique.
function nameAxis(rows, most, extra = {}) {
  return Plot.axisY(
    rows.map((_, at) => at),
    {tickFormat: (at) => short(rows[at].name, most), tickSize: 0, label: null, ...extra},
  );
}

// Ticks of a logarithmic axis of ratios: 0.5, 1, 2 and so on, as many as there is room for.
function ratioTicks(values, room) {
  const [least, most] = d3.extent(values);
  const fine = d3
    .range(-6, 7)
    .flatMap((power) => [1, 2, 5].map((digit) => +(digit * 10 ** power).toPrecision(1)))
    .filter((tick) => tick >= least * 0.99 && tick <= most * 1.01);
  const coarse = fine.filter((tick) => /^[0.]*10*$/.test(String(tick)));
  return fine.length <= room || coarse.length < 2 ? fine : coarse;
}

// rows: {name, values: one a style}. An area is a bar from zero, the others are symbols on a thin line.
function comparison(
  rows,
  styles,
  {width, label, axis, format = percentTick, show = share, log = false, reference = null},
) {
  const {margin, most} = nameMargin(
    rows.map((row) => row.name),
    width,
  );
  const shown = (value) => number(value) && (!log || value > 0);
  const points = styles.map((_, k) =>
    rows.map((row, at) => ({at, value: row.values[k]})).filter((point) => shown(point.value)),
  );
  const domain = log ? d3.extent([0.5, 2, ...points.flat().map((point) => point.value)]) : undefined;
  const zero = styles.some((style) => style.area);
  const room = Math.max(2, Math.floor((width - margin) / 90)),
    ticks = log ? ratioTicks(domain, room) : room;
  const axisLabel = {label: axis, labelAnchor: "right"};
  const title = (row) =>
    tipLines(
      short(row.name, 60),
      styles.map((style, k) => `${short(style.name)}  ${show(row.values[k])}`),
    );
  const reach = (row) => Math.max(...row.values.filter(number), log ? domain[0] : 0);
  const told = rows.map((row, at) => ({...row, at})).filter((row) => row.values.some(number));
  return plot(width, label, {
    height: 24 * rows.length + 56,
    marginLeft: margin,
    marginBottom: 40,
    x: {type: log ? "log" : "linear", domain, axis: null, zero, nice: !log, insetLeft: zero ? 0 : 10, insetRight: 10},
    y: {type: "band", domain: rows.map((_, at) => at), padding: 0.3},
    marks: [
      nameAxis(rows, most),
      Plot.gridX({ticks}),
      log ? Plot.axisX(ticks, {text: format, ...axisLabel}) : Plot.axisX({ticks, tickFormat: format, ...axisLabel}),
      reference === null ? null : Plot.ruleX([reference], {stroke: "var(--ink)", strokeOpacity: 0.6}),
      styles.map((style, k) => (style.area ? valueBars(points[k], style) : null)),
      valueSpans(points.filter((_, k) => !styles[k].area).flat()),
      styles.map((style, k) => (style.area ? null : valueDots(points[k], style))).toReversed(),
      log ? noneTexts(rows, styles[0]) : null,
      Plot.tip(told, Plot.pointerY({y: "at", x: reach, title, ...TIP})),
    ],
  });
}

const valueBars = (points, style) =>
  Plot.barX(points, {y: "at", x: "value", fill: style.color, fillOpacity: 0.45, stroke: style.color});

const valueDots = (points, style) =>
  Plot.dot(points, {
    y: "at",
    x: "value",
    symbol: style.symbol,
    r: 4.5,
    stroke: style.color,
    strokeWidth: 1.8,
    fill: style.filled ? style.color : "var(--paper)",
  });

// A thin line from the least to the greatest value of a row.
const valueSpans = (points) =>
  Plot.ruleY(points, Plot.groupY({x1: "min", x2: "max"}, {y: "at", x: "value", stroke: "var(--line-strong)"}));

// Zero has no place on a logarithmic axis.
const noneTexts = (rows, style) =>
  Plot.text(
    rows.flatMap((row, at) => (row.values[0] === 0 ? [at] : [])),
    {y: (at) => at, frameAnchor: "left", dx: 4, text: () => "none", fill: style.color},
  );

// rows: {name, parts: one a style}, drawn one behind the other; note: a text at the end of the bar.
function stacked(rows, styles, {width, label, axis, format, show}) {
  const {margin, most} = nameMargin(
    rows.map((row) => row.name),
    width,
  );
  const ends = rows.map((row, at) => ({...row, at, end: total(row.parts)}));
  const title = (row) =>
    tipLines(
      short(row.name, 60),
      styles.map((style, k) => `${short(style.name)}  ${show(row.parts[k])}`),
    );
  const room = 14 + 6.6 * Math.max(0, ...rows.map((row) => (row.note ?? "").length));
  const ticks = Math.max(2, Math.floor((width - margin - room) / 90));
  const longest = Math.max(0, ...ends.map((row) => row.end)) || 1;
  return plot(width, label, {
    height: 28 * rows.length + 56,
    marginLeft: margin,
    marginRight: Math.min(room, 0.3 * width),
    marginBottom: 40,
    x: {label: axis, labelAnchor: "right", grid: true, ticks, tickFormat: format, domain: [0, longest]},
    y: {type: "band", domain: rows.map((_, at) => at), padding: 0.28},
    marks: [
      nameAxis(rows, most),
      styles.map((style, k) => stackedPart(rows, style, k)),
      Plot.ruleX([0], {stroke: "var(--line-strong)"}),
      Plot.text(ends, {y: "at", x: "end", text: "note", textAnchor: "start", dx: 6, fill: "var(--ink)"}),
      Plot.tip(ends, Plot.pointerY({y: "at", x: (row) => row.end / 2, title, ...TIP})),
    ],
  });
}

function stackedPart(rows, style, k) {
  const pieces = rows.map((row, at) => ({
    at,
    from: total(row.parts.slice(0, k)),
    to: total(row.parts.slice(0, k + 1)),
  }));
  return Plot.barX(
    pieces.filter((piece) => piece.to > piece.from),
    {
      y: "at",
      x1: "from",
      x2: "to",
      fill: style.color,
      fillOpacity: style.opacity ?? 1,
      stroke: style.outline ?? "none",
      strokeDasharray: style.dash,
      inset: style.outline ? 0.5 : 0,
      insetRight: 0.5,
    },
  );
}

// One bar a row. rows: {name, value}
function bars(rows, {width, label, axis, color = "var(--subset)", show = count}) {
  return stacked(
    rows.map((row) => ({name: row.name, parts: [row.value], note: show(row.value)})),
    [{name: axis, color}],
    {width, label, axis, format: edgeLabel, show},
  );
}
