"""A slip in a template stops the build and is named; it never prints nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import AS_OF
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.errors import ProjectError

# What is written into each of these templates, in a line of its own: all are pages of the project.
TYPOS = {
    "city.html": "{{ polo.name }}",
    "guide.html": "{{ page.titel }}",
    "home.html": "{% for x in citties %}{{ x }}{% endfor %}",
    "province.html": "{{ area.nmae }}",
    "404.html": "{% if nobody.is_here %}x{% endif %}",
    "base.html": "{{ page.descripton }}",
    "sources.html": "{{ soruces|length }}",
    "quality.html": "{{ none_of_it|upper }}",
    "search.html": "{{ page.url|uper }}",
    "compare.html": "{% includ 'base.html' %}",
}


def planted(text: str, typo: str) -> tuple[str, int]:
    """The template with a slip at the start of its first block that shows, and its line."""
    lines = text.split("\n")
    starts = [
        n for n, line in enumerate(lines) if re.search(r"{% block (content|main)|<main", line)
    ]
    at = starts[0] + 1
    return "\n".join([*lines[:at], typo, *lines[at:]]), at + 1


@pytest.mark.promise("B8")
def test_every_slip_in_a_template_is_named_by_its_line(
    copy_mini: Callable[[Path], Path], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    named = 0
    for number, (name, typo) in enumerate(TYPOS.items()):
        root = copy_mini(tmp_path / str(number))
        path = root / "templates" / name
        text, line = planted(path.read_text(encoding="utf-8"), typo)
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ProjectError) as stopped:
            build(root, tmp_path / "site", Edition(AS_OF), lambda done, total: None)
            pytest.fail(f"{name} was built")
        (told,) = stopped.value.lines
        assert told.startswith(f"templates/{name}:{line}:"), (told, line)
        assert not (tmp_path / "site").exists()
        named += 1
    figure(f"{named}/{len(TYPOS)} stop the build and are named by template and line")
