from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0007_hear_once_that_a_letter_is_unwanted"),
    ]

    operations = [
        migrations.AlterField(
            model_name="suppression",
            name="why",
            field=models.CharField(
                blank=True,
                choices=[
                    ("bounced", "mail to it came back"),
                    ("complained", "a letter was reported as unwanted"),
                ],
                default="",
                max_length=12,
                verbose_name="why",
            ),
        ),
    ]
