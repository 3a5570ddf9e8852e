// SPDX-License-Identifier: Apache-2.0
// Reads the data and builds the page.

function reportPage(data) {
  return [
    headline(data),
    funnelSection(data),
    removedSection(data),
    distributionsSection(data),
    mapSection(data),
    coverageSection(data),
    extremesSection(data),
    groupsSection(data),
    tailSection(data),
    duplicatesSection(data),
    performanceSection(data),
    configurationSection(data),
  ];
}

// The choice of the theme lives as long as the page: nothing is stored.
function themeButton() {
  const root = document.documentElement;
  const dark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const button = h("button", {
    type: "button",
    class: "quiet theme",
    onclick: () => {
      root.dataset.theme = dark() ? "light" : "dark";
      name();
    },
  });
  const name = () => {
    button.textContent = dark() ? "Light colours" : "Dark colours";
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
  return button;
}

function contents() {
  const links = new Map(sections.map(({id, title}) => [id, h("a", {href: `#${id}`}, title)]));
  const here = new IntersectionObserver(
    (entries) => {
      for (const {target, isIntersecting} of entries) {
        if (!isIntersecting) continue;
        for (const [id, link] of links) link.toggleAttribute("aria-current", id === target.id);
      }
    },
    {rootMargin: "-10% 0px -80% 0px"},
  );
  for (const {id} of sections) here.observe(document.getElementById(id));
  return h(
    "nav",
    {class: "contents", "aria-label": "Contents"},
    h(
      "details",
      {open: matchMedia("(min-width: 64rem)").matches},
      h("summary", null, "Contents"),
      h(
        "ol",
        null,
        [...links.values()].map((link) => h("li", null, link)),
      ),
    ),
    themeButton(),
  );
}

function main() {
  const page = document.getElementById("page");
  let data;
  try {
    data = object(JSON.parse(document.getElementById("data").textContent));
  } catch (error) {
    page.append(
      h(
        "main",
        {id: "content"},
        note(`The data of this page cannot be read: ${error.message}. It is damaged; write the report again.`),
      ),
    );
    return;
  }
  const content = h(
    "main",
    {id: "content"},
    data.kind === "compare" ? comparePage(data) : reportPage(data),
    h(
      "footer",
      null,
      "Farpoint ",
      bdi(data.version),
      data.subset_created ? [". The subset was written at ", h("time", null, bdi(data.subset_created))] : "",
      ". This page is one file and loads nothing; its figures are drawn by Observable Plot.",
    ),
  );
  page.append(content);
  page.prepend(contents());
}

main();
