import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0003_give_calendars_an_address"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Breaker",
            fields=[
                (
                    "stream",
                    models.CharField(max_length=16, primary_key=True, serialize=False, verbose_name="stream"),
                ),
                ("recent", models.CharField(blank=True, default="", editable=False, max_length=20)),
                ("openings", models.PositiveIntegerField(default=0, verbose_name="openings in a row")),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened at")),
                ("open_until", models.DateTimeField(blank=True, null=True, verbose_name="open until")),
                ("probing_until", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="what the mail server said"
                    ),
                ),
            ],
            options={
                "verbose_name": "breaker",
                "verbose_name_plural": "breakers",
            },
        ),
        migrations.CreateModel(
            name="DomainPace",
            fields=[
                (
                    "domain",
                    models.CharField(
                        max_length=255, primary_key=True, serialize=False, verbose_name="domain"
                    ),
                ),
                ("minute", models.DateTimeField(verbose_name="minute")),
                ("used", models.PositiveIntegerField(verbose_name="granted in this minute")),
                ("granted", models.PositiveIntegerField(verbose_name="granted to whoever asked last")),
            ],
            options={
                "verbose_name": "pace of a domain",
                "verbose_name_plural": "paces of domains",
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(max_length=254, unique=True, verbose_name="address")),
                (
                    "why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("bounced", "mail to it came back"),
                            ("complained", "a letter was reported as unwanted"),
                            ("by_hand", "set by an admin"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="why",
                    ),
                ),
                (
                    "said",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="what the mail server said"
                    ),
                ),
                ("refusals", models.PositiveSmallIntegerField(default=0, verbose_name="refused in a row")),
                ("first_seen_at", models.DateTimeField(verbose_name="first seen")),
                ("refused_at", models.DateTimeField(blank=True, null=True, verbose_name="refused last")),
                ("since", models.DateTimeField(blank=True, null=True, verbose_name="nothing is sent since")),
                ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="asked to confirm at")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted at")),
                (
                    "lifted_because",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="lifted because"),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="lifted by",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suppressions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "suppressed address",
                "verbose_name_plural": "suppressed addresses",
                "ordering": ("-since", "address"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("since__isnull", False)),
                        fields=["-since", "address"],
                        name="suppressed_newest_first",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("address", django.db.models.functions.text.Lower(models.F("address")))
                        ),
                        name="a_suppressed_address_is_in_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since", None), models.Q(("why", ""), _negated=True), _connector="OR"
                        ),
                        name="who_is_suppressed_is_so_for_a_reason",
                    ),
                ],
            },
        ),
    ]
