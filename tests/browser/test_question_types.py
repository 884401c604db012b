"""Every type of question in a real browser, with the keyboard alone; and how every type reads."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from quizzes.models import Attempt, PaperItem, Question, Quiz
from tests import cast
from tests.browser.test_every_page import LOOKS, SOON, Look
from tests.browser.watch import Watch, sign_in
from tests.quizzes.test_bodies import EXAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUIZ = "/roads/trail-test/quizzes/base-quiz/"
PLAYER = f"{QUIZ}attempts/1/"
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures to look at
UNITS = {**EXAMPLES["numeric"], "unit": "kg", "units": [{"unit": "g", "factor": 0.001}]}


@pytest.fixture
def player(page: Page, live_server: Any) -> Page:
    """Ines before one question of each type, in a fixed order."""
    cast.enrolled(cast.ines())
    quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    quiz.items.all().delete()
    for place, (type_, example) in enumerate({**EXAMPLES, "numeric": UNITS}.items()):
        question = Question.objects.create(key=f"q-{type_.replace('_', '-')}", type=type_, draft=example)
        PaperItem.objects.create(quiz=quiz, question=question, position=place)
    quiz.shuffle = False
    quiz.save()
    quiz.publish(None, cast.EARLIER)
    sign_in(page.context, cast.ines(), str(live_server.url))
    page.goto(str(live_server.url) + QUIZ)
    page.get_by_role("button", name="Start the quiz").click()
    page.wait_for_url(re.compile(PLAYER))
    return page


def slot(type_: str) -> int:
    return list(EXAMPLES).index(type_) + 1


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _press in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(selector)


def put_in_order(page: Page) -> None:
    """Move each item up until it stands where it belongs, by the buttons; the focus goes with it."""
    block = f"#q{slot('ordering')}"
    tab_to(page, f"{block} li:first-child [data-move='1']")
    page.keyboard.press("Enter")  # so that something is moved, whatever the order was
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    for place, key in enumerate(("first", "second", "third", "fourth")):
        texts = [text.strip() for text in page.locator(f"{block} [data-text]").all_inner_texts()]
        if (stands := texts.index(f"Step {key}")) > place:
            tab_to(page, f"{block} li:nth-child({stands + 1}) [data-move='-1']")
            for _step in range(stands - place):
                page.keyboard.press("Enter")


def test_each_type_is_answered_with_the_keyboard_alone(player):
    tab_to(player, f"#q{slot('single')} input")
    player.keyboard.press("Space")
    tab_to(player, f"#q{slot('multiple')} input[value=a]")
    player.keyboard.press("Space")
    tab_to(player, f"#q{slot('multiple')} input[value=b]")
    player.keyboard.press("Space")
    tab_to(player, f"#q{slot('true_false')} input")
    player.keyboard.press("ArrowDown")
    tab_to(player, f"#q{slot('numeric')} input")
    player.keyboard.type("2500")
    player.keyboard.press("Tab")
    player.keyboard.type("g")
    tab_to(player, f"#q{slot('short_text')} input")
    player.keyboard.type("melt")
    put_in_order(player)
    for prompt, choice in (("one", "a tuple"), ("two", "a series")):
        tab_to(player, f"#q{slot('matching')}-{prompt}")
        player.keyboard.type(choice)
    tab_to(player, f"#q{slot('code_output')} textarea")
    player.keyboard.type("   1\nTrue")
    tab_to(player, f"#q{slot('cloze')} [data-part='1']")
    player.keyboard.type("5")
    player.keyboard.press("Tab")
    player.keyboard.type("Option 0")
    player.keyboard.press("Tab")
    player.keyboard.type("TimeSeriesSplit")
    tab_to(player, f"#q{slot('long_text')} textarea")
    player.keyboard.type("Leakage.\nEach row knows the next one.")
    expect(player.locator("[data-words-said]")).to_have_text("7 words so far.")
    expect(player.locator("[data-answered]")).to_have_text(str(len(EXAMPLES)))
    expect(player.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    expect(player.get_by_text("“Step", exact=False)).to_contain_text("is now")
    player.reload()
    expect(player.locator("[data-answered]")).to_have_text(str(len(EXAMPLES)))
    expect(player.locator(f"#q{slot('long_text')} textarea")).to_have_value(
        "Leakage.\nEach row knows the next one."
    )
    tab_to(player, "[data-hand-in]")
    player.keyboard.press("Enter")
    player.wait_for_url(re.compile("hand-in"))
    tab_to(player, "main button")
    player.keyboard.press("Enter")

    expect(player.get_by_role("heading", level=1)).to_have_text(
        "9 of 10 so far. One answer waits for a mentor."
    )


def test_items_are_dragged_and_an_order_may_be_right_as_it_stands(player):
    block = player.locator(f"#q{slot('ordering')}")
    keep = block.get_by_role("button", name="It is right as it stands")
    keep.click()
    expect(keep).to_be_hidden()
    before = block.locator("[data-text]").all_inner_texts()
    grips = block.locator(".grip")
    start, end = grips.nth(0).bounding_box(), grips.nth(2).bounding_box()
    assert start is not None
    assert end is not None
    player.mouse.move(start["x"] + 8, start["y"] + 20)
    player.mouse.down()
    player.mouse.move(end["x"] + 8, end["y"] + 22, steps=8)
    player.mouse.up()
    expect(player.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)

    assert block.locator("[data-text]").all_inner_texts() == [before[1], before[2], before[0], before[3]]
    assert sorted(Attempt.objects.get().values()[slot("ordering")].values()) == ["1", "2", "3", "4"]  # type: ignore[attr-defined]  # a mapping


def look_at(watch: Watch, path: str, looks: list[Look]) -> None:
    """Open a page in these themes and widths, with all that folds unfolded."""
    page = watch.page
    for theme, width in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.context.add_cookies([{"name": "theme", "value": theme, "url": watch.home}])
        watch.open(path)
        page.locator("details.acc").evaluate_all("folds => folds.forEach((fold) => (fold.open = true))")
        watch.look()
        if SHOTS:
            name = path.strip("/").rpartition("/")[2]
            page.screenshot(path=f"{SHOTS}/{name}-{theme}-{width}.png", full_page=True)


@pytest.mark.parametrize(
    "looks",
    [pytest.param(sorted(SOON), id="soon"), pytest.param(LOOKS, id="all", marks=pytest.mark.long)],
)
def test_each_type_and_its_review_read_well_in_both_themes_and_widths(player, live_server, looks):
    home = str(live_server.url)
    watch = Watch(player, home)
    player.locator(f"#q{slot('ordering')} [data-move='1']").first.click()
    player.locator(f"#q{slot('code_output')} textarea").fill("1\nTrue")
    player.locator(f"#q{slot('cloze')} [data-part='3']").fill("KFold")
    player.locator(f"#q{slot('matching')}-one").select_option(label="a tuple")
    expect(player.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    look_at(watch, PLAYER, looks)
    watch.open(f"{PLAYER}hand-in/")
    player.get_by_role("button", name="Hand in now").click()
    player.wait_for_url(re.compile("result"))
    look_at(watch, f"{PLAYER}result/", looks)

    assert watch.faults == []
