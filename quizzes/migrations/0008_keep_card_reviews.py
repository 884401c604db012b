from django.db import migrations

from accounts.append_only import keep_facts, let_go


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_keep_facts"), ("quizzes", "0007_review_cards")]

    operations = [
        migrations.RunSQL(keep_facts(table), let_go(table))
        for table in (
            "quizzes_cardreview",
            "quizzes_cardundo",
            "quizzes_cardsession",
            "quizzes_cardparameters",
        )
    ]
