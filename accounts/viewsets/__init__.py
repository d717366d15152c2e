"""How does the API answer about customers' records, and at which addresses?"""

from rest_framework.routers import BaseRouter

from accounts.viewsets import accounts, notifications, people, records


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    for prefix, viewset in (
        ("users", people.PersonViewSet),
        ("teams", people.TeamViewSet),
        ("notifications", notifications.NotificationViewSet),
        ("audit-events", people.AuditEventViewSet),
        ("accounts", accounts.AccountViewSet),
        ("contacts", accounts.ContactViewSet),
        ("service-assignments", accounts.ServiceAssignmentViewSet),
        ("shares", accounts.AccountShareViewSet),
        ("tags", accounts.TagViewSet),
        ("custom-fields", accounts.CustomFieldViewSet),
        ("products", accounts.ProductViewSet),
        ("saved-views", accounts.SavedViewViewSet),
        ("handoffs", records.HandoffViewSet),
        ("handoff-versions", records.HandoffVersionViewSet),
        ("promises", records.PromiseViewSet),
        ("expectation-gaps", records.ExpectationGapViewSet),
        ("implementation-records", records.ImplementationRecordViewSet),
        ("attachments", records.AttachmentViewSet),
        ("goals", records.BusinessGoalViewSet),
        ("goal-measurements", records.GoalMeasurementViewSet),
        ("timeline", records.TimelineViewSet),
        ("churn-records", records.ChurnRecordViewSet),
    ):
        router.register(prefix, viewset)
