"""Formulas in a real browser: typeset under the strict policy, fetched only where a page has one."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import cast, documents
from tests.browser.watch import Watch, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def road_with(body: str) -> None:
    topic = documents.topic("vectors", "r-vectors").model_copy(update={"body": body})
    cast.enrolled(cast.ines(), cast.published(documents.document(documents.stage("math", topics=[topic]))))


def test_a_formula_is_typeset_and_keeps_the_policy(page: Page, live_server: Any) -> None:
    road_with(
        "Take $\\vec{x} \\cdot \\hat{y}$ and\n\n$$\n\\overline{AB} \\le \\sqrt{\\tfrac{1}{n}\\sum_i x_i^2}\n$$\n"
    )
    sign_in(page.context, cast.ines(), live_server.url)
    watch = Watch(page, live_server.url)
    watch.open("/roads/trail-test/stages/math/")

    expect(page.locator(".math .katex-html")).to_have_count(2)
    expect(page.locator(".math math")).to_have_count(2)
    arrow = page.locator(".math.inline svg").first
    assert arrow.evaluate("drawn => drawn.getBoundingClientRect().width") > 2
    watch.look()
    assert watch.faults == []


def test_a_page_without_formulas_fetches_no_typesetter(page: Page, live_server: Any) -> None:
    road_with("It costs $5, not $10.")
    sign_in(page.context, cast.ines(), live_server.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/roads/trail-test/stages/math/", wait_until="networkidle")

    assert any("js/math" in url for url in asked)
    assert not [url for url in asked if "katex" in url]


def test_what_another_typed_as_a_formula_is_not_obeyed(page: Page, live_server: Any) -> None:
    road_with(
        "$\\href{javascript:alert(1)}{x} \\htmlClass{topbar}{y} \\includegraphics{https://example.org/a.png}$"
    )
    sign_in(page.context, cast.ines(), live_server.url)
    watch = Watch(page, live_server.url)
    watch.open("/roads/trail-test/stages/math/")

    expect(page.locator(".math[data-set]")).to_have_count(1)
    assert page.locator(".math a, .math img, .math .topbar").count() == 0
    assert watch.faults == []
