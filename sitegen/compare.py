"""What two cities are compared by: for every pool one answer a topic, as small JSON.

``templates/assets/compare.js`` reads it. The words are those of the pages; what was not found
stays a word and never becomes a number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sitegen import wording
from sitegen.atlas import AMOUNT, RATIO, Atlas
from sitegen.brief import words_of
from sitegen.figures import Fact
from sitegen.model import Area

# A topic: its guide, its name, and its parameters with what is said before each. Where the first
# one is open or only the nation's frame, the first other one that is known nearer by stands in.
Topic = tuple[str, str, tuple[tuple[str, str], ...]]

TOPICS: tuple[Topic, ...] = (
    ("huaru", "退休人员每月划入", ((AMOUNT, ""), (RATIO, "只查到比例："))),
    ("huaru", "在职职工每月划入", (("account.active.rate", ""),)),
    ("nianxian", "职工医保要交满几年", (("years.minimum", ""),)),
    ("nianxian", "其中实际缴费", (("years.actual", ""),)),
    ("duanjiao", "职工断缴，多久内可以补", (("lapse.grace", ""),)),
    ("duanjiao", "职工断久了，要等多久", (("lapse.wait", ""),)),
    (
        "duanjiao",
        "居民断缴，要等多久",
        (("lapse.resident.fixed", ""), ("lapse.resident.max", "最长")),
    ),
    ("jumin", "居民医保一年交多少", (("resident.fee", ""),)),
    ("jumin", "居民医保集中缴费截止", (("resident.window_end", ""),)),
)

PHONE = ("dianhua", "从外地打什么电话")

# What stands in place of an answer that is none.
OPEN = {"unknown": "未查到", "unverified": "待核实", "disputed": "说法不一", "none": "没有这一项"}

# Longer answers are on the page of the city.
LIMIT = 60

# Where all answers lie: not among the assets, whose addresses would change with every figure.
COMPARE_URL = "/bijiao/compare.json"


@dataclass(frozen=True)
class Answer:
    """A cell of the comparison: words, and how sure and how old they are (empty for no words)."""

    words: str
    note: str


def answers(atlas: Atlas, pool: Area) -> Iterator[tuple[str, str, Answer]]:
    """Guide, name and answer of every topic whose guide the site has."""
    guides = {item.guide.slug for item in atlas.guides}
    for guide, name, parameters in TOPICS:
        if guide in guides:
            yield guide, name, _answer(atlas, pool, parameters)
    if PHONE[0] in guides:
        number = wording.outside_number(pool.phone)
        yield (*PHONE, Answer(number or "未查到", ""))


def compare_json(atlas: Atlas) -> bytes:
    """The data of the comparison, the same bytes for the same rules and day.

    ``topics``: guide and name of each row; ``answers``: words and note, each pair once;
    ``pools``: by slug, for each topic the place of its answer among the ``answers``.
    """
    places: dict[Answer, int] = {}
    topics: dict[tuple[str, str], None] = {}
    pools = {}
    for pool in atlas.pools:
        numbers = []
        for guide, name, answer in answers(atlas, pool):
            topics[guide, name] = None
            numbers.append(places.setdefault(answer, len(places)))
        pools[pool.slug] = numbers
    data = {
        "topics": list(topics),
        "answers": [[answer.words, answer.note] for answer in places],
        "pools": pools,
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _answer(atlas: Atlas, pool: Area, parameters: tuple[tuple[str, str], ...]) -> Answer:
    fact, before = atlas.fact(pool.slug, parameters[0][0]), parameters[0][1]
    weak = ""
    if fact.state in ("unknown", "unverified") or fact.inherited == "全国":
        for id, words in parameters[1:]:
            other = atlas.fact(pool.slug, id)
            if other.state in ("known", "described") and other.inherited != "全国":
                # An amount that was found but not good enough is not passed over in silence.
                weak = "金额待核实，" if fact.state == "unverified" else ""
                fact, before = other, words
                break
    if fact.state in OPEN:
        return Answer(OPEN[fact.state], _note(fact) if fact.state == "none" else "")
    return Answer(f"{weak}{before}{words_of(fact, LIMIT)}", _note(fact))


def _note(fact: Fact) -> str:
    """官方资料 · 资料日期2023年8月 · 湖北的规定."""
    whose = f"{fact.inherited}的规定" if fact.inherited else ""
    is_over = fact.overdue and fact.id == "resident.window_end"
    old = f"{fact.overdue}，新的日期打12393问" if is_over else "可能已调整" if fact.overdue else ""
    return " · ".join(part for part in (fact.level_text, fact.dated_words, whose, old) if part)
