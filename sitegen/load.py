"""Reading ``rules/`` and ``content/`` into the model, with every problem of a run at once.

Nothing here knows a day or a page. What a single file can say wrongly is found here and in
``schema.py``; what only the whole can show (a source that nobody cites) is for ``check.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from sitegen import schema
from sitegen.model import (
    Area,
    Axis,
    Channel,
    Claim,
    Content,
    Entry,
    Guide,
    Parameter,
    PhoneArea,
    Place,
    Problem,
    Rules,
    Site,
    Source,
    Support,
    Text,
    Use,
    Vocabulary,
    Word,
    clip,
)
from sitegen.schema import INVALID, Data, Invalid, Report, nearest
from sitegen.values import read_base, read_value
from sitegen.yamlfile import Node, Refused, decode, parse

# Shares of these parameters mean nothing without what they are a share of.
NEEDS_BASE = (
    "account.retiree.ratio",
    "account.retiree.frame",
    "account.active.rate",
    "account.active.employer_rate",
    "account.flexible.rate",
    "resident.fee_rate",
)


class LoadError(Exception):
    """Some files cannot be used; ``problems`` holds every finding, sorted."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(set(problems))


def read_document(root: Path, path: Path, report: Report) -> Node | None:
    """The root node of a YAML file, or ``None`` after reporting why it cannot be read."""
    name = path.relative_to(root).as_posix()
    try:
        node, problems = parse(decode(path.read_bytes(), name), name)
    except Refused as refused:
        report(refused.problem)
        return None
    except FileNotFoundError:
        report(Problem(Place(name), "没有这个文件", "这个文件是必须的"))
        return None
    except OSError as error:
        report(Problem(Place(name), f"打不开（{error.strerror}）", "看看文件是否在、能不能读"))
        return None
    for problem in problems:
        report(problem)
    return node


def load_rules(root: Path) -> Rules:
    """All of ``<root>/rules``. Raises ``LoadError`` with every problem of the run."""
    problems: list[Problem] = []
    report = problems.append
    vocabulary = _load_vocabulary(root, report)
    if vocabulary is None:
        raise LoadError(problems)
    files = list(_area_files(root, report))
    if not (root / "rules/nation.yaml").is_file():
        report(Problem(Place("rules/nation.yaml"), "没有这个文件", "全国的文件是必须的"))
    areas = {item.area.slug: item.area for item in reversed(files)}
    _check_areas(root, files, report)
    order = sorted(files, key=lambda item: (item.area.code or "999999", item.area.slug))
    sources = {}
    for item in order:
        for id, data in item.data.get("sources", {}).items():
            source = _source(f"{item.area.slug}/{id}", data)
            sources[source.id] = source
    if not problems or areas:
        ancestry = Rules(vocabulary, areas, sources, {}, {})
        written = {f"{item.area.slug}/{id}" for item in files for id in item.sources}
        channels, entries = {}, {}
        for item in order:
            cite = _citer(ancestry, item.area, written, report)
            channels[item.area.slug] = tuple(
                _channel(data, cite) for data in item.data.get("channels", [])
            )
            entries[item.area.slug] = _values(item, vocabulary, cite, report)
    if problems:
        raise LoadError(problems)
    areas = {item.area.slug: item.area for item in order}
    return Rules(vocabulary, areas, sources, channels, entries)


@dataclass(frozen=True)
class _AreaFile:
    """An area file that has its shape; ``sources`` are the ids that it writes, good or bad."""

    area: Area
    data: Data
    sources: frozenset[str]


def _load_vocabulary(root: Path, report: Report) -> Vocabulary | None:
    path = root / "rules" / "parameters.yaml"
    data = _read(root, path, schema.VOCABULARY, report)
    if isinstance(data, Invalid):
        return None
    axes = {
        id: Axis(
            id=id,
            kind=item["kind"],
            label=item["label"],
            unit=item.get("unit", ""),
            is_partial="partial" in item,
            values=item.get("values", {}),
        )
        for id, item in data["axes"].items()
    }
    parameters = {}
    for id, item in data["parameters"].items():
        for name, at in item["axes"]:
            if name not in axes:
                report(Problem(at, f"没有“{name}”这个轴", "先在 axes 里写", nearest(name, [*axes])))
                return None
        bounds = item.get("range")
        if lack := _lack_of(item):
            report(Problem(item.at, f"参数 {id} {lack}", "补上再用"))
            return None
        parameters[id] = Parameter(
            id=id,
            label=item["label"],
            unit=item["unit"],
            set_by=tuple(item["set_by"]),
            axes=tuple(name for name, _ in item["axes"]),
            review=int(item["review"]),
            is_yearly="yearly" in item,
            per=tuple(item.get("per", ())),
            range=(bounds[0], bounds[1]) if bounds else None,
            values=item.get("values", {}),
        )
    facts = {id: item["label"] for id, item in data["facts"].items()}
    return Vocabulary(axes, facts, parameters, tuple(data["link_hosts"]))


def _lack_of(item: Data) -> str:
    """What the definition of a parameter lacks, if anything."""
    bounds = item.get("range", [0, 1])
    if len(bounds) != 2 or bounds[0] >= bounds[1]:
        return "的 range 应为 [下限, 上限]"
    if item["unit"] == "enum" and not item.get("values"):
        return "是 enum，没有写 values"
    return "是 yuan，没有写 per" if item["unit"] == "yuan" and not item.get("per") else ""


def _area_files(root: Path, report: Report) -> Iterator[_AreaFile]:
    """Every area file that has the right shape; folder and name say slug and parent."""
    for path in sorted((root / "rules").rglob("*")):
        name = path.relative_to(root / "rules").as_posix()
        place = Place(path.relative_to(root).as_posix())
        if path.is_symlink():
            report(Problem(place, "是一个链接", "规则文件必须就放在这里"))
            continue
        is_leftover = path.name.startswith(".") or path.name.endswith("~")
        if path.is_dir() or is_leftover or name == "parameters.yaml" or path.suffix == ".json":
            continue
        if path.suffix != ".yaml" or name.count("/") > 1:
            report(Problem(place, "不知道这是什么文件", "rules/ 下只放“省/市.yaml”"))
            continue
        node = read_document(root, path, report)
        data = schema.AREA.read(node, report) if node else INVALID
        if node is None or isinstance(data, Invalid):
            continue
        folder, _, stem = name.removesuffix(".yaml").rpartition("/")
        slug, parent, levels = _position(folder, stem)
        if schema.SLUG.read(Node(slug, place), report) is INVALID:
            continue
        if slug == parent:
            report(Problem(place, f"拼音短名 {slug} 和上级同名", "后面加上省的短名"))
            continue
        if data["level"] not in levels:
            report(
                Problem(
                    data.places["level"],
                    f"level 写成了 {data['level']}",
                    f"按文件的位置应为 {'、'.join(levels)}",
                )
            )
            continue
        phone = data.get("phone_area")
        if phone and phone["status"] in ("agreed", "merged", "single") and "code" not in phone:
            report(
                Problem(phone.at, f"区号写了 {phone['status']}，没有写 code", "没有就写 unknown")
            )
        written = node.value.get("sources") if isinstance(node.value, dict) else None
        yield _AreaFile(
            Area(
                slug=slug,
                name=data["area"],
                short=data["short"],
                level=data["level"],
                kind=data["kind"],
                parent=parent,
                at=data.at,
                code=data.get("code", ""),
                aliases=tuple(data.get("aliases", ())),
                phone=PhoneArea(phone["status"], phone.get("code", ""), phone.get("former", ""))
                if phone
                else None,
            ),
            data,
            frozenset(written.keys) if written else frozenset(),
        )


def _position(folder: str, stem: str) -> tuple[str, str, tuple[str, ...]]:
    """Slug, parent and possible levels of the area file ``<folder>/<stem>.yaml``."""
    if not folder:
        return (stem, "", ("nation",)) if stem == "nation" else (stem, "nation", ("pool",))
    if stem == "_province":
        return folder, "nation", ("province",)
    if stem == "_direct":
        return f"{folder}-direct", folder, ("direct",)
    return stem, folder, ("pool",)


def _check_areas(root: Path, files: list[_AreaFile], report: Report) -> None:
    seen: dict[str, Area] = {}
    level_of = {item.area.slug: item.area.level for item in files}
    for item in files:
        area = item.area
        code_at = item.data.places.get("code", area.at)
        for name, value, at in (("拼音短名", area.slug, area.at), ("代码", area.code, code_at)):
            if value and value in seen:
                other = seen[value].at.path
                report(Problem(at, f"{name} {value} 和 {other} 一样", "全国不能重复"))
            elif value:
                seen[value] = area
        where = f"{area.parent}/_province.yaml"
        is_there = (root / "rules" / where).is_file()
        if (
            area.parent not in ("", "nation")
            and level_of.get(area.parent) != "province"
            and not is_there
        ):
            report(Problem(area.at, "没有找到上级地区的文件", f"先建 rules/{where}"))


def _source(id: str, data: Data) -> Source:
    return Source(
        id=id,
        title=data["title"],
        kind=data["kind"],
        published=data["published"],
        at=data.at,
        url=data.get("url", ""),
        number=data.get("number", ""),
        issuer=data.get("issuer", ""),
    )


Cite = Callable[[str, Place], str]


def _citer(rules: Rules, area: Area, written_ids: set[str], report: Report) -> Cite:
    """A function from a source id as written to its full id, looking in the parents too.

    Of a source in ``written_ids`` that could not be read, that is all there is to say.
    """
    chain, slug = [], area.slug
    while slug in rules.areas and slug not in chain:
        chain.append(slug)
        slug = rules.areas[slug].parent

    def cite(written: str, at: Place) -> str:
        candidates = [written] if "/" in written else [f"{slug}/{written}" for slug in chain]
        for id in candidates:
            if id in rules.sources or id in written_ids:
                return id
        known = [
            id if "/" in written else id.partition("/")[2]
            for id in rules.sources
            if "/" in written or id.partition("/")[0] in chain
        ]
        expected = "本文件和上级文件里都没有；先在 sources 里写这个出处"
        report(Problem(at, f"没有“{clip(written)}”这个出处", expected, nearest(written, known)))
        return written

    return cite


def _channel(data: Data, cite: Cite) -> Channel:
    uses = tuple(
        Use(
            tasks=tuple(use["tasks"]),
            source=cite(use["source"], use.places["source"]),
            publish=use["publish"],
            at=use.at,
            path=use.get("path", ""),
            says=use.get("says", ""),
            note=use.get("note", ""),
        )
        for use in data["uses"]
    )
    return Channel(
        name=data["name"],
        category=data["category"],
        carriers=tuple(data["carriers"]),
        uses=uses,
        at=data.at,
        url=data.get("url", ""),
        number=data.get("number", ""),
    )


def _values(
    item: _AreaFile, vocabulary: Vocabulary, cite: Cite, report: Report
) -> dict[str, tuple[Entry, ...]]:
    values: dict[str, tuple[Entry, ...]] = {}
    written: Data = item.data.get("values") or Data(item.data.at, {})
    for id, items in written.items():
        at = written.places[id]
        parameter = vocabulary.parameters.get(id)
        if parameter is None:
            near = nearest(id, [*vocabulary.parameters])
            report(
                Problem(at, f"没有“{clip(id)}”这个参数", "参数都列在 rules/parameters.yaml", near)
            )
            continue
        if item.area.level not in parameter.set_by:
            expected = f"{id} 只写在 {'、'.join(parameter.set_by)} 一级"
            report(Problem(at, f"{item.area.name}的文件里写了 {id}", expected))
            continue
        entries = [_entry(data, parameter, vocabulary, cite, report) for data in items]
        good = tuple(entry for entry in entries if entry)
        for before, after in pairwise(good):
            if (after.start.day, after.status) <= (before.start.day, before.status):
                report(
                    Problem(
                        after.at,
                        "条目没有按起始日从早到晚排",
                        "新的写在后面，同一天只写一条，unstated 只能在最前",
                    )
                )
        values[id] = good
    return values


def _entry(
    data: Data, parameter: Parameter, vocabulary: Vocabulary, cite: Cite, report: Report
) -> Entry | None:
    source = cite(data["source"], data.places["source"])
    also = tuple(
        Support(cite(item["source"], item.places["source"]), item.get("quote", ""))
        for item in data.get("also", ())
    )
    value = read_value(data["value"], parameter, vocabulary, report)
    if isinstance(value, Invalid):
        return None
    per = data.get("per", "")
    is_number = value not in (Word.UNKNOWN, Word.INHERIT, Word.NONE, Word.DESCRIBED)
    expected = f"写 {' 或 '.join(parameter.per)}"
    if per and not parameter.per:
        report(Problem(data.places["per"], f"{parameter.id} 不用写 per", "删掉"))
    elif per and per not in parameter.per:
        report(Problem(data.places["per"], f"{parameter.id} 的 per 写成了 {per}", expected))
    elif is_number and parameter.per and not per:
        report(Problem(data.at, f"{parameter.id} 没有写 per", expected))
    base = read_base(data.get("base"))
    rows_have_base = isinstance(value, tuple) and all(
        row.base or row.value in (Word.NONE, Word.UNKNOWN, Word.DESCRIBED) for row in value
    )
    if is_number and parameter.id in NEEDS_BASE and not base and not rows_have_base:
        report(Problem(data.at, f"{parameter.id} 没有写 base", "写清楚是谁的、哪一年的百分之几"))
    if value is Word.DESCRIBED and "note" not in data:
        report(Problem(data.at, "写了 described，没有 note", "用一两句话说清楚这条规定"))
    claims = [
        Claim(
            value=rival,
            source=cite(claim["source"], claim.places["source"]),
            verified=claim["verified"],
            per=claim.get("per", ""),
            quote=claim.get("quote", ""),
            base=read_base(claim.get("base")),
        )
        for claim in data.get("claims", ())
        if not isinstance(
            rival := read_value(claim["value"], parameter, vocabulary, report), Invalid
        )
    ]
    return Entry(
        start=data["from"],
        value=value,
        source=source,
        verified=data["verified"],
        checked=data["checked"],
        at=data.at,
        status=data.get("status", "in_force"),
        per=per,
        base=base,
        net=data.get("net"),
        clause=data.get("clause", ""),
        quote=data.get("quote", ""),
        note=data.get("note", ""),
        provisional=data.get("provisional", ""),
        rounding=data.get("rounding", ""),
        notice_year=data.get("notice_year", ""),
        also=also,
        claims=tuple(claims),
    )


def load_content(root: Path) -> Content:
    """All of ``<root>/content``. Raises ``LoadError`` with every problem of the run."""
    problems: list[Problem] = []
    report = problems.append
    folder = root / "content"
    named = _read(root, folder / "site.yaml", schema.SITE, report)
    listed = _read(root, folder / "guides.yaml", schema.GUIDES, report)
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
        if pool and nation:
            related = tuple(slug for slug, _ in item.get("related", ()))
            guides.append(Guide(slug, item["kind"], item["label"], related, pool, nation))
    pages = [
        page
        for path in sorted((folder / "pages").rglob("*.md"))
        if (page := _load_text(root, path, report))
    ]
    if problems:
        raise LoadError(problems)
    contact, address = (
        "" if named.get(key, "none") == "none" else named[key] for key in ("contact", "address")
    )
    return Content(Site(named["name"], contact, address), tuple(guides), tuple(pages))


def _read(root: Path, path: Path, shape: schema.Shape, report: Report) -> Any:
    """The data of one YAML file, or ``INVALID`` after reporting why."""
    node = read_document(root, path, report)
    return shape.read(node, report) if node else INVALID


def _load_text(root: Path, path: Path, report: Report) -> Text | None:
    """A Markdown file whose first lines, between two ``---``, are its front matter."""
    name = path.relative_to(root).as_posix()
    if path.is_symlink():
        report(Problem(Place(name), "是一个链接", "文件必须就放在这里"))
        return None
    try:
        text = decode(path.read_bytes(), name)
    except Refused as refused:
        report(refused.problem)
        return None
    except OSError:
        report(Problem(Place(name), "没有这个文件", "每个指南要有 pool.md 和 nation.md"))
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
