"""The workload of the benchmark: a project of any number of areas, and its pages for the peers.

The areas are the real ones; beyond 370 they are copies of them under other slugs and names. The
peers get every page of a pool (its home, its guides, its sheets, its booklet) ready but for the
names of the place: they resolve no rule and render no macro, which is less than we do.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

from sitegen import manifest
from sitegen.pieces import Filled
from sitegen.pipeline import prepare
from sitegen.render import Renderer

AS_OF = date(2026, 11, 21)

# Written for the stand-ins of pieces.py, which are no letters.
_MARKS = {chr(0xE100 + number): f"⟦{number}⟧" for number in range(7)}


def make_project(source: Path, to: Path, areas: int) -> None:
    """Copy the project with just so many pools: the first ones, or all and copies of them."""
    for name in ("content", "templates", "rules"):
        shutil.copytree(source / name, to / name)
    (to / "rules/counties.yaml").unlink()
    pools = sorted(
        p for p in (to / "rules").rglob("*.yaml") if "\nlevel: pool\n" in p.read_text("utf-8")
    )
    if areas < len(pools):
        # Those that the texts cite, and of the others the same share of every province.
        texts = "".join(path.read_text("utf-8") for path in (to / "content").rglob("*.md"))
        cited = set(re.findall(r'src\("([a-z-]+)/', texts))
        kept = [path for path in pools if path.stem in cited][:areas]
        others = [path for path in pools if path not in kept]
        step = len(others) / max(1, areas - len(kept))
        kept += [others[int(number * step)] for number in range(areas - len(kept))]
        for path in set(pools) - set(kept):
            path.unlink()
        return
    for number in range(areas - len(pools)):
        path, round = pools[number % len(pools)], number // len(pools) + 2
        text = path.read_text("utf-8")
        text = re.sub("(?m)^code: .*\n", "", text)
        text = re.sub("(?m)^(area|short): (.*)$", rf"\g<1>: \g<2>第{round}", text)
        path.with_name(f"{path.stem}-copy{'abcdefghij'[round]}.yaml").write_text(text, "utf-8")


def export(root: Path, to: Path) -> int:
    """The pages of all pools as data for the peers; returns how many there are."""
    manifest.has_full_text = lambda: False
    _, plan, assets, _ = prepare(root, AS_OF)
    renderer = Renderer(root, plan.texts, assets)
    css = {assets.styles[name]: f"⟦{name.removesuffix('.css')}⟧" for name in assets.styles}
    variants: dict[int, str] = {}
    areas: dict[str, dict[str, dict[str, str]]] = {}
    for page in plan.pages:
        if not isinstance(page.context, Filled):
            continue
        key = id(page.context.shared)
        if key not in variants:
            html = renderer.render(replace(page, context=page.context.shared))
            for text, mark in (css | _MARKS).items():
                html = html.replace(text, mark)
            variants[key] = html
        slug = page.url.split("/")[1]
        names = {_MARKS[chr(code)]: name for code, name in page.context.names.items()}
        area = areas.setdefault(slug, {"names": names, "pages": {}})
        area["pages"][page.url] = str(key)
    style = {"css": {mark: text for text, mark in css.items()}}
    shared = {"areas": list(areas.values()), "style": style}
    named = {str(key): html for key, html in variants.items()}
    _write(to / "plain", shared | {"variants": named})
    pages: dict[str, dict[str, str]] = {}
    blocks: dict[str, str] = {}
    for name, html in named.items():
        page_, found = _markdown(html)
        text = re.sub("@@([0-9]+)@@", rf'{{{{< block "{name}-\1" >}}}}', page_["text"])
        pages[name] = page_ | {"text": text}
        blocks |= {f"{name}-{number}": block for number, block in enumerate(found)}
    _write(to / "markdown", shared | {"variants": pages, "blocks": blocks})
    return sum(len(area["pages"]) for area in areas.values())


_PLAIN = re.compile(
    r"<(p|h2|h3|li)>((?:[^<]|</?strong>|<a href=\"[^\"]*\">|</a>)*)</(?:p|h2|h3|li)>"
)
_SIGNS = {"p": "", "h2": "## ", "h3": "### ", "li": "- "}


def _markdown(html: str) -> tuple[dict[str, str], list[str]]:
    """A page as an author of Hugo would write it: Markdown, and shortcodes for what is none.

    Paragraphs, headings and items of plain text become Markdown, a name of the place becomes a
    shortcode ``name``; every other run of lines becomes a shortcode ``block`` of its own.
    """
    head, start, rest = re.split("(<main[^>]*>)", html, maxsplit=1)
    body, end, foot = rest.partition("</main>")
    parts: list[str] = []
    blocks: list[str] = []
    run: list[str] = []

    def close() -> None:
        if run:
            blocks.append("\n".join(run))
            parts.append(f"@@{len(blocks) - 1}@@")
            run.clear()

    for line in body.split("\n"):
        found = _PLAIN.fullmatch(line)
        if not found:
            run.append(line)
            continue
        close()
        text = re.sub(r'<a href="([^"]*)">([^<]*)</a>', r"[\2](\1)", found[2])
        text = text.replace("<strong>", "**").replace("</strong>", "**")
        text = re.sub("(⟦[0-9]⟧)", r'{{< name "\1" >}}', text)
        parts.append(_SIGNS[found[1]] + text)
    close()
    return {"head": head + start, "text": "\n\n".join(parts), "foot": end + foot}, blocks


def _write(to: Path, data: dict[str, object]) -> None:
    to.mkdir(parents=True)
    for name, content in data.items():
        (to / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
