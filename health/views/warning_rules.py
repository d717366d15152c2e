"""What warns of accounts, with which settings, and of whom would it?"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.models import Organisation, User
from accounts.rules.roles import Capability
from accounts.views.settings import sections
from common.errors import Refused
from common.formats import number
from common.forms import attempt
from common.htmx import notify, render_page
from common.tables import Column
from health import actions
from health.forms.warnings import BaseTestFormSet, RuleForm, rule_tests
from health.models import WarningRule
from health.queries.open_warnings import standing_by_rule
from health.queries.rule_preview import RulePreview, preview_rule
from health.queries.rule_words import rule_in_words
from health.queries.track_record_page import rule_lines

SET = Capability.EDIT_HEALTH
COLUMNS = (
    Column("name", gettext_lazy("Rule")),
    Column("tests", gettext_lazy("Warns when")),
    Column("severity", gettext_lazy("Severity")),
    Column("effect", gettext_lazy("Published effect")),
    Column("record", gettext_lazy("Own record, 90 days ahead")),
    Column("open", gettext_lazy("Open"), align="end"),
    Column("state", gettext_lazy("State")),
    Column("actions", gettext_lazy("Actions"), hide_label=True),
)


@requires(SET)
@require_safe
def warning_rules(request: HttpRequest) -> HttpResponse:
    """List the rules with what they warn of and how many warnings stand."""
    standing = standing_by_rule(cast(User, request.user))
    records = rule_lines()
    rules = WarningRule.objects.visible_to(request.user).order_by("position", "pk")
    context = {
        "rules": [
            (rule, rule_in_words(rule.definition), standing.get(rule.pk, 0), records.get(rule.key)) for rule in rules
        ],
        "columns": COLUMNS,
        "sections": sections(request, "warning_rules"),
    }
    return render_page(request, "health/warning_rules.html", context)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def warning_rule_create(request: HttpRequest) -> HttpResponse:
    """Add a rule; before it is saved one may see of whom it would warn."""
    return _rule_page(request, WarningRule(definition={}), "health/warning_rule_create.html")


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def warning_rule_edit(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Change a rule; before it is saved one may see of whom it would warn."""
    rule = get_visible_or_404(WarningRule, request.user, pk=rule_id)
    return _rule_page(request, rule, "health/warning_rule_edit.html")


@requires(SET)
@require_POST
def warning_rule_switch(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Switch a rule on, or off: then its warnings are closed."""
    rule = get_visible_or_404(WarningRule, request.user, pk=rule_id)
    by, at = cast(User, request.user), timezone.now()
    rule = actions.change_rule(rule=rule, by=by, at=at, is_enabled=not rule.is_enabled)
    words = _("“%(name)s” is in use.") if rule.is_enabled else _("“%(name)s” is switched off; its warnings are closed.")
    notify(request, words % {"name": rule.shown_name})
    return redirect("warning_rules")


@requires(SET)
@require_POST
def warning_rule_open(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Open all warnings that a rule holds back."""
    rule = get_visible_or_404(WarningRule, request.user, pk=rule_id)
    try:
        count = actions.open_held_warnings(rule=rule, by=cast(User, request.user), at=timezone.now())
    except Refused as refusal:
        notify(request, str(refusal), level=messages.ERROR)
    else:
        words = ngettext("%(count)s warning is being opened.", "%(count)s warnings are being opened.", count)
        notify(request, words % {"count": number(count)})
    return redirect("warnings")


def _rule_page(request: HttpRequest, rule: WarningRule, template: str) -> HttpResponse:
    """Show a rule's form; try the rule, or save it."""
    posted = request.POST or None
    form, tests = RuleForm(posted, instance=rule), rule_tests(posted, rule.definition)
    user, on = cast(User, request.user), Organisation.load().day_of(timezone.now())
    preview: RulePreview | None = None
    if posted is None and rule.pk and "preview" in request.GET:
        preview = preview_rule(rule, user, on)
    if posted is not None and form.is_valid() and tests.is_valid() and _checked(form, tests):
        definition = form.definition(tests.tests())
        if "preview" in request.POST:
            tried = WarningRule(pk=rule.pk, key=rule.key or "new", definition=definition, **form.row_values())
            preview = preview_rule(tried, user, on)
        elif attempt(form, lambda: _saved(request, rule, definition, form.row_values())):
            notify(request, _("Saved. Its warnings are brought up to date in the background."))
            return redirect("warning_rules")
    context = {
        "rule": rule,
        "form": form,
        "tests": tests,
        "preview": preview,
        "sections": sections(request, "warning_rules"),
    }
    has_errors = form.errors or (posted is not None and not tests.is_valid())
    return render_page(request, template, context, status=422 if has_errors else 200)


def _checked(form: RuleForm, tests: BaseTestFormSet) -> bool:
    """Say whether the rule makes sense; what does not is told in the form."""
    try:
        actions.check_rule(form.definition(tests.tests()))
    except Refused as refusal:
        form.add_error(None, ValidationError(str(refusal), code=refusal.code))
        return False
    return True


def _saved(request: HttpRequest, rule: WarningRule, definition: Any, values: dict[str, Any]) -> WarningRule:
    by, at = cast(User, request.user), timezone.now()
    if rule.pk is None:
        return actions.add_rule(by=by, at=at, definition=definition, **values)
    return actions.change_rule(rule=rule, by=by, at=at, definition=definition, **values)
