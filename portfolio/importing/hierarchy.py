"""Which accounts can stand under which, when children may come before their parents in a file?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.rules.accounts import MAX_DEPTH

PIECE = 500


def misplaced(parent_of: Mapping[str, str | None]) -> dict[str, str]:
    """Say of each account of a file, by external id, why it cannot stand under the parent that the file gives it."""
    parents = {parent for parent in parent_of.values() if parent}
    stored = _stored(parents - set(parent_of))
    above: dict[str, str | None] = {**_stored_parents(), **parent_of}
    wrong: dict[str, str] = {}
    for child, parent in parent_of.items():
        if parent and parent not in parent_of and parent not in stored:
            wrong[child] = _("“%(key)s” is not known in %(target)s.") % {"key": parent[:80], "target": "accounts"}
        elif parent and _returns(child, above):
            wrong[child] = _("“%(key)s” stands below this account already.") % {"key": parent[:80]}
    return _with_orphans(wrong, parent_of)


def _with_orphans(wrong: dict[str, str], parent_of: Mapping[str, str | None]) -> dict[str, str]:
    """Add the accounts whose parent is new and does not come in either."""
    children: dict[str, list[str]] = {}
    for child, parent in parent_of.items():
        if parent:
            children.setdefault(parent, []).append(child)
    known = _stored(wrong)
    open_ends = list(wrong)
    while open_ends:
        parent = open_ends.pop()
        if parent in known:
            continue
        for child in children.get(parent, ()):
            if child not in wrong:
                wrong[child] = _("its parent “%(key)s” does not come in") % {"key": parent[:80]}
                open_ends.append(child)
    return wrong


def _returns(child: str, above: Mapping[str, str | None]) -> bool:
    """Say whether the way up from an account leads back to it."""
    place = above.get(child)
    for _step in range(MAX_DEPTH):
        if place is None:
            return False
        if place == child:
            return True
        place = above.get(place)
    return True


def _stored(keys: Iterable[str]) -> set[str]:
    wanted = sorted(keys)
    found: set[str] = set()
    for start in range(0, len(wanted), PIECE):
        rows = Account.objects.filter(external_id__in=wanted[start : start + PIECE])
        found.update(rows.order_by().values_list("external_id", flat=True))
    return found


def _stored_parents() -> dict[str, str | None]:
    rows = Account.objects.filter(parent__isnull=False).order_by()
    return dict(rows.values_list("external_id", "parent__external_id"))
