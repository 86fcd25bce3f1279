"""From a page to its HTML: Jinja with everything escaped and nothing undefined."""

from __future__ import annotations

import marshal
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath

import jinja2
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup

from sitegen.assets import Assets
from sitegen.atlas import Link
from sitegen.brief import brief, named, whole
from sitegen.errors import ProjectError
from sitegen.figures import SourceView
from sitegen.linked import linked_data
from sitegen.markup import Compiled
from sitegen.model import AS_IT_IS, Page, Place, Problem
from sitegen.opendata import DataWriter
from sitegen.overviews import source_url
from sitegen.paper import Chapter
from sitegen.pieces import Cut, Filled, encoded
from sitegen.qr import qr_svg
from sitegen.templates import templates_of

# So many cut pages are kept for cities to come.
CUTS = 400

# So many characters of a source, title and date, fit on a line of a sheet.
SOURCE_LINE = 40


class RenderError(ProjectError):
    """A template does not work; ``problem`` says which and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Marks:
    """The source marks of one page: each source gets a number where it first stands.

    On paper there is room for ``limit`` sources (0: for all); the marks of further ones name
    the page at ``beyond``, which lists them all.
    """

    def __init__(self, limit: int = 0, beyond: str = "") -> None:
        self._ids: list[str] = []
        self._limit = limit
        self._beyond = beyond
        self.has_more = False

    def mark(self, ids: tuple[str, ...]) -> Markup:
        """The marks of several sources, side by side."""
        marks = []
        for id in ids:
            if id not in self._ids and self._limit and len(self._ids) == self._limit:
                self.has_more = True
                continue
            if id not in self._ids:
                self._ids.append(id)
            number = self._ids.index(id) + 1
            marks.append(
                f'<a class="src" href="#s{number}" aria-label="出处{number}">[{number}]</a>'
            )
        if ids and not marks:
            marks.append(f'<a class="src" href="{self._beyond}">[网页]</a>')
        return Markup("".join(marks))

    def listed(self, sources: Mapping[str, SourceView]) -> list[SourceView]:
        """The sources marked so far, in the order of their numbers."""
        return [sources[id] for id in self._ids]


class _OpenMarks(Marks):
    """Marks of a chapter that many booklets share: each booklet numbers them by itself."""

    def mark(self, ids: tuple[str, ...]) -> Markup:
        return Markup("".join(f"\ue200{id}\ue201" for id in ids))


_NAME = re.compile(r"\{\{ (city|area|province) \}\}")
_OPEN_MARK = re.compile("\ue200([^\ue201]*)\ue201")


def _marks_of(context: Mapping[str, object]) -> Marks:
    """The empty marks of a page: limited on a sheet, which names its page."""
    limit, page = context.get("mark_limit"), context.get("page_link")
    if isinstance(limit, int) and isinstance(page, Link):
        return Marks(limit, page.url)
    return Marks()


@jinja2.pass_context
def _src(context: Context, *ids: str) -> Markup:
    marks: Marks = context["marks"]
    return marks.mark(tuple(id if "/" in id else f"nation/{id}" for id in ids))


@jinja2.pass_context
def _value(context: Context, id: str) -> object:
    return context["values"][id]


@jinja2.pass_context
def _link(context: Context, slug: str) -> str:
    return str(context["links"][slug].url)


@jinja2.pass_context
def _national(context: Context, slug: str) -> str:
    return str(context["nation_links"][slug].url)


def _source_line(source: SourceView) -> Markup:
    """A source as the lists show it: title, linked where safe, number, kind and date."""
    page = source_url(source.id)
    title = Markup('<a href="{}">{}</a>').format(page, source.title)
    if source.url:
        link = Markup('<a href="{}" rel="noopener nofollow">{}</a>（<a href="{}">用在哪里</a>）')
        title = link.format(source.url, source.title, page)
    parts = [part for part in (source.issuer, source.number) if part and part not in source.title]
    tail = "，".join([*parts, f"{source.kind}，{source.published}"])
    return Markup("{}。{}。").format(title, tail)


def _short_source(source: SourceView) -> str:
    """A source as a booklet lists it: title, number, kind and date, without links."""
    number = source.number if source.number not in source.title else ""
    return "，".join(part for part in (source.title, number, source.kind, source.published) if part)


def _cut_source(source: SourceView) -> str:
    """A source on one line of a sheet: its title, cut off where too long, and its date."""
    room = SOURCE_LINE - len(source.published)
    is_long = len(source.title) > room
    return f"{source.title[: room - 1] + '…' if is_long else source.title}，{source.published}"


class Code(jinja2.BytecodeCache):
    """The code of compiled templates, each found by its name and a hash of its source."""

    def __init__(self, known: Callable[[str], str | None]) -> None:
        self.made: dict[str, str] = {}
        self._known = known

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self._known(bucket.key + bucket.checksum):
            bucket.code = marshal.loads(b64decode(found))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.made[bucket.key + bucket.checksum] = b64encode(marshal.dumps(bucket.code)).decode()


class _Files(jinja2.FileSystemLoader):
    """Templates of a folder, whose code names them from there: it is of use wherever they lie."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, _, is_current = super().get_source(environment, template)
        return source, f"{_FOLDER}{template}", is_current


_FOLDER = "templates/"


class Renderer:
    """Renders the pages of one plan with the templates of ``<root>/templates``."""

    def __init__(
        self,
        root: Path,
        texts: Mapping[str, Compiled],
        assets: Assets,
        code: Code | None = None,
    ) -> None:
        self._texts = texts
        templates = (root / "templates").resolve()
        wrapped = templates_of(texts)
        self._env = jinja2.Environment(
            loader=jinja2.ChoiceLoader([jinja2.DictLoader(wrapped), _Files(templates)]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            bytecode_cache=code,
            auto_reload=False,  # a renderer is of one moment; no template is looked at twice
            extensions=["jinja2.ext.do"],
        )
        self._env.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
        self._modules = [f"/{path}" for path in assets.files if path.suffix == ".js"]
        self._env.filters.update(brief=brief, named=named, whole=whole)
        self._env.globals.update(
            src=_src,
            value=_value,
            link=_link,
            national=_national,
            source_line=cache(_source_line),
            short_source=cache(_short_source),
            cut_source=cache(_cut_source),
            chapter_text=self._chapter,
            qr_svg=qr_svg,
            css=Markup(assets.styles["site.css"]),
            sheet_css=Markup(assets.styles["sheet.css"]),
            head_script=Markup(assets.head_script),
            assets=assets.folder,
        )
        self._data = DataWriter()
        self._strings: dict[str, jinja2.Template] = {}
        # The cut pages by template and the identity of their shared contexts, which are kept with
        # them, the one used last at the end; the templates that were tried, and whether their
        # pages may be cut.
        self._cuts: dict[tuple[str, int], tuple[Mapping[str, object], Cut]] = {}
        self._is_cuttable: dict[str, bool] = {}
        self._names: tuple[Mapping[int, str], Mapping[int, bytes]] = ({}, {})
        self._chapters: dict[tuple[str, int], tuple[Mapping[str, object], str]] = {}

    def compile(self, name: str) -> None:
        """Compile a template, if that was not done yet; one that cannot be waits for who renders
        it to hear why."""
        with suppress(jinja2.TemplateError):
            self._env.get_template(name)

    def page(self, page: Page) -> bytes:
        """The HTML of a page in UTF-8, the same as of ``render``: by pieces, where it has any.

        Raises ``RenderError`` as ``render`` does.
        """
        context = page.context
        if not isinstance(context, Filled):
            return self.render(page).encode()
        if page.template not in self._is_cuttable:
            self._is_cuttable[page.template] = self._by_pieces(page) == self.render(page).encode()
        if not self._is_cuttable[page.template]:
            return self.render(page).encode()
        return self._by_pieces(page)

    def _by_pieces(self, page: Page) -> bytes:
        context = page.context
        assert isinstance(context, Filled)
        key = page.template, id(context.shared)
        if (found := self._cuts.pop(key, None)) is None:
            shared = page._replace(context=context.shared)
            found = context.shared, Cut(self.render(shared))
            if len(self._cuts) == CUTS:
                del self._cuts[next(iter(self._cuts))]
        self._cuts[key] = found
        if self._names[0] is not context.names:  # the pages of a city mostly come together
            self._names = (context.names, encoded(context.names))
        return found[1].page(self._names[1])

    def render(self, page: Page) -> str:
        """The HTML of a page, or its JSON. Raises ``RenderError`` naming template and page."""
        if page.template == AS_IT_IS:
            return str(page.context["text"])
        if page.is_data:
            return self._data.text(page.context)
        context = dict(page.context)
        try:
            if page.template in self._texts:
                context["marks"] = Marks()
                h1 = self._string(str(context["h1"]), context)
                # A bar in a title is where its line may break.
                context["title"] = f"{h1.replace('|', '')} - {context['site_name']}"
                context["description"] = self._string(str(context["description"]), context)
                context["h1"] = h1
            context["marks"] = _marks_of(context)
            html = self._env.get_template(page.template).render(context)
            start, end, rest = html.rpartition("</body>")
            return f"{start}{linked_data(context, html)}{end}{rest}" if end else html
        except jinja2.TemplateNotFound as error:
            problem = Problem(Place(f"templates/{page.template}"), f"没有 {error.name} 这个模板")
            raise RenderError(problem) from None
        except Exception as error:  # whatever an expression of a template can raise
            raise RenderError(self._problem(page, error)) from error

    def root_files(self, site_name: str) -> Iterator[tuple[PurePosixPath, bytes]]:
        """The files of ``templates/root``, by their path in the site: they lie at its root.

        What stands in them goes through ``tojson``. Raises ``RenderError`` as ``render`` does.
        """
        context = {"site_name": site_name, "modules": self._modules}
        for name in sorted(self._env.list_templates(filter_func=lambda n: n.startswith("root/"))):
            file = name.removeprefix("root/")
            page = Page(f"/{file}", name, context, is_indexed=False)
            yield PurePosixPath(file), self.render(page).encode()

    @jinja2.pass_context
    def _chapter(self, context: Context, chapter: Chapter) -> Markup:
        """A chapter of a booklet: rendered once for all booklets that have it alike."""
        key = (chapter.template, id(chapter.context))
        if key not in self._chapters:
            template = self._env.get_template(chapter.template)
            html = template.render({**chapter.context, "marks": _OpenMarks()})
            self._chapters[key] = (chapter.context, html)
        marks: Marks = context["marks"]
        html = self._chapters[key][1]
        return Markup(_OPEN_MARK.sub(lambda mark: marks.mark((mark[1],)), html))

    def _string(self, source: str, context: Mapping[str, object]) -> str:
        plain = _NAME.sub(lambda name: str(context[name[1]]), source)
        if "{" not in plain:
            # Nothing but names, as in most titles: no template needs to be compiled for that.
            return plain
        template = self._strings.get(source)
        if template is None:
            template = self._strings[source] = self._env.from_string(source)
        # Titles are text here; they are escaped where base.html puts them.
        return Markup(template.render(context)).unescape()

    def _problem(self, page: Page, error: Exception) -> Problem:
        """Where in our templates or texts an error arose."""
        place = Place(f"templates/{page.template}")
        if page.template in self._texts:
            place = self._texts[page.template].text.at
        if isinstance(error, jinja2.TemplateSyntaxError) and error.name:
            place = Place(f"templates/{error.name}", error.lineno)
        trace = error.__traceback__
        while trace:
            name = trace.tb_frame.f_code.co_filename
            if name.startswith(_FOLDER):
                place = Place(name, trace.tb_lineno)
            elif name == "<template>" and page.template in self._texts:
                place = self._texts[page.template].text.at
            trace = trace.tb_next
        return Problem(place, f"页面 {page.url} 做不出来（{error}）", "看看名字有没有写错")
