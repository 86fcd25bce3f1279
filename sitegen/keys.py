"""A key for each page, from everything that it is made of, before it is made.

The key of a page is a hash of its template and of its context. Contexts are plain frozen data,
so that their text is their identity from one run to the next; what many pages share is hashed
once. A text of ``content/`` and a file of ``templates/`` count for the pages made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

from sitegen.model import Page
from sitegen.paper import Chapter
from sitegen.pieces import Filled
from sitegen.storage import digest_of


class ContextTexts:
    """A short text for each context and each part of one, which only an equal one has.

    It depends on nothing else, so that it holds whatever templates the pages are made from.
    """

    def __init__(self) -> None:
        # What is hashed is kept, so that no other object ever has its id.
        self._known: dict[int, tuple[object, str]] = {}

    def of(self, value: Any) -> str:
        if isinstance(value, str):
            return str.__repr__(value)
        if value is None or isinstance(value, bool | int | float):
            return repr(value)
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = (value, digest_of(self._whole(value)))
        return known[1]

    def _whole(self, value: Any) -> str:
        if isinstance(value, Chapter):
            # Its context is that of a page, and known with it.
            return repr((value.slug, value.title, value.template, self.of(value.context)))
        if isinstance(value, Mapping):
            parts = [f"{self.of(key)}:{self.of(item)}" for key, item in value.items()]
        elif isinstance(value, list | tuple):
            parts = [self.of(item) for item in value]
        elif is_dataclass(value):
            parts = [repr(tuple(vars(value).values()))]
        else:
            parts = [repr(value)]
        return f"{type(value).__name__}({','.join(parts)})"


class Keys:
    """The keys of the pages of one plan.

    ``frame`` tells apart what every page is made of, ``templates`` by name what each of them is;
    ``texts`` are those of the contexts, where some are known.
    """

    def __init__(
        self, frame: str, templates: Mapping[str, str], texts: ContextTexts | None = None
    ) -> None:
        self._contexts: dict[tuple[int, str], str] = {}
        self._frame = frame
        self._texts = texts or ContextTexts()
        self._templates = templates

    def key(self, page: Page) -> str:
        """The key of a page: what it shares with others, and its own names."""
        context = page.context
        if not isinstance(context, Filled):
            return self._shared(page, context)
        return self._shared(page, context.shared) + self._texts.of(context.names)

    def _shared(self, page: Page, context: Mapping[str, object]) -> str:
        # A page and its file of data have one context; both texts keep it, and its id, alive.
        key = self._contexts.get((id(context), page.template))
        if key is None:
            # A file of data has no template.
            parts = [self._frame, page.template, self._templates.get(page.template, "")]
            chapters = context.get("chapters", ())
            assert isinstance(chapters, tuple)
            parts += (self._templates[chapter.template] for chapter in chapters)
            key = digest_of(" ".join([*parts, self._texts.of(context)]))
            self._contexts[id(context), page.template] = key
        return key
