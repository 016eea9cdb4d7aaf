from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('telemetry', '0002_purposes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='outboundhost',
            name='purpose',
            field=models.CharField(choices=[('embeddings', 'Embeddings'), ('extraction', 'Extraction'), ('anchors', 'anchors of the audit trail'), ('invitations', 'mail of invitations'), ('sign_on', 'single sign-on of operators'), ('import', 'import of memories from mem0')], max_length=12),
        ),
    ]
