"""Nothing of the machine on which a site was built is in it."""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import AS_OF, ROOT
from sitegen.builder import build
from sitegen.edition import Edition

PATHS = re.compile(
    rb"(?<![\w.-])/(?:home|Users|root|tmp|var|usr|opt|etc|srv|mnt|private)/[\w.-]|[A-Z]:\\\\?[\w]"
)
MAIL = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}")

# All that a host is given. A source map, a copy of an editor, a file of Python are none of it.
KINDS = {
    *(".html", ".css", ".js", ".json", ".csv", ".png", ".svg", ".xml", ".webmanifest"),
    *(".pagefind", ".pf_fragment", ".pf_index", ".pf_meta"),
}
NAMES = {"_headers", "_redirects", "robots.txt"}


def names_of_this_machine(environment: dict[str, str]) -> set[bytes]:
    """Words that tell where and by whom a site was built."""
    names = {str(ROOT), str(Path.home()), str(Path.cwd())}
    names |= {name for name in (socket.gethostname(), getpass.getuser()) if len(name) > 5}
    # URL is the address of the site, given by the host and meant for the pages.
    names |= {v for k, v in environment.items() if len(v) > 7 and k != "URL"}
    return {name.encode("utf-8", "surrogateescape") for name in names if len(name) > 5}


def leaks(site: Path, environment: dict[str, str], contact: bytes, every: int) -> Iterator[str]:
    """What no visitor should get; of the pages and of their data only each ``every``th is read."""
    names = names_of_this_machine(environment)
    seen = 0
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if any(part.startswith(".") for part in path.relative_to(site).parts):
            yield f"{name}: a hidden file"
        if not path.is_file():
            continue
        if path.suffix not in KINDS and name not in NAMES:
            yield f"{name}: of no kind that a site has"
        if path.suffix in (".html", ".json"):
            seen += 1
            if seen % every:
                continue
        data = path.read_bytes()
        yield from (f"{name}: {word!r} of this machine" for word in names if word in data)
        yield from (f"{name}: a path {found!r}" for found in PATHS.findall(data))
        if b"@" in data:
            mails = (found for found in MAIL.findall(data) if found != contact)
            yield from (f"{name}: a mail address {found!r}" for found in mails)
        if b"sourceMappingURL" in data:
            yield f"{name}: a source map"


@pytest.mark.promise("C6")
def test_site_tells_nothing_of_the_machine_that_built_it(site, request, figure):
    every = 1 if request.config.getoption("--all") else 20
    assert list(leaks(site, dict(os.environ), b"", every)) == []
    read = sum(1 for path in site.rglob("*") if path.suffix in (".html", ".json"))
    figure(f"{read} pages and files of data, 1 in {every} read, and all other files: 0 leaks")


def test_what_is_planted_is_found(mini, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_OF_A_TEST", "geheim-4711-geheim")
    planted = {
        "环境变量 geheim-4711-geheim": "of this machine",
        f"文件在 {ROOT}": "of this machine",
        # Written so that this file itself names no home.
        f"在 /{'home'}/zhang/site 里": f"a path b'/{'home'}/z'",
        "在 C:\\\\Users 里": "a path b'C:",
        "写信给 zhang@mail.example.com": "a mail address",
    }
    page = mini / "content/pages/gangaotai.md"
    with page.open("a", encoding="utf-8") as text:
        text.write("".join(f"\n\n{words}" for words in planted))
    script = mini / "templates/assets/site.js"
    with script.open("a", encoding="utf-8") as text:
        text.write('const map = "sourceMappingURL";\n')
    site = tmp_path / "site"
    build(mini, site, Edition(AS_OF), lambda done, total: None)
    for name in (".DS_Store", "assets/site.js.map", "jia/index.html~", "jia/.git/config"):
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("x", encoding="utf-8")
    found = list(leaks(site, dict(os.environ), b"", 1))
    for what in [*planted.values(), "a source map"]:
        assert any(what in line for line in found), what
    for name in (".DS_Store", "jia/.git", "assets/site.js.map", "jia/index.html~"):
        assert any(line.startswith(f"{name}: ") for line in found), name


def test_clean_site_has_nothing_to_find(mini_site):
    assert list(leaks(mini_site, dict(os.environ), b"", 1)) == []
