"""Calculators in a real browser: one sentence, one number, its label; words for every mistake."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from browser import CHINA, SiteServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOW = "2026-11-22T09:00:00+08:00"


@pytest.fixture(scope="module")
def page(browser: Browser, site) -> Iterator[Page]:
    """A page of the whole site; the clock of the browser stands on 22 November 2026."""
    with SiteServer(site) as server:
        context = browser.new_context(**CHINA, base_url=server.url, service_workers="block")
        tab = context.new_page()
        tab.clock.set_fixed_time(NOW)
        yield tab
        context.close()


@pytest.fixture
def asked(page: Page) -> Callable[[str, str], str]:
    """Opens an address whose query fills a calculator; returns what it answers."""

    def ask(address: str, topic: str = "huaru") -> str:
        page.goto(address)
        answer = page.locator(f"[data-calc={topic}] .calc__answer")
        answer.filter(has_text="。").wait_for()
        return answer.inner_text()

    return ask


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/beijing/huaru/?y=1955&m=3", "现在满71岁：每月划入110元，扣除后到账107元"),
        ("/beijing/huaru/?y=1956&m=11", "这个月满70岁：生日以前每月划入100元"),
        ("/beijing/huaru/?y=1956&m=12", "现在满69岁：每月划入100元，扣除后到账97元"),
        ("/beijing/huaru/?y=1956&m=12", "2026年12月满70岁以后，每月划入110元"),
        ("/shanghai/huaru/?y=1960&m=2", "2035年2月满75岁以后，每年划入1,890元"),
        ("/tianjin/huaru/?veteran=other&y=1956&m=10", "现在满70岁：每月划入50元，一年600元"),
        ("/tianjin/huaru/?veteran=old_worker&y=1930&m=1", "每月划入60元"),
        ("/shenzhen/huaru/?paying=monthly", "不划入"),
        ("/shenzhen/huaru/?paying=stopped", "每月划入251元"),
    ],
)
def test_one_sentence_says_what_is_credited(asked, address, words):
    assert words in asked(address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        # 沈阳: 29 years for a man who retires in 2027, a year more each year.
        (
            "/shenyang/nianxian/?gender=male&retired-y=2027&retired-m=3"
            "&actual-y=20&actual-m=6&local-y=20&local-m=6&deemed-y=3&deemed-m=0",
            "要交满29年，其中实际缴费10年。你到现在有23年6个月，还差5年6个月。",
        ),
        (
            "/shenyang/nianxian/?gender=male&retired-y=2027&retired-m=3"
            "&actual-y=20&actual-m=6&local-y=20&local-m=6&deemed-y=3&deemed-m=0",
            "还能交4个月，到时候还差5年2个月。",
        ),
        (
            "/shenyang/nianxian/?gender=female&retired-y=2026&retired-m=11"
            "&actual-y=25&actual-m=0&local-y=25&local-m=0&deemed-y=0&deemed-m=0",
            "你到现在有25年，已经够了。",
        ),
        # 湖南: enough years, but too few of them paid.
        (
            "/changsha/nianxian/?gender=male&retired-y=2027&retired-m=11"
            "&actual-y=12&actual-m=0&local-y=12&local-m=0&deemed-y=20&deemed-m=0",
            "你到现在有32年，实际缴费还差2年。",
        ),
        # 福州: years from elsewhere count for the total, not for the ten years paid there.
        (
            "/fuzhou-fujian/nianxian/?retired-y=2026&retired-m=12"
            "&actual-y=25&actual-m=0&local-y=8&local-m=0&deemed-y=0&deemed-m=0",
            "你到现在有25年，实际缴费还差2年。",
        ),
        # 中山 counts no deemed years.
        (
            "/zhongshan/nianxian/?gender=male&retired-y=2031&retired-m=11"
            "&actual-y=12&actual-m=0&local-y=12&local-m=0&deemed-y=10&deemed-m=0",
            "这里不算视同缴费年限。",
        ),
        # 深圳: nobody has found the years from 2025 to 2029.
        (
            "/shenzhen/nianxian/?gender=male&retired-y=2028&retired-m=11"
            "&actual-y=12&actual-m=0&local-y=12&local-m=0&deemed-y=10&deemed-m=0",
            "要交满几年，（2025至2029年逐年的数没有查到）没有查到，请打12393问。",
        ),
        (
            "/shenzhen/nianxian/?gender=male&retired-y=2031&retired-m=11"
            "&actual-y=12&actual-m=0&local-y=12&local-m=0&deemed-y=10&deemed-m=0",
            "到时候规定会变，这里按退休那天的算。",
        ),
        # 成都: fifteen years in a row, or twenty in all.
        (
            "/chengdu/nianxian/?years.continuous-y=12&years.continuous-m=0"
            "&years.cumulative-y=16&years.cumulative-m=0",
            "照上面的条件，至少还差3年。",
        ),
        (
            "/chengdu/nianxian/?years.continuous-y=2&years.continuous-m=0"
            "&years.cumulative-y=20&years.cumulative-m=0",
            "照上面的条件，已经够了。",
        ),
        # 珠海 asks for something that cannot be computed.
        (
            "/zhuhai/nianxian/?years.cumulative-y=21&years.cumulative-m=0",
            "还有一条，我们算不了",
        ),
    ],
)
def test_years_that_are_missing_are_counted_on_the_day_of_retirement(asked, address, words):
    assert words in asked(address, "nianxian")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/wuhan/duanjiao/?last=2025&year=2026&late=in_window", "不用等"),
        ("/wuhan/duanjiao/?last=2025&year=2026&late=after_window", "交了以后先等3个月才能报"),
        ("/wuhan/duanjiao/?last=2025&year=2026&late=after_window", "全国的规定"),
        ("/qingdao/duanjiao/?last=2024&year=2027&late=in_window", "一共4个月才能报"),
        ("/tianjin/duanjiao/?last=2024&year=2026&late=in_window", "头一年加不加，没有查到"),
        ("/xian/duanjiao/?last=2024&year=2026&late=in_window", "2026年4月1日起能报"),
        ("/xian/duanjiao/?last=2020&year=2026&late=in_window", "2025年以前断的年份算不算"),
        ("/nanjing/duanjiao/?last=2024&year=2026&late=in_window", "最长不超过2个月"),
    ],
)
def test_resident_is_told_how_long_to_wait(asked, address, words):
    assert words in asked(address, "jumin")


def test_year_of_cover_that_is_not_offered_has_to_be_chosen(page):
    page.goto("/shihezi/duanjiao/?last=2024&year=2030&late=in_window")
    section = page.locator("[data-calc=jumin]")
    section.get_by_role("button").click()
    assert section.locator(".calc__mistake").inner_text() == "请选一个"


@pytest.mark.parametrize(
    ("city", "insured", "paid", "answer"),
    [
        ("wuhan", "unit", 8, "不超过3个月，可以补交。|2026年11月交的，2026年12月1日起能报。"),
        ("wuhan", "unit", 7, "不超过3个月，可以补交。|2026年11月交的，2026年12月1日起能报。"),
        ("wuhan", "unit", 6, "超过了能补的3个月。|2026年11月交的，2027年2月1日起能报。"),
        ("wuhan", "flexible", 6, "超过了能补的3个月。|2026年11月交的，2027年5月1日起能报。"),
        ("shanghai", "flexible", 6, "超过了能补的3个月。|交了以后先等6个月。|哪天起能报，没有查到"),
        ("shanghai", "unit", 6, "断了多久还能补，没有查到"),
        ("tianjin", "unit", 8, "全国规定：断了不超过3个月，可以按转入地的规定补交。"),
        ("tianjin", "unit", 6, "等几个月由当地定，最长6个月。|哪天起能报，没有查到"),
        ("hangzhou", "flexible", 6, "断的月份能不能补，没有查到|2027年1月1日起能报"),
        ("chengdu", "unit", 6, "不超过4个月，可以补交。"),
        ("chengdu", "unit", 5, "超过了能补的4个月。"),
        ("beijing", "unit", 10, "月份连着，没有断。"),
    ],
)
def test_employee_is_told_what_holds_for_the_months_that_are_missing(
    asked, city, insured, paid, answer
):
    query = f"insured={insured}&paid-y=2026&paid-m={paid}&again-y=2026&again-m=11"
    found = asked(f"/{city}/duanjiao/?{query}", "zhigong")
    assert [part for part in answer.split("|") if part not in found] == []


def test_repaid_months_shorten_the_wait_where_a_rule_says_so(asked):
    start = "/fuzhou-fujian/duanjiao/?insured=unit&paid-y=2026&paid-m=1&again-y=2026&again-m=11"
    assert "先等3个月" in asked(f"{start}&made_up=paid", "zhigong")
    assert "先等6个月" in asked(f"{start}&made_up=unpaid", "zhigong")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "/beijing/jumin/?year=2026&group=elder&late=in_window",
            "2026年度，老年人（出处写“城乡老年人”）：个人一年交460元。",
        ),
        (
            "/beijing/jumin/?year=2027&group=elder&late=in_window",
            "2027年度你这一类交多少，没有查到",
        ),
        (
            "/shanghai/jumin/?year=2026&group=elder&y=1956&m=5&late=in_window",
            "一年870元或者700元，按哪天的年龄算",
        ),
        ("/shanghai/jumin/?year=2026&group=elder&y=1955&m=12&late=in_window", "一年交700元"),
        ("/shanghai/jumin/?year=2026&group=elder&y=1957&m=1&late=in_window", "一年交870元"),
        ("/shenzhen/jumin/?year=2026&group=adult&late=in_window", "每月交47.32元"),
        ("/tongren/jumin/?year=2026&late=after_window", "一年交1,100元"),
        ("/tongren/jumin/?year=2026&late=in_window", "一年交400元"),
        ("/qingdao/jumin/?year=2026&group=adult&late=in_window", "你这一类另有规定"),
        ("/chengdu/jumin/?year=2026&group=child&tier=two&late=in_window", "没有这一档"),
        ("/zhengzhou/jumin/?year=2026&late=after_window", "先等3个月才能报"),
    ],
)
def test_fee_is_the_one_of_the_year_and_of_the_group(asked, address, words):
    assert words in asked(address, "jumin")


def test_who_retired_already_is_sent_to_ask(page):
    page.goto("/beijing/nianxian/")
    form = page.locator("[data-calc=nianxian]")
    form.get_by_label("男").check()
    for name, value in (("retired-y", "2020"), ("retired-m", "1"), ("actual-y", "20")):
        form.locator(f"[name={name}]").fill(value)
    form.locator("[name=deemed-m]").fill("0")
    form.get_by_role("button").click()
    assert "已经退休的，按退休那年的规定" in form.locator(".calc__mistake").inner_text()


@pytest.mark.parametrize("guide", ["huaru", "nianxian", "duanjiao", "jumin"])
def test_scripts_of_a_page_weigh_less_than_six_kilobytes(page, site, guide):
    loaded: list[str] = []
    page.on("response", lambda response: loaded.append(response.url))
    page.goto(f"/shenzhen/{guide}/", wait_until="networkidle")
    scripts = {url.partition("/assets/")[2] for url in loaded if url.endswith(".js")}
    assert {"site.js", "form.js", "rules.js", f"{guide}.js"} <= {
        path.rpartition("/")[2] for path in scripts
    }
    sizes = [len(gzip.compress((site / "assets" / path).read_bytes(), 9)) for path in scripts]
    assert sum(sizes) <= 6_000


def test_address_of_a_topic_leads_on_to_its_city_with_what_was_typed(page):
    page.goto("/jisuan/huaru/?city=beijing&y=1955&m=3")
    page.wait_for_url("**/beijing/huaru/?y=1955&m=3#suan")
    assert "110元" in page.locator("[data-calc=huaru] .calc__answer").inner_text()


def test_city_that_does_not_exist_is_named_and_the_list_stays(page):
    page.goto("/jisuan/huaru/?city=atlantis&y=1955")
    assert "没有“atlantis”这个城市" in page.locator("main [role=status]").first.inner_text()
    assert page.locator("#chengshi").get_by_role("link", name="北京").is_visible()


def test_every_city_is_listed_by_every_topic_once(site):
    for topic in ("huaru", "nianxian", "duanjiao", "jumin"):
        html = (site / "jisuan" / topic / "index.html").read_text("utf-8")
        links = re.findall(f'href="/([a-z-]+)/{topic}/(?:#suan)?"', html.partition("<main")[2])
        own = [slug for slug in links if slug != "zhinan"]
        assert len(own) == len(set(own)) == 370


def test_label_of_the_figure_stays_in_the_answer(asked):
    assert "二手资料，资料日期2023年9月8日，可能已调整" in asked("/beijing/huaru/?y=1955&m=3")


def test_employee_gets_the_share_of_the_own_base(asked):
    answer = asked("/beijing/huaru/?base=6812.35", "zaizhi")
    assert answer.startswith("缴费基数6,812.35元：每月划入136.25元")


def test_answer_can_be_sent_as_an_address(page):
    page.goto("/beijing/huaru/")
    form = page.locator("[data-calc=huaru]")
    form.locator("[name=y]").fill("１９５５年")
    form.locator("[name=m]").fill("3月")
    form.get_by_role("button").click()
    first = form.locator(".calc__answer").inner_text()
    page.goto(page.url)
    assert form.locator(".calc__answer").inner_text() == first != ""


@pytest.mark.parametrize(
    ("year", "month", "words"),
    [
        ("55", "3", "请填4位数的年份"),
        ("", "", "请填4位数的年份"),
        ("1955", "13", "月份请填1到12"),
        ("1955", "三", "月份请填1到12"),
        ("2030", "1", "这个年份好像不对"),
        ("1800", "1", "请填4位数的年份"),
        ("1901", "1", "这个年份好像不对"),
    ],
)
def test_mistake_gets_a_sentence_and_what_was_typed_stays(page, year, month, words):
    page.goto("/beijing/huaru/")
    form = page.locator("[data-calc=huaru]")
    form.locator("[name=y]").fill(year)
    form.locator("[name=m]").fill(month)
    form.get_by_role("button").click()
    assert words in form.locator(".calc__mistake").inner_text()
    assert form.locator("[name=y]").input_value() == year
    assert form.locator(".calc__answer").inner_text() == ""
    wrong = page.evaluate("document.activeElement.getAttribute('aria-describedby')")
    assert page.locator(f"#{wrong}").inner_text() == form.locator(".calc__mistake").inner_text()


def test_nothing_is_asked_of_the_network_while_it_calculates(page):
    page.goto("/beijing/huaru/", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    form = page.locator("[data-calc=huaru]")
    form.locator("[name=y]").fill("1955")
    form.locator("[name=m]").fill("3")
    form.get_by_role("button").click()
    form.locator(".calc__answer").filter(has_text="110元").wait_for()
    assert [url for url in asked if not url.endswith("favicon.svg")] == []


@pytest.mark.parametrize("city", ["guangzhou", "dalian", "alashan", "nanjing"])
def test_where_no_amount_depends_on_the_person_there_is_no_form(page, city):
    page.goto(f"/{city}/huaru/")
    assert page.locator("[data-calc=huaru]").count() == 0


def test_form_is_left_out_on_paper(page):
    page.goto("/beijing/huaru/")
    form = page.locator("[data-calc=huaru]")
    assert form.is_visible()
    page.emulate_media(media="print")
    assert not form.is_visible()
    page.emulate_media(media="screen")
