from django.db import migrations

from accounts.append_only import keep_facts, let_go


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_keep_facts"), ("progress", "0004_known_by_placement")]

    operations = [migrations.RunSQL(keep_facts("progress_walkchoice"), let_go("progress_walkchoice"))]
