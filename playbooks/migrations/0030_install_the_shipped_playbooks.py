"""Install the playbooks that come with Mainstay, those that are not there yet."""

from django.db import migrations
from django.utils import timezone

from playbooks.rules.shipped import shipped_bodies, shipped_row


def install(apps, schema_editor):
    """Make them in their order; none starts by itself until somebody says so."""
    Playbook = apps.get_model("playbooks", "Playbook")
    PlaybookVersion = apps.get_model("playbooks", "PlaybookVersion")
    at = timezone.now()
    for key, body in shipped_bodies().items():
        playbook, created = Playbook.objects.get_or_create(key=key, defaults=shipped_row(key))
        if created:
            PlaybookVersion.objects.create(playbook=playbook, number=1, definition=body, published_at=at)


def remove(apps, schema_editor):
    """Take away the shipped playbooks that never ran and that nobody changed."""
    Playbook = apps.get_model("playbooks", "Playbook")
    ran = apps.get_model("playbooks", "Run").objects.values("playbook")
    own = apps.get_model("playbooks", "PlaybookVersion").objects.filter(published_by__isnull=False).values("playbook")
    Playbook.objects.filter(key__in=list(shipped_bodies())).exclude(pk__in=ran).exclude(pk__in=own).delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("playbooks", "0023_choose_channels")]

    operations = [migrations.RunPython(install, remove)]
