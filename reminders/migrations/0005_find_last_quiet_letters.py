from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0004_remember_how_sending_fares"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("facts__contains", {"is_last": True}), ("kind", "quiet")),
                fields=["due_at"],
                name="last_quiet_letters_by_due",
            ),
        ),
    ]
