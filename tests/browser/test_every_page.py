"""Every page as each of the cast sees it, light and dark, wide and narrow: no breach of policy, nobody shut out."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Browser

from accounts import clock
from accounts.models import Pause, User
from progress.models import Enrollment, Submission
from quizzes.models import Appeal, Attempt, PaperItem, Question, QuestionNumbers, Quiz, QuizNumbers
from quizzes.saves import SavedItem
from reminders.models import CalendarFeed, Letter, Suppression
from reminders.models.suppression import Why
from roadmap.models import Roadmap, Stage, Topic
from tests import cast
from tests.browser.watch import Watch, sign_in
from tests.cast import ada, hand_in, ines, mentored, stranger, tomas
from tests.populated import a_sent_letter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROADS = Path(__file__).resolve().parent.parent / "fixtures" / "roads"
KEY = "three-stages"
MISSING = ("/letters/stop/unknown/", "/roads/unknown/", "/nowhere/")
Look = tuple[Literal["light", "dark"], int]
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOOKS: list[Look] = [(theme, width) for theme in THEMES for width in (1440, 360)]
SOON: set[Look] = {
    ("light", 1440),
    ("dark", 360),
}  # each theme and each width once; the other pairs are for `make test-long`
Share = tuple[Look, slice]
# Here each page once, in one of these two looks; all pages in all four are for `make test-long`.
SHARES = [
    pytest.param((("light", 1440), slice(0, None, 2)), id="light-1440-every-second"),
    pytest.param((("dark", 360), slice(1, None, 2)), id="dark-360-the-others"),
    *(pytest.param((look, slice(None)), id=f"{look[0]}-{look[1]}", marks=pytest.mark.long) for look in LOOKS),
]


@pytest.fixture(params=SHARES)
def look(request: pytest.FixtureRequest) -> Share:
    share: Share = request.param
    return share


@pytest.fixture
def home(live_server, settings) -> str:
    settings.SITE_URL = live_server.url
    settings.SHOW_MAILBOX = True
    call_command("road_import", str(ROADS / KEY), publish=True, verbosity=0)
    return live_server.url


def see(browser: Browser, home: str, look: Share, person: User | None, pages: list[str]) -> None:
    """Open each page in this look, as this person, and fail with all that was wrong with any of them."""
    (theme, width), share = look
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="en", color_scheme=theme)
    context.add_cookies([{"name": "theme", "value": theme, "url": home}])
    if person:
        sign_in(context, person, home)
    page = context.new_page()
    watch = Watch(page, home)
    for path in pages[share]:
        watch.open(path, status=404 if path in MISSING else 200)
        watch.look()
    context.close()
    assert not watch.faults, "\n" + "\n".join(watch.faults)


def test_pages_for_anybody(browser, home, look):
    see(
        browser,
        home,
        look,
        None,
        [
            "/",
            f"/roads/{KEY}/",
            f"/roads/{KEY}/print/",
            "/library/",
            "/search/",
            "/search/?q=bread+or+dough+or+oven",
            "/search/?q=nothingofthekind",
            "/accounts/login/",
            "/accounts/login/code/",
            "/accounts/signup/",
            "/accounts/password/reset/",
            "/accounts/confirm-email/used-up/",
            *MISSING,
        ],
    )


def test_pages_of_a_learner(browser, home, look):
    learner = learner_under_way()
    see(
        browser,
        home,
        look,
        learner,
        [
            "/",
            "/today/",
            f"/roads/{KEY}/",
            f"/roads/{KEY}/plan/",
            *(f"/roads/{KEY}/stages/{stage}/" for stage in ("starter", "oven", "market")),
            *quiz_pages(learner),
            f"/roads/{KEY}/practice/feeding/",
            *placement_pages(learner),
            "/cards/",
            "/evidence/",
            f"/roads/{KEY}/evidence/four-loaves/",
            "/settings/",
            "/settings/letters/",
            "/settings/letters/next/",
            "/letters/",
            f"/letters/{got_letter(learner).pk}/",
            "/settings/calendar/",
            "/settings/tokens/",
            "/accounts/email/",
            "/accounts/password/change/",
            "/accounts/sessions/",
            "/accounts/2fa/",
        ],
    )


def test_pages_of_somebody_new(browser, home, look):
    somebody = stranger()
    back = Suppression.objects.suppress(
        somebody.email, Why.BOUNCED, "550 5.1.1 no such mailbox", cast.NOW, somebody
    )
    see(
        browser,
        home,
        look,
        somebody,
        [
            *("/today/", f"/roads/{KEY}/enroll/", "/evidence/", "/settings/letters/", "/settings/calendar/"),
            "/settings/letters/address/",
            reverse("reminders:confirm_address", args=[back.token()]),
        ],
    )


def test_pages_of_a_mentor(browser, home, look):
    learner = learner_under_way()
    submission = Submission.objects.get(person=learner)
    see(
        browser,
        home,
        look,
        tomas(),
        [
            *marking_pages(learner),
            *("/mentor/", f"/mentor/reviews/{submission.pk}/", f"/mentor/learners/{learner.pk}/"),
        ],
    )


def test_pages_of_the_desk(browser, home, look):
    learner_under_way()
    road = Roadmap.objects.get(key=KEY)
    lists = ["roadmap_roadmap", "roadmap_resource", "quizzes_question", "accounts_user", "reminders_letter"]
    see(
        browser,
        home,
        look,
        ada(),
        [
            reverse("admin:index"),
            *(reverse(f"admin:{name}_changelist") for name in lists),
            reverse("admin:roadmap_roadmap_change", args=[road.pk]),
            reverse("admin:authoring_publish", args=[road.pk]),
            reverse("admin:authoring_editions", args=[road.pk]),
            reverse("admin:authoring_import"),
            reverse("admin:authoring_import_questions"),
            reverse("admin:roadmap_stage_history", args=[Stage.objects.get(key="starter").pk]),
            reverse("admin:roadmap_stage_change", args=[Stage.objects.get(key="starter").pk]),
            reverse("admin:authoring_stage", args=[Stage.objects.get(key="starter").pk]),
            reverse("admin:roadmap_topic_change", args=[Topic.objects.get(key="feeding").pk]),
            reverse("admin:roadmap_resource_add"),
            reverse("admin:quizzes_quiz_change", args=[Quiz.objects.get(key="starter-quiz").pk]),
            reverse("admin:authoring_try_quiz", args=[Quiz.objects.get(key="starter-quiz").pk]),
            reverse("admin:quizzes_accommodation_changelist"),
            reverse("admin:quizzes_accommodation_add"),
            reverse("admin:authoring_health"),
            reverse("admin:authoring_question_health", args=[counted_question()]),
            reverse("admin:accounts_user_change", args=[ines().pk]),
            reverse("admin:reminders_letter_change", args=[got_letter(ines()).pk]),
            reverse("admin:reminders_switch", args=["quiet"]),
            reverse("admin:reminders_next_of", args=[ines().pk]),
            reverse("admin:reminders_rehearsal"),
            reverse("admin:reminders_suppression_changelist"),
        ],
    )


def got_letter(learner: User) -> Letter:
    """A letter with all that one can hold, as it was sent."""
    letter = a_sent_letter(learner)
    letter.said |= {
        "lead": "Hello Ines, your mentor has read your evidence.",
        "kicker": "Read the feedback",
        "step": "Four loaves",
        "link": "/evidence/",
        "why": "You get this because there is feedback you have not opened.",
        "quote": "A clear question and an honest chart.",
        "quoted": "Tomas Berg",
        "tables": [{"title": "Your week", "rows": [["Monday", "Feeding the starter"]]}],
        "standing": "1 of 3 stages passed.",
        "also": [{"title": "Quiz open again", "link": "/cards/", "text": "From Saturday on."}],
    }
    letter.save()
    return letter


def marking_pages(learner: User) -> list[str]:
    """An attempt with a text to mark, and an appeal."""
    now = clock.now()
    quiz = Quiz.objects.get(key="market-quiz")
    draft = {
        "stem": "Why does dough rest?",
        "explanation": "Gluten.",
        "guide": "Half for **gluten**.",
        "min_words": 5,
    }
    question = Question.objects.create(key="q-text", type="long_text", draft=draft)
    PaperItem.objects.create(quiz=quiz, question=question, position=99, points=4)
    quiz.draw = None
    quiz.save()
    quiz.publish(None, now)
    attempt = Attempt.objects.start(learner, quiz, now)
    slots = {slot.question: slot.slot for slot in attempt.slots}
    text = SavedItem(slot=slots["q-text"], sequence=1, client_id=uuid4(), value="So that *gluten* can form.")
    attempt.save_answers(attempt.open(now), [text], now)
    attempt.submit(now)
    wrong = next(slot for key, slot in slots.items() if key != "q-text")
    appeal = Appeal.objects.begin(attempt, wrong, "The question says nothing about flour.", now)
    return [
        f"/mentor/attempts/{attempt.pk}/",
        f"/mentor/attempts/{attempt.pk}/record/",
        f"/mentor/learners/{learner.pk}/roads/{KEY}/accommodations/",
        f"/mentor/appeals/{appeal.pk}/",
    ]


def counted_question() -> int:
    """A question whose numbers are counted: of one person, so far."""
    QuizNumbers.objects.count_all(clock.now())
    return QuestionNumbers.objects.asked().order_by("-people", "pk")[0].version.question_id


def learner_under_way() -> User:
    """Ines: one stage passed at the second try, one attempt open, evidence waiting, a pause ahead, mentored."""
    learner, now = ines(), clock.now()
    mentored(learner, tomas())
    enrollment = Enrollment.objects.enroll(
        learner,
        Roadmap.objects.get(key=KEY),
        background="first-loaf",
        hours_per_week=Decimal(6),
        starts_on=learner.today(now) - timedelta(days=20),
        now=now - timedelta(days=20),
    )
    _take(learner, "starter", {}, now - timedelta(days=3))
    _take(learner, "starter", RIGHT, now - timedelta(days=2))
    for resource in sorted(enrollment.document.stage_by_key["starter"].core_keys()):
        enrollment.tick(resource, now)
    enrollment.settle(now)
    Attempt.objects.start(learner, Quiz.objects.get(key="oven-quiz"), now)
    hand_in(enrollment, "four-loaves", now=now)
    on = learner.today(now)
    Pause.objects.declare(learner, on + timedelta(days=30), on + timedelta(days=40))
    CalendarFeed.objects.make(learner, now)
    return learner


def placement_pages(learner: User) -> list[str]:
    """The door of a placement with what it said, its result, and a stage that it says is known."""
    cast.placement_quiz()
    cast.place(cast.enrolled(learner), "base")
    road = "/roads/trail-test"
    attempt = f"{road}/quizzes/trail-placement/attempts/1"
    return [f"{road}/placement/", f"{attempt}/result/", f"{road}/stages/base/"]


def quiz_pages(learner: User) -> list[str]:
    """Cover, player, list of open questions and both results of her attempts."""
    door = f"/roads/{KEY}/quizzes"
    assert Attempt.objects.of(learner).count() == 3
    return [
        f"{door}/starter-quiz/",
        f"{door}/market-quiz/",
        f"{door}/oven-quiz/attempts/1/",
        f"{door}/oven-quiz/attempts/1/hand-in/",
        f"{door}/starter-quiz/attempts/1/result/",
        f"{door}/starter-quiz/attempts/2/result/",
    ]


RIGHT = {"q-bread-01": "a", "q-bread-02": "70", "q-bread-03": "true"}


def _take(learner: User, stage: str, answers: dict[str, str], at: datetime) -> None:
    """A finished attempt with these answers, by question."""
    attempt = Attempt.objects.start(learner, Quiz.objects.get(key=f"{stage}-quiz"), at)
    items = [
        SavedItem(slot=slot.slot, sequence=1, client_id=uuid4(), value=answers.get(slot.question))
        for slot in attempt.slots
    ]
    attempt.save_answers(attempt.open(at), items, at)
    attempt.submit(at)
