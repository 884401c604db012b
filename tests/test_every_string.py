"""Every sentence on the pages goes through gettext: in a foreign language no Latin word is left on them."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.core import mail
from django.urls import reverse

from accounts import clock
from accounts.models import Pause, User
from authoring.folder import read_folder
from authoring.models import RoadImport
from mentoring.models import Review
from progress.models import Enrollment, Submission, SubmissionVersion
from quizzes.models import Attempt, Question, Quiz
from quizzes.saves import SavedItem
from reminders.emails import send_reminders
from roadmap.models import Edition, Gate, Roadmap, Stage, Topic
from tests import cast
from tests.foreign import LANGUAGE, Page, in_greek, latin, speak, written
from tests.reminders.moments import at

pytestmark = pytest.mark.django_db

ROAD = "three-stages"
FOLDER = Path(__file__).parent / "fixtures" / "roads" / ROAD


@pytest.fixture
def road(monkeypatch, settings) -> Roadmap:
    at(cast.NOW)
    speak(monkeypatch, settings)
    settings.ACCOUNT_RATE_LIMITS = False
    road = RoadImport(in_greek(read_folder(FOLDER)))
    road.publish(by=None, changelog=written("First edition."), now=cast.EARLIER)
    return Roadmap.objects.get(key=ROAD)


@pytest.fixture
def learner(road) -> User:
    """Ines: one quiz failed, then passed, one under way, evidence sent back and handed in again, a pause ahead."""
    now = clock.now()
    learner, mentor = foreigner(cast.ines()), foreigner(cast.tomas())
    cast.mentored(learner, mentor)
    enrollment = Enrollment.objects.enroll(
        learner,
        road,
        background="first-loaf",
        hours_per_week=Decimal(6),
        starts_on=learner.today(now) - timedelta(days=20),
        now=now - timedelta(days=20),
    )
    take(learner, {}, now - timedelta(days=3))
    take(learner, {"q-bread-01": "a", "q-bread-02": "70", "q-bread-03": "true"}, now - timedelta(days=2))
    for resource in sorted(enrollment.document.stage_by_key["starter"].core_keys()):
        enrollment.tick(resource, now)
    enrollment.settle(now)
    Attempt.objects.start(learner, Quiz.objects.get(key="oven-quiz"), now)
    ask_for_changes(cast.hand_in(enrollment, "four-loaves", now=now - timedelta(days=1)), mentor)
    cast.hand_in(enrollment, "four-loaves", now=now)
    Pause.objects.declare(learner, learner.today(now) + timedelta(30), learner.today(now) + timedelta(40))
    return learner


def foreigner(person: User) -> User:
    person.name, person.language = written(person.name), LANGUAGE
    person.save(update_fields=["name", "language"])
    return person


def ask_for_changes(version: SubmissionVersion, mentor: User) -> None:
    task = Edition.objects.document(version.edition_id).task_by_key["four-loaves"]
    Review.objects.decide(
        version,
        by=mentor,
        decision="ask_for_changes",
        levels={criterion.key: "not_yet" for criterion in task.rubric},
        feedback=written("Do it again."),
        now=cast.NOW,
    )


def take(learner: User, answers: dict[str, str], at) -> None:
    attempt = Attempt.objects.start(learner, Quiz.objects.get(key="starter-quiz"), at)
    items = [
        SavedItem.model_validate(
            {"slot": slot.slot, "sequence": 1, "client_id": uuid4(), "value": answers.get(slot.question)}
        )
        for slot in attempt.slots
    ]
    attempt.save_answers(attempt.open(at), items, at)
    attempt.submit(at)


# Facts, not words: the host of the tests, the city of a person's time zone.
FACTS = {"testserver", "Paris"}
# Names of the format's fields, as faults quote them, and keys.
NAMES = {
    *("title", "stem", "explanation", "options", "answer", "tolerance", "unit", "more", "q", "bread"),
    *("relative", "significant", "figures", "units", "formula"),
}
KEYS = {"q", "bread", "starter", "oven", "market", "feeding", "percentages"}
LEVELS = {"remember", "understand", "apply", "analyse", "evaluate", "create"}  # as they are typed
ADMIN_S = {"True"}  # Django gives its tick this name in every language


def see(client, paths, *, status=200, data=None, facts=FACTS) -> None:
    """Open each page in the foreign language and fail with every text that was not translated."""
    client.cookies["django_language"] = LANGUAGE
    found = []
    for path in paths:
        answer = client.get(path) if data is None else client.post(path, data)
        assert answer.status_code == status, (path, answer.status_code)
        found += [f"{path}: {text}" for text in latin(Page(answer.content.decode()).said, facts)]
    assert not found, "\n" + "\n".join(found)


def test_a_text_that_was_not_translated_is_found():
    html = '<p title="Here">Ｓｉｇｎ ｉｎ <b>now</b></p><code>road.yaml</code><p>12 Ines ines@example.org</p>'
    assert list(latin(Page(html).said, {"Ines"})) == ["Here", "now"]


def test_pages_for_anybody(client, road):
    see(
        client,
        [
            "/",
            f"/roads/{ROAD}/",
            "/accounts/login/",
            "/accounts/login/code/",
            "/accounts/signup/",
            "/accounts/password/reset/",
        ],
    )
    see(client, ["/nowhere/"], status=404)


def test_a_form_that_was_filled_in_wrongly(client, road):
    see(client, ["/accounts/signup/", "/accounts/login/"], data={"email": "nobody"}, status=200)


def test_pages_of_a_learner(client, learner):
    client.force_login(learner)
    quizzes = f"/roads/{ROAD}/quizzes"
    see(
        client,
        [
            "/",
            "/today/",
            f"/roads/{ROAD}/",
            f"/roads/{ROAD}/plan/",
            *(f"/roads/{ROAD}/stages/{stage}/" for stage in ("starter", "oven", "market")),
            f"{quizzes}/starter-quiz/",
            f"{quizzes}/market-quiz/",
            f"{quizzes}/oven-quiz/attempts/1/",
            f"{quizzes}/oven-quiz/attempts/1/hand-in/",
            f"{quizzes}/starter-quiz/attempts/1/result/",
            f"{quizzes}/starter-quiz/attempts/2/result/",
            "/evidence/",
            f"/roads/{ROAD}/evidence/four-loaves/",
            "/settings/",
            "/settings/letters/",
            "/settings/letters/next/",
            "/letters/",
            "/settings/tokens/",
            "/accounts/email/",
            "/accounts/password/change/",
            "/accounts/2fa/",
        ],
    )


def test_pages_of_somebody_new(client, road):
    client.force_login(foreigner(cast.stranger()))
    see(client, ["/today/", f"/roads/{ROAD}/enroll/", "/evidence/"])


def test_pages_of_a_mentor(client, learner):
    submission = Submission.objects.get(person=learner)
    client.force_login(User.objects.get(email=cast.tomas().email))
    review = f"/mentor/reviews/{submission.pk}/"
    see(client, ["/mentor/", review, f"/mentor/learners/{learner.pk}/"])
    see(client, [review], data={"number": 2, "decision": "ask_for_changes"}, status=422)


def test_the_publish_page_with_its_faults(client, road):
    """A draft in which much is wrong: no hours, no resources, an empty field, a quiz question without an answer."""
    client.force_login(foreigner(cast.ada()))
    publish = reverse("admin:authoring_publish", args=[road.pk])
    see(client, [publish, reverse("admin:authoring_editions", args=[road.pk])])
    spoil(road)
    see(client, [publish, reverse("admin:authoring_preview", args=[road.pk])], facts=FACTS | NAMES)
    see(client, [publish], data={"changelog": written("again")}, status=422, facts=FACTS | NAMES)


def spoil(road: Roadmap) -> None:
    Stage.objects.filter(roadmap=road, key="starter").update(title="")
    Gate.objects.filter(stage__roadmap=road).update(at_least=99)
    for question in Question.objects.filter(key__startswith="q-bread")[:3]:
        Question.objects.filter(pk=question.pk).update(draft={"stem": "", "more": 1})


def test_pages_of_the_desk(client, learner):
    client.force_login(foreigner(cast.ada()))
    lists = ["roadmap_roadmap", "roadmap_resource", "quizzes_question", "accounts_user", "reminders_letter"]
    rows = [
        ("roadmap_roadmap", Roadmap.objects.get(key=ROAD)),
        ("roadmap_stage", Stage.objects.get(key="starter")),
        ("roadmap_topic", Topic.objects.get(key="feeding")),
        ("quizzes_quiz", Quiz.objects.get(key="starter-quiz")),
        ("quizzes_question", Question.objects.get(key="q-bread-01")),
        ("accounts_user", learner),
    ]
    see(
        client,
        [
            reverse("admin:index"),
            *(reverse(f"admin:{name}_changelist") for name in lists),
            *(reverse(f"admin:{name}_change", args=[row.pk]) for name, row in rows),
            reverse("admin:roadmap_resource_add"),
            reverse("admin:authoring_stage", args=[rows[1][1].pk]),
            reverse("admin:reminders_switch", args=["all"]),
            reverse("admin:reminders_rehearsal"),
        ],
        facts=FACTS | KEYS | LEVELS | ADMIN_S,
    )


def test_a_letter(learner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    ask_for_changes(Submission.objects.get(person=learner).versions.latest("number"), cast.tomas())
    at(cast.NOW + timedelta(hours=1))
    send_reminders()
    assert mail.outbox
    for letter in mail.outbox:
        assert isinstance(letter, mail.EmailMultiAlternatives)
        html = next(str(part) for part, kind in letter.alternatives if kind == "text/html")
        assert not list(latin([str(letter.subject), str(letter.body), *Page(html).said], FACTS))


def test_what_the_api_says(client, road):
    client.force_login(foreigner(cast.ines()))
    client.cookies["django_language"] = LANGUAGE
    problem = client.get("/api/v1/roads/unknown/").json()
    assert not list(latin([problem["detail"]]))
