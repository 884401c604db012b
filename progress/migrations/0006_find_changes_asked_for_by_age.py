from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # so that nobody who hands in has to wait for the index

    dependencies = [("progress", "0005_keep_walk_choices")]

    operations = [
        AddIndexConcurrently(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("state", "changes_requested")),
                fields=["state_since"],
                name="changes_asked_for_by_age",
            ),
        ),
    ]
