"""The conditions of a scorecard stand with its versions alone."""

from django.db import migrations


class Migration(migrations.Migration):
    """Schema only."""

    dependencies = [("health", "0007_copy_the_conditions_to_the_versions")]

    operations = [migrations.RemoveField(model_name="scorecard", name="conditions")]
