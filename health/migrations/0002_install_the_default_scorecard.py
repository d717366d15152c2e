"""Install the scorecard that comes with Mainstay, unless there is one already."""

import datetime as dt

from django.db import migrations

from health.rules.default import DEFAULT_DEFINITION

# Long before any fact, so that a whole imported history can be scored.
EFFECTIVE_ON = dt.date(2000, 1, 1)
NAME = "Default"
LAST = 32_000


def install(apps, schema_editor):
    """Make scorecard and version 1."""
    Scorecard = apps.get_model("health", "Scorecard")
    if Scorecard.objects.exists():
        return
    scorecard = Scorecard.objects.create(name=NAME, position=LAST, conditions=[], is_active=True)
    apps.get_model("health", "ScorecardVersion").objects.create(
        scorecard=scorecard,
        number=1,
        effective_on=EFFECTIVE_ON,
        definition=DEFAULT_DEFINITION,
        published_at=dt.datetime.combine(EFFECTIVE_ON, dt.time(), tzinfo=dt.UTC),
    )


def remove(apps, schema_editor):
    """Take the scorecard away again with its scores, if it is still only what was installed."""
    versions = apps.get_model("health", "ScorecardVersion").objects.filter(scorecard__name=NAME)
    if versions.count() == 1 and versions.filter(number=1, effective_on=EFFECTIVE_ON).exists():
        apps.get_model("health", "HealthScore").objects.filter(version__in=versions).delete()
        versions.delete()
        apps.get_model("health", "Scorecard").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("health", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
