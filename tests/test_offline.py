"""The worker of the browser: what opens without a network, and what it says of itself."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from browser import CHINA, HeaderRules, SiteServer, _Handler
from conftest import AS_OF
from sitegen.builder import build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PHONE = {"width": 360, "height": 640}
NO_NETWORK = "现在没有网络。"


class Moody(_Handler):
    """Answers, answers late, answers with an error, or hangs up: as its server is told."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(self.path)
        if self.server.mood == "away":
            self.close_connection = True
            return
        if self.server.mood == "broken":
            self._reply(HTTPStatus.INTERNAL_SERVER_ERROR, self.path)
            return
        if self.server.mood == "slow":
            self.server.has_waited.wait(30)
        super().do_GET()


class Server(SiteServer):
    """A server with moods, which may get a new site while it runs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.RequestHandlerClass = Moody
        self.mood = "well"
        self.asked: list[str] = []
        # Until it is set, a slow server keeps its answers back.
        self.has_waited = threading.Event()

    def __exit__(self, *error: Any) -> None:
        self.has_waited.set()
        super().__exit__(*error)

    def publish(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.headers = HeaderRules((folder / "_headers").read_text(encoding="utf-8"))


@pytest.fixture
def server(mini_site: Path) -> Iterator[Server]:
    with Server(mini_site) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(**CHINA, viewport=PHONE)
    yield opened
    opened.close()


def until(page: Page, question: str, arg: object = None) -> None:
    """Waits until an async function says yes (``wait_for_function`` takes its promise for one)."""
    for _ in range(100):
        if page.evaluate(question, arg):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {question}")


def has_stored(page: Page, path: str, cache: str = "visited") -> None:
    """Waits until the worker has stored a page."""
    until(
        page,
        """async ([cache, path]) => Boolean(
            await caches.match(location.origin + path, {cacheName: cache}))""",
        [cache, path],
    )


def visit(page: Page, server: Server, path: str) -> None:
    """Looks at a page with a network and waits until it is stored."""
    page.goto(server.url + path)
    has_stored(page, path)


def stored_note(page: Page) -> str:
    notes = page.locator("body > .stored").all_inner_texts()
    return "".join(notes)


def today() -> str:
    day = datetime.now(ZoneInfo("Asia/Shanghai"))
    return f"{day.year}年{day.month}月{day.day}日"


# ── Visited pages ──


def test_visited_page_opens_without_a_network_and_says_of_which_day_it_is(context, server):
    page = context.new_page()
    visit(page, server, "/jia/huaru/")
    fresh = page.locator("main").inner_text()
    assert stored_note(page) == ""
    server.mood = "away"
    page.goto(f"{server.url}/jia/huaru/")
    assert stored_note(page) == f"{NO_NETWORK}这是{today()}存下的，数字可能变了。"
    assert page.locator("main").inner_text() == fresh
    assert page.locator(".stored").bounding_box()["y"] < page.locator("main").bounding_box()["y"]


def test_stored_page_keeps_its_policy_its_look_and_its_script(context, server):
    complaints: list[str] = []
    page = context.new_page()
    visit(page, server, "/jia/huaru/")
    server.mood = "away"
    page.on("console", lambda message: complaints.append(message.text))
    answer = page.goto(f"{server.url}/jia/huaru/?size=3")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
    page.locator(".sizes a").first.click()
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "20px"
    assert complaints == []


def test_page_with_a_network_is_the_fresh_one_and_has_no_note(context, server, tmp_path):
    page = context.new_page()
    visit(page, server, "/jia/huaru/")
    changed = tmp_path / "changed"
    shutil.copytree(server.folder, changed)
    path = changed / "jia/huaru/index.html"
    path.write_text(path.read_text(encoding="utf-8").replace("1,610", "1,999"), encoding="utf-8")
    server.publish(changed)
    page.goto(f"{server.url}/jia/huaru/")
    assert "1,999" in page.locator(".ledger").first.inner_text()
    assert stored_note(page) == ""
    until(
        page,
        """async () => (await (await caches.match(location.href)).text()).includes("1,999")""",
    )
    server.mood = "away"
    page.goto(f"{server.url}/jia/huaru/")
    assert "1,999" in page.locator(".ledger").first.inner_text()


@pytest.mark.parametrize("mood", ["slow", "broken"])
def test_stored_page_stands_in_for_a_site_that_is_slow_or_broken(context, server, mood):
    page = context.new_page()
    visit(page, server, "/jia/huaru/")
    server.mood = mood
    page.goto(f"{server.url}/jia/huaru/", wait_until="commit")
    page.locator("footer").wait_for()
    assert stored_note(page).startswith("网站打不开，或者网络很慢。这是")


def test_visited_page_is_one_whatever_stands_behind_its_address(context, server):
    page = context.new_page()
    visit(page, server, "/jia/huaru/")
    server.mood = "away"
    page.goto(f"{server.url}/jia/huaru/?from=weixin#s1")
    assert stored_note(page).startswith(NO_NETWORK)


def test_page_that_is_gone_is_forgotten(context, server, tmp_path):
    page = context.new_page()
    visit(page, server, "/jia/huaru/")
    changed = tmp_path / "changed"
    shutil.copytree(server.folder, changed)
    shutil.rmtree(changed / "jia/huaru")
    server.publish(changed)
    assert page.goto(f"{server.url}/jia/huaru/").status == 404
    until(page, "async () => !(await caches.match(location.href))")


def test_only_the_60_pages_seen_last_are_stored(context, server):
    page = context.new_page()
    visit(page, server, "/jia/")
    for number in range(70):
        page.evaluate(
            """async (number) => {
                const cache = await caches.open("visited");
                await cache.put(`${location.origin}/old/${number}/`, new Response("x"));
            }""",
            number,
        )
    visit(page, server, "/jia/huaru/")
    until(page, "async () => (await (await caches.open('visited')).keys()).length == 60")
    paths = page.evaluate(
        """async () => (await (await caches.open("visited")).keys())
            .map(({url}) => new URL(url).pathname)"""
    )
    assert paths == [*(f"/old/{number}/" for number in range(11, 70)), "/jia/huaru/"]


# ── Pages that are not stored ──


def test_page_that_was_never_seen_says_so_and_lists_those_that_were(context, server):
    page = context.new_page()
    visit(page, server, "/jia/huaru/")
    server.mood = "away"
    assert page.goto(f"{server.url}/bing/").status == 503
    assert stored_note(page) == "现在没有网络，这一页没有存过。"
    page.locator(".menu a").first.wait_for()
    links = {
        link.get_attribute("href"): link.inner_text() for link in page.locator(".menu a").all()
    }
    assert links == {"/jia/huaru/": "甲每月划入多少"}
    page.locator(".menu a").click()
    assert page.locator("h1").inner_text() == "甲每月划入多少"


def test_list_of_stored_pages_opens_with_and_without_a_network(context, server):
    page = context.new_page()
    visit(page, server, "/jia/")
    page.goto(f"{server.url}/lixian/")
    page.locator(".menu a").first.wait_for()
    assert stored_note(page) == ""
    assert page.locator(".menu .entry__date").inner_text() == today()[5:] + "存"
    server.mood = "away"
    page.goto(f"{server.url}/lixian/")
    assert stored_note(page) == NO_NETWORK


def test_title_in_the_list_of_stored_pages_stays_text(context, mini, tmp_path):
    site = mini / "rules/shili/jia.yaml"
    hostile = "short: <b>甲&amp;</b>\"'"
    site.write_text(site.read_text("utf-8").replace("short: 甲", hostile), encoding="utf-8")
    build(mini, tmp_path / "site", AS_OF, lambda done, total: None)
    with Server(tmp_path / "site") as server:
        page = context.new_page()
        visit(page, server, "/jia/huaru/")
        page.goto(f"{server.url}/lixian/")
        page.locator(".menu a").first.wait_for()
        assert page.locator(".menu a").inner_text() == "<b>甲&amp;</b>\"'每月划入多少"


# ── A whole city ──


def test_city_is_stored_on_request_and_opens_without_a_network(context, server):
    page = context.new_page()
    page.goto(f"{server.url}/jia/")
    button = page.get_by_role("button", name="存到手机上，没网也能看")
    button.click()
    page.get_by_text("存好了，一共6页。没有网络，也能打开。").wait_for()
    server.mood = "away"
    for path in ("/jia/", "/jia/huaru/", "/jia/weixin/"):
        assert page.goto(server.url + path).status == 200
        assert stored_note(page).startswith(NO_NETWORK)
    assert page.goto(f"{server.url}/bing/").status == 503
    page.locator("h2", has_text="存下的城市").wait_for()
    assert page.locator(".menu a").count() == 6


def test_city_that_was_chosen_is_not_pushed_out_by_other_pages(context, server):
    page = context.new_page()
    page.goto(f"{server.url}/jia/")
    page.get_by_role("button", name="存到手机上").click()
    page.get_by_text("存好了").wait_for()
    visit(page, server, "/bing/")
    page.goto(f"{server.url}/jia/huaru/")
    has_stored(page, "/jia/huaru/", "kept")
    kept = page.evaluate("async () => (await (await caches.open('kept')).keys()).length")
    visited = page.evaluate("async () => (await (await caches.open('visited')).keys()).length")
    assert (kept, visited) == (6, 1)


def test_city_that_could_not_be_stored_whole_says_so(context, server):
    page = context.new_page()
    visit(page, server, "/jia/")
    server.mood = "away"
    page.get_by_role("button", name="存到手机上").click()
    page.get_by_text("等网络").or_(page.get_by_text("等有网络再试")).wait_for()
    assert page.get_by_role("button", name="存到手机上").is_enabled()


def test_button_that_stores_is_not_shown_where_it_cannot_work(browser, server):
    context = browser.new_context(**CHINA, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/jia/")
    assert not page.locator(".keep").is_visible()
    context.close()
    context = browser.new_context(**CHINA)
    page = context.new_page()
    page.add_init_script("delete Navigator.prototype.serviceWorker")
    page.goto(f"{server.url}/jia/")
    page.locator(".sizes [aria-current]").wait_for()
    assert not page.locator(".keep").is_visible()
    context.close()


# ── Versions ──


@contextmanager
def two_versions(
    copy: Callable[[Path], Path], folder: Path
) -> Iterator[tuple[Server, Path, list[str]]]:
    """A server of one version, the folder of the next, and their folders of assets."""
    root = copy(folder / "mini")
    sites = []
    for name in ("first", "second"):
        build(root, folder / name, AS_OF, lambda done, total: None)
        sites.append(next((folder / name / "assets").iterdir()).name)
        script = root / "templates/assets/site.js"
        script.write_text(script.read_text("utf-8") + "page.dataset.second = '';\n", "utf-8")
    with Server(folder / "first") as server:
        yield server, folder / "second", [f"/assets/{name}/" for name in sites]


@pytest.mark.promise("C9")
def test_new_version_takes_over_and_no_page_mixes_two(context, copy_mini, tmp_path, figure):
    with two_versions(copy_mini, tmp_path) as (server, second, folders):
        page = context.new_page()
        visit(page, server, "/jia/huaru/")
        visit(page, server, "/jia/")
        server.publish(second)
        visit(page, server, "/jia/huaru/")
        until(
            page, "async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting)"
        )
        page.close()
        page = context.new_page()
        page.goto(f"{server.url}/bing/")
        until(
            page,
            """async (shell) => (await caches.keys())
                .filter((name) => name.startsWith("shell")).join() === shell""",
            f"shell {folders[1]}",
        )
        server.mood = "away"
        for path, folder in (("/jia/huaru/", folders[1]), ("/jia/", folders[0])):
            page.goto(server.url + path)
            assert stored_note(page).startswith(NO_NETWORK)
            assert set(re.findall("/assets/[0-9a-f]+/", page.content())) == {folder}
            # The script of a page that is older than the worker is gone with its version.
            runs_second = page.evaluate("'second' in document.documentElement.dataset")
            assert runs_second == (folder == folders[1])
            assert "甲" in page.locator("h1").inner_text()
    figure("2 versions, 2 stored pages: 0 with files of both")


@pytest.mark.promise("C9")
def test_every_file_of_the_assets_has_a_new_address_when_one_changes(copy_mini, tmp_path, figure):
    with two_versions(copy_mini, tmp_path) as (server, second, folders):
        assert folders[0] != folders[1]
        names = [
            {path.name for path in (site / folder[1:]).iterdir()}
            for site, folder in ((server.folder, folders[0]), (second, folders[1]))
        ]
        assert names[0] == names[1]
        for site, own, other in ((server.folder, *folders), (second, *reversed(folders))):
            pages = [path.read_text(encoding="utf-8") for path in site.rglob("*.html")]
            assert all(other not in page for page in pages)
            assert sum(own in page for page in pages) == len(pages)
    figure(f"{len(names[0])} files of the assets: 0 keep their address when one changes")


def test_worker_asks_for_the_modules_and_the_list_and_the_page_once(context, server):
    page = context.new_page()
    visit(page, server, "/jia/")
    page.wait_for_load_state("networkidle")
    scripts = [path for path in server.asked if path.endswith((".js", "/"))]
    names = {re.sub("^/assets/[0-9a-f]{8}/", "", path) for path in scripts}
    assert names == {"site.js", "stored.js", "/sw.js", "/lixian/", "/jia/"}
    counts = {path: scripts.count(path) for path in scripts}
    assert {path for path, count in counts.items() if count > 1} <= {"/jia/", "/sw.js"}
    assert counts["/jia/"] <= 2


def test_worker_is_asked_for_anew_each_time(server):
    assert server.headers.for_path("/sw.js")["Cache-Control"] == "no-cache"
    assert "trusted-types worker" in server.headers.for_path("/")["Content-Security-Policy"]
