"""A scorecard's conditions belong to its versions, so that they come into force on a day; drafts are kept apart."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Schema only."""

    dependencies = [
        ("health", "0005_install_the_twelve_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="scorecardversion",
            name="conditions",
            field=models.JSONField(blank=True, default=list, verbose_name="conditions"),
        ),
        migrations.CreateModel(
            name="ScorecardDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("definition", models.JSONField(verbose_name="definition")),
                ("conditions", models.JSONField(blank=True, default=list, verbose_name="conditions")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("changed_at", models.DateTimeField(verbose_name="changed")),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="changed by",
                    ),
                ),
                (
                    "scorecard",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draft",
                        to="health.scorecard",
                        verbose_name="scorecard",
                    ),
                ),
            ],
            options={"verbose_name": "scorecard draft", "verbose_name_plural": "scorecard drafts"},
        ),
    ]
