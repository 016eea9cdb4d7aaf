import apps.common.ids
import apps.isolation.scope
import apps.keys.fields
import django.contrib.postgres.fields
from apps.isolation.operations import MakeTenantOwned
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('privacy', '0007_tenants'),
    ]

    operations = [
        migrations.AlterField(
            model_name='privacydue',
            name='work',
            field=models.CharField(choices=[('run', 'Run'), ('purge', 'Purge'), ('export', 'Export'), ('check', 'Check'), ('scrub', 'Scrub'), ('expire', 'Expire'), ('retain', 'Retain'), ('leave', 'Leave')], max_length=6),
        ),
        migrations.CreateModel(
            name='ListExport',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField(default=apps.isolation.scope.current_tenant_id, editable=False)),
                ('memory_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('total', models.PositiveIntegerField()),
                ('left_out', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('chosen', 'Chosen'), ('running', 'Running'), ('done', 'Done')], default='chosen', max_length=7)),
                ('failure', models.CharField(blank=True, max_length=40)),
                ('file_key', apps.keys.fields.SealedTextField()),
                ('size', models.PositiveBigIntegerField(default=0)),
                ('operator_id', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['chosen', 'running', 'done'])), name='privacy_listexport_state'), models.CheckConstraint(condition=models.Q(('done__lte', models.F('total'))), name='privacy_listexport_done')],
            },
        ),
        MakeTenantOwned("ListExport"),
    ]
