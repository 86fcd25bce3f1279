"""Chinese words for dates, money, shares, bands and bases: one place, one wording each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from sitegen.model import Axis, Base, Bound, Entry, PhoneArea, Row, Vocabulary, When

LEVEL = {
    "primary": "官方资料",
    "quoted": "据文件转引",
    "reported": "二手资料",
    "unverified": "待核实",
}

SOURCE_KIND = {
    "official_text": "文件全文或其转载",
    "official_page": "官方网页或其转载",
    "news": "新闻报道",
    "third_party": "第三方网页（二手资料）",
    "vendor": "平台方说明",
    "repo": "公开代码库",
}

PER = {"month": "每月", "year": "每年", "once": "每次"}

CARRIER = {
    "app": "App",
    "wechat_mini": "微信小程序",
    "alipay_mini": "支付宝小程序",
    "wechat_official": "微信公众号",
    "website": "网站",
    "phone": "电话",
    "wechat": "微信",
    "alipay": "支付宝",
    "unionpay": "云闪付",
    "mini": "小程序",
}

TASK = {
    "yue": "查余额",
    "jilu": "查缴费记录",
    "xiaofei": "查消费记录",
    "canbao": "查参保信息",
    "jumin": "缴居民医保",
    "dengji": "参保登记",
    "gongji": "家庭共济",
    "qinqing": "亲情账户",
    "yibaoma": "医保码",
    "zhuanyi": "关系转移",
    "yidi": "异地就医备案",
    "pingzheng": "打印凭证",
    "zixun": "咨询",
    "fangpian": "核实诈骗",
    "xinshenger": "新生儿免缴确认",
}


def day_text(day: date) -> str:
    """2026年11月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


NO_DATE = "未注明日期"


def when_text(when: When, unstated: str = NO_DATE) -> str:
    """2023年2月1日, 2023年2月, 2023年, or the words for a day that nobody stated."""
    if when.precision == "unstated":
        return unstated
    if when.precision == "year":
        return f"{when.day.year}年"
    if when.precision == "month":
        return f"{when.day.year}年{when.day.month}月"
    return day_text(when.day)


def iso_text(when: When) -> str:
    """2023-02-01, 2023-02 or 2023, as precise as it is known; empty where nobody stated it."""
    length = {"day": 10, "month": 7, "year": 4, "unstated": 0}[when.precision]
    return when.day.isoformat()[:length]


def years_ago(months: int) -> str:
    """一年多前, 三年前, 21年前: how long ago something was, in whole years."""
    years = months // 12
    if years < 2:
        return "一年多前" if years else "不到一年前"
    return f"{'零一两三四五六七八九'[years]}年前" if years < 10 else f"{years}年前"


def number_text(number: Decimal) -> str:
    """The digits as written, with thousands marks: 158.20, 1,680."""
    return f"{number:,f}"


def share_text(share: Decimal) -> str:
    """0.025 → 2.5%."""
    percent = (share * 100).normalize()
    return f"{percent:f}%"


def band_text(axis: Axis, low: Bound, high: Bound | None) -> str:
    """A band of an ordered axis from ``low`` up to but not including ``high``."""
    if axis.unit == "date":
        return _date_band(axis, low, high)
    unit = {"age": "岁", "waited": "个月", "missed": "年"}.get(axis.id, "")
    if high is None:
        return f"满{low}{unit}" if low else "不分年龄" if axis.id == "age" else "不分"
    return f"不满{high}{unit}" if not low else f"满{low}、不满{high}{unit}"


def _date_band(axis: Axis, low: Bound, high: Bound | None) -> str:
    verb = {"retired": "退休", "born": "出生", "enrolled": "首次参保", "started": "参加工作"}
    did = verb.get(axis.id, "")
    since = low if isinstance(low, date) and low != date.min else None
    until = high if isinstance(high, date) else None
    if since and until and _is_year(since, until):
        return f"{since.year}年{did}"
    if since and until:
        return f"{day_text(since)}以后、{day_text(until)}以前{did}"
    if since:
        return f"{day_text(since)}起{did}"
    return f"{day_text(until)}以前{did}" if until else f"不分{did}时间"


def _is_year(since: date, until: date) -> bool:
    starts = (since.month, since.day) == (until.month, until.day) == (1, 1)
    return starts and until.year == since.year + 1


def row_labels(rows: tuple[Row, ...], vocabulary: Vocabulary) -> list[str]:
    """A label for each row: its categories, then its band."""
    labels = []
    for row in rows:
        names = []
        band = ""
        for name, low in row.bounds.items():
            axis = vocabulary.axes[name]
            if axis.kind == "category":
                names.append(axis.values[str(low)])
            else:
                high = next_bound(row, rows, name)
                has_siblings = high is not None or low not in (0, date.min)
                band = band_text(axis, low, high) if has_siblings or len(row.bounds) == 1 else ""
        labels.append("，".join([*names, band] if band else names))
    return labels


def next_bound(row: Row, rows: tuple[Row, ...], axis: str) -> Bound | None:
    """The bound where the band of ``row`` ends: the next one among its siblings."""
    higher = [
        other.bounds[axis]
        for other in rows
        if all(other.bounds[n] == b for n, b in row.bounds.items() if n != axis)
        and other.bounds[axis] > row.bounds[axis]  # type: ignore[operator]
    ]
    return min(higher, default=None)


_SCOPE = {"pool": "当地", "province": "全省（区）", "group": "同类人员", "unstated": "", "": ""}
_GROUP = {"public": "机关事业单位退休人员", "enterprise": "企业退休人员", "all": "", "": ""}
_OF = {
    "average_pension": "平均基本养老金",
    "own_pension": "本人养老金",
    "average_wage": "职工平均工资",
    "own_contribution_base": "本人缴费基数",
    "own_wage": "本人工资",
    "account_base": "个人账户计入基数",
    "employer_premium": "单位缴费",
    "fixed": "缴费基数",
    "unstated": "基数（出处没有写明）",
}


def _year_text(year: str) -> str:
    words = {"reform": "改革当年", "previous": "上一年", "retirement": "退休当月"}
    return words.get(year, f"{year}年" if year.isdigit() else "")


def base_text(base: Base, place: str = "当地") -> str:
    """The base in words: 当地2021年平均基本养老金."""
    scope = {"pool": place}.get(base.scope, _SCOPE[base.scope])
    if base.of.startswith("own"):
        who, when = "", _year_text(base.year)
        text = f"{who}{when}{_OF[base.of]}" if not when else f"{when}的{_OF[base.of]}"
    else:
        year = _year_text(base.year)
        text = f"{scope}{year}{_GROUP[base.group]}{_OF[base.of]}"
    if base.yuan is not None:
        text += f"（{number_text(base.yuan)}元）"
    if base.floor is not None:
        text += f"（低于{base_text(base.floor, place)}的，按后者）"
    return text


def share_sentence(share: Decimal, base: Base | None, place: str = "当地") -> str:
    """当地2021年平均基本养老金的2.5%, with 左右 where the source says about."""
    about = "左右" if base and base.approximate else ""
    of = f"{base_text(base, place)}的" if base else ""
    return f"{of}{share_text(share)}{about}"


def since_text(entry: Entry, is_yearly: bool = False) -> str:
    """2022年9月1日起, 2026年度 for what is fixed by the year, or that no day is stated."""
    if is_yearly and entry.start.is_stated:
        return f"{entry.start.day.year}年度"
    if not entry.start.is_stated:
        return "资料没写从哪天起"
    return f"{when_text(entry.start)}起"


def until_text(next_start: When, is_yearly: bool = False) -> str:
    """到2022年8月31日, where the next entry starts on the day after; empty for a year of cover."""
    if is_yearly or not next_start.is_stated:
        return ""
    if next_start.precision == "day":
        return f"到{day_text(next_start.day - timedelta(days=1))}"
    return f"到{when_text(next_start)}改"


def outside_number(phone: PhoneArea | None, line: str = "12393") -> str:
    """The number to dial from outside: 0816-12393; empty where no area code is safe."""
    if phone is None or not phone.code or phone.status not in ("agreed", "merged", "single"):
        return ""
    return f"{phone.code}-{line}"


def labels_of(words: tuple[str, ...], names: Mapping[str, str]) -> str:
    """Several words of a list as one phrase: 微信小程序、支付宝小程序."""
    return "、".join(names[word] for word in words if word in names)
