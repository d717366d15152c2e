"""What does every Jinja2 template know without being told: filters, addresses, components, translations?"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext, ngettext, npgettext, pgettext
from jinja2 import Environment, StrictUndefined, Undefined
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from common import formats
from common.figures import figures_file

COMPONENT_FILES = ("controls", "layout", "forms", "tables", "feedback", "charts")
UNDO_TAG = "undo="


class Components:
    """The global `ui`: every macro of templates/components, found by its name.

    It is a global of the environment and not an import of each page, because a block that is rendered alone does not
    see what its page imported.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._home: dict[str, str] = {}

    def __getattr__(self, name: str) -> Macro:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._home:
            self._home = dict(self._found())
        if name not in self._home:
            raise AttributeError(f"no component named {name}")
        macro: Macro = getattr(self._environment.get_template(self._home[name]).module, name)
        if not self._environment.auto_reload:
            setattr(self, name, macro)  # a page asks hundreds of times, and templates do not change any more
        return macro

    def _found(self) -> Iterator[tuple[str, str]]:
        for file in COMPONENT_FILES:
            template = f"components/{file}.html"
            for name, value in vars(self._environment.get_template(template).module).items():
                if isinstance(value, Macro):
                    yield name, template

    def names(self) -> list[str]:
        """List the components, for the test that draws each of them."""
        return sorted(name for name, _ in self._found())


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """Give the address of a view."""
    return reverse(name, args=args, kwargs=kwargs)


def url_or_none(name: str, *args: Any, **kwargs: Any) -> str | None:
    """Give the address of a view that an installation may lack; the shell then leaves its control out."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return None


def query_with(params: QueryDict | Mapping[str, Any] | None = None, **changes: Any) -> str:
    """Write the query string of this page with some values changed; None removes one.

    >>> query_with({"sort": "name", "after": "9"}, sort="-arr", after=None)
    '?sort=-arr'
    """
    query = params.copy() if isinstance(params, QueryDict) else _as_query(params or {})
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        elif isinstance(value, list | tuple):
            query.setlist(name, [str(item) for item in value])
        else:
            query[name] = str(value)
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else "?"


def _as_query(params: Mapping[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in params.items():
        query[name] = str(value)
    return query


def attrs(values: Mapping[str, Any]) -> Markup:
    """Write HTML attributes from a macro's keyword arguments: `hx_get` becomes `hx-get`, None and False vanish.

    >>> attrs({"hx_get": "/a?b&c", "disabled": True, "title": None})
    Markup(' hx-get="/a?b&amp;c" disabled')
    """
    parts = []
    for name, value in values.items():
        if value is None or value is False or isinstance(value, Undefined):
            continue
        key = escape(name.rstrip("_").replace("_", "-"))
        parts.append(Markup(" {}").format(key) if value is True else Markup(' {}="{}"').format(key, value))
    return Markup("").join(parts)


def initials(name: object) -> str:
    """Shorten a name to the letters of its round mark.

    >>> initials("Mei Lin"), initials("ada@example.com"), initials("王小明"), initials("")
    ('ML', 'A', '王', '?')
    """
    words = str(name).split("@")[0].replace(".", " ").split()
    if not words:
        return "?"
    if not words[0][0].isascii():
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def step(fraction: float | None, steps: int = 20) -> int:
    """Turn a fraction into a step class, because a strict style policy forbids style attributes.

    >>> step(0.5), step(1.7), step(None), step(0.001)
    (10, 20, 0, 1)
    """
    if fraction is None or formats.is_missing(fraction):
        return 0
    bounded = min(max(fraction, 0.0), 1.0)
    return max(1, round(bounded * steps)) if bounded > 0 else 0


def sign_in_providers(request: HttpRequest) -> list[Any]:
    """List the sign-in services that are set up, for their buttons."""
    return list(get_social_adapter().list_providers(request))


def undo_url(message: Message) -> str:
    """Find the address that undoes what a message tells, or an empty string."""
    found = (tag.removeprefix(UNDO_TAG) for tag in (message.extra_tags or "").split() if tag.startswith(UNDO_TAG))
    address = next(found, "")
    return address if address.startswith("/") and not address.startswith("//") else ""


def in_words(text: str, /, **gaps: Any) -> Markup:
    """Translate a text of a template; what fills its gaps is escaped.

    >>> in_words("%(part)s of <b>%(whole)s</b>", part="<1>", whole=2)
    Markup('&lt;1&gt; of <b>2</b>')
    """
    return Markup(gettext(text)) % gaps if gaps else _without_gaps(get_language(), text)  # noqa: S704 (our own words)


@lru_cache(maxsize=8192)
def _without_gaps(_language: str | None, text: str) -> Markup:
    """The same for a text that stands in each cell of a list: looked up once for each language."""
    return Markup(gettext(text)) % {}  # noqa: S704 (our own words)


def environment(**options: Any) -> Environment:
    """Build the environment that Django's Jinja2 backend asks for."""
    options |= {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(**options, extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])  # noqa: S701
    env.tests["in_page"] = lambda key, page: str(key).startswith(f"{page}.")
    env.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext)  # type: ignore[attr-defined]
    env.globals["_"] = in_words
    env.globals.update(
        attrs=attrs,
        figures_file=figures_file,
        initials=initials,
        is_missing=formats.is_missing,
        query_with=query_with,
        sign_in_providers=sign_in_providers,
        static=static,
        step=step,
        ui=Components(env),
        undo_url=undo_url,
        url=url,
        url_or_none=url_or_none,
    )
    env.filters.update(
        ago=formats.ago,
        clock=formats.clock,
        compact=formats.compact,
        date=formats.date,
        file_size=formats.file_size,
        instant=formats.instant,
        money=formats.money,
        number=formats.number,
        percent=formats.percent,
        points=formats.points,
        rate_points=formats.rate_points,
        signed=formats.signed,
    )
    return env
