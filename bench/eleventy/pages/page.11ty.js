const variants = require("../variants.json");
const css = require("../style.json").css;
const areas = require("../areas.json");

const pages = areas.flatMap((area) =>
  Object.entries(area.pages).map(([url, variant]) => ({ url, variant, names: area.names })),
);
// Each variant is cut at its marks once, as we do it ourselves.
const cut = {};

module.exports = {
  data: { items: pages, pagination: { data: "items", size: 1, alias: "item" },
    permalink: (data) => data.item.url + "index.html" },
  render({ item }) {
    const parts = (cut[item.variant] ??= variants[item.variant].split(/(⟦[a-z0-9]+⟧)/));
    const names = item.names;
    return parts.map((part, i) => (i % 2 ? css[part] || names[part] : part)).join("");
  },
};
