"""Rules files in one layout: nothing that a person wrote is changed or lost by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sitegen.errors import ProjectError
from sitegen.formatting import laid_out
from sitegen.load import load_rules
from test_cli import run

ROOT = Path(__file__).resolve().parent.parent

MESSY = """\
# yaml-language-server: $schema=../schema.json
level: pool      # 统筹区
area:   甲市
short: 甲
pinyin: jia
# 编码是旧的
# 还没有换
code: "999901"
kind: 地级市
phone_area: { code: "0991",status: agreed }
values:
    account.retiree.amount:
    -   value: 90
        from: 2025-04-01    # 文件第三条
        source: a
        # 这句话在第二页
        quote: 'it''s 90 # 不是注释'
        checked: 2026-11-21
        verified: primary
sources:
    a:
        url: https://ybj.jia.gov.cn/#/1
        title: 通知
        published: 2025-03-01
        kind: official_text
# 最后一句
"""

NEAT = """\
# yaml-language-server: $schema=../schema.json
area: 甲市
short: 甲
pinyin: jia
# 编码是旧的
# 还没有换
code: "999901"
level: pool # 统筹区
kind: 地级市
phone_area: {code: "0991", status: agreed}

sources:
  a:
    title: 通知
    kind: official_text
    published: 2025-03-01
    url: https://ybj.jia.gov.cn/#/1

values:
  account.retiree.amount:
    - from: 2025-04-01 # 文件第三条
      value: 90
      source: a
      # 这句话在第二页
      quote: 'it''s 90 # 不是注释'
      verified: primary
      checked: 2026-11-21
# 最后一句
"""


def test_fields_stand_in_the_order_of_the_schema_and_each_comment_at_its_field():
    assert laid_out(MESSY, "rules/a.yaml") == NEAT


def test_neat_text_stays_byte_by_byte():
    assert laid_out(NEAT, "rules/a.yaml") == NEAT


def test_every_file_of_the_project_is_neat():
    done = run("fmt", "--check", "--root", ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].endswith(" 个文件，没排好的 0 个")


def test_comment_within_brackets_stops_it_before_anything_is_lost():
    text = NEAT.replace('{code: "0991", status', '{code: "0991",\n  # 区号\n  status')
    with pytest.raises(ProjectError, match="挪到上一行"):
        laid_out(text, "rules/a.yaml")


def test_file_that_cannot_be_read_is_told_with_its_line():
    with pytest.raises(ProjectError, match=r"rules/a\.yaml:4:"):
        laid_out(NEAT.replace("pinyin: jia", "pinyin: [jia"), "rules/a.yaml")


def test_command_writes_what_is_not_neat_and_means_the_same(mini):
    path = mini / "rules/shili/jia.yaml"
    before = load_rules(mini)
    # A level of four spaces instead of two.
    wide = re.sub("^ +", lambda found: found[0] * 2, path.read_text("utf-8"), flags=re.M)
    path.write_text(re.sub("- (?=[a-z]+:)", "-   ", wide) + "\n\n", "utf-8")
    checked = run("fmt", "--check", "--only", "jia", "--root", mini)
    assert (checked.returncode, checked.stderr) == (1, "")
    assert checked.stdout.splitlines() == ["rules/shili/jia.yaml", "1 个文件，没排好的 1 个"]
    done = run("fmt", "--only", "jia", "--root", mini)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 个文件，排了 1 个")
    assert run("fmt", "--check", "--only", "jia", "--root", mini).returncode == 0
    after = load_rules(mini)
    for slug, values in before.entries.items():
        assert {id: [e.value for e in es] for id, es in values.items()} == {
            id: [e.value for e in es] for id, es in after.entries[slug].items()
        }


def test_command_for_a_place_that_does_not_exist_writes_nothing(mini):
    done = run("fmt", "--only", "jai", "--root", mini)
    assert (done.returncode, done.stdout) == (1, "")
    assert "是不是想写“jia”" in done.stderr
