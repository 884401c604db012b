"""What waits and what is listed is found by index: shown by EXPLAIN over tables that are large enough to matter."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import uuid6
from django.db import connection

from accounts.models import User
from mentoring.models import Mentorship, mentored_enrollments, mentored_submissions
from progress.models import Cohort, Enrollment, StandingRow, Submission, SubmissionVersion
from quizzes.models import Answer, Attempt, Quiz
from reminders.kinds.feedback import Feedback
from reminders.kinds.kind import Asked
from reminders.models import Letter, LetterWishes
from roadmap.models import EvidenceTask, Roadmap
from tests.cast import EARLIER, NOW, person, published, tomas
from tests.documents import three_stage_document
from tests.plans import indexes_of, planned_for, read_whole

pytestmark = [pytest.mark.django_db, pytest.mark.long]

PEOPLE, RARE = 20_000, 2000  # of twenty thousand submissions, attempts and letters, one in two thousand waits
BIG = {
    "accounts_user",
    "progress_enrollment",
    "progress_standingrow",
    "progress_submission",
    "progress_submissionversion",
    "quizzes_answer",
    "quizzes_attempt",
    "reminders_letter",
}
DAY = timedelta(days=1)


@pytest.fixture
def crowd() -> list[User]:
    """Learners on one road with a task and a quiz done, and a letter had; few of these rows wait for somebody."""
    road = published(three_stage_document())
    people = User.objects.bulk_create(
        User(email=f"learner-{n}@example.org", name=f"Learner {n}", password="!", date_joined=EARLIER)
        for n in range(PEOPLE)
    )
    _enroll(road, people)
    _mentor(road, people)
    _hand_in(road, people)
    _write_letters(people)
    _take_quiz(Quiz.objects.filter(roadmap=road)[0], people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return people


def _enroll(road: Roadmap, people: list[User]) -> None:
    rows = Enrollment.objects.bulk_create(
        Enrollment(
            person=learner,
            roadmap=road,
            background="walker",
            started_edition_id=road.studied_edition_id,
            enrolled_at=EARLIER,
        )
        for learner in people
    )
    StandingRow.objects.bulk_create(
        StandingRow(enrollment=row, last_active_on=NOW.date(), settled_at=NOW) for row in rows
    )


def _mentor(road: Roadmap, people: list[User]) -> None:
    """Tomas has ten learners by name and a cohort of ten; other mentors have the rest."""
    others = [person(f"Other{n} Mentor", "mentor") for n in range(10)]
    given = [(tomas(), learner) for learner in people[:10]]
    given += [(others[n % 10], learner) for n, learner in enumerate(people[20:])]
    Mentorship.objects.bulk_create(
        Mentorship(mentor=mentor, learner=learner, began_at=EARLIER) for mentor, learner in given
    )
    cohort = Cohort.objects.create(roadmap=road, title="Autumn", starts_on=NOW.date())
    Enrollment.objects.filter(person__in=people[10:20]).join(cohort)
    Mentorship.objects.create(mentor=tomas(), cohort=cohort, began_at=EARLIER)


def _hand_in(road: Roadmap, people: list[User]) -> None:
    """Accepted and seen, but for some that wait and as many whose feedback nobody opened."""
    task = EvidenceTask.objects.filter(roadmap=road)[0]
    rows = [
        Submission(
            person=learner,
            task=task,
            state="waiting" if number % RARE == 0 else "accepted",
            state_since=NOW - number % 14 * DAY,
            feedback_seen_at=None if number % RARE < 2 else NOW,
        )
        for number, learner in enumerate(people)
    ]
    SubmissionVersion.objects.bulk_create(
        SubmissionVersion(
            submission=row,
            number=1,
            edition_id=road.studied_edition_id,
            kind="link",
            link="https://example.org/",
            handed_in_at=row.state_since,
        )
        for row in Submission.objects.bulk_create(rows, batch_size=2000)
    )


def _write_letters(people: list[User]) -> None:
    Letter.objects.bulk_create(
        (
            Letter(
                id=uuid6.uuid7(),
                recipient=learner,
                kind="quiet",
                occurrence="old",
                planned_at=EARLIER,
                due_at=NOW - number % 14 * DAY,
                expires_at=NOW + DAY,
                state="planned" if number % RARE == 0 else "sent",
            )
            for number, learner in enumerate(people)
        ),
        batch_size=2000,
    )
    LetterWishes.objects.of_all(Letter.objects.planned().values_list("recipient", flat=True))


def _take_quiz(quiz: Quiz, people: list[User]) -> None:
    """An attempt each, finished but for some; every tenth was saved four times a slot."""
    version = quiz.studied_version()
    common = {"quiz": quiz, "quiz_version": version, "paper": [], "pass_percent": 80, "points_possible": 10}
    done = {"finished_at": EARLIER, "points": 8, "is_passed": True, "receipt": "x"}
    Attempt.objects.bulk_create(
        (
            Attempt(
                person=learner,
                number=1,
                started_at=EARLIER,
                closes_at=EARLIER + number * DAY / 200,
                **common,
                **({} if number % RARE == 0 else done),
            )
            for number, learner in enumerate(people)
        ),
        batch_size=2000,
    )
    Answer.objects.bulk_create(
        (
            Answer(
                attempt=attempt,
                slot=slot,
                client_id=uuid4(),
                epoch=1,
                sequence=sequence,
                value="true",
                saved_at=EARLIER,
            )
            for attempt in Attempt.objects.filter(person__in=people[::10])
            for slot in range(1, 11)
            for sequence in range(1, 5)
        ),
        batch_size=2000,
    )


def feedback_planner(_people: list[User]) -> None:
    assert sum(len(letters) for letters in Feedback().plan(Asked.of_all(NOW)))


def claim_of_letters(_people: list[User]) -> None:
    assert Letter.objects.claim(NOW)


def planned_letters(_people: list[User]) -> None:
    assert Letter.objects.due(NOW)[:20]


def mentor_queue(_people: list[User]) -> None:
    assert mentored_submissions().within_reach_of(tomas()).waiting().listed()[:20]


def learners_list(_people: list[User]) -> None:
    assert mentored_enrollments().within_reach_of(tomas()).listed().by_need(NOW.date())[:20]


def overdue_attempts(_people: list[User]) -> None:
    assert Attempt.objects.overdue(NOW).order_by("closes_at").values_list("pk", flat=True)[:500]


def newest_answers(people: list[User]) -> None:
    assert len(Attempt.objects.of(people[0])[0].values()) == 10


def test_what_waits_and_what_is_listed_is_found_by_index(crowd):
    looked_for = {  # each by one of these, whichever the planner holds cheapest
        feedback_planner: {"unseen_feedback_by_age"},
        claim_of_letters: {"planned_letters_by_due", "letters_by_state"},
        planned_letters: {"planned_letters_by_due", "letters_by_state"},
        mentor_queue: {"waiting_submissions_by_age", "one_submission_per_person_and_task"},
        learners_list: {"one_running_mentorship_per_learner"},
        overdue_attempts: {"open_attempts_by_closing"},
        newest_answers: {"newest_answer_of_a_slot", "quizzes_answer_attempt_id_edb0a031"},
    }
    wrong = []
    for act, indexes in looked_for.items():
        nodes = list(planned_for(partial(act, crowd)))
        whole, used = read_whole(nodes, BIG), indexes_of(nodes)
        if whole or not indexes & used:
            wrong.append(f"{act.__name__} reads whole {sorted(whole)}, uses {sorted(used)}")
    assert not wrong, "\n".join(wrong)
