"""How does the API read a body, page a list and refuse: strictly, and in words?"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import BaseParser
from rest_framework.response import Response

from common.errors import Conflict, Refused
from common.text import UNSTORABLE

MEGABYTE = 1024 * 1024
TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{\]}]', re.DOTALL)
DIGITS = 40


class TooLarge(exceptions.APIException):
    """The body is larger than the endpoint takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Reads JSON as RFC 8259 means it, and nothing else: one reading of a body, or a refusal that says why."""

    media_type = "application/json"
    # What is read from the network; gzip may unpack to `max_unpacked`.
    max_bytes = 2 * MEGABYTE
    max_unpacked = 10 * MEGABYTE
    # Counted inside one top-level value.
    max_levels = 5

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Read the body of a request."""
        request = (parser_context or {}).get("request")
        meta = request.META if request is not None else {}
        charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", media_type or "", re.IGNORECASE)
        if charset and charset[1].lower() not in {"utf-8", "utf8"}:
            raise exceptions.UnsupportedMediaType(media_type or "")
        return self.loads(self._read(stream, meta))

    def loads(self, raw: bytes) -> Any:
        """Parse bytes that were read."""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise exceptions.ParseError(_("Send UTF-8 without a byte-order mark.")) from None
        if text.startswith("\ufeff") or "\x00" in text[:4]:
            raise exceptions.ParseError(_("Send UTF-8 without a byte-order mark."))
        check_levels(text, self.max_levels)
        try:
            data = json.loads(
                text,
                object_pairs_hook=_object,
                parse_constant=_no_constant,
                parse_float=_float,
                parse_int=_int,
            )
        except json.JSONDecodeError as error:
            message = _("The body is not complete JSON (line %(line)s, column %(column)s).")
            raise exceptions.ParseError(message % {"line": error.lineno, "column": error.colno}) from None
        if "\\u" in text:
            check_strings(data)
        return data

    def _read(self, stream: Any, meta: Any) -> bytes:
        """Read no more than allowed, unpacking gzip."""
        try:
            length = int(meta.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if length > self.max_bytes:
            raise self._too_large(self.max_bytes)
        raw: bytes = stream.read(self.max_bytes + 1)
        if len(raw) > self.max_bytes:
            raise self._too_large(self.max_bytes)
        encoding = meta.get("HTTP_CONTENT_ENCODING", "").strip().lower()
        if encoding in {"", "identity"}:
            return raw
        if encoding != "gzip":
            raise exceptions.UnsupportedMediaType(encoding)
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            unpacked = unpacker.decompress(raw, self.max_unpacked + 1)
        except zlib.error:
            raise exceptions.ParseError(_("The body is not valid gzip.")) from None
        if len(unpacked) > self.max_unpacked:
            raise self._too_large(self.max_unpacked)
        if not unpacker.eof:
            raise exceptions.ParseError(_("The body is not valid gzip."))
        return unpacked

    @staticmethod
    def _too_large(limit: int) -> TooLarge:
        return TooLarge(_("Send at most %(limit)s MB.") % {"limit": limit // MEGABYTE})


def check_levels(text: str, limit: int) -> None:
    """Refuse values nested too deep, before any parser recurses into them; stops at the first one.

    The top-level object itself does not count: `properties: {…}` may have `limit` levels. A top-level list counts as
    the first level of the whole.
    """
    depth, name, top = 0, "", text.lstrip()[:1]
    for found in TOKENS.finditer(text):
        mark = found.group()
        if mark.startswith('"'):
            if depth == 1:
                name = mark
        elif mark in {"[", "{"}:
            depth += 1
            if depth > limit + 1:
                field = name[1:-1][:80] if top == "{" else _("The body")
                message = _("%(field)s: at most %(limit)s levels.")
                raise exceptions.ParseError(message % {"field": field, "limit": limit})
        else:
            depth -= 1


def check_strings(data: Any) -> None:
    """Refuse NUL and half surrogate pairs anywhere in parsed JSON, naming the place."""
    for path, value in _strings(data):
        found = UNSTORABLE.search(value)
        if found:
            message = _("%(label)s has a character that cannot be stored (code %(code)s).")
            code = f"{ord(found.group()):X}"
            raise exceptions.ParseError(
                message % {"label": UNSTORABLE.sub("\ufffd", path) or _("The body"), "code": code}
            )


def _strings(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """All strings in parsed JSON with their places; the depth is bounded by then."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            inner = f"{path}.{key}" if path else key
            yield inner, key
            yield from _strings(value, inner)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _strings(value, f"{path}[{index}]")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object; a key given twice would be read differently by different readers."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _value in pairs:
            if key in seen:
                raise exceptions.ParseError(_("%(key)s is given twice.") % {"key": UNSTORABLE.sub("\ufffd", key)[:80]})
            seen.add(key)
    return found


def _no_constant(name: str) -> None:
    raise exceptions.ParseError(_("%(name)s is not a JSON number.") % {"name": name})


def _float(text: str) -> float:
    """Read a number with a fraction or exponent; refuse one that would silently become infinite or 0."""
    number = float(text)
    mantissa = text.lower().partition("e")[0]
    if number in (float("inf"), float("-inf")) or (number == 0 and mantissa.strip("-0.")):
        message = _("%(number)s is out of range; send a number below 1,000,000,000,000 with at most 2 decimals.")
        raise exceptions.ParseError(message % {"number": text[:DIGITS]})
    return number


def _int(text: str) -> int:
    if len(text) > DIGITS:
        message = _("A number has %(count)s digits; at most %(limit)s are read.")
        raise exceptions.ParseError(message % {"count": f"{len(text):,}", "limit": DIGITS})
    return int(text)


class NoSuchPage(exceptions.NotFound):
    """The list has fewer pages; that may be said, unlike why a row is not found."""


class Pages(PageNumberPagination):
    """Pages of 50 rows, 200 at most."""

    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Any) -> int:
        """Read the size of a page; refuse a size that would be silently replaced."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size or self.max_page_size
        if not re.fullmatch(r"[0-9]{1,3}", asked) or not 1 <= int(asked) <= self.max_page_size:
            raise exceptions.ValidationError({"page_size": [_("Page size must be a number from 1 to 200.")]})
        return int(asked)

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """Cut the page out of a queryset."""
        self.request = request
        size = self.get_page_size(request)
        paginator = self.django_paginator_class(queryset, size)
        asked = request.query_params.get(self.page_query_param, "1")
        number = int(asked) if re.fullmatch(r"[0-9]{1,9}", asked) else 0
        if not 1 <= number <= paginator.num_pages:
            message = _("Page %(page)s does not exist. Pages run from 1 to %(last)s.")
            shown = asked if len(asked) <= DIGITS else asked[:DIGITS] + "…"
            raise NoSuchPage(message % {"page": UNSTORABLE.sub("\ufffd", shown), "last": paginator.num_pages})
        self.page = paginator.page(number)
        return list(self.page)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the two parameters with their bounds."""
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"]["minimum"] = 1
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"]["maximum"] = self.max_page_size
        return parameters


def problem_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception as problem+json; None for a defect of ours, which the server logs and answers."""
    error = _as_api_exception(exc)
    if error is None:
        return None
    if connection.in_atomic_block and connection.settings_dict["ATOMIC_REQUESTS"]:
        transaction.set_rollback(True)
    request = context.get("request")
    errors = flatten(error.detail) if isinstance(error, exceptions.ValidationError) else []
    if errors and _has_no_body(request):
        errors, error = [], exceptions.ParseError(_("The body is not complete JSON (line 1, column 1)."))
    code = error.status_code
    body: dict[str, Any] = {
        "title": HTTPStatus(code).phrase,
        "status": code,
        "detail": _detail(error, errors),
        "errors": errors,
        "request_id": getattr(getattr(request, "_request", request), "request_id", ""),
    }
    if isinstance(exc, Conflict):
        body["conflict"] = {field: {"stored": stored, "sent": sent} for field, (stored, sent) in exc.values.items()}
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return Response(body, status=code, headers=headers, content_type="application/problem+json")


def flatten(detail: Any, path: str = "", index: int | None = None) -> list[dict[str, Any]]:
    """List the errors of nested serializers, each with the row of a batch and the field it belongs to.

    >>> flatten([{}, {"contacts": [{"name": ["Too long."]}]}])
    [{'index': 1, 'field': 'contacts.0.name', 'code': 'invalid', 'message': 'Too long.'}]
    """
    if isinstance(detail, dict):
        found: list[dict[str, Any]] = []
        for name, inner in detail.items():
            if isinstance(name, int) and not path:
                found += flatten(inner, path, name)
                continue
            here = path if name in {"non_field_errors", "__all__"} else f"{path}.{name}" if path else str(name)
            found += flatten(inner, here, index)
        return found
    if isinstance(detail, (list, tuple)):
        found = []
        for number, inner in enumerate(detail):
            if not isinstance(inner, (dict, list, tuple)):
                found += flatten(inner, path, index)
            elif path:
                found += flatten(inner, f"{path}.{number}", index)
            else:
                found += flatten(inner, path, number)
        return found
    code = getattr(detail, "code", None) or "invalid"
    return [{"index": index, "field": path or None, "code": code, "message": str(detail)}]


def _as_api_exception(exc: Exception) -> exceptions.APIException | None:
    """Translate what Django and the actions raise into the API's exceptions."""
    if isinstance(exc, Refused):
        if exc.field and not isinstance(exc, Conflict):
            detail = exceptions.ErrorDetail(str(exc), exc.code)
            return exceptions.ValidationError({exc.field: [detail]})
        return _with_status(status.HTTP_409_CONFLICT, str(exc), exc.code)
    if isinstance(exc, (Http404, exceptions.NotFound)) and not isinstance(exc, NoSuchPage):
        # One answer for what is not there and what may not be seen.
        return exceptions.NotFound(_("Not found."))
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or None)
    if isinstance(exc, exceptions.UnsupportedMediaType):
        return _with_status(415, _("Send application/json."), "unsupported_media_type")
    if isinstance(exc, DjangoValidationError):
        found = exc.message_dict if hasattr(exc, "error_dict") else exc.messages
        return exceptions.ValidationError(found)
    if isinstance(exc, ProtectedError):
        return _with_status(409, _("This is still in use, so it cannot be deleted."), "in_use")
    if isinstance(exc, IntegrityError):
        return _with_status(409, _("This clashes with what is stored. Load it again and retry."), "clash")
    if isinstance(exc, RequestDataTooBig):
        return TooLarge(_("Send at most %(limit)s MB.") % {"limit": 2})
    if isinstance(exc, (SuspiciousOperation, MultiPartParserError, UnreadablePostError)):
        return exceptions.ParseError(_("The body could not be read."))
    return exc if isinstance(exc, exceptions.APIException) else None


def _with_status(code: int, message: str, error_code: str) -> exceptions.APIException:
    error = exceptions.APIException(message, error_code)
    error.status_code = code
    return error


def _detail(error: exceptions.APIException, errors: list[dict[str, Any]]) -> str:
    """Say in one sentence what is wrong."""
    if len(errors) == 1:
        return str(errors[0]["message"])
    if errors:
        return _("%(count)s values were refused; see errors.") % {"count": len(errors)}
    return str(error.detail)


def _has_no_body(request: Any) -> bool:
    """Say whether a write came without the JSON it needs; then that is the one thing to say."""
    if request is None or request.method not in {"POST", "PUT", "PATCH"}:
        return False
    return request.META.get("CONTENT_LENGTH") in {None, "", "0"}
