"""What a shared link, a message and a home screen carry of a page."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from browser import CHINA, SiteServer
from conftest import AS_OF, ROOT
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.texts import load_content
from sitegen.write import file_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

WECHAT = (
    "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/86.0 Mobile Safari/537.36 MMWEBID/1 MicroMessenger/8.0.30 Language/zh_CN"
)
HOSTILE = "<script>alert(1)</script>\"'&"
ADDRESS = "https://yibao.example"


def meta(page: HTMLParser, name: str) -> list[str | None]:
    """The contents of a meta element, by its name or property."""
    found = page.css(f'meta[name="{name}"], meta[property="{name}"]')
    return [node.attributes["content"] for node in found]


def read(site: Path, url: str) -> HTMLParser:
    return HTMLParser((site / file_of(url)).read_text(encoding="utf-8"))


def described(site: Path, url: str) -> str:
    (content,) = meta(read(site, url), "description")
    assert content is not None
    return content


def han(text: str) -> int:
    return len(re.findall("[\u3400-\u9fff]", text))


def numbers(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+(?:[.,]\d+)*", text))


def size_of(png: Path) -> tuple[int, int]:
    """Width and height as the header of a PNG states them."""
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


@dataclass(frozen=True)
class Shared:
    """What of a guide's page is shared, and what it must fit."""

    url: str
    city: str
    title: str
    card: str
    description: str
    shown: frozenset[str]


@pytest.fixture(scope="module")
def guides(site: Path) -> list[Shared]:
    """All guides of all pools."""
    made = []
    for path in sorted(site.glob("*/*/index.html")):
        html = path.read_text(encoding="utf-8")
        if 'data-tool="send"' not in html:
            continue
        page = HTMLParser(html)
        (button,) = page.css("[data-tool=send]")
        made.append(
            Shared(
                url=path.parent.relative_to(site).as_posix(),
                city=button.attributes["data-city"] or "",
                title=page.css_first("title").text(),
                card="".join(text or "" for text in meta(page, "og:title")),
                description="".join(text or "" for text in meta(page, "description")),
                shown=numbers(re.sub(r"\s+", "", page.css_first("main").text())),
            )
        )
    assert len(made) == 370 * len(load_content(ROOT).guides)
    return made


# ── Title and description ──


def test_description_starts_with_the_city_and_is_short(guides):
    for page in guides:
        assert page.description.startswith(page.city), page.url
        assert page.description.endswith("。"), page.url
        assert han(page.description) <= 80, page.url
        # With the brackets around the city it is a message of at most 120 signs.
        assert len(page.description) <= 118, page.url


def test_every_number_of_a_description_stands_on_the_page(guides):
    for page in guides:
        assert numbers(page.description) <= page.shown, page.url
    assert sum(len(numbers(page.description)) for page in guides) > 7_000


def test_title_names_city_and_task_in_about_20_characters(guides):
    for page in guides:
        title, _, site_name = page.title.rpartition(" - ")
        assert site_name == "医保怎么办"
        assert len(title) <= 20, page.url
        assert page.city in title, page.url
        assert page.card == title, page.url


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/beijing/huaru/", "不满70岁每月100元，满70岁每月110元（二手资料日期2023年"),
        ("/tianjin/huaru/", "一般退休人员，不满70岁每月40元，满70岁每月50元，建国前老工人每月60元"),
        ("/shanghai/huaru/", "不满75岁每年1,680元，满75岁每年1,890元"),
        ("/haikou/huaru/", "不满70岁每月60元，满70岁每月72元（海南的规定"),
        ("/nanning/huaru/", "没有查到金额，只查到比例"),
        ("/mianyang/huaru/", "没有查到可靠的文件。"),
        ("/tianjin/nianxian/", "要交满：男25年，女20年（二手资料日期2024年"),
        ("/hangzhou/nianxian/", "要交满：20年（浙江的规定"),
        ("/beijing/duanjiao/", "先等3个月（资料日期2025年12月1日）"),
        ("/tianjin/dianhua/", "先打12393，打不通打12345；人在外地，拨022-12393。"),
        ("/nanning/tuifei/", "居民医保待遇开始之前可以申请退，开始以后不退。"),
    ],
)
def test_description_of_a_city_carries_its_answer(site, url, words):
    assert words in described(site, url)


def test_unverified_figure_is_in_no_description(mini_site):
    assert described(mini_site, "/bing/huaru/") == "丙县每月划入：待核实，只见到不可靠的说法。"


def test_disputed_figure_is_told_from_both_sides(mini_site):
    text = described(mini_site, "/yi-yangban/huaru/")
    assert "一种说法每年1,440元，另一种说法每年1,080元" in text


# ── Cards ──


def test_every_page_can_be_shared(mini_site):
    for path in sorted(mini_site.rglob("*.html")):
        page = HTMLParser(path.read_text(encoding="utf-8"))
        if page.css_first(".top") is None:
            continue  # made for paper
        assert meta(page, "og:description") == meta(page, "description"), path
        assert meta(page, "og:locale") == ["zh_CN"], path
        assert meta(page, "og:site_name") == ["小样"], path
        assert meta(page, "og:type") == [
            "website" if path.parent == mini_site and path.name == "index.html" else "article"
        ], path
        # Without an address nothing says where the page stands.
        assert meta(page, "og:url") == meta(page, "og:image") == [], path
        assert page.css("link[rel=canonical]") == [], path


def test_page_of_a_known_address_says_where_it_stands(mini, tmp_path):
    build(mini, tmp_path / "site", Edition(AS_OF, f"{ADDRESS}/"), lambda done, total: None)
    for path in sorted((tmp_path / "site").rglob("index.html")):
        url = f"/{path.parent.relative_to(tmp_path / 'site').as_posix()}/".replace("/./", "/")
        page = HTMLParser(path.read_text(encoding="utf-8"))
        if page.css_first(".top") is None:
            continue  # made for paper
        assert meta(page, "og:url") == [ADDRESS + url]
        assert page.css_first("link[rel=canonical]").attributes["href"] == ADDRESS + url
        (image,) = meta(page, "og:image")
        assert image is not None
        assert (tmp_path / "site" / image.removeprefix(f"{ADDRESS}/")).is_file()
    missing = read(tmp_path / "site", "/404.html")
    assert meta(missing, "og:url") == missing.css("link[rel=canonical]") == []


def test_image_for_wechat_is_large_shown_small_and_moves_nothing(mini_site):
    for path in sorted(mini_site.rglob("*.html")):
        page = HTMLParser(path.read_text(encoding="utf-8"))
        if page.css_first(".top") is None:
            continue  # made for paper
        (image,) = page.css("img")
        attributes = dict(image.attributes)
        assert size_of(mini_site / attributes.pop("src")[1:]) == (600, 600)
        assert attributes == {
            "class": "foot__mark screen",
            "width": "48",
            "height": "48",
            "loading": "lazy",
            "alt": "",
        }


def test_pictures_are_light(mini_site):
    sizes = {path.name: path.stat().st_size for path in mini_site.rglob("*.png")}
    assert set(sizes) == {"share.png", "icon-180.png", "icon-192.png", "icon-512.png"}
    assert max(sizes.values()) <= 15_000


# ── Home screen ──


def test_manifest_names_the_site_and_icons_of_the_size_they_have(mini_site):
    manifest = json.loads((mini_site / "manifest.webmanifest").read_text(encoding="utf-8"))
    assert (manifest["name"], manifest["lang"], manifest["start_url"]) == ("小样", "zh-CN", "/")
    sizes = set()
    for icon in manifest["icons"]:
        width, height = size_of(mini_site / icon["src"][1:])
        assert icon["sizes"] == f"{width}x{height}"
        sizes.add(width)
    assert sizes == {192, 512}
    page = read(mini_site, "/jia/")
    touch = page.css_first("link[rel=apple-touch-icon]").attributes["href"]
    assert size_of(mini_site / touch[1:]) == (180, 180)


@pytest.mark.parametrize("name", [HOSTILE, "小\\n样", "小'+alert(1)+'样"])
def test_name_of_the_site_stays_text_in_manifest_and_worker(mini, tmp_path, name):
    path = mini / "content/site.yaml"
    quoted = "'" + name.replace("'", "''") + "'"
    path.write_text(path.read_text("utf-8").replace("小样", quoted), encoding="utf-8")
    build(mini, tmp_path / "site", Edition(AS_OF), lambda done, total: None)
    text = (tmp_path / "site/manifest.webmanifest").read_text(encoding="utf-8")
    assert json.loads(text)["name"] == name
    assert "alert" not in (tmp_path / "site/sw.js").read_text(encoding="utf-8")


# ── Message ──


@pytest.fixture(scope="module")
def server(mini_site: Path) -> Iterator[SiteServer]:
    with SiteServer(mini_site) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(**CHINA, service_workers="block")
    yield opened
    opened.close()


ANSWER = "每月划入：不满70岁每月1,500.50元，满70岁每月1,610元（资料日期2026年3月2日）。"


def test_message_for_ones_parents_is_the_description_and_the_address(context, server):
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    page = context.new_page()
    page.goto(f"{server.url}/jia/huaru/?from=x#s1")
    page.get_by_role("button", name="发给爸妈").click()
    page.get_by_text("已复制，去微信里粘贴发送。").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == f"【甲】{ANSWER}{server.url}/jia/huaru/"
    assert page.locator("textarea").count() == 0


@pytest.mark.parametrize(
    "refusal",
    [
        "delete Navigator.prototype.clipboard",
        "Navigator.prototype.clipboard.writeText = async () => { throw new Error('no'); }",
    ],
)
def test_message_is_copied_the_old_way_where_the_clipboard_is_closed(context, server, refusal):
    page = context.new_page()
    page.add_init_script(refusal.replace("Navigator.prototype.clipboard.", "navigator.clipboard."))
    page.add_init_script(
        "addEventListener('copy', () => { window.copied = document.activeElement.value; })"
    )
    page.goto(f"{server.url}/jia/huaru/")
    page.get_by_role("button", name="发给爸妈").click()
    page.get_by_text("已复制，去微信里粘贴发送。").wait_for()
    assert page.evaluate("window.copied") == f"【甲】{ANSWER}{server.url}/jia/huaru/"
    assert page.locator("textarea").count() == 0


def test_message_stands_selected_where_nothing_may_be_copied(context, server):
    page = context.new_page()
    page.add_init_script("delete Navigator.prototype.clipboard")
    page.add_init_script("Document.prototype.execCommand = () => false")
    page.goto(f"{server.url}/jia/huaru/")
    button = page.get_by_role("button", name="发给爸妈")
    button.click()
    page.get_by_text("按住下面的字，选“复制”").wait_for()
    button.click()
    page.wait_for_function("() => Boolean(document.activeElement.value)")
    assert page.locator("textarea").count() == 1
    chosen = page.evaluate("document.activeElement.value")
    assert chosen == f"【甲】{ANSWER}{server.url}/jia/huaru/"
    assert page.evaluate("document.activeElement.selectionEnd") == len(chosen)


def test_hostile_text_stays_text_in_card_and_message(context, mini, tmp_path):
    path = mini / "rules/shili/jia.yaml"
    quoted = "short: '" + HOSTILE.replace("'", "''") + "$&'"
    path.write_text(path.read_text("utf-8").replace("short: 甲", quoted), encoding="utf-8")
    build(mini, tmp_path / "site", Edition(AS_OF), lambda done, total: None)
    page = read(tmp_path / "site", "/jia/huaru/")
    assert meta(page, "og:title") == [f"{HOSTILE}$&每月划入多少"]
    assert meta(page, "og:description") == [f"{HOSTILE}$&{ANSWER}"]
    dialogs: list[str] = []
    with SiteServer(tmp_path / "site") as server:
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
        opened = context.new_page()
        opened.on("dialog", lambda dialog: dialogs.append(dialog.message))
        opened.goto(f"{server.url}/jia/huaru/")
        opened.get_by_role("button", name="发给爸妈").click()
        opened.get_by_text("已复制").wait_for()
        text = opened.evaluate("navigator.clipboard.readText()")
    assert text.startswith(f"【{HOSTILE}$&】{ANSWER}")
    assert dialogs == []


def test_buttons_are_large_and_need_javascript_to_be_seen(browser, server):
    for enabled in (True, False):
        context = browser.new_context(**CHINA, java_script_enabled=enabled)
        page = context.new_page()
        page.goto(f"{server.url}/jia/huaru/")
        button = page.locator("[data-tool=send]")
        assert button.is_visible() == enabled
        if enabled:
            assert button.bounding_box()["height"] >= 60
        context.close()


def test_tool_that_cannot_be_fetched_says_so(context, server):
    page = context.new_page()
    page.route("**/send.js", lambda route: route.abort())
    page.goto(f"{server.url}/jia/huaru/")
    page.get_by_role("button", name="发给爸妈").click()
    page.get_by_text("现在打不开，等有网络再试。").wait_for()


# ── Inside WeChat ──


@pytest.mark.parametrize("agent", [WECHAT, None])
def test_words_on_printing_are_for_wechat_only(browser, server, agent):
    context = browser.new_context(**CHINA, user_agent=agent)
    page = context.new_page()
    page.goto(f"{server.url}/jia/huaru/")
    words = page.get_by_text("微信里不能打印。点右上角“…”，选“在浏览器打开”。")
    assert words.is_visible() == (agent is WECHAT)
    context.close()


def test_no_link_leads_into_an_app_that_wechat_blocks(site, request):
    every = 1 if request.config.getoption("--all") else 5
    links = re.compile(r'(?:href|src|action)="(?!https?:|tel:|[/#?])')
    seen = 0
    for path in sorted(site.rglob("*.html"))[::every]:
        html = path.read_text(encoding="utf-8")
        assert not links.search(html), path
        seen += 1
    assert seen > 7000 / every
