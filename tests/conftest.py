"""Fixtures for all tests."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import SiteServer, has_chinese_font, launch
from promises import Promises, is_part
from samples import INVENTED, samples
from sitegen import builder, manifest
from sitegen.edition import Edition
from sitegen.load import load_rules
from sitegen.model import Rules
from sitegen.plan import Plan, plan_site
from sitegen.texts import load_content

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
MINI = ROOT / "tests" / "mini"

# The day of every built site in the tests.
AS_OF = date(2026, 11, 21)

# Takes a name and what makes it, gives the folder.
MadeOnce = Callable[[str, Callable[[Path], object]], Path]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/golden/ anew instead of comparing with it; read the diff",
    )
    parser.addoption(
        "--all",
        action="store_true",
        help="the slow suites too: every edit sequence, every rule of axe at every width",
    )
    parser.addoption(
        "--write-promises",
        action="store_true",
        help="write what a whole run has counted into docs/promises.md; read the diff",
    )


# The tests write many small files; where the memory has a folder with room, they go there.
MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000


def _write_into_memory() -> None:
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        folder = MEMORY / f"yibao-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def pytest_configure(config: pytest.Config) -> None:
    _write_into_memory()
    config.pluginmanager.register(Promises(config))
    if is_worker():
        # A worker has a thread of its own that ``threading`` does not count; a fork may break it.
        builder.processes = lambda: 1


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """As many workers as processors for the whole suite; few tests start sooner without."""
    return 0 if is_part(config) else os.cpu_count() or 1


# Files whose tests take long come first, so that no processor waits for another at the end.
FIRST = (
    *("test_interrupted", "test_unbreakable", "test_hostile", "test_offline", "test_policy"),
    *("test_axe", "test_increments", "test_worlds", "test_editor", "test_paper"),
    *("test_serve", "test_slips", "test_wire", "test_bad_rules", "test_walkthroughs"),
)


def _turn(item: pytest.Item) -> int:
    return FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST)


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    if not config.getoption("--all"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.fixture
def figure(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Callable[[str], None]:
    """Says what a test of a promise has counted, for docs/promises.md (promises.py).

    The same run always says the same: no seconds, no chance.
    """

    def say(words: str) -> None:
        for mark in request.node.iter_markers("promise"):
            record_property(mark.args[0], words)

    return say


def is_worker() -> bool:
    """Whether this process is one of several that share the tests."""
    return "PYTEST_XDIST_WORKER" in os.environ


def _copy_mini(to: Path) -> Path:
    shutil.copytree(MINI, to)
    shutil.copytree(ROOT / "templates", to / "templates")
    shutil.copy(ROOT / "rules" / "parameters.yaml", to / "rules")
    return to


def build(root: Path, out: Path, address: str = "") -> None:
    """A site as the command makes it, with all processors, as of 2026-11-21."""
    options = {"--as-of": AS_OF, "--root": root, "--out": out, "--address": address}
    command = [sys.executable, ROOT / "build.py", *(f"{k}={v}" for k, v in options.items())]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Gives the folder of a name that all workers of a run share.

    Whoever asks first makes what is in it; the others wait until it is whole.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if is_worker() else base

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder = base / name
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                part = base / f"{name}.part"
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir()
                make(part)
                part.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def copy_mini(mini_site: Path) -> Callable[[Path], Path]:
    """Copies the tiny project of invented places, with our own templates, to a new folder.

    What was compiled of it once comes along, so that no build has to do it again.
    """

    def copy(to: Path) -> Path:
        _copy_mini(to)
        (to / ".cache/site").mkdir(parents=True)
        for store in manifest.stores(mini_site.parent / "mini"):
            shutil.copy(store, to / ".cache/site")
        return to

    return copy


@pytest.fixture
def mini(tmp_path: Path, copy_mini: Callable[[Path], Path]) -> Path:
    """The root of a mini project that a test may change."""
    return copy_mini(tmp_path / "mini")


@pytest.fixture(scope="session")
def mini_site(made_once: MadeOnce) -> Path:
    """The mini project, built once as of 2026-11-21; only read it. Beside it lies its root."""

    def make(folder: Path) -> None:
        build(_copy_mini(folder / "mini"), folder / "site")

    return made_once("mini-project", make) / "site"


@pytest.fixture(scope="session")
def site(made_once: MadeOnce) -> Path:
    """The whole project, built once as of 2026-11-21; only read it."""
    return made_once("project", lambda folder: build(ROOT, folder / "site")) / "site"


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The rules of the whole project; only read them."""
    return load_rules(ROOT)


@pytest.fixture(scope="session")
def plan(rules: Rules) -> Plan:
    """The plan of the whole project as of 2026-11-21; only read it."""
    return plan_site(rules, load_content(ROOT), Edition(AS_OF))


@pytest.fixture(scope="session")
def sampled(made_once: MadeOnce, site: Path, mini_site: Path) -> Iterator[dict[str, str]]:
    """The address of one page of every kind, by the kind (samples.py), served as in production."""

    def make(folder: Path) -> None:
        found = samples(ROOT, site, AS_OF)
        extra = samples(mini_site.parent / "mini", mini_site, AS_OF, INVENTED)
        (folder / "urls.json").write_text(json.dumps([found, extra]), encoding="utf-8")

    urls = json.loads((made_once("samples", make) / "urls.json").read_text(encoding="utf-8"))
    with SiteServer(site) as real, SiteServer(mini_site) as invented:
        yield {
            kind: server.url + url
            for server, found in zip((real, invented), urls, strict=True)
            for kind, url in found.items()
        }


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; without it, or without a Chinese font, they fail.

    Open a context of your own, ``browser.new_context(**CHINA)``, and close it.
    """
    with launch() as chromium:
        page = chromium.new_page()
        if not has_chinese_font(page):
            pytest.fail("no Chinese font: every character is the same box", pytrace=False)
        page.close()
        yield chromium


@pytest.fixture
def interruptible() -> object:
    """Ctrl-C reaches the programs that a test starts, though a shell may have it ignored here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
