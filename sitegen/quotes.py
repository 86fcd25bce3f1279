"""Whether what a source says holds a number: in digits, in Chinese, as a percentage.

A figure of ``rules/`` stands there twice, as a value and in the words that it was taken from. A
slip of a digit in one of them is seen because the other one does not have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_WIDE = str.maketrans("０１２３４５６７８９．，％", "0123456789.,%")
_DIGITS = {character: digit for digit, character in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_TIMES = {"万": 10_000, "千": 1000, "": 1}
_HAN = "零〇一二两三四五六七八九十百千万"

_ARABIC = re.compile(r"(?<![0-9.])([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?([万千]?)(%?)")
_CHINESE = re.compile(rf"(百分之)?([{_HAN}]+)(?:点([{_HAN}]+))?(成?)")


def in_chinese(text: str) -> int:
    """A whole number in Chinese characters: ``二十五`` and ``二五`` are 25."""
    if not any(character in _UNITS or character == "万" for character in text):
        return int("".join(str(_DIGITS[character]) for character in text))
    total = section = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character == "万":
            total, section, digit = total + (section + digit or 1) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _UNITS[character], 0
    return total + section + digit


def numbers_in(text: str) -> Iterator[Decimal]:
    """Every number that a text may mean; a percentage as a share and as its number."""
    text = text.translate(_WIDE).replace(" percent", "%")
    for whole, part, times, percent in _ARABIC.findall(text):
        number = Decimal(whole.replace(",", "") + part)
        yield number
        yield number * _TIMES[times]
        if percent:
            yield number / 100
    for percent, whole, part, tenths in _CHINESE.findall(text):
        number = Decimal(in_chinese(whole))
        if part:
            number += Decimal("0." + "".join(str(_DIGITS.get(c, 0)) for c in part))
        yield number
        if percent or tenths:
            yield number / (100 if percent else 10)
    if "半" in text:
        yield Decimal("0.5")
        yield Decimal(6)  # 半年, in months


def says(text: str, value: Decimal, unit: str) -> bool:
    """Whether a text holds a value of this unit, in any of the forms in which one writes it."""
    found = set(numbers_in(text))
    if value == 0:
        return 0 in found or bool(re.search("[不无未没]", text))
    forms = {value}
    if unit == "months":
        forms.add(value / 12)
    if unit == "days":
        forms.add(value / 30)
    return bool(forms & found)
