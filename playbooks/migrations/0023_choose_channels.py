from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("playbooks", "0022_send_mails")]

    operations = [
        migrations.CreateModel(
            name='ServiceChannel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.CharField(choices=[('elephant', 'Key account'), ('cheetah', 'Mid-size'), ('rabbit', 'Small')], max_length=10, unique=True, verbose_name='tier')),
                ('channel', models.CharField(choices=[('person', 'By a person'), ('pooled', 'Pooled'), ('digital', 'Digital')], default='person', max_length=8, verbose_name='served')),
            ],
            options={
                'verbose_name': 'service channel',
                'verbose_name_plural': 'service channels',
                'ordering': ['tier'],
                'constraints': [models.CheckConstraint(condition=models.Q(('tier', ''), _negated=True), name='playbooks_servicechannel_of_a_tier')],
            },
        ),
    ]
