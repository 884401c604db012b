from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # so that nobody who hands in has to wait for the indexes

    dependencies = [("quizzes", "0009_count_numbers")]

    operations = [
        AddIndexConcurrently(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("set_aside_at__isnull", False)),
                fields=["set_aside_at"],
                name="attempts_set_aside_by_time",
            ),
        ),
        AddIndexConcurrently(
            model_name="grading",
            index=models.Index(fields=["graded_at"], name="gradings_by_time"),
        ),
    ]
