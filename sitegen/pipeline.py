"""From a project to its plan, and the files beside its pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sitegen import manifest
from sitegen.assets import Assets, load_assets
from sitegen.check import check_rules
from sitegen.compiling import Texts, compile_content, keep_texts
from sitegen.edition import Edition
from sitegen.finder import made_files
from sitegen.headers import (
    MARKER_FILE,
    REDIRECTS_FILE,
    VERSION_FILE,
    Table,
    header_table,
    headers_text,
    nginx_text,
    redirects_text,
    robots_text,
)
from sitegen.load import LoadError, load_rules
from sitegen.model import Content, Problem, Rules
from sitegen.plan import Plan, plan_site
from sitegen.questions import must_be
from sitegen.render import Renderer
from sitegen.sitemap import sitemap_files
from sitegen.store import Store
from sitegen.texts import load_content
from sitegen.workers import Beside

# Called with how many pages are done and how many there are.
Progress = Callable[[int, int], None]


def texts_of(root: Path, store: Store | None) -> Iterator[tuple[Content, Texts]]:
    """The content and its compiled texts: nothing of the rules.

    What ``store`` has is not compiled again.
    """
    content = load_content(root)
    yield content, compile_content(content, store)


def parameters_of(root: Path, guide: str) -> tuple[str, ...]:
    """The parameters that the pages of a guide show, in the order of its text.

    Raises ``NoAnswer`` where there is no such guide.
    """
    content = load_content(root)
    must_be(guide, [item.slug for item in content.guides], "指南")
    (item,) = (item for item in compile_content(content)[0] if item.guide.slug == guide)
    return item.pool.names("value")


class Stores(NamedTuple):
    """What was kept of a project: of its files, of its templates, and of the parts of its site."""

    read: Store
    templates: Store
    parts: Store


def stores_of(root: Path, program: str) -> Stores:
    """What the last build has kept; of another ``program`` nothing."""
    return Stores(*(Store(path, program) for path in manifest.stores(root)))


def prepare(
    root: Path, edition: Edition, store: Store | None = None
) -> tuple[Rules, Plan, Assets, list[Problem]]:
    """Load, check and plan. Raises ``LoadError`` with all problems; returns the warnings.

    What ``store`` has of a file is not read again.
    """
    texts = Beside(partial(texts_of, root, store), 1)
    rules, content, compiled, found = read_project(root, texts, store)
    assets = load_assets(root, made_files(rules, content))
    return rules, plan_site(rules, content, edition, compiled), assets, found


def read_project(
    root: Path, texts: Beside, store: Store | None
) -> tuple[Rules, Content, Texts, list[Problem]]:
    """Rules and texts, every problem of both at once, and what the rules are warned of."""
    problems: list[Problem] = []
    rules = content = None
    try:
        rules = load_rules(root, store)
    except LoadError as error:
        problems += error.problems
    try:
        content, compiled = texts.next()
    except LoadError as error:
        problems += error.problems
    if rules is None or content is None:
        raise LoadError(problems)
    # What changed once keeps the source that it was told with.
    changes = content.log.changes if content.log else ()
    found = check_rules(rules, (change.source for change in changes))
    if errors := [problem for problem in found if not problem.warning]:
        raise LoadError(errors)
    if store:
        keep_texts(compiled, store)
    return rules, content, compiled, found


def other_files(
    edition: Edition, rules: Rules, plan: Plan, assets: Assets, renderer: Renderer
) -> Iterator[tuple[str, bytes]]:
    """What a site holds beside its pages and their index."""
    yield from ((str(path), content) for path, content in assets.files.items())
    yield from ((str(path), content) for path, content in renderer.root_files(plan.name))
    yield MARKER_FILE, headers_text(_headers(assets, edition)).encode()
    if plan.redirects:
        yield REDIRECTS_FILE, redirects_text(plan.redirects).encode()
    yield VERSION_FILE, version_text(edition, rules, plan).encode()
    address = "" if edition.is_preview else plan.address
    yield "robots.txt", robots_text(address).encode()
    if address:
        yield from sitemap_files(
            address, ((page.url, page.changed) for page in plan.pages if page.is_indexed)
        )


def _headers(assets: Assets, edition: Edition) -> Table:
    hashes = (assets.style_hashes, assets.script_hash)
    return header_table(*hashes, edition.has_full_text, edition.is_preview)


def version_text(edition: Edition, rules: Rules, plan: Plan) -> str:
    """What a person who publishes wants to know of the site that is up: which one it is."""
    entries = (e for values in rules.entries.values() for found in values.values() for e in found)
    checked = max((entry.checked for entry in entries), default=None)
    told = {
        "commit": edition.commit,
        "as_of": edition.day.isoformat(),
        "checked": checked.isoformat() if checked else "",
        "pages": sum(not page.is_data for page in plan.pages),
        "indexed": sum(page.is_indexed for page in plan.pages),
        "preview": edition.is_preview,
    }
    return json.dumps(told, indent=1) + "\n"


def nginx_of(root: Path, edition: Edition) -> str:
    """The configuration of nginx that serves the site of a project as our hosts do."""
    _, plan, assets, _ = prepare(root, edition)
    table = _headers(assets, edition)
    return nginx_text(table, plan.redirects, plan.address)
