"""Every version so far was tried with its scorecard's conditions."""

from django.db import migrations


def copy(apps, schema_editor):
    """Give each version the conditions of its scorecard."""
    versions = apps.get_model("health", "ScorecardVersion").objects.select_related("scorecard")
    for version in versions.exclude(scorecard__conditions=[]):
        version.conditions = version.scorecard.conditions
        version.save(update_fields=["conditions"])


def copy_back(apps, schema_editor):
    """Give each scorecard the conditions of its newest version."""
    for version in apps.get_model("health", "ScorecardVersion").objects.order_by("number"):
        apps.get_model("health", "Scorecard").objects.filter(pk=version.scorecard_id).update(
            conditions=version.conditions
        )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("health", "0006_version_the_conditions_and_keep_drafts")]

    operations = [migrations.RunPython(copy, copy_back)]
