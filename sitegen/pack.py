"""The offline edition of one city: a ZIP whose pages open from a USB stick, without any server.

It is the site of a country that has this city alone, so that nothing in it leads to a page that
is not there. What a server does for a site is done beforehand: every link names its file. The
modules of ``templates/assets`` become one script, because no browser loads a module from a disk.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path

from sitegen import wording
from sitegen.assets import Assets, load_assets
from sitegen.compiling import Texts, texts_by_name
from sitegen.edition import Edition
from sitegen.finder import made_files
from sitegen.model import Rules
from sitegen.pipeline import Progress, read_project, texts_of
from sitegen.plan import Plan, plan_site
from sitegen.questions import NoAnswer, slug_of
from sitegen.render import Renderer
from sitegen.workers import Beside
from sitegen.write import file_of

SCRIPT = "assets/offline.js"

# The same day in every ZIP of the same pages: a ZIP cannot be without one.
_DAY = (1980, 1, 1, 0, 0, 0)


def pack(root: Path, name: str, edition: Edition, progress: Progress) -> bytes:
    """The ZIP of a pool's offline edition: a folder ``yibao-<slug>`` with ``index.html`` in it.

    Raises ``LoadError`` for a project that cannot be read, ``NoAnswer`` for no such pool.
    """
    texts = Beside(partial(texts_of, root, None), 1)
    rules, content, compiled, _ = read_project(root, texts, None)
    slug = slug_of(rules, name, "统筹区")
    rules = _rules_of(rules, slug, _cited(compiled))
    content = replace(content, redirects=())
    assets = load_assets(root, made_files(rules, content))
    plan = plan_site(rules, content, edition, compiled)
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            city = f"{slug} {rules.areas[slug].short}"
            for path, data in _files(root, plan, assets, city, _note(edition, plan), progress):
                info = zipfile.ZipInfo(f"yibao-{slug}/{path}", _DAY)
                info.external_attr = 0o644 << 16
                archive.writestr(info, data, zipfile.ZIP_DEFLATED)
        return file.getvalue()


def _cited(compiled: Texts) -> set[str]:
    """The sources of areas that texts of content/ cite."""
    guides, single, _ = compiled
    texts = texts_by_name(guides, single).values()
    return {id for text in texts for id in text.names("src") if "/" in id}


def _rules_of(rules: Rules, slug: str, cited: set[str]) -> Rules:
    """The rules of a country where this pool is the only one.

    Of a place that a text cites nothing is left but its name and that source.
    """
    kept = {area.slug for area in rules.ancestry(slug)}
    owners = {id.partition("/")[0] for id in cited} - kept
    areas = {
        slug: area if slug in kept else replace(area, level="cited", parent="nation")
        for slug, area in rules.areas.items()
        if slug in kept or slug in owners
    }
    sources = {
        id: source
        for id, source in rules.sources.items()
        if id.partition("/")[0] in kept or id in cited
    }
    return replace(
        rules,
        areas=areas,
        sources=sources,
        channels={slug: rules.channels[slug] if slug in kept else () for slug in areas},
        entries={slug: rules.entries[slug] if slug in kept else {} for slug in areas},
    )


_FOOT = '<footer class="foot">'


def _note(edition: Edition, plan: Plan) -> str:
    """What the foot of each page says: paper and sticks outlive what is written on them."""
    address = escape(plan.address)
    newer = f'新的在<a href="{address}/">{address}</a>。' if address else ""
    day = wording.day_text(edition.day)
    return f"<p><b>离线版</b>，按{day}有效的规定做的，以后变了这里不会变。{newer}</p>"


def _files(
    root: Path, plan: Plan, assets: Assets, city: str, note: str, progress: Progress
) -> Iterator[tuple[str, bytes]]:
    """All files of the edition, by their path in it."""
    renderer = Renderer(root, plan.texts, assets)
    beside = {f"/{path}": data for path, data in assets.files.items()}
    read = beside | plan.files
    known = {page.url for page in plan.pages} | set(beside)
    fetched: dict[str, object] = {}
    for done, page in enumerate(plan.pages, 1):
        progress(done, len(plan.pages))
        html = renderer.page(page).decode()
        if page.is_data:
            yield file_of(page.url), html.encode()
            continue
        for url in re.findall(r' data-(?:places|answers)="([^"]+)"', html):
            fetched[url] = json.loads(read[url])
        html = html.replace(_FOOT, f"{_FOOT}\n{note}", 1)
        yield file_of(page.url), _from_disk(html, page.url, known, plan.address).encode()
    scripts = {
        path.name: data.decode() for path, data in assets.files.items() if path.suffix == ".js"
    }
    yield SCRIPT, bundle(scripts, fetched, city).encode()
    yield from ((url.lstrip("/"), data) for url, data in beside.items() if not url.endswith(".js"))


# An address within the site, in what a browser follows or loads.
_ADDRESS = re.compile(r' (href|src|action)="(/[^"#?]*)([^"]*)"')
_MODULE = re.compile(r'<script type="module" src="[^"]*/([a-z]+\.js)"></script>')
_MANIFEST = re.compile(r'<link rel="manifest"[^>]*>\n?')


def _from_disk(html: str, url: str, known: set[str], address: str) -> str:
    """The page of a URL as it works from a disk: links name files, the script is a plain one.

    What is not there leads to the published site, where that is known, else nowhere.
    """
    up = "../" * (file_of(url).count("/"))

    def named(found: re.Match[str]) -> str:
        name, path, rest = found.groups()
        if path in known:
            return f' {name}="{up}{file_of(path)}{rest}"'
        return f' {name}="{address}{path}{rest}"' if address else ""

    def plain(found: re.Match[str]) -> str:
        return f'<script defer src="{up}{SCRIPT}" data-main="{found[1]}" data-up="{up}"></script>'

    html = _MANIFEST.sub("", _MODULE.sub(plain, html))
    return _ADDRESS.sub(named, html)


def bundle(scripts: Mapping[str, str], fetched: Mapping[str, object], city: str) -> str:
    """Our modules, by name, as one script that needs no server.

    ``fetched`` is the JSON that they would fetch, by URL; ``city`` is the one that was looked at
    last (slug and name, as site.js keeps it), whatever was. Raises ``NoAnswer`` where a module is
    written in a way that this cannot take apart.
    """
    modules = "".join(_module(name, text) for name, text in sorted(scripts.items()))
    # In a script, but not within <script>: nothing can end it early.
    data = json.dumps(fetched, ensure_ascii=False, separators=(",", ":"))
    parts = {"DATA": data, "MODULES": modules, "CITY": json.dumps(city, ensure_ascii=False)}
    return re.sub("@(DATA|MODULES|CITY)", lambda found: parts[found[1]], _BUNDLE)


_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([a-z]+\.js)";$', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.M)


def _module(name: str, text: str) -> str:
    """A module as a function that gives what it exports."""
    names = _EXPORT.findall(text)
    text = _EXPORT.sub("", _IMPORT.sub(r'const \1 = $need("\2");', text))
    text = re.sub(r"\bimport\(", "$load(", text)
    if left := re.search(r"^(?:import|export)\b.*", text, re.M):
        raise NoAnswer(f"templates/assets/{name}：离线版不会用“{left[0]}”这样的写法")
    return f'"{name}": () => {{\n{text}\nreturn {{ {", ".join(names)} }};\n}},\n'


_BUNDLE = """\
// 由 python build.py pack 生成：网站的脚本合成一个，不用服务器也能打开。
(() => {
"use strict";
const { main, up } = document.currentScript.dataset;
// What is on a disk needs nobody to store it.
Object.defineProperty(navigator, "serviceWorker", { value: undefined });
const data = @DATA;
const fetch = async (url) => ({ ok: true, json: async () => data[url] });
const loaded = {};
const $need = (name) => (loaded[name] = loaded[name] || modules[name]());
// As of a browser: never before the script that asks has run to its end.
const $load = async (path) => { await null; return $need(path.replace("./", "")); };
const modules = {
@MODULES
};
// What a script links to names no file yet.
addEventListener("click", (event) => {
const link = event.target.closest("a[href^='/']");
if (!link) { return; }
const [, path, rest] = /^\\/([^?#]*)(.*)$/.exec(link.getAttribute("href"));
const file = path === "" || path.endsWith("/") ? "index.html" : "";
link.setAttribute("href", up + path + file + rest);
}, true);
try { localStorage.setItem("city", @CITY); } catch (blocked) { /* then the reader names it */ }
$need(main);
})();
"""
