"""The histories of drafts begin with what is there."""

from typing import Any

from django.db import migrations

NAMES = [
    "Roadmap",
    "Background",
    "Faq",
    "Related",
    "Stage",
    "Gate",
    "Topic",
    "Resource",
    "Placement",
    "EvidenceTask",
    "RubricCriterion",
]

_BEGIN = """
INSERT INTO {kept} ({columns}, history_date, history_type, history_change_reason)
SELECT {columns}, now(), '+', 'before' FROM {table}
"""


def begin(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for name in NAMES:
            model, kept = apps.get_model("roadmap", name), apps.get_model("roadmap", f"Historical{name}")
            meta, columns = model._meta, ", ".join(_columns(kept, model))  # noqa: SLF001  # Django documents it
            names = {"kept": kept._meta.db_table, "columns": columns, "table": meta.db_table}  # noqa: SLF001  # the same
            cursor.execute(_BEGIN.format(**names))


def _columns(kept: Any, model: Any) -> list[str]:
    own = {field.column for field in model._meta.fields}  # noqa: SLF001  # the same
    return [f'"{field.column}"' for field in kept._meta.fields if field.column in own]  # noqa: SLF001  # the same


class Migration(migrations.Migration):
    dependencies = [("roadmap", "0006_keep_what_drafts_were")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
