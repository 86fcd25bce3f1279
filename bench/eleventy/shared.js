// What all templates use: the cities, the style sheets, how a page cites and lists its sources.
const fs = require("node:fs");
const path = require("node:path");
const yaml = require("js-yaml");

const read = (name) => yaml.load(fs.readFileSync(path.join(__dirname, "data", name), "utf8"));
const sources = read("sources.yaml");
// Anchors by number, made once.
const anchors = Array.from({ length: 99 }, (_, i) => i + 1).map(
  (n) => `<a class="src" href="#s${n}" aria-label="出处${n}">[${n}]</a>`,
);

module.exports = {
  // As data of the templates, not as global data, which Eleventy copies for each of them.
  cities: fs.readdirSync(path.join(__dirname, "data/cities")).map((name) => read(`cities/${name}`)),
  css: require("./styles.json"),
  citing: (keys) => Object.fromEntries(keys.map((key, i) => [key, anchors[i]])),
  listed: (keys) => keys.map((key, i) => `<li id="s${i + 1}">${sources[key]}</li>\n`).join(""),
};
