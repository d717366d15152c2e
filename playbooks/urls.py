"""Which addresses lead to playbooks?"""

from django.urls import URLPattern, URLResolver, path

from playbooks.views import effect, mails, settings, stabilization

PLANS = "playbooks/stabilization/"

urlpatterns: list[URLPattern | URLResolver] = [
    # Stabilization
    path(PLANS, stabilization.stabilization_plans, name="stabilization_plans"),
    path(PLANS + "export/<str:kind>/", stabilization.stabilization_export, name="stabilization_export"),
    path("accounts/<int:account_id>/stabilization/add/", stabilization.stabilization_add, name="stabilization_add"),
    path(PLANS + "<int:plan_id>/", stabilization.stabilization_plan, name="stabilization_plan"),
    path(PLANS + "<int:plan_id>/edit/", stabilization.stabilization_edit, name="stabilization_edit"),
    path(PLANS + "<int:plan_id>/verdict/", stabilization.stabilization_verdict, name="stabilization_verdict"),
    path(PLANS + "<int:plan_id>/take-back/", stabilization.stabilization_take_back, name="stabilization_take_back"),
    path(PLANS + "<int:plan_id>/discard/", stabilization.stabilization_discard, name="stabilization_discard"),
    # Effect
    path("playbooks/effect/", effect.effects, name="effects"),
    path("playbooks/effect/export/<str:kind>/", effect.effects_export, name="effects_export"),
    path("playbooks/<int:playbook_id>/effect/", effect.effect, name="effect"),
    # Mails
    path("tasks/<int:task_id>/mail/", mails.step_mail, name="step_mail"),
    path("tasks/<int:task_id>/mail/send/", mails.step_mail_send, name="step_mail_send"),
    path("step-mails/<int:mail_id>/again/", mails.step_mail_again, name="step_mail_again"),
    path("unsubscribe/<str:token>/", mails.unsubscribe, name="unsubscribe"),
    path("unsubscribe/<str:token>/back/", mails.resubscribe, name="resubscribe"),
    # Settings
    path("settings/playbooks/", settings.playbook_settings, name="playbook_settings"),
]
