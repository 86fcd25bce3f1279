"""The real project: years, lapses, fees and withdrawal, as readers in real cities see them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.write import file_of

HUNAN = ("changsha", "zhuzhou", "xiangxi")
TASKS = ("nianxian", "jiaofei", "duanjiao", "gongji", "zhuanyi", "tiqu", "tuifei", "jumin")


def words(site: Path, url: str) -> str:
    tree = LexborHTMLParser((site / file_of(url)).read_text(encoding="utf-8"))
    main = tree.css_first("main")
    assert main is not None
    return re.sub(r"\s+", "", main.text())


def lacks(text: str, *wanted: str) -> list[str]:
    return [word for word in wanted if word not in text]


def test_every_pool_has_19_guides(site):
    pools = [
        path.parent
        for path in site.glob("*/huaru/index.html")
        if path.parts[-3] not in ("zhinan", "biao", "jisuan")
    ]
    assert len(pools) == 370
    for pool in pools:
        home = pool.parent
        assert all((home / task / "index.html").is_file() for task in TASKS), home
        # Beside them lies the booklet, and what changed where anything is known of that.
        found = {path.parent.name for path in home.glob("*/index.html")} - {"dazi", "gengxin"}
        assert len(found) == 19
        assert (home / "dazi/index.html").is_file()


@pytest.mark.parametrize("city", HUNAN)
def test_hunan_asks_30_and_25_years_and_steps_up_the_actual_ones(site, city):
    text = words(site, f"/{city}/nianxian/")
    assert lacks(text, "男30年", "女25年", "湖南统一规定") == []
    steps = re.search(r"2024年退休：11年.*2025年退休：12年.*2027年退休：14年", text)
    assert steps, text[:900]
    assert "2028年1月1日起退休：15年" in text


def test_shenzhen_steps_by_year_of_retirement_and_2025_to_2029_was_not_found(site):
    text = words(site, "/shenzhen/nianxian/")
    assert lacks(text, "男，2014年退休", "男，2024年退休", "未查到", "2030年1月1日起") == []


def test_tianjin_asks_25_and_20_years_of_which_5_actual(site):
    text = words(site, "/tianjin/nianxian/")
    assert lacks(text, "男25年", "女20年", "二手资料") == []
    assert re.search(r"最低实际缴费年限二手资料5年", text)
    wrong = words(site, "/wujie/")
    assert re.search(r"天津[^”]{0,20}30", wrong)


@pytest.mark.parametrize("city", ["hangzhou", "ningbo"])
def test_zhejiang_asks_20_years_of_both_sexes(site, city):
    text = words(site, f"/{city}/nianxian/")
    assert lacks(text, "20年", "浙江统一规定") == []
    assert "男20年" not in text


def test_fujian_pays_half_while_one_waits_3_or_6_months(site):
    text = words(site, "/fuzhou-fujian/duanjiao/")
    assert lacks(text, "50%", "3个月", "6个月", "福建") == []


def test_residents_of_nanjing_wait_at_most_2_months(site):
    text = words(site, "/nanjing/duanjiao/")
    assert re.search(r"居民医保等待期最长不超过.{0,12}2个月", text)


def test_all_of_jiangsu_asks_25_and_20_since_june_2023(site):
    text = words(site, "/nanjing/nianxian/")
    assert lacks(text, "男25年", "女20年", "江苏统一规定", "2023年6月1日起") == []


def test_wulumuqi_asks_15_actual_years(site):
    text = words(site, "/wulumuqi/nianxian/")
    assert lacks(text, "男25年", "女20年") == []
    assert re.search(r"最低实际缴费年限.{0,6}15年", text)


def test_men_in_shenyang_reach_30_years_in_2028(site):
    text = words(site, "/shenyang/nianxian/")
    assert re.search(r"男，2028年1月1日起退休30年", text)


def test_beijing_pays_460_435_and_795_for_2026(site):
    text = words(site, "/beijing/jumin/")
    assert lacks(text, "460", "435", "795", "2026年度") == []


@pytest.mark.parametrize(("city", "fees"), [("xiamen", ["450"]), ("tongren", ["400", "1,100"])])
def test_city_shows_its_fee_of_2026(site, city, fees):
    assert lacks(words(site, f"/{city}/jumin/"), *fees, "2026年度") == []


def test_city_without_a_fee_shows_the_national_minimum_and_its_year(site):
    text = words(site, "/mianyang/jumin/")
    assert lacks(text, "没有查到", "最低标准", "400元", "2026年度") == []


def test_nothing_is_said_of_the_fee_of_2027(site):
    for city in ("beijing", "xiamen", "mianyang"):
        text = words(site, f"/{city}/jumin/")
        assert not re.search(r"2027年度[^没]{0,6}[0-9]+元", text)


def test_pages_that_are_not_indexed_say_so_and_others_do_not(site):
    def robots(url: str) -> bool:
        return "noindex,follow" in (site / file_of(url)).read_text(encoding="utf-8")

    assert robots("/alashan/huaru/") and robots("/404.html") and robots("/suzhou/")
    assert not robots("/") and not robots("/wuhan/huaru/") and not robots("/zhinan/huaru/")


@pytest.mark.parametrize("topic", ["huaru", "nianxian", "jumin"])
def test_national_table_names_every_pool_once(site, topic):
    tree = LexborHTMLParser((site / f"biao/{topic}/index.html").read_text(encoding="utf-8"))
    links = [node.attributes["href"] for node in tree.css("tbody th a, section .places a")]
    pools = [link for link in links if link.endswith(f"/{topic}/")]
    assert len(pools) == len(set(pools)) == 370


def test_rule_of_a_whole_province_stands_once_in_the_national_table(site):
    tree = LexborHTMLParser((site / "biao/jumin/index.html").read_text(encoding="utf-8"))
    (hebei,) = (node for node in tree.css("section") if node.css_first("h2").text() == "河北")
    assert [node.text() for node in hebei.css("tbody th")] == ["河北统一"]
    assert len(hebei.css(".places a")) == 11


def test_page_of_a_source_says_where_it_is_used(site):
    text = words(site, "/laiyuan/wuhan--hk01-2023-02/")
    assert lacks(text, "武汉", "每月", "83元", "新闻报道") == []


# ── What is known of each pool ──


def test_every_pool_has_a_line_with_level_and_date_on_the_quality_page_of_its_province(site):
    found = {}
    for path in (site / "zhiliang").glob("*/index.html"):
        tree = LexborHTMLParser(path.read_text(encoding="utf-8"))
        for row in tree.css("main dl.entries > div"):
            link = row.css_first("dt a")
            assert link is not None
            found[link.attributes["href"]] = [
                cell.text().strip() for cell in row.css("dd") if not cell.css("details")
            ]
    assert len(found) == 370
    assert all(len(cells) == 4 for cells in found.values())
    level = r".+：(未查到|(官方资料|据文件转引|二手资料) (当地|照全省)，.+)"
    assert {
        cell for cells in found.values() for cell in cells if not re.fullmatch(level, cell)
    } == set()
    assert "照全省" in found["/changsha/"][1]


def test_quality_page_lists_every_figure_that_is_a_pools_own(site):
    html = (site / file_of("/zhiliang/guangdong/")).read_text(encoding="utf-8")
    for row in LexborHTMLParser(html).css("main dl.entries > div"):
        if row.css_first('dt a[href="/shenzhen/"]'):
            own = row.css_first("details")
            assert own is not None
            assert "实际缴费" in own.text()
            assert "二手资料" in own.text()
            return
    raise AssertionError("no line of 深圳")


# ── What a reader of today does not need stands behind a fold ──


def test_shenzhen_years_of_those_who_retired_before_are_folded(site):
    html = (site / file_of("/shenzhen/nianxian/")).read_text(encoding="utf-8")
    ledger = LexborHTMLParser(html).css_first('section[data-fact="years.minimum"]')
    assert ledger is not None
    fold = ledger.css_first("details")
    assert fold is not None
    assert "2014年退休" in fold.text()
    fold.decompose()
    assert "2014年退休" not in ledger.text()
    assert "2030年1月1日起退休" in ledger.text()


def test_a_payment_window_that_is_over_says_so(site):
    assert "已经截止，新的日期打12393问" in words(site, "/beijing/jumin/")


def test_bingtuan_does_not_take_the_years_of_the_region_for_its_own(site):
    assert "25年" not in words(site, "/shihezi/nianxian/")
    assert "每年400元" in words(site, "/shihezi/jumin/")


def test_national_refund_rule_stays_in_sight_where_a_province_adds_to_it(site):
    text = words(site, "/hangzhou/tuifei/")
    assert lacks(text, "不予退还", "可以申请退个人缴费") == []


def test_what_shared_money_may_pay_is_not_narrowed_by_an_older_local_text(site):
    for city, added in (("hangzhou", "浙江还可以"), ("shanghai", "上海还可以")):
        assert lacks(words(site, f"/{city}/gongji/"), "居民医保个人缴费", added) == []
