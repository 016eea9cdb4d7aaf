from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0005_hygiene'),
    ]

    operations = [
        migrations.AddField(
            model_name='tenant',
            name='forbids_outside_hosts',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
