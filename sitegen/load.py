"""Reading ``rules/`` and ``content/`` into the model, with every problem of a run at once.

Nothing here knows a day or a page. What a single file can say wrongly is found here and in
``schema.py``; what only the whole can show (a source that nobody cites) is for ``check.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from sitegen import schema
from sitegen.entries import citer, read_channel, read_entries
from sitegen.errors import ProjectError
from sitegen.model import (
    Area,
    Axis,
    Channel,
    Entry,
    Parameter,
    PhoneArea,
    Place,
    Problem,
    Rules,
    Source,
    Vocabulary,
)
from sitegen.schema import INVALID, Data, Invalid, Report, nearest
from sitegen.storage import digest_of
from sitegen.store import Store
from sitegen.yamlfile import MAX_BYTES, Node, Refused, decode, parse

# The content of a file, ``None`` after reporting why it cannot be read.
Read = Callable[[Path], bytes | None]

# Files of rules/ that are no area's.
NO_AREAS = ("parameters.yaml", "counties.yaml")


class LoadError(ProjectError):
    """Some files cannot be used; ``problems`` holds every finding, sorted."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__(*self.problems, f"{len(self.problems)} 个错误，没有生成")


def _content(root: Path, path: Path, report: Report) -> bytes | None:
    name = path.relative_to(root).as_posix()
    try:
        return path.read_bytes()
    except FileNotFoundError:
        report(Problem(Place(name), "没有这个文件", "这个文件是必须的"))
    except OSError as error:
        report(Problem(Place(name), f"打不开（{error.strerror}）", "看看文件是否在、能不能读"))
    return None


def _parsed(
    root: Path, path: Path, content: bytes, report: Report, most: int = MAX_BYTES
) -> Node | None:
    name = path.relative_to(root).as_posix()
    try:
        node, problems = parse(decode(content, name, most), name)
    except Refused as refused:
        report(refused.problem)
        return None
    for problem in problems:
        report(problem)
    return node


def refuse_links(root: Path, folder: Path, report: Report) -> None:
    """Report what lies in a folder and is a link: it could lead out of the project."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            place = Place(path.relative_to(root).as_posix())
            report(Problem(place, "是一个链接", "文件必须就放在这里"))


def read_shape(
    root: Path, path: Path, shape: schema.Shape, report: Report, most: int = MAX_BYTES
) -> Any:
    """The data of one YAML file of at most ``most`` bytes, or ``INVALID`` after reporting why."""
    return _shaped(root, path, _content(root, path, report), shape, report, most)


def _shaped(
    root: Path,
    path: Path,
    content: bytes | None,
    shape: schema.Shape,
    report: Report,
    most: int = MAX_BYTES,
) -> Any:
    """The data of a YAML file with this content; ``INVALID`` where that is wrong or missing."""
    node = None if content is None else _parsed(root, path, content, report, most)
    return shape.read(node, report) if node else INVALID


def load_rules(root: Path, store: Store | None = None) -> Rules:
    """All of ``<root>/rules``. Raises ``LoadError`` with every problem of the run.

    What ``store`` has of a file is not read again.
    """
    problems: list[Problem] = []
    report = problems.append
    # Each file is read once: what is hashed of it is what is understood of it.
    read = cache(lambda path: _content(root, path, report))
    path = root / "rules/parameters.yaml"
    vocabulary_key = digest_of(path.name, read(path) or b"")
    vocabulary = store.get(vocabulary_key) if store else None
    vocabulary = vocabulary or _load_vocabulary(root, path, read, report)
    if vocabulary is None:
        raise LoadError(problems)
    files = list(_area_files(root, read, report, store))
    if not (root / "rules/nation.yaml").is_file():
        report(Problem(Place("rules/nation.yaml"), "没有这个文件", "全国的文件是必须的"))
    areas = {item.area.slug: item.area for item in reversed(files)}
    _check_areas(root, files, report)
    pools = [area.slug for area in areas.values() if area.level == "pool"]
    path = root / "rules/counties.yaml"
    content = read(path) if path.is_file() else None  # a project without the file knows none
    counties_key = digest_of(path.name, " ".join(sorted(pools)), content or b"")
    counties = store.get(counties_key) if store else None
    if counties is None:
        counties = _load_counties(root, path, content, pools, report)
    order = sorted(files, key=lambda item: (item.area.code or "999999", item.area.slug))
    sources = {source.id: source for item in order for source in item.sources}
    written = {f"{item.area.slug}/{id}" for item in files for id in item.written}
    channels, entries = {}, {}
    if not problems or areas:
        ancestry = Rules(vocabulary, areas, sources, {}, {})
        for item in order:
            slug = item.area.slug
            if item.known and written.issuperset(item.known.abroad):
                channels[slug], entries[slug] = item.known.channels, item.known.entries
                continue
            data = item.data
            if data is None:
                # Known, but a source that it cites is gone: read once more, to say where.
                again = _area_file(root, root / item.area.at.path, item.content, "", report)
                assert again
                assert again.data
                data = again.data
            cite = citer(ancestry, item.area, written, report)
            channels[slug] = tuple(read_channel(each, cite) for each in data.get("channels", []))
            entries[slug] = read_entries(item.area, data, vocabulary, cite, report)
    if problems:
        raise LoadError(problems)
    areas = {item.area.slug: item.area for item in order}
    if store:
        store.put(vocabulary_key, vocabulary)
        store.put(counties_key, counties)
        for item in order:
            slug = item.area.slug
            if item.known is None:
                found = set(cited(channels[slug], entries[slug]))
                abroad = tuple(sorted(id for id in found if not id.startswith(f"{slug}/")))
                known = (item.area, item.code_at, item.sources, channels[slug], entries[slug])
                store.put(item.digest, (*known, abroad))
    rules = Rules(vocabulary, areas, sources, channels, entries, counties)
    return replace(rules, digests=_digests(rules, order))


def _digests(rules: Rules, files: Iterable[_AreaFile]) -> dict[str, str]:
    """What tells apart the file of each area, those above it, and the sources that they cite."""
    elsewhere = {
        slug: {id for id in cited(rules.channels[slug], entries) if not id.startswith(f"{slug}/")}
        for slug, entries in rules.entries.items()
    }

    def digest(item: _AreaFile) -> str:
        chain = [area.slug for area in rules.ancestry(item.area.slug)]
        ids = sorted(id for slug in chain for id in elsewhere[slug])
        return digest_of(item.digest, *(repr(rules.sources[id]) for id in ids))

    return {item.area.slug: digest(item) for item in files}


@dataclass(frozen=True)
class _Known:
    """The channels and entries of an area file that an earlier run has read.

    ``abroad`` are the sources that they cite and that stand in other files.
    """

    channels: tuple[Channel, ...]
    entries: Mapping[str, tuple[Entry, ...]]
    abroad: tuple[str, ...]


@dataclass(frozen=True)
class _AreaFile:
    """An area file that has its shape, just read (``data``) or ``known`` from an earlier run.

    ``written`` are the ids of the sources that it writes, good or bad; ``digest`` is a hash of
    all that its reading depends on.
    """

    area: Area
    code_at: Place
    sources: tuple[Source, ...]
    written: frozenset[str]
    digest: str
    content: bytes
    data: Data | None = None
    known: _Known | None = None


def _load_vocabulary(root: Path, path: Path, read: Read, report: Report) -> Vocabulary | None:
    data = _shaped(root, path, read(path), schema.VOCABULARY, report)
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


def _area_files(root: Path, read: Read, report: Report, store: Store | None) -> Iterator[_AreaFile]:
    """Every area file that has the right shape; folder and name say slug and parent."""
    rules = root / "rules"
    above: dict[Path, str] = {}
    for path in sorted(rules.rglob("*")):
        name = path.relative_to(rules).as_posix()
        place = Place(path.relative_to(root).as_posix())
        if path.is_symlink():
            report(Problem(place, "是一个链接", "规则文件必须就放在这里"))
            continue
        is_leftover = path.name.startswith(".") or path.name.endswith("~")
        if path.is_dir() or is_leftover or name in NO_AREAS or path.suffix == ".json":
            continue
        if path.suffix != ".yaml" or name.count("/") > 1:
            report(Problem(place, "不知道这是什么文件", "rules/ 下只放“省/市.yaml”"))
            continue
        content = read(path)
        if content is None:
            continue
        if path.parent not in above:
            above[path.parent] = _hash_above(rules, path.parent, read)
        digest = digest_of(f"{place.path} {above[path.parent]}", content)
        if store and (kept := store.get(digest)):
            area, code_at, sources, *known = kept
            written = frozenset(source.id.partition("/")[2] for source in sources)
            yield _AreaFile(area, code_at, sources, written, digest, content, known=_Known(*known))
        elif found := _area_file(root, path, content, digest, report):
            yield found


def _hash_above(rules: Path, folder: Path, read: Read) -> str:
    """The files that an area file in ``folder`` is read with: its parents' and the vocabulary."""
    above = {rules / "parameters.yaml", rules / "nation.yaml", folder / "_province.yaml"}
    # What is missing is told where it is needed.
    return digest_of(*(read(path) or b"" for path in sorted(above) if path.is_file()))


def _area_file(
    root: Path, path: Path, content: bytes, digest: str, report: Report
) -> _AreaFile | None:
    node = _parsed(root, path, content, report)
    data = schema.AREA.read(node, report) if node else INVALID
    if node is None or isinstance(data, Invalid):
        return None
    place = Place(path.relative_to(root).as_posix())
    name = path.relative_to(root / "rules").as_posix()
    folder, _, stem = name.removesuffix(".yaml").rpartition("/")
    slug, parent, levels = _position(folder, stem)
    if schema.SLUG.read(Node(slug, place), report) is INVALID:
        return None
    if slug == parent:
        report(Problem(place, f"拼音短名 {slug} 和上级同名", "后面加上省的短名"))
        return None
    if data["level"] not in levels:
        report(
            Problem(
                data.places["level"],
                f"level 写成了 {data['level']}",
                f"按文件的位置应为 {'、'.join(levels)}",
            )
        )
        return None
    if data["level"] in ("province", "pool") and "pinyin" not in node.value:
        what = "地区文件缺少字段“pinyin”"
        report(Problem(data.at, what, "省和统筹区必须写，音节用空格隔开，例如 tian jin"))
    phone = data.get("phone_area")
    if phone and phone["status"] in ("agreed", "merged", "single") and "code" not in phone:
        report(Problem(phone.at, f"区号写了 {phone['status']}，没有写 code", "没有就写 unknown"))
    written = node.value.get("sources") if isinstance(node.value, dict) else None
    area = Area(
        slug=slug,
        name=data["area"],
        short=data["short"],
        level=data["level"],
        kind=data["kind"],
        parent=parent,
        at=data.at,
        code=data.get("code", ""),
        pinyin=tuple(data.get("pinyin", "").split()),
        aliases=tuple(data.get("aliases", ())),
        phone=PhoneArea(phone["status"], phone.get("code", ""), phone.get("former", ""))
        if phone
        else None,
    )
    sources = data.get("sources", {}).items()
    return _AreaFile(
        area,
        code_at=data.places.get("code", area.at),
        sources=tuple(_source(f"{slug}/{id}", item) for id, item in sources),
        written=frozenset(written.keys) if written else frozenset(),
        digest=digest,
        content=content,
        data=data,
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
        names = (("拼音短名", area.slug, area.at), ("代码", area.code, item.code_at))
        for name, value, at in names:
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


def _load_counties(
    root: Path, path: Path, content: bytes | None, pools: Sequence[str], report: Report
) -> Mapping[str, tuple[str, ...]]:
    """The counties of each pool."""
    data = _shaped(root, path, content, schema.COUNTIES, report)
    if isinstance(data, Invalid):
        return {}
    for slug in data:
        if slug not in pools:
            what = f"没有“{slug}”这个统筹区"
            report(Problem(data.places[slug], what, "写它的拼音短名", nearest(slug, pools)))
        for name in {name for name in data[slug] if data[slug].count(name) > 1}:
            report(Problem(data.places[slug], f"{slug} 的“{name}”写了两次", "只留一个"))
    return {slug: tuple(names) for slug, names in data.items()}


def cited(channels: Iterable[Channel], entries: Mapping[str, tuple[Entry, ...]]) -> Iterator[str]:
    """The ids of the sources that an area cites."""
    yield from (use.source for channel in channels for use in channel.uses)
    for entry in (entry for dated in entries.values() for entry in dated):
        yield from cited_by(entry)


def cited_by(entry: Entry) -> Iterator[str]:
    """The ids of the sources that an entry cites."""
    yield entry.source
    yield from (support.source for support in entry.also)
    yield from (claim.source for claim in entry.claims)


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
