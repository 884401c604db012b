from django.db import migrations

from accounts.append_only import keep_facts, let_go


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_keep_facts"), ("mentoring", "0001_initial")]

    operations = [
        migrations.RunSQL(keep_facts("mentoring_review", "reviewer_id"), let_go("mentoring_review")),
    ]
