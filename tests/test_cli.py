"""The command line: what it prints, how it exits, and that it makes the same bytes anywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build.py"


def run(*args: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run build.py to its end."""
    command = [sys.executable, str(BUILD), *map(str, args)]
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command, capture_output=True, encoding="utf-8", timeout=60, check=False, **options
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def common(mini: Path, tmp_path: Path) -> list[object]:
    """The options of a run on the mini project."""
    return ["--as-of", "2026-11-21", "--root", mini, "--out", tmp_path / "site"]


# ── Good runs ──


@pytest.mark.parametrize("command", [["build"], []], ids=["build", "no command"])
def test_build_sums_up_what_it_made(common, tmp_path, command):
    done = run(*command, *common)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert re.fullmatch(r"生成 56 页，\d\.\d MB，\d+\.\d 秒，按 2026-11-21 有效的规则", first)
    states = "说法不一 1，用全省统一金额 1，本地有金额 1，待核实 1"
    assert second == f"个人账户划入：{states}（统筹区）；允许收录 14 页"
    pages = [name for name in tree(tmp_path / "site") if name.endswith(".html")]
    assert len(pages) == 56


def test_options_may_stand_before_the_command(common, tmp_path):
    done = run(*common, "build")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "site/jia/index.html").is_file()


def test_check_writes_nothing_and_sums_up_what_it_read(common, tmp_path):
    done = run("check", *common)
    assert (done.returncode, done.stderr) == (0, "")
    *heaviest, last = done.stdout.splitlines()
    assert re.fullmatch(
        r"0 个错误，0 个提醒；4 个统筹区，56 页，\d+\.\d 秒；"
        r"8 个现行值，其中 6 个的资料已过复核期",
        last,
    )
    assert heaviest[0] == "最大的20页，压缩后的字节（最多）："
    lines = [re.fullmatch(r" *([\d,]+)（(?:14,600|40,000)）/.*", line) for line in heaviest[1:]]
    sizes = [int(line[1].replace(",", "")) for line in lines if line]
    assert len(sizes) == 20 and sizes == sorted(sizes, reverse=True)
    assert not (tmp_path / "site").exists()


def test_as_of_chooses_the_rules_of_a_day(common, tmp_path):
    for day, amount in (("2026-12-31", "60元"), ("2027-01-01", "65元")):
        assert run("build", *common, "--as-of", day).returncode == 0
        home = (tmp_path / "site/yi-shili/index.html").read_text(encoding="utf-8")
        assert f"每月{amount}" in HTMLParser(home).css_first("main").text()


def test_help_explains_the_commands_and_gives_an_example():
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("build", "check", "serve", "--as-of", "例：python build.py check"):
        assert word in done.stdout


# ── Wrong command lines ──


@pytest.mark.parametrize("day", ["heute", "2026-13-01", "2026-02-30", "21.11.2026", ""])
def test_day_that_does_not_exist_is_wrong_usage(day):
    done = run("build", "--as-of", day)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"“{day}”不是日期，应为 2026-11-21 这样" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("chekc", "没有“chekc”这个命令，是不是 check"),
        ("publish", "没有“publish”这个命令，可以写 build、nginx、"),
        ("build --nirgends", "不认识 --nirgends"),
        ("check --format xml", "“--format”没有“xml”，可以写 text、json、github"),
        ("check --as-of", "--as-of 后面要写一个值"),
        ("check --only 武汉 --write-urls", "--write-urls 和 --only 只能写一个"),
        ("serve --port x", "--port：“x”不是端口，应为 1 到 65535"),
        ("find --state unknown", "还缺一个，写其中之一：--guide --parameter"),
        ("new city", "还缺 省/市、--area、--short、--pinyin"),
        ("stale --days 1,' 2", "--days：“1,'”不是天数"),
        ("che'ck", "没有“che'ck”这个命令，是不是 check"),
        ("--preview=3", "--preview 后面不写值，写了“3”"),
        ("--a", "“--a”太短，可以是 --address、--as-of"),
    ],
)
def test_wrong_command_line_is_one_chinese_sentence(words, told):
    done = run(*words.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(told), done.stderr
    assert re.search(r"；怎么写见 python build\.py( \w+)* --help\n$", done.stderr)
    assert done.stderr.count("\n") == 1


# ── Problems ──


def test_wrong_rules_publish_nothing_and_name_every_problem(common, mini, tmp_path):
    assert run("build", *common).returncode == 0
    before = tree(tmp_path / "site")
    replace_in(mini / "rules/shili/jia.yaml", "per: month\n      value: 8.66", "value: 8.66")
    replace_in(mini / "content/site.yaml", "contact: none", "kontakt: none")
    done = run("build", *common)
    assert (done.returncode, done.stdout) == (1, "")
    problems = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in problems[:-1]] == [
        "content/site.yaml",
        "rules/shili/jia.yaml",
    ]
    assert problems[-1] == "2 个错误，没有生成"
    assert tree(tmp_path / "site") == before


def test_warning_stops_no_build(common, mini):
    replace_in(
        mini / "rules/shili/jia.yaml",
        "  j-2009:\n",
        "  j-2001: {title: 旧, kind: news, published: 2001}\n  j-2009:\n",
    )
    built, checked = run("build", *common), run("check", *common)
    assert (built.returncode, checked.returncode) == (0, 0)
    assert built.stdout.splitlines()[-1] == "1 个提醒，用 python build.py check 看"
    assert "rules/shili/jia.yaml:10:11: 提醒：出处 jia/j-2001 没有地方引用" in checked.stdout
    assert "0 个错误，1 个提醒；" in checked.stdout


@pytest.mark.parametrize("command", ["build", "check"])
def test_rule_that_contradicts_itself_is_refused(common, mini, tmp_path, command):
    replace_in(mini / "rules/shili/jia.yaml", "https://ybj.jia.gov.cn/1", "https://copy.example/1")
    done = run(command, *common)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("写了 primary，出处却没有官方网址") == 2
    assert not (tmp_path / "site").exists()


def test_check_fails_on_an_error_in_a_page(common, mini):
    replace_in(mini / "content/pages/gangaotai.md", "另有制度。", "另有[制度](/zhidu/)。")
    done = run("check", *common)
    assert done.returncode == 1
    assert "site/gangaotai/index.html:1:1: 链接 /zhidu/ 没有这一页" in done.stdout
    assert "1 个错误，0 个提醒；" in done.stdout


def test_broken_template_is_one_line(common, mini):
    replace_in(mini / "templates/404.html", "{{", "{{ nobody }}{{")
    done = run("build", *common)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("templates/404.html:")
    assert done.stderr.count("\n") == 1


def test_foreign_output_is_one_line(common, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/brief.txt").write_text("wichtig", encoding="utf-8")
    done = run("build", *common)
    assert (done.returncode, done.stdout) == (1, "")
    assert "不是本程序生成的；请换一个空的输出位置" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "missing", ["rules/parameters.yaml", "content/guides.yaml", "templates/assets/site.css"]
)
def test_missing_file_is_named_without_a_traceback(common, mini, missing):
    (mini / missing).unlink()
    done = run("build", *common)
    assert (done.returncode, done.stdout) == (1, "")
    assert missing in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["build", "check"])
def test_root_without_a_project_is_no_traceback_and_gets_no_file(tmp_path, command):
    root = tmp_path / "nirgends"
    done = run(command, "--as-of", "2026-11-21", "--root", root, "--out", tmp_path / "site")
    assert (done.returncode, done.stdout) == (1, "")
    assert "rules/parameters.yaml" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_reader_who_has_read_enough_is_no_error(common):
    command = [sys.executable, str(BUILD), "find", "--guide", "huaru", *map(str, common[:4])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


# ── What the machine lacks ──


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Path:
    """A Python without any package."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return folder / "bin/python"


@pytest.mark.parametrize(
    ("command", "package", "lock"),
    [
        ("build", "yaml", "requirements.txt"),
        ("check", "yaml", "requirements.txt"),
        ("serve", "livereload", "requirements-serve.txt"),
    ],
)
def test_missing_package_is_one_line_with_the_remedy(bare, mini, command, package, lock):
    words = [bare, ROOT / "build.py", command, "--root", mini, "--out", mini / "site"]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    name = re.match(r"没有装 (\w+)；", line)
    assert name, line
    assert name[1] in (package, "markdown", "jinja2")
    assert line.endswith(f"python -m pip install --require-hashes -r {lock}")


def test_old_python_is_told_what_is_wanted(mini):
    text = (ROOT / "build.py").read_text(encoding="utf-8")
    (mini / "build.py").write_text(text.replace("(3, 11)", "(9, 99)"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, mini / "build.py"], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"要 Python 3\.11 或更新的，这里是 3\.\d+\n", done.stderr)
