"""Which pages a project has, and what each of them is given to show."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sitegen.edition import Edition
from sitegen.load import LoadError, load_rules
from sitegen.model import Page
from sitegen.plan import Plan, plan_site
from sitegen.texts import load_content

AS_OF = date(2026, 11, 21)
AMOUNT = "account.retiree.amount"

WU = """area: 戊市
short: 戊
pinyin: wu
code: "110000"
level: pool
kind: 直辖市
phone_area: {code: "010", status: single}
"""


def plan(root: Path, day: date = AS_OF) -> Plan:
    return plan_site(load_rules(root), load_content(root), Edition(day))


def pages(root: Path, day: date = AS_OF) -> dict[str, Page]:
    return {page.url: page for page in plan(root, day).pages}


def problems(root: Path) -> list[str]:
    """What the plan refuses a project for."""
    with pytest.raises(LoadError) as refused:
        plan(root)
    return [str(problem) for problem in refused.value.problems]


def titles(page: Page, name: str) -> list[tuple[str, str]]:
    return [(link.title, link.url) for link in page.context[name]]  # type: ignore[attr-defined]


def add_to_text(root: Path, name: str, line: str) -> int:
    """Put a last line under a text of the project; returns its number."""
    path = root / "content" / name
    text = path.read_text(encoding="utf-8") + f"\n{line}\n"
    path.write_text(text, encoding="utf-8")
    return text.count("\n")


# ── URLs ──


def test_every_pool_has_a_home_every_guide_and_its_papers(mini):
    pools = ("jia", "yi-shili", "yi-yangban", "bing")
    of_pool = ("", "huaru/", "weixin/", "dayin/huaru/", "dazi/")
    of_pools = {f"/{pool}/{rest}" for pool in pools for rest in of_pool}
    of_nation = {"/", "/zhinan/", "/zhinan/huaru/", "/zhinan/weixin/", "/laiyuan/", "/404.html"}
    others = {"/shili/", "/yangban/", "/yi/", "/guanyu/", "/gangaotai/", "/lixian/"}
    of_data = {"/zhiliang/", "/biao/huaru/", "/bijiao/", "/sousuo/", "/shuju/"}
    of_data |= {f"/zhiliang/{group}/" for group in ("shili", "yangban")}
    of_changes = {"/gengxin/", "/yan/", "/jia/gengxin/", "/yi-yangban/gengxin/"}
    made = {url for url in pages(mini) if url.count("/") < 3 or not url.startswith("/laiyuan/")}
    files = {f"/data/v1/city/{pool}.json" for pool in pools}
    files |= {f"/{pool}/huaru/data.json" for pool in pools}
    files |= {f"/{pool}/gengxin/history.json" for pool in pools}
    feeds = {url for url in of_changes if url.endswith("/gengxin/")} | {"/zhinan/huaru/"}
    files |= {f"{url}feed.xml" for url in feeds}
    files |= {"/data/v1/huaru.csv", "/data/v1/huaru.json", "/data/v1/datapackage.json"}
    files |= {"/data/v1/schema/topic.json", "/data/v1/schema/city.json", "/bijiao/compare.json"}
    assert {page.url for page in pages(mini).values() if page.is_data} == files
    assert made - files == of_pools | of_nation | others | of_data | of_changes


def test_every_source_has_a_page(mini):
    made = {url for url in pages(mini) if url.startswith("/laiyuan/") and "--" in url}
    sources = load_rules(mini).sources
    assert made == {f"/laiyuan/{id.replace('/', '--')}/" for id in sources}


def test_every_source_is_listed_once_with_its_province(mini):
    made = pages(mini)
    links = titles(made["/laiyuan/"], "links")
    assert links == [
        ("全国", "/laiyuan/nation/"),
        ("样板", "/laiyuan/yangban/"),
        ("示例", "/laiyuan/shili/"),
    ]
    areas = [area for _, url in links for area in made[url].context["areas"]]
    assert len({name for name, _ in areas}) == len(areas)
    listed = [source.id for _, sources in areas for source in sources]
    assert sorted(listed) == sorted(load_rules(mini).sources)


def test_each_url_belongs_to_one_page(mini):
    urls = [page.url for page in plan(mini).pages]
    assert len(urls) == len(set(urls))


def test_two_pools_of_one_pinyin_share_a_page_that_asks_which(mini):
    page = pages(mini)["/yi/"]
    assert page.template == "twins.html"
    assert sorted(titles(page, "links")) == [
        ("样板自治区乙州", "/yi-yangban/"),
        ("示例省乙市", "/yi-shili/"),
    ]


def test_pools_of_one_pinyin_point_to_each_other(mini):
    made = pages(mini)
    assert titles(made["/yi-shili/"], "twins") == [("样板自治区乙州", "/yi-yangban/")]
    assert titles(made["/jia/"], "twins") == []


def test_province_that_shares_the_pinyin_of_a_pool_keeps_its_url(mini):
    (mini / "rules/shili/jia.yaml").rename(mini / "rules/shili/yangban-shili.yaml")
    made = pages(mini)
    assert made["/yangban/"].template == "province.html"
    assert titles(made["/yangban/"], "twins") == [("示例省甲市", "/yangban-shili/")]


def test_directly_run_scheme_has_no_pages_of_its_own(mini):
    own = [url for url in pages(mini) if "direct" in url and not url.startswith("/laiyuan/")]
    assert own == []


def test_figure_of_a_directly_run_scheme_is_on_its_province_alone(mini):
    holders = {url for url, page in pages(mini).items() if "'120'" in repr(page.context)}
    assert holders == {"/yangban/", "/laiyuan/yangban-direct--b-2023/"}


def test_pools_of_a_province_do_not_inherit_from_its_directly_run_scheme(mini):
    values = pages(mini)["/bing/"].context["values"]
    assert "120" not in repr(values)


# ── Where a reader is ──


def test_crumbs_lead_from_home_over_the_province(mini):
    assert titles(pages(mini)["/jia/huaru/"], "crumbs") == [
        ("首页", "/"),
        ("示例", "/shili/"),
        ("甲", "/jia/"),
        ("每月划入多少", ""),
    ]


def test_crumbs_of_a_municipality_have_no_province(mini):
    (mini / "rules/wu.yaml").write_text(WU, encoding="utf-8")
    page = pages(mini)["/wu/huaru/"]
    assert titles(page, "crumbs") == [("首页", "/"), ("戊", "/wu/"), ("每月划入多少", "")]
    assert (page.context["province"], page.context["city"]) == ("戊", "戊")


def test_municipality_stands_first_among_the_cities(mini):
    (mini / "rules/wu.yaml").write_text(WU, encoding="utf-8")
    first = pages(mini)["/"].context["groups"][0]
    assert (first.title, [link.url for link in first.links]) == ("直辖市", ["/wu/"])


@pytest.mark.parametrize(
    ("pool", "number"),
    [("jia", "0991-12393"), ("yi-shili", ""), ("yi-yangban", "0981-12393"), ("bing", "")],
)
def test_number_from_outside_is_given_where_the_area_code_is_certain(mini, pool, number):
    assert pages(mini)[f"/{pool}/huaru/"].context["phone"] == number


def test_area_code_that_is_agreed_but_missing_is_dialled_nowhere(mini):
    path = mini / "rules/shili/jia.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('{code: "0991", status: agreed}', "{status: agreed}"), "utf-8")
    try:
        number = pages(mini)["/jia/huaru/"].context["phone"]
    except LoadError as refused:
        assert refused.problems[0].place.path == "rules/shili/jia.yaml"
    else:
        assert number == ""


def test_menu_says_whether_there_is_anything_local(mini):
    made = pages(mini)

    def note(pool: str, kind: int) -> str:
        return made[f"/{pool}/"].context["guides"][kind][1][0].note

    assert [note(pool, 0) for pool in ("jia", "yi-shili", "bing")] == [
        "有本地资料",
        "示例的规定",
        "未查到",
    ]
    assert [note(pool, 1) for pool in ("jia", "bing")] == ["有本省渠道", ""]


def test_channel_of_the_province_reaches_its_own_pools_only(mini):
    made = pages(mini)
    of_jia = made["/jia/weixin/"].context["channels"]
    of_bing = made["/bing/weixin/"].context["channels"]
    assert [c.name for c in of_jia["weixin"]] == [c.name for c in of_jia["yue"]] == ["示例医保"]
    assert of_bing == {"weixin": [], "yue": []}


def test_line_of_the_whole_nation_is_no_local_channel(mini):
    add_to_text(mini, "guides/weixin/pool.md", '{{ local_channels("dianhua") }}')
    channels = pages(mini)["/jia/weixin/"].context["channels"]
    assert channels["dianhua"] == []  # type: ignore[index]


def test_province_lists_what_it_fixed_itself_and_not_what_the_nation_did(mini):
    facts = pages(mini)["/shili/"].context["facts"]
    assert [fact.id for fact in facts] == [AMOUNT, "account.active.rate"]  # type: ignore[attr-defined]


# ── The day ──


@pytest.mark.parametrize(
    ("day", "now", "coming"),
    [
        (date(2022, 12, 31), "", ["60元", "65元"]),
        (date(2023, 1, 1), "60元", ["65元"]),
        (date(2026, 12, 31), "60元", ["65元"]),
        (date(2027, 1, 1), "65元", []),
    ],
)
def test_provincial_amount_changes_on_its_first_day_and_not_before(mini, day, now, coming):
    shown = pages(mini, day)["/yi-shili/huaru/"].context["values"][AMOUNT]
    assert shown.short == now
    assert [later.short for later in shown.upcoming] == coming


def test_page_holds_every_source_that_it_may_cite(mini):
    held = set(pages(mini)["/jia/huaru/"].context["sources"])  # type: ignore[call-overload]
    assert held == {"jia/j-2009", "jia/j-2026", "shili/sl-2022", "nation/tz-2021"}


# ── Refusals ──


def test_two_pages_with_one_url_are_refused(mini):
    (mini / "content/pages/guanyu.md").rename(mini / "content/pages/jia.md")
    (problem,) = problems(mini)
    assert "两页都要用网址 /jia/（city.html 和 pages/jia）" in problem


@pytest.mark.parametrize(
    ("call", "nearest"),
    [
        ('value("account.retire.amount")', AMOUNT),
        ('src("tz-2012")', "tz-2021"),
        ('src("jia/j-2062")', "jia/j-2026"),
        ('link("weixn")', "weixin"),
        ('national("huaruu")', "huaru"),
        ('local_channels("weixi")', "weixin"),
        ('local_channels_for("yu")', "yue"),
    ],
)
def test_unknown_name_in_a_text_is_refused_with_its_line_and_nearest_spelling(mini, call, nearest):
    line = add_to_text(mini, "guides/huaru/pool.md", f"看{{{{ {call} }}}}")
    (problem,) = problems(mini)
    assert problem.startswith(f"content/guides/huaru/pool.md:{line}:")
    assert call in problem
    assert problem.endswith(f"是不是想写“{nearest}”？")


def test_unknown_name_in_single_quotes_is_refused_with_its_line_too(mini):
    line = add_to_text(mini, "guides/huaru/nation.md", "{{ src('tz-2012') }}")
    (problem,) = problems(mini)
    assert problem.startswith(f"content/guides/huaru/nation.md:{line}:")


def test_unknown_names_of_all_texts_are_reported_together(mini):
    add_to_text(mini, "guides/huaru/nation.md", '{{ src("x") }}{{ value("y") }}')
    add_to_text(mini, "pages/guanyu.md", '{{ src("z") }}')
    assert len(problems(mini)) == 3


def test_broken_jinja_of_a_text_is_refused_with_its_line(mini):
    line = add_to_text(mini, "guides/huaru/pool.md", "{{ city }")
    found = problems(mini)
    assert found[0].startswith(f"content/guides/huaru/pool.md:{line}:")
