"""Every kind of page, used as readers use it, behind the headers of production."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from browser import CHINA, SiteServer
from samples import KINDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Everything that a hand can do on a page but leave it.
USE = """async () => {
    const rest = () => new Promise((done) => setTimeout(done, 10));
    document.addEventListener("click", (event) => {
        const link = event.target.closest("a[href]");
        if (link && !link.getAttribute("href").startsWith("#")) { event.preventDefault(); }
    });
    document.addEventListener("submit", (event) => { event.preventDefault(); });
    window.print = () => {};
    let done = 0;
    const all = (selector) => {
        const found = [...document.querySelectorAll(selector)].slice(0, 40);
        done += found.length;
        return found;
    };
    all("summary").forEach((one) => one.click());
    for (const one of all("input:not([type=radio]):not([type=checkbox]), textarea")) {
        one.focus();
        for (const words of ["天津 余额", "1960", "5000"]) {
            one.value = words;
            one.dispatchEvent(new InputEvent("input", {bubbles: true}));
        }
        one.dispatchEvent(new Event("change", {bubbles: true}));
    }
    all("input[type=radio], input[type=checkbox]").forEach((one) => one.click());
    for (const one of all("select")) {
        one.selectedIndex = Math.min(2, one.options.length - 1);
        one.dispatchEvent(new Event("change", {bubbles: true}));
    }
    await rest();
    all(".sizes a").forEach((one) => one.click());
    for (const one of all("button")) { one.click(); await rest(); }
    dispatchEvent(new Event("beforeprint"));
    dispatchEvent(new Event("afterprint"));
    await rest();
    return done;
}"""

WATCH = """
addEventListener("securitypolicyviolation", (event) => {
    window.violated(`${event.effectiveDirective} ${event.blockedURI} ${location.pathname}`);
});
"""

STORED = """async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    caches: await caches.keys(),
    databases: (await indexedDB.databases()).map(({name}) => name),
})"""


@dataclass
class Seen:
    """What a browser said and did while a page of every kind was used."""

    pages: int = 0
    uses: int = 0
    violations: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    cookies: list[object] = field(default_factory=list)
    stored: dict[str, set[str]] = field(default_factory=dict)


def use(browser: Browser, addresses: dict[str, str]) -> Seen:
    """Open one address after the other and do everything that can be done there."""
    seen = Seen()
    context = browser.new_context(**CHINA, viewport={"width": 412, "height": 800})
    context.expose_function("violated", lambda words: seen.violations.append(words))
    context.add_init_script(WATCH)
    try:
        page = context.new_page()
        _listen(page, seen)
        for address in addresses.values():
            page.goto(address)
            seen.uses += page.evaluate(USE)
            for kind, names in page.evaluate(STORED).items():
                seen.stored.setdefault(kind, set()).update(names)
            seen.pages += 1
        seen.cookies += context.cookies()
    finally:
        context.close()
    return seen


def _listen(page: Page, seen: Seen) -> None:
    def complain(kind: str, words: str) -> None:
        # The page of errors is an error: that is what its address is for.
        if kind in ("error", "warning", "pageerror"):
            seen.complaints.append(f"{page.url} {kind}: {words}")

    page.on("console", lambda message: complain(message.type, message.text))
    page.on("pageerror", lambda error: complain("pageerror", str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))


@pytest.fixture(scope="module")
def seen(browser: Browser, sampled: dict[str, str]) -> Iterator[Seen]:
    yield use(browser, sampled)


@pytest.mark.promise("C2")
def test_no_kind_of_page_breaks_the_policy_however_it_is_used(seen, figure):
    assert seen.pages == len(KINDS)
    assert seen.uses > 5 * seen.pages
    assert seen.violations == []
    assert seen.complaints == []
    figure(f"{seen.pages} kinds of pages, used in every way: 0 violations, 0 complaints")


@pytest.mark.promise("C10")
def test_no_script_writes_html_that_trusted_types_would_stop(seen, figure):
    assert [words for words in seen.violations if "trusted-types" in words] == []
    figure(
        f"{seen.pages} kinds of pages, all that can be done on them: 0 violations of Trusted Types"
    )


@pytest.mark.promise("C5")
@pytest.mark.promise("F5")
def test_no_kind_of_page_asks_anybody_else_or_leaves_more_than_it_says(seen, sampled, figure):
    ours = {"", *(urlsplit(address).netloc for address in sampled.values())}
    strangers = [url for url in seen.requests if urlsplit(url).netloc not in ours]
    assert strangers == []
    assert len(seen.requests) > 3 * seen.pages
    assert seen.cookies == []
    assert seen.stored.pop("local") == {"size", "city"}
    caches = {re.sub("shell .*", "shell", name) for name in seen.stored.pop("caches")}
    # Its own files, the pages seen, and those of a city that the reader asked to keep.
    assert caches <= {"shell", "visited", "kept"}
    assert {key: names for key, names in seen.stored.items() if names} == {}
    figure(
        f"{seen.pages} kinds of pages: 0 requests to others, 0 cookies; "
        "stored: size, city, pages seen or kept"
    )


def test_what_breaks_the_policy_or_asks_others_would_be_seen(browser, mini_site, tmp_path):
    site = tmp_path / "site"
    (site / "jia").mkdir(parents=True)
    (site / "_headers").write_bytes((mini_site / "_headers").read_bytes())
    html = (mini_site / "jia/index.html").read_text(encoding="utf-8")
    bad = (
        '<img src="http://x.invalid/a.png"><p style="color: red">x</p><button id="w">w</button>'
        '<script src="/w.js"></script>'
    )
    (site / "jia/index.html").write_text(html.replace("<main", f"{bad}<main"), encoding="utf-8")
    script = 'w.onclick = () => { document.cookie = "a=b"; w.innerHTML = "x"; };'
    (site / "w.js").write_text(script, encoding="utf-8")
    with SiteServer(site) as server:
        found = use(browser, {"jia": f"{server.url}/jia/"})
    words = {line.split(" ")[0] for line in found.violations}
    assert {"img-src", "style-src-attr", "require-trusted-types-for"} <= words
    assert found.complaints
    assert found.cookies


# ── What stands in the files ──

# The head script is allowed by its hash; data is no script.
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?! type=\"application/(?:ld\+)?json\")[^>]*>|<style|"
    r"<[^>]+\s(?:style|on\w+)\s*=|"
    r"(?:href|src|action)=[\"']?\s*(?:javascript|vbscript|data):|<(?:iframe|object|embed|base)\b",
    re.I,
)


def inline(html: str) -> list[str]:
    """What a strict policy would stop; each page has one inline sheet and one inline script."""
    return [found.group() for found in INLINE.finditer(html)]


@pytest.mark.promise("C2")
def test_no_page_holds_a_script_a_style_or_an_address_that_runs(site, request, figure):
    every = 1 if request.config.getoption("--all") else 10
    pages = sorted(site.rglob("*.html"))
    bad, expected = [], (["<script>", "<style"], ["<style"])
    for path in pages[::every]:
        found = inline(path.read_text(encoding="utf-8"))
        if found not in expected:
            bad.append((path.relative_to(site).as_posix(), found))
    assert bad == []
    figure(f"{len(pages)} pages, 1 in {every} read: 0 inline scripts, styles or handlers")


@pytest.mark.parametrize(
    "html",
    [
        "<script>x()</script>",
        '<script type="module">x()</script>',
        '<b style="color:red">',
        "<b onclick=x()>",
        '<a href="javascript:x()">',
        '<img src="data:image/png,x">',
        '<iframe src="/x">',
        '<base href="/">',
    ],
)
def test_what_a_policy_would_stop_is_found(html):
    assert inline(html)


def test_data_and_modules_are_no_inline_scripts():
    html = '<script type="application/json">{}</script><script type="module" src="/a.js"></script>'
    html += '<script type="application/ld+json">{}</script>'
    assert inline(html + '<p data-on="x" class="style">onclick=1</p>') == []
