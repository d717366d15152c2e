"""How does the API read and write accounts, their people, and what all accounts share?"""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import accounts as account_actions
from accounts.actions import contacts as contact_actions
from accounts.actions import service_team, setup, shares
from accounts.actions import views as view_actions
from accounts.filters import records as filters
from accounts.models import (
    Account,
    AccountShare,
    Contact,
    CustomField,
    Product,
    SavedView,
    ServiceAssignment,
    Tag,
)
from accounts.models.organisation import Organisation
from accounts.queries.accounts import with_owner
from accounts.rules.roles import Capability
from accounts.serializers import accounts as shapes
from accounts.viewsets.base import RecordViewSet


class AccountViewSet(RecordViewSet):
    """Customers: read, make, change; found by our id or by yours."""

    queryset = Account.objects
    serializer_class = shapes.AccountSerializer
    filterset_class = filters.AccountFilter

    def get_queryset(self) -> Any:
        """Add each account's owner and tags."""
        accounts = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):  # the documentation is written without a database
            return accounts
        return with_owner(accounts, Organisation.load().day_of(self.at)).prefetch_related("tags")

    def create(self, request: Request) -> Response:
        """Make an account."""
        values = self.validated(request)
        owner, tags = values.pop("owner", None), account_actions.tags_named(values.pop("tags", []))
        return self.done(account_actions.create_account, 201, owner=owner, tags=tags, **values)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change an account; send the version that you have read."""
        return self._change(request, self.get_object())

    def _change(self, request: Request, account: Account) -> Response:
        values = self.validated(request, account)
        tags = account_actions.tags_named(values.pop("tags")) if "tags" in values else None
        return self.done(account_actions.update_account, account=account, tags=tags, **values)

    @extend_schema(parameters=[OpenApiParameter("external_id", str, OpenApiParameter.PATH)], filters=False)
    @action(
        detail=False,
        methods=["get", "patch"],
        url_path=r"by-external-id/(?P<external_id>[^/]{1,128})",
        pagination_class=None,
        filterset_class=None,
    )
    def by_external_id(self, request: Request, external_id: str) -> Response:
        """Read or change the account that another system knows by this id."""
        account = get_object_or_404(self.get_queryset(), external_id=external_id)
        return self._change(request, account) if request.method == "PATCH" else self.answer(account)


class ContactViewSet(RecordViewSet):
    """People at customers."""

    queryset = Contact.objects
    serializer_class = shapes.ContactSerializer
    filterset_class = filters.ContactFilter

    def create(self, request: Request) -> Response:
        """Add a person to an account."""
        return self.done(contact_actions.add_contact, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change what is known of a person; `left_on` says that they left."""
        contact = self.get_object()
        return self.done(contact_actions.update_contact, contact=contact, **self.validated(request, contact))


class ServiceAssignmentViewSet(RecordViewSet):
    """Who serves which account, dated. A new CSM ends the time of the one before."""

    queryset = ServiceAssignment.objects
    serializer_class = shapes.ServiceAssignmentSerializer
    filterset_class = filters.ServiceAssignmentFilter
    write_capability = Capability.ASSIGN_OWNERS

    def create(self, request: Request) -> Response:
        """Put a person on the service team of an account."""
        values = self.validated(request)
        values.setdefault("role", ServiceAssignment.Role.CSM)
        return self.done(service_team.assign, 201, **values)

    @extend_schema(request=shapes.EndSerializer, responses={200: shapes.ServiceAssignmentSerializer, 204: None})
    @action(detail=True, methods=["post"], serializer_class=shapes.EndSerializer)
    def end(self, request: Request, pk: str = "") -> Response:
        """End a person's time; one that began today vanishes."""
        assignment = self.get_object()
        ended = service_team.end_assignment(assignment=assignment, by=self.user, at=self.at, **self.validated(request))
        if ended is None:
            return Response(status=204)
        return Response(shapes.ServiceAssignmentSerializer(ended, context=self.get_serializer_context()).data)


class AccountShareViewSet(RecordViewSet):
    """To whom else an account is shown."""

    queryset = AccountShare.objects
    serializer_class = shapes.AccountShareSerializer
    filterset_class = filters.AccountShareFilter

    def create(self, request: Request) -> Response:
        """Show an account to a person or a team."""
        return self.done(shares.share_account, 201, **self.validated(request))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Stop showing it."""
        shares.end_share(share=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


class SharedViewSet(RecordViewSet):
    """Words and catalogues that all accounts share."""

    def create(self, request: Request) -> Response:
        """Add one."""
        row = self.serializer_class.Meta.model(**self.validated(request))  # type: ignore[union-attr]
        return self.answer(setup.add_shared(row, by=self.user, at=self.at), 201)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change one."""
        row = self.get_object()
        return self.answer(setup.change_shared(row, by=self.user, at=self.at, **self.validated(request, row)))

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Delete one that nothing needs."""
        setup.delete_shared(self.get_object(), by=self.user, at=self.at)
        return Response(status=204)


class TagViewSet(SharedViewSet):
    """Tags: whoever edits accounts may add one, an admin may rename or delete it."""

    queryset = Tag.objects
    serializer_class = shapes.TagSerializer

    @property
    def write_capability(self) -> Capability:  # type: ignore[override]
        """Ask more of who changes a tag that others use too."""
        return Capability.EDIT_ACCOUNTS if self.request.method == "POST" else Capability.MANAGE_SETTINGS


class CustomFieldViewSet(SharedViewSet):
    """The organisation's own fields of accounts."""

    queryset = CustomField.objects
    serializer_class = shapes.CustomFieldSerializer
    write_capability = Capability.MANAGE_SETTINGS


class ProductViewSet(SharedViewSet):
    """What the company sells."""

    queryset = Product.objects
    serializer_class = shapes.ProductSerializer
    write_capability = Capability.EDIT_CATALOGUE


class SavedViewViewSet(RecordViewSet):
    """Saved views: one's own and the team's."""

    queryset = SavedView.objects
    serializer_class = shapes.SavedViewSerializer
    filterset_class = filters.SavedViewFilter
    write_capability = None

    def create(self, request: Request) -> Response:
        """Save a view."""
        return self.done(view_actions.save_view, 201, **self.validated(request))

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change a view of one's own."""
        view = self.get_object()
        values = self.validated(request, view)
        values.pop("page", None)
        return self.done(view_actions.update_view, view=view, **values)

    def destroy(self, request: Request, pk: str = "") -> Response:
        """Forget a view of one's own."""
        view_actions.delete_view(view=self.get_object(), by=self.user, at=self.at)
        return Response(status=204)
