"""The main job in a real browser, real mail, a real worker: from signing up to the letter after the last gate."""

from __future__ import annotations

import re
import time
import urllib.request
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from accounts import clock
from accounts.models import User
from reminders.models import LetterWishes
from tests.browser.watch import Watch, sign_in
from tests.cast import PASSWORD, mentored, tomas
from tests.fixtures.mail import Sink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROADS = Path(__file__).resolve().parent.parent / "fixtures" / "roads"
ROAD = "/roads/three-stages/"


@pytest.fixture
def home(live_server, settings, mail_goes_to_sink) -> str:
    """The site's address; its mail goes to the sink and links back to it."""
    settings.SITE_URL = live_server.url
    call_command("road_import", str(ROADS / "three-stages"), publish=True, verbosity=0)
    return live_server.url


def test_from_signing_up_to_the_last_gate_and_silence(home, page, browser, smtp_sink, start_worker):
    watch = Watch(page, home)
    _sign_up(page, home, smtp_sink)
    learner = User.objects.get(email="nela@example.org")
    mentored(learner, tomas())
    _enroll(page, home)
    _tick_all(page, home, "starter")
    _answer(page, home, "starter", right=False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("of 3")
    _answer(page, home, "starter", right=True)
    _expect_stage(page, home, "oven", "Under way")
    _hand_in(page, home, "https://example.org/loaves-1")
    _review(browser, home, accept=False)
    _see_feedback(page, home, "Weigh the water too.")
    _hand_in(page, home, "https://example.org/loaves-2")
    _review(browser, home, accept=True)
    _see_feedback(page, home, "Well baked.")
    _tick_all(page, home, "oven")
    _answer(page, home, "oven", right=True)
    _expect_stage(page, home, "market", "Under way")
    assert watch.faults == []

    before = len(_hers(smtp_sink))
    _go_quiet(timedelta(days=9))
    start_worker(
        beat=True,
        WAYMARK_EMAIL_URL=smtp_sink.url,
        WAYMARK_SITE_URL=home,
        WAYMARK_LETTERS_EVERY_SECONDS="1",
    )
    until = time.monotonic() + 30
    while len(_hers(smtp_sink)) == before and time.monotonic() < until:
        time.sleep(0.1)
    letter = _hers(smtp_sink)[before]
    _stop_by_one_click(letter)
    _stop_all(letter)
    _go_quiet(timedelta(days=25))
    time.sleep(3.5)  # three turns of the beat
    assert len(_hers(smtp_sink)) == before + 1


def _hers(sink: Sink) -> list[EmailMessage]:
    return [letter for letter in sink.letters if letter["To"] == "nela@example.org"]


def test_the_first_hour_on_the_machine_learning_road(home, page):
    call_command("road_import", str(Path("content/machine-learning").resolve()), publish=True, verbosity=0)
    learner = User.objects.create_confirmed("milo@example.org", PASSWORD, roles=["learner"], name="Milo Ruiz")
    sign_in(page.context, learner, home)
    watch = Watch(page, home)

    page.goto(f"{home}/roads/machine-learning/")
    page.get_by_role("link", name="Start this roadmap").first.click()
    page.get_by_label("Software engineer").check()
    page.get_by_label("Hours a week").fill("8")
    page.get_by_role("button", name="Work out the dates").click()
    expect(page.get_by_text("At 8 hours a week")).to_be_visible()
    page.get_by_role("button", name="Start this roadmap").click()
    page.locator("a.sign").click()
    expect(page).to_have_url(re.compile("/roads/machine-learning/stages/math/"))
    page.locator("li.is-here .check").click()
    expect(page.locator("#gate")).to_contain_text(re.compile(r"1 of \d+ ticked"))
    page.goto(f"{home}/roads/machine-learning/stages/deep-learning/")
    expect(page.get_by_role("main")).to_contain_text("3 pieces of evidence accepted")
    page.goto(f"{home}/roads/machine-learning/quizzes/math-quiz/")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-slot]")).to_have_count(20)
    assert watch.faults == []


def _sign_up(page: Page, home: str, sink) -> None:
    page.goto(f"{home}/accounts/signup/")
    page.get_by_label("Name").fill("Nela Novak")
    page.get_by_label(re.compile("e-?mail", re.IGNORECASE)).fill("nela@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    (letter,) = sink.wait_for(1)
    page.goto(re.search(rf"{home}\S+", _text(letter))[0])
    page.get_by_role("button", name="Yes, confirm it").click()
    expect(page).to_have_url(f"{home}/today/")


def _enroll(page: Page, home: str) -> None:
    page.get_by_role("link", name="See the roadmaps").click()
    page.get_by_role("link", name="Bread for a Market Stall").click()
    page.get_by_role("link", name="Start this roadmap").first.click()
    page.get_by_role("button", name="Start this roadmap").click()
    expect(page).to_have_url(f"{home}/today/")


def _tick_all(page: Page, home: str, stage: str) -> None:
    page.goto(f"{home}{ROAD}stages/{stage}/")
    folded = page.locator("details.acc:not([open]) > summary")
    while (left := folded.count()) > 0:
        folded.first.click()
        expect(folded).to_have_count(left - 1)
    unticked = page.locator(".check[aria-pressed=false]")
    while (left := unticked.count()) > 0:
        unticked.first.click()
        expect(unticked).to_have_count(left - 1)


def _answer(page: Page, home: str, stage: str, *, right: bool) -> None:
    """Take the stage's quiz: with the right answers, or with the first choices that come."""
    page.goto(f"{home}{ROAD}quizzes/{stage}-quiz/")
    page.get_by_role("button", name=re.compile("Start|Try again")).click()
    for block in page.locator("[data-slot]").all():
        _answer_one(block, right=right)
    expect(page.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Hand in", exact=True).click()
    page.get_by_role("button", name="Hand in now").click()
    expect(page).to_have_url(re.compile("/result/$"))


def _answer_one(block, *, right: bool) -> None:
    words = {
        "ready": ["It has doubled since it was fed"],
        "percent of water": "70",
        "always 100 percent": ["True"],
        "steam": ["It keeps the skin soft while the loaf rises", "It makes the crust shine"],
        "inside of a loaf": "crumb",
        "own hours": ["True"],
    }
    stem = block.inner_text()
    answer = next(answer for part, answer in words.items() if part in stem)
    if isinstance(answer, str):
        block.get_by_role("textbox").fill(answer if right else "17")
        return
    labels = answer if right else ["It smells of nothing", "False", "It replaces salt"]
    for label in labels:
        choice = block.get_by_label(label, exact=True)
        if choice.count():
            choice.check()


def _expect_stage(page: Page, home: str, stage: str, word: str) -> None:
    page.goto(f"{home}{ROAD}stages/{stage}/")
    expect(page.locator("header .state").first).to_have_text(word)


def _hand_in(page: Page, home: str, link: str) -> None:
    page.goto(f"{home}{ROAD}evidence/four-loaves/")
    if page.get_by_label("A link").count():
        page.get_by_label("A link").check()
    page.get_by_label("Link", exact=True).fill(link)
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.get_by_text("It is your mentor’s turn.", exact=True)).to_be_visible()


def _review(browser: Browser, home: str, *, accept: bool) -> None:
    context = browser.new_context(locale="en")
    sign_in(context, tomas(), home)
    page = context.new_page()
    watch = Watch(page, home)
    page.goto(f"{home}/mentor/")
    page.locator("a.sign").click()
    for row in page.locator("[data-levels]").all():
        row.get_by_label("Meets" if accept else "Developing", exact=True).check()
    page.get_by_label("Feedback").fill("Well baked." if accept else "Weigh the water too.")
    page.get_by_role("button", name="Accept" if accept else "Ask for changes", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No evidence waits for you")
    assert watch.faults == []
    context.close()


def _see_feedback(page: Page, home: str, words: str) -> None:
    page.goto(f"{home}/today/")
    page.get_by_role("link", name="Four loaves").first.click()
    expect(page.get_by_text(words)).to_be_visible()


def _go_quiet(span: timedelta) -> None:
    """Let so much time go by, up to a morning hour at which letters may leave."""
    later = (clock.now() + span).replace(hour=10, minute=0)
    clock.move(clock.offset() + (later - clock.now()))


def _stop_by_one_click(letter: EmailMessage) -> None:
    """What a mail program does at “unsubscribe”: one POST, without cookies. Opening the link first changes nothing."""
    address = _stop_link(letter)
    kind = urlsplit(address).path.split("/")[3].partition(".")[0]
    with urllib.request.urlopen(address) as seen:  # noqa: S310  # our own server's
        assert seen.status == 200
    with urllib.request.urlopen(address, data=b"List-Unsubscribe=One-Click") as stopped:  # noqa: S310  # as above
        assert stopped.status == 200
    assert LetterWishes.objects.get(person__email="nela@example.org").is_stopped(kind)


def _stop_all(letter: EmailMessage) -> None:
    with urllib.request.urlopen(_stop_link(letter), data=b"do=all") as stopped:  # noqa: S310  # our own server's
        assert stopped.status == 200


def _stop_link(letter: EmailMessage) -> str:
    return str(letter["List-Unsubscribe"]).strip(" <>")


def _text(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
