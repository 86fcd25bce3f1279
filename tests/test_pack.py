"""The offline edition of a city, opened from a disk in a real browser: no server is running."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import CHINA
from conftest import AS_OF, ROOT
from sitegen.edition import Edition
from sitegen.pack import bundle, pack
from sitegen.questions import NoAnswer
from test_cli import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOW = datetime(2026, 11, 21, 10, 0)


def quiet(done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def tianjin(made_once) -> Path:
    """The folder that a person has who unpacked the offline edition of 天津."""

    def make(folder: Path) -> None:
        (folder / "a.zip").write_bytes(pack(ROOT, "tianjin", Edition(AS_OF), quiet))
        with zipfile.ZipFile(folder / "a.zip") as archive:
            archive.extractall(folder)

    return made_once("pack", make) / "yibao-tianjin"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(**CHINA) as context:
        tab = context.new_page()
        tab.clock.set_fixed_time(NOW)
        wrong: list[str] = []
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("requestfailed", lambda request: wrong.append(request.url))
        yield tab
        assert wrong == []


def links(html: str) -> list[str]:
    return re.findall(r' (?:href|src|action)="([^"#?]+)[^"]*"', html)


def test_every_link_leads_to_a_file_of_the_same_folder(tianjin):
    pages = sorted(tianjin.rglob("*.html"))
    assert len(pages) > 100
    for path in pages:
        for link in links(path.read_text("utf-8")):
            if not re.match("https?:|tel:|sms:|mailto:|data:", link):
                assert not link.startswith("/"), (path, link)
                assert (path.parent / link).is_file(), (path, link)


def test_no_other_city_has_a_page_in_it(tianjin):
    folders = {path.name for path in tianjin.iterdir() if path.is_dir()}
    assert "tianjin" in folders
    assert not folders & {"beijing", "hebei", "mianyang", "sichuan"}


def test_every_page_says_of_which_day_it_is(tianjin):
    for path in tianjin.rglob("*.html"):
        html = path.read_text("utf-8")
        if '<footer class="foot">' in html:
            assert "<b>离线版</b>，按2026年11月21日有效的规定做的" in html, path


def test_picker_finds_the_task_of_the_city(page, tianjin):
    page.goto((tianjin / "index.html").as_uri())
    page.locator(".find__box").fill("余额")
    first = page.locator(".find__list a").first
    assert first.inner_text() == "天津：查余额"
    first.click()
    page.wait_for_url("**/tianjin/yue/index.html")
    assert "天津医保余额怎么查" in page.title()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?veteran=other&y=1956&m=10", "现在满70岁：每月划入50元，一年600元"),
        ("?veteran=old_worker&y=1930&m=1", "每月划入60元"),
    ],
)
def test_calculator_says_what_it_says_on_the_site(page, tianjin, query, words):
    page.goto((tianjin / "tianjin/huaru/index.html").as_uri() + query)
    answer = page.locator("[data-calc=huaru] .calc__answer")
    answer.filter(has_text="。").wait_for()
    assert words in answer.inner_text()


def test_sheet_of_paper_can_be_printed_from_it(page, tianjin):
    page.goto((tianjin / "tianjin/dayin/huaru/index.html").as_uri())
    assert page.locator(".how button").inner_text() == "打印这一页"


def test_size_that_was_chosen_is_kept_on_the_next_page(page, tianjin):
    page.goto((tianjin / "index.html").as_uri())
    page.get_by_role("link", name="特大").click()
    page.goto((tianjin / "tianjin/index.html").as_uri())
    assert page.locator("html").get_attribute("data-size") == "3"


def test_what_is_not_there_leads_to_the_published_site(mini):
    data = pack(mini, "jia", Edition(AS_OF, "https://yibao.example"), quiet)
    (mini / "a.zip").write_bytes(data)
    with zipfile.ZipFile(mini / "a.zip") as archive:
        home = archive.read("yibao-jia/index.html").decode()
    assert '<a href="https://yibao.example/">https://yibao.example</a>' in home


def test_same_rules_make_the_same_bytes(mini):
    assert pack(mini, "jia", Edition(AS_OF), quiet) == pack(mini, "jia", Edition(AS_OF), quiet)


def test_place_that_is_no_pool_is_one_line_with_the_nearest(mini):
    with pytest.raises(NoAnswer, match="没有“jai”这个统筹区；是不是想写“jia”？"):
        pack(mini, "jai", Edition(AS_OF), quiet)


def test_module_that_cannot_be_taken_apart_is_named():
    with pytest.raises(NoAnswer, match=r"templates/assets/a\.js：.*export default 3"):
        bundle({"a.js": "export default 3;"}, {}, "jia 甲")


def test_command_says_where_the_file_is_and_what_to_open(mini, tmp_path):
    path = tmp_path / "甲.zip"
    done = run("pack", "--city", "jia", "--root", mini, "--out", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == f"写好了 {path}，{path.stat().st_size / 1e6:.1f} MB；解开，打开里面的 index.html\n"
    )
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None


def test_city_may_be_called_by_its_name_and_the_file_by_none(mini, tmp_path):
    command = [sys.executable, ROOT / "build.py", "pack", "--city", "甲市", "--root", mini]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    with zipfile.ZipFile(tmp_path / "yibao-甲市.zip") as archive:
        assert "yibao-jia/jia/index.html" in archive.namelist()


def test_command_without_a_place_to_write_is_one_line(mini, tmp_path):
    done = run("pack", "--city", "jia", "--root", mini, "--out", tmp_path / "no/甲.zip")
    assert done.returncode == 1
    assert re.fullmatch(r"打不开 \S*/no/甲\.zip（No such file or directory）\n", done.stderr)
