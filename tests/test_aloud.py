"""念给我听: what a phone with a Chinese voice says of a page, and that others are not asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import CHINA, SiteServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

# Stands in for the voices of a phone: keeps what it is told, ends a piece on demand.
VOICES = """(langs, late) => {
    const spoken = [];
    const voices = langs.map((lang) => ({ lang, name: lang }));
    let known = late ? [] : voices;
    let current = null;
    const speech = {
        onvoiceschanged: null,
        getVoices: () => known,
        speak(utterance) {
            current = utterance;
            spoken.push(utterance.text);
        },
        cancel() { current = null; },
    };
    Object.defineProperty(window, "speechSynthesis", { value: speech });
    window.SpeechSynthesisUtterance = class extends EventTarget {
        constructor(text) { super(); this.text = text; }
    };
    window.phone = {
        spoken,
        isSpeaking: () => current !== null,
        voice: () => current.voice.lang,
        bringVoices() { known = voices; speech.onvoiceschanged(); },
        finish(how) {
            const ended = current;
            current = null;
            ended.dispatchEvent(new Event(how));
        },
    };
}"""

DIGITS = str.maketrans("零幺二三四五六七八九", "0123456789")


@pytest.fixture(scope="module")
def server(mini_site: Path) -> Iterator[SiteServer]:
    with SiteServer(mini_site) as running:
        yield running


@contextmanager
def phone(browser: Browser, *langs: str, late: bool = False) -> Iterator[Page]:
    """A page in a browser with these voices, which may come later than the page."""
    context = browser.new_context(**CHINA, service_workers="block")
    page = context.new_page()
    page.add_init_script(f"({VOICES})({list(langs)}, {str(late).lower()})")
    yield page
    context.close()


def start(page: Page) -> Locator:
    button = page.get_by_role("button", name="念给我听")
    button.click()
    page.wait_for_function("() => phone.spoken.length > 0")
    return page.locator("[data-tool=aloud]")


def all_spoken(page: Page) -> list[str]:
    """Lets the voice read to the end and returns the pieces."""
    start(page)
    pieces: list[str] = page.evaluate(
        """async () => {
            for (let piece = 0; piece < 100 && phone.isSpeaking(); piece += 1) {
                phone.finish("end");
                await new Promise((done) => setTimeout(done));
            }
            return phone.spoken;
        }"""
    )
    return pieces


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", re.sub(r"(\d),(?=\d{3})", r"\1", text))


# ── Whether there is a button ──


@pytest.mark.parametrize("langs", [(), ("en-US",), ("en-US", "zh-HK"), ("ja-JP", "yue-HK")])
def test_phone_without_a_mandarin_voice_has_no_button(browser, server, langs):
    with phone(browser, *langs) as page:
        page.goto(f"{server.url}/jia/huaru/")
        page.locator(".sizes [aria-current]").wait_for()
        assert not page.locator("[data-tool=aloud]").is_visible()
        assert page.locator("[data-tool=send]").is_visible()


def test_browser_that_cannot_speak_at_all_has_no_button_and_no_gap(browser, server):
    context = browser.new_context(**CHINA)
    page = context.new_page()
    page.add_init_script("delete window.speechSynthesis")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{server.url}/jia/huaru/")
    page.locator(".sizes [aria-current]").wait_for()
    assert page.locator("[data-tool=aloud]").bounding_box() is None
    assert complaints == []
    context.close()


@pytest.mark.parametrize("lang", ["zh-CN", "zh_CN", "cmn-Hans-CN", "zh", "zh-TW"])
def test_phone_with_a_mandarin_voice_has_the_button(browser, server, lang):
    with phone(browser, "en-US", "zh-HK", lang) as page:
        page.goto(f"{server.url}/jia/huaru/")
        start(page)
        assert page.evaluate("phone.voice()") == lang


def test_voices_that_come_late_bring_the_button_and_move_nothing(browser, server):
    with phone(browser, "zh-CN", late=True) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{server.url}/jia/huaru/")
        page.locator(".sizes [aria-current]").wait_for()
        button = page.locator("[data-tool=aloud]")
        assert not button.is_visible()
        before = page.locator("footer").bounding_box()
        page.evaluate("phone.bringVoices()")
        assert button.is_visible()
        assert page.locator("footer").bounding_box() == before
        # The module is fetched when it is needed, not before.
        assert not any(url.endswith("aloud.js") for url in asked)
        start(page)
        assert any(url.endswith("aloud.js") for url in asked)


# ── What is said ──


def test_page_is_read_from_its_heading_on_in_its_order_without_its_frame(browser, server):
    with phone(browser, "zh-CN") as page:
        page.goto(f"{server.url}/jia/huaru/")
        text = "".join(all_spoken(page))
    assert text.startswith("甲每月划入多少。")
    order = ("不满70岁，每月1500.50元", "满70岁，每月1610元", "资料日期2026年3月2日")
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    for frame in ("[1]", "出处", "甲市医保局公告", "发给爸妈", "相关", "微信里不能打印", "字号"):
        assert frame not in text


@pytest.mark.parametrize("url", ["/tianjin/huaru/", "/mianyang/huaru/", "/shenzhen/nianxian/"])
def test_spoken_numbers_are_those_of_the_page_in_its_order(browser, site, url):
    with SiteServer(site) as server, phone(browser, "zh-CN") as page:
        page.goto(server.url + url)
        shown = page.evaluate(
            """() => {
                const main = document.querySelector("main").cloneNode(true);
                const frame = "nav, .src, .tools, .calc, .sources, details > :not(summary)";
                main.querySelectorAll(frame).forEach((node) => node.remove());
                return main.textContent;
            }"""
        )
        pieces = all_spoken(page)
    said = "".join(pieces)
    # A number to dial is said digit by digit; both are compared as digits.
    told = re.sub("[零幺二三四五六七八九]{3,}", lambda m: m.group().translate(DIGITS), said)
    assert numbers(told) == numbers(shown)
    assert len(numbers(told)) >= 8
    assert all(0 < len(piece) <= 150 for piece in pieces)
    assert not re.search(r"。。|，。|。，|，，", said)


def test_numbers_to_dial_are_said_digit_by_digit_and_money_is_not(browser, server):
    with phone(browser, "zh-CN") as page:
        page.goto(f"{server.url}/jia/huaru/")
        start(page)
        said = page.evaluate(
            """async () => {
                const script = document.querySelector("script[src]").src;
                const { spoken } = await import(script.replace("site.js", "aloud.js"));
                return ["打12393，打不通打12345。", "外地拨022-12393。", "骗子打96110。",
                    "每年12345元", "一共12,393元", "1,680元", "2026年11月", "满70岁110元",
                    "点我的›余额"].map(spoken);
            }"""
        )
    assert said == [
        "打幺二三九三，打不通打幺二三四五。",
        "外地拨零二二，幺二三九三。",
        "骗子打九六幺幺零。",
        "每年12345元",
        "一共12393元",
        "1680元",
        "2026年11月",
        "满70岁110元",
        "点我的，余额",
    ]


# ── Pause and stop ──


def test_voice_pauses_and_goes_on_with_the_piece_that_it_had_begun(browser, site):
    with SiteServer(site) as server, phone(browser, "zh-CN") as page:
        page.goto(f"{server.url}/tianjin/huaru/")
        button = start(page)
        page.evaluate("phone.finish('end')")
        assert button.inner_text() == "暂停"
        button.click()
        page.wait_for_function("() => !phone.isSpeaking()")
        assert button.inner_text() == "接着念"
        button.click()
        page.wait_for_function("() => phone.spoken.length === 3")
        first, second, third = page.evaluate("phone.spoken")
        assert first != second == third


def test_voice_stops_and_begins_anew(browser, site):
    with SiteServer(site) as server, phone(browser, "zh-CN") as page:
        page.goto(f"{server.url}/tianjin/huaru/")
        button = start(page)
        page.evaluate("phone.finish('end')")
        stop = page.get_by_role("button", name="停下")
        stop.click()
        assert not page.evaluate("phone.isSpeaking()")
        assert not stop.is_visible()
        assert button.inner_text() == "念给我听"
        assert page.evaluate("document.activeElement.dataset.tool") == "aloud"
        button.click()
        page.wait_for_function("() => phone.spoken.length === 3")
        pieces = page.evaluate("phone.spoken")
        assert pieces[2] == pieces[0]


def test_voice_that_fails_says_so_in_writing(browser, server):
    with phone(browser, "zh-CN") as page:
        page.goto(f"{server.url}/jia/huaru/")
        start(page)
        page.evaluate("phone.finish('error')")
        assert page.locator(".tools [role=status]").inner_text() == "手机没能念出来。"
        assert page.get_by_role("button", name="念给我听").is_visible()


def test_voice_falls_silent_when_the_page_is_left(browser, server):
    with phone(browser, "zh-CN") as page:
        page.goto(f"{server.url}/jia/huaru/")
        start(page)
        page.evaluate("dispatchEvent(new Event('pagehide'))")
        assert not page.evaluate("phone.isSpeaking()")
