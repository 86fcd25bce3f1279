"""What a build can do before it is asked for: read and plan the project as it is now.

While somebody looks at the pages that ``serve`` shows, the next build is waiting. It has loaded
its program; here it also does all but the writing, so that after a save it has to do again only
what the save changed. All that is kept is found by a hash of what it was made of: where
anything else has changed in the meantime, it is simply not used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sitegen import manifest
from sitegen.compiling import Texts, shape_of
from sitegen.edition import Edition
from sitegen.keys import ContextTexts
from sitegen.manifest import Last
from sitegen.model import AS_IT_IS, Content, Rules
from sitegen.parts import Before, Part
from sitegen.pieces import Filled
from sitegen.pipeline import Stores, read_project, stores_of, texts_of
from sitegen.plan import plan_site
from sitegen.storage import digest_of
from sitegen.workers import Beside


@dataclass(frozen=True)
class Rehearsed:
    """What is ready for a build: the last one, what it has kept, planned parts.

    ``program`` is the hash of the program that made it; ``texts`` are those of the contexts.
    """

    last: Last
    program: str = ""
    stores: Stores | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    texts: ContextTexts | None = None


def base_of(program: str, edition: Edition, rules: Rules, content: Content, compiled: Texts) -> str:
    """What tells apart everything that all parts of a site are planned from."""
    shape = shape_of(content, compiled)
    return digest_of(program, *edition.words, repr(rules.vocabulary), shape)


def rehearse(root: Path, out: Path, edition: Edition, is_told: Callable[[], bool]) -> Rehearsed:
    """Read and plan, until ``is_told`` says that the build is asked for.

    A project that is wrong is not planned: the build will say what is wrong with it.
    """
    program, last = manifest.hash_code(), Last(root, out)
    last.manifest()
    last.spare()
    stores = stores_of(root, program)
    ready = Rehearsed(last, program, stores)
    if is_told():
        return ready
    try:
        compiling = Beside(partial(texts_of, root, stores.read), 1)
        rules, content, compiled, _ = read_project(root, compiling, stores.read)
        if is_told():
            return ready
        base = base_of(program, edition, rules, content, compiled)
        before = Before(base, {}, stores.parts)
        plan = plan_site(rules, content, edition, compiled, before)
        for part in plan.parts.values():
            stores.parts.get(part.digest)  # what is asked for once is at hand
    except Exception:  # whatever it is, the build meets it again and says so
        return ready
    texts = ContextTexts()
    for page in plan.pages:
        if is_told():
            break
        if page.template == AS_IT_IS:  # needs none
            continue
        context = page.context
        texts.of(context.shared if isinstance(context, Filled) else context)
    return Rehearsed(last, program, stores, plan.parts, texts)
