"""What the finder in the browser knows: places and words, as small JSON.

``templates/assets/matcher.js`` reads it; the keys are explained there once more.
"""

from __future__ import annotations

import json
import re

from sitegen.model import Area, Content, Rules

# The peoples in the names of autonomous counties: 北川羌族自治县 is called 北川.
_PEOPLES = (
    *("彝族", "回族", "藏族", "壮族", "苗族", "侗族", "瑶族", "土家族", "满族", "蒙古族"),
    *("畲族", "黎族", "羌族", "傣族", "佤族", "拉祜族", "哈尼族", "纳西族", "傈僳族", "独龙族"),
    *("怒族", "普米族", "白族", "布依族", "水族", "仡佬族", "仫佬族", "毛南族", "各族", "东乡族"),
    *("保安族", "撒拉族", "土族", "哈萨克族", "哈萨克", "柯尔克孜族", "塔吉克", "锡伯", "裕固族"),
    *("达斡尔族", "朝鲜族", "布朗族", "景颇族", "阿昌族"),
)
_AUTONOMOUS = re.compile(f"(?:{'|'.join(_PEOPLES)})+自治[县旗]$")


def made_files(rules: Rules, content: Content) -> dict[str, bytes]:
    """What browsers fetch beside the files of ``templates/assets``, by name."""
    return {"places.json": finder_json(rules, content)}


def finder_json(rules: Rules, content: Content) -> bytes:
    """The data of the finder, the same bytes for the same rules and content.

    ``provinces`` and ``pools`` hold columns, one line a place, because that packs a tenth
    smaller than rows: ``slugs`` (empty where it is the pinyin without spaces), ``names``,
    ``pinyin``, ``others`` (names, by spaces), and of pools ``parents`` (the number of the
    province, empty for none) and ``counties`` (by spaces). Better-known pools come first, which
    decides between places that fit equally. ``guides``: slug, label, words. ``pages``: URL,
    label, words. ``last``: the words that any other one overrules.
    """
    provinces = [area for area in rules.areas.values() if area.level == "province"]
    pools = sorted((a for a in rules.areas.values() if a.level == "pool"), key=_order)
    number = {area.slug: str(number) for number, area in enumerate(provinces)}
    counties = (_counties(area, rules.counties.get(area.slug, ())) for area in pools)
    data = {
        "provinces": _columns(provinces),
        "pools": {
            **_columns(pools),
            "parents": "\n".join(number.get(area.parent, "") for area in pools),
            "counties": "\n".join(counties),
        },
        "guides": [
            [guide.slug, guide.label, " ".join(content.words.get(guide.slug, ()))]
            for guide in content.guides
        ],
        "pages": [
            [f"/{page.name}/", page.question, " ".join(content.words[page.name])]
            for page in content.pages
            if page.name in content.words
        ],
        "last": " ".join(content.last_words),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _order(area: Area) -> tuple[bool, bool, str]:
    """Municipalities, then the capitals of provinces (codes that end in 0100), then the rest."""
    return area.parent != "nation", not area.code.endswith("0100"), area.code


def _columns(areas: list[Area]) -> dict[str, str]:
    columns = {
        "slugs": ["" if area.slug == "".join(area.pinyin) else area.slug for area in areas],
        "names": [area.short for area in areas],
        "pinyin": [" ".join(area.pinyin) for area in areas],
        # The start of a short name is known by it: 黔南 by 黔南州, 黔南布依族苗族自治州 by 黔南.
        "others": [
            " ".join(name for name in area.aliases if name not in area.short or len(name) == 1)
            for area in areas
        ],
    }
    return {name: "\n".join(lines) for name, lines in columns.items()}


def _counties(pool: Area, names: tuple[str, ...]) -> str:
    """What the counties are called, without those that are called like their pool."""
    return " ".join(said for name in names if (said := _said(name)) != pool.short)


def _said(name: str) -> str:
    """What people call a county: 昆山市 is 昆山, 北川羌族自治县 is 北川, 城区 stays."""
    short = _AUTONOMOUS.sub("", name)
    if short == name and len(name) > 2:
        short = re.sub("(?:联合旗|林区|特区|新区|市|区|县|旗)$", "", name)
    return short if len(short) > 1 else name
