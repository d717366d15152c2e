"""How does an admin set the words for accounts: tags, and fields of the organisation's own?"""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, requires
from accounts.actions import setup as actions
from accounts.forms.organisation import CustomFieldForm, TagForm
from accounts.models import CustomField, Tag
from accounts.rules.roles import Capability
from accounts.views.profile import person_of
from accounts.views.settings import sections
from common.forms import attempt
from common.htmx import notify, render_page
from common.tables import Column

SET = Capability.MANAGE_SETTINGS
COLUMNS = (
    Column("label", _lazy("Field")),
    Column("key", _lazy("Key")),
    Column("kind", _lazy("Kind")),
    Column("choices", _lazy("Choices")),
)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: HttpRequest) -> HttpResponse:
    """List the tags with how often each is used, and add one."""
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tag = Tag(name=form.cleaned_data["name"])
        if attempt(form, lambda: actions.add_shared(tag, by=person_of(request), at=timezone.now())):
            notify(request, _("Tag “%(name)s” was added.") % {"name": tag.name})
            return redirect("tags")
    context = {
        "tags": list(Tag.objects.visible_to(request.user).annotate(uses=Count("accounts"))),
        "form": form,
        "sections": sections(request, "tags"),
    }
    return render_page(request, "accounts/tags.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def tag_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a tag another name."""
    tag = get_visible_or_404(Tag.objects.annotate(uses=Count("accounts")), request.user, pk=pk)
    form = TagForm(request.POST or None, tag=tag, initial={"name": tag.name})
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        if attempt(form, lambda: actions.change_shared(tag, by=person_of(request), at=timezone.now(), name=name)):
            notify(request, _("Saved."))
            return redirect("tags")
    context = {"tag": tag, "form": form, "sections": sections(request, "tags")}
    return render_page(request, "accounts/tag_edit.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_POST
def tag_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a tag off all accounts and away."""
    tag = get_visible_or_404(Tag, request.user, pk=pk)
    said = _("Tag “%(name)s” was deleted.") % {"name": tag.name}
    actions.delete_shared(tag, by=person_of(request), at=timezone.now())
    notify(request, said, level=messages.SUCCESS)
    return redirect("tags")


@requires(SET)
@require_safe
def custom_fields(request: HttpRequest) -> HttpResponse:
    """List the fields that the organisation added to its accounts."""
    context = {
        "fields": list(CustomField.objects.visible_to(request.user)),
        "columns": COLUMNS,
        "sections": sections(request, "custom_fields"),
    }
    return render_page(request, "accounts/custom_fields.html", context)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def custom_field_create(request: HttpRequest) -> HttpResponse:
    """Add a field."""
    form = CustomFieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        field = CustomField(**form.cleaned_data)
        if attempt(form, lambda: actions.add_shared(field, by=person_of(request), at=timezone.now())):
            notify(request, _("Field “%(name)s” was added.") % {"name": field.label})
            return redirect("custom_fields")
    context = {"form": form, "sections": sections(request, "custom_fields")}
    return render_page(request, "accounts/custom_field_create.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_http_methods(["GET", "HEAD", "POST"])
def custom_field_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a field."""
    field = get_visible_or_404(CustomField, request.user, pk=pk)
    form = CustomFieldForm(request.POST or None, instance=field)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: actions.change_shared(field, by=person_of(request), at=timezone.now(), **values)):
            notify(request, _("Saved."))
            return redirect("custom_fields")
    context = {"field": field, "form": form, "sections": sections(request, "custom_fields")}
    return render_page(request, "accounts/custom_field_edit.html", context, status=422 if form.errors else 200)


@requires(SET)
@require_POST
def custom_field_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a field away; its values stay with the accounts and show again if the field comes back."""
    field = get_visible_or_404(CustomField, request.user, pk=pk)
    said = _("Field “%(name)s” was deleted.") % {"name": field.label}
    actions.delete_shared(field, by=person_of(request), at=timezone.now())
    notify(request, said, level=messages.SUCCESS)
    return redirect("custom_fields")
