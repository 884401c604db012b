from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0005_find_last_quiet_letters"),
    ]

    operations = [
        migrations.AddField(
            model_name="kindstate",
            name="catching_up_since",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
