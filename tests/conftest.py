"""Fixtures for all tests."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import SiteServer, has_chinese_font, launch
from promises import Promises
from samples import INVENTED, samples
from sitegen.builder import build

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
MINI = ROOT / "tests" / "mini"

# The day of every built site in the tests.
AS_OF = date(2026, 11, 21)


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


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Promises(config))


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
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
    (promise,) = request.node.get_closest_marker("promise").args

    def say(words: str) -> None:
        record_property(promise, words)

    return say


def _copy_mini(to: Path) -> Path:
    shutil.copytree(MINI, to)
    shutil.copytree(ROOT / "templates", to / "templates")
    shutil.copy(ROOT / "rules" / "parameters.yaml", to / "rules")
    return to


def _build(root: Path, out: Path) -> Path:
    build(root, out, AS_OF, lambda done, total: None)
    return out


@pytest.fixture(scope="session")
def copy_mini() -> Callable[[Path], Path]:
    """Copies the tiny project of invented places, with our own templates, to a new folder."""
    return _copy_mini


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """The root of a mini project that a test may change."""
    return _copy_mini(tmp_path / "mini")


@pytest.fixture(scope="session")
def mini_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mini project, built once as of 2026-11-21; only read it."""
    folder = tmp_path_factory.mktemp("mini")
    return _build(_copy_mini(folder / "mini"), folder / "site")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole project, built once as of 2026-11-21; only read it."""
    return _build(ROOT, tmp_path_factory.mktemp("project") / "site")


@pytest.fixture(scope="session")
def sampled(site: Path, mini_site: Path) -> Iterator[dict[str, str]]:
    """The address of one page of every kind, by the kind (samples.py), served as in production."""
    with SiteServer(site) as real, SiteServer(mini_site) as invented:
        found = {kind: real.url + url for kind, url in samples(ROOT, site, AS_OF).items()}
        extra = samples(mini_site.parent / "mini", mini_site, AS_OF, INVENTED)
        yield found | {kind: invented.url + url for kind, url in extra.items()}


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
