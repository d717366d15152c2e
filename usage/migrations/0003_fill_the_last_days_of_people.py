"""The last days of people follow from the uses that are stored."""

from django.db import migrations


def fill(apps, schema_editor):
    """Read each person's last day of use, and of use of an advanced feature."""
    people, uses, features = (
        apps.get_model("usage", name)._meta.db_table for name in ("AccountPersonUse", "FeatureUsageDay", "Feature")
    )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {people} (account_id, person, last_on, last_advanced_on)
            SELECT used.account_id, used.person, MAX(used.day), MAX(CASE WHEN feature.kind = 'advanced' THEN used.day END)
            FROM {uses} used JOIN {features} feature ON feature.id = used.feature_id
            WHERE used.person <> '' GROUP BY used.account_id, used.person ORDER BY 1, 2"""
        )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("usage", "0002_keep_the_last_days_of_people")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
