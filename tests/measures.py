"""What a reader meets on a page, measured in the browser: sizes, order, overflow. Not a test.

Every function takes an open page and returns what is wrong with it as short texts, so that an
empty list is the good answer and a failing test shows where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

# The fewest CSS pixels that a thumb hits: any target, the ones to call, a mark in a text.
TARGET, PRIMARY, MARK = 48, 60, 24

# The values of WCAG 1.4.12: what a reader may set and no page may break under.
TEXT_SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-bottom: 2em !important }"""

# Where links stand beside each other, each for itself.
_LISTS = ".menu, .places, .crumbs, .sizes, .top"

_SHOW = "const show = (node) => node.outerHTML.replace(/\\s+/g, ' ').slice(0, 90);"

_VISIBLE = """const visible = (node) => node.checkVisibility({ visibilityProperty: true })
    && node.getClientRects().length > 0 && !node.matches(".skip");"""


def overflow(page: Page) -> list[str]:
    """What of a page reaches beyond the right edge of the window."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.querySelectorAll("body *")]
                .filter((node) => node.getBoundingClientRect().right > innerWidth)
                .map((node) => node.outerHTML.slice(0, 80))"""
    )
    return found


def clipped(page: Page) -> list[str]:
    """Boxes that hide a part of what is in them; one that scrolls must be reached by keys."""
    found: list[str] = page.evaluate(
        f"""() => {{ {_SHOW} {_VISIBLE}
            const cuts = (node) => {{
                const style = getComputedStyle(node);
                const tall = node.scrollHeight > node.clientHeight + 1;
                const wide = node.scrollWidth > node.clientWidth + 1;
                const hides = /hidden|clip/;
                return (tall && hides.test(style.overflowY))
                    || (wide && hides.test(style.overflowX))
                    || ((tall || wide) && /auto|scroll/.test(style.overflow) && node.tabIndex < 0);
            }};
            return [...document.querySelectorAll("body *")]
                .filter((node) => visible(node) && node.clientWidth && cuts(node)).map(show);
        }}"""
    )
    return found


def small_targets(page: Page) -> list[str]:
    """Targets below their size; a link within a sentence has none, a source mark a small one."""
    found: list[str] = page.evaluate(
        f"""() => {{ {_SHOW} {_VISIBLE}
            const inSentence = (node) => {{
                if (node.tagName !== "A" || node.closest("{_LISTS}")) {{ return false; }}
                let box = node.parentElement;
                while (getComputedStyle(box).display.startsWith("inline")) {{
                    box = box.parentElement;
                }}
                const copy = box.cloneNode(true);
                copy.querySelectorAll("a, button, .chip, ul, ol").forEach((n) => n.remove());
                return !node.matches(".call") && /[\\u4e00-\\u9fff]/.test(copy.textContent);
            }};
            const least = (node) => node.matches(".src") ? {MARK}
                : node.matches(".call") ? {PRIMARY} : inSentence(node) ? 0 : {TARGET};
            const wrong = [];
            for (const node of document.querySelectorAll(
                "a[href], button, input:not([type=hidden]), select, textarea, summary"
            )) {{
                // A control in a label is hit by its label.
                const box = (node.closest("label") || node).getBoundingClientRect();
                const high = least(node), wide = Math.min(high, {TARGET});
                if (visible(node) && (box.height + .01 < high || box.width + .01 < wide)) {{
                    const size = `${{box.width.toFixed(1)}}×${{box.height.toFixed(1)}}`;
                    wrong.push(`${{size}} ${{show(node)}}`);
                }}
            }}
            return wrong;
        }}"""
    )
    return found


def stuck(page: Page) -> list[str]:
    """What does not move with the text, or moves by itself."""
    found: list[str] = page.evaluate(
        f"""() => {{ {_SHOW}
            return [...document.querySelectorAll("body *")]
                .filter((node) => /fixed|sticky/.test(getComputedStyle(node).position))
                .concat(document.getAnimations().map((one) => one.effect.target)).map(show);
        }}"""
    )
    return found


def folded_away(page: Page) -> list[str]:
    """What nobody may have to unfold: numbers to call, steps, warnings, the first figure."""
    found: list[str] = page.evaluate(
        f"""() => {{ {_SHOW}
            const needed = ".call, a[href^='tel:'], .steps, .path, .warn, ol > li";
            const first = document.querySelector("main .ledger__figure");
            return [...document.querySelectorAll("main details")]
                .filter((fold) => fold.contains(first) || fold.querySelector(needed)).map(show);
        }}"""
    )
    return found


def outline_faults(page: Page) -> list[str]:
    """Headings that skip a level, a second h1, landmarks without a name of their own."""
    found: list[str] = page.evaluate(
        f"""() => {{ {_SHOW}
            const wrong = [];
            let before = 0;
            for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {{
                const level = Number(heading.tagName[1]);
                if (level > before + 1 || level > 3) {{ wrong.push(show(heading)); }}
                before = level;
            }}
            for (const one of ["h1", "main", "body > header", "body > footer"]) {{
                const count = document.querySelectorAll(one).length;
                if (count !== 1) {{ wrong.push(`${{count}} × ${{one}}`); }}
            }}
            const names = new Set();
            const marks = "nav, aside, [role=region], [role=search]";
            for (const mark of document.querySelectorAll(marks)) {{
                const by = document.getElementById(mark.getAttribute("aria-labelledby") || "");
                const name = mark.getAttribute("aria-label") || (by && by.textContent.trim());
                if (!name || names.has(name)) {{ wrong.push(`“${{name}}” ${{show(mark)}}`); }}
                names.add(name);
            }}
            return wrong;
        }}"""
    )
    return found


@contextmanager
def reader(page: Page) -> Iterator[Callable[[str], None]]:
    """Lays one style sheet after another over the page, as a browser's settings do.

    The policy of the page does not stop it; the last is gone after the context.
    """
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    frame = devtools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    sheet = devtools.send("CSS.createStyleSheet", {"frameId": frame})["styleSheetId"]

    def restyle(css: str) -> None:
        devtools.send("CSS.setStyleSheetText", {"styleSheetId": sheet, "text": css})

    try:
        yield restyle
    finally:
        restyle("")
        devtools.detach()


@contextmanager
def restyled(page: Page, css: str) -> Iterator[None]:
    """Lays a style sheet of the reader's own over the page; it is gone after the context."""
    with reader(page) as restyle:
        restyle(css)
        yield


def text_zoom(percent: int) -> str:
    """The style sheet of a reader who has enlarged the text of everything."""
    return f"html {{ font-size: {percent}% !important }}"
