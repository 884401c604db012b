from django.db import migrations

from accounts.append_only import keep_facts, let_go


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_keep_facts"), ("roadmap", "0001_initial")]

    operations = [
        migrations.RunSQL(keep_facts("roadmap_edition", "published_by_id"), let_go("roadmap_edition")),
    ]
