"""No name leads out of the output folder, and no two pages can have one address, on any system."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import AS_OF
from sitegen.builder import build
from sitegen.edition import Edition
from sitegen.errors import ProjectError
from sitegen.model import INVISIBLE
from sitegen.write import file_of

Damage = Callable[[Path], object]
NFC, NFD = (unicodedata.normalize(form, "lié") for form in ("NFC", "NFD"))


def slug(text: str) -> tuple[str, Damage]:
    """A guide whose slug is ``text``, as YAML writes it."""

    def damage(root: Path) -> None:
        with (root / "content/guides.yaml").open("a", encoding="utf-8") as file:
            file.write(f"- {{slug: {text}, kind: task, label: 查}}\n")

    return "content/guides.yaml:3:", damage


def copied(source: str, *targets: str) -> tuple[str, Damage]:
    """A good file once more under other names; the last one is refused."""

    def damage(root: Path) -> None:
        for target in targets:
            (root / target).parent.mkdir(exist_ok=True)
            shutil.copytree(root / source, root / target) if (
                root / source
            ).is_dir() else shutil.copy(root / source, root / target)

    return f"{targets[-1]}:1:", damage


def linked(name: str, to: str) -> tuple[str, Damage]:
    return f"{name}:1:", lambda root: (root / name).symlink_to(to)


POOL, PAGE, PROVINCE = "rules/shili/jia.yaml", "content/pages/gangaotai.md", "rules/shili"

NAMES: dict[str, tuple[str, Damage]] = {
    "out of the folder": slug("../x"),
    "out of the folder, deep": slug("x/../../../x"),
    "only dots": slug('".."'),
    "encoded dots": slug('"%2e%2e"'),
    "backslashes": slug("'..\\x'"),
    "from the root": slug("/etc"),
    "drive": slug('"c:x"'),
    "two slashes": slug("a//b"),
    "slash": slug("a/b"),
    "slash at the end": slug("a/"),
    "nothing": slug('""'),
    "nul": slug('"a\\0b"'),
    "line end": slug('"a\\nb"'),
    "300 bytes": slug("a" * 300),
    "300 bytes, Chinese": slug("绵" * 100),
    "device of Windows": slug("con"),
    "device of Windows, large": slug("CON"),
    "other device of Windows": slug("nul"),
    "hidden": slug(".git"),
    "dot at the end": slug("huaru."),
    "space": slug('"hua ru"'),
    "query": slug('"a?b"'),
    "fragment": slug('"a#b"'),
    "twin": slug("huaru"),
    "large twin": slug("Huaru"),
    "composed letter": slug(NFC),
    "decomposed letter": slug(NFD),
    "full width": slug("ｘ"),
    "pool: large twin": copied(POOL, "rules/shili/Jia.yaml"),
    "pool: composed and decomposed": copied(POOL, f"rules/shili/{NFD}.yaml"),
    "pool: twin in another province": copied(POOL, "rules/yangban/jia.yaml"),
    "pool: device of Windows": copied(POOL, "rules/shili/con.yaml"),
    "pool: space": copied(POOL, "rules/shili/ji a.yaml"),
    "pool: longest name": copied(POOL, f"rules/shili/{'a' * 250}.yaml"),
    "pool: percent": copied(POOL, "rules/shili/%2e%2e.yaml"),
    "page: large": copied(PAGE, "content/pages/Gangaotai.md"),
    "page: decomposed": copied(PAGE, f"content/pages/{NFD}.md"),
    "page: device of Windows": copied(PAGE, "content/pages/aux.md"),
    "page: dots": copied(PAGE, "content/pages/...md"),
    "page: percent": copied(PAGE, "content/pages/%2e%2e.md"),
    "page: question": copied(PAGE, "content/pages/a?b.md"),
    "page: folder with a space": copied(PAGE, "content/pages/a b/x.md"),
    "page: address of a pool": copied(PAGE, "content/pages/jia.md"),
    "page: address of a list": copied(PAGE, "content/pages/zhinan.md"),
    "link to a rules file": linked("rules/shili/ding.yaml", "jia.yaml"),
    "link out of rules": linked("rules/shili/ding.yaml", "/etc/passwd"),
    "link to a folder of rules": linked("rules/hubei", "shili"),
    "link to a text": linked("content/pages/x.md", "gangaotai.md"),
    "link to a folder of texts": linked("content/pages/x", "../guides"),
    "link out of content": linked("content/pages/x.md", "/etc/passwd"),
    "link to nothing": linked("content/pages/x.md", "nirgends.md"),
    "link to a template": linked("templates/x.html", "base.html"),
    "link to an asset": linked("templates/assets/x.txt", "/etc/passwd"),
    "link to a folder of assets": linked("templates/assets/x", "/etc"),
    "link at the root of the site": linked("templates/root/x.txt", "/etc/passwd"),
}


@pytest.mark.promise("B6")
def test_every_bad_name_and_link_is_refused_where_it_stands(
    copy_mini: Callable[[Path], Path], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    wrong = []
    for number, (name, (place, damage)) in enumerate(NAMES.items()):
        root = copy_mini(tmp_path / str(number))
        damage(root)
        try:
            build(root, tmp_path / "site", Edition(AS_OF), lambda done, total: None)
            wrong.append((name, "was built"))
            shutil.rmtree(tmp_path / "site")
        except ProjectError as error:
            lines = [line for line in error.lines if re.match(r"[a-z]+/.+?:[0-9]+:[0-9]+: ", line)]
            if not any(line.startswith(INVISIBLE.sub("", place)) for line in lines):
                wrong.append((name, str(error.lines)))
        assert not (tmp_path / "site").exists(), name
        assert not (tmp_path / "x").exists(), name
        shutil.rmtree(root)
    assert wrong == []
    figure(f"{len(NAMES)}/{len(NAMES)} names and links refused with file:line")


@pytest.mark.promise("B6")
def test_no_two_pages_share_an_address_whatever_the_case(
    site: Path, figure: Callable[[str], None]
) -> None:
    """In the real site, where a system may take two spellings for one name."""
    names = [path.relative_to(site).as_posix() for path in site.rglob("*")]
    same = {unicodedata.normalize("NFC", name).casefold() for name in names}
    assert len(names) > 10_000
    assert len(same) == len(names)
    outside = [path for path in site.rglob("*") if path.is_symlink()]
    assert outside == []
    figure("0 twins in the site")


def test_address_ends_in_its_folder() -> None:
    assert file_of("/jia/huaru/") == "jia/huaru/index.html"
