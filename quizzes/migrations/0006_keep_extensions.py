from django.db import migrations

from accounts.append_only import keep_facts, let_go


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0005_teach_and_never_lose")]

    operations = [
        migrations.RunSQL(keep_facts("quizzes_extension", "extended_by_id"), let_go("quizzes_extension")),
    ]
