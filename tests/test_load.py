"""Loading: what the folders mean, where sources are looked up, and the real rules."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sitegen.check import check_rules
from sitegen.load import LoadError, load_rules
from sitegen.markup import compile_text
from sitegen.model import Place, Problem, Text
from sitegen.texts import load_content

ROOT = Path(__file__).parents[1]

PARAMETERS = """\
link_hosts: [gov.cn]
axes:
  age: {kind: ordered, unit: years, label: 年龄}
facts:
  years.cumulative: {unit: years, label: 累计缴费年限}
parameters:
  amount: {label: 金额, unit: yuan, per: [month], set_by: [nation, province, pool, direct],
           axes: [age], range: [0, 6000], review: 12}
"""


def area(name: str, level: str, code: str = "", rest: str = "") -> str:
    written = f'code: "{code}"\n' if code else ""
    return f"area: {name}\nshort: {name}\npinyin: jia\n{written}level: {level}\nkind: 示例\n{rest}"


def sources(*ids: str) -> str:
    return "sources:\n" + "".join(
        f"  {id}: {{title: {id} 的通知, kind: news, published: 2023}}\n" for id in ids
    )


def amount(source: str, value: str = "85", start: str = "2023-01-01") -> str:
    return (
        f"values:\n  amount:\n    - from: {start}\n      per: month\n      value: {value}\n"
        f"      source: {source}\n      quote: 原话\n      verified: reported\n"
        "      checked: 2026-11-21\n"
    )


def world(root: Path, **files: str) -> Path:
    """A project of a nation, 甲省 and 甲市; ``files`` are added, ``__`` for a slash."""
    texts = {
        "parameters": PARAMETERS,
        "nation": area("全国", "nation", "000000", sources("n1")),
        "jia___province": area("甲省", "province", "990000", sources("p1")),
        "jia__yi": area("乙市", "pool", "990100", sources("y1")),
    }
    for name, text in (texts | files).items():
        folder, _, stem = name.rpartition("__") if "___" not in name else name.partition("__")
        path = root / "rules" / folder / f"{stem}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def problems_of(root: Path) -> list[str]:
    with pytest.raises(LoadError) as caught:
        load_rules(root)
    return [str(problem) for problem in caught.value.problems]


# ── areas ──


def test_folder_and_name_say_slug_parent_and_level(tmp_path):
    rules = load_rules(
        world(
            tmp_path,
            jia___direct=area("甲省本级", "direct"),
            zhixia=area("直辖市", "pool", "980000"),
        )
    )
    assert {a.slug: (a.parent, a.level) for a in rules.areas.values()} == {
        "nation": ("", "nation"),
        "zhixia": ("nation", "pool"),
        "jia": ("nation", "province"),
        "yi": ("jia", "pool"),
        "jia-direct": ("jia", "direct"),
    }
    assert [a.slug for a in rules.ancestry("yi")] == ["yi", "jia", "nation"]


def test_areas_stand_in_the_order_of_their_codes(tmp_path):
    rules = load_rules(
        world(
            tmp_path,
            jia__a=area("晚市", "pool", "990300"),
            jia__z=area("早市", "pool", "990050"),
            jia__b=area("无代码的", "pool"),
            zhixia=area("直辖市", "pool", "110000"),
        )
    )
    slugs = ["nation", "zhixia", "jia", "z", "yi", "a", "b"]
    assert list(rules.areas) == slugs
    assert list(rules.entries) == slugs and list(rules.channels) == slugs


def test_code_stays_text_with_its_zeros(tmp_path):
    assert load_rules(world(tmp_path)).areas["nation"].code == "000000"


@pytest.mark.parametrize("path", ["jia/jia.yaml", "jia/nation.yaml", "nation/nation.yaml"])
def test_area_that_would_be_its_own_ancestor_is_refused(tmp_path, path):
    """In a process of its own: the loader must not run for ever."""
    root = world(tmp_path)
    (root / "rules" / path).parent.mkdir(exist_ok=True)
    (root / "rules" / path).write_text(area("丙市", "pool", "990200"), encoding="utf-8")
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 28, 1 << 28))\n"
        "from pathlib import Path\n"
        "from sitegen.load import LoadError, load_rules\n"
        "try:\n"
        "    load_rules(Path(sys.argv[1]))\n"
        "except LoadError as error:\n"
        "    print(*error.problems, sep='\\n')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(root)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        cwd=ROOT,
    )
    assert run.stderr == "" and f"rules/{path}" in run.stdout


# ── sources ──


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("y1", "yi/y1"),
        ("p1", "jia/p1"),
        ("n1", "nation/n1"),
        ("nation/n1", "nation/n1"),
        ("jia/p1", "jia/p1"),
        ("bing/b1", "bing/b1"),
    ],
)
def test_source_is_found_in_the_file_its_parents_or_by_full_name(tmp_path, written, found):
    own = area("乙市", "pool", "990100", sources("y1") + amount(written))
    other = area("丙市", "pool", "990200", sources("b1"))
    rules = load_rules(world(tmp_path, jia__yi=own, jia__bing=other))
    assert rules.entries["yi"]["amount"][0].source == found


def test_own_source_hides_the_parents_of_the_same_name(tmp_path):
    own = area("乙市", "pool", "990100", sources("p1") + amount("p1"))
    rules = load_rules(world(tmp_path, jia__yi=own))
    assert rules.entries["yi"]["amount"][0].source == "yi/p1"


def test_source_of_a_sibling_is_not_found_by_its_short_name(tmp_path):
    own = area("乙市", "pool", "990100", amount("b1"))
    other = area("丙市", "pool", "990200", sources("b1"))
    (problem,) = problems_of(world(tmp_path, jia__yi=own, jia__bing=other))
    assert problem.startswith("rules/jia/yi.yaml:12:15: 没有“b1”这个出处")


# ── entries ──


def test_entry_keeps_what_its_source_says(tmp_path):
    own = area("乙市", "pool", "990100", sources("y1") + amount("y1", "158.20", "2023-02"))
    (entry,) = load_rules(world(tmp_path, jia__yi=own)).entries["yi"]["amount"]
    assert (str(entry.value), entry.per, entry.start.precision) == ("158.20", "month", "month")
    assert entry.status == "in_force"
    assert entry.at == Place("rules/jia/yi.yaml", 11, 7)


def test_unstated_first_day_comes_before_all_others(tmp_path):
    text = amount("y1", "80", "unstated") + amount("y1", "90").partition("amount:\n")[2]
    rules = load_rules(
        world(tmp_path, jia__yi=area("乙市", "pool", "990100", sources("y1") + text))
    )
    assert [str(entry.value) for entry in rules.entries["yi"]["amount"]] == ["80", "90"]


# ── all problems at once ──


def test_problems_of_all_files_come_at_once_and_sorted(tmp_path):
    root = world(
        tmp_path,
        jia__yi=area("乙市", "poool", "990100"),
        jia__bing=area("丙市", "pool", "9902"),
        zhixia="area: @",
    )
    (root / "rules/notes.txt").write_text("x", encoding="utf-8")
    problems = problems_of(root)
    assert [problem.split(": ")[0] for problem in problems] == [
        "rules/jia/bing.yaml:4:7",
        "rules/jia/yi.yaml:5:8",
        "rules/notes.txt:1:1",
        "rules/zhixia.yaml:1:7",
    ]


def test_broken_vocabulary_does_not_hide_problems_of_the_areas(tmp_path):
    bad = PARAMETERS.replace("review: 12", "review: 一年")
    root = world(tmp_path, parameters=bad, jia__yi=area("乙市", "poool", "990100"))
    assert [problem.split(": ")[0] for problem in problems_of(root)] == [
        "rules/jia/yi.yaml:5:8",
        "rules/parameters.yaml:8:51",
    ]


def test_wrong_source_is_not_also_reported_as_missing(tmp_path):
    """The entry that cites it is right; one slip is one message."""
    own = sources("y1").replace("news", "newss") + amount("y1")
    root = world(tmp_path, jia__yi=area("乙市", "pool", "990100", own))
    assert len(problems_of(root)) == 1, problems_of(root)


# ── content ──

GOOD_TEXT = (
    "---\ntitle: {{ city }}医保\ndescription: 怎么查: 打12393\nquestion: 查余额\n---\n\n正文\n"
)


def content(root: Path, text: str = GOOD_TEXT) -> Path:
    folder = root / "content"
    (folder / "guides/yue").mkdir(parents=True)
    (folder / "pages").mkdir()
    (folder / "site.yaml").write_text("name: 示例\ncontact: none\n", encoding="utf-8")
    (folder / "guides.yaml").write_text(
        "- {slug: yue, kind: task, label: 查余额}\n", encoding="utf-8"
    )
    (folder / "guides/yue/pool.md").write_text(text, encoding="utf-8", newline="")
    (folder / "guides/yue/nation.md").write_text(GOOD_TEXT, encoding="utf-8")
    return root


def content_problems(root: Path) -> list[str]:
    with pytest.raises(LoadError) as caught:
        load_content(root)
    return [str(problem) for problem in caught.value.problems]


def test_text_is_split_from_its_front_matter(tmp_path):
    loaded = load_content(content(tmp_path))
    (guide,) = loaded.guides
    assert (guide.pool.title, guide.pool.description) == ("{{ city }}医保", "怎么查: 打12393")
    assert (guide.pool.body, guide.pool.body_line) == ("\n正文\n", 6)
    assert (loaded.site.name, loaded.site.contact) == ("示例", "")


def test_line_ends_of_windows_do_not_matter_in_a_text(tmp_path):
    loaded = load_content(content(tmp_path, GOOD_TEXT.replace("\n", "\r\n")))
    assert loaded.guides[0].pool.body == "\n正文\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (GOOD_TEXT, "正文\n", ["1:1: 没有文首"]),
        (GOOD_TEXT, "", ["1:1: 没有文首"]),
        (GOOD_TEXT, "---\ntitle: 甲\n", ["1:1: 没有文首"]),
        ("---\ntitle", "\n---\ntitle", ["1:1: 没有文首"]),
        ("question: 查余额", "question 查余额", ["4:1: 看不懂“question 查余额”"]),
        ("question: 查余额", "question:", ["4:1: 看不懂“question:”"]),
        ("question: 查余额", "title: 又一个", ["4:1: 字段“title”写了两次"]),
        ("question: 查余额\n", "", ["1:1: 文首缺少字段“question”"]),
        (
            "question",
            "qestion",
            ["4:1: 文首里没有“qestion”这个字段"],
        ),
        ("question: 查余额", "question:  " + "查" * 21, ["4:12: 太长，有 21 字；最多 20 字"]),
        ("正文", "正\u200b文", ["7:2: 有看不见的字符 U+200B"]),
        ("title: ", "title: \u202e", ["2:8: 有看不见的字符 U+202E"]),
    ],
)
def test_front_matter_that_is_wrong_is_refused_in_its_place(tmp_path, old, new, expected):
    assert old in GOOD_TEXT
    found = content_problems(content(tmp_path, GOOD_TEXT.replace(old, new, 1)))
    assert len(found) == len(expected), found
    for problem, part in zip(found, expected, strict=True):
        assert problem.startswith(f"content/guides/yue/pool.md:{part}"), problem


def test_guide_without_its_texts_is_refused(tmp_path):
    root = content(tmp_path)
    (root / "content/guides/yue/nation.md").unlink()
    assert content_problems(root) == [
        "content/guides/yue/nation.md:1:1: 没有这个文件；每个指南要有 pool.md 和 nation.md"
    ]


def test_same_guide_twice_is_refused(tmp_path):
    root = content(tmp_path)
    line = "- {slug: yue, kind: task, label: 查余额}\n"
    (root / "content/guides.yaml").write_text(line * 2, encoding="utf-8")
    (problem,) = content_problems(root)
    assert problem.startswith("content/guides.yaml:2:")


@pytest.mark.parametrize(
    "body",
    [
        "JJ5JJ",
        "JJ0JJ 甲 {{ city }}",
        "{{ city",
        "{% if city %}",
        "{% endblock %}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ " + "-" * 20_000 + "1 }}",
        "\n".join("    " * depth + "- 甲" for depth in range(300)),
        ">" * 3000 + " 甲",
    ],
    ids=lambda body: body[:14],
)
def test_no_text_breaks_the_compiler(body):
    """What cannot be compiled is reported; nothing else may happen."""
    text = Text("甲", "甲", "甲", "甲", f"{body}\n", Place("甲.md"), body_line=6)
    found: list[Problem] = []
    compiled = compile_text(text, found.append)
    assert (compiled is None) == bool(found)
    assert all(str(problem).startswith("甲.md:") for problem in found)
    if body.startswith("JJ") and compiled:
        assert body[:5] in compiled.html


# ── the real rules ──


def test_real_rules_load_without_a_problem(rules):
    levels = Counter(area.level for area in rules.areas.values())
    assert (levels["nation"], levels["province"], levels["pool"]) == (1, 27, 370)
    assert [str(problem) for problem in check_rules(rules) if not problem.warning] == []
    print(f"\n{levels['pool']} pools, {levels['province']} provinces, {len(rules.sources)} sources")


def test_real_content_loads_without_a_problem():
    assert len(load_content(ROOT).guides) >= 11


@pytest.mark.parametrize(
    ("slug", "name", "code"),
    [
        ("beijing", "北京市", "010"),
        ("shanghai", "上海市", "021"),
        ("hangzhou", "杭州市", "0571"),
        ("mianyang", "绵阳市", "0816"),
    ],
)
def test_real_area_codes_are_text(rules, slug, name, code):
    area = rules.areas[slug]
    assert area.phone is not None
    assert (area.name, area.phone.code) == (name, code)


def test_real_area_codes_and_division_codes_have_their_digits(rules):
    for area in rules.areas.values():
        assert area.code == "" or (len(area.code) == 6 and area.code.isdigit())
        if area.phone and area.phone.code:
            assert area.phone.code.startswith("0") and len(area.phone.code) in (3, 4)


def test_real_areas_stand_under_the_province_of_their_code(rules):
    for area in rules.areas.values():
        if area.code and area.parent not in ("", "nation"):
            assert area.code[:2] == rules.areas[area.parent].code[:2], area.slug
    codes = [area.code for area in rules.areas.values() if area.code]
    assert codes == sorted(set(codes))


def test_every_source_of_the_real_rules_exists(rules):
    for values in rules.entries.values():
        for entries in values.values():
            for entry in entries:
                cited = [entry.source, *(s.source for s in entry.also)]
                assert all(id in rules.sources for id in cited)


def test_page_that_the_first_page_lists_must_exist(mini):
    site = mini / "content" / "site.yaml"
    text = site.read_text(encoding="utf-8") + "home:\n  - {heading: 听来的, pages: [guanyv]}\n"
    site.write_text(text, encoding="utf-8")
    with pytest.raises(LoadError) as error:
        load_content(mini)
    (problem,) = error.value.problems
    assert str(problem).startswith("content/site.yaml:4:28")
    assert "没有“guanyv”这一页" in str(problem) and "guanyu" in str(problem)
