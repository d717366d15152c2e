import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_remember_the_sample'),
        ('common', '0001_make_the_outbox'),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkRun',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='when')),
                ('act', models.CharField(max_length=60, verbose_name='act')),
                ('given', models.JSONField(blank=True, default=dict, verbose_name='details')),
                ('ids', models.JSONField(default=list, verbose_name='rows')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='dealt with')),
                ('changed', models.JSONField(blank=True, default=dict, verbose_name='changed')),
                ('skipped', models.JSONField(blank=True, default=dict, verbose_name='passed over')),
                ('refusal', models.TextField(blank=True, verbose_name='refusal')),
                ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                ('back', models.CharField(blank=True, max_length=2000, verbose_name='list')),
                ('undo', models.CharField(blank=True, max_length=200, verbose_name='undo')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('undo_asked_at', models.DateTimeField(blank=True, null=True, verbose_name='taking back since')),
                ('undo_position', models.PositiveIntegerField(default=0, verbose_name='taken back so far')),
                ('kept', models.JSONField(blank=True, default=dict, verbose_name='not taken back')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='common.job', verbose_name='job')),
            ],
            options={
                'verbose_name': 'bulk action',
                'verbose_name_plural': 'bulk actions',
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['at'], name='accounts_bulkrun_at')],
                'constraints': [models.CheckConstraint(condition=models.Q(('act', ''), _negated=True), name='accounts_bulkrun_act_not_empty'), models.CheckConstraint(condition=models.Q(('undo_asked_at', None), ('finished_at__isnull', False), _connector='OR'), name='accounts_bulkrun_done_before_undone'), models.CheckConstraint(condition=models.Q(('undone_at', None), ('undo_asked_at__isnull', False), _connector='OR'), name='accounts_bulkrun_undone_when_asked')],
            },
        ),
    ]
