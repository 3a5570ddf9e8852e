// SPDX-License-Identifier: Apache-2.0
// The kinds of charts that the sections are made of. Each is a function of its rows and the width, and returns an SVG.

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
  const steps = (one) => [
    [scale.at[0], 0],
    ...one.shares.map((value, k) => [scale.at[k], value]),
    [scale.at.at(-1), one.shares.at(-1)],
    [scale.at.at(-1), 0],
  ];
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
    y: {
      label: "share of records",
      ticks: 4,
      tickFormat: percentTick,
      grid: true,
      zero: true,
      domain: [0, Math.max(0, ...rows.map((row) => row.top)) || 1],
      nice: true,
    },
    marks: [
      series
        .filter((one) => one.area)
        .map((one) =>
          Plot.rectY(rows, {
            x1: "x1",
            x2: "x2",
            y: (row) => one.shares[row.k],
            fill: one.color,
            fillOpacity: 0.45,
            insetLeft: 0.5,
            insetRight: 0.5,
          }),
        ),
      series.map((one) =>
        Plot.line(steps(one), {
          x: "0",
          y: "1",
          curve: "step-after",
          stroke: one.color,
          strokeWidth: one.width ?? 1,
          strokeDasharray: one.dash,
        }),
      ),
      Plot.ruleY([0], {stroke: "var(--line-strong)"}),
      Plot.ruleX(rows, Plot.pointerX({x: "middle", stroke: "var(--ink)", strokeOpacity: 0.35})),
      Plot.tip(rows, Plot.pointerX({x: "middle", y: "top", title, ...TIP})),
    ],
  });
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
  const points = styles.flatMap((style, k) =>
    rows
      .map((row, at) => ({at, k, value: row.values[k]}))
      .filter((point) => number(point.value) && (!log || point.value > 0)),
  );
  const spans = rows
    .map((row, at) => ({
      at,
      values: row.values.filter((value, k) => number(value) && !styles[k].area && (!log || value > 0)),
    }))
    .filter((span) => span.values.length > 1);
  const of = (k) => points.filter((point) => point.k === k);
  const title = (row) =>
    tipLines(
      short(row.name, 60),
      styles.map((style, k) => `${short(style.name)}  ${show(row.values[k])}`),
    );
  const reach = (row) => Math.max(...row.values.filter(number), log ? 1e-9 : 0);
  const zero = styles.some((style) => style.area),
    room = Math.max(2, Math.floor((width - margin) / 90));
  const values = points.map((point) => point.value),
    domain = log ? d3.extent([0.5, 2, ...values]) : undefined;
  const ticks = log ? ratioTicks(domain, room) : room,
    axisLabel = {label: axis, labelAnchor: "right"};
  const nothing = log ? rows.flatMap((row, at) => (row.values[0] === 0 ? [at] : [])) : [];
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
      styles.map((style, k) =>
        !style.area
          ? null
          : Plot.barX(of(k), {y: "at", x: "value", fill: style.color, fillOpacity: 0.45, stroke: style.color}),
      ),
      Plot.link(spans, {
        y: "at",
        x1: (span) => Math.min(...span.values),
        x2: (span) => Math.max(...span.values),
        stroke: "var(--line-strong)",
      }),
      styles
        .toReversed()
        .map((style, k) =>
          style.area
            ? null
            : Plot.dot(of(styles.length - 1 - k), {
                y: "at",
                x: "value",
                symbol: style.symbol,
                r: 4.5,
                stroke: style.color,
                strokeWidth: 1.8,
                fill: style.filled ? style.color : "var(--paper)",
              }),
        ),
      Plot.text(nothing, {y: (at) => at, frameAnchor: "left", dx: 4, text: () => "none", fill: styles[0].color}),
      Plot.tip(
        rows.map((row, at) => ({...row, at})).filter((row) => row.values.some(number)),
        Plot.pointerY({y: "at", x: reach, title, ...TIP}),
      ),
    ],
  });
}

// rows: {name, parts: one a style}, drawn one behind the other; note: a text at the end of the bar.
function stacked(rows, styles, {width, label, axis, format, show}) {
  const {margin, most} = nameMargin(
    rows.map((row) => row.name),
    width,
  );
  const pieces = rows.flatMap((row, at) => {
    let from = 0;
    return row.parts
      .map((value, k) => ({at, k, from, to: (from += number(value) ? value : 0)}))
      .filter((piece) => piece.to > piece.from);
  });
  const ends = rows.map((row, at) => ({...row, at, end: total(row.parts)}));
  const title = (row) =>
    tipLines(
      short(row.name, 60),
      styles.map((style, k) => `${short(style.name)}  ${show(row.parts[k])}`),
    );
  const room = 14 + 6.6 * Math.max(0, ...rows.map((row) => (row.note ?? "").length));
  return plot(width, label, {
    height: 28 * rows.length + 56,
    marginLeft: margin,
    marginRight: Math.min(room, 0.3 * width),
    marginBottom: 40,
    x: {
      label: axis,
      labelAnchor: "right",
      grid: true,
      ticks: Math.max(2, Math.floor((width - margin - room) / 90)),
      tickFormat: format,
      domain: [0, Math.max(0, ...ends.map((row) => row.end)) || 1],
    },
    y: {type: "band", domain: rows.map((_, at) => at), padding: 0.28},
    marks: [
      nameAxis(rows, most),
      styles.map((style, k) =>
        Plot.barX(
          pieces.filter((piece) => piece.k === k),
          {
            y: "at",
            x1: "from",
            x2: "to",
            fill: style.color,
            fillOpacity: style.opacity ?? 1,
            stroke: style.outline ?? "none",
            strokeDasharray: style.dash,
            insetRight: 0.5,
            insetTop: style.outline ? 0.5 : 0,
            insetBottom: style.outline ? 0.5 : 0,
          },
        ),
      ),
      Plot.ruleX([0], {stroke: "var(--line-strong)"}),
      Plot.text(ends, {
        y: "at",
        x: "end",
        text: "note",
        textAnchor: "start",
        dx: 6,
        fill: "var(--ink)",
        fontVariant: "tabular-nums",
      }),
      Plot.tip(ends, Plot.pointerY({y: "at", x: (row) => row.end / 2, title, ...TIP})),
    ],
  });
}

// One bar a row. rows: {name, value}
function bars(rows, {width, label, axis, color = "var(--subset)", show = count}) {
  return stacked(
    rows.map((row) => ({name: row.name, parts: [row.value], note: show(row.value)})),
    [{name: axis, color}],
    {width, label, axis, format: edgeLabel, show},
  );
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
