"""Which addresses lead to requests?"""

from django.urls import URLPattern, URLResolver, path

from roadmap.views import board, duplicates, evidence, gaps, loop, requests

ONE = "roadmap/<int:request_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("roadmap/requests/", requests.feature_requests, name="feature_requests"),
    path("roadmap/requests/export/<slug:kind>/", requests.feature_requests_export, name="feature_requests_export"),
    path("roadmap/requests/add/", requests.feature_request_add, name="feature_request_add"),
    path(ONE, requests.feature_request, name="feature_request"),
    path(ONE + "export/<slug:kind>/", requests.feature_request_export, name="feature_request_export"),
    path(ONE + "edit/", requests.feature_request_edit, name="feature_request_edit"),
    path(ONE + "plan/", requests.feature_request_plan, name="feature_request_plan"),
    path(ONE + "delete/", requests.feature_request_delete, name="feature_request_delete"),
    path(ONE + "accounts/", evidence.feature_request_link, name="feature_request_link"),
    path(ONE + "state/", board.feature_request_decide, name="feature_request_decide"),
    path(ONE + "quarter/", board.feature_request_schedule, name="feature_request_schedule"),
    path(ONE + "merge/", duplicates.feature_request_merge, name="feature_request_merge"),
    path(ONE + "part/", duplicates.feature_request_part, name="feature_request_part"),
    path(ONE + "links/add/", gaps.request_link_add, name="request_link_add"),
    path("roadmap/links/<int:link_id>/delete/", gaps.request_link_delete, name="request_link_delete"),
    path("roadmap/voices/<int:evidence_id>/delete/", evidence.evidence_delete, name="evidence_delete"),
    path("roadmap/decisions/<int:change_id>/undo/", board.request_change_undo, name="request_change_undo"),
    path("roadmap/board/", board.roadmap_board, name="roadmap_board"),
    path("roadmap/duplicates/", duplicates.duplicate_requests, name="duplicate_requests"),
    path("roadmap/duplicates/<int:pair_id>/apart/", duplicates.duplicate_tell_apart, name="duplicate_tell_apart"),
    path("roadmap/duplicates/<int:pair_id>/again/", duplicates.duplicate_suggest_again, name="duplicate_suggest_again"),
    path("roadmap/answers/", loop.request_answers, name="request_answers"),
    path("roadmap/answers/export/<slug:kind>/", loop.request_answers_export, name="request_answers_export"),
    path("roadmap/answers/told/", loop.request_answers_told, name="request_answers_told"),
    path("roadmap/answers/untold/<int:stamp>/", loop.request_answers_untold, name="request_answers_untold"),
    path("roadmap/answers/<int:answer_id>/told/", loop.request_answer_told, name="request_answer_told"),
    path("roadmap/answers/<int:answer_id>/reply/", loop.request_answer_reply, name="request_answer_reply"),
    path("roadmap/answers/<int:answer_id>/excuse/", loop.request_answer_excuse, name="request_answer_excuse"),
    path("roadmap/answers/<int:answer_id>/reopen/", loop.request_answer_reopen, name="request_answer_reopen"),
    path("roadmap/gaps/", gaps.request_gaps, name="request_gaps"),
    path("roadmap/gaps/export/<slug:kind>/", gaps.request_gaps_export, name="request_gaps_export"),
    path("roadmap/shared/", board.shared_roadmaps, name="shared_roadmaps"),
    path("roadmap/shared/<int:page_id>/revoke/", board.shared_roadmap_revoke, name="shared_roadmap_revoke"),
    path("shared/roadmap/<str:token>/", board.shared_roadmap, name="shared_roadmap"),
]
