"""Whatever happens to the line, the tab, the session or the machine while somebody answers: what she typed is kept."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route, expect

from accounts import clock
from accounts.models import User
from quizzes.models import Attempt, PaperItem, Question, Quiz
from tests import cast
from tests.browser.watch import sign_in
from tests.quizzes.test_bodies import EXAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUIZ = "/roads/trail-test/quizzes/base-quiz/"
PLAYER = f"{QUIZ}attempts/1/"
SAVES = "**/answers/"
NO_CONNECTION = "window.fetch = () => Promise.reject(new TypeError('no connection'))"


@pytest.fixture
def home(live_server: Any) -> str:
    """Two questions that are answered with typed text."""
    cast.enrolled(cast.ines())
    quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    quiz.items.all().delete()
    for place in (1, 2):
        question = Question.objects.create(
            key=f"q-typed-{place}", type="short_text", draft=EXAMPLES["short_text"]
        )
        PaperItem.objects.create(quiz=quiz, question=question, position=place)
    quiz.shuffle = False
    quiz.save()
    quiz.publish(None, cast.EARLIER)
    return str(live_server.url)


@pytest.fixture
def player(page: Page, home: str) -> Page:
    """The player that Ines opened."""
    return begun(page, home, cast.ines())


def begun(page: Page, home: str, person: User) -> Page:
    sign_in(page.context, person, home)
    page.goto(home + QUIZ)
    page.get_by_role("button", name=re.compile("Start")).click()
    page.wait_for_url(re.compile(PLAYER))
    return page


def write(page: Page, slot: int, text: str) -> None:
    page.locator(f"#q{slot} input").fill(text)


def said(page: Page, slot: int, text: str) -> None:
    expect(page.locator(f"#q{slot} input")).to_have_value(text)


def state(page: Page, name: str) -> None:
    expect(page.locator(f"[data-save-state={name}]")).to_be_visible(timeout=20_000)


def answers(person: User | None = None) -> dict[int, object]:
    return Attempt.objects.get(person=person or cast.ines()).values()


def eventually(page: Page, is_so: Callable[[], bool], seconds: float = 20) -> None:
    """Look again and again until it is so; what the page asks meanwhile is answered."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, answers()
        page.wait_for_timeout(100)


def unreachable(page: Page) -> None:
    """Whatever is saved meets a server that is not there."""
    page.route(SAVES, lambda route: route.abort())


def other_device(browser: Browser, person: User, home: str) -> BrowserContext:
    context = browser.new_context(locale="en")
    sign_in(context, person, home)
    return context


def test_q05_typing_through_a_cut_connection(player):
    player.context.set_offline(True)
    write(player, 1, "granite")
    state(player, "offline")
    expect(player.locator("[data-offline-rows]")).to_contain_text("Question 1")
    write(player, 2, "marble")
    player.context.set_offline(False)

    state(player, "saved")
    expect(player.locator("[data-offline]")).to_be_hidden()
    assert answers() == {1: "granite", 2: "marble"}


def test_a_reload_while_the_server_is_dead(player):
    unreachable(player)
    write(player, 1, "granite")
    state(player, "offline")
    player.reload()
    said(player, 1, "granite")
    assert answers() == {}
    player.unroute(SAVES)

    eventually(player, lambda: answers() == {1: "granite"})
    state(player, "saved")


def test_a_reload_at_once(player):
    write(player, 1, "granite")
    player.reload()

    said(player, 1, "granite")
    eventually(player, lambda: answers() == {1: "granite"})


def test_leaving_and_the_back_button(player, home):
    write(player, 1, "granite")
    player.get_by_role("link", name="Leave and come back").click()
    player.wait_for_url(re.compile("/stages/"))
    player.go_back()

    said(player, 1, "granite")
    expect(player.locator("[data-taken-over]")).to_be_hidden()
    write(player, 2, "marble")
    eventually(player, lambda: answers() == {1: "granite", 2: "marble"})


def test_closing_the_tab_at_once(player):
    write(player, 1, "granite")
    player.close()

    eventually(player.context.new_page(), lambda: answers() == {1: "granite"})


def test_closing_the_tab_at_once_without_a_connection(player, home):
    context = player.context
    context.set_offline(True)
    write(player, 1, "granite")
    player.close()
    context.set_offline(False)
    assert answers() == {}
    again = context.new_page()
    again.goto(home + PLAYER)

    said(again, 1, "granite")
    eventually(again, lambda: answers() == {1: "granite"})


def test_closing_the_tab_before_the_database_of_the_device_has_answered(page, home):
    page.add_init_script(f"IDBFactory.prototype.open = () => ({{}}); {NO_CONNECTION}")
    player = begun(page, home, cast.ines())
    write(player, 1, "granite")
    player.close()
    assert answers() == {}
    again = player.context.new_page()
    again.goto(home + PLAYER)

    said(again, 1, "granite")
    eventually(again, lambda: answers() == {1: "granite"})
    eventually(again, lambda: again.evaluate("localStorage.length") == 0)


ALL_ROWS = """() => new Promise((said) => {
  indexedDB.open("waymark-answers").onsuccess = ({ target }) => {
    const rows = target.result.transaction("unsent").objectStore("unsent").getAll();
    rows.onsuccess = () => said([...rows.result.map((row) => row.value), ...Object.values(localStorage)]);
  };
})"""


def test_what_the_database_of_the_device_did_not_take_any_more_stands_for_what_it_holds(player, home):
    player.evaluate(f"{NO_CONNECTION}; 0")
    write(player, 1, "gran")
    state(player, "offline")
    assert player.evaluate(ALL_ROWS) == ["gran"]
    player.evaluate("IDBObjectStore.prototype.put = () => ({}); 0")
    write(player, 1, "granite")
    player.close()
    again = player.context.new_page()
    again.goto(home + PLAYER)

    said(again, 1, "granite")
    eventually(again, lambda: answers() == {1: "granite"})
    eventually(again, lambda: again.evaluate(ALL_ROWS) == [])
    again.reload()
    said(again, 1, "granite")
    expect(again.locator("[data-difference]")).to_have_count(0)
    assert list(Attempt.objects.get().answers.values_list("value", flat=True)) == ["granite"]


def test_a_second_tab_goes_on_and_the_first_can_be_read(player, home):
    unreachable(player)
    write(player, 1, "granite")
    second = player.context.new_page()
    second.goto(home + PLAYER)

    said(second, 1, "granite")
    expect(player.get_by_text("You went on in another tab")).to_be_visible()
    expect(player.locator("#q1 input")).to_be_disabled()
    state(second, "saved")
    assert answers() == {1: "granite"}
    player.unroute(SAVES)
    player.get_by_role("link", name="Go on here instead").click()
    expect(player.locator("#q1 input")).to_be_enabled()
    expect(second.locator("#q1 input")).to_be_disabled()


def test_a_second_device_shows_both_answers_and_the_learner_picks_one(player, browser, home):
    player.context.set_offline(True)
    write(player, 1, "granite")
    write(player, 2, "marble")
    state(player, "offline")
    device = other_device(browser, cast.ines(), home)
    newer = device.new_page()
    newer.goto(home + PLAYER)
    write(newer, 1, "slate")
    state(newer, "saved")
    player.context.set_offline(False)
    expect(player.get_by_text("This quiz is open somewhere else")).to_be_visible(timeout=20_000)
    assert answers() == {1: "slate"}
    newer.evaluate("window.dispatchEvent(new Event('online'))")
    expect(newer.locator("[data-difference]")).to_have_count(2, timeout=20_000)
    first = newer.locator("[data-difference='1']")
    expect(first).to_contain_text("granite")
    expect(first).to_contain_text("slate")
    first.get_by_role("button").first.click()

    said(newer, 1, "granite")
    eventually(player, lambda: answers() == {1: "granite"})
    newer.reload()
    expect(newer.locator("[data-difference]")).to_have_count(1)
    expect(newer.locator("[data-difference='2']")).to_contain_text("marble")
    device.close()


def test_q06_an_expired_session_is_renewed_without_leaving_the_page(player, home):
    player.evaluate("window.stayed = true")
    player.context.clear_cookies(name="sessionid")
    write(player, 1, "granite")
    state(player, "signed-out")
    with player.expect_popup() as opened:
        player.get_by_role("link", name="Sign in in a new window").click()
    door = opened.value
    door.get_by_label("Email").fill(cast.ines().email)
    door.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    write(player, 2, "marble")
    door.get_by_role("button", name="Sign in").click()

    eventually(player, lambda: answers() == {1: "granite", 2: "marble"})
    expect(player.locator("[data-sign-in]")).to_be_hidden()
    state(player, "saved")
    assert player.evaluate("window.stayed")


def test_who_signs_in_instead_gets_nothing_of_what_was_typed(player, home, browser):
    other = cast.stranger()
    cast.enrolled(other)
    device = other_device(browser, other, home)
    begun(device.new_page(), home, other)
    device.close()
    player.context.clear_cookies(name="sessionid")
    write(player, 1, "granite")
    state(player, "signed-out")
    sign_in(player.context, other, home)
    player.get_by_role("button", name="I’m signed in again").click()
    expect(player.get_by_text("Somebody else is signed in now.")).to_be_visible()
    write(player, 2, "marble")
    player.evaluate("window.dispatchEvent(new Event('blur'))")
    player.get_by_role("button", name="I’m signed in again").click()
    expect(player.get_by_text("Somebody else is signed in now.")).to_be_visible()
    assert answers(other) == answers() == {}
    sign_in(player.context, cast.ines(), home)
    player.get_by_role("button", name="I’m signed in again").click()

    eventually(player, lambda: answers() == {1: "granite", 2: "marble"})
    assert answers(other) == {}


def test_who_signed_in_unnoticed_gets_nothing_of_what_was_typed(player, home, browser):
    other = cast.stranger()
    cast.enrolled(other)
    device = other_device(browser, other, home)
    begun(device.new_page(), home, other)
    device.close()
    sign_in(player.context, other, home)
    write(player, 1, "granite")
    expect(player.get_by_text("Somebody else is signed in now.")).to_be_visible(timeout=20_000)

    assert answers(other) == answers() == {}


def test_a_frozen_page(player):
    unreachable(player)
    write(player, 1, "granite")
    session = player.context.new_cdp_session(player)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    time.sleep(1.5)
    player.unroute(SAVES)
    assert answers() == {}
    session.send("Page.setWebLifecycleState", {"state": "active"})

    eventually(player, lambda: answers() == {1: "granite"})
    said(player, 1, "granite")


@pytest.mark.parametrize(("status", "headers"), [(503, {}), (429, {"Retry-After": "1"}), (200, {})])
def test_a_server_in_trouble_is_asked_again(player, status, headers):
    """200 with a page instead of an acknowledgement is what the network of a train answers."""
    met = []

    def trouble(route: Route) -> None:
        met.append(route)
        if len(met) > 2:
            route.continue_()
        else:
            route.fulfill(status=status, headers=headers, body="<p>Later.</p>")

    player.route(SAVES, trouble)
    write(player, 1, "granite")

    eventually(player, lambda: answers() == {1: "granite"})
    state(player, "saved")
    assert len(met) == 3


def test_a_server_that_stays_away_is_asked_less_and_less_often(page, home):
    page.clock.install()
    player = begun(page, home, cast.ines())
    met: list[Route] = []

    def away(route: Route) -> None:
        met.append(route)
        route.fulfill(status=503)

    player.route(SAVES, away)
    write(player, 1, "granite")
    for _second in range(60):
        player.clock.run_for(1000)
        player.wait_for_timeout(20)
    assert 4 <= len(met) <= 12
    player.unroute(SAVES)
    player.clock.run_for(31_000)

    eventually(player, lambda: answers() == {1: "granite"})


def test_what_is_typed_while_a_save_is_under_way_is_saved_after_it(player):
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    player.route(SAVES, hold)
    write(player, 1, "granite")
    eventually(player, lambda: bool(held))
    write(player, 1, "granite, not marble")
    held[0].continue_()
    eventually(player, lambda: answers() == {1: "granite"})

    eventually(player, lambda: answers() == {1: "granite, not marble"})
    state(player, "saved")


def test_without_a_store_the_page_says_so_and_does_not_go_unasked(page, home):
    page.add_init_script(
        "IDBFactory.prototype.open = Storage.prototype.setItem ="
        " () => { throw new DOMException('no', 'SecurityError') }"
    )
    player = begun(page, home, cast.ines())
    player.context.set_offline(True)
    player.locator("#q1 input").click()
    player.keyboard.type("granite")
    state(player, "page-only")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    player.on("dialog", stay)
    player.evaluate("setTimeout(() => location.assign('/'), 0)")
    eventually(player, lambda: bool(asked))
    said(player, 1, "granite")
    player.context.set_offline(False)

    eventually(player, lambda: answers() == {1: "granite"})
    state(player, "saved")
    assert asked == ["beforeunload"]


def test_an_answer_that_cannot_be_taken_does_not_hold_up_the_others(player):
    player.locator("#q1 input").evaluate("field => field.removeAttribute('maxlength')")
    write(player, 1, "x" * 20_001)
    write(player, 2, "marble")

    eventually(player, lambda: answers() == {2: "marble"})
    state(player, "refused")
    expect(player.locator("[data-refused]")).to_have_text("1")
    write(player, 1, "granite")
    eventually(player, lambda: answers() == {1: "granite", 2: "marble"})


def test_handing_in_waits_until_everything_is_sent(player):
    player.context.set_offline(True)
    write(player, 1, "granite")
    player.get_by_role("button", name="Hand in").click()
    state(player, "offline")
    said(player, 1, "granite")
    player.context.set_offline(False)
    state(player, "saved")
    player.get_by_role("button", name="Hand in").click()

    expect(player.get_by_role("heading", level=1)).to_have_text("1 question is still open")
    assert answers() == {1: "granite"}


def test_what_the_device_still_held_when_the_attempt_ended_is_kept_beside_its_result(player, home):
    context = player.context
    context.set_offline(True)
    write(player, 1, "granite")
    player.close()
    attempt = Attempt.objects.get()
    attempt.submit(clock.now())
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{home}{PLAYER}result/")

    expect(again.get_by_text("This device still held answers of this attempt.")).to_be_visible(timeout=20_000)
    late = attempt.answers.get()
    assert (late.value, late.is_late, attempt.values()) == ("granite", True, {})
    again.reload()
    expect(again.get_by_text("One answer came after time was over")).to_be_visible()
    expect(again.locator("[data-leftovers]")).to_be_hidden()


def test_what_the_device_held_of_an_attempt_that_is_over_is_sent_by_the_next_one(player, home):
    context = player.context
    context.set_offline(True)
    write(player, 1, "granite")
    player.close()
    first = Attempt.objects.get()
    first.set_aside(by=None, reason="alarm", now=clock.now())
    context.set_offline(False)
    second = Attempt.objects.start(cast.ines(), first.quiz, clock.now())
    again = context.new_page()
    again.goto(f"{home}{QUIZ}attempts/2/")

    eventually(again, first.answers.late().exists)
    said(again, 1, "")
    assert (first.values(), second.values()) == ({}, {})
