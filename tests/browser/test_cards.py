"""Review cards in a real browser: a whole session by keys alone, the same without script, and how its pages look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts import clock
from quizzes.memory import Rating
from quizzes.models import Card, CardReview, CardSettings
from tests import cast
from tests.browser.watch import Watch, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def home(live_server: Any) -> str:
    """Ines missed three of ten."""
    now = clock.now() - timedelta(hours=1)
    cast.take_quiz(cast.enrolled(cast.ines()), "base-quiz", points=7, now=now)
    return str(live_server.url)


def press(page: Page, key: str) -> None:
    """A key, and the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press(key)


def ratings() -> list[int]:
    return list(CardReview.objects.standing().order_by("id").values_list("rating", flat=True))


def test_a_whole_session_with_the_keyboard_alone(page: Page, home: str):
    sign_in(page.context, cast.ines(), home)
    watch = Watch(page, home)
    watch.open("/cards/")
    watch.look()
    page.get_by_role("button", name="Review 3 cards").focus()
    press(page, "Enter")
    watch.look()
    expect(page.get_by_text("Card 1 of 3")).to_be_visible()

    page.get_by_label("False").focus()
    page.keyboard.press("Space")  # chooses, for the focus is in a field
    page.keyboard.press("3")
    page.keyboard.press("e")
    expect(page.get_by_label("False")).to_be_checked()
    page.get_by_label("False").evaluate("field => field.blur()")
    press(page, "Space")
    expect(page.locator("#answer")).to_be_focused()
    expect(page.get_by_text("CANARY-WHY")).to_be_visible()
    watch.look()
    press(page, "4")
    expect(page.get_by_text("Card 1 marked Easy")).to_be_visible()
    watch.look()
    press(page, "u")
    expect(page.get_by_text("Card 1 of 3")).to_be_visible()
    assert ratings() == []

    for key in ("1", "3", "3"):
        press(page, " ")
        press(page, key)
    expect(page.get_by_text("Card 4 of 4")).to_be_visible()
    press(page, "e")
    expect(page.get_by_role("heading", level=1)).to_have_text("3 cards answered.")
    watch.look()
    assert ratings() == [Rating.NOT_YET, Rating.GOOD, Rating.GOOD]
    assert Card.objects.suspended().count() == 1
    watch.open("/cards/")
    watch.look()
    assert watch.faults == []


def test_keys_that_are_switched_off_do_nothing(page: Page, home: str):
    CardSettings.objects.change(cast.ines(), uses_keys=False)
    sign_in(page.context, cast.ines(), home)
    page.goto(f"{home}/cards/")
    page.get_by_role("button", name="Review 3 cards").click()

    page.keyboard.press("e")
    expect(page.locator("main kbd")).to_have_count(0)
    assert not Card.objects.suspended().exists()


def test_the_same_without_script(browser: Browser, home: str):
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page.context, cast.ines(), home)
    page.goto(f"{home}/cards/")
    page.get_by_role("button", name="Review 3 cards").click()
    for word in ("Not yet", "Good", "Easy", "Good"):
        page.get_by_label("True").check()
        page.get_by_role("button", name="Show the answer").click()
        page.get_by_role("button", name=word).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("3 cards answered.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Card 4 of 4")).to_be_visible()
    page.get_by_role("button", name="Put aside").click()
    page.goto(f"{home}/cards/")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("1 due")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "theme"),
    [
        (360, "dark"),
        pytest.param(360, "light", marks=pytest.mark.long),
        pytest.param(1280, "dark", marks=pytest.mark.long),
    ],
)
def test_the_pages_read_well_in_both_themes_and_widths(page: Page, home: str, width: int, theme: str):
    sign_in(page.context, cast.ines(), home)
    page.set_viewport_size({"width": width, "height": 800})
    page.context.add_cookies([{"name": "theme", "value": theme, "url": home}])
    watch = Watch(page, home)
    watch.open("/cards/")
    watch.look()
    page.get_by_role("button", name="Review 3 cards").click()
    watch.look()
    page.get_by_role("button", name="Show the answer").click()
    watch.look()
    page.get_by_role("button", name="Good").click()
    watch.look()
    watch.open("/cards/session/")
    watch.look()
    watch.open("/today/")
    watch.look()

    assert watch.faults == []
