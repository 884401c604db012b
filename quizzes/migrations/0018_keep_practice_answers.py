from django.db import migrations

from accounts.append_only import keep_facts, let_go


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_keep_facts"), ("quizzes", "0017_practice_answers")]

    operations = [
        migrations.RunSQL(keep_facts("quizzes_practiceanswer"), let_go("quizzes_practiceanswer")),
    ]
