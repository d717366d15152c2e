"""How does the next version of a scorecard come about: drafted, changed, published or thrown away?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import audit
from accounts.models import User
from common.errors import Conflict, Refused
from common.jobs import enqueue
from health.actions.scorecards import check_conditions, check_definition, publish_version
from health.models import Scorecard, ScorecardDraft, ScorecardVersion
from health.queries.editor import standing_of
from health.rules.drafts import what_differs

# The audit names so many changes of one save.
NAMED_CHANGES = 30


@transaction.atomic
def change_draft(
    *,
    scorecard: Scorecard,
    by: User,
    at: dt.datetime,
    definition: Any = None,
    conditions: Any = None,
    version: int | None = None,
) -> ScorecardDraft:
    """Change what the next version says, beginning with what the last one says; nothing scores with it yet.

    `version` is what the person has read, 0 for no draft yet; None changes whatever stands there.
    """
    Scorecard.objects.select_for_update().get(pk=scorecard.pk)
    draft = ScorecardDraft.objects.filter(scorecard=scorecard).first()
    if version is not None and version != (draft.version if draft else 0):
        raise Conflict(_("Someone else changed this draft meanwhile. Load it again and repeat your change."))
    stood = standing_of(scorecard)
    new_definition = stood.definition if definition is None else definition
    new_conditions = stood.conditions if conditions is None else conditions
    check_definition(new_definition, is_draft=True)
    check_conditions(new_conditions)
    changes = what_differs(
        {"definition": stood.definition, "conditions": stood.conditions},
        {"definition": new_definition, "conditions": new_conditions},
    )
    if draft is None:
        draft = ScorecardDraft(scorecard=scorecard, version=0)
    elif not changes:
        return draft
    draft.definition, draft.conditions = new_definition, new_conditions
    draft.version, draft.changed_at, draft.changed_by = draft.version + 1, at, by
    draft.save()
    named = dict(list(changes.items())[:NAMED_CHANGES])
    audit.record("scorecard.drafted", by=by, at=at, obj=scorecard, changes=named)
    return draft


@transaction.atomic
def discard_draft(*, scorecard: Scorecard, by: User, at: dt.datetime) -> None:
    """Throw a draft away; a scorecard of which nothing was ever published goes with it."""
    found, _rows = ScorecardDraft.objects.filter(scorecard=scorecard).delete()
    if found:
        audit.record("scorecard.draft_discarded", by=by, at=at, obj=scorecard)
    if not scorecard.versions.exists():
        audit.record("scorecard.deleted", by=by, at=at, obj=scorecard, changes={"name": [scorecard.name, None]})
        scorecard.delete()


@transaction.atomic
def publish_draft(
    *,
    scorecard: Scorecard,
    effective_on: dt.date,
    today: dt.date,
    by: User,
    at: dt.datetime,
    version: int | None = None,
) -> ScorecardVersion:
    """Make the draft the version in force from a day on; what was scored before stays as it was."""
    Scorecard.objects.select_for_update().get(pk=scorecard.pk)
    draft = ScorecardDraft.objects.select_for_update().filter(scorecard=scorecard).first()
    if draft is None:
        raise Refused(_("There is no draft to publish."))
    if version is not None and version != draft.version:
        raise Conflict(_("Someone else changed this draft meanwhile. Look at the preview again."))
    if effective_on < today:
        raise Refused(
            _("A version begins today or later: history is never scored again."), field="effective_on", code="past"
        )
    made = publish_version(
        scorecard=scorecard, definition=draft.definition, conditions=draft.conditions, effective_on=effective_on,
        by=by, at=at,
    )  # fmt: skip
    draft.delete()
    if not scorecard.is_active:
        scorecard.is_active = True
        scorecard.save(update_fields=["is_active"])
    changes = {"version": [made.number - 1 or None, made.number], "effective_on": [None, str(effective_on)]}
    audit.record("scorecard.published", by=by, at=at, obj=scorecard, changes=changes)
    if effective_on == today:
        enqueue("health.score_book", key="all")
    return made
