"""The sample page in examples/frontend does its three steps in a real browser, from another origin."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Page, expect

from progress.models import Tick
from tests.api.conftest import secret_of
from tests.browser.watch import Watch
from tests.cast import enrolled, ines

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOLDER = Path(django_settings.BASE_DIR) / "examples" / "frontend"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def other_origin() -> Iterator[str]:
    """The folder, served as its README says, by a server that is not ours."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(FOLDER))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def sample(page: Page, other_origin: str, live_server: Any, settings: Any) -> Page:
    """The sample page, its origin named to Waymark, with the address of Waymark typed in."""
    settings.CORS_ALLOWED_ORIGINS = [other_origin]
    enrolled(ines())
    page.goto(other_origin)
    page.get_by_label("Address of Waymark").fill(live_server.url)
    return page


def sign_in(page: Page, secret: str) -> None:
    page.get_by_label("Token").fill(secret)
    page.get_by_role("button", name="Show my standing").click()


def test_it_signs_in_shows_standing_and_ticks(sample: Page, other_origin: str, live_server: Any) -> None:
    watch = Watch(sample, other_origin)
    watch.look()

    sign_in(sample, secret_of(ines()))

    expect(sample.get_by_role("heading", name="Signed in as Ines Moreau")).to_be_focused()
    expect(sample.get_by_text("0 of 3 stages passed, 0 of 5 core resources ticked.")).to_be_visible()
    expect(sample.get_by_role("listitem").first).to_have_text("Base you are here")

    sample.get_by_role("checkbox", name="R-Rocks").check()

    expect(sample.get_by_role("status")).to_have_text("Ticked: R-Rocks.")
    expect(sample.get_by_text("1 of 5 core resources ticked.")).to_be_visible()
    assert Tick.objects.get().resource.key == "r-rocks"

    sample.get_by_role("checkbox", name="R-Rocks").uncheck()
    expect(sample.get_by_role("status")).to_have_text("Not ticked any more: R-Rocks.")
    assert not Tick.objects.exists()
    sample.set_viewport_size({"width": 360, "height": 800})
    watch.look()
    asks_waymark = f"asked another host: {live_server.url}/api/v1/"
    assert [fault for fault in watch.faults if asks_waymark not in fault] == []


def test_a_wrong_token_and_one_that_only_reads_are_explained(sample: Page) -> None:
    sign_in(sample, "wmk_wrong")
    expect(sample.get_by_role("alert")).to_have_text("This token is unknown, over or revoked.")

    sign_in(sample, secret_of(ines(), "read"))
    sample.get_by_role("checkbox", name="R-Rocks").click()
    expect(sample.get_by_role("alert")).to_have_text("This token may only read. Make one that may write.")
    expect(sample.get_by_role("checkbox", name="R-Rocks")).not_to_be_checked()
    assert not Tick.objects.exists()


def test_an_origin_that_waymark_does_not_name_is_told_so(sample: Page, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = []

    sign_in(sample, secret_of(ines()))

    expect(sample.get_by_role("alert")).to_contain_text("WAYMARK_CORS_ORIGINS")
