"""The templates of a project, and what each of them is made of.

They are the files of templates/ and the texts of content/, wrapped. Which templates one draws in
is read from its text, so that before anything is rendered it is known what a change reaches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sitegen.markup import Compiled
from sitegen.storage import digest_of

# The helpers of a text of content/: those of a page, those of a sheet, those of a booklet, which
# takes the texts of pages as they are but has headings one level down.
_OF_PAGE: Mapping[str, tuple[str, ...]] = {
    "macros.html": (
        *("card", "warning", "ledger", "table", "entries", "retiree_answer", "tools"),
        *("call_buttons", "local_channels", "local_channels_for"),
    ),
    "calculators.html": ("calculator",),
}
_OF_SHEET: Mapping[str, tuple[str, ...]] = {
    "sheet_macros.html": (
        *("numbers", "dial", "answer", "retiree", "items", "framed", "local_channels_for"),
    ),
}
_OF_BOOKLET = """{% macro tools() %}{% endmacro %}
{% macro calculator(name) %}{% endmacro %}
{% macro warning(title) %}<section class="warn"><h3>{{ title }}</h3>{{ caller() }}</section>
{% endmacro %}
"""


def _forms_of(name: str, text: Compiled) -> Iterator[tuple[str, str]]:
    """A text as the templates that pages are made of: a page of its own, a chapter of a booklet."""
    is_sheet = name.endswith("/sheet")
    helpers, frame = (_OF_SHEET, "sheet.html") if is_sheet else (_OF_PAGE, "guide.html")
    # Only what the text calls: an import runs the whole file of helpers for each page.
    used = [(file, [n for n in names if n in text.calls]) for file, names in helpers.items()]
    imports = "".join(
        f'{{% from "{file}" import {", ".join(names)} with context %}}\n'
        for file, names in used
        if names
    )
    blocks = f"{{% block body %}}\n{text.html}\n{{% endblock %}}"
    yield name, f'{{% extends "{frame}" %}}\n{imports}\n{blocks}'
    lower = text.html.replace("<h2>", "<h3>").replace("</h2>", "</h3>")
    yield f"{name}/chapter", f"{imports}{'' if is_sheet else _OF_BOOKLET}{lower}"


def templates_of(texts: Mapping[str, Compiled]) -> dict[str, str]:
    """The sources of the templates that texts become, by name."""
    return dict(pair for name, text in texts.items() for pair in _forms_of(name, text))


# A tag that draws in another template, and what follows when it says plainly which one.
_DRAWS = re.compile(r"{%[-+]?\s*(?:extends|include|import|from)\b\s*(.*?)%}", re.S)
_PLAIN = re.compile(r"""(["'])([^"']+)\1(?:\s+(?:import|as|with|without)\b.*|\s*[-+]?)$""", re.S)


def template_digests(root: Path, texts: Mapping[str, Compiled]) -> dict[str, str]:
    """For each template a hash of all that it is made of: itself and what it draws in.

    One that does not say plainly what it draws in counts as made of all. Raises ``OSError``
    where a file cannot be read.
    """
    folder = root / "templates"
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    sources = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    sources |= {name: source.encode() for name, source in templates_of(texts).items()}
    drawn = {name: _drawn_in(source, sources) for name, source in sources.items()}
    digests = {name: digest_of(name, source) for name, source in sources.items()}
    return {
        name: digest_of(*(digests[each] for each in sorted(_whole(name, drawn))))
        for name in sources
    }


def _drawn_in(source: bytes, names: Mapping[str, object]) -> frozenset[str]:
    """The templates that one draws in by itself."""
    tags = [_PLAIN.match(tag.strip()) for tag in _DRAWS.findall(source.decode(errors="replace"))]
    drawn = {tag[2] if tag else "" for tag in tags}
    return frozenset(drawn if drawn <= names.keys() else names)


def _whole(name: str, drawn: Mapping[str, frozenset[str]]) -> set[str]:
    """A template and all that it draws in, however deep."""
    found: set[str] = set()
    open_ = {name}
    while open_:
        found |= open_
        open_ = {other for one in open_ for other in drawn[one]} - found
    return found
