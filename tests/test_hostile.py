"""Strings that want to run, in every field that may hold text: with no policy to stop them."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
import pytest

from browser import CHINA, SiteServer
from conftest import AS_OF
from hostile import MARKDOWN, STRINGS, Poison, armed
from sitegen import markup, schema
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.load import LoadError
from sitegen.markup import compile_text
from sitegen.model import Place, Problem, Text
from sitegen.pipeline import prepare
from sitegen.schema import AddressOf, ListOf, MapOf, Placed, Record, Shape, TextOf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

K = len(STRINGS)

# After as many rounds as there are strings every field has held each; a usual run does these.
USUAL = (0,)

# Fields with text that the invented places do not have.
MORE = {
    "rules/shili/jia.yaml": (
        'phone_area: {code: "0991", status: agreed}\n',
        'phone_area: {code: "0991", status: agreed}\naliases: [老甲]\nchannels:\n'
        "  - name: 甲医保\n    category: yibao_app\n    carriers: [app]\n"
        '    url: https://ybj.jia.gov.cn/app\n    number: "0991-1234567"\n    uses:\n'
        "      - {tasks: [yue], path: 首页, says: 办事, note: 说明, source: j-2026, "
        "publish: plain}\n",
    ),
    "rules/shili/_province.yaml": (
        "      value: 0.02\n",
        "      value: 0.02\n      note: 说明\n      clause: 第三条\n      provisional: 暂按\n"
        "      claims:\n        - {value: 0.03, base: {of: own_contribution_base}, "
        "source: sl-2030, quote: 另一句, verified: reported}\n",
    ),
}
ROWS = ("{age: 70, value: 1610}", "{age: 70, value: 1610, note: 说明, quote: 原话}")

COUNT = """
window.h = (number) => { window.reached(number); };
window.alert = window.print = () => {};
"""

# Touch everything that can be touched, and stay on the page.
TOUCH = """async () => {
    const stay = (event) => {
        const link = event.target.closest && event.target.closest("a[href], area[href]");
        const runs = link && /^(javascript|vbscript|data):/i.test(link.href.baseVal || link.href);
        if (link && !runs) { event.preventDefault(); }
    };
    document.addEventListener("click", stay);
    document.addEventListener("submit", (event) => {
        const action = (event.submitter && event.submitter.formAction) || event.target.action;
        if (!/^javascript:/i.test(action)) { event.preventDefault(); }
    });
    document.querySelectorAll("details").forEach((one) => { one.open = true; });
    for (const one of [...document.body.querySelectorAll("*")]) {
        one.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
        if (one.focus) { one.focus(); }
        if (one.matches("a, button, summary, input, select, [onclick], b, svg *")) {
            one.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
        }
    }
    await new Promise((done) => setTimeout(done, 0));
}"""


class Reached(Counter[int]):
    """How often the string of a number has run."""


@contextmanager
def counting(browser: Browser, workers: str = "block") -> Iterator[tuple[BrowserContext, Reached]]:
    """A context in which every run of a string is counted."""
    reached = Reached()
    context = browser.new_context(**CHINA, service_workers=workers)
    context.expose_function("reached", lambda number: reached.update([int(number)]))
    context.add_init_script(COUNT)
    try:
        yield context, reached
    finally:
        context.close()


def without_policy(site: Path) -> SiteServer:
    """A server that sends no header of ours: escaping has to do alone."""
    bare = site.parent / "no-headers"
    bare.write_text("", encoding="utf-8")
    return SiteServer(site, bare)


def touch(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate(TOUCH)
    if page.url.partition("#")[0] != address.partition("#")[0]:
        page.goto(address)


def urls_of(site: Path) -> list[str]:
    names = (path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html")))
    return ["/" + name.removesuffix("index.html") for name in names]


def quiet(done: int, total: int) -> None:
    """Progress of nobody's interest."""


# ── Every field of the rules and of the site ──


def text_fields(shape: Shape, name: str) -> Iterator[str]:
    """The fields of a shape that may hold any words, or an address."""
    if isinstance(shape, Record):
        for key, field in shape.fields.items():
            yield from text_fields(field.shape, f"{name}.{key}")
    elif isinstance(shape, ListOf | Placed):
        yield from text_fields(shape.shape, name)
    elif isinstance(shape, MapOf):
        yield from text_fields(shape.shape, f"{name}.*")
    elif isinstance(shape, AddressOf) or (
        isinstance(shape, TextOf) and shape.pattern == TextOf.pattern
    ):
        yield name


# The strings for a field of 20 characters.
SHORT = [number for number in range(K) if len(armed(number).strip()) <= 20]

# The last word of every field that may hold any text; of a map of texts that of the map.
FIELDS = {
    field.removesuffix(".*").rpartition(".")[2]
    for shape in (schema.AREA, schema.VOCABULARY, schema.SITE, schema.GUIDES)
    for field in text_fields(shape, "")
    if not field.endswith("home.pages")  # names of pages that there are
}


def hostile_project(root: Path, round: int) -> Poison:
    """The mini project with more fields, and hostile strings in all that take them."""
    for name, (old, new) in MORE.items():
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, name
        text = text.replace(old, new).replace(*ROWS)
        path.write_text(text, encoding="utf-8")
    (root / "rules/counties.yaml").write_text("jia: [某县, 某区]\n", encoding="utf-8")
    with (root / "content/site.yaml").open("a", encoding="utf-8") as site:
        site.write(
            "address: https://a.example\nhome:\n  - heading: 一栏\n    pages: [gangaotai, guanyu]\n"
        )

    texts = (n % K for n in count(round) if re.fullmatch(r"\S.*", armed(n % K)))

    def string(at: int, name: str) -> tuple[int, str]:
        # Fields for text take turns among themselves, so that few of them hold every string.
        is_text = name.rpartition(".")[2] in FIELDS or ".values." in name
        number = next(texts) if is_text else (at + round) % K
        if name.endswith("heading"):
            number = SHORT[round % len(SHORT)]
        words = armed(number)
        if name.endswith("url") and not words.startswith("http"):
            words = "https://a.gov.cn/" + words.replace(" ", "/")
        return number, words

    files = sorted(path for path in (root / "rules").rglob("*.yaml"))
    files += [root / "content/site.yaml", root / "content/guides.yaml"]
    poison = Poison(root, files, string)

    def problems() -> list[Problem]:
        try:
            prepare(root, Edition(AS_OF))
        except LoadError as error:
            return error.problems
        return []

    poison.settle(problems)
    return poison


def visit_all(browser: Browser, site: Path, every: int) -> tuple[Reached, int]:
    """What runs on the pages of a site and in the lists that scripts make of it, and the pages."""
    asked = [
        "/sousuo/?q=jia",
        "/sousuo/?q=yangban",
        "/bijiao/?a=jia&b=bing",
        "/jia/huaru/?city=bing",
    ]
    urls = [*urls_of(site)[::every], *asked, "/nirgends/jia/"]
    with without_policy(site) as server, counting(browser, "allow") as (context, reached):
        page = context.new_page()
        for url in urls:
            touch(page, server.url + url)
            if url.startswith("/sousuo/?"):
                page.locator(".find__list a").first.wait_for()
            if url.startswith("/bijiao/?"):
                page.locator("table td").first.wait_for()
        # What the worker has stored stands in a list made of titles.
        page.goto(f"{server.url}/lixian/")
        page.locator(".menu a").first.wait_for()
        assert page.locator(".menu a").count() > 20
        touch(page, f"{server.url}/lixian/")
    return reached, len(urls) + 1


@pytest.mark.promise("C1")
def test_no_string_of_a_rules_file_runs_on_any_page(browser, copy_mini, tmp_path, request, figure):
    is_whole = request.config.getoption("--all")
    rounds, every = (range(K), 1) if is_whole else (USUAL, 2)
    reached, pairs, refused, fields = Reached(), set(), 0, set()
    for round in rounds:
        root = copy_mini(tmp_path / str(round) / "mini")
        poison = hostile_project(root, round)
        build(root, root.parent / "site", Edition(AS_OF), quiet)
        found, _ = visit_all(browser, root.parent / "site", every)
        reached += found
        pairs |= {*poison.taken}
        refused += poison.refused
        fields |= {word for name, _ in poison.taken for word in name.split(".")[-2:]}
    assert not reached
    # No field of a YAML file takes a line break, or a space at its start.
    assert {n for _, n in pairs} == {n for n in range(K) if re.fullmatch(r"\S.*", armed(n))}
    assert FIELDS - fields == set(), "fields for text that held no string"
    figure(
        f"{K} strings, {len(FIELDS)} kinds of fields, {len(pairs)} pairs taken, {refused} refused: "
        f"{reached.total()} ran"
    )


def test_strings_run_where_templates_do_not_escape(browser, copy_mini, tmp_path, monkeypatch):
    root = copy_mini(tmp_path / "mini")
    # What was compiled with care is no use here.
    shutil.rmtree(root / ".cache")
    hostile_project(root, 0)
    plain = jinja2.Environment

    def careless(**options: Any) -> jinja2.Environment:
        return plain(**options | {"autoescape": False})

    monkeypatch.setattr("sitegen.render.jinja2.Environment", careless)
    build(root, tmp_path / "site", Edition(AS_OF), quiet)
    with without_policy(tmp_path / "site") as server, counting(browser) as (context, reached):
        for url in ("/jia/", "/jia/huaru/", "/shili/", "/laiyuan/shili/", "/yi-yangban/huaru/"):
            page = context.new_page()
            page.goto(server.url + url, wait_until="commit")
            page.wait_for_timeout(100)
            page.close()
    assert len(reached) > 0


# ── Every context of Markdown, and front matter ──


def text_of(body: str, title: str = "标题") -> Text:
    return Text("x", title, "一句话", "叫法", body, Place("content/pages/x.md"), 6)


def lets_in(text: Text) -> bool:
    """Whether a text compiles, and its Jinja asks for nothing that is not there."""
    found: list[Problem] = []
    compiled = compile_text(text, found.append)
    return compiled is not None and not set(compiled.calls) - {"h", "warning"}


def write_pages(root: Path, numbers: Iterable[int] = range(K)) -> tuple[int, int]:
    """A page for each string, in all contexts that take it; counts these and those that do not."""
    taken = refused = 0
    for number in numbers:
        words = armed(number)
        bodies = [context.format(*[words] * context.count("{}")) for context in MARKDOWN]
        good = [body for body in bodies if lets_in(text_of(body))]
        fields = {}
        for name, most in (("title", 120), ("description", 500), ("question", 20)):
            is_good = "\n" not in words and len(words) <= most
            is_good = is_good and words == words.strip() and lets_in(text_of("", words))
            fields[name] = words if is_good else "话"
            taken, refused = taken + is_good, refused + (not is_good)
        taken, refused = taken + len(good), refused + len(bodies) - len(good)
        head = "".join(f"{name}: {value}\n" for name, value in fields.items())
        # Beside the title, which may be the same for several.
        body = "\n\n".join(good)
        page = (
            root
            / "content/pages"
            / f"chuan-{'abcdefghij'[number // 10]}{'abcdefghij'[number % 10]}.md"
        )
        page.write_text(f"---\n{head}---\n\n{body}\n", encoding="utf-8")
    return taken, refused


def visit_texts(browser: Browser, site: Path) -> Reached:
    with without_policy(site) as server, counting(browser) as (context, reached):
        page = context.new_page()
        for url in urls_of(site):
            if url.startswith("/chuan-"):
                touch(page, server.url + url)
    return reached


@pytest.mark.promise("C1")
def test_no_string_of_a_text_runs_in_any_context_of_markdown(
    browser, copy_mini, tmp_path, request, figure
):
    root = copy_mini(tmp_path / "mini")
    numbers = range(0, K, 1 if request.config.getoption("--all") else 3)
    taken, refused = write_pages(root, numbers)
    build(root, tmp_path / "site", Edition(AS_OF), quiet)
    reached = visit_texts(browser, tmp_path / "site")
    assert not reached
    assert taken + refused == len(numbers) * (len(MARKDOWN) + 3)
    assert taken > len(numbers) * len(MARKDOWN) // 2
    figure(
        f"{len(numbers)} strings × {len(MARKDOWN)} contexts of Markdown and 3 fields of front "
        f"matter: {taken} taken, {refused} refused, {reached.total()} ran"
    )


def test_strings_run_where_markdown_lets_html_through(browser, copy_mini, tmp_path, monkeypatch):
    root = copy_mini(tmp_path / "mini")

    # Raw HTML is what Markdown lets through unless it is told not to.
    monkeypatch.setattr("markdown.util.Registry.deregister", lambda registry, name: None)
    monkeypatch.setattr(markup, "_is_safe", lambda address, pieces: True)
    monkeypatch.setattr(markup, "_forbidden", lambda tree: "")
    write_pages(root, range(0, K, 8))
    build(root, tmp_path / "site", Edition(AS_OF), quiet)
    with without_policy(tmp_path / "site") as server, counting(browser) as (context, reached):
        for url in [url for url in urls_of(tmp_path / "site") if url.startswith("/chuan-")]:
            page = context.new_page()
            page.goto(server.url + url, wait_until="commit")
            page.wait_for_timeout(50)
            page.close()
    assert len(reached) > 0


# ── The address and the fields that a script reads ──

# Where a reader's words go: an address that they stand in, and what shows that it was read.
ADDRESSES = (
    ("/sousuo/?q=", ".find__count"),
    ("/nirgends/?q=", ".find"),
    ("/jisuan/huaru/?city=", "[role=status]"),
    ("/bijiao/?a=", "main"),
    ("/bijiao/?a=tianjin&b=", "main"),
    ("/tianjin/huaru/?size=", "main"),
    ("/tianjin/huaru/#", "main"),
    ("/", "main"),
)

TYPE = """(strings) => {
    for (const words of strings) {
        for (const field of document.querySelectorAll("input, textarea")) {
            if (field.type !== "radio" && field.type !== "checkbox") {
                field.value = words;
                field.dispatchEvent(new InputEvent("input", {bubbles: true}));
                field.dispatchEvent(new Event("change", {bubbles: true}));
            }
        }
        for (const form of document.querySelectorAll("form")) {
            form.dispatchEvent(new SubmitEvent("submit", {bubbles: true, cancelable: true}));
        }
    }
}"""
TYPED = ("/", "/sousuo/", "/bijiao/", "/tianjin/huaru/", "/tianjin/nianxian/", "/biao/huaru/")


def ask_all(browser: Browser, site: Path, every: int) -> tuple[Reached, int, int]:
    """What runs of the words in addresses and in fields; how many of both these are."""
    asked = fields = 0
    # One string typed costs far less than one address opened.
    typed = range(0, K, max(1, every // 5))
    with without_policy(site) as server, counting(browser) as (context, reached):
        page = context.new_page()
        for at, (address, sign) in enumerate(ADDRESSES):
            for number in range(at % every, K, every):
                page.goto(server.url + address + quote(armed(number), safe=""))
                page.locator(sign).first.wait_for(state="attached")
                page.evaluate("() => new Promise((done) => setTimeout(done, 20))")
                asked += 1
        for url in TYPED:
            page.goto(server.url + url)
            page.evaluate(TYPE, [armed(number) for number in typed])
            fields += page.locator("input:not([type=radio]):not([type=checkbox])").count()
            page.wait_for_timeout(100)
    return reached, asked, fields * len(typed)


@pytest.mark.promise("C1")
def test_no_string_of_an_address_or_a_field_runs(browser, site, request, figure):
    every = 1 if request.config.getoption("--all") else 40
    reached, asked, fields = ask_all(browser, site, every)
    assert not reached
    assert fields > len(TYPED)
    figure(
        f"{asked} addresses with a string, {fields} times one typed into a field: "
        f"{reached.total()} ran"
    )


def test_strings_of_an_address_run_where_scripts_write_html(browser, copy_mini, tmp_path):
    root = copy_mini(tmp_path / "mini")
    for path in sorted((root / "templates/assets").glob("*.js")):
        text = path.read_text(encoding="utf-8").replace(".textContent = ", ".innerHTML = ")
        text = text.replace(".slice(0, 20)", "")
        path.write_text(text, encoding="utf-8")
    build(root, tmp_path / "site", Edition(AS_OF), quiet)
    with without_policy(tmp_path / "site") as server, counting(browser) as (context, reached):
        page = context.new_page()
        page.goto(f"{server.url}/bijiao/?a=<img src onerror=h(7)>&b=jia")
        page.wait_for_function("document.querySelector('main img')")
        page.wait_for_timeout(100)
    assert set(reached) == {7}


def test_cell_of_a_table_to_download_is_no_formula(copy_mini, tmp_path):
    root = copy_mini(tmp_path / "mini")
    path = root / "rules/shili/jia.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("short: 甲", "short: =HYPERLINK(A1)"), encoding="utf-8")
    build(root, tmp_path / "site", Edition(AS_OF), quiet)
    csv = (tmp_path / "site/data/v1/huaru.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK(A1)" in csv
    assert ",=" not in csv
