"""Which addresses do the joined screens have?"""

from django.urls import URLPattern, URLResolver, path

from portfolio.views import (
    account_edit,
    account_goals,
    account_handoff,
    account_people,
    account_timeline,
    accounts,
    bulk,
    saved_views,
    today,
    undo,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/add/", account_edit.account_add, name="account_add"),
    path("accounts/transfer/", account_edit.account_transfer, name="account_transfer"),
    path("accounts/<int:account_id>/edit/", account_edit.account_edit, name="account_edit"),
    path("accounts/<int:account_id>/tags/", account_edit.account_tags, name="account_tags"),
    path("accounts/<int:account_id>/churn/add/", account_edit.account_churn_add, name="account_churn_add"),
    path("churn-records/<int:record_id>/edit/", account_edit.churn_record_edit, name="churn_record_edit"),
    # Timeline
    path("accounts/<int:account_id>/timeline/", account_timeline.account_timeline, name="account_timeline"),
    path("accounts/<int:account_id>/timeline/add/", account_timeline.account_touch_add, name="account_touch_add"),
    path("timeline/add/", account_timeline.touch_add, name="touch_add"),
    path("timeline/<int:entry_id>/edit/", account_timeline.timeline_entry_edit, name="timeline_entry_edit"),
    path("timeline/<int:entry_id>/delete/", account_timeline.timeline_entry_delete, name="timeline_entry_delete"),
    path("timeline/<int:entry_id>/follow-up/done/", account_timeline.follow_up_done, name="follow_up_done"),
    # People
    path("accounts/<int:account_id>/people/", account_people.account_people, name="account_people"),
    path("accounts/<int:account_id>/people/add/", account_people.contact_add, name="contact_add"),
    path("contacts/<int:contact_id>/edit/", account_people.contact_edit, name="contact_edit"),
    path("contacts/<int:contact_id>/left/", account_people.contact_left, name="contact_left"),
    path(
        "accounts/<int:account_id>/service-team/add/",
        account_people.service_assignment_add,
        name="service_assignment_add",
    ),
    path(
        "service-assignments/<int:assignment_id>/end/",
        account_people.service_assignment_end,
        name="service_assignment_end",
    ),
    path("accounts/<int:account_id>/shares/add/", account_people.account_share_add, name="account_share_add"),
    path("shares/<int:share_id>/end/", account_people.account_share_end, name="account_share_end"),
    # Handoff
    path("accounts/<int:account_id>/handoff/", account_handoff.account_handoff, name="account_handoff"),
    path("accounts/<int:account_id>/handoff/edit/", account_handoff.account_handoff_edit, name="account_handoff_edit"),
    path(
        "accounts/<int:account_id>/handoff/submit/",
        account_handoff.account_handoff_submit,
        name="account_handoff_submit",
    ),
    path(
        "accounts/<int:account_id>/handoff/accept/",
        account_handoff.account_handoff_accept,
        name="account_handoff_accept",
    ),
    path(
        "accounts/<int:account_id>/handoff/return/",
        account_handoff.account_handoff_return,
        name="account_handoff_return",
    ),
    path("handoff-versions/<int:version_id>/", account_handoff.handoff_version, name="handoff_version"),
    path("accounts/<int:account_id>/promises/add/", account_handoff.promise_add, name="promise_add"),
    path("promises/<int:promise_id>/edit/", account_handoff.promise_edit, name="promise_edit"),
    path("promises/<int:promise_id>/settle/", account_handoff.promise_settle, name="promise_settle"),
    path(
        "accounts/<int:account_id>/expectation-gaps/add/",
        account_handoff.expectation_gap_add,
        name="expectation_gap_add",
    ),
    path("expectation-gaps/<int:gap_id>/close/", account_handoff.expectation_gap_close, name="expectation_gap_close"),
    path(
        "accounts/<int:account_id>/implementation/add/",
        account_handoff.implementation_record_add,
        name="implementation_record_add",
    ),
    path("implementation/<int:record_id>/files/add/", account_handoff.attachment_add, name="attachment_add"),
    path("attachments/<int:attachment_id>/", account_handoff.attachment_file, name="attachment_file"),
    path("attachments/<int:attachment_id>/delete/", account_handoff.attachment_delete, name="attachment_delete"),
    # Goals
    path("accounts/<int:account_id>/goals/", account_goals.account_goals, name="account_goals"),
    path("accounts/<int:account_id>/goals/add/", account_goals.goal_add, name="goal_add"),
    path("goals/<int:goal_id>/edit/", account_goals.goal_edit, name="goal_edit"),
    path("goals/<int:goal_id>/measurements/add/", account_goals.goal_measurement_add, name="goal_measurement_add"),
    path("goals/<int:goal_id>/delete/", account_goals.goal_delete, name="goal_delete"),
    # What was just done
    path("undo/<uuid:token>/", undo.undo_change, name="undo_change"),
    # The list and the landing page
    path("", today.home, name="home"),
    path("today/", today.today, name="today"),
    path("accounts/", accounts.account_list, name="account_list"),
    path("accounts/export/<str:kind>/", accounts.account_export, name="account_export"),
    path("accounts/bulk/tag/", bulk.bulk_tag, name="bulk_tag"),
    path("accounts/bulk/assign/", bulk.bulk_assign, name="bulk_assign"),
    path("accounts/bulk/stage/", bulk.bulk_stage, name="bulk_stage"),
    path("views/", saved_views.saved_view_create, name="saved_view_create"),
    path("views/<int:pk>/delete/", saved_views.saved_view_delete, name="saved_view_delete"),
]
