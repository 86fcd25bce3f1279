"""What the modules of sitegen/ may import and call: read from their source, not run."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

SITEGEN = Path(__file__).resolve().parent.parent / "sitegen"

# A module may import those before it, never one after it.
ORDER = [
    "errors",
    "edition",
    "kinds",
    "storage",
    "model",
    "store",
    "parts",
    "yamlfile",
    "schema",
    "values",
    "entries",
    "load",
    "texts",
    "ledger",
    "assets",
    "resolve",
    "credit",
    "wording",
    "figures",
    "wire",
    "brief",
    "entrykeys",
    "markup",
    "pieces",
    "calculators",
    "atlas",
    "spreadsheet",
    "records",
    "opendata",
    "linked",
    "jsonschema",
    "datapackage",
    "compare",
    "overviews",
    "changes",
    "recheck",
    "pagemaker",
    "feeds",
    "news",
    "local",
    "finder",
    "paper",
    "compiling",
    "templates",
    "pools",
    "datapages",
    "plan",
    "questions",
    "formatting",
    "newrules",
    "exchange",
    "notes",
    "qr",
    "render",
    "headers",
    "sitemap",
    "write",
    "weight",
    "fulltext",
    "quotes",
    "check",
    "lint",
    "workers",
    "manifest",
    "pipeline",
    "checking",
    "keys",
    "rehearsal",
    "making",
    "replacing",
    "builder",
    "reports",
    "pack",
    "difference",
    "serve",
    "commandline",
    "commands",
]

# Which modules may import a package that is not of the standard library.
MAY_IMPORT = {
    "yaml": {"yamlfile"},
    "jinja2": {"markup", "render"},
    "markupsafe": {"render", "qr"},
    "markdown": {"markup"},
    "segno": {"qr"},
    "livereload": {"serve"},
    "tornado": {"serve"},
}

# What a clock is called. The day comes from the command line; perf_counter only measures.
CLOCKS = {"today", "now", "utcnow", "time", "localtime", "gmtime"}

MODULES = sorted(path.stem for path in SITEGEN.glob("*.py") if path.stem != "__init__")


@cache
def imports_of(source: str) -> set[str]:
    """The dotted names that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names.add(module)
            if module == "sitegen":
                names.update(f"sitegen.{alias.name}" for alias in node.names)
            assert not node.level, "relative imports hide the arrow"
    return names


def backward_arrows(module: str, source: str) -> list[str]:
    """The modules of sitegen that ``module`` imports though they come after it."""
    used = [name.partition(".")[2] for name in imports_of(source) if name.startswith("sitegen.")]
    before = ORDER[: ORDER.index(module)]
    return sorted(name for name in used if name not in before)


def clocks_in(source: str) -> list[str]:
    """The calls in a module that ask what day it is."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
    ]


def read(module: str) -> str:
    return (SITEGEN / f"{module}.py").read_text(encoding="utf-8")


def test_every_module_has_its_place_in_the_order():
    assert sorted(ORDER) == MODULES


def test_package_itself_imports_nothing():
    assert imports_of(read("__init__")) == set()


@pytest.mark.parametrize("module", MODULES)
def test_no_arrow_runs_backwards(module):
    assert backward_arrows(module, read(module)) == []


def test_backward_arrow_is_seen_in_every_spelling():
    late = "def f():\n    from sitegen.plan import Plan\n"
    assert backward_arrows("load", late) == ["plan"]
    assert backward_arrows("load", "from sitegen import plan\n") == ["plan"]
    assert backward_arrows("load", "import sitegen.plan\n") == ["plan"]
    assert backward_arrows("load", "import sitegen.load\n") == ["load"]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_package_is_imported_only_where_it_belongs(package):
    users = {m for m in MODULES if package in {n.partition(".")[0] for n in imports_of(read(m))}}
    assert users == MAY_IMPORT[package]


def test_nothing_else_from_outside_is_imported():
    known = {"sitegen", *MAY_IMPORT, *sys.stdlib_module_names}
    found = {name.partition(".")[0] for m in MODULES for name in imports_of(read(m))}
    assert found <= known


@pytest.mark.parametrize("module", MODULES)
def test_no_module_asks_the_clock(module):
    assert clocks_in(read(module)) == []


def test_clock_is_seen_when_it_is_asked():
    source = "from datetime import date, datetime\nx = date.today()\ny = datetime.now(None)\n"
    assert clocks_in(source) == ["date.today()", "datetime.now(None)"]
