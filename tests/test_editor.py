"""What an editor asks on the command line: what is missing, what is old, what changed, and why."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from sitegen.commandline import parser
from sitegen.commands import COMMANDS
from sitegen.difference import unpack
from sitegen.yamlfile import Node, parse

ROOT = Path(__file__).resolve().parent.parent


def run(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "build.py"), *map(str, args)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=120, check=False, env=os.environ
    )


def asked(*args: object) -> list[str]:
    """The lines of an answer that is no error."""
    done = run(*args)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def of_mini(mini: Path) -> list[object]:
    return ["--root", mini, "--as-of", "2026-11-21"]


def test_coverage_counts_every_pool_of_every_parameter_once(of_mini):
    lines = asked("coverage", *of_mini)
    pools = {
        sum(map(int, re.findall(r" ([0-9]+)(?:，|$)", line.partition("：")[2]))) for line in lines
    }
    assert len(pools) == 1
    assert any(
        line.startswith("account.retiree.amount（退休人员个人账户划入金额）：") for line in lines
    )


def test_find_names_file_and_line_of_what_nobody_found(of_mini, mini):
    lines = asked("find", "--guide", "huaru", *of_mini)
    assert lines[-1] == f"{len(lines) - 1} 处"
    for line in lines[:-1]:
        path = re.match(r"(rules/[^:]+\.yaml):[0-9]+:[0-9]+ ", line)
        assert path, line
        assert (mini / path[1]).is_file()
        assert line.endswith(" 未查到")


def test_find_of_one_place_lists_that_place_alone(of_mini):
    lines = asked("find", "--guide", "huaru", "--only", "jia", *of_mini)
    assert len(lines) > 1
    assert all(line.startswith("rules/shili/") and " 甲 " in line for line in lines[:-1])


@pytest.mark.parametrize(
    ("args", "near"),
    [
        (["find", "--guide", "huar"], "没有“huar”这个指南；是不是想写“huaru”？"),
        (
            ["find", "--guide", "huaru", "--state", "unknow"],
            "没有“unknow”这个状态；是不是想写“unknown”？",
        ),
        (["find", "--guide", "huaru", "--only", "ji"], "没有“ji”这个地区；是不是想写“jia”？"),
        (["find", "--parameter", "account.retiree.amont"], "是不是想写“account.retiree.amount”？"),
        (["explain", "/jia/huar/"], "没有“/jia/huar/”这个网址；是不是想写“/jia/huaru/”？"),
    ],
)
def test_misspelt_name_is_one_line_with_the_nearest(of_mini, args, near):
    done = run(*args, *of_mini)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(near)
    assert done.stderr.count("\n") == 1


def test_entry_that_nobody_looked_at_for_long_is_listed_with_its_age(of_mini):
    done = run("stale", "--days", "1", *of_mini)
    *lines, last = done.stdout.splitlines()
    assert done.returncode == (1 if lines else 0)
    assert last == f"{len(lines)} 条超过 1 天没有核对"
    ages = [int(re.search("（([0-9]+)天）$", line)[1]) for line in lines]
    assert ages == sorted(ages, reverse=True)
    assert run("stale", "--days", "99999", *of_mini).returncode == 0


def test_explanation_of_a_page_leads_to_the_line_of_each_figure(of_mini, mini):
    lines = asked("explain", "/jia/huaru/", *of_mini)
    assert lines[0].startswith("网址 /jia/huaru/")
    assert lines[1] == "content/guides/huaru/pool.md:1:1 这一页的文字"
    (line,) = (line for line in lines if "1,500.50元" in line)
    path, number, *_ = line.split(":")
    assert "from:" in (mini / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]


def test_explanation_says_whether_and_why_a_page_would_be_made_again(of_mini, mini):
    def why(url: str) -> str:
        return asked("explain", url, "--out", mini / "site", *of_mini)[-1]

    assert why("/jia/huaru/") == "要做：这里还没有生成过"
    assert run("build", "--out", mini / "site", *of_mini).returncode == 0
    assert why("/jia/huaru/") == "不用重做：和上次生成的一样"
    text = mini / "content/guides/huaru/pool.md"
    text.write_text(text.read_text("utf-8") + "\n再说一句。\n", encoding="utf-8")
    assert why("/jia/huaru/") == "要重做：它用到的规则、文字、模板或者样式变了"
    assert why("/jia/weixin/") == "不用重做：和上次生成的一样"
    (mini / "site/jia/weixin/index.html").write_text("", encoding="utf-8")
    assert why("/jia/weixin/") == "要重做：site/jia/weixin/index.html 被别人改过，或者不见了"
    style = mini / "templates/base.html"
    style.write_text(style.read_text("utf-8") + "\n", encoding="utf-8")
    assert why("/jia/weixin/") == "要重做：它用到的规则、文字、模板或者样式变了"


def commit(folder: Path) -> None:
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)


def test_earlier_project_is_its_files_alone_on_every_python(mini, tmp_path, monkeypatch):
    # Python 3.11.2, which Debian 12 has, knows no careful extractall.
    monkeypatch.setattr("tarfile.TarFile.extractall", None)
    (mini / "content/link.md").symlink_to("/etc/hostname")
    commit(mini)
    unpack(mini, "HEAD", tmp_path / "old")
    files = [path for path in (mini / "rules").rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        assert (tmp_path / "old" / path.relative_to(mini)).read_bytes() == path.read_bytes()
    assert (tmp_path / "old/content/guides.yaml").is_file()
    assert not (tmp_path / "old/content/link.md").exists()


def test_diff_tells_what_sentence_becomes_what_on_which_page(mini, of_mini):
    commit(mini)
    assert asked("diff", *of_mini) == ["0 页的内容有变化，新增 0 页，没了 0 页"]
    path = mini / "rules/shili/jia.yaml"
    path.write_text(path.read_text("utf-8").replace("1500.50", "1600.50"), encoding="utf-8")
    lines = asked("diff", *of_mini)
    assert re.fullmatch(r"[0-9]+ 页的内容有变化，新增 0 页，没了 0 页", lines[0])
    assert "/jia/huaru/" in lines
    assert any(line.startswith("  - ") and "1,500.50元" in line for line in lines)
    assert any(line.startswith("  + ") and "1,600.50元" in line for line in lines)
    assert run("diff", "nirgends", *of_mini).returncode == 1


def test_new_city_is_a_place_of_the_site_at_once(mini, of_mini):
    words = ["--area", "新市", "--short", "新", "--pinyin", "xin cheng", "--code", "990877"]
    lines = asked("new", "city", "shili/xincheng", *words, *of_mini)
    assert lines[0].startswith("写好了 rules/shili/xincheng.yaml")
    assert asked("explain", "/xincheng/", *of_mini)[0].startswith("网址 /xincheng/")
    again = run("new", "city", "shili/xincheng", *words, *of_mini)
    assert again.returncode == 1
    assert again.stderr == (
        "已经有 rules/shili/xincheng.yaml；拼音和别的城市一样，就写 shili/xincheng-shili\n"
    )


@pytest.mark.parametrize("place", ["shili/Xin", "shil/xin", "xin", "../x/y"])
def test_new_city_in_no_place_writes_nothing(mini, of_mini, place):
    before = sorted((mini / "rules").rglob("*"))
    words = ["--area", "新市", "--short", "新", "--pinyin", "xin"]
    done = run("new", "city", place, *words, *of_mini)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert sorted((mini / "rules").rglob("*")) == before


def test_new_source_stands_after_the_others_and_loses_no_comment(mini, of_mini):
    path = mini / "rules/shili/jia.yaml"
    path.write_text(path.read_text("utf-8").replace("sources:\n", "sources:\n  # 说明\n"), "utf-8")
    before = path.read_text("utf-8").splitlines()
    title = "关于：#1“账户”的通知"
    words = ["--title", title, "--kind", "official_text", "--published", "2026-01"]
    asked(
        "new", "source", "jia", "yb-2026", *words, "--url", "https://ybj.jia.gov.cn/neu", *of_mini
    )
    after = path.read_text("utf-8").splitlines()
    assert [line for line in after if line in before] == before, after
    assert f'    title: "{title}"' in after
    done = run("new", "source", "jia", "yb-2026", *words, *of_mini)
    assert "已经有出处 yb-2026；换一个代号" in done.stderr
    wrong = run(
        "new", "source", "jia", "x", "--title", "x", "--kind", "officia", *words[4:], *of_mini
    )
    assert "是不是想写" in wrong.stderr
    assert path.read_text("utf-8").splitlines() == after


def test_schema_for_editors_is_the_one_of_the_program():
    done = run("schema")
    assert done.stdout == (ROOT / "rules/schema.json").read_text(encoding="utf-8")
    made = json.loads(done.stdout)
    entry = made["definitions"]["entries"]["items"]["properties"]
    assert all("description" in field for field in entry.values())
    assert all("description" in field for field in made["properties"].values())


def as_an_editor_reads(node: Node, lines: list[str]) -> object:
    """The data of a file in the types of YAML 1.2, which editors know and we do not use."""
    if isinstance(node.value, dict):
        return {key: as_an_editor_reads(item, lines) for key, item in node.value.items()}
    if isinstance(node.value, list):
        return [as_an_editor_reads(item, lines) for item in node.value]
    is_quoted = lines[node.at.line - 1][node.at.col - 1] in "\"'"
    if not is_quoted and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", node.value):
        return float(node.value) if "." in node.value else int(node.value)
    return node.value


def area_files() -> list[Path]:
    beside = ("parameters.yaml", "counties.yaml")
    return [path for path in sorted((ROOT / "rules").rglob("*.yaml")) if path.name not in beside]


def test_schema_is_of_the_draft_that_editors_of_yaml_read():
    found = json.loads((ROOT / "rules/schema.json").read_text("utf-8"))
    assert found["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(found)
    # What stands beside a $ref is not read there, and $defs is of later drafts.
    assert not re.search(r'"\$defs"', json.dumps(found))
    amount = found["properties"]["values"]["properties"]["account.retiree.amount"]
    assert (amount["description"], "$ref" in amount) == ("退休人员个人账户划入金额", False)


def test_editor_finds_nothing_wrong_in_a_file_that_we_can_read():
    validator = Draft7Validator(json.loads((ROOT / "rules/schema.json").read_text("utf-8")))
    found = []
    for path in area_files():
        text = path.read_text("utf-8")
        data = as_an_editor_reads(parse(text, path.name)[0], text.split("\n"))
        found += [(path.name, error.message) for error in validator.iter_errors(data)]
    assert found == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("per: month", "per: mouth"),
        ("verified: ", "verifyed: "),
        ("checked: 2026-11-01", "checked: gestern"),
        ("account.retiree.amount:", "account.retiree.amont:"),
    ],
)
def test_editor_marks_a_slip(before, after):
    validator = Draft7Validator(json.loads((ROOT / "rules/schema.json").read_text("utf-8")))
    text = (ROOT / "tests/mini/rules/shili/jia.yaml").read_text("utf-8")
    for words, is_good in ((text, True), (text.replace(before, after), False)):
        data = as_an_editor_reads(parse(words, "jia.yaml")[0], words.split("\n"))
        assert validator.is_valid(data) is is_good


def test_every_rules_file_names_the_schema_in_its_first_line():
    for path in area_files():
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        up = "../" * (len(path.relative_to(ROOT / "rules").parts) - 1)
        assert first == f"# yaml-language-server: $schema={up}schema.json", path


def test_annotated_entry_of_the_guide_for_editors_is_a_rule_that_can_be_read(mini, of_mini):
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"(?s)```yaml\n(.*?)```", guide)
    head = "area: 新市\nshort: 新\npinyin: xin\nlevel: pool\nkind: 地级市\n"
    (mini / "rules/shili/xin.yaml").write_text(f"{head}{example}", encoding="utf-8")
    lines = asked("explain", "/xin/huaru/", *of_mini)
    assert any("90元、95元" in line for line in lines)


@pytest.mark.parametrize("command", [*COMMANDS, "new city", "new source"])
def test_every_command_explains_itself_with_an_example(command):
    done = run(*command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"build.py {command}" in done.stdout
    if command != "new":
        (example,) = re.findall(r"例：python build\.py (.*)", done.stdout)
        words = shlex.split(example.partition(" >")[0])
        assert parser().parse_args(words).command == command.split()[0]


@pytest.mark.parametrize("command", [*COMMANDS, "new city", "new source"])
def test_option_that_no_command_has_is_wrong_usage(command):
    done = run(*command.split(), "--nirgends")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
