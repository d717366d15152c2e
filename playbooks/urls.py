"""Which addresses lead to playbooks?"""

from django.urls import URLPattern, URLResolver, path

from playbooks.views import (
    drafting,
    effect,
    mails,
    previewing,
    runs,
    settings,
    stabilization,
    starting,
    tasks,
    templates,
    work,
    workload,
)

PLANS = "playbooks/stabilization/"
BOOK = "playbooks/<int:playbook_id>/"
DRAFT = BOOK + "draft/"
RUN = "playbooks/runs/<int:run_id>/"
TASK = "playbooks/tasks/<int:task_id>/"

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
    # Playbooks
    path("playbooks/", templates.playbooks, name="playbooks"),
    path("playbooks/add/", templates.playbook_create, name="playbook_create"),
    path("playbooks/import/", templates.playbook_import, name="playbook_import"),
    path("playbooks/start/", starting.playbook_start, name="playbook_start"),
    path(BOOK, templates.playbook, name="playbook"),
    path(BOOK + "file/", templates.playbook_export, name="playbook_export"),
    path(BOOK + "copy/", templates.playbook_copy, name="playbook_copy"),
    path(BOOK + "switch/", templates.playbook_switch, name="playbook_switch"),
    path(BOOK + "archive/", templates.playbook_archive, name="playbook_archive"),
    path(DRAFT, drafting.playbook_edit, name="playbook_edit"),
    path(DRAFT + "about/", drafting.playbook_about, name="playbook_about"),
    path(DRAFT + "steps/", drafting.playbook_steps, name="playbook_steps"),
    path(DRAFT + "steps/add/", drafting.playbook_step_add, name="playbook_step_add"),
    path(DRAFT + "steps/<slug:key>/", drafting.playbook_step, name="playbook_step"),
    path(DRAFT + "triggers/", drafting.playbook_triggers, name="playbook_triggers"),
    path(DRAFT + "claims/<slug:which>/", drafting.playbook_claim, name="playbook_claim"),
    path(DRAFT + "preview/", previewing.playbook_preview, name="playbook_preview"),
    path(DRAFT + "publish/", previewing.playbook_publish, name="playbook_publish"),
    path(BOOK + "release/", previewing.playbook_release, name="playbook_release"),
    path(DRAFT + "discard/", drafting.playbook_discard, name="playbook_discard"),
    # Runs
    path("playbooks/runs/", runs.playbook_runs, name="playbook_runs"),
    path("playbooks/runs/export/<str:kind>/", runs.run_export, name="run_export"),
    path(RUN, runs.playbook_run, name="playbook_run"),
    path(RUN + "pause/", runs.run_pause, name="run_pause"),
    path(RUN + "resume/", runs.run_resume, name="run_resume"),
    path(RUN + "stop/", runs.run_stop, name="run_stop"),
    path(RUN + "give/", runs.run_give, name="run_give"),
    # Work
    path("playbooks/tasks/", work.my_tasks, name="my_tasks"),
    path("playbooks/team/", work.team_tasks, name="team_tasks"),
    path("playbooks/tasks/export/<str:kind>/", work.task_export, name="task_export"),
    path("playbooks/tasks/bulk/complete/", work.tasks_complete, name="tasks_complete"),
    path("playbooks/tasks/bulk/give/", work.tasks_give, name="tasks_give"),
    path("playbooks/tasks/add/", tasks.task_add, name="task_add"),
    path(TASK, tasks.task, name="task"),
    path(TASK + "complete/", tasks.task_complete, name="task_complete"),
    path(TASK + "skip/", tasks.task_skip, name="task_skip"),
    path(TASK + "reopen/", tasks.task_reopen, name="task_reopen"),
    path(TASK + "snooze/", tasks.task_snooze, name="task_snooze"),
    path(TASK + "wake/", tasks.task_wake, name="task_wake"),
    path(TASK + "give/", tasks.task_give, name="task_give"),
    path(TASK + "take/", tasks.task_take, name="task_take"),
    path(TASK + "move/", tasks.task_move, name="task_move"),
    path(TASK + "notes/", tasks.task_note, name="task_note"),
    path("playbooks/notes/<int:note_id>/file/", tasks.task_file, name="task_file"),
    path("playbooks/notes/<int:note_id>/delete/", tasks.task_note_delete, name="task_note_delete"),
    path("accounts/<int:account_id>/tasks/add/", tasks.account_task_add, name="account_task_add"),
    path("playbooks/workload/", workload.workload, name="workload"),
    path("playbooks/workload/weights/", workload.workload_settings, name="workload_settings"),
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
