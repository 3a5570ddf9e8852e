// SPDX-License-Identifier: Apache-2.0
// Figures: drawn when they come near the window, drawn again when their width changes, all of them before printing.

const pending = new Map(); // host of a figure that is not drawn yet -> how to draw it
const nearby = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) if (entry.isIntersecting) drawNow(entry.target);
  },
  {rootMargin: "500px 0px"},
);

const widths = new ResizeObserver((entries) => {
  for (const {target, contentRect} of entries) {
    const drawn = target.drawn;
    if (!drawn || contentRect.width === 0 || Math.abs(drawn.width - Math.floor(contentRect.width)) < 2) continue;
    requestAnimationFrame(() => drawn.draw());
  }
});

function drawNow(host) {
  const draw = pending.get(host);
  if (!draw) return;
  pending.delete(host);
  nearby.unobserve(host);
  draw();
  widths.observe(host);
}

const drawAll = () => {
  for (const host of [...pending.keys()]) drawNow(host);
};
addEventListener("beforeprint", drawAll);
matchMedia("print").addEventListener("change", (event) => {
  if (event.matches) drawAll();
});

// label: what the figure is, for those who hear it; caption: what is to be seen in it, in words; draw: width -> SVG of
// Plot; height: about how high it will be; legend, controls, numbers: elements above and below it.
function figure({id, label, title, caption, draw, height = 240, legend, controls, numbers}) {
  const host = h("div", {class: "plot", style: `min-height: ${height}px`});
  const redraw = () => {
    const width = Math.floor(host.clientWidth) || 640;
    host.drawn = {width, draw: redraw};
    let plot;
    try {
      plot = draw(width);
    } catch (error) {
      plot = note(`This figure could not be drawn (${error.message}); its numbers are below.`);
    }
    host.replaceChildren(plot);
    host.style.minHeight = "";
  };
  host.redraw = () => {
    if (!pending.has(host)) redraw();
  };
  pending.set(host, redraw);
  nearby.observe(host);
  const element = h(
    "figure",
    {id, "aria-label": label},
    title && h("h3", null, title),
    caption && h("figcaption", null, caption),
    legend,
    controls,
    host,
    numbers,
  );
  element.redraw = host.redraw;
  return element;
}

// What all plots have in common. Colours are CSS variables, so that a change of theme needs no drawing.
function plot(width, label, options) {
  const svg = Plot.plot({
    className: "farpoint-plot",
    width,
    marginTop: 12,
    marginRight: 16,
    ariaLabel: label,
    ...options,
    style: {fontSize: "12px", fontFamily: "inherit", ...options.style},
  });
  svg.setAttribute("role", "img");
  return svg;
}

// How a set of records is drawn: never by colour alone.
const POOL = {key: "pool", name: "pool", color: "var(--pool)", area: true};
const SUBSET = {key: "subset", name: "subset", color: "var(--subset)", symbol: "circle", filled: true, width: 2.2};
const RANDOM = {key: "random", name: "random", color: "var(--random)", symbol: "diamond", dash: "5 3", width: 1.8};
const SETS = [POOL, SUBSET, RANDOM];

const COLORS = 8;
const SYMBOLS = ["circle", "triangle", "square", "diamond", "star", "wye", "cross", "times"];
const DASHES = [null, "6 3", "2 2.5", "8 3 2 3", "12 4", "4 4", "1 3", "10 3 2 3 2 3"];
const styleOf = (index, name) => ({
  name,
  color: `var(--c${index % COLORS})`,
  symbol: SYMBOLS[(index + Math.floor(index / COLORS)) % SYMBOLS.length],
  dash: DASHES[(index + Math.floor(index / COLORS)) % DASHES.length],
  filled: true,
  width: 2,
});

const SVG = "http://www.w3.org/2000/svg";
function swatch(style) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({width: 26, height: 12, viewBox: "0 0 26 12", "aria-hidden": "true"}))
    svg.setAttribute(name, value);
  const add = (tag, attributes) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
    svg.append(element);
  };
  if (style.area)
    add("rect", {
      x: 3,
      y: 1,
      width: 20,
      height: 10,
      fill: style.color,
      "fill-opacity": style.opacity ?? 0.45,
      stroke: style.outline ?? null,
      "stroke-dasharray": style.outline ? style.dash : null,
    });
  else if (style.line !== false)
    add("path", {
      d: "M1,6H25",
      stroke: style.color,
      "stroke-width": 2,
      "stroke-dasharray": style.dash ?? null,
      fill: "none",
    });
  if (style.symbol && style.points !== false) {
    const type = d3[`symbol${style.symbol[0].toUpperCase()}${style.symbol.slice(1)}`];
    const open = style.symbol === "times" || !style.filled;
    add("path", {
      transform: "translate(13,6)",
      d: d3.symbol(type, 44)(),
      fill: open ? "var(--paper)" : style.color,
      stroke: style.color,
      "stroke-width": 1.5,
    });
  }
  return svg;
}

function legend(styles) {
  return h(
    "ul",
    {class: "legend"},
    styles.map((style) => h("li", null, swatch(style), bdi(style.name))),
  );
}
