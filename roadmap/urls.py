"""Which addresses lead to requests?"""

from django.urls import URLPattern, URLResolver, path

from roadmap.views import disagreements, estimates, plans, ranking, settings

PLAN = "roadmap/plans/<int:plan_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("roadmap/", ranking.roadmap, name="roadmap"),
    path("roadmap/export/<str:kind>/", ranking.ranking_export, name="ranking_export"),
    path("roadmap/rank/", ranking.ranking_refresh, name="ranking_refresh"),
    path("roadmap/disagreements/", disagreements.rank_disagreements, name="rank_disagreements"),
    path("roadmap/requests/<int:request_id>/rank/", ranking.rank_why, name="rank_why"),
    path("roadmap/requests/<int:request_id>/estimate/", estimates.request_estimate, name="request_estimate"),
    path("roadmap/plans/", plans.quarter_plans, name="quarter_plans"),
    path("roadmap/plans/new/", plans.quarter_plan_new, name="quarter_plan_new"),
    path(PLAN, plans.quarter_plan, name="quarter_plan"),
    path(PLAN + "edit/", plans.quarter_plan_edit, name="quarter_plan_edit"),
    path(PLAN + "choose/", plans.quarter_plan_choose, name="quarter_plan_choose"),
    path(PLAN + "delete/", plans.quarter_plan_delete, name="quarter_plan_delete"),
    path(PLAN + "export/<str:kind>/", plans.quarter_plan_export, name="quarter_plan_export"),
    path("settings/ranking/", settings.ranking_settings, name="ranking_settings"),
]
