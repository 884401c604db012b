"""Two authors edit the same stage in two browsers: the second is told, and nothing of either is lost."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from roadmap.models import Stage
from tests.browser.watch import Watch, sign_in
from tests.cast import ada, noor, road

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TOLD = 409


def test_the_second_to_save_a_stage_is_told_and_chooses(live_server, browser: Browser):
    stage = Stage.objects.get(roadmap=road(), key="base")
    path = reverse("admin:roadmap_stage_change", args=[stage.pk])
    hers, his = (_at_the_desk(browser, live_server.url, who, path) for who in (noor(), ada()))
    hers.get_by_label("Title", exact=True).first.fill("Her camp")
    hers.get_by_label("Summary").fill("Her summary")
    his.get_by_label("Title", exact=True).first.fill("His camp")
    his.get_by_label("Why it matters").fill("His reason")
    _save(his)

    watch = Watch(hers, live_server.url, _expected=TOLD)
    _save(hers)

    told = hers.get_by_role("alert")
    expect(told).to_contain_text("Changed by Ada Okafor at")
    expect(told.get_by_role("group", name="Title")).to_contain_text("His camp")
    expect(hers.get_by_label("Summary")).to_have_value("Her summary")
    expect(hers.get_by_label("Why it matters")).to_have_value("His reason")
    stage.refresh_from_db()
    assert (stage.title, stage.summary) == ("His camp", "")
    watch.look()

    told.get_by_role("group", name="Title").get_by_label("Yours").check()
    _save(hers)

    expect(hers).not_to_have_url(f"{live_server.url}{path}")
    stage.refresh_from_db()
    assert (stage.title, stage.summary, stage.why) == ("Her camp", "Her summary", "His reason")
    assert watch.faults == []


def test_it_works_without_scripts(live_server, browser: Browser):
    stage = Stage.objects.get(roadmap=road(), key="base")
    path = reverse("admin:roadmap_stage_change", args=[stage.pk])
    hers, his = (_at_the_desk(browser, live_server.url, who, path, scripts=False) for who in (noor(), ada()))
    hers.get_by_label("Title", exact=True).first.fill("Her camp")
    his.get_by_label("Title", exact=True).first.fill("His camp")
    _save(his)
    _save(hers)

    hers.get_by_role("alert").get_by_label("Theirs, saved").check()
    _save(hers)

    stage.refresh_from_db()
    assert stage.title == "His camp"
    assert stage.history.count() == 2


def _at_the_desk(browser: Browser, home: str, person, path: str, *, scripts: bool = True) -> Page:
    context = browser.new_context(java_script_enabled=scripts)
    sign_in(context, person, home)
    page = context.new_page()
    page.goto(f"{home}{path}")
    return page


def _save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.wait_for_load_state()
