"""A URL once published stays: it is a page, or leads to one in a single step."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from browser import SiteServer
from conftest import AS_OF
from sitegen.builder import build
from sitegen.checking import check
from sitegen.edition import Edition
from sitegen.ledger import LEDGER, published
from sitegen.load import LoadError
from sitegen.pipeline import prepare
from sitegen.texts import load_content
from sitegen.write import file_of

ROOT = Path(__file__).resolve().parent.parent


def quiet(done: int, total: int) -> None:
    """Progress of nobody's interest."""


def move(root: Path, *lines: str) -> None:
    """Write redirects, each ``old new``, into a project."""
    items = (line.split() for line in lines)
    text = "".join(f"- {{from: {old}, to: {new}, why: 两页并成一页}}\n" for old, new in items)
    (root / "content" / "redirects.yaml").write_text(text, encoding="utf-8")


def enter(root: Path, *urls: str) -> None:
    """Write a ledger of today's URLs of the mini project and some more."""
    _, plan, _, _ = prepare(root, Edition(AS_OF))
    whole = sorted({*published(plan.pages), *urls})
    (root / LEDGER).write_text("".join(f"{url}\n" for url in whole), encoding="utf-8")


def checked(root: Path) -> list[str]:
    return [str(problem) for problem in check(root, Edition(AS_OF), quiet).problems]


def refused(root: Path) -> list[str]:
    with pytest.raises(LoadError) as error:
        prepare(root, Edition(AS_OF))
    return [str(problem) for problem in error.value.problems]


def steps(server: SiteServer, url: str) -> list[int]:
    """The statuses of a URL and of every redirect from there on, five at most."""
    found: list[int] = []
    while len(found) < 5:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
        connection.request("HEAD", url)
        answer = connection.getresponse()
        connection.close()
        found.append(answer.status)
        if answer.status != 301:
            break
        url = answer.headers["Location"]
    return found


@pytest.mark.promise("C8")
def test_every_url_of_the_ledger_is_a_page_or_leads_to_one_in_one_step(site, figure):
    lines = (ROOT / LEDGER).read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    moved = {redirect.old: redirect.new for redirect in load_content(ROOT).redirects}
    # As the host: a file that is there comes before any redirect.
    lost = [
        url
        for url in lines
        if not (site / file_of(url)).is_file()
        and not (url in moved and (site / file_of(moved[url])).is_file())
    ]
    assert lost == []
    with SiteServer(site) as server:
        asked = [*lines[::100], *moved]
        answers = [steps(server, url) for url in asked]
    assert all(answer in ([200], [301, 200]) for answer in answers)
    assert answers.count([301, 200]) == len(moved)
    figure(f"{len(lines)} URLs of the ledger: {len(lost)} lost, 0 chains, 0 loops")


@pytest.mark.promise("C8")
def test_every_page_of_the_project_stands_in_the_ledger(site, figure):
    lines = set((ROOT / LEDGER).read_text(encoding="utf-8").splitlines())
    pages = (path.relative_to(site).as_posix() for path in site.rglob("index.html"))
    new = {"/" + page.removesuffix("index.html") for page in pages} - lines
    # Whoever adds pages runs: python build.py check --write-urls
    assert new == set()
    figure("0 pages that the ledger does not know")


def test_url_that_moved_leads_to_its_page_in_one_step_in_both_spellings(mini, tmp_path):
    enter(mini, "/ding/", "/ding/huaru/", "/biao/alt.csv")
    move(mini, "/ding/ /jia/", "/ding/huaru/ /jia/huaru/", "/biao/alt.csv /biao/huaru/")
    assert checked(mini) == []
    build(mini, tmp_path / "site", Edition(AS_OF), quiet)
    with SiteServer(tmp_path / "site") as server:
        for url in ("/ding/", "/ding", "/ding/huaru/", "/ding/huaru?from=a", "/biao/alt.csv"):
            assert steps(server, url) == [301, 200], url
        assert steps(server, "/ding/weixin/") == [404]
        assert steps(server, "/_redirects") == [404]


def test_site_without_moves_has_no_file_of_them(mini_site):
    assert not (mini_site / "_redirects").exists()


def test_published_url_that_is_gone_is_an_error_that_says_what_to_write(mini):
    enter(mini, "/jia/alt/")
    line = (mini / LEDGER).read_text(encoding="utf-8").splitlines().index("/jia/alt/") + 1
    assert checked(mini) == [
        f"urls.txt:{line}:1: /jia/alt/ 发布过，现在没有这一页；恢复这一页，或者在 "
        "content/redirects.yaml 里写一行 - {from: /jia/alt/, to: 现在的网址, why: 为什么搬}"
    ]
    move(mini, "/jia/alt/ /jia/")
    assert checked(mini) == []


def test_city_that_is_gone_is_missed_page_by_page(mini):
    enter(mini)
    (mini / "rules/shili/yi-shili.yaml").unlink()
    missed = [line.split(" ")[1] for line in checked(mini)]
    assert {"/yi-shili/", "/yi-shili/huaru/", "/yi-shili/weixin/"} <= set(missed)
    assert all("yi-shili" in url for url in missed)


def test_new_urls_are_one_warning_and_the_command_adds_them(mini):
    (mini / LEDGER).write_text("/\n/jia/\n", encoding="utf-8")
    (warning,) = check(mini, Edition(AS_OF), quiet).problems
    assert warning.warning
    assert str(warning).startswith("urls.txt:1:1: 提醒：")
    assert "个新网址还没有登记" in str(warning)
    assert "python build.py check --write-urls" in str(warning)
    command = [sys.executable, ROOT / "build.py", "check", "--write-urls"]
    command += ["--as-of", str(AS_OF), "--root", mini]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    _, plan, _, _ = prepare(mini, Edition(AS_OF))
    urls = published(plan.pages)
    assert done.stdout.splitlines()[-1] == f"urls.txt 添了 {len(urls) - 2} 个网址"
    assert (mini / LEDGER).read_text(encoding="utf-8").splitlines() == urls
    assert checked(mini) == []


def test_lines_of_the_ledger_are_never_taken_away_by_the_command(mini):
    enter(mini, "/jia/alt/")
    command = [sys.executable, ROOT / "build.py", "check", "--write-urls"]
    command += ["--as-of", str(AS_OF), "--root", mini]
    before = (mini / LEDGER).read_bytes()
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "有错误，urls.txt 没有动"
    assert (mini / LEDGER).read_bytes() == before


@pytest.mark.parametrize(
    ("moves", "found"),
    [
        (["/jia/ /bing/"], ":1:10: /jia/ 这一页还在；有这一页，就不写搬家"),
        (["/alt/ /jiaa/"], ":1:10: to 的 /jiaa/ 没有这一页；写现在有的网址；是不是想写“/jia/”？"),
        (["/a/ /b/", "/b/ /jia/"], ":1:10: /a/ 搬到 /b/，/b/ 又搬到 /jia/；to 直接写最后的网址"),
        (["/a/ /jia/", "/a/ /bing/"], ":2:10: /a/ 第1行已经写过；只留一行"),
        (["/a/ /a/"], ":1:10: /a/ 搬到 /a/，/a/ 又搬到 /a/；to 直接写最后的网址"),
    ],
)
def test_move_that_would_not_end_at_a_page_is_refused(mini, moves, found):
    move(mini, *moves)
    assert refused(mini) == [f"content/redirects.yaml{found}"]


def test_moves_in_a_circle_are_refused_each(mini):
    move(mini, "/a/ /b/", "/b/ /a/")
    assert [line.partition(" ")[0] for line in refused(mini)] == [
        "content/redirects.yaml:1:10:",
        "content/redirects.yaml:2:10:",
    ]


@pytest.mark.parametrize("old", ["alt/", "//evil.example/", "/*", "/:x/", "/a b/", "/../x/", "/A/"])
def test_move_of_what_is_no_url_of_ours_is_refused(mini, old):
    path = mini / "content" / "redirects.yaml"
    path.write_text(f'- {{from: "{old}", to: /jia/, why: 搬了}}\n', encoding="utf-8")
    (problem,) = refused(mini)
    assert problem.startswith("content/redirects.yaml:1:10: ")
    assert "应为本站的网址" in problem


def test_project_without_a_ledger_has_published_nothing(mini):
    assert not (mini / LEDGER).exists()
    assert checked(mini) == []


def test_site_of_moves_is_brought_up_to_date_when_one_is_added(mini, tmp_path):
    build(mini, tmp_path / "site", Edition(AS_OF), quiet)
    move(mini, "/alt/ /jia/")
    built = build(mini, tmp_path / "site", Edition(AS_OF), quiet)
    assert built.rendered < built.pages
    text = (tmp_path / "site" / "_redirects").read_text(encoding="utf-8")
    assert text.splitlines()[1:] == ["/alt/ /jia/ 301", "/alt /jia/ 301"]
    (mini / "content" / "redirects.yaml").unlink()
    build(mini, tmp_path / "site", Edition(AS_OF), quiet)
    assert not (tmp_path / "site" / "_redirects").exists()
    shutil.rmtree(tmp_path / "site")
