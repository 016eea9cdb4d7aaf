from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0006_outside_hosts'),
    ]

    operations = [
        migrations.AddField(
            model_name='tenant',
            name='closed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='tenant',
            name='closing',
            field=models.JSONField(null=True),
        ),
    ]
