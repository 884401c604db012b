from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0006_catch_up_after_an_outage"),
    ]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="unwanted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="called unwanted at"),
        ),
    ]
