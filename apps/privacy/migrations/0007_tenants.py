from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('privacy', '0006_redactions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='privacydue',
            name='work',
            field=models.CharField(choices=[('run', 'Run'), ('purge', 'Purge'), ('scrub', 'Scrub'), ('expire', 'Expire'), ('retain', 'Retain'), ('leave', 'Leave')], max_length=6),
        ),
    ]
