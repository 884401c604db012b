from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.formats import date_format

from accounts.models import User
from accounts.sentences import sentence as _
from authoring import frozen
from authoring.checked import Checked, check
from authoring.faults import ROAD, Fault, RowPlace, named, stopping
from authoring.models.draft_rows import DraftRows
from authoring.models.impact import Impact, impact
from authoring.shapes import RoadFolder
from progress.asking import AskedMore, asked_more
from progress.models import Enrollment, Reopening
from quizzes.difference import Quizzes
from quizzes.difference import changes as quiz_changes
from quizzes.models import QuestionVersion, Quiz, texts
from quizzes.models.papers import lock_questions
from quizzes.models.quiz import QuizQuerySet
from quizzes.paper import Purpose
from quizzes.refusals import QuizHasFaultsError
from roadmap.difference import Change, changes
from roadmap.document import RoadDocument
from roadmap.models import Edition, EvidenceTask, LinkCheck, Resource, Roadmap, Stage, Topic


class DraftHasFaultsError(Exception):
    """The draft can't be published (or drawn) as it is; `faults` says why, at least one of them stops it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)


class PublishedMeanwhileError(Exception):
    """Somebody published since the author looked; `edition` is what learners study now. Nothing was published."""

    def __init__(self, edition: Edition | None) -> None:
        super().__init__("The road was published meanwhile.")
        self.edition = edition


class NothingToPublishError(Exception):
    """Learners study all of the draft already."""


class Outlook(NamedTuple):
    """What a publish would do: changes in words, big ones first, and the effects on learners."""

    changes: list[Change]
    impact: Impact


class Draft:
    """What the authors of one road have written so far, read from its living draft rows.

    A draft reads the rows anew at each question, so it never answers from before an edit.
    """

    def __init__(self, roadmap: Roadmap) -> None:
        self.roadmap = roadmap

    # Acts

    @transaction.atomic
    def publish(
        self, *, by: User | None, changelog: str, now: datetime, against: int | None = None, reason: str = ""
    ) -> Edition:
        """Freeze the draft as the road's next edition, with its quizzes: all of it or, with a fault, none of it.

        Everybody on the road is settled first, so what was earned under the old edition is written down. With
        `against`, the number of the edition that the author compared with (0: none), raises PublishedMeanwhileError
        when another is studied, and NothingToPublishError for an unchanged draft, which makes an edition otherwise.
        With a `reason`, the stages that ask for more are asked again. Raises DraftHasFaultsError.
        """
        self.lock(against)
        checked = self.checked()
        if checked.road is None:
            raise DraftHasFaultsError(checked.faults)
        document = frozen.document(checked.road)
        if against is not None and not self._differs(document):
            raise NothingToPublishError
        return self.freeze(document, by=by, changelog=changelog, now=now, reason=reason)

    def lock(self, against: int | None = None) -> None:
        """Nobody else publishes this road, or a quiz or question of it, until the transaction is over.

        Rows are locked in one order, quizzes before questions and each by id, so that two roads which share questions
        wait for one another and never hang. Raises PublishedMeanwhileError.
        """
        self.roadmap = Roadmap.objects.select_for_update(no_key=True).get(pk=self.roadmap.pk)
        edition = self._current_edition()
        if against is not None and against != (edition.number if edition else 0):
            raise PublishedMeanwhileError(edition)
        list(self._living_quizzes().order_by("pk").select_for_update(no_key=True, of=("self",)).values("pk"))
        lock_questions(self._living_quizzes())

    def freeze(
        self, document: RoadDocument, *, by: User | None, changelog: str, now: datetime, reason: str = ""
    ) -> Edition:
        """Make the document, and the quizzes as they are drafted, what learners study; the draft is locked."""
        asked = self.asked_more(document) if reason else []
        if self.roadmap.current_edition_id is not None:
            Enrollment.objects.on(self.roadmap.key).unsettled().settle(now)
        self._publish_quizzes(by, now)
        QuestionVersion.objects.publish_for_practice(self.roadmap.pk, by, now)
        edition = Edition.objects.publish(self.roadmap, document, by=by, changelog=changelog, now=now)
        Reopening.objects.ask(edition, asked, reason=reason, by=by, now=now)
        return edition

    # Questions

    def checked(self) -> Checked:
        """The typed road and all faults, in a fixed number of queries; no road when a fault stops it."""
        rows = DraftRows(self.roadmap)
        checked = check(rows.raw())
        faults = [*checked.faults, *_archived(rows), *_unanswered(rows), *self._lost_keys()]
        return Checked(None if stopping(faults) else checked.road, faults)

    def faults(self) -> list[Fault]:
        """All that is wrong, each with model, pk and field of the row to mend; those that stop publishing first."""
        return sorted(self.checked().faults, key=lambda fault: not fault.stops)

    def folder(self) -> RoadFolder:
        """The draft as its files would say it, quizzes included. Raises DraftHasFaultsError."""
        checked = self.checked()
        if checked.road is None:
            raise DraftHasFaultsError(checked.faults)
        return checked.road

    def document(self) -> RoadDocument:
        """What publishing would freeze now. Raises DraftHasFaultsError."""
        return frozen.document(self.folder())

    def is_changed(self) -> bool:
        """False when publishing would freeze what learners study already. Raises DraftHasFaultsError."""
        return self._differs(self.document())

    def changed_quizzes(self) -> list[Quiz]:
        """Quizzes of which publishing would write a new version. Only for a draft that no fault stops."""
        return self._living_quizzes().changed()

    def outlook(self, document: RoadDocument, quizzes: Quizzes, now: datetime) -> Outlook:
        """What publishing this document with these quizzes would change, in words, and whom it would touch."""
        old, studied = self._studied(), self.studied_quizzes()
        marks = {"old_marks": _marks(studied), "new_marks": _marks(quizzes)}
        found = [*changes(old, document), *quiz_changes(studied, quizzes)]
        return Outlook(
            sorted(found, key=lambda change: change.is_small),
            impact(self.roadmap, old, document, now, **marks),
        )

    def asked_more(self, document: RoadDocument) -> list[AskedMore]:
        """The stages whose passing would ask for more, were this document studied with the drafted quizzes."""
        old = self._studied()
        if old is None:
            return []
        return asked_more(old, document, _marks(self.studied_quizzes()), _marks(self.drafted_quizzes()))

    def studied_quizzes(self) -> Quizzes:
        """The quizzes of the edition that is studied, by key, as learners take them now."""
        document = self._studied()
        keys = document.quiz_keys() if document else []
        return texts.published(self.roadmap, keys)

    def drafted_quizzes(self) -> Quizzes:
        """The quizzes as they are drafted, by key. Only for a draft that no fault stops."""
        return texts.drafted(self._living_quizzes())

    # Helpers

    def _publish_quizzes(self, by: User | None, now: datetime) -> None:
        try:
            self._living_quizzes().publish(by, now)
        except QuizHasFaultsError as refused:  # edited since the draft was checked
            quiz = Quiz.objects.get(pk=refused.quiz)
            place = RowPlace(named("quiz", str(quiz)), "quizzes.quiz", quiz.pk)
            raise DraftHasFaultsError([place.fault((), said) for said in refused.faults]) from refused

    def _living_quizzes(self) -> QuizQuerySet:
        of_stages = Q(stage__isnull=False, stage__archived_at=None)
        mine = Quiz.objects.filter(of_stages | Q(purpose=Purpose.PLACEMENT), roadmap=self.roadmap)
        return mine.unarchived().order_by("pk")

    def _studied(self) -> RoadDocument | None:
        current = self.roadmap.current_edition_id
        return Edition.objects.document(current) if current else None

    def _differs(self, document: RoadDocument) -> bool:
        """True when this, with the quizzes as they are drafted, is not what learners study already."""
        edition = self._current_edition()
        return edition is None or edition.digest != document.digest() or self._are_questions_changed()

    def _are_questions_changed(self) -> bool:
        return bool(self.changed_quizzes() or QuestionVersion.objects.drafted_for_practice(self.roadmap.pk))

    def _current_edition(self) -> Edition | None:
        """Without its document, which is long and which `Edition.objects.document` keeps."""
        return Edition.objects.filter(pk=self.roadmap.current_edition_id or 0).defer("document").first()

    def _lost_keys(self) -> Iterator[Fault]:
        """A published key names its thing for good: learners' facts hang on it. Archived rows still have it."""
        if self.roadmap.current_edition_id is None:
            return
        document = Edition.objects.document(self.roadmap.current_edition_id)
        mine = {"roadmap": self.roadmap}
        kept: list[tuple[str, set[str], set[str]]] = [
            ("stage", set(document.stage_by_key), _keys(Stage, **mine)),
            ("topic", set(document.topic_by_key), _keys(Topic, **mine)),
            ("task", set(document.task_by_key), _keys(EvidenceTask, **mine)),
            ("quiz", set(document.quiz_keys()), _keys(Quiz, **mine)),
            ("resource", set(document.resources), _keys(Resource, key__in=list(document.resources))),
        ]
        place = RowPlace(ROAD, "roadmap.roadmap", self.roadmap.pk)
        if document.key != self.roadmap.key:
            what = _("The road was published as “%(key)s”.", key=document.key)
            yield place.fault(("key",), what, _("Give it that key again."))
        for kind, published, found in kept:
            for key in sorted(published - found):
                what = _("The %(thing)s is published, but no draft has this key any more.")
                remedy = _("Give it its key back; to retire it, archive it.")
                yield place.fault((), what.filled(thing=named(kind, key)), remedy)


def _marks(quizzes: Quizzes) -> dict[str, int]:
    return {key: quiz.pass_percent for key, quiz in quizzes.items()}


def _archived(rows: DraftRows) -> Iterator[Fault]:
    """What is put away and still stands in the draft: a question stops it, a resource is only said."""
    for question in rows.questions():
        if question.is_archived:
            place = RowPlace(named("question", str(question)), "quizzes.question", question.pk)
            yield place.fault(
                (), _("It is archived, but on a paper."), _("Take it off the paper, or bring it back.")
            )
    for resource in rows.resources:
        if resource.is_archived:
            place = RowPlace(named("resource", str(resource)), "roadmap.resource", resource.pk)
            what = _("It is archived, but the road still shows it.")
            yield place.fault((), what, _("Take it out of its topics, or bring it back."), severity="warns")


def _unanswered(rows: DraftRows) -> Iterator[Fault]:
    """Links that do not answer: one query, none where links are not checked."""
    if not settings.CHECK_LINKS:
        return
    found = LinkCheck.objects.unanswered_among(resource.key for resource in rows.resources)
    for resource in rows.resources:
        check = found.get(resource.key)
        if check and check.url == resource.url and check.failing_since:
            day = date_format(check.failing_since, "j F Y")
            what = _("Its link has not answered since %(day)s.", day=day)
            if check.status is not None:
                what = _("Its link answers %(status)d since %(day)s.", status=check.status, day=day)
            place = RowPlace(named("resource", str(resource)), "roadmap.resource", resource.pk)
            yield place.fault(("url",), what, _("Give it another address, or archive it."), severity="warns")


def _keys(model: type[Stage | Topic | EvidenceTask | Quiz | Resource], **of: object) -> set[str]:
    return set(QuerySet(model).filter(**of).values_list("key", flat=True))
