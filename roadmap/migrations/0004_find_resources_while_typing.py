import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # the index is built while the house goes on

    dependencies = [
        ("roadmap", "0003_search_index"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="resource",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("title", "author", "key", config="simple"),
                name="resources_by_their_words",
            ),
        ),
    ]
