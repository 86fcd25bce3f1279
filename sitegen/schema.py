"""The shape of every file under ``rules/``, written once.

A shape reads a node into plain Python data and reports every problem on its way with place,
finding, expectation and nearest spelling. ``load.py`` turns the data into the model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Protocol
from urllib.parse import urlsplit

from sitegen.kinds import CHANGE_KINDS
from sitegen.model import Place, Problem, When, clip
from sitegen.yamlfile import Node

Report = Callable[[Problem], None]


class Invalid:
    """What a shape returns where it has reported a problem."""

    def __bool__(self) -> bool:
        return False


INVALID = Invalid()


def nearest(word: str, words: Sequence[str]) -> str:
    """The spelling among ``words`` that ``word`` was probably meant to be, or nothing."""
    found = get_close_matches(word, words, n=1, cutoff=0.6)
    return found[0] if found else ""


class Shape(Protocol):
    """``read`` returns the data of a node, or ``INVALID`` after reporting why."""

    def read(self, node: Node, report: Report) -> Any: ...


def _shown(node: Node) -> str:
    if not isinstance(node.value, str):
        return f"这里是{node.kind}"
    return f"这里是“{clip(node.value)}”" if node.value else "这里是空的"


@dataclass(frozen=True)
class TextOf:
    """Text of a certain form; ``expect`` names the form in Chinese."""

    expect: str = "一段文字"
    pattern: str = r"\S(?:.*\S)?"
    max_length: int = 300

    def read(self, node: Node, report: Report) -> str | Invalid:
        text = node.value
        if isinstance(text, str) and re.fullmatch(self.pattern, text):
            if len(text) <= self.max_length:
                return text
            report(Problem(node.at, f"太长，有 {len(text)} 字", f"最多 {self.max_length} 字"))
            return INVALID
        report(Problem(node.at, _shown(node), f"应为{self.expect}"))
        return INVALID


@dataclass(frozen=True)
class OneOf:
    """One of a closed list of words."""

    words: tuple[str, ...]

    def read(self, node: Node, report: Report) -> str | Invalid:
        if isinstance(node.value, str) and node.value in self.words:
            return node.value
        expected = f"应为 {'、'.join(self.words)}"
        expected += " 之一" if len(self.words) > 1 else "，不是就删掉这个字段"
        near = nearest(node.value, self.words) if isinstance(node.value, str) else ""
        report(Problem(node.at, _shown(node), expected, near))
        return INVALID


NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")
MINUS_ZERO = re.compile(r"-0(?:\.0+)?")


@dataclass(frozen=True)
class NumberOf:
    """A number as a ``Decimal`` that keeps its written digits."""

    expect: str = "数字，例如 85 或 158.20"
    in_fen: bool = False

    def read(self, node: Node, report: Report) -> Decimal | Invalid:
        text = node.value
        if isinstance(text, str) and NUMBER.fullmatch(text) and not MINUS_ZERO.fullmatch(text):
            if not self.in_fen or Decimal(text) * 100 % 1 == 0:
                return Decimal(text)
            report(Problem(node.at, f"{text} 的小数太多", "金额写到分，最多两位小数"))
            return INVALID
        report(Problem(node.at, _shown(node), f"应为{self.expect}"))
        return INVALID


def read_day(text: str) -> date | None:
    """The day that ``2023-02-01`` names, ``None`` for any other text or an impossible day."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_when(text: str) -> When | None:
    """``2023-02-01``, ``2023-02``, ``2023`` or ``unstated``; ``None`` for any other text."""
    if text == "unstated":
        return When(date.min, "unstated")
    for precision, tail in (("day", ""), ("month", "-01"), ("year", "-01-01")):
        if len(text) + len(tail) == 10 and (day := read_day(text + tail)):
            return When(day, precision)
    return None


@dataclass(frozen=True)
class DayOf:
    """A full day."""

    def read(self, node: Node, report: Report) -> date | Invalid:
        day = read_day(node.value) if isinstance(node.value, str) else None
        if day:
            return day
        report(Problem(node.at, _shown(node), "应为日期，例如 2023-02-01"))
        return INVALID


@dataclass(frozen=True)
class WhenOf:
    """A day as precisely as the source gives it."""

    def read(self, node: Node, report: Report) -> When | Invalid:
        when = read_when(node.value) if isinstance(node.value, str) else None
        if when:
            return when
        expected = "应为 2023-02-01、2023-02、2023，出处没写就写 unstated"
        report(Problem(node.at, _shown(node), expected))
        return INVALID


@dataclass(frozen=True)
class ListOf:
    """A list of one shape, with at least ``least`` items."""

    shape: Shape
    expect: str
    least: int = 1

    def read(self, node: Node, report: Report) -> list[Any] | Invalid:
        if not isinstance(node.value, list):
            report(Problem(node.at, _shown(node), f"应为列表，每项{self.expect}前写一个短横"))
            return INVALID
        if len(node.value) < self.least:
            report(Problem(node.at, "列表是空的", f"至少写一项{self.expect}"))
            return INVALID
        items = [self.shape.read(item, report) for item in node.value]
        return INVALID if any(item is INVALID for item in items) else items


class Data(dict[str, Any]):
    """What a record or map reads into, with its own place.

    ``places`` are those of the values of a record's fields, and of the keys of a map.
    """

    def __init__(self, at: Place, places: Mapping[str, Place]) -> None:
        super().__init__()
        self.at = at
        self.places = places


@dataclass(frozen=True)
class MapOf:
    """A map from names of one form to one shape. What cannot be read is left out."""

    key: TextOf
    shape: Shape
    expect: str

    def read(self, node: Node, report: Report) -> Data | Invalid:
        if not isinstance(node.value, dict):
            report(Problem(node.at, _shown(node), f"应为{self.expect}"))
            return INVALID
        data = Data(node.at, node.keys)
        for name, item in node.value.items():
            read_name = self.key.read(Node(name, node.keys[name]), report)
            value = self.shape.read(item, report)
            if read_name is not INVALID and value is not INVALID:
                data[name] = value
        return data


@dataclass(frozen=True)
class Field:
    """A field of a record; ``says`` tells an editor in Chinese what belongs there."""

    shape: Shape
    required: bool = False
    says: str = ""


@dataclass(frozen=True)
class Record:
    """A map with known fields. A field that cannot be read makes the record ``INVALID``.

    A ``is_lenient`` record leaves such a field out, if it is not required: then the rest of
    a large file is read too, and all of its problems are told at once.
    """

    name: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    is_lenient: bool = False

    def read(self, node: Node, report: Report) -> Data | Invalid:
        if not isinstance(node.value, dict):
            report(Problem(node.at, _shown(node), f"应为{self.name}的各个字段"))
            return INVALID
        places = {name: item.at for name, item in node.value.items()}
        data = Data(node.at, places)
        is_whole = True
        for name, item in node.value.items():
            if name not in self.fields:
                report(unknown_field(self.name, name, node.keys[name], tuple(self.fields)))
                is_whole = self.is_lenient and is_whole
                continue
            value = self.fields[name].shape.read(item, report)
            if value is INVALID:
                is_whole = self.is_lenient and not self.fields[name].required and is_whole
            else:
                data[name] = value
        # A misspelt field was told of already, with its nearest spelling.
        misspelt = {nearest(n, tuple(self.fields)) for n in node.value if n not in self.fields}
        for name, known in self.fields.items():
            if known.required and name in misspelt:
                is_whole = False
            elif known.required and name not in node.value:
                report(Problem(node.at, f"{self.name}缺少字段“{name}”", "这一项必须写"))
                is_whole = False
        return data if is_whole else INVALID


def unknown_field(record: str, name: str, at: Place, known: tuple[str, ...]) -> Problem:
    """The problem of a field that a record does not have."""
    expected = f"可以写 {'、'.join(known)}"
    return Problem(at, f"{record}里没有“{clip(name)}”这个字段", expected, nearest(name, known))


@dataclass(frozen=True)
class AsIs:
    """A node that the loader reads itself, because its form depends on other fields."""

    def read(self, node: Node, report: Report) -> Node:
        return node


@dataclass(frozen=True)
class AddressOf:
    """An address of the web: http or https, a host, no user, no blanks."""

    def read(self, node: Node, report: Report) -> str | Invalid:
        text = TextOf("网址，以 https:// 或 http:// 开头", r"https?://\S+", 500).read(node, report)
        if isinstance(text, Invalid):
            return INVALID
        try:
            parts = urlsplit(text)
            is_good = bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        except ValueError:
            is_good = False
        if is_good and re.fullmatch(r"[\w.-]+(?::[0-9]+)?", parts.netloc):
            return text
        report(Problem(node.at, f"网址“{clip(text)}”的域名不对", "应为 https://域名/… 这样"))
        return INVALID


@dataclass(frozen=True)
class Placed:
    """A shape together with the place of what was read."""

    shape: Shape

    def read(self, node: Node, report: Report) -> tuple[Any, Place] | Invalid:
        data = self.shape.read(node, report)
        return INVALID if data is INVALID else (data, node.at)


# No file may be called con and the like on Windows, whatever its suffix.
SLUG = TextOf("拼音短名，例如 suzhou-jiangsu", r"(?!(?:con|prn|aux|nul)$)[a-z]+(?:-[a-z]+)*", 40)
SOURCE_ID = TextOf("出处代号，例如 sbw-2023-08", r"[a-z0-9]+(?:[.-][a-z0-9]+)*", 60)
SOURCE_REF = TextOf(
    "出处代号，例如 sbw-2023-08 或 hubei/sbw-2023-05",
    r"(?:[a-z-]+/)?[a-z0-9]+(?:[.-][a-z0-9]+)*",
    100,
)
ADDRESS = AddressOf()
NAME = TextOf("名字", max_length=120)
SENTENCE = TextOf("一两句话", max_length=400)
YES = OneOf(("yes",))

LEVELS = ("nation", "province", "pool", "direct")
VERIFIED = ("primary", "quoted", "reported", "unverified")
SOURCE_KINDS = ("official_text", "official_page", "news", "third_party", "vendor", "repo")
CATEGORIES = (
    *("hotline", "national_app", "national_site", "yibao_site", "yibao_hall", "yibao_app"),
    *("gov_app", "gov_portal", "tax", "wechat", "mini", "alipay", "unionpay", "bank_app"),
)
CARRIERS = (
    *("app", "wechat_mini", "alipay_mini", "wechat_official", "website", "phone"),
    *("wechat", "alipay", "unionpay", "mini"),
)
TASKS = (
    *("yue", "jilu", "xiaofei", "canbao", "jumin", "dengji", "gongji", "qinqing", "yibaoma"),
    *("zhuanyi", "yidi", "pingzheng", "zixun", "fangpian", "xinshenger", "qita"),
)

PHONE_AREA = Record(
    "区号",
    {
        "code": Field(TextOf("区号，例如 0816", r"0[0-9]{2,3}"), says="打长途时在前面拨的区号"),
        "status": Field(
            OneOf(("agreed", "merged", "single", "disputed", "unknown")),
            True,
            says="有多确定：几处一致 agreed、和邻市合用 merged、只有一处说 single、"
            "说法不一 disputed、没查到 unknown",
        ),
        "former": Field(
            TextOf("旧区号，例如 0413", r"0[0-9]{2,3}"), says="以前用过、现在停用的区号"
        ),
    },
)

SOURCE = Record(
    "出处",
    {
        "title": Field(TextOf("标题", max_length=200), True, says="文件或网页的标题，照抄"),
        "kind": Field(
            OneOf(SOURCE_KINDS),
            True,
            says="是什么资料：文件原文 official_text、官方网页 official_page、新闻 news、"
            "别人的网页 third_party、厂商 vendor、代码库 repo",
        ),
        "published": Field(
            WhenOf(), True, says="写作或发布的日子，知道多细写多细；没写就写 unstated"
        ),
        "number": Field(NAME, says="文号，例如 津医保规〔2025〕3号"),
        "issuer": Field(NAME, says="发文单位"),
        "url": Field(ADDRESS, says="网址；只有词汇表 link_hosts 里的网站会加链接"),
    },
)

USE = Record(
    "用途",
    {
        "tasks": Field(ListOf(OneOf(TASKS), "事项"), True, says="能办哪些事"),
        "path": Field(SENTENCE, says="点哪里，用 → 隔开，例如 我的→医保查询"),
        "says": Field(SENTENCE, says="出处说它能做什么，一句话"),
        "source": Field(SOURCE_REF, True, says="这句话的出处代号"),
        "publish": Field(
            OneOf(("plain", "labelled")), True, says="plain 照登；labelled 加注“名称未逐一核对”"
        ),
        "note": Field(SENTENCE, says="要提醒读者的一句话"),
    },
)

CHANNEL = Record(
    "渠道",
    {
        "name": Field(NAME, True, says="渠道的名字，照官方的叫法"),
        "category": Field(OneOf(CATEGORIES), True, says="是哪一类渠道"),
        "carriers": Field(
            ListOf(OneOf(CARRIERS), "载体"),
            True,
            says="在什么上面用：App、小程序、公众号、网站、电话……",
        ),
        "url": Field(ADDRESS, says="官方网址"),
        "number": Field(
            TextOf("电话号码，例如 0816-2345678", r"[0-9][0-9 /-]{2,30}[0-9]"),
            says="电话号码，带区号",
        ),
        "uses": Field(ListOf(USE, "用途"), True, says="能办的事，每个出处一条"),
    },
)

BASE_FIELDS: dict[str, Field] = {
    "of": Field(
        OneOf(
            (
                *("average_pension", "own_pension", "average_wage", "own_contribution_base"),
                *("own_wage", "account_base", "employer_premium", "fixed", "unstated"),
            )
        ),
        True,
        says="是什么数的百分之几",
    ),
    "scope": Field(OneOf(("pool", "province", "group", "unstated")), says="哪个范围的平均数"),
    "year": Field(
        TextOf(
            "年份，或 reform、previous、retirement、unstated",
            r"[12][0-9]{3}|reform|previous|retirement|unstated",
        ),
        says="哪一年的；改革当年 reform、上年 previous、退休当年 retirement",
    ),
    "group": Field(OneOf(("public", "enterprise", "all")), says="哪些人的平均数"),
    "approximate": Field(YES, says="出处写“左右”“约”时写 yes"),
    "yuan": Field(NumberOf(in_fen=True), says="基数本身，每月多少元，只在出处印着时写"),
}
BASE_FIELDS["floor"] = Field(Record("基数的下限", dict(BASE_FIELDS)), says="更高时改用的另一个基数")
BASE = Record("基数", BASE_FIELDS)

SUPPORT = Record(
    "佐证",
    {
        "source": Field(SOURCE_REF, True, says="出处代号"),
        "quote": Field(SENTENCE, says="摘一句原话"),
    },
)

CLAIM = Record(
    "不同说法",
    {
        "value": Field(AsIs(), True, says="另一种说法的值"),
        "per": Field(OneOf(("month", "year", "once")), says="每月、每年还是一次"),
        "base": Field(BASE, says="是什么数的百分之几"),
        "source": Field(SOURCE_REF, True, says="出处代号"),
        "quote": Field(SENTENCE, says="摘一句原话"),
        "verified": Field(OneOf(VERIFIED), True, says="核实到什么程度"),
    },
)

ENTRY = Record(
    "条目",
    {
        "from": Field(
            WhenOf(), True, says="从哪天起施行；只知道年月就写年月，出处没写就写 unstated"
        ),
        "notice_year": Field(TextOf("年份，例如 2025", r"20[0-9]{2}"), says="公布的是哪一年的标准"),
        "status": Field(
            OneOf(("in_force", "announced", "draft")),
            says="在施行 in_force（不写就是它）、已宣布 announced、草案 draft",
        ),
        "per": Field(OneOf(("month", "year", "once")), says="每月 month、每年 year、一次 once"),
        "value": Field(
            AsIs(),
            True,
            says="一个数；或按轴分的几行；或 none（规定里没有）、unknown（没查到）、"
            "inherit（改用上级的）、described（不是一个数，另写 note）",
        ),
        "base": Field(BASE, says="比例是什么数的百分之几"),
        "net": Field(NumberOf(in_fen=True), says="出处印着的扣除后到账数"),
        "source": Field(SOURCE_REF, True, says="出处代号，先在 sources 里写"),
        "clause": Field(NAME, says="第几条第几款"),
        "quote": Field(SENTENCE, says="摘一句有这个数的原话"),
        "unquoted": Field(ListOf(NumberOf(), "数字"), says="quote 里没有、你在原文里读到的数"),
        "examples": Field(
            ListOf(AsIs(), "例子"),
            says="举几个人，写他该得多少，check 会算一遍：{age: 69, expect: 100}",
        ),
        "verified": Field(
            OneOf(VERIFIED),
            True,
            says="原文上读到 primary、别处转引 quoted、报道 reported、"
            "不可靠 unverified（页面不写数）",
        ),
        "checked": Field(DayOf(), True, says="你哪一天核对的"),
        "also": Field(ListOf(SUPPORT, "佐证"), says="别的出处也这么说"),
        "claims": Field(ListOf(CLAIM, "不同说法"), says="和它不一样的说法，留着不用"),
        "note": Field(SENTENCE, says="给读者的一两句话"),
        "provisional": Field(SENTENCE, says="为什么是暂时的，例如年底再补差"),
        "rounding": Field(OneOf(("authority",)), says="最后一位由经办机构取整时写 authority"),
    },
)

AREA = Record(
    "地区文件",
    {
        "area": Field(NAME, True, says="全名，例如 绵阳市"),
        "short": Field(NAME, True, says="页面上的叫法，例如 绵阳"),
        "pinyin": Field(
            TextOf("拼音，音节用空格隔开，例如 tian jin", r"[a-z]+(?: [a-z]+)*"),
            says="拼音，音节用空格隔开",
        ),
        "code": Field(
            TextOf("六位行政区划代码，例如 510700", r"[0-9]{6}"), says="六位行政区划代码，加引号"
        ),
        "level": Field(
            OneOf(LEVELS), True, says="全国 nation、省 province、统筹区 pool、省本级 direct"
        ),
        "kind": Field(NAME, True, says="地级市、自治州、直辖市……"),
        "phone_area": Field(PHONE_AREA, says="固定电话的区号"),
        "aliases": Field(ListOf(NAME, "别名"), says="旧名、俗名，找城市时用"),
        "sources": Field(
            MapOf(SOURCE_ID, SOURCE, "出处，每个有一个代号"), says="出处，每个起一个代号"
        ),
        "channels": Field(ListOf(CHANNEL, "渠道"), says="本地的渠道"),
        "values": Field(
            MapOf(
                TextOf("参数名，例如 account.retiree.amount", r"[a-z_]+(?:\.[a-z_]+)*"),
                ListOf(ENTRY, "条目"),
                "参数，每个下面是条目的列表",
            ),
            says="数值，按参数名写；一个参数下面一条一条从早到晚",
        ),
    },
    is_lenient=True,
)

COUNTIES = MapOf(SLUG, ListOf(NAME, "区县"), "统筹区的拼音短名，每个后面是区县的列表")

AXIS = Record(
    "轴",
    {
        "kind": Field(OneOf(("ordered", "category")), True),
        "label": Field(NAME, True),
        "unit": Field(OneOf(("years", "months", "date"))),
        "partial": Field(YES),
        "values": Field(MapOf(TextOf("类别代号", r"[a-z_]+"), NAME, "类别和它的中文名")),
    },
)

FACT = Record("事实", {"unit": Field(OneOf(("years", "months")), True), "label": Field(NAME, True)})

UNITS = ("yuan", "share", "years", "months", "days", "date", "enum", "text", "condition")

PARAMETER = Record(
    "参数",
    {
        "label": Field(NAME, True),
        "unit": Field(OneOf(UNITS), True),
        "per": Field(ListOf(OneOf(("month", "year", "once")), "month、year 或 once")),
        "values": Field(MapOf(TextOf("选项代号", r"[a-z_]+"), NAME, "选项和它的中文说法")),
        "set_by": Field(ListOf(OneOf(LEVELS), "层级"), True),
        "axes": Field(ListOf(Placed(TextOf("轴名", r"[a-z_]+")), "轴", least=0), True),
        "range": Field(ListOf(NumberOf(), "上下限", least=2)),
        "yearly": Field(YES),
        "review": Field(TextOf("月数，1 到 99", r"[1-9][0-9]?"), True),
    },
)

VOCABULARY = Record(
    "词汇表",
    {
        "link_hosts": Field(
            ListOf(TextOf("域名，例如 gov.cn", r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"), "域名"), True
        ),
        "axes": Field(MapOf(TextOf("轴名", r"[a-z_]+"), AXIS, "轴"), True),
        "facts": Field(MapOf(TextOf("事实名", r"[a-z_.]+"), FACT, "事实"), True),
        "parameters": Field(MapOf(TextOf("参数名", r"[a-z_.]+"), PARAMETER, "参数"), True),
    },
)

FRONT_MATTER = Record(
    "文首",
    {
        "title": Field(TextOf("标题", max_length=120), True),
        "description": Field(TextOf("一句话", max_length=500), True),
        "question": Field(TextOf("菜单里的叫法", max_length=20), True),
    },
)

# 没有备案，或者有号：省的简称，年份或编号，同一主体的第几个网站。
ICP = r"none|[\u4e00-\u9fff]ICP备[0-9]{6,12}号(?:-[0-9]{1,3})?"

SITE = Record(
    "全站设置",
    {
        "name": Field(NAME, True),
        "contact": Field(NAME, True),
        "address": Field(NAME),
        "icp": Field(TextOf("备案号，例如 京ICP备12345678号-1，没有就写 none", ICP)),
        "home": Field(
            ListOf(
                Record(
                    "首页的一栏",
                    {
                        "heading": Field(TextOf("这一栏的标题", max_length=20), True),
                        "pages": Field(ListOf(Placed(NAME), "页面"), True),
                    },
                ),
                "栏目",
            )
        ),
    },
)

WORD_LIST = ListOf(
    Placed(TextOf("一个词，不带空格和标点，字母小写", r"[0-9a-z\u3400-\u9fff]{2,12}")), "词"
)

WORDS = Record(
    "找路的词",
    {
        "last": Field(WORD_LIST),
        "words": Field(
            MapOf(
                TextOf("指南或单页的名字，例如 huaru、banshi/tuixiu", r"[a-z]+(?:[/-][a-z]+)*"),
                WORD_LIST,
                "指南或单页，每个后面是大家说的词的列表",
            ),
            True,
        ),
    },
)

GUIDES = ListOf(
    Record(
        "指南",
        {
            "slug": Field(SLUG, True),
            "kind": Field(OneOf(("channel", "task")), True),
            "label": Field(NAME, True),
            "related": Field(ListOf(Placed(SLUG), "指南")),
        },
    ),
    "指南",
)

URL_PATH = TextOf(
    "本站的网址，例如 /tianjin/huaru/", r"/(?:[a-z0-9-]+/)*(?:[a-z0-9-]+\.[a-z0-9]+)?", 200
)

REDIRECTS = ListOf(
    Record(
        "搬家",
        {
            "from": Field(URL_PATH, True),
            "to": Field(URL_PATH, True),
            "why": Field(SENTENCE, True),
        },
    ),
    "搬家",
)

# The words of an entry may be as long as all of its rows.
WORDS_OF_ENTRY = TextOf("页面上的那句话", max_length=6000)

CHANGES = Record(
    "变更记录",
    {
        "since": Field(DayOf(), True),
        "changes": Field(
            ListOf(
                Record(
                    "变更说明",
                    {
                        "day": Field(DayOf(), True),
                        "area": Field(SLUG, True),
                        "parameter": Field(
                            TextOf("参数名，例如 resident.fee", max_length=60), True
                        ),
                        "from": Field(
                            TextOf(
                                "条目的 from，例如 2026-01-01、2026、unstated；草案后面加 /draft",
                                r"(?:unstated|[0-9]{4}(?:-[0-9]{2}){0,2})(?:/(?:draft|announced))?",
                            ),
                            True,
                        ),
                        "was": Field(WORDS_OF_ENTRY),
                        "now": Field(WORDS_OF_ENTRY),
                        "kind": Field(OneOf(CHANGE_KINDS), True),
                        "why": Field(SENTENCE, True),
                        "source": Field(
                            TextOf(
                                "出处的全名，例如 tianjin/yb-2026-01",
                                r"[a-z-]+/[a-z0-9]+(?:[.-][a-z0-9]+)*",
                                100,
                            ),
                            True,
                        ),
                    },
                ),
                "变更说明",
            )
        ),
    },
)
