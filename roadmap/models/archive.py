from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Archivable(models.Model):
    """A draft that is put away instead of deleted: learners' facts about it stay, and it can be brought back."""

    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def archive(self, now: datetime) -> None:
        """Leave it out from the next edition on; what stands in earlier ones is not touched."""
        if self.archived_at is None:
            self.archived_at = now
            self.save(update_fields=["archived_at"])

    def unarchive(self) -> None:
        """Take it up again; raises ValidationError where something else has its place by now."""
        self.archived_at = None
        self.validate_constraints()
        self.save(update_fields=["archived_at"])

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None
