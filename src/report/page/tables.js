// SPDX-License-Identifier: Apache-2.0
// Tables: wide ones scroll in their own box, numbers stand under each other, long ones show their first rows.

const ROWS_AT_FIRST = 60;

// Boxes that scroll are reached by keyboard, the others are not in the way.
const scrolling = new ResizeObserver((entries) => {
  for (const {target} of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

// columns: {name, value: row -> any, show: value -> text or element, text: true for a column of words, title}
// caption is heard, not seen; sortable: by clicks on the heads.
function table(columns, rows, {caption, sortable = rows.length > 3} = {}) {
  const body = h("tbody");
  const state = {column: null, ascending: true, all: rows.length <= ROWS_AT_FIRST};
  const heads = columns.map((column, at) =>
    head(column, sortable, () => {
      state.ascending = state.column === at ? !state.ascending : Boolean(column.text);
      state.column = at;
      heads.forEach((cell, i) =>
        cell.setAttribute("aria-sort", i !== at ? "none" : state.ascending ? "ascending" : "descending"),
      );
      fill();
    }),
  );
  const more = h(
    "button",
    {
      type: "button",
      class: "quiet more",
      onclick: () => {
        state.all = true;
        fill();
      },
    },
    `Show all ${count(rows.length)} rows`,
  );
  function fill() {
    const ordered = state.column === null ? rows : sorted(rows, columns[state.column], state.ascending);
    body.replaceChildren(
      ...(state.all ? ordered : ordered.slice(0, ROWS_AT_FIRST)).map((row) => bodyRow(columns, row)),
    );
    if (state.all) more.remove();
  }
  fill();
  const box = h(
    "div",
    {class: "scroll", role: "region", "aria-label": caption ?? "table"},
    h("table", null, caption && h("caption", {class: "heard"}, caption), h("thead", null, h("tr", null, heads)), body),
  );
  scrolling.observe(box);
  return h("div", {class: "table"}, box, state.all ? null : more);
}

function head(column, sortable, sort) {
  const cell = h("th", {
    scope: "col",
    class: column.text ? "words" : null,
    title: column.title,
    "aria-sort": sortable ? "none" : null,
  });
  append(cell, [sortable ? h("button", {type: "button", class: "sort", onclick: sort}, column.name) : column.name]);
  return cell;
}

function bodyRow(columns, row) {
  return h(
    "tr",
    {class: row.emphasis ? "emphasis" : null},
    columns.map((column, at) => {
      const value = column.value(row);
      const shown = column.show ? column.show(value, row) : column.text ? bdi(value) : count(value);
      return at === 0
        ? h("th", {scope: "row", class: column.text ? "words" : null}, shown)
        : h("td", {class: column.text ? "words" : null}, shown);
    }),
  );
}

// Rows without a value come last in either order.
function sorted(rows, column, ascending) {
  const known = (value) => value !== null && value !== undefined && value !== "" && !Number.isNaN(value);
  return rows
    .map((row) => [column.value(row), row])
    .sort(([a], [b]) => {
      if (!known(a) || !known(b)) return known(b) - known(a);
      const order =
        typeof a === "number" && typeof b === "number"
          ? a - b
          : String(a).localeCompare(String(b), "en", {numeric: true});
      return ascending ? order : -order;
    })
    .map(([, row]) => row);
}

// What a figure shows, as numbers, folded away below it.
const theNumbers = (columns, rows, caption) =>
  folded("The numbers", () => table(columns, rows, {caption}), {class: "numbers"});
