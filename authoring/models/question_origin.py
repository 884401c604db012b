from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from authoring.models.upsert import one_of
from quizzes.models import Question


class QuestionOriginQuerySet(models.QuerySet["QuestionOrigin"]):
    def keys_by_digest(self, digests: Iterable[str]) -> dict[str, str]:
        """The keys of the questions that came with these contents."""
        found = self.filter(digest__in=one_of(digests)).values_list("digest", "question__key")
        return dict(found)


class QuestionOrigin(models.Model):
    """One row is what a question was when a file brought it: the same content is not taken in a second time.

    It stays when the question is edited, so importing the file again makes nothing double.
    """

    question = models.OneToOneField(Question, models.CASCADE, related_name="+", verbose_name=_("question"))
    digest = models.CharField(_("SHA-256 of type and body"), max_length=64, unique=True)
    file = models.CharField(_("file name"), max_length=200)
    imported_at = models.DateTimeField(_("imported at"))

    objects = QuestionOriginQuerySet.as_manager()

    class Meta:
        verbose_name = _("origin of a question")
        verbose_name_plural = _("origins of questions")

    def __str__(self) -> str:
        return f"{self.question_id} from {self.file}"
