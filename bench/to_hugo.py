"""Templates for Hugo: a layout for each kind of page, or Markdown with shortcodes and a layout.

A layout gets the slug of its city and looks the values up in ``hugo.Data.cities``. Texts are HTML
in the layout, values of the data are put out as they are; style sheets are cached partials. How a
page cites a source is looked up by its key, in a scratch pad that is filled from the list of its
sources. The folders ``hugo-tuned``, ``hugo-idiomatic`` and, for both, ``hugo-shared`` hold what
does not depend on the pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from derive import Choice, Template
from to_files import MARK, settled, write

_MARKS = {
    "css": '{{{{ partialCached "{0}.html" . }}}}',
    "source": '{{{{ $cite.Get "{0}" }}}}',
    "marks": "{{{{ range $c.{0} }}}}{{{{ $cite.Get . }}}}{{{{ end }}}}",
    "text": "{{{{ $c.{0} | safeHTML }}}}",
    "attr": "{{{{ $c.{0} | safeHTML }}}}",
    "url": "{{{{ $c.{0} | safeURL }}}}",
    "script": "{{{{ $c.{0} | safeJS }}}}",
    None: "{{{{ $c.{0} }}}}",
}
_LIST = (
    '{{ $listed := hugo.Data.sources }}{{ range $i, $key := $sources }}<li id="s{{ add $i 1 }}">'
    "{{ index $listed $key | safeHTML }}</li>\n{{ end }}"
)
_CITY = "{{- $c := index hugo.Data.cities .Params.slug -}}\n"
_CITE = (
    "{{- $cite := newScratch -}}\n"
    '{{- $anchors := partialCached "anchors.html" . -}}\n'
    "{{- range $i, $key := $sources }}{{ $cite.Set $key (index $anchors $i) }}{{ end -}}\n"
)
_CITY_OF_CODE = "{{- $c := index hugo.Data.cities .Page.Params.slug -}}\n"
_CITE_OF_CODE = '{{- $cite := partial "cite.html" .Page -}}\n'
_SOURCES_OF_CODE = "{{- $sources := .Page.Params.sources -}}\n"


def _html(nodes: Iterable[str | Choice]) -> str:
    """Nodes in Hugo's language of templates."""
    parts = []
    for node in nodes:
        if isinstance(node, str):
            assert "{{" not in node, node
            node = re.sub("<style>(⟦css \\w+⟧)</style>", "\\1", node)
            node = node.replace("⟦sources⟧\n", _LIST)
            parts.append(MARK.sub(lambda mark: _MARKS[mark[1]].format(mark[2]), node))
            continue
        parts.append(f"{{{{ if not $c.{node.field} }}}}{_html([node.usual])}")
        for key, text in node.texts.items():
            parts.append(f'{{{{ else if eq $c.{node.field} "{key}" }}}}{_html([text])}')
        if node.has_own:
            parts.append(f"{{{{ else }}}}{{{{ $c.{node.field} | safeHTML }}}}")
        parts.append("{{ end }}")
    return "".join(parts)


def write_styles(to: Path, styles: Mapping[str, str]) -> None:
    for name, text in styles.items():
        write(to / f"layouts/_partials/{name}.html", f"<style>{text}</style>")


def write_layouts(to: Path, templates: Sequence[Template], sources: Mapping[str, str]) -> None:
    """A layout that holds all of a page, for each kind of page."""
    for template in (settled(template, sources) for template in templates):
        head = _CITY
        if template.own_sources:
            usual = " ".join(f'"{key}"' for key in template.sources)
            own = f"$c.{template.own_sources} | default (slice {usual})"
            head += f"{{{{- $sources := {own} -}}}}\n{_CITE}"
        write(to / f"layouts/{template.name}.html", head + _html(template.nodes))


_INLINE = r'(?:[^<\n]|</?strong>|<a href="[^"\n]*">[^<\n]*</a>)*'
_BLOCK = re.compile(
    rf"^<(?P<tag>p|h2|h3)>(?P<text>{_INLINE})</(?P=tag)>\n"
    rf"|^<(?P<list>ul|ol)>\n(?P<items>(?:<li>{_INLINE}</li>\n)+)</(?P=list)>\n",
    re.MULTILINE,
)
_SIGNS = {"p": "", "h2": "## ", "h3": "### "}
_CODES = {"source": "{{{{< source {0} >}}}}", None: "{{{{< param {0} >}}}}"}


def write_markdown(to: Path, templates: Sequence[Template]) -> None:
    """For each kind of page its text in Markdown, a shortcode for each part of it that is no plain
    text, and the layout around it."""
    for template in templates:
        before, body, after = _around_main(template.nodes)
        text = _Text(to / "layouts/_shortcodes", template.name)
        for node in body:
            text.add(node)
        write(to / f"guides/{template.name}.md", text.markdown())
        layout = _CITY + _html(before) + "{{ .Content }}" + _html(after)
        write(to / f"layouts/{template.name}.html", layout)


def _around_main(nodes: Iterable[str | Choice]) -> list[list[str | Choice]]:
    """The nodes up to the start of <main>, inside it, and from its end."""
    parts: list[list[str | Choice]] = [[]]
    for node in nodes:
        if not isinstance(node, str):
            parts[-1].append(node)
            continue
        first, *others = re.sub("(?=</main>)|(<main[^>]*>\n)", "\\1\0", node).split("\0")
        parts[-1].append(first)
        parts += [[text] for text in others]
    assert len(parts) == 3, "a page has one <main>"
    return parts


@dataclass
class _Text:
    """A text in Markdown. What is no plain text becomes a shortcode, written to ``folder``."""

    folder: Path
    name: str
    _parts: list[str] = field(default_factory=list)
    _code: list[str | Choice] = field(default_factory=list)
    _codes: int = 0

    def add(self, node: str | Choice) -> None:
        if not isinstance(node, str):
            self._code.append(node)
            return
        done = 0
        for block in _BLOCK.finditer(node):
            self._code.append(node[done : block.start()])
            self._end_code()
            self._parts.append(_markdown(block))
            done = block.end()
        self._code.append(node[done:])

    def markdown(self) -> str:
        self._end_code()
        return "\n\n".join(self._parts) + "\n"

    def _end_code(self) -> None:
        html = _html(self._code)
        self._code.clear()
        if not html.strip():
            return
        self._codes += 1
        code = f"{self.name}-{self._codes}"
        head = _CITY_OF_CODE if "$c." in html else ""
        head += _CITE_OF_CODE if "$cite" in html else ""
        head += _SOURCES_OF_CODE if "$sources" in html else ""
        write(self.folder / f"{code}.html", head + html)
        self._parts.append(f"{{{{< {code} >}}}}")


def _markdown(block: re.Match[str]) -> str:
    if block["tag"]:
        return _SIGNS[block["tag"]] + _inline(block["text"])
    sign = "- " if block["list"] == "ul" else "1. "
    return "\n".join(sign + _inline(item) for item in re.findall("<li>(.*)</li>", block["items"]))


def _inline(html: str) -> str:
    text = re.sub(r'<a href="([^"]*)">([^<]*)</a>', r"[\2](\1)", html)
    # Where a sign of punctuation touches the asterisks, Markdown does not take them for a mark.
    text = re.sub(r"<strong>(\w(?:[^<]*\w)?)</strong>", r"**\1**", text)
    return MARK.sub(lambda mark: _CODES[mark[1]].format(mark[2]), text)
