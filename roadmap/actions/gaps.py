"""How is a gap, a promise, a loss or a renewal hung on a request?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.traces import leave_audit
from accounts.models import ChurnRecord, ExpectationGap, Promise, User
from common.errors import Refused
from revenue.models import Renewal
from roadmap.models import FeatureRequest, RequestLink
from roadmap.models.gaps import KINDS
from roadmap.queries.duplicates import root_of

Target = ExpectationGap | Promise | ChurnRecord | Renewal
OF_MODEL: dict[Any, str] = {ExpectationGap: "gap", Promise: "promise", ChurnRecord: "churn_record", Renewal: "renewal"}


@transaction.atomic
def link_request(*, request: FeatureRequest, target: Target, by: User | None, at: dt.datetime) -> RequestLink:
    """Hang something of an account on a request; done twice it is there once."""
    root = root_of(request)
    kind = OF_MODEL[type(target)]
    found: RequestLink | None = RequestLink.objects.filter(request=root, **{kind: target}).first()
    if found is not None:
        return found
    link = RequestLink.objects.create(
        request=root, linked_as=request if root.pk != request.pk else None, account=target.account, added_at=at,
        added_by=by, **{kind: target},
    )  # fmt: skip
    named = {"request": [None, root.pk], kind: [None, target.pk]}
    leave_audit("request_link.added", link, by=by, at=at, changes=named)
    return link


@transaction.atomic
def add_link(*, request: FeatureRequest, by: User | None, at: dt.datetime, **targets: Any) -> RequestLink:
    """Hang one of the four kinds of things on a request."""
    given = [targets[kind] for kind in KINDS if targets.get(kind) is not None]
    if len(given) != 1:
        raise Refused(_("Name one thing: an expectation gap, a promise, a churn record or a renewal."))
    return link_request(request=request, target=given[0], by=by, at=at)


@transaction.atomic
def unlink_request(*, link: RequestLink, by: User | None, at: dt.datetime) -> None:
    """Take something off a request again."""
    named = {"request": [link.request_id, None], link.kind: [link.target.pk, None]}
    leave_audit("request_link.deleted", link, by=by, at=at, changes=named)
    link.delete()
