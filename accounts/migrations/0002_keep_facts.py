from django.db import migrations

from accounts.append_only import DROP_FUNCTION, FUNCTION


class Migration(migrations.Migration):
    """The function behind every append-only table."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, DROP_FUNCTION),
    ]
