"""The workload of the benchmark: a project of any number of areas, and its pages for the peers.

The areas are the real ones; beyond 370 they are copies of them under other slugs and names. The
peers get every page of a pool: its home, its guides, its sheets, its booklet (see derive.py).
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from datetime import date
from pathlib import Path

import to_eleventy
import to_hugo
from derive import Fields, Page, Sources, derive
from to_files import write, write_yaml

from sitegen import pieces
from sitegen.edition import Edition
from sitegen.pieces import Filled
from sitegen.pipeline import prepare
from sitegen.render import Renderer

AS_OF = date(2026, 11, 21)

# How the peers call what the stand-ins of pieces.py stand for.
_NAMES = {
    str(pieces.SLUG): "slug",
    str(pieces.SHORT): "city",
    str(pieces.NAME): "area",
    str(pieces.PARENT_SLUG): "province_slug",
    str(pieces.PARENT_SHORT): "province",
    str(pieces.PHONE): "phone",
    str(pieces.DIGITS): "digits",
}


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
    """Write the pages of all pools for the peers into folders of ``to``; returns how many.

    ``data`` has a file for each city, and the sources; ``hugo``, ``markdown`` and ``eleventy`` the
    templates of each. ``names`` has finished pages with marks for the names of the place.
    """
    _, plan, assets, _ = prepare(root, Edition(AS_OF))
    renderer = Renderer(root, plan.texts, assets)
    styles = {name.removesuffix(".css"): text for name, text in assets.styles.items()}
    marks = {text: f"⟦css {name}⟧" for name, text in styles.items()}
    marks |= {stand: f"⟦{name}⟧" for stand, name in _NAMES.items()}
    finished: dict[str, str] = {}
    variants: dict[str, tuple[str, tuple[str, ...]]] = {}
    sources = Sources()
    shown: list[tuple[str, str, str]] = []  # slug, URL, variant
    places: dict[str, dict[str, str]] = {}
    kinds: dict[str, list[Page]] = defaultdict(list)
    paths: dict[str, str] = {}
    for page in plan.pages:
        if page.is_data or not isinstance(page.context, Filled):
            continue
        variant = str(id(page.context.shared))
        if variant not in finished:
            html = renderer.render(page._replace(context=page.context.shared))
            for text, mark in marks.items():
                html = html.replace(text, mark)
            finished[variant], variants[variant] = html, sources.take_out(html)
        _, slug, path = page.url.split("/", 2)
        kind = re.sub(r"\W+", "_", re.sub(r"guides/|/pool|\.html", "", page.template))
        names = {_NAMES[chr(code)]: name for code, name in page.context.names.items()}
        kinds[kind].append(Page(slug, variants[variant][0], names, variants[variant][1]))
        places[slug], paths[kind] = names, path
        shown.append((slug, page.url, variant))
    provinces = {slug: names.get("province_slug", slug) for slug, names in places.items()}
    fields = Fields()
    templates = [derive(kind, pages, provinces, fields) for kind, pages in kinds.items()]

    write_yaml(to / "data/sources.yaml", sources.listed)
    guides = [
        {"layout": t.name, "path": paths[t.name], "sources": t.sources, "own": t.own_sources}
        for t in templates
    ]
    write_yaml(to / "data/guides.yaml", guides)
    for slug, names in places.items():
        write_yaml(to / f"data/cities/{slug}.yaml", names | fields.of_city(slug))
    to_hugo.write_layouts(to / "hugo", templates, sources.listed)
    to_hugo.write_markdown(to / "markdown", templates)
    for folder in ("hugo", "markdown"):
        to_hugo.write_styles(to / folder, styles)
    to_eleventy.write_templates(to / "eleventy", templates, paths, sources.listed)
    _write_json(to / "eleventy/styles.json", styles)
    _write_json(to / "names/variants.json", finished)
    _write_json(to / "names/style.json", {f"⟦css {name}⟧": text for name, text in styles.items()})
    areas = {
        slug: {"names": {f"⟦{name}⟧": text for name, text in names.items()}, "pages": {}}
        for slug, names in places.items()
    }
    for slug, url, variant in shown:
        areas[slug]["pages"][url] = variant
    _write_json(to / "names/areas.json", list(areas.values()))
    return len(shown)


def _write_json(path: Path, content: object) -> None:
    write(path, json.dumps(content, ensure_ascii=False))
