"""The player's clock, its pages, flags and the question how sure one is; with script and without."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts import clock
from quizzes.models import Answer, Attempt, Quiz
from tests import cast
from tests.browser.test_every_page import LOOKS, SOON, Look
from tests.browser.watch import Watch, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUIZ = "/roads/trail-test/quizzes/base-quiz/"
PLAYER = f"{QUIZ}attempts/1/"
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures to look at


@pytest.fixture
def home(live_server: Any) -> str:
    cast.enrolled(cast.ines())
    return str(live_server.url)


def published(**policies: object) -> None:
    quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    for name, value in policies.items():
        setattr(quiz, name, value)
    quiz.save()
    quiz.publish(None, cast.EARLIER)


def begun(page: Page, home: str) -> Page:
    sign_in(page.context, cast.ines(), home)
    page.goto(home + QUIZ)
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile(PLAYER))
    return page


def choose(page: Page, question: int, answer: str) -> None:
    page.locator(f"#q{question}").get_by_label(answer).check()


def flag(page: Page, question: int) -> Any:
    return page.get_by_role("button", name=re.compile(f"Flag question {question} "))


def test_questions_stand_on_pages_are_flagged_and_say_how_sure_one_is(page, home):
    published(per_page=2, draw=4, asks_confidence=True)
    player = begun(page, home)
    choose(player, 1, "True")
    player.get_by_role("group", name="How sure are you?").first.get_by_text("not sure").click()
    flag(player, 2).click()
    expect(flag(player, 2)).to_have_attribute("aria-pressed", "true")
    expect(player.locator("#q3")).to_be_hidden()
    player.get_by_role("button", name="Next").click()
    expect(player.locator("#q3-title")).to_be_focused()
    expect(player.locator("#q1")).to_be_hidden()
    choose(player, 3, "False")
    expect(player.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    player.reload()
    expect(player.locator("#q3").get_by_label("False")).to_be_checked()
    player.locator("[data-slot-link='1']").click()
    expect(player.locator("#q1").get_by_label("True")).to_be_checked()
    expect(player.get_by_label("not sure").first).to_be_checked()
    assert Attempt.objects.get().flagged == [2]
    assert dict(Answer.objects.that_count().newest().values_list("slot", "confidence")) == {1: 2, 3: None}
    player.get_by_role("button", name="Hand in").click()

    expect(player.get_by_role("listitem").filter(has_text="Question 2")).to_contain_text("flagged")
    expect(player.get_by_role("heading", level=1)).to_have_text("2 questions are still open")


def test_without_script_each_button_saves_what_is_typed(browser: Browser, home: str):
    published(per_page=1, draw=3, asks_confidence=True)
    page = browser.new_context(java_script_enabled=False).new_page()
    player = begun(page, home)
    choose(player, 1, "True")
    player.get_by_role("group", name="How sure are you?").first.get_by_text("I guessed").click()
    player.get_by_role("button", name="Next").click()
    choose(player, 2, "False")
    flag(player, 2).click()
    expect(flag(player, 2)).to_have_attribute("aria-pressed", "true")
    player.locator("[data-slot-link='1']").click()

    expect(player.locator("#q1").get_by_label("True")).to_be_checked()
    expect(player.get_by_label("I guessed").first).to_be_checked()
    attempt = Attempt.objects.get()
    assert (attempt.values(), attempt.flagged) == ({1: "true", 2: "false"}, [2])
    assert attempt.confidences() == {1: 1, 2: None}


def test_without_script_one_of_two_answers_is_picked_by_a_button(browser: Browser, home: str):
    published(draw=3)
    page = browser.new_context(java_script_enabled=False).new_page()
    player = begun(page, home)
    overtaken("false", "true")
    player.goto(home + PLAYER + "hand-in/")
    player.get_by_role("button", name="Take this").first.click()

    player.wait_for_url(re.compile(f"{PLAYER}$"))
    assert Attempt.objects.get().values() == {1: "false"}


def overtaken(older: str, newer: str) -> None:
    """An older page said one thing about the first question, the newer one another."""
    attempt = Attempt.objects.get()
    before = attempt.epoch
    attempt.open(clock.now())
    attempt.save_answers(attempt.epoch, [cast.answer(1, newer)], clock.now())
    Attempt.objects.save_to(attempt, before, [cast.answer(1, older)], clock.now())


def test_q22_the_clock_is_hidden_and_speaks_once_and_an_extension_moves_it(page, home):
    published(time_limit_minutes=30)
    player = begun(page, home)
    expect(player.locator("[data-timer-said]")).to_have_text("")
    clock.move(timedelta(minutes=25, seconds=5))
    player.reload()
    expect(player.locator("[data-timer-said]")).to_have_text("Five minutes left.")
    player.get_by_role("button", name="Hide time").click()
    player.reload()
    expect(player.locator("[data-timer] .num")).to_be_hidden()
    expect(player.locator("[data-timer-said]")).to_have_text("")
    player.get_by_role("button", name="Show time").click()
    attempt = Attempt.objects.get()
    assert attempt.deadline_at is not None
    attempt.extend(attempt.deadline_at + timedelta(minutes=20), by=None, reason="alarm", now=clock.now())
    choose(player, 1, "True")

    expect(player.locator("[data-timer-said]")).to_have_text("You have more time now.", timeout=15_000)
    expect(player.locator("[data-timer] .num")).to_have_text(re.compile("^2[34]:"))


def test_when_time_is_up_answers_can_be_read_and_handed_in_for_a_while(page, home):
    published(time_limit_minutes=30, overtime="grace", overtime_minutes=20)
    player = begun(page, home)
    choose(player, 1, "True")
    expect(player.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    clock.move(timedelta(minutes=29, seconds=56))
    player.reload()

    expect(player.get_by_text("Answers can no longer be changed; hand in until")).to_be_visible(
        timeout=30_000
    )
    expect(player.locator("#q1").get_by_label("True")).to_be_disabled()
    clock.move(timedelta(minutes=35))
    player.get_by_role("link", name="Hand in").click()
    player.get_by_role("button", name="Hand in now").click()
    expect(player.get_by_role("heading", level=1)).to_contain_text("1 of 10")


def see(watch: Watch, looks: list[Look], name: str) -> None:
    """Look at the page as it is in these themes and widths."""
    page = watch.page
    for theme, width in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("theme => document.documentElement.setAttribute('data-theme', theme)", theme)
        watch.look()
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{theme}-{width}.png", full_page=True)


@pytest.mark.parametrize(
    "looks",
    [pytest.param(sorted(SOON), id="soon"), pytest.param(LOOKS, id="all", marks=pytest.mark.long)],
)
def test_every_state_reads_well_in_both_themes_and_widths(page, home, looks):
    published(draw=3, per_page=2, asks_confidence=True, time_limit_minutes=40)
    page.emulate_media(reduced_motion="reduce")  # colours change at once
    player = begun(page, home)
    watch = Watch(player, home)
    flag(player, 2).click()
    choose(player, 1, "True")
    expect(player.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    see(watch, looks, "saved")
    overtaken("false", "true")
    player.goto(home + PLAYER)
    see(watch, looks, "differences")
    player.route("**/answers/", lambda route: route.fulfill(status=503))
    choose(player, 2, "True")
    expect(player.locator("[data-offline]")).to_be_visible()
    see(watch, looks, "offline")
    player.unroute("**/answers/")
    expect(player.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    player.context.clear_cookies(name="sessionid")
    choose(player, 2, "False")
    expect(player.locator("[data-sign-in]")).to_be_visible(timeout=15_000)
    see(watch, looks, "signed-out")
    sign_in(player.context, cast.ines(), home)
    expect(player.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    player.context.new_page().goto(home + PLAYER)
    expect(player.locator("[data-taken-over]")).to_be_visible()
    player.bring_to_front()  # colours stand still in a tab behind
    see(watch, looks, "taken")
    watch.open(f"{PLAYER}hand-in/")
    see(watch, looks, "hand-in")
    watch.open("/signed-in/")
    see(watch, looks, "signed-in")

    assert [fault for fault in watch.faults if "503" not in fault] == []
