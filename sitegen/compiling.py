"""The texts of ``content/``, compiled: what depends on them alone, and may be kept.

A text becomes a template once; which of them a page is rendered from, its name says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sitegen.atlas import GuideText
from sitegen.markup import Compiled, compile_text
from sitegen.model import Content, Problem, Text
from sitegen.storage import digest_of
from sitegen.store import Store

# The texts of content/ compiled, and what is wrong with those that could not be.
Texts = tuple[tuple[GuideText, ...], tuple[Compiled, ...], tuple[Problem, ...]]


def texts_by_name(guides: Iterable[GuideText], single: Iterable[Compiled]) -> dict[str, Compiled]:
    """The compiled texts by the name of the template that they become."""
    texts: dict[str, Compiled] = {}
    for item in guides:
        texts[f"guides/{item.guide.slug}/pool"] = item.pool
        texts[f"guides/{item.guide.slug}/nation"] = item.nation
        if item.sheet:
            texts[f"guides/{item.guide.slug}/sheet"] = item.sheet
    return texts | {f"pages/{page.text.name}": page for page in single}


def compile_content(content: Content, store: Store | None = None) -> Texts:
    """All texts of ``content`` compiled; this needs nothing of the rules.

    What ``store`` has of a text is not compiled again.
    """
    problems: list[Problem] = []

    def compiled(text: Text) -> Compiled | None:
        kept = store.get(digest_of(repr(text))) if store else None
        return Compiled(text, *kept) if kept else compile_text(text, problems.append)

    guides = []
    for guide in content.guides:
        pool, nation = compiled(guide.pool), compiled(guide.nation)
        sheet = compiled(guide.sheet) if guide.sheet else None
        if pool and nation:
            guides.append(GuideText(guide, pool, nation, sheet))
    single = [compiled(text) for text in content.pages]
    return tuple(guides), tuple(item for item in single if item), tuple(problems)


def keep_texts(texts: Texts, store: Store) -> None:
    """Put what ``compile_content`` made into the store."""
    guides, single, _ = texts
    for text in texts_by_name(guides, single).values():
        store.put(digest_of(repr(text.text)), (text.html, text.calls))


def shape_of(content: Content, texts: Texts) -> str:
    """What tells apart everything of ``content`` that a plan is made of, but for the changes.

    That are the titles of texts and what they ask for, not what they say: a sentence that
    changes needs its pages rendered, and nothing planned.
    """
    guides, single, _ = texts
    named = texts_by_name(guides, single).items()
    asked = [
        (name, one.text.name, one.text.title, one.text.description, one.text.question, one.calls)
        for name, one in named
    ]
    menu = [(guide.slug, guide.kind, guide.label, guide.related) for guide in content.guides]
    log = replace(content.log, changes=()) if content.log else None
    rest = replace(content, guides=(), pages=(), log=log)
    return digest_of(repr((asked, menu, rest)))
