"""Templates for Eleventy: plain JavaScript, one for each kind of page, over the list of cities.

``eleventy/shared.js`` reads the cities and knows how a page cites and lists its sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from derive import Choice, Template
from to_files import MARK, settled, write

_MARKS = {
    "css": "${{css.{0}}}",
    "source": "${{cite.{0}}}",
    "marks": '${{c.{0}.map((key) => cite[key]).join("")}}',
}
_VALUE = "${{c.{0}}}"
_LIST = "${listed(sources)}"

_TEMPLATE = """\
const { cities, css, citing, listed } = require("../shared.js");
const usual = [USUAL];

module.exports = {
  data: {
    cities,
    pagination: { data: "cities", size: 1, alias: "c" },
    permalink: ({ c }) => `${c.slug}/PATHindex.html`,
  },
  render({ c }) {
    const sources = SOURCES;
    const cite = citing(sources);
    return `HTML`;
  },
};
"""


def _html(nodes: Iterable[str | Choice]) -> str:
    """Nodes as the inside of a template literal."""
    parts = []
    for node in nodes:
        if isinstance(node, str):
            text = re.sub(r"[\\`]|\$(?=\{)", r"\\\g<0>", node).replace("⟦sources⟧\n", _LIST)
            text = MARK.sub(lambda mark: _MARKS.get(mark[1], _VALUE).format(mark[2]), text)
            parts.append(text)
            continue
        parts.append(f"${{!c.{node.field} ? `{_html([node.usual])}`")
        for key, text in node.texts.items():
            parts.append(f' : c.{node.field} === "{key}" ? `{_html([text])}`')
        parts.append(f" : c.{node.field}}}" if node.has_own else ' : ""}')
    return "".join(parts)


def write_templates(
    to: Path, templates: Sequence[Template], paths: Mapping[str, str], sources: Mapping[str, str]
) -> None:
    """A template for each kind of page; ``paths`` says where its pages lie below a city."""
    for template in (settled(template, sources) for template in templates):
        text = _template(template, paths[template.name])
        write(to / f"pages/{template.name}.11ty.js", text)


def _template(template: Template, path: str) -> str:
    own = template.own_sources
    put_in = {
        "USUAL": ", ".join(f'"{key}"' for key in template.sources),
        "PATH": path,
        "SOURCES": f"c.{own} || usual" if own else "usual",
        "HTML": _html(template.nodes),
    }
    return re.sub("|".join(put_in), lambda name: put_in[name[0]], _TEMPLATE)
