"""An answer in one breath: what a shared link and a message to one's parents say.

A figure never stands here without the date of its material, its level where that is not the
best, and the area whose rule it is: who gets the message sees nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sitegen.figures import ChannelView, Fact, Line

# Characters of an answer without what stands in brackets behind it.
LIMIT = 52

_ELSE = {
    "none": "按规定没有这一项",
    "unverified": "待核实，只见到不可靠的说法",
    "unknown": "没有查到可靠的文件",
}


def brief(fact: Fact, limit: int = LIMIT) -> str:
    """不满70岁每月100元，满70岁每月110元（2023年11月的资料，可能已调整）.

    The words of ``fact`` in at most about ``limit`` characters and the brackets. What does not
    fit is never cut in the middle: the page then has it. Every number stands on the page too.
    """
    if fact.state in _ELSE:
        return _ELSE[fact.state]
    return words_of(fact, limit) + _origin(fact)


def named(channels: Iterable[ChannelView], count: int = 2) -> str:
    """The names of the first channels, “津医保”“金医宝”; empty where none was checked by name."""
    names = [item.name for item in channels if any(not use.is_labelled for use in item.uses)]
    return "".join(f"“{name}”" for name in list(dict.fromkeys(names))[:count])


def words_of(fact: Fact, limit: int = LIMIT) -> str:
    """The words of ``brief`` without the brackets, for a fact that says anything at all."""
    if fact.state == "disputed":
        sides = [_lines(side, limit) for side in (fact, *fact.rivals)]
        text = "，另一种说法".join(side for side in sides if side)
        fits = all(sides) and len(sides) > 1 and len(text) <= limit
        return f"说法不一，一种说法{text}" if fits else "几处资料说法不一，页内都写明"
    if fact.state == "described":
        first = fact.note.partition("。")[0]
        return first if first and len(first) <= limit else "有规定，页内写明"
    # Whose figure is fixed by the year says which year: 2026年度每年400元.
    year = fact.since if fact.since.endswith("年度") else ""
    hedge = "暂按" if fact.provisional else ""
    return year + hedge + (_lines(fact, limit) or _many(fact))


def whole(fact: Fact) -> str:
    """All that a page says of a fact, on one line, with its notes and the other sides of it.

    The same entry has the same words on every day; nobody says anything of an unverified one.
    """
    if fact.state == "unverified":
        return "待核实，不写数"
    sides = [_whole_lines(side) for side in (fact, *fact.rivals)]
    # What is described is described in the line and in the note.
    notes = [note for note in (fact.note, fact.provisional) if note and note not in sides[0]]
    hedge = "暂按" if fact.provisional else ""
    parts = [hedge + "，另一种说法".join(sides), *notes]
    return " ".join("；".join(part.rstrip("。") for part in parts).split())


def _whole_lines(fact: Fact) -> str:
    lines = []
    for line in fact.lines:
        remark = line.note.rstrip("。") if line.state != "described" else ""
        note = f"（{remark}）" if remark else ""
        net = f"，扣除后到账{line.net}{line.unit}" if line.net else ""
        lines.append(_line(line, fact) + net + note)
    # Sentences keep apart what commas are part of.
    return ("；" if any("，" in line for line in lines) else "，").join(lines)


def _lines(fact: Fact, limit: int) -> str:
    """All rows in a row; empty where they are too many."""
    parts = []
    group = ""
    for line in fact.current:
        # 一般退休人员，不满70岁每月40元，满70岁每月50元: what a label shares is said once.
        name, comma, _ = line.label.partition("，")
        label = line.label.removeprefix(group) if group else line.label
        group = name + comma if comma else ""
        parts.append(_line(replace(line, label=label), fact))
    text = "，".join(parts)
    return text if len(text) <= limit else ""


def _line(line: Line, fact: Fact) -> str:
    # “男25年”, but “在职：本人缴费基数的2%”: a figure that is a sentence wants a pause.
    pause = "：" if line.label and not line.unit else ""
    if line.state == "known":
        return f"{line.label}{pause}{fact.per if line.unit else ''}{line.figure}{line.unit}"
    if line.state == "none":
        return line.label + ("不划入" if fact.per else "没有")
    if line.state == "unknown":
        return f"{line.label}未查到"
    return f"{line.label}{pause}{line.note}"


def _many(fact: Fact) -> str:
    count = len(fact.current)
    return f"分{count}种情况，页内逐条写明" if count > 1 else "有规定，页内写明"


def _origin(fact: Fact) -> str:
    whose = f"{fact.inherited}的规定，" if fact.inherited else ""
    kind = "二手资料" if fact.level == "reported" else "资料"
    when = f"日期{fact.dated}" if fact.is_dated else "没有注明日期"
    return f"（{whose}{kind}{when}{'，可能已调整' if fact.overdue else ''}）"
