// SPDX-License-Identifier: Apache-2.0
// Records: who they are, and their text, of which a few lines are seen until it is opened.

const PREVIEW = 1200;

// facts: words about the record, such as its distance; lines: how many are seen at first.
function recordCard(record, {facts = [], lines = 4, heading} = {}) {
  record = object(record);
  return h(
    "div",
    {class: "record"},
    h(
      "p",
      {class: "record-head"},
      heading && h("span", {class: "record-role"}, heading),
      h("span", {class: "record-id"}, record.id === undefined || record.id === null ? "record" : `record ${record.id}`),
      record.source !== undefined && record.source !== null && h("span", {class: "record-source"}, bdi(record.source)),
      facts.filter(Boolean).map((fact) => h("span", {class: "record-fact"}, fact)),
    ),
    recordText(record.text, lines),
  );
}

function recordText(value, lines) {
  const source = String(value ?? "");
  if (!source.trim()) return h("p", {class: "record-text empty"}, source ? "(white space only)" : "(no text)");
  const long = source.length > 75 * lines || source.split("\n", lines + 1).length > lines;
  const element = h("p", {class: "record-text", dir: "auto", style: long ? `--lines: ${lines}` : null});
  element.append(...visible(source.slice(0, long ? PREVIEW : source.length)));
  if (!long) return element;
  element.classList.add("clamped");
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-expanded": "false",
      onclick: () => {
        const open = element.classList.toggle("clamped");
        button.setAttribute("aria-expanded", String(!open));
        button.textContent = open ? "Show all" : "Show less";
        element.replaceChildren(...visible(open ? source.slice(0, PREVIEW) : source));
      },
    },
    "Show all",
  );
  return [element, button];
}

const distanceFact = (record) => number(object(record).distance) && `distance ${distance(record.distance)}`;
