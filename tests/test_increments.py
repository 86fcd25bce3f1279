"""What a build adds to an earlier one is, byte for byte, what a clean build makes."""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from sitegen import manifest
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.errors import ProjectError
from sitegen.keys import Keys
from sitegen.pipeline import prepare
from sitegen.pools import PoolPlanner
from sitegen.rehearsal import Rehearsed, rehearse
from sitegen.templates import template_digests

ROOT = Path(__file__).resolve().parent.parent
SEQUENCES = 100
DAYS = (date(2026, 11, 21), date(2027, 1, 1), date(2023, 6, 1))

# An edit changes something of a project, of its output or of its cache, if it can.
Edit = Callable[[random.Random, Path, Path], None]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def some(chance: random.Random, folder: Path, pattern: str) -> Path | None:
    found = sorted(path for path in folder.rglob(pattern) if path.is_file())
    return chance.choice(found) if found else None


def replace_number(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "rules", "*.yaml")
    assert path
    text = path.read_text(encoding="utf-8")
    new = str(chance.randint(1, 99))
    path.write_text(re.sub(r"(?<=value: )[0-9]+", new, text, count=1), encoding="utf-8")


def rename_a_city(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "rules", "*.yaml")
    assert path
    text = path.read_text(encoding="utf-8")
    name = chance.choice("东南西北高低")
    path.write_text(re.sub("(?m)^short: .*", f"short: {name}", text), encoding="utf-8")


def retitle_a_source(chance: random.Random, root: Path, out: Path) -> None:
    """And a parameter, where one of the vocabulary is drawn."""
    path = some(chance, root / "rules", "*.yaml")
    assert path
    text = path.read_text(encoding="utf-8")
    title = f"\\g<1>文件{chance.randint(1, 9)}"
    path.write_text(re.sub("((?:title|label): )[^,}\n]*", title, text, count=1), encoding="utf-8")


def doubt_a_figure(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "rules", "*.yaml")
    assert path
    text = path.read_text(encoding="utf-8")
    level = chance.choice(("quoted", "reported", "unverified"))
    path.write_text(re.sub("(?<=verified: )[a-z]+", level, text, count=1), encoding="utf-8")


def change_a_phone(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "rules", "*.yaml")
    assert path
    text = path.read_text(encoding="utf-8")
    status = chance.choice(("disputed", "agreed"))
    text = re.sub("(?m)^phone_area: .*", f'phone_area: {{code: "0993", status: {status}}}', text)
    path.write_text(text, encoding="utf-8")


def move_a_city(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "rules", "[a-z]*[!n].yaml")
    if path and path.parent != root / "rules":
        path.rename(path.with_name(f"{chance.choice(('ding', 'wuwu'))}.yaml"))


def remove_a_city(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "rules/shili", "[a-z]*.yaml")
    if path:
        path.unlink()


def add_a_city(chance: random.Random, root: Path, out: Path) -> None:
    number = chance.randint(10, 99)
    (root / f"rules/shili/xin{'abcdefghij'[number % 10]}.yaml").write_text(
        f'area: 新{number}市\nshort: 新{number}\npinyin: xin\ncode: "9908{number}"\n'
        "level: pool\nkind: 地级市\n",
        encoding="utf-8",
    )


def write_into_a_text(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "content", "*.md")
    assert path
    with path.open("a", encoding="utf-8") as text:
        text.write(f"\n又写了{chance.randint(1, 9)}句。\n")


def retitle_a_text(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "content", "*.md")
    assert path
    text = path.read_text(encoding="utf-8")
    question = f"question: 问{chance.randint(1, 9)}"
    path.write_text(re.sub("(?m)^question: .*", question, text), encoding="utf-8")


def add_a_single_page(chance: random.Random, root: Path, out: Path) -> None:
    old = (root / "content/pages/guanyu.md").read_text(encoding="utf-8")
    (root / f"content/pages/ye{chance.choice('abc')}.md").write_text(old, encoding="utf-8")


def remove_a_single_page(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "content/pages", "ye*.md")
    if path:
        path.unlink()


def write_a_change_down(chance: random.Random, root: Path, out: Path) -> None:
    area, number = chance.choice(("jia", "shili", "bing", "nation")), chance.randint(1, 99)
    with (root / "content/changes.yaml").open("a", encoding="utf-8") as log:
        log.write(
            f"- {{day: 2026-11-20, area: {area}, parameter: account.retiree.amount, "
            f"from: 2022, was: 每月{number}元, kind: 撤下, why: 抄错了, source: jia/j-2026}}\n"
        )


def change_a_template(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / "templates", "*.html")
    assert path
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n<!-- {chance.randint(1, 9)} -->\n", encoding="utf-8")


def change_the_style(chance: random.Random, root: Path, out: Path) -> None:
    with (root / "templates/assets/site.css").open("a", encoding="utf-8") as style:
        style.write(f".x{chance.randint(1, 9)} {{ margin: 0 }}\n")


def break_a_template(chance: random.Random, root: Path, out: Path) -> None:
    (root / "templates/404.html").write_text("{{ nobody }}", encoding="utf-8")


def mend_the_template(chance: random.Random, root: Path, out: Path) -> None:
    (root / "templates/404.html").write_text('{% extends "base.html" %}', encoding="utf-8")


def break_a_rule(chance: random.Random, root: Path, out: Path) -> None:
    (root / "rules/shili/mo.yaml").write_text("area: [\n", encoding="utf-8")


def mend_the_rule(chance: random.Random, root: Path, out: Path) -> None:
    (root / "rules/shili/mo.yaml").unlink(missing_ok=True)


def damage_the_cache(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, root / ".cache", "*")
    if path and path.stat().st_size:
        data = bytearray(path.read_bytes())
        for _ in range(chance.randint(1, 5)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.choice((0, len(data) // 2, len(data)))])


def lose_the_cache(chance: random.Random, root: Path, out: Path) -> None:
    shutil.rmtree(root / ".cache", ignore_errors=True)


def damage_a_page(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, out, "*.html")
    if path:
        data = path.read_bytes()
        path.write_bytes(data[:-1] + b"x")


def lose_a_page(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, out, "*.html")
    if path:
        path.unlink()


def lose_a_folder(chance: random.Random, root: Path, out: Path) -> None:
    path = some(chance, out, "index.html")
    if path and path.parent != out:
        shutil.rmtree(path.parent)


EDITS: tuple[Edit, ...] = (
    *(replace_number, rename_a_city, change_a_phone, move_a_city, remove_a_city, add_a_city),
    *(retitle_a_source, doubt_a_figure),
    *(write_into_a_text, retitle_a_text, add_a_single_page, remove_a_single_page),
    write_a_change_down,
    *(change_a_template, change_the_style, break_a_template, mend_the_template),
    *(break_a_rule, mend_the_rule, damage_the_cache, lose_the_cache),
    *(damage_a_page, lose_a_page, lose_a_folder),
)


def built(root: Path, out: Path, day: date, rehearsed: Rehearsed | None = None) -> bool:
    """Build as the command does; whether there is a site now."""
    if manifest.nothing_to_do(root, out, Edition(day), rehearsed.last if rehearsed else None):
        return True
    with suppress(ProjectError):
        build(root, out, Edition(day), lambda done, total: None, rehearsed)
        return True
    return False


@dataclass(frozen=True)
class Step:
    """What happens before one build."""

    edits: tuple[Edit, ...]
    day: date
    is_other_code: bool


def steps_of(seed: int) -> list[Step]:
    """The steps of a sequence, drawn before anything is edited."""
    chance = random.Random(seed)
    day = DAYS[0]
    steps = []
    for _ in range(chance.randint(1, 4)):
        edits = tuple(chance.choices(EDITS, k=chance.randint(1, 3)))
        day = chance.choice(DAYS) if chance.random() < 0.2 else day
        steps.append(Step(edits, day, chance.random() < 0.1))
    return steps


def happens_in(seed: int) -> set[object]:
    """The kinds of things that happen in a sequence."""
    steps = steps_of(seed)
    found: set[object] = {edit for step in steps for edit in step.edits}
    found |= {"another day" for step in steps if step.day != DAYS[0]}
    return found | {"another code" for step in steps if step.is_other_code}


EVERYTHING = {*EDITS, "another day", "another code"}


def sample() -> set[int]:
    """A few sequences in which everything happens at least once; the others run with --all."""
    chosen: set[int] = set()
    open_ = set(EVERYTHING)
    while open_:
        best = max(range(SEQUENCES), key=lambda seed: len(happens_in(seed) & open_))
        chosen.add(best)
        open_ -= happens_in(best)
    return chosen


SAMPLE = sample()


@pytest.mark.promise("A6")
@pytest.mark.promise("A7")
@pytest.mark.parametrize(
    "seed",
    [pytest.param(n, marks=[] if n in SAMPLE else [pytest.mark.slow]) for n in range(SEQUENCES)],
)
def test_build_upon_a_build_is_a_clean_build_whatever_was_edited(
    seed, mini, tmp_path, monkeypatch, figure
):
    chance = random.Random(f"edits {seed}")
    # In the project the site before the last one is kept and used again.
    out, clean = chance.choice((mini, tmp_path)) / "site", tmp_path / "clean"
    version = manifest.hash_code()
    built(mini, out, DAYS[0])
    steps = steps_of(seed)
    told = [edit.__name__ for step in steps for edit in step.edits]
    for step in steps:
        # As serve does, every other build has read and planned what was there before the edits.
        is_ready = chance.random() < 0.5
        ready = rehearse(mini, out, Edition(step.day), lambda: False) if is_ready else None
        for edit in step.edits:
            edit(chance, mini, out)
        if step.is_other_code:
            version = f"{version}x"
            monkeypatch.setattr(manifest, "hash_code", lambda version=version: version)
        is_built = built(mini, out, step.day, ready)
    shutil.copytree(mini, tmp_path / "copy", ignore=shutil.ignore_patterns(".cache", "site"))
    assert built(tmp_path / "copy", clean, steps[-1].day) == is_built, told
    if is_built:
        assert tree(out) == tree(clean), told
    figure("sequence of edits, all files equal")


def test_only_pages_that_show_a_changed_figure_are_written_anew(mini, tmp_path):
    out = tmp_path / "site"
    built(mini, out, DAYS[0])
    before = {path: path.stat().st_ino for path in out.rglob("*.html")}
    path = mini / "rules/shili/jia.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("1500.50", "1500.60"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    built(mini, out, DAYS[0])
    new = {path for path, number in before.items() if path.stat().st_ino != number}
    urls = {path.parent.relative_to(out).as_posix() for path in new}
    assert {"jia", "jia/huaru", "jia/dayin/huaru", "jia/dazi", "shili"} <= urls
    assert not {url for url in urls if url.startswith(("bing", "yi-", "zhinan", "guanyu"))}


@pytest.mark.parametrize(
    ("template", "line", "wanted"),
    [
        # A page of each pool; the macro that sheets and the booklet draw in; what all draw in.
        ("city.html", "<!-- x -->", {"jia", "bing"}),
        ("sheet_macros.html", "{# x #}", {"jia/dayin/huaru", "jia/dazi"}),
        ("base.html", "<!-- x -->", {"", "jia", "jia/huaru", "zhinan/huaru", "shili", "laiyuan"}),
    ],
)
def test_only_pages_that_are_made_from_a_changed_template_are_made_anew(
    mini, tmp_path, template, line, wanted
):
    out = tmp_path / "site"
    built(mini, out, DAYS[0])
    before = {path: path.stat().st_ino for path in out.rglob("*.html")}
    path = mini / "templates" / template
    path.write_text(path.read_text("utf-8") + line, encoding="utf-8")
    built(mini, out, DAYS[0])
    new = {path for path, number in before.items() if path.stat().st_ino != number}
    urls = {path.parent.relative_to(out).as_posix().removeprefix(".") for path in new}
    assert wanted <= urls
    if template != "base.html":
        ends = {url.partition("/")[2].partition("/")[0] for url in urls}
        assert ends <= {"", "dayin", "dazi"}
        assert not {url for url in urls if url.startswith(("zhinan", "laiyuan", "shili"))}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        # The vocabulary: what a figure is called, where a link may lead, in which order they come.
        ("parameters.yaml", "label: 在职职工个人账户划入比例", "label: 在职划入比例"),
        ("parameters.yaml", "  - gov.cn\n", "  - jia.gov.cn\n"),
        # The source of another place, which an area, its province or a change cites.
        ("yangban/bing.yaml", "title: ", "title: 新"),
    ],
)
def test_what_is_written_elsewhere_is_new_wherever_it_stands(mini, tmp_path, name, old, new):
    out = tmp_path / "site"
    abroad = mini / "rules/shili/jia.yaml"
    text = abroad.read_text("utf-8")
    cited = "      source: j-2009\n"
    assert cited in text
    source = re.search(
        r"(?m)^  ([a-z0-9-]+):\n    title", (mini / "rules/yangban/bing.yaml").read_text("utf-8")
    )
    assert source
    also = f"      also: [{{source: bing/{source[1]}}}]\n"
    abroad.write_text(text.replace(cited, f"{cited}{also}", 1), encoding="utf-8")
    assert built(mini, out, DAYS[0])
    path = mini / "rules" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert built(mini, out, DAYS[0])
    shutil.rmtree(mini / ".cache")
    assert built(mini, tmp_path / "clean", DAYS[0])
    assert tree(out) == tree(tmp_path / "clean")


@pytest.mark.parametrize("lost", ["data/v1/city/jia.json", "jia/huaru/data.json", "jia/index.html"])
@pytest.mark.parametrize("is_changed", [False, True])
def test_file_of_data_that_was_lost_or_changed_is_made_again(mini, tmp_path, lost, is_changed):
    out = tmp_path / "site"
    built(mini, out, DAYS[0])
    before = tree(out)
    if is_changed:
        (out / lost).write_text("{}", encoding="utf-8")
    else:
        (out / lost).unlink()
    built(mini, out, DAYS[0])
    assert tree(out) == before
    # Nor is anything else amiss when a pool is planned again.
    path = mini / "rules/shili/jia.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# x\n", encoding="utf-8")
    built(mini, out, DAYS[0])
    assert tree(out) == before


def test_changed_figure_is_new_in_every_file_of_data_that_has_it(mini, tmp_path):
    out = tmp_path / "site"
    built(mini, out, DAYS[0])
    before = tree(out)
    path = mini / "rules/shili/jia.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("1500.50", "1500.60"), encoding="utf-8")
    built(mini, out, DAYS[0])
    after = tree(out)
    changed = {name for name in before if before[name] != after[name]}
    data = {name for name in changed if name.endswith((".json", ".csv"))}
    wanted = {"data/v1/huaru.csv", "data/v1/huaru.json", "data/v1/city/jia.json"}
    assert data == wanted | {"jia/huaru/data.json", "bijiao/compare.json"}
    for name in wanted | {"jia/huaru/data.json"}:
        assert b"1500.6" in after[name]
        assert b"1500.5" not in after[name]


def test_index_of_all_words_that_lost_a_file_is_made_again(mini):
    out, edition = mini / "site", Edition(DAYS[0], has_full_text=True)
    build(mini, out, edition, lambda done, total: None)
    before = tree(out)
    (out / "pagefind/pagefind.js").unlink()
    build(mini, out, edition, lambda done, total: None)
    assert tree(out) == before


@pytest.mark.parametrize("where", ["in the project", "outside"])
def test_build_after_any_build_has_nothing_to_do(mini, tmp_path, where):
    out = (mini if where == "in the project" else tmp_path) / "site"
    edition = Edition(DAYS[0])
    for figure in ("60", "70", "80"):
        built(mini, out, DAYS[0])
        assert manifest.nothing_to_do(mini, out, edition)
        change_a_figure(mini, figure)
    built(mini, out, DAYS[0])
    assert manifest.nothing_to_do(mini, out, edition)
    page = out / "jia/index.html"
    page.write_bytes(page.read_bytes()[::-1])
    assert manifest.nothing_to_do(mini, out, edition) is None
    for other in (DAYS[1], "", False), (DAYS[0], "https://a.example"), (DAYS[0], "", True):
        assert manifest.nothing_to_do(mini, out, Edition(*other)) is None
    assert manifest.nothing_to_do(mini, out, edition._replace(is_preview=True)) is None
    assert manifest.nothing_to_do(mini, out, edition._replace(commit="abc")) is None


def spare_of(root: Path) -> Path | None:
    found = [path for path in (root / ".cache/site").iterdir() if path.is_dir()]
    return found[0] if found else None


def change_a_figure(root: Path, figure: str) -> None:
    path = root / "rules/shili/jia.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"1500\.[0-9]+", f"1500.{figure}", text), encoding="utf-8")


@pytest.mark.parametrize("how", ["more", "other", "gone", "all"])
def test_what_others_did_in_the_spare_site_never_gets_out(mini, tmp_path, how):
    out = mini / "site"
    built(mini, out, DAYS[0])
    change_a_figure(mini, "60")
    built(mini, out, DAYS[0])
    spare = spare_of(mini)
    assert spare
    if how in ("more", "all"):
        (spare / "fremd.html").write_text("fremd", encoding="utf-8")
    if how in ("other", "all"):
        (spare / "jia/huaru/index.html").write_text("fremd", encoding="utf-8")
    if how in ("gone", "all"):
        (spare / "guanyu/index.html").unlink()
    change_a_figure(mini, "70")
    built(mini, out, DAYS[0])
    shutil.rmtree(mini / ".cache")
    built(mini, tmp_path / "clean", DAYS[0])
    assert tree(out) == tree(tmp_path / "clean")


def test_disk_without_second_names_gets_copies(mini, monkeypatch):
    def refuse(source: str, target: str) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", target)

    out = mini / "site"
    built(mini, out, DAYS[0])
    monkeypatch.setattr(os, "link", refuse)
    change_a_figure(mini, "60")
    assert build(mini, out, Edition(DAYS[0]), lambda done, total: None).rendered < 20
    assert "1,500.6" in (out / "jia/huaru/index.html").read_text(encoding="utf-8")
    assert (out / "guanyu/index.html").stat().st_nlink == 1


@pytest.mark.parametrize("figures", ["50 60", "50 50 60", "50 50 60 50 60"])
def test_undone_edit_renders_nothing(mini, figures):
    out = mini / "site"
    for number, figure in enumerate(figures.split()):
        # What did not change is one file in both sites.
        with (mini / "content/pages/guanyu.md").open("a", encoding="utf-8") as text:
            text.write(f"\n{number}\n")
        change_a_figure(mini, figure)
        assert built(mini, out, DAYS[0])
    change_a_figure(mini, "50")
    again = build(mini, out, Edition(DAYS[0]), lambda done, total: None)
    assert again.rendered == 0
    assert "1,500.5" in (out / "jia/huaru/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("how", ["changed", "gone", "a folder"])
def test_undone_edit_is_made_again_where_the_spare_site_no_longer_has_it(mini, tmp_path, how):
    out, clean = mini / "site", tmp_path / "clean"
    for figure in ("50", "60"):
        change_a_figure(mini, figure)
        built(mini, out, DAYS[0])
    spare = spare_of(mini)
    assert spare
    page = spare / "jia/huaru/index.html"
    page.unlink()
    if how == "changed":
        page.write_text("fremd", encoding="utf-8")
    elif how == "a folder":
        page.mkdir()
        (page / "fremd.html").write_text("fremd", encoding="utf-8")
    change_a_figure(mini, "50")
    assert built(mini, out, DAYS[0])
    shutil.rmtree(mini / ".cache")
    built(mini, clean, DAYS[0])
    assert tree(out) == tree(clean)


def test_sentence_that_changes_in_a_guide_asks_for_no_other_page_of_a_pool(mini, monkeypatch):
    out = mini / "site"
    built(mini, out, DAYS[0])
    monkeypatch.setattr(PoolPlanner, "_pages_of", lambda *_: pytest.fail("planned all pages"))
    with (mini / "content/guides/huaru/pool.md").open("a", encoding="utf-8") as text:
        text.write("\n又写了一句。\n")
    again = build(mini, out, Edition(DAYS[0]), lambda done, total: None)
    assert again.rendered == sum(again.states.values()), "the page of each pool"
    assert "又写了一句" in (out / "jia/huaru/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["city.html", "source.html", "404.html"])
def test_template_that_is_taken_away_is_missed(mini, name):
    out = mini / "site"
    built(mini, out, DAYS[0])
    (mini / "templates" / name).unlink()
    with pytest.raises(ProjectError, match=f"没有 {name} 这个模板"):
        build(mini, out, Edition(DAYS[0]), lambda done, total: None)


def test_failed_build_leaves_no_spare_site_that_is_half_made(mini):
    out = mini / "site"
    built(mini, out, DAYS[0])
    change_a_figure(mini, "60")
    built(mini, out, DAYS[0])
    good = tree(out)
    (mini / "templates/404.html").write_text("{{ nobody }}", encoding="utf-8")
    assert not built(mini, out, DAYS[0])
    assert tree(out) == good
    assert spare_of(mini) is None


def test_pages_of_a_pool_are_made_of_its_own_files_and_its_parents_alone(tmp_path):
    """With nearly every other pool gone they are planned the same, so that those of a pool whose
    own files did not change can be left as they are."""
    for folder in ("content", "rules", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    whole = keys_of(tmp_path)
    texts = "".join(path.read_text("utf-8") for path in (tmp_path / "content").rglob("*.md"))
    cited = set(re.findall(r'src\("([a-z-]+)/', texts))
    # Pools alone in their province, with rules of their own, in provinces of one rule for all.
    kept = {"beijing", "mianyang", "wuhan", "nanning", "lasa", "taizhou-jiangsu"}
    gone = set()
    for path in (tmp_path / "rules").rglob("[a-z]*.yaml"):
        is_pool = "\nlevel: pool\n" in path.read_text("utf-8")
        # Pages name the pools of the same pinyin too.
        is_twin = path.stem.startswith("taizhou")
        if is_pool and not is_twin and path.stem not in kept | cited:
            path.unlink()
            gone.add(path.stem)
    counties = tmp_path / "rules/counties.yaml"
    counties.unlink()
    alone = keys_of(tmp_path)
    for pool in sorted(kept):
        pages = {url for url in whole if url.startswith(f"/{pool}/")}
        assert len(pages) > 20
        assert [url for url in sorted(pages) if whole[url] != alone[url]] == []
    assert len(gone) > 300


def keys_of(root: Path) -> dict[str, str]:
    """The keys of all pages, as if all of them had the same frame."""
    _, plan, _, _ = prepare(root, Edition(DAYS[0]))
    keys = Keys("", template_digests(root, plan.texts))
    return {page.url: keys.key(page) for page in plan.pages}
