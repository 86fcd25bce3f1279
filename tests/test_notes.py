"""No figure is changed in silence: the base line, the notes, and the command that writes them."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from conftest import AS_OF, ROOT
from sitegen.checking import check
from sitegen.edition import Edition
from sitegen.entrykeys import entries_of, start_words, words_of
from sitegen.errors import ProjectError
from sitegen.load import LoadError, load_rules
from sitegen.notes import BASE_LINE, preview, start_log, write_notes
from sitegen.texts import CHANGES, load_content

DAY = date(2026, 11, 25)
JIA = "rules/shili/jia.yaml"


def quiet(done: int, total: int) -> None:
    """Progress of nobody's interest."""


@pytest.fixture
def logged(mini: Path) -> Path:
    """The mini project with a log that begins on 2026-11-21 and has no changes yet."""
    (mini / CHANGES).unlink()
    start_log(mini, load_rules(mini), AS_OF)
    return mini


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def problems(root: Path) -> list[str]:
    """What a check says, but of the ledger of URLs and of pages."""
    return [
        str(p) for p in check(root, Edition(AS_OF), quiet).problems if p.place.path != "urls.txt"
    ]


def run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "build.py"), *words, "--root", str(root)]
    command += ["--as-of", DAY.isoformat()]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_base_line_and_notes_of_the_project_say_what_its_rules_say():
    lines = (ROOT / BASE_LINE).read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert preview(ROOT) == ()


def test_words_of_an_entry_are_the_same_on_every_day_and_on_one_line(rules):
    words = [words_of(rules, key.parameter, entry) for key, entry in entries_of(rules)]
    assert all(words)
    assert all(text == " ".join(text.split()) for text in words)
    keys = [key for key, _ in entries_of(rules)]
    assert len(keys) == len(set(keys))


def test_unverified_figure_stands_in_no_words(rules):
    weak = [e for _, e in entries_of(rules) if e.verified == "unverified"]
    assert weak
    said = {words_of(rules, k.parameter, e) for k, e in entries_of(rules) if e in weak}
    assert said == {"待核实，不写数"}


@pytest.mark.parametrize(
    ("start", "is_yearly", "words"),
    [
        ("2026-01-01", False, "2026年1月1日起"),
        ("2026-01", False, "2026年1月起"),
        ("2026", False, "2026年起"),
        ("2026-01-01", True, "2026年度"),
        ("unstated", False, "资料没写从哪天起"),
        ("2027/draft", False, "草案：2027年起"),
        ("2027-07/announced", False, "宣布过：2027年7月起"),
    ],
)
def test_first_day_of_a_fact_in_words(start, is_yearly, words):
    assert start_words(start, is_yearly) == words


def test_project_without_a_base_line_keeps_no_log(mini):
    replace_in(mini / JIA, "value: 8.66", "value: 9.66")
    replace_in(mini / JIA, "8.66元", "9.66元")
    assert problems(mini) == []


def test_changed_figure_without_a_note_is_an_error_that_says_what_to_run(logged):
    assert problems(logged) == []
    replace_in(logged / JIA, "{age: 70, value: 1610}", "{age: 70, value: 1620}")
    replace_in(logged / JIA, "满70岁1610元", "满70岁1620元")
    line = (logged / JIA).read_text(encoding="utf-8").splitlines().index(
        "    - from: 2022-12-01"
    ) + 1
    was, now = (f"不满70岁每月1,500.50元，满70岁每月{n}元" for n in ("1,610", "1,620"))
    assert problems(logged) == [
        f"{JIA}:{line}:7: 甲 退休人员个人账户划入金额 2022年12月1日起："
        f"“{was}” → “{now}”，没有说明；"
        '运行 python build.py note --why "为什么改" --only jia'
    ]


def test_note_makes_the_check_good_again_and_leaves_the_rest_of_the_file(logged):
    head = "# 我们自己的话\n"
    path = logged / CHANGES
    path.write_text(head + path.read_text(encoding="utf-8"), encoding="utf-8")
    replace_in(logged / JIA, "value: 8.66", "value: 9.66")
    replace_in(logged / JIA, "8.66元", "9.66元")
    before = path.read_text(encoding="utf-8")
    done = run(logged, "note", "--why", "抄错了。")
    assert (done.returncode, done.stderr) == (0, "")
    first, last = done.stdout.splitlines()
    assert first.endswith("：每月8.66元 → 每月9.66元")
    assert last == "写了 1 条说明"
    after = path.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert problems(logged) == []
    log = load_content(logged).log
    assert log
    (note,) = log.changes
    assert (note.day, note.area, note.start) == (DAY, "jia", "2022-12-01")
    assert (note.kind, note.why, note.source) == ("更正", "抄错了。", "jia/j-2026")
    again = run(logged, "note", "--why", "又来。")
    assert (again.returncode, again.stdout) == (0, "没有要写说明的变化\n")
    assert path.read_text(encoding="utf-8") == after


NEW_ENTRY = """    - from: 2026-12-01
      per: month
      value: 2000
      source: j-2026
      quote: 每月2000元
      verified: primary
      checked: 2026-11-01
"""


def test_new_entry_behind_an_earlier_one_is_a_new_rule(logged):
    text = (logged / JIA).read_text(encoding="utf-8")
    at = text.index("  account.retiree.deduction.care:")
    (logged / JIA).write_text(text[:at] + NEW_ENTRY + text[at:], encoding="utf-8")
    (told,) = write_notes(logged, DAY, "新文件来了。")
    assert told.endswith("退休人员个人账户划入金额 2026年12月1日起：（没有） → 每月2,000元")
    assert [c.kind for c in load_content(logged).log.changes] == ["新规定"]
    assert problems(logged) == []


def test_entry_that_was_taken_out_needs_a_source_and_then_is_noted(logged):
    text = (logged / JIA).read_text(encoding="utf-8")
    at = text.index("  account.retiree.deduction.care:")
    (logged / JIA).write_text(text[:at], encoding="utf-8")
    done = run(logged, "note", "--why", "出处没有了。")
    assert done.returncode == 1
    assert "要写明依据：加 --source" in done.stderr
    assert "Traceback" not in done.stderr
    done = run(logged, "note", "--why", "出处没有了。", "--source", "jia/j-2026")
    assert done.returncode == 0, done.stderr
    (note,) = load_content(logged).log.changes
    assert (note.was, note.now, note.kind) == ("每月8.66元", "", "撤下")
    assert problems(logged) == []


def test_only_one_area_is_noted_where_only_one_is_asked_for(logged):
    for path in (JIA, "rules/shili/_province.yaml"):
        text = (logged / path).read_text(encoding="utf-8")
        text = text.replace("value: 8.66", "value: 9.66").replace("8.66元", "9.66元")
        text = text.replace("value: 60", "value: 61").replace("60元", "61元")
        (logged / path).write_text(text, encoding="utf-8")
    assert len(write_notes(logged, DAY, "改了。", only=["jia"])) == 1
    assert ["示例 退休人员" in line for line in preview(logged)] == [True]


def test_figure_changed_again_says_which_note_is_the_last_one(logged):
    correct(logged)
    replace_in(logged / JIA, "value: 9.66", "value: 7.66")
    replace_in(logged / JIA, "9.66元", "7.66元")
    (line,) = problems(logged)
    assert f"“每月9.66元” → “每月7.66元”，没有说明（{CHANGES}:5 写的是前一个）" in line


def correct(logged: Path) -> None:
    """A deduction that was copied wrongly, with its note."""
    replace_in(logged / JIA, "value: 8.66", "value: 9.66")
    replace_in(logged / JIA, "8.66元", "9.66元")
    write_notes(logged, DAY, "抄错了。")


def test_note_that_was_changed_by_hand_is_named(logged):
    correct(logged)
    replace_in(logged / CHANGES, 'was: "每月8.66元"', 'was: "每月8.6元"')
    (line,) = problems(logged)
    assert line.startswith(f"{CHANGES}:5:3: jia account.retiree.deduction.care 2022-12-01 的 was")


def test_source_of_a_note_has_to_stay(logged):
    correct(logged)
    replace_in(logged / CHANGES, "source: jia/j-2026", "source: jia/j-2025")
    (line,) = problems(logged)
    assert line == (
        f"{CHANGES}:5:3: 没有“jia/j-2025”这个出处；说明引过的出处要留着；是不是想写“jia/j-2026”？"
    )


def test_source_that_only_a_note_cites_may_stay(logged):
    source = "  j-2009b:\n    title: 旧办法\n    kind: third_party\n    published: 2009\n"
    replace_in(logged / JIA, "sources:\n", f"sources:\n{source}")
    (unused,) = problems(logged)
    assert "出处 jia/j-2009b 没有地方引用" in unused
    replace_in(logged / JIA, "value: 8.66", "value: 9.66")
    replace_in(logged / JIA, "8.66元", "9.66元")
    write_notes(logged, DAY, "抄错了。", source="jia/j-2009b")
    assert problems(logged) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("since: 2026-11-21\nchanges: 3\n", "这里是“3”"),
        ("changes: []\n", "since"),
        ("since: 昨天\n", "应为日期"),
    ],
)
def test_log_that_cannot_be_read_is_one_sentence_with_its_place(logged, text, said):
    (logged / CHANGES).write_text(text, encoding="utf-8")
    with pytest.raises(LoadError) as error:
        load_content(logged)
    assert any(str(p).startswith(f"{CHANGES}:") and said in str(p) for p in error.value.problems)


def test_notes_stand_in_the_order_of_their_days(logged):
    note = (
        "- {day: 2026-11-%s, area: jia, parameter: a, from: 2022, now: 甲%s, kind: 补上, "
        "why: 找到了, source: jia/j-2026}\n"
    )
    text = "since: 2026-11-21\nchanges:\n" + note % ("25", 1) + note % ("24", 2)
    (logged / CHANGES).write_text(text, encoding="utf-8")
    with pytest.raises(LoadError, match="2026-11-24 写在 2026-11-25 后面"):
        load_content(logged)


def test_damaged_base_line_is_named_by_its_line(logged):
    with (logged / BASE_LINE).open("a", encoding="utf-8") as file:
        file.write("半行\n")
    with pytest.raises(LoadError) as error:
        preview(logged)
    expected = f"{BASE_LINE}:12:1: 看不懂“半行”；这个文件不手改，从 git 里取回来"
    assert str(error.value.problems[0]) == expected


def test_base_line_is_written_once(logged):
    with pytest.raises(ProjectError, match="底账只记一次"):
        start_log(logged, load_rules(logged), DAY)
    (logged / BASE_LINE).unlink()
    done = run(logged, "note", "--why", "改了。")
    assert done.returncode == 1
    assert done.stderr == "没有 entries.txt，还没有开始记；先运行 python build.py note --start\n"


def test_other_words_of_the_program_are_no_change_of_a_rule(logged):
    base = (logged / BASE_LINE).read_text(encoding="utf-8")
    old = base.replace("每月8.66元", "8.66元/月")
    (logged / BASE_LINE).write_text(old, encoding="utf-8")
    assert len(problems(logged)) == 1
    done = run(logged, "note", "--reword")
    assert done.stdout.splitlines()[-1] == "1 条换了说法"
    assert (logged / BASE_LINE).read_text(encoding="utf-8") == base
    assert load_content(logged).log.changes == ()


def test_wrong_command_line_is_refused_with_2():
    for words in (["note"], ["note", "--why", ""], ["note", "--why", "好的", "--kind", "别的"]):
        assert run(ROOT / "nowhere", *words).returncode == 2, words
