// SPDX-License-Identifier: Apache-2.0
// How to repeat the run: its commands and its resolved configuration.

function configurationSection(data) {
  const commands = list(data.commands).map((command) => String(command));
  const configuration = data.config === null || data.config === undefined ? "" : String(data.config).trimEnd();
  return section(
    "configuration",
    "Configuration, and how to repeat this",
    "The same configuration and pool give the same subset, at any number of ranks.",
    commands.length > 0 && code("Commands", commands.join("\n"), visible),
    configuration && code("config.yaml, with every default written out", configuration, yaml),
    commands.length === 0 && !configuration && note("The run left no configuration."),
  );
}

const code = (title, content, paint) =>
  h(
    "div",
    {class: "code"},
    h("div", {class: "code-head"}, h("h3", null, title), copyButton(content)),
    h("pre", {tabindex: "0"}, h("code", null, paint(content))),
  );

// Keys and comments stand out; all else is as it is.
function yaml(content) {
  return content.split("\n").flatMap((line) => {
    const [, indent, key, rest] = /^(\s*(?:- )*)([\w.-]+:)(.*)$/.exec(line) ?? [null, "", "", line];
    const comment = /^\s*#/.test(line);
    return [
      indent,
      key && h("span", {class: "key"}, visible(key)),
      comment ? h("span", {class: "comment"}, visible(rest)) : visible(rest),
      "\n",
    ];
  });
}
