"""Install the rules that come with Mainstay, those that are not there yet."""

from django.db import migrations

from health.rules.shipped_warnings import SHIPPED


def install(apps, schema_editor):
    """Make the rules in their order."""
    WarningRule = apps.get_model("health", "WarningRule")
    for position, rule in enumerate(SHIPPED, start=1):
        WarningRule.objects.get_or_create(key=rule["key"], defaults={**rule, "position": 10 * position})


def remove(apps, schema_editor):
    """Take away the shipped rules that never warned of anybody."""
    WarningRule = apps.get_model("health", "WarningRule")
    warned = apps.get_model("health", "EarlyWarning").objects.values("rule")
    WarningRule.objects.filter(key__in=[rule["key"] for rule in SHIPPED]).exclude(pk__in=warned).delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("health", "0004_keep_early_warnings")]

    operations = [migrations.RunPython(install, remove)]
