"""The stage's page at work: rows moved by drag, buttons and keys, a resource suggested, Markdown seen while typing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect

from roadmap.models import Placement, Resource, Stage, Topic
from tests.browser.watch import Watch, sign_in
from tests.cast import noor, road

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stage() -> Stage:
    stage = Stage.objects.get(roadmap=road(), key="base")
    Topic.objects.create(roadmap=stage.roadmap, stage=stage, key="clouds", title="Clouds", position=3)
    Resource.objects.create(
        key="sky", title="A book of the sky", author="Ann Ridge", url="https://e.org", type="book"
    )
    return stage


@pytest.fixture
def watch(browser: Browser, live_server, settings, stage) -> Iterator[Watch]:
    settings.SITE_URL = live_server.url
    context = browser.new_context(viewport={"width": 1280, "height": 1400}, locale="en")
    sign_in(context, noor(), live_server.url)
    watch = Watch(context.new_page(), live_server.url)
    watch.open(reverse("admin:authoring_stage", args=[stage.pk]))
    yield watch
    context.close()


def names(page: Page) -> list[str]:
    rows = page.locator("#topics > [data-row]")
    return [rows.nth(n).get_attribute("data-name") or "" for n in range(rows.count())]


def row(page: Page, name: str) -> Locator:
    return page.locator(f"#topics > [data-row][data-name='{name}']")


def drag(page: Page, what: Locator, to: Locator) -> None:
    grip, goal = what.locator("[data-grip]").first.bounding_box(), to.bounding_box()
    assert grip
    assert goal
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(goal["x"] + 20, goal["y"] + 20, steps=5)
    page.mouse.move(goal["x"] + 20, goal["y"] + 4, steps=3)
    page.mouse.up()


def test_a_stage_is_built_with_mouse_and_keyboard(watch, stage):
    page = watch.page
    said = page.locator("[data-order-said]")

    # by the buttons, the focus staying where it is
    row(page, "Rocks").get_by_role("button", name="Move down: Rocks").focus()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("“Rocks” is now 2 of 3.")
    assert names(page) == ["Knots", "Rocks", "Clouds"]
    expect(page.get_by_role("button", name="Move down: Rocks")).to_be_focused()
    said.get_by_role("button", name="Undo").click()
    assert names(page) == ["Rocks", "Knots", "Clouds"]

    # by Alt and an arrow; by drag
    row(page, "Clouds").get_by_label("Title").focus()
    page.keyboard.press("Alt+ArrowUp")
    assert names(page) == ["Rocks", "Clouds", "Knots"]
    drag(page, row(page, "Knots"), row(page, "Rocks"))
    assert names(page) == ["Knots", "Rocks", "Clouds"]
    expect(said).to_contain_text("“Knots” is now 1 of 3.")

    # a resource suggested while typing, taken by keyboard
    clouds = row(page, "Clouds")
    clouds.locator("summary").click()
    field = clouds.get_by_role("combobox", name="Add a resource")
    field.press_sequentially("ann sk")
    expect(clouds.get_by_role("listbox").get_by_role("option")).to_contain_text("A book of the sky")
    watch.look()
    field.press("ArrowDown")
    field.press("Enter")
    expect(clouds.get_by_role("link", name="A book of the sky")).to_be_visible()

    # Markdown, drawn by the server while it is typed
    page.get_by_label("Why it matters").fill("It **is** there.")
    expect(page.get_by_role("group", name="Preview").locator("strong")).to_have_text("is")

    # a topic more, without a fault from axe, and all of it saved at once
    page.get_by_role("button", name="Add a topic").click()
    page.keyboard.type("Maps at night")
    watch.look()
    page.get_by_role("button", name="Save and go on editing").click()
    expect(page.get_by_text("The draft of this stage is saved.")).to_be_visible()

    stage.refresh_from_db()
    assert stage.why == "It **is** there."
    order = stage.topics.order_by("position").values_list("title", flat=True)
    assert list(order) == ["Knots", "Rocks", "Clouds", "Maps at night"]
    assert Placement.objects.get(topic__key="clouds").resource.key == "sky"
    assert not watch.faults, "\n" + "\n".join(watch.faults)


def test_what_was_typed_and_not_saved_is_offered_again(watch, stage):
    page = watch.page
    page.get_by_label("Summary").fill("Typed before the lights went out.")
    expect(page.locator("[data-typed-said]")).to_be_visible()
    page.reload()
    expect(page.get_by_text("still on this device")).to_be_visible()

    page.get_by_role("button", name="Put it back").click()

    expect(page.get_by_label("Summary")).to_have_value("Typed before the lights went out.")
    stage.refresh_from_db()
    assert stage.summary == ""
    assert not watch.faults, "\n" + "\n".join(watch.faults)
