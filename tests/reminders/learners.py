"""What letters to learners are about, made for anybody; and asking one kind to plan, to refuse and to speak."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from accounts.models import ActiveDay, Pause, User
from progress.models import Enrollment, Submission
from quizzes.models import Attempt, Card, QuestionVersion, Quiz
from reminders.kinds import KINDS, Asked
from reminders.models import Letter
from reminders.models.letter import Reason
from reminders.models.reader import readers
from reminders.words import Content
from roadmap.document import RoadDocument
from roadmap.models import Edition
from tests.cast import NOW, base_quiz, enrolled, hand_in, road, take_quiz, tomas
from tests.documents import three_stage_document

START = datetime(
    2026, 11, 2, 9, tzinfo=UTC
)  # a Monday; at ten hours a week base is due on the 10th, ridge on the 16th
BASE_DUE = datetime(2026, 11, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BACK_ON = datetime(2026, 11, 15, 9, tzinfo=UTC)


def stage_due(person: User) -> datetime:
    enrolled(person, now=START - DAY)
    enrollment = Enrollment.objects.get(person=person)
    enrollment.replan(hours_per_week=Decimal(10), starts_on=START.date(), now=START - DAY)
    return BASE_DUE - 7 * DAY


def stage_overdue(person: User) -> datetime:
    stage_due(person)
    return BASE_DUE + 2 * DAY


def changes_asked(person: User) -> datetime:
    sent_back(person)
    return NOW + 4 * DAY


def sent_back(person: User) -> Submission:
    submission = hand_in(enrolled(person)).submission
    submission.ask_for_changes(tomas(), NOW)
    return submission


def attempt_ending(person: User) -> datetime:
    begun(person, minutes=4 * 24 * 60)
    return NOW + 3 * DAY


def begun(person: User, minutes: int) -> Attempt:
    """An open attempt at the base quiz that lasts so long, begun at NOW."""
    enrolled(person)
    quiz = Quiz.objects.filter(key="base-quiz", time_limit_minutes=minutes).first()
    return Enrollment.objects.get(person=person).start_quiz(
        quiz or base_quiz(time_limit_minutes=minutes), NOW
    )


def cards_due(person: User) -> datetime:
    """One card that has been due for three days; answers the first day on which hers are written about."""
    now = card_day(person)
    cards(person, 1, due_on=now.date() - 3 * DAY)
    ActiveDay.objects.record(person, now - DAY)
    return now


def card_day(person: User) -> datetime:
    """The first of three days from NOW on that is this person's."""
    return next(NOW + n * DAY for n in range(3) if ((NOW + n * DAY).date().toordinal() + person.pk) % 3 == 0)


def cards(person: User, count: int, due_on: date) -> None:
    """So many cards of questions that she met at the base and ridge quizzes."""
    enrollment = enrolled(person)
    sources = [
        take_quiz(enrollment, key, points=0, now=NOW - 20 * DAY) for key in ("base-quiz", "ridge-quiz")
    ]
    placed = [(source, slot) for source in sources for slot in source.slots][:count]
    questions = dict(
        QuestionVersion.objects.filter(pk__in=[slot.version for _, slot in placed]).values_list(
            "pk", "question"
        )
    )
    Card.objects.bulk_create(
        Card(
            person=person,
            question_id=questions[slot.version],
            version_id=slot.version,
            source=source,
            slot=slot.slot,
            asked_at=source.finished_at or NOW,
            was_missed=True,
            due_on=due_on,
        )
        for source, slot in placed
    )


def back(person: User) -> datetime:
    stage_due(person)
    Pause.objects.declare(person, date(2026, 11, 5), BACK_ON.date())
    return BACK_ON


def edition_changed(person: User) -> datetime:
    enrolled(person)
    if Edition.objects.latest("pk").number == 1:
        publish(asking_more("base"))
    Enrollment.objects.update(started_edition=Edition.objects.earliest("pk"))
    return NOW + timedelta(hours=1)


def asking_more(*stages: str) -> RoadDocument:
    """The road, where these stages ask for their deep dives, too."""
    was = three_stage_document()
    changed = [_all_core(stage) if stage.key in stages else stage for stage in was.stages]
    return was.model_copy(update={"stages": tuple(changed)})


def _all_core(stage):
    topics = [
        topic.model_copy(
            update={"resources": tuple(x.model_copy(update={"role": "core"}) for x in topic.resources)}
        )
        for topic in stage.topics
    ]
    return stage.model_copy(update={"topics": tuple(topics)})


def publish(document: RoadDocument, now: datetime = NOW) -> Edition:
    return Edition.objects.publish(road(), document, by=None, changelog="More of it.", now=now)


ARRANGED: dict[str, Callable[[User], datetime]] = {
    "stage_due": stage_due,
    "stage_overdue": stage_overdue,
    "changes_asked": changes_asked,
    "attempt_ending": attempt_ending,
    "cards_due": cards_due,
    "back": back,
    "edition_changed": edition_changed,
}


def planned(kind: str, now: datetime, until: datetime | None = None, person: User | None = None) -> list[str]:
    """Let the kind plan, write it into the ledger; the occurrences that stand there, in the order they are due."""
    asked = Asked(now, until or now + DAY, person.pk if person else None)
    for letters in KINDS[kind].plan(asked):
        Letter.objects.write(letters)
    rows = Letter.objects.of_kinds([kind]).order_by("due_at", "occurrence")
    return list(rows.values_list("occurrence", flat=True))


def through(kind: str, first: datetime, days: int) -> list[str]:
    """What stands in the ledger after planning on so many days."""
    for day in range(days):
        found = planned(kind, first + day * DAY)
    return found


def letter(kind: str) -> Letter:
    return Letter.objects.of_kinds([kind]).latest("id")


def refusal(kind: str, now: datetime) -> Reason | None:
    """Why the newest letter of this kind would not be sent now."""
    asked = letter(kind)
    return KINDS[kind].refusals([asked], readers([asked.recipient_id]), now).get(asked.pk)


def said(kind: str, now: datetime) -> Content:
    """The newest letter of this kind in words."""
    asked = letter(kind)
    matter = KINDS[kind].matters([asked], readers([asked.recipient_id]), now)[asked.pk]
    return KINDS[kind].says(matter)
