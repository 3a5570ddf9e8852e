// SPDX-License-Identifier: Apache-2.0
// Elements of the page. What the data say goes into text nodes and nowhere else; no function here takes markup.

// h("p", {class: "note", onclick: f}, "text", element, [more]): children that are null or false are left out.
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

// A text of the data inside a sentence: its direction does not touch what stands around it.
const bdi = (value) => h("bdi", null, visible(value));

// A text of the data whose invisible characters are marked.
function visible(value) {
  const parts = [];
  const source = String(value ?? "").replaceAll("\r\n", "\n");
  let at = 0;
  for (const found of source.matchAll(INVISIBLE)) {
    if (found.index > at) parts.push(source.slice(at, found.index));
    parts.push(h("span", {class: "control"}, mark(found[0])));
    at = found.index + found[0].length;
  }
  parts.push(source.slice(at));
  return parts;
}

// Folded away; what is inside is made when it is opened first.
function folded(summary, make, attributes) {
  const element = h("details", attributes, h("summary", null, summary));
  let made = false;
  element.addEventListener("toggle", () => {
    if (!element.open || made) return;
    made = true;
    append(element, [make()]);
  });
  return element;
}

const note = (...children) => h("p", {class: "note"}, children);

// Shows the first of many things, and a button for the rest.
function firstOf(items, most, make, container) {
  append(container, items.slice(0, most).map(make));
  if (items.length <= most) return container;
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet more",
      onclick: () => {
        append(container, items.slice(most).map(make));
        button.remove();
      },
    },
    `Show all ${count(items.length)}`,
  );
  return h("div", null, container, button);
}

function copyButton(content) {
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet copy",
      onclick: async () => {
        button.textContent = (await copy(content)) ? "Copied" : "Not allowed: select the text";
        setTimeout(() => {
          button.textContent = "Copy";
        }, 2000);
      },
    },
    "Copy",
  );
  return button;
}

async function copy(content) {
  try {
    await navigator.clipboard.writeText(content);
    return true;
  } catch {
    const area = h("textarea", {class: "offscreen", "aria-hidden": "true"});
    area.value = content;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

// The sections of the page, in order, for the table of contents.
const sections = [];

function section(id, title, lead, ...children) {
  sections.push({id, title});
  return h(
    "section",
    {id, "aria-labelledby": `${id}-title`},
    h("h2", {id: `${id}-title`}, title),
    lead && h("p", {class: "lead"}, lead),
    children,
  );
}
