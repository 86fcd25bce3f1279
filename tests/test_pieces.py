"""Pages made by pieces are, byte for byte, those that the templates make."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sitegen.pieces import Filled
from sitegen.pipeline import prepare
from sitegen.render import Renderer

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)


def test_every_page_of_the_site_by_pieces_is_the_page_by_its_template():
    _, plan, assets, _ = prepare(ROOT, AS_OF)
    renderer = Renderer(ROOT, plan.texts, assets)
    cut = [page for page in plan.pages if isinstance(page.context, Filled)]
    assert len(cut) > 9000
    assert len({id(page.context.shared) for page in cut}) < len(cut) / 4
    different = [page.url for page in cut if renderer.page(page) != renderer.render(page).encode()]
    assert different == []
