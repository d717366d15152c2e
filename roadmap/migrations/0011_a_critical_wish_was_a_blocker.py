"""The highest importance was called "Blocker"; now that this is said by itself, those who said it keep saying it."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def say_it(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("roadmap", "RequestEvidence").objects.filter(importance=3).update(is_blocker=True)


class Migration(migrations.Migration):
    dependencies = [("roadmap", "0010_hear_wishes_out")]

    operations = [migrations.RunPython(say_it, migrations.RunPython.noop)]
