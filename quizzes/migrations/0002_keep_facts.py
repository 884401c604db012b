from django.db import migrations

from accounts.append_only import keep_facts, let_go


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_keep_facts"), ("quizzes", "0001_initial")]

    operations = [
        migrations.RunSQL(
            keep_facts("quizzes_questionversion", "published_by_id"), let_go("quizzes_questionversion")
        ),
        migrations.RunSQL(
            keep_facts("quizzes_quizversion", "published_by_id"), let_go("quizzes_quizversion")
        ),
        migrations.RunSQL(keep_facts("quizzes_grading", "graded_by_id"), let_go("quizzes_grading")),
        migrations.RunSQL(keep_facts("quizzes_answer"), let_go("quizzes_answer")),
    ]
