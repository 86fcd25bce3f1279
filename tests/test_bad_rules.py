"""Every way to write a rules file wrongly is refused, at the right place and in one sentence.

``bad_rules/*.yaml`` hold one defect each. Their first lines say what is expected: a line
``# expect: <line>:<col>: <part of the message>`` for each problem (`` … `` stands for any
text) and, where the file does not replace the pool, ``# at: <path below rules/>``.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from signal import ITIMER_PROF, SIGPROF, setitimer, signal

import pytest

from sitegen.check import check_rules
from sitegen.load import LoadError, load_rules
from sitegen.texts import load_content
from sitegen.yamlfile import INVISIBLE, MAX_BYTES
from test_mutants import KINDS

ROOT = Path(__file__).parents[1]
BAD_RULES = ROOT / "tests" / "bad_rules"
POOL_FILE = "rules/sichuan/mianyang.yaml"

FILES = {
    "rules/nation.yaml": """\
area: 全国
short: 全国
code: "000000"
level: nation
kind: 国家
""",
    "rules/sichuan/_province.yaml": """\
area: 四川省
short: 四川
pinyin: si chuan
code: "510000"
level: province
kind: 省
sources:
  sc-2023:
    title: 四川省的通知
    kind: official_page
    published: 2023-01
    url: https://ybj.sc.gov.cn/1
values:
  account.retiree.extra:
    - from: 2023-01-01
      per: month
      value: 10
      source: sc-2023
      quote: 每月10元
      verified: primary
      checked: 2026-11-21
""",
    POOL_FILE: """\
area: 绵阳市
short: 绵阳
pinyin: mian yang
code: "510700"
level: pool
kind: 地级市
phone_area: {code: "0816", status: agreed}
sources:
  my-2023:
    title: 绵阳市的通知
    kind: official_page
    published: 2023-02-01
    url: https://ybj.my.gov.cn/1
values:
  account.retiree.amount:
    - from: 2023-01-01
      per: month
      value:
        - {age: 0, value: 85}
        - {age: 70, value: 95.50}
      source: my-2023
      quote: 每月85元，满70岁95.50元
      verified: primary
      checked: 2026-11-21
""",
    "content/site.yaml": "name: 医保怎么办\ncontact: none\n",
}
TEXT = "---\ntitle: 查余额\ndescription: 查余额的办法\nquestion: 查余额\n---\n\n打12393。\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tiny project without a problem: the nation, one province, one pool."""
    for name, text in FILES.items():
        write(tmp_path / name, text)
    shutil.copy(ROOT / "rules/parameters.yaml", tmp_path / "rules")
    guides = (ROOT / "content/guides.yaml").read_text(encoding="utf-8")
    write(tmp_path / "content/guides.yaml", guides)
    for slug in re.findall(r"slug: ([a-z-]+)", guides):
        for name in ("pool.md", "nation.md"):
            write(tmp_path / "content/guides" / slug / name, TEXT)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail instead of hanging: after so many seconds of the processor, however busy it is."""

    def give_up(*_: object) -> None:
        pytest.fail(f"did not end within {seconds} s")

    before = signal(SIGPROF, give_up)
    setitimer(ITIMER_PROF, seconds)
    try:
        yield
    finally:
        setitimer(ITIMER_PROF, 0)
        signal(SIGPROF, before)


def printed(root: Path) -> list[str]:
    """What a run prints: every problem of rules and content, then of the whole."""
    found: list[str] = []
    rules = None
    with within(2):
        for load in (load_rules, load_content):
            try:
                loaded = load(root)
                rules = loaded if load is load_rules else rules
            except LoadError as error:
                found += [str(problem) for problem in error.problems]
        if rules and not found:
            found += [str(problem) for problem in check_rules(rules)]
    return found


def fits(line: str, place: str, part: str) -> bool:
    pattern = ".*".join(re.escape(piece) for piece in part.split(" … "))
    return line.startswith(f"{place}: ") and re.search(pattern, line) is not None


def assert_is_a_sentence(line: str) -> None:
    """One line that an author can read: no Python, no English, nothing unseen, not endless."""
    message = line.split(": ", 1)[1]
    assert not INVISIBLE.search(line) and "\n" not in line, repr(line)
    assert not re.search(r"Node\(|Place\(|Decimal\(|<class|None", message), line
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", message), f"English: {line}"
    assert len(line) < 400, len(line)


def where(at: str) -> str:
    return at if at.startswith("content/") else f"rules/{at}"


def test_the_tiny_project_has_no_problem(root):
    assert printed(root) == []


@pytest.mark.parametrize("path", sorted(BAD_RULES.glob("*.yaml")), ids=lambda p: p.stem)
def test_bad_file_is_refused_where_it_is_wrong(root, path):
    text = path.read_text(encoding="utf-8")
    expected = re.findall(r"^# expect: ([0-9]+:[0-9]+): (.+)$", text, re.M)
    found_at = re.search(r"^# at: (.+)$", text, re.M)
    at = where(found_at.group(1)) if found_at else POOL_FILE
    assert expected and text.startswith("# expect: ")
    write(root / at, text)
    if at == "content/guides.yaml":
        shutil.rmtree(root / "content/guides")
        write(root / "content/guides/yue/pool.md", TEXT)
        write(root / "content/guides/yue/nation.md", TEXT)
    lines = printed(root)
    left = list(lines)
    for place, part in expected:
        line = next((line for line in left if fits(line, f"{at}:{place}", part)), None)
        assert line, f"expected {at}:{place}: {part}\nprinted {lines}"
        left.remove(line)
    assert left == [], "one defect, but more was printed"
    for line in lines:
        assert_is_a_sentence(line)


def test_there_are_enough_bad_files():
    assert len(list(BAD_RULES.glob("*.yaml"))) >= 60


# What cannot be kept as a file of text: made here. Each says what is printed.
Damage = Callable[[Path], object]
HEAD = FILES[POOL_FILE].partition("sources:")[0].encode()
DAMAGE: dict[str, tuple[Damage, list[tuple[str, str]]]] = {
    "too-large": (
        lambda root: (root / POOL_FILE).write_bytes(HEAD + b"#" * MAX_BYTES),
        [(f"{POOL_FILE}:1:1", "最多 256 KB")],
    ),
    "one-byte-too-large": (
        lambda root: (root / POOL_FILE).write_bytes(HEAD.ljust(MAX_BYTES + 1, b"#")),
        [(f"{POOL_FILE}:1:1", "最多 256 KB")],
    ),
    "gbk": (
        lambda root: (root / POOL_FILE).write_bytes(HEAD.decode().encode("gbk")),
        [(f"{POOL_FILE}:1:7", "不是 UTF-8 编码")],
    ),
    "broken-byte": (
        lambda root: (root / POOL_FILE).write_bytes(HEAD + "aliases: [涪".encode() + b"\xff]\n"),
        [(f"{POOL_FILE}:8:12", "不是 UTF-8 编码")],
    ),
    "byte-order-mark": (
        lambda root: (root / POOL_FILE).write_bytes(b"\xef\xbb\xbf" + HEAD),
        [(f"{POOL_FILE}:1:1", "看不见的字符 U+FEFF")],
    ),
    "zero-width-space": (
        lambda root: write(root / POOL_FILE, HEAD.decode().replace("绵阳\n", "绵\u200b阳\n", 1)),
        [(f"{POOL_FILE}:2:9", "看不见的字符 U+200B")],
    ),
    "bidi-override": (
        lambda root: write(root / POOL_FILE, HEAD.decode().replace("地级", "\u202e地级")),
        [(f"{POOL_FILE}:6:7", "看不见的字符 U+202E")],
    ),
    "nul": (
        lambda root: write(root / POOL_FILE, HEAD.decode() + "aliases: [\0]\n"),
        [(f"{POOL_FILE}:8:11", "看不见的字符 U+0000")],
    ),
    "old-mac-line-ends": (
        lambda root: write(root / POOL_FILE, HEAD.decode().replace("\n", "\r")),
        [(f"{POOL_FILE}:1:10", "看不见的字符 U+000D")],
    ),
    "not-a-character": (
        lambda root: write(root / POOL_FILE, HEAD.decode().replace("地级", "地\ufffe级")),
        [(f"{POOL_FILE}:6:8", "字符")],
    ),
    "many-brackets": (
        lambda root: write(root / POOL_FILE, "[" * 30_000),
        [(f"{POOL_FILE}:1:13", "嵌套超过 12 层")],
    ),
    "empty": (
        lambda root: write(root / POOL_FILE, ""),
        [(f"{POOL_FILE}:1:1", "文件是空的")],
    ),
    "symlink": (
        lambda root: (root / "rules/sichuan/ziyang.yaml").symlink_to("mianyang.yaml"),
        [("rules/sichuan/ziyang.yaml:1:1", "是一个链接")],
    ),
    "symlink-to-a-folder": (
        lambda root: (root / "rules/hubei").symlink_to("sichuan"),
        [("rules/hubei:1:1", "是一个链接")],
    ),
    "symlink-of-a-text": (
        lambda root: (
            (root / "content/guides/yue/pool.md").unlink(),
            (root / "content/guides/yue/pool.md").symlink_to("nation.md"),
        ),
        [("content/guides/yue/pool.md:1:1", "是一个链接")],
    ),
    "slug-of-the-nation": (
        lambda root: write(root / "rules/sichuan/nation.yaml", HEAD.decode().replace("07", "99")),
        [("rules/sichuan/nation.yaml:1:1", "nation")],
    ),
    "other-file": (
        lambda root: write(root / "rules/sichuan/notes.txt", "x"),
        [("rules/sichuan/notes.txt:1:1", "不知道这是什么文件")],
    ),
    "other-suffix": (
        lambda root: write(root / "rules/sichuan/ziyang.yml", "x"),
        [("rules/sichuan/ziyang.yml:1:1", "不知道这是什么文件")],
    ),
    "too-deep-a-folder": (
        lambda root: write(root / "rules/sichuan/mianyang/fucheng.yaml", "x"),
        [("rules/sichuan/mianyang/fucheng.yaml:1:1", "不知道这是什么文件")],
    ),
    "no-nation": (
        lambda root: (root / "rules/nation.yaml").unlink(),
        [("rules/nation.yaml:1:1", "没有这个文件")],
    ),
    "no-areas": (
        lambda root: (
            shutil.rmtree(root / "rules/sichuan"),
            (root / "rules/nation.yaml").unlink(),
        ),
        [("rules/nation.yaml:1:1", "没有这个文件")],
    ),
    "no-vocabulary": (
        lambda root: (root / "rules/parameters.yaml").unlink(),
        [("rules/parameters.yaml:1:1", "没有这个文件")],
    ),
    "no-rules": (
        lambda root: shutil.rmtree(root / "rules"),
        [("rules/parameters.yaml:1:1", "没有这个文件")],
    ),
    "no-site": (
        lambda root: (root / "content/site.yaml").unlink(),
        [("content/site.yaml:1:1", "没有这个文件")],
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_file_is_refused_where_it_is_damaged(root, name):
    damage, expected = DAMAGE[name]
    damage(root)
    lines = printed(root)
    assert len(lines) == len(expected), lines
    for line, (place, part) in zip(lines, expected, strict=True):
        assert fits(line, place, part), line
        assert_is_a_sentence(line)


@pytest.mark.parametrize("name", [".DS_Store", "sichuan/.mianyang.yaml.swp"])
def test_what_editors_leave_behind_is_no_rules_file(root, name):
    write(root / "rules" / name, "x")
    assert printed(root) == []


def test_every_defect_of_a_file_is_printed_in_one_run(root):
    """A wrong word in one part of a file must not hide a wrong number in another."""
    text = FILES[POOL_FILE].replace("status: agreed", "status: agree")
    text = text.replace("95.50", "95500").replace("source: my-2023", "source: my-2022")
    write(root / POOL_FILE, text)
    write(root / "content/guides.yaml", "- {slug: yue, kind: tsk, label: 查余额}\n")
    lines = printed(root)
    for part in ("agreed", "95500", "my-2022", "tsk"):
        assert any(part in line for line in lines), (part, lines)


@pytest.mark.parametrize("name", ["rules/nation.yaml", "rules/sichuan/_province.yaml"])
def test_one_slip_in_a_parent_is_one_message(root, name):
    """The children of a file that has a problem are not also told that it is missing."""
    write(root / name, FILES[name] + "capital: 成都\n")
    assert len(printed(root)) == 1, printed(root)


@pytest.mark.promise("B2")
def test_twenty_errors_in_twenty_files_are_all_reported_in_order(root, figure):
    for number in range(20):
        head = f'area: 甲市\nshort: 甲\npinyin: jia\ncode: "5120{number:02}"\n'
        head += "level: poool\nkind: 地级市\n"
        write(root / f"rules/sichuan/{'abcdefghijklmnopqrst'[number]}.yaml", head)
    lines = printed(root)
    assert len(lines) == 20 and lines == sorted(lines)
    assert all(":5:8: 这里是“poool”" in line for line in lines)
    figure(f"20 planted, {len(lines)} reported")


# ── the real command line ──

SAMPLE = (
    "share-as-percent",
    "entry-from-month-13",
    "duplicate-key",
    "second-colon",
    "parent-missing",
    "primary-lookalike",
    "vocabulary-unit",
    "guides-kind",
)


def run_build(root: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "build.py"), "--root", str(root), "--out", str(out)]
    return subprocess.run(
        [*command, "--as-of", "2026-11-21"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def project(root: Path) -> Path:
    """The tiny project with the real templates: it can be built."""
    shutil.copytree(ROOT / "templates", root / "templates")
    return root


@pytest.mark.promise("A5")
def test_an_error_publishes_nothing_and_leaves_the_old_site(project, tmp_path, figure):
    out = tmp_path / "public"
    good = run_build(project, out)
    assert good.returncode == 0, good.stderr
    before = hashes(out)
    assert "mianyang/index.html" in before
    files = {name: (project / name).read_bytes() for name in ("rules/parameters.yaml", POOL_FILE)}
    guides = (project / "content/guides.yaml").read_bytes()
    for name in SAMPLE:
        text = (BAD_RULES / f"{name}.yaml").read_text(encoding="utf-8")
        place, part = re.findall(r"^# expect: ([0-9]+:[0-9]+): (.+)$", text, re.M)[0]
        found_at = re.search(r"^# at: (.+)$", text, re.M)
        at = where(found_at.group(1)) if found_at else POOL_FILE
        write(project / at, text)
        for folder in (out, tmp_path / "new"):
            run = run_build(project, folder)
            assert run.returncode == 1, name
            assert "Traceback" not in run.stderr and run.stdout == ""
            assert any(fits(line, f"{at}:{place}", part) for line in run.stderr.splitlines())
        assert hashes(out) == before, name
        rest = {path.name for path in tmp_path.iterdir()}
        assert rest == {"rules", "content", "templates", "public", ".cache"}, name
        (project / at).unlink()
        for path, content in (*files.items(), ("content/guides.yaml", guides)):
            (project / path).write_bytes(content)
    assert run_build(project, out).returncode == 0
    figure(f"{len(SAMPLE)}/{len(SAMPLE)} files with one defect publish nothing")


@pytest.mark.promise("A5")
def test_a_damaged_file_publishes_nothing_and_leaves_the_old_site(
    project, tmp_path, request, figure
):
    """Mutants of ``test_mutants.py`` that are refused, of the rules of 四川 as they are."""
    shutil.rmtree(project / "rules")
    (project / "rules/sichuan").mkdir(parents=True)
    for name in ("parameters", "nation", "sichuan/_province", "sichuan/chengdu", "sichuan/ganzi"):
        shutil.copy(ROOT / f"rules/{name}.yaml", project / f"rules/{name}.yaml")
    out = tmp_path / "public"
    good = run_build(project, out)
    assert good.returncode == 0, good.stderr
    before = hashes(out)
    target = project / "rules/sichuan/chengdu.yaml"
    original = target.read_bytes()
    chance = random.Random(20261122)
    wanted = 50 if request.config.getoption("--all") else 5
    refused = 0
    while refused < wanted:
        kind = KINDS[refused % len(KINDS)]
        target.write_bytes(kind(chance, original.decode().splitlines(keepends=True)))
        try:
            if not [p for p in check_rules(load_rules(project)) if not p.warning]:
                continue  # legal, or the same: it may be published
        except LoadError:
            pass
        done = run_build(project, out)
        assert (done.returncode, done.stdout) == (1, ""), kind.__name__
        assert "Traceback" not in done.stderr, kind.__name__
        assert re.match(r"rules/\S+:[0-9]+:[0-9]+: ", done.stderr), kind.__name__
        assert hashes(out) == before, kind.__name__
        refused += 1
    figure(f"{refused}/{refused} damaged files publish nothing, exit 1")
