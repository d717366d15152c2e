"""Which addresses lead to people, accounts and contacts?"""

from django.urls import URLPattern, URLResolver, path

from accounts.views import (
    audit,
    entrance,
    notifications,
    organisation,
    people,
    profile,
    settings,
    vocabulary,
    work,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("welcome/<str:link>/", entrance.choose_password, name="choose_password"),
    path("settings/", settings.settings_home, name="settings_home"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/appearance/", profile.change_appearance, name="change_appearance"),
    path("settings/language/", profile.set_language, name="set_language"),
    path("settings/sessions/", profile.sessions, name="sessions"),
    path("settings/sessions/<int:pk>/end/", profile.session_end, name="session_end"),
    path("settings/sessions/end-others/", profile.sessions_end_others, name="sessions_end_others"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/<int:pk>/open/", notifications.notification_open, name="notification_open"),
    path("notifications/read-all/", notifications.notifications_read_all, name="notifications_read_all"),
    path("settings/notifications/", notifications.notification_settings, name="notification_settings"),
    path("settings/background-work/", work.parked_jobs, name="parked_jobs"),
    path("settings/background-work/<int:pk>/retry/", work.parked_job_retry, name="parked_job_retry"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/invite/", people.person_invite, name="person_invite"),
    path("settings/people/<int:pk>/", people.person_edit, name="person_edit"),
    path("settings/people/<int:pk>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("settings/people/<int:pk>/reactivate/", people.person_reactivate, name="person_reactivate"),
    path("settings/people/<int:pk>/end-sessions/", people.person_end_sessions, name="person_end_sessions"),
    path("settings/people/<int:pk>/send-link/", people.person_send_link, name="person_send_link"),
    path("settings/teams/", people.teams, name="teams"),
    path("settings/teams/<int:pk>/", people.team_edit, name="team_edit"),
    path("settings/teams/<int:pk>/delete/", people.team_delete, name="team_delete"),
    path("settings/organisation/", organisation.organisation, name="organisation"),
    path("settings/holidays/", organisation.holidays, name="holidays"),
    path("settings/holidays/regions/", organisation.region_calendar_set, name="region_calendar_set"),
    path(
        "settings/holidays/regions/<int:pk>/delete/", organisation.region_calendar_delete, name="region_calendar_delete"
    ),
    path("settings/holidays/<int:pk>/delete/", organisation.holiday_delete, name="holiday_delete"),
    path("settings/tags/", vocabulary.tags, name="tags"),
    path("settings/tags/<int:pk>/", vocabulary.tag_edit, name="tag_edit"),
    path("settings/tags/<int:pk>/delete/", vocabulary.tag_delete, name="tag_delete"),
    path("settings/fields/", vocabulary.custom_fields, name="custom_fields"),
    path("settings/fields/create/", vocabulary.custom_field_create, name="custom_field_create"),
    path("settings/fields/<int:pk>/", vocabulary.custom_field_edit, name="custom_field_edit"),
    path("settings/fields/<int:pk>/delete/", vocabulary.custom_field_delete, name="custom_field_delete"),
    path("settings/audit/", audit.audit_log, name="audit_log"),
]
