"""Rendering a page once for all cities that say the same: the fast path of a build.

Most cities of a province have no rule of their own, so that their pages differ only in what
the place is called. The plan therefore writes a page with *stand-ins* in place of those names:
private characters, which no text of ours may hold. One context with stand-ins is shared by
every city whose facts, channels and links are the same; Jinja renders it once, the HTML is cut
at the stand-ins, and each city's page is one join of the pieces and its names.

This is exact only if nothing but output and equality is ever asked of a name, so:

- equal names get the same stand-in, an empty one none; a name whose characters any escaping
  would change gets none either: that city's pages are planned with its real names (``stand_in``);
- a bare name raises ``Inseparable`` when a template asks for its length, a part of it and so on;
- of every template one page is rendered both ways at every build, and one test does so with a page
  of every shape (``--all``: with all pages). Where the two differ, the template is not cut at all
  (``render.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, NoReturn

from sitegen.model import Area

# What letters, digits, Han characters and a hyphen are to HTML, JSON and URLs: themselves.
_PLAIN = re.compile(r"[\w-]+")


class Inseparable(TypeError):
    """A template asked more of a name than to be put out or to be equal to another."""


class Stand(str):
    """A stand-in for a name that is not empty. It can be put out, joined and compared."""

    __slots__ = ()

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise Inseparable(
            "城市的名字在模板里只能原样写出来；要别的写法，先在 sitegen/atlas.py 的 place 里备好"
        )

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        # Which name equals which other is settled in stand_in; of any other text nothing is known.
        if isinstance(other, str) and not isinstance(other, Stand):
            self._refuse()
        return self is other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    __len__ = __getitem__ = __contains__ = __iter__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __mod__ = __mul__ = _refuse
    replace = split = rsplit = partition = rpartition = strip = _refuse
    startswith = endswith = find = index = count = _refuse
    upper = lower = title = capitalize = removeprefix = removesuffix = _refuse
    lstrip = rstrip = ljust = rjust = center = zfill = _refuse


# The names of a place, each with its stand-in: a single character, which nothing can tear.
_FIRST = 0xE100
SLUG, SHORT, NAME, PARENT_SLUG, PARENT_SHORT, PHONE, DIGITS = (
    Stand(chr(_FIRST + number)) for number in range(7)
)
_STAND_INS = re.compile(f"([{SLUG!s}-{DIGITS!s}])")

# From the code of a stand-in to the name that it stands for, as str.translate wants it.
Names = Mapping[int, str]


@dataclass(frozen=True)
class Standing:
    """The ancestry of a pool and its phone number in stand-ins, and the names that they stand for.

    ``digits`` is the number for an address of ``tel:``; both are empty where there is none.
    """

    chain: tuple[Area, ...]
    phone: str
    digits: str
    names: Names

    @property
    def kind(self) -> str:
        """Equal for all pools with the same stand-ins."""
        pool, parent = self.chain[:2]
        parts = (pool.short, pool.name, parent.slug, parent.short, self.phone, self.digits)
        return " ".join(parts)


def stand_in(chain: Sequence[Area], phone: str) -> Standing | None:
    """The stand-ins of a pool; ``None`` where they would not be exact.

    ``chain`` is the pool and its parents, ``phone`` its number to dial from outside, or empty.
    """
    pool, parent = chain[0], chain[1]
    marks: dict[str, str] = {}

    def mark(name: str, mark: str) -> str:
        # Equal names get the same stand-in, so that they stay equal.
        return marks.setdefault(name, mark) if name else ""

    copy = [
        replace(pool, slug=mark(pool.slug, SLUG), short=mark(pool.short, SHORT)),
        *chain[1:],
    ]
    copy[0] = replace(copy[0], name=mark(pool.name, NAME))
    if parent.level == "province":
        slug, short = mark(parent.slug, PARENT_SLUG), mark(parent.short, PARENT_SHORT)
        copy[1] = replace(parent, slug=slug, short=short)
    digits = phone.replace("-", "")
    dial = mark(phone, PHONE), mark(digits, DIGITS)
    if not all(map(_PLAIN.fullmatch, marks)):
        return None
    return Standing(tuple(copy), *dial, {ord(mark): name for name, mark in marks.items()})


class Filled(Mapping[str, object]):
    """The context of one city's page: the ``shared`` one with the ``names`` put in on demand."""

    __slots__ = ("names", "shared")

    def __init__(self, shared: Mapping[str, object], names: Names) -> None:
        self.shared = shared
        self.names = names

    def __getitem__(self, key: str) -> object:
        return fill(self.shared[key], self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.shared)

    def __len__(self) -> int:
        return len(self.shared)


def fill(value: Any, names: Names) -> Any:
    """``value`` with the names in place of the stand-ins, however deep they are."""
    if isinstance(value, str):
        return str(value).translate(names) if _STAND_INS.search(value) else value
    if isinstance(value, list | tuple):
        filled = [fill(item, names) for item in value]
        return type(value)(filled) if any(map(_differs, filled, value)) else value
    if isinstance(value, dict):
        pairs = {key: fill(item, names) for key, item in value.items()}
        return pairs if any(map(_differs, pairs.values(), value.values())) else value
    if is_dataclass(value) and not isinstance(value, type):
        before = {field.name: getattr(value, field.name) for field in fields(value)}
        after = {name: fill(item, names) for name, item in before.items()}
        changed = {name: item for name, item in after.items() if item is not before[name]}
        return replace(value, **changed) if changed else value
    return value


def _differs(one: object, other: object) -> bool:
    return one is not other


class Cut:
    """A rendered page cut at its stand-ins, ready for any number of cities."""

    __slots__ = ("_codes", "_parts")

    def __init__(self, html: str) -> None:
        parts = _STAND_INS.split(html)
        self._codes = [ord(mark) for mark in parts[1::2]]
        self._parts = [part.encode() for part in parts]

    def page(self, names: Mapping[int, bytes]) -> bytes:
        """The page of the city with these names, in UTF-8."""
        self._parts[1::2] = [names[code] for code in self._codes]
        return b"".join(self._parts)


def encoded(names: Names) -> dict[int, bytes]:
    """The names as ``Cut.page`` wants them."""
    return {code: text.encode() for code, text in names.items()}
