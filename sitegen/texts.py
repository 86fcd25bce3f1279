"""Reading ``content/``: the site, its guides in menu order, and single pages."""

from __future__ import annotations

from pathlib import Path

from sitegen import schema
from sitegen.load import LoadError, read_shape, refuse_links
from sitegen.model import (
    Change,
    Content,
    Guide,
    Log,
    Place,
    Problem,
    Redirect,
    Site,
    Text,
    clip,
)
from sitegen.schema import INVALID, Invalid, Report, nearest
from sitegen.yamlfile import Node, Refused, decode

# Room for some ten thousand changes.
LOG_BYTES = 4 * 1024 * 1024


def load_content(root: Path) -> Content:
    """All of ``<root>/content``. Raises ``LoadError`` with every problem of the run."""
    problems: list[Problem] = []
    report = problems.append
    folder = root / "content"
    named = read_shape(root, folder / "site.yaml", schema.SITE, report)
    listed = read_shape(root, folder / "guides.yaml", schema.GUIDES, report)
    guides: list[Guide] = []
    items = [] if isinstance(listed, Invalid) else listed
    slugs = [item["slug"] for item in items]
    for item in items:
        slug = item["slug"]
        for related, at in item.get("related", ()):
            if related not in slugs:
                near = nearest(related, slugs)
                report(Problem(at, f"没有“{related}”这个指南", "related 只写本文件里的指南", near))
        if slug in {guide.slug for guide in guides}:
            report(Problem(item.places["slug"], f"指南 {slug} 写了两次", "只留一行"))
        pool = _load_text(root, folder / "guides" / slug / "pool.md", report)
        nation = _load_text(root, folder / "guides" / slug / "nation.md", report)
        path = folder / "guides" / slug / "sheet.md"
        has_sheet = path.exists() or path.is_symlink()
        sheet = _load_text(root, path, report) if has_sheet else None
        if pool and nation:
            related = tuple(slug for slug, _ in item.get("related", ()))
            guides.append(Guide(slug, item["kind"], item["label"], related, pool, nation, sheet))
    refuse_links(root, folder, report)
    pages = [
        page
        for path in sorted((folder / "pages").rglob("*.md"))
        if _has_good_name(root, path, report) and (page := _load_text(root, path, report))
    ]
    listed_pages = [] if isinstance(named, Invalid) else named.get("home", [])
    names = [page.name for page in pages]
    for name, at in (pair for item in listed_pages for pair in item["pages"]):
        if name not in names:
            near = nearest(name, names)
            report(Problem(at, f"没有“{name}”这一页", "写 content/pages/ 里的文件名", near))
    known = [*slugs, *(page.name for page in pages)]
    words, last_words = _load_words(folder / "words.yaml", root, known, report)
    redirects = _load_redirects(folder / "redirects.yaml", root, report)
    log = load_log(root, report)
    if problems:
        raise LoadError(problems)
    contact, address, icp = (
        "" if named.get(key, "none") == "none" else named[key]
        for key in ("contact", "address", "icp")
    )
    home = tuple(
        (item["heading"], tuple(name for name, _ in item["pages"])) for item in listed_pages
    )
    site = Site(named["name"], contact, address, home, icp)
    return Content(site, tuple(guides), tuple(pages), words, last_words, redirects, log)


def _load_words(
    path: Path, root: Path, names: list[str], report: Report
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The words that lead somewhere, and the weak ones; a project without the file has none."""
    data = read_shape(root, path, schema.WORDS, report) if path.is_file() else INVALID
    if isinstance(data, Invalid):
        return {}, ()
    words = data["words"]
    lines: dict[str, int] = {}
    for name in words:
        if name not in names:
            what = f"没有“{name}”这个指南或单页"
            near = nearest(name, names)
            report(Problem(words.places[name], what, "写指南的短名或单页的文件名", near))
        for word, at in words[name]:
            if word in lines:
                what = f"“{word}”第{lines[word]}行已经写过"
                report(Problem(at, what, "一个词只能去一个地方，删掉一处"))
            lines.setdefault(word, at.line)
    for word, at in data.get("last", ()):
        if word not in lines:
            what = f"last 里的“{word}”下面没有"
            report(Problem(at, what, "先在 words 里写它去哪一页", nearest(word, [*lines])))
    said = {name: tuple(word for word, _ in words[name]) for name in words}
    return said, tuple(word for word, _ in data.get("last", ()))


def _load_redirects(path: Path, root: Path, report: Report) -> tuple[Redirect, ...]:
    """Which URLs have moved; a project without the file has moved none."""
    data = read_shape(root, path, schema.REDIRECTS, report) if path.is_file() else INVALID
    items = [] if isinstance(data, Invalid) else data
    return tuple(Redirect(i["from"], i["to"], i["why"], i.places["from"]) for i in items)


CHANGES = "content/changes.yaml"


def load_log(root: Path, report: Report) -> Log | None:
    """The changes that were written down; ``None`` for a project that writes none down."""
    path = root / CHANGES
    if not path.is_file():
        return None
    # It only ever grows, and no one but our own command writes it.
    data = read_shape(root, path, schema.CHANGES, report, LOG_BYTES)
    if isinstance(data, Invalid):
        return None
    changes = [
        Change(
            day=item["day"],
            area=item["area"],
            parameter=item["parameter"],
            start=item["from"],
            was=item.get("was", ""),
            now=item.get("now", ""),
            kind=item["kind"],
            why=item["why"],
            source=item["source"],
            at=item.at,
        )
        for item in data.get("changes", ())
    ]
    before = data["since"]
    for change in changes:
        if change.day < before:
            what = f"{change.day} 写在 {before} 后面"
            report(Problem(change.at, what, "新的写在最后，不早于 since"))
        if change.was == change.now:
            report(Problem(change.at, "was 和 now 一样", "没有变就删掉这一条"))
        before = change.day
    return Log(data["since"], tuple(changes))


def _has_good_name(root: Path, path: Path, report: Report) -> bool:
    """Whether the path of a single page can be its address, on every system the same."""
    place = Place(path.relative_to(root).as_posix())
    parts = path.relative_to(root / "content" / "pages").with_suffix("").parts
    return all(schema.SLUG.read(Node(part, place), report) is not INVALID for part in parts)


def _load_text(root: Path, path: Path, report: Report) -> Text | None:
    """A Markdown file whose first lines, between two ``---``, are its front matter."""
    name = path.relative_to(root).as_posix()
    if path.is_symlink():  # refuse_links says so
        return None
    try:
        text = decode(path.read_bytes(), name)
    except Refused as refused:
        report(refused.problem)
        return None
    except FileNotFoundError:
        report(Problem(Place(name), "没有这个文件", "每个指南要有 pool.md 和 nation.md"))
        return None
    except OSError as error:
        report(Problem(Place(name), f"打不开（{error.strerror}）", "看看文件是否在、能不能读"))
        return None
    lines = text.split("\n")
    end = lines.index("---", 1) if lines[0] == "---" and "---" in lines[1:] else 0
    if not end:
        report(Problem(Place(name), "没有文首", "第一行写 ---，写完 title 等再写一行 ---"))
        return None
    # Lines of “name: text”, not YAML: a title may start with {{.
    fields: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    for number, line in enumerate(lines[1:end], 2):
        key, _, value = line.partition(":")
        if key in fields:
            report(Problem(Place(name, number), f"字段“{clip(key)}”写了两次", "只留一行"))
            return None
        if not value.strip():
            report(Problem(Place(name, number), f"看不懂“{clip(line)}”", "每行写成“title: 文字”"))
            return None
        keys[key] = Place(name, number)
        col = len(line) - len(value.lstrip()) + 1
        fields[key] = Node(value.strip(), Place(name, number, col))
    node = Node(fields, Place(name, 1), keys)
    data = schema.FRONT_MATTER.read(node, report)
    if isinstance(data, Invalid):
        return None
    folder = root / "content" / "pages"
    return Text(
        name=path.relative_to(folder).with_suffix("").as_posix() if folder in path.parents else "",
        title=data["title"],
        description=data["description"],
        question=data["question"],
        body="\n".join(lines[end + 1 :]),
        at=Place(name),
        body_line=end + 2,
    )
