"""The scripts of the pages: what oxlint refuses, and what an old phone cannot run."""

from __future__ import annotations

import gzip
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "templates/assets"
SCRIPTS = sorted(ASSETS.glob("*.js"))
OXLINT = Path(sysconfig.get_path("scripts")) / "oxlint"

# All that a page of content may load.
MODULE_BYTES = 6_000

# What Chromium 63 lacks and oxlint does not look for: in the language, then in the library.
TOO_NEW = (
    *(r"\?\?", r"\?\.[A-Za-z_$(\[]", r"\bcatch \{", r"this\.#", r"\bimport\.meta\b", r"\d_\d"),
    *(r"\.(flat|flatMap|at|replaceAll|matchAll|replaceChildren|toggleAttribute)\(",),
    *(r"\bObject\.(fromEntries|hasOwn)\b", r"\bglobalThis\b", r"\bPromise\.(allSettled|any)\b"),
)


def lint(file: Path) -> str:
    command = [OXLINT, "--config", ROOT / ".oxlintrc.json", "--deny-warnings", file]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stdout


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("document.body.innerHTML = '';", "no-restricted-properties"),
        ("document.body.insertAdjacentHTML('beforeend', '');", "no-restricted-properties"),
        ("document.cookie = 'a=1';", "no-restricted-properties"),
        ("eval('1');", "no-eval"),
        ("setTimeout('x()', 1);", "no-implied-eval"),
        ("nothing();", "no-undef"),
        ("if (document.title == 1) { history.back(); }", "eqeqeq"),
        ("history.back(document?.title);", "no-optional-chaining"),
    ],
)
def test_oxlint_refuses(tmp_path, line, rule):
    file = tmp_path / "bad.js"
    file.write_text(f"{line}\n", encoding="utf-8")
    assert rule in lint(file)


def code_of(script: Path) -> str:
    """A script without its comments."""
    text = script.read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", text, flags=re.S)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_uses_nothing_that_an_old_phone_lacks(script):
    found = [match[0] for new in TOO_NEW for match in re.finditer(new, code_of(script))]
    assert found == []


def test_what_an_old_phone_lacks_is_seen(tmp_path):
    script = tmp_path / "new.js"
    script.write_text("const a = b ?? c; // d ?? e\nf?.g; try { h(); } catch { i.flat(); }")
    found = [match[0] for new in TOO_NEW for match in re.finditer(new, code_of(script))]
    assert found == ["??", "?.g", "catch {", ".flat("]


def test_what_every_page_loads_stays_small():
    modules, open_ = set(), ["head.js", "site.js"]
    while open_:
        name = open_.pop()
        if name not in modules:
            modules.add(name)
            text = (ASSETS / name).read_text(encoding="utf-8")
            open_ += re.findall(r"^(?:import|export)\b[^;(]*\"\./([a-z-]+\.js)\"", text, re.M)
    size = sum(len(gzip.compress((ASSETS / name).read_bytes(), 9)) for name in modules)
    assert size <= MODULE_BYTES
