"""The player in a real browser: answers are saved as they are given, by one page at a time, and without script too."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from accounts import clock
from quizzes.models import Attempt, Quiz
from tests import cast
from tests.browser.test_every_page import LOOKS, SOON
from tests.browser.watch import Watch, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUIZ = "/roads/trail-test/quizzes/base-quiz/"
PLAYER = f"{QUIZ}attempts/1/"


@pytest.fixture
def home(live_server: Any) -> str:
    cast.enrolled(cast.ines())
    return str(live_server.url)


@pytest.fixture
def player(page: Page, home: str) -> Page:
    """The player that Ines opened by starting the quiz."""
    sign_in(page.context, cast.ines(), home)
    page.goto(home + QUIZ)
    page.get_by_role("button", name="Start the quiz").click()
    page.wait_for_url(re.compile(PLAYER))
    return page


def choose(page: Page, question: int, answer: str) -> None:
    page.locator(f"#q{question}").get_by_label(answer).check()


def test_answers_are_saved_as_they_are_given_and_are_there_on_return(player, home):
    watch = Watch(player, home)
    choose(player, 1, "True")
    choose(player, 2, "False")
    expect(player.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    expect(player.locator("[data-answered]")).to_have_text("2")
    player.reload()

    expect(player.locator("#q1").get_by_label("True")).to_be_checked()
    expect(player.locator("#q2").get_by_label("False")).to_be_checked()
    assert Attempt.objects.get().values() == {1: "true", 2: "false"}
    watch.look()
    assert watch.faults == []


@pytest.mark.parametrize(
    "look", [pytest.param(look, marks=[] if look in SOON else pytest.mark.long) for look in LOOKS]
)
def test_every_page_of_a_quiz_reads_well_in_both_themes_and_widths(player, home, look):
    theme, width = look
    watch = Watch(player, home)
    player.set_viewport_size({"width": width, "height": 800})
    player.context.add_cookies([{"name": "theme", "value": theme, "url": home}])
    for path in (QUIZ, PLAYER, f"{PLAYER}hand-in/"):
        watch.open(path)
        watch.look()
    player.get_by_role("button", name="Hand in now").click()
    watch.look()
    watch.open(QUIZ)
    watch.look()

    assert watch.faults == []


def test_a_second_tab_takes_the_attempt_over(player, home):
    second = player.context.new_page()
    second.goto(home + PLAYER)

    expect(player.get_by_text("You went on in another tab")).to_be_visible(timeout=15_000)
    expect(player.locator("#q1").get_by_label("True")).to_be_disabled()
    player.get_by_role("link", name="Go on here instead").click()
    expect(player.locator("#q1").get_by_label("True")).to_be_enabled()


def test_without_script_the_form_is_sent_whole_and_open_questions_are_listed(browser: Browser, home: str):
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page.context, cast.ines(), home)
    page.goto(home + QUIZ)
    page.get_by_role("button", name="Start the quiz").click()
    for question in range(1, 9):
        choose(page, question, "True")
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 questions are still open")
    page.get_by_role("button", name="Hand in now").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("8 of 10. You passed.")


def test_what_is_chosen_before_the_scripts_came_is_saved(page: Page, home: str):
    held: list[Route] = []

    def held_back(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/quiz\.js"), held_back)
    sign_in(page.context, cast.ines(), home)
    page.goto(home + QUIZ)
    page.get_by_role("button", name="Start the quiz").click(no_wait_after=True)
    choose(page, 1, "True")

    held[0].continue_()

    expect(page.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)


def test_at_zero_the_page_hands_itself_in(page: Page, home: str):
    quiz = Quiz.objects.get(key="base-quiz")
    quiz.time_limit_minutes = 30
    quiz.save()
    quiz.publish(None, cast.EARLIER)
    sign_in(page.context, cast.ines(), home)
    page.goto(home + QUIZ)
    page.get_by_role("button", name="Start the quiz").click()
    choose(page, 1, "True")
    expect(page.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    clock.move(timedelta(minutes=29, seconds=56))
    page.reload()

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "1 of 10. 7 points short of passing.", timeout=30_000
    )
