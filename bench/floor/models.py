from django.db import models


class Item(models.Model):
    """One row of the floor's lists: a name and a few values, as a person's page has many."""

    group = models.PositiveIntegerField(db_index=True)
    title = models.CharField(max_length=120)
    words = models.CharField(max_length=200)
    minutes = models.PositiveIntegerField()
    made_at = models.DateTimeField()


class Mark(models.Model):
    """One act of one person on one item, written by an upsert."""

    person = models.PositiveIntegerField()
    item = models.PositiveIntegerField()
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "item"], name="one_mark_per_person_and_item")
        ]


class Letter(models.Model):
    """One letter that the bare sender sends."""

    address = models.EmailField()
    sent_at = models.DateTimeField(null=True)
