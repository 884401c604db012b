"""The palette by keyboard alone, in a real browser: opened, moved through, left, and silent while somebody types."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.cast import road

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def front_page(page: Page, live_server) -> Page:
    road()
    page.goto(live_server.url + reverse("roadmap:roads"))
    return page


def test_it_opens_finds_and_leads_by_keyboard_alone(front_page, live_server):
    field = front_page.get_by_role("combobox", name="Go to a page, a road, a topic or a resource")

    front_page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(front_page.get_by_role("option", name="Library", exact=True)).to_be_visible()

    front_page.keyboard.type("summit")
    option = front_page.get_by_role("option", name="Summit Stage")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id"))

    front_page.keyboard.press("ArrowDown")
    expect(front_page.get_by_role("option", name="All of “summit”")).to_have_attribute(
        "aria-selected", "true"
    )
    front_page.keyboard.press("Enter")
    front_page.wait_for_url(live_server.url + reverse("progress:search") + "?q=summit")
    expect(front_page.get_by_role("status").first).to_contain_text("for “summit”")


def test_escape_gives_the_focus_back(front_page):
    opener = front_page.get_by_role("link", name="Test Trail")
    opener.focus()

    front_page.keyboard.press("/")
    expect(front_page.get_by_role("dialog", name="Go to anything")).to_be_visible()
    front_page.keyboard.press("Escape")

    expect(front_page.get_by_role("dialog", name="Go to anything")).to_be_hidden()
    expect(opener).to_be_focused()


def test_it_stays_shut_while_somebody_types(front_page, live_server):
    front_page.goto(live_server.url + reverse("progress:search"))
    field = front_page.get_by_role("searchbox")
    field.focus()

    front_page.keyboard.type("a/b")
    front_page.keyboard.press("Control+k")

    expect(field).to_have_value("a/b")
    expect(front_page.get_by_role("dialog", name="Go to anything")).to_be_hidden()


def test_the_link_in_the_bar_opens_it_and_without_scripts_leads_to_the_search_page(
    front_page, browser, live_server
):
    front_page.get_by_role("link", name="Search", exact=True).click()
    expect(front_page.get_by_role("dialog", name="Go to anything")).to_be_visible()

    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(live_server.url + reverse("roadmap:roads"))
    plain.get_by_role("link", name="Search", exact=True).click()
    plain.get_by_role("searchbox").fill("summit")
    plain.get_by_role("button", name="Search").click()
    expect(plain.get_by_role("heading", name="Best match first")).to_be_visible()
    context.close()
