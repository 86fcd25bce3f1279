"""A key for each page, from everything that it is made of, before it is made.

The key of a page is a hash of its template and of its context. Contexts are plain frozen data,
so that their text is their identity from one run to the next; what many pages share is hashed
once. A text of ``content/`` and a file of ``templates/`` count for the pages made from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from typing import Any

from sitegen.model import AS_IT_IS, Page
from sitegen.paper import Chapter
from sitegen.pieces import Filled
from sitegen.storage import digest_of

# A text that is not longer costs more to hash than to repeat.
SHORT = 200


class ContextTexts:
    """A text for each context and each part of one, which only an equal one has.

    It depends on nothing else, so that it holds whatever templates the pages are made from.
    """

    def __init__(self) -> None:
        # What has a text is kept, so that no other object ever has its id.
        self._known: dict[int, tuple[object, str]] = {}
        # Contexts of one kind have the same names in the same order.
        self._names: dict[tuple[Any, ...], str] = {}

    def of(self, value: Any) -> str:
        """The text of a context, or of a part of one."""
        return self._each((value,))[0]

    def _each(self, values: Iterable[Any]) -> list[str]:
        texts = []
        for value in values:
            if isinstance(value, str):
                texts.append(str.__repr__(value))
            elif known := self._known.get(id(value)):
                texts.append(known[1])
            elif value is None or isinstance(value, bool | int | float):
                texts.append(repr(value))
            else:
                text = self._whole(value)
                text = text if len(text) <= SHORT else digest_of(text)
                self._known[id(value)] = value, text
                texts.append(text)
        return texts

    def _whole(self, value: Any) -> str:
        kind = type(value)
        if kind is tuple or kind is list:
            parts = ",".join(self._each(value))
        elif kind is Chapter:
            # Its context is that of a page, and known with it.
            parts = repr((value.slug, value.title, value.template, self.of(value.context)))
        elif is_dataclass(value):
            parts = repr(tuple(vars(value).values()))
        elif isinstance(value, Mapping):
            names = tuple(value)
            if names not in self._names:
                self._names[names] = ",".join(self._each(names))
            parts = f"{self._names[names]}:{','.join(self._each(value.values()))}"
        else:
            parts = repr(value)
        return f"{kind.__name__}({parts})"


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
        if page.template == AS_IT_IS:  # nobody else has its text, which may be long
            return digest_of(self._frame, str(context["text"]))
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
