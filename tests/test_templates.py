"""What a template is made of is known before it is rendered."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.templates import template_digests

FILES = {
    "base.html": "<main>{% block main %}{% endblock %}</main>",
    "macros.html": "{% macro hello() %}hello{% endmacro %}",
    "page.html": '{% extends "base.html" %}{% block main %}{% include "part.html" %}{% endblock %}',
    "part.html": "{% from 'macros.html' import hello with context %}{{ hello() }}",
    "alone.html": "{{ 'part.html' }} {# base.html #}",
}


def digests(folder: Path, files: dict[str, str]) -> dict[str, str]:
    for name, text in files.items():
        path = folder / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return template_digests(folder, {})


def reached(folder: Path, name: str, files: dict[str, str]) -> set[str]:
    """The templates whose digests are others once one of them has changed."""
    before = digests(folder, files)
    after = digests(folder, {**files, name: files[name] + " "})
    return {name for name in files if before[name] != after[name]}


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ("base.html", {"base.html", "page.html"}),
        ("macros.html", {"macros.html", "part.html", "page.html"}),
        ("part.html", {"part.html", "page.html"}),
        ("alone.html", {"alone.html"}),
    ],
)
def test_change_reaches_whatever_draws_a_template_in_however_deep(tmp_path, changed, wanted):
    assert reached(tmp_path, changed, FILES) == wanted


@pytest.mark.parametrize(
    "tag",
    [
        "{% include name %}",
        '{%- include ["a.html", "b.html"] -%}',
        '{% extends "base.html" if city else "macros.html" %}',
        '{% include "nobody.html" ignore missing %}',
        "{% import\n  'macros' ~ '.html' as m %}",
    ],
)
def test_template_that_does_not_say_plainly_what_it_draws_in_counts_as_made_of_all(tmp_path, tag):
    for changed in FILES:
        assert "open.html" in reached(tmp_path, changed, {**FILES, "open.html": tag})


@pytest.mark.parametrize(
    "tag",
    [
        '{%- extends "base.html" -%}',
        '{% include  "base.html"  without context %}',
        "{%+ import 'base.html' as m %}",
        '{% from "base.html" import a, b as c %}',
        "{% from\n'base.html'\nimport\na %}",
    ],
)
def test_every_way_to_draw_in_one_template_is_understood(tmp_path, tag):
    files = {**FILES, "x.html": tag}
    assert [name for name in FILES if "x.html" in reached(tmp_path, name, files)] == ["base.html"]


def test_templates_that_draw_each_other_in_come_to_an_end(tmp_path):
    files = {"a.html": '{% include "b.html" %}', "b.html": '{% include "a.html" %}'}
    assert reached(tmp_path, "a.html", files) == {"a.html", "b.html"}
