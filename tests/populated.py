"""A house with one of everything in it, for tests that walk through all its doors."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import uuid6
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import clock
from accounts.models import Invitation, Pause, User
from api.models import Token
from authoring.models import QuestionUpload, RoadUpload
from mentoring.models import Review
from progress.models import Cohort, Submission
from quizzes.models import Accommodation, Appeal, Attempt, Card, Question, QuestionVersion, Quiz
from reminders.models import CalendarFeed, Letter, LetterWishes, Suppression
from reminders.models.letter import LetterState
from reminders.models.suppression import Why
from roadmap.models import LinkReport, Resource, ResourceRating, Stage
from tests import cast

ROLES = ("owner", "other", "mentor", "strange", "author", "admin", "suspended")


@dataclass(frozen=True)
class House:
    """Its people by what they are to Ines, who owns what `values` names; values fill the patterns of addresses."""

    people: dict[str, User]
    values: dict[str, object]
    secrets: dict[str, str]


def populate() -> House:
    """Ines on the road with attempts, evidence, pause and token; Lena beside her; a mentor each; and the others.

    The suspended person is still active: who tests her signs her in first and then calls `suspend`.
    """
    people = {
        "owner": cast.ines(),
        "other": cast.person("Lena Other", "learner"),
        "mentor": cast.tomas(),
        "strange": cast.person("Vera Strange", "mentor"),
        "author": cast.noor(),
        "admin": cast.ada(),
        "suspended": cast.person("Sven Suspended", "learner"),
    }
    now = clock.now()
    cast.placement_quiz()
    enrollment = cast.enrolled(people["owner"])
    for learner, mentor in (("other", "strange"), ("suspended", "strange"), ("owner", "mentor")):
        cast.enrolled(people[learner])
        cast.mentored(people[learner], people[mentor])
    cast.place(enrollment, "base", now=cast.EARLIER + timedelta(days=1))
    cast.pass_stage(enrollment, "base", cast.EARLIER + timedelta(days=2))
    card = a_card(people["owner"])
    begun = Attempt.objects.start(people["owner"], Quiz.objects.get(key="ridge-quiz"), now)
    waiting = handed_in(people["owner"], people["mentor"])
    opined(people["owner"])
    token, secret = a_token(people["owner"], "write")
    pause = Pause.objects.declare(
        people["owner"], now.date() + timedelta(days=9), now.date() + timedelta(days=12)
    )
    Cohort.objects.create(roadmap=enrollment.roadmap, title="Autumn", starts_on=now.date())
    sent = a_sent_letter(people["owner"])
    Letter.objects.write([a_letter(people["owner"]), sent, a_letter_about(people["owner"], people["mentor"])])
    came_back(people["owner"])
    invitation = Invitation.objects.invite("new@example.org", by=people["admin"], now=now)[1]
    return House(
        people,
        {
            "road_key": "trail-test",
            "section": "roads",
            "stage_key": "base",
            "topic_key": "rocks",
            "resource_key": "r-rocks",
            "quiz_key": "base-quiz",
            "number": begun.number,
            "slot": 1,
            "card_id": card.pk,
            "task_key": "ridge-report",
            "version_id": waiting.versions.get(kind="file").pk,
            "submission_id": waiting.pk,
            "attempt_id": card.source_id,
            "appeal_id": an_appeal(card.source).pk,
            "person_id": people["owner"].pk,
            "accommodation_id": more_time(people["owner"], people["mentor"]).pk,
            "quiz_id": begun.quiz_id,
            "pause_id": pause.pk,
            "token_id": token.pk,
            "letter_id": sent.pk,
            "kind": "quiet",
            "reminders:confirm_address.token": refused(people["suspended"]).token(),
            "suppression_id": Suppression.objects.earliest("pk").pk,
            "provider": "postmark",
            "token": LetterWishes.objects.of(people["owner"]).token("quiet"),
            "secret": CalendarFeed.objects.make(people["owner"], now).secret,
            "key": "base",
            "uidb36": "1",
            "address": "nowhere",
            "pk": enrollment.roadmap_id,
            "stage_id": Stage.objects.get(roadmap=enrollment.roadmap, key="base").pk,
            "question_id": Question.objects.earliest("pk").pk,
            "app_label": "roadmap",
            "content_type_id": 1,
            "object_id": 1,
            "url": "nowhere",
            "upload": uploaded(people["author"]).pk,
            "question_upload": uploaded_questions(people["author"]).pk,
        },
        {"write": secret, "read": a_token(people["owner"], "read")[1], "invitation": invitation},
    )


def uploaded(author: User) -> RoadUpload:
    """A road's zip that waits for its author's word; it is no sound one."""
    now, data = clock.now(), b"no zip at all"
    return RoadUpload.objects.create(
        by=author,
        name="road.zip",
        data=data,
        digest=sha256(data).hexdigest(),
        uploaded_at=now,
        expires_at=now + timedelta(hours=1),
    )


def uploaded_questions(author: User) -> QuestionUpload:
    """A file with a question that waits for its author's word."""
    return QuestionUpload.objects.receive(author, "salt.gift", b"Salt? {T}", "gift", clock.now())


def an_appeal(attempt: Attempt) -> Appeal:
    """Of the first answer, which waits for a mentor."""
    version = attempt.slots[0].version
    return Appeal.objects.create(
        attempt=attempt, slot=1, question_id=version, text="It is ambiguous.", raised_at=clock.now()
    )


def a_card(learner: User) -> Card:
    """The first question of her finished attempt, of which she was not sure; it is due."""
    source = Attempt.objects.of(learner).finished().earliest("id")
    version = QuestionVersion.objects.get(pk=source.slots[0].version)
    return Card.objects.create(
        person=learner,
        question_id=version.question_id,
        version=version,
        source=source,
        slot=1,
        asked_at=source.finished_at,
        was_missed=False,
        due_on=cast.EARLIER.date(),
    )


def more_time(learner: User, mentor: User) -> Accommodation:
    """Minutes that her mentor gave her at every quiz; none of hers is limited."""
    row = Accommodation(person=learner, extra_minutes=5, note="CANARY-NOTE")
    return Accommodation.objects.give(row, by=mentor, now=clock.now()).row


def opined(learner: User) -> None:
    """She rated a resource and reported its link."""
    rocks, now = Resource.objects.get(key="r-rocks"), clock.now()
    LinkReport.objects.report(learner, rocks, reason="dead", note="CANARY-REPORT", now=now)
    ResourceRating.objects.rate(learner, rocks, stars=4, note="CANARY-RATING", now=now)


def handed_in(learner: User, mentor: User) -> Submission:
    """A file that was sent back with words, and a link that waits."""
    enrollment = cast.enrolled(learner)
    task = cast.opened(enrollment)
    file = SimpleUploadedFile("CANARY-FILE-NAME.txt", b"CANARY-FILE")
    first = Submission.objects.hand_in(
        enrollment, task, kind="file", file=file, note="CANARY-NOTE", now=cast.EARLIER
    )
    Review.objects.decide(
        first,
        by=mentor,
        decision="ask_for_changes",
        levels={"clear": "not_yet"},
        feedback="CANARY-FEEDBACK",
        now=cast.EARLIER,
    )
    return cast.hand_in(enrollment, link="https://example.org/CANARY-LINK").submission


def came_back(person: User) -> Suppression:
    """Mail to an address that she had before came back."""
    former, said = "canary-former@example.org", "550 5.1.1 CANARY-REFUSAL"
    return Suppression.objects.suppress(former, Why.BOUNCED, said, clock.now(), person)


def refused(person: User) -> Suppression:
    """Mail to the address that she has came back."""
    return Suppression.objects.suppress(person.email, Why.BOUNCED, "550 5.1.1 gone", clock.now(), person)


def a_token(person: User, scope: str) -> tuple[Token, str]:
    now = clock.now()
    return Token.objects.issue(
        person, name="CANARY-TOKEN", scope=scope, now=now, expires_at=now + timedelta(days=9)
    )


def a_letter(person: User) -> Letter:
    now = clock.now()
    return Letter(
        id=uuid6.uuid7(),
        recipient=person,
        kind="quiet",
        occurrence="quiet-since-2026-11-01/7d",
        facts={"since": "2026-11-01", "days": 7, "is_last": False},
        planned_at=now,
        due_at=now + timedelta(days=1),
        expires_at=now + timedelta(days=9),
    )


def a_sent_letter(person: User) -> Letter:
    now = clock.now()
    return Letter(
        id=uuid6.uuid7(),
        recipient=person,
        kind="quiet",
        occurrence="quiet-since-2026-10-01/7d",
        planned_at=now,
        due_at=now,
        expires_at=now + timedelta(days=9),
        state=LetterState.SENT,
        sent_at=now,
        shown_at=now,
        said={"subject": "CANARY-LETTER", "link": "/"},
    )


def a_letter_about(learner: User, mentor: User) -> Letter:
    """It told her mentor that she stays away."""
    sent, since = a_sent_letter(mentor), cast.EARLIER.date().isoformat()
    sent.kind, sent.occurrence = "mentee_quiet", f"learner-{learner.pk}/quiet-since-{since}"
    sent.facts = {"learner": learner.pk, "since": since}
    sent.said = {"subject": f"{learner} has been quiet since long", "link": "/", "names": [learner.pk]}
    return sent


def suspend(person: User) -> None:
    User.objects.get_queryset().filter(pk=person.pk).update(is_active=False)
