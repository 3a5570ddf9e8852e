// SPDX-License-Identifier: Apache-2.0
// Numbers and texts as people read them.

const number = (value) => typeof value === "number" && Number.isFinite(value);
const list = (value) => (Array.isArray(value) ? value : []);
const object = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});

const whole = new Intl.NumberFormat("en", {maximumFractionDigits: 0});
const precise = new Intl.NumberFormat("en", {maximumSignificantDigits: 4});
const none = "–";

const count = (value) => (number(value) ? whole.format(value) : none);

// A measured number, with four digits that count.
function measure(value) {
  if (!number(value)) return none;
  if (value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-4)) return value.toExponential(2);
  return Math.abs(value) >= 1e4 ? whole.format(value) : precise.format(value);
}

// A distance, always with the same number of places so that columns can be compared.
function distance(value) {
  if (!number(value)) return none;
  return Math.abs(value) < 100 ? value.toFixed(4) : measure(value);
}

function share(value) {
  if (!number(value)) return none;
  const percent = 100 * value;
  if (percent === 0) return "0\u00a0%";
  if (percent < 0.05) return "<\u00a00.1\u00a0%";
  return `${percent.toFixed(percent > 99.95 && percent < 100 ? 2 : 1)}\u00a0%`;
}

const ratio = (value) => (number(value) ? `×\u00a0${value < 0.095 ? value.toFixed(3) : value.toFixed(2)}` : none);

function seconds(value) {
  if (!number(value)) return none;
  if (value < 1) return `${value.toFixed(2)}\u00a0s`;
  if (value < 100) return `${value.toFixed(1)}\u00a0s`;
  if (value < 6000) return `${Math.floor(value / 60)} min ${String(Math.round(value % 60)).padStart(2, "0")} s`;
  return `${Math.floor(value / 3600)} h ${String(Math.floor((value % 3600) / 60)).padStart(2, "0")} min`;
}

const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;
const divide = (part, all) => (number(part) && number(all) && all !== 0 ? part / all : null);
const total = (values) => values.reduce((sum, value) => sum + (number(value) ? value : 0), 0);

// Names for programs as words: "too_short" as "too short".
const words = (name) => text(name).replaceAll("_", " ");

function sentence(parts) {
  const joined = parts.filter(Boolean).join(" ").trim();
  return joined ? joined[0].toUpperCase() + joined.slice(1) : joined;
}

function enumerate(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

// Characters that are not seen, or that turn the order of their neighbours around. Joiners stay where they do their
// work: between characters beyond ASCII, as in Persian words and emoji.
const INVISIBLE = new RegExp(
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u115f\\u1160\\u180e" +
    "\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e0fff}]" +
    "|(?<![^\\u0000-\\u007f])[\\u200c\\u200d]|[\\u200c\\u200d](?![^\\u0000-\\u007f])",
  "gu",
);
const mark = (character) => `⟦U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟧`;

// A text of the data as a string that can be shown: invisible characters are named.
function text(value) {
  if (value === null || value === undefined) return "";
  return String(value).replaceAll("\r\n", "\n").replace(INVISIBLE, mark);
}

// The same on one line of at most so many characters, for labels of figures and inside sentences. What is written from
// right to left is isolated, so that it does not turn the numbers beside it around.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
function short(value, most = 28) {
  const line = text(String(value ?? "").slice(0, 8 * most));
  const letters = [...line.replaceAll(/\s+/g, " ").trim()];
  const kept = letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : letters.join("");
  return RIGHT_TO_LEFT.test(kept) ? `\u2068${kept}\u2069` : kept;
}
