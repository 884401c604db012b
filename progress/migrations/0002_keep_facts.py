from django.db import migrations

from accounts.append_only import keep_facts, let_go


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_keep_facts"), ("progress", "0001_initial")]

    operations = [
        migrations.RunSQL(keep_facts("progress_planversion"), let_go("progress_planversion")),
        migrations.RunSQL(keep_facts("progress_plannedstage"), let_go("progress_plannedstage")),
        migrations.RunSQL(keep_facts("progress_stagepass"), let_go("progress_stagepass")),
        migrations.RunSQL(keep_facts("progress_reopening", "reopened_by_id"), let_go("progress_reopening")),
        migrations.RunSQL(keep_facts("progress_submissionversion"), let_go("progress_submissionversion")),
    ]
