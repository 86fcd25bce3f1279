"""Every colour of the style sheet against every ground that it may stand on, in both schemes."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

SHEET = Path(__file__).resolve().parent.parent / "templates/assets/site.css"

GROUNDS = {"paper", "panel"}
TEXTS = {"ink", "ink-2", "pine", "visited", "cinnabar"}
EDGES = {"rule"}
# Beside the products above: the yellow of a quoted level, of the source that was jumped to.
PAIRS = {
    *(("amber", ground) for ground in ("paper", "panel", "amber-bg")),
    *((text, "amber-bg") for text in ("ink", "pine", "visited")),
    ("paper", "pine"),
}
# What carries no meaning: a hair line between rows that stand apart without it.
DECORATION = {"hair"}
FOCUS_INK = "#17211d"


def luminance(colour: str) -> float:
    """The relative luminance of ``#rgb`` or ``#rrggbb`` as WCAG 2 defines it."""
    digits = colour.removeprefix("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(part * share for part, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def schemes() -> dict[str, dict[str, str]]:
    """The colours of the light and the dark scheme by token."""
    text = SHEET.read_text(encoding="utf-8")
    dark = re.search(r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", text, re.S)
    light = re.search(r":root \{(.*?)\}", text, re.S)
    assert light and dark
    colour = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]+);")
    own = dict(colour.findall(light[1]))
    return {"light": own, "dark": own | dict(colour.findall(dark[1]))}


SCHEMES = schemes()


def test_contrast_is_that_of_wcag():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


def test_every_colour_is_a_ground_a_text_an_edge_or_decoration():
    known = GROUNDS | TEXTS | EDGES | DECORATION | {name for pair in PAIRS for name in pair}
    for colours in SCHEMES.values():
        assert set(colours) == known | {"focus"}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_stands_out_seven_to_one(scheme):
    colours = SCHEMES[scheme]
    pairs = {*product(TEXTS, GROUNDS), *PAIRS}
    weak = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 7} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_edge_stands_out_three_to_one(scheme):
    colours = SCHEMES[scheme]
    pairs = product(EDGES, GROUNDS)
    weak = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_focus_is_read_well_and_seen_on_every_ground(scheme):
    colours = SCHEMES[scheme]
    assert contrast(FOCUS_INK, colours["focus"]) >= 7
    for ground in GROUNDS:
        # Ink ring and yellow rim: one of them is seen.
        rims = (FOCUS_INK, colours["focus"])
        assert max(contrast(rim, colours[ground]) for rim in rims) >= 3


def test_sheet_uses_no_colour_but_its_tokens():
    text = re.sub(r"/\*.*?\*/", "", SHEET.read_text(encoding="utf-8"), flags=re.S)
    screen = text.partition("@media print")[0]
    used = set(re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\([^)]*\)|hsla?\([^)]*\)", screen))
    tokens = {colour for colours in SCHEMES.values() for colour in colours.values()}
    assert used <= tokens | {FOCUS_INK}
