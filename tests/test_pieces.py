"""Pages made by pieces are, byte for byte, those that the templates make."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from samples import shapes
from sitegen.edition import Edition
from sitegen.model import Area, Place
from sitegen.pieces import NAME, SHORT, Cut, Filled, Inseparable, encoded, fill, stand_in
from sitegen.pipeline import prepare
from sitegen.render import Renderer, RenderError

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)

NATION = Area("nation", "全国", "全国", "nation", "", "", Place("nation.yaml"))
PROVINCE = Area("shili", "示例省", "示例", "province", "省", "nation", Place("_province.yaml"))
POOL = Area("jia", "甲市", "甲", "pool", "地级市", "shili", Place("jia.yaml"))


def renderer_of(root: Path) -> tuple[Renderer, list]:
    _, plan, assets, _ = prepare(root, Edition(AS_OF))
    return Renderer(root, plan.texts, assets), list(plan.pages)


@pytest.mark.parametrize("address", ["", "https://yibao.example"])
def test_page_of_every_shape_by_pieces_is_the_page_by_its_template(address, request):
    """One page of every template and one of some shapes; with --all every page of the site is."""
    _, plan, assets, _ = prepare(ROOT, Edition(AS_OF, address))
    renderer = Renderer(ROOT, plan.texts, assets)
    cut = [page for page in plan.pages if isinstance(page.context, Filled)]
    assert len(cut) > 7000
    some = shapes(cut)
    assert len(some) < len(cut) / 4
    of_templates = {page.template: page for page in some}
    some = [*of_templates.values(), *some[:: len(some) if address else 4]]
    assert {page.template for page in some} == {page.template for page in cut}
    if request.config.getoption("--all"):
        some = cut
    different = [page.url for page in some if renderer.page(page) != renderer.render(page).encode()]
    assert different == []


def test_equal_names_get_equal_stand_ins_and_empty_ones_none():
    found = stand_in((POOL, PROVINCE, NATION), "")
    assert found
    assert (found.phone, found.digits) == ("", "")
    assert sorted(found.names.values()) == ["jia", "shili", "甲", "甲市", "示例"]
    same = stand_in((replace(POOL, name="甲"), PROVINCE, NATION), "0991-12393")
    assert same
    assert same.chain[0].name is same.chain[0].short
    assert same.kind != found.kind
    twin = stand_in((replace(POOL, short="示例"), PROVINCE, NATION), "")
    assert twin
    assert twin.chain[0].short is twin.chain[1].short


@pytest.mark.parametrize("name", ["甲&乙", "甲<", "甲 乙", '甲"', "甲|乙", "甲/乙", "甲\\"])
def test_name_that_escaping_could_change_gets_no_stand_in(name):
    assert stand_in((replace(POOL, short=name), PROVINCE, NATION), "") is None


@pytest.mark.parametrize(
    "ask",
    [
        len,
        list,
        sorted,
        lambda name: name[0],
        lambda name: name == "甲",
        lambda name: name in ("甲", "乙"),
        lambda name: "甲" in name,
        lambda name: name < "乙",
        lambda name: name.replace("甲", "乙"),
        lambda name: name.startswith("甲"),
        lambda name: name.split("|"),
    ],
)
def test_stand_in_answers_nothing_that_depends_on_the_name(ask):
    with pytest.raises(Inseparable):
        ask(SHORT)


def test_stand_in_is_put_out_joined_and_compared_with_other_names():
    assert f"{SHORT}市" == "\ue101市"
    assert SHORT and SHORT == SHORT
    assert SHORT != NAME


def test_template_that_asks_more_of_a_name_is_refused_with_its_place(mini):
    with (mini / "templates/city.html").open("a", encoding="utf-8") as file:
        file.write("{% block related %}{{ city | length }}{% endblock %}")
    renderer, pages = renderer_of(mini)
    page = next(page for page in pages if page.url == "/jia/")
    with pytest.raises(RenderError, match=r"templates/city.html.*城市的名字"):
        renderer.page(page)


def test_template_that_changes_an_address_is_not_cut(mini):
    # The address of a page is no bare name: only the trial of every build sees this.
    with (mini / "templates/city.html").open("a", encoding="utf-8") as file:
        file.write("{% block related %}{{ url | length }}{% endblock %}")
    renderer, pages = renderer_of(mini)
    homes = [page for page in pages if page.template == "city.html"]
    assert [renderer.page(page) for page in homes] == [
        renderer.render(page).encode() for page in homes
    ]


def test_context_of_a_page_has_the_names_of_its_city(mini):
    _, pages = renderer_of(mini)
    context = next(page for page in pages if page.url == "/jia/huaru/").context
    assert isinstance(context, Filled)
    assert context["city"] == "甲"
    assert context["city_link"].url == "/jia/"
    assert not re.search("[\ue100-\ue1ff]", repr(dict(context)))
    assert fill(context.shared["values"], context.names) is context.shared["values"]


def test_cut_page_is_filled_anew_for_each_city():
    cut = Cut(f"<p>{SHORT}，{SHORT}和{NAME}</p>")
    for short in ("甲", "乙"):
        names = encoded({ord(SHORT): short, ord(NAME): f"{short}市"})
        assert cut.page(names).decode() == f"<p>{short}，{short}和{short}市</p>"


def test_build_without_changes_imports_no_engine(tmp_path, mini):
    def modules(*options: str) -> set[str]:
        code = "import sys, build; build.main(sys.argv[1:]); print(' '.join(sys.modules))"
        command = [sys.executable, "-c", code, "--root", mini, "--out", tmp_path / "site", *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return set(done.stdout.splitlines()[-1].split())

    first, second = modules("--as-of", "2026-11-21"), modules("--as-of", "2026-11-21")
    assert {"jinja2", "yaml"} <= first
    assert not {"jinja2", "yaml", "markdown", "sitegen.load", "sitegen.model"} & second
    assert not {"livereload", "tornado", "asyncio", "rich", "segno", "playwright"} & first
