"""How does the API answer about use, and at which addresses?"""

from rest_framework.routers import BaseRouter

from usage.viewsets import catalogue, events, facts


def register(router: BaseRouter) -> None:
    """Put these endpoints on the one router."""
    for prefix, viewset in (
        ("modules", catalogue.ModuleViewSet),
        ("features", catalogue.FeatureViewSet),
        ("scenarios", catalogue.ScenarioViewSet),
        ("milestones", catalogue.MilestoneViewSet),
        ("metrics", catalogue.MetricViewSet),
        ("usage-events", events.UsageEventViewSet),
        ("usage-days", events.UsageDayViewSet),
        ("milestones-reached", facts.MilestoneReachedViewSet),
        ("readings", facts.ReadingViewSet),
        ("tickets", facts.TicketViewSet),
        ("survey-answers", facts.SurveyAnswerViewSet),
        ("integrations", facts.IntegrationViewSet),
        ("attendances", facts.AttendanceViewSet),
    ):
        router.register(prefix, viewset)
