"""How a letter reads, and what it tells mail programs."""

import re
from datetime import timedelta

import pytest

from accounts.models import User
from mentoring.models import Review
from reminders.emails import send_reminders
from reminders.models import Letter
from tests.cast import NOW, enrolled, hand_in, ines, pass_stage, tomas
from tests.reminders.moments import LAST, WEEK_LATER, at, quiet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_kinds")]


@pytest.fixture
def sink(mail_goes_to_sink, settings):
    settings.SITE_URL, settings.SITE_HOST = "https://learn.example.org", "learn.example.org"
    return mail_goes_to_sink


@pytest.fixture
def quiet_mail(sink):
    quiet(ines())
    at(WEEK_LATER)
    send_reminders()
    return sink.letters[0]


@pytest.fixture
def feedback_mail(sink):
    version = hand_in(enrolled(ines()))
    _review(version, "The second plot needs axis labels.\n\nThe rest is clear.", "ask_for_changes")
    at(NOW + timedelta(hours=1))
    send_reminders()
    return sink.letters[0]


def _review(version, feedback, decision):
    Review.objects.create(
        version=version, reviewer=tomas(), decision=decision, feedback=feedback, reviewed_at=NOW
    )
    version.submission.ask_for_changes(tomas(), NOW)


def text(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def html(mail) -> str:
    return mail.get_body(("html",)).get_content()


def test_the_headers_say_that_a_machine_wrote_it_and_how_to_stop_it(quiet_mail):
    link = quiet_mail["List-Unsubscribe"].strip(" <>")

    assert quiet_mail["Message-ID"] == f"<{Letter.objects.get().pk}@learn.example.org>"
    assert quiet_mail["Auto-Submitted"] == "auto-generated"
    assert quiet_mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"https://learn\.example\.org/letters/stop/[\w.-]+/", link)


def test_the_quiet_letter_names_road_and_stage_and_leads_there(quiet_mail):
    assert quiet_mail["Subject"] == "Test Trail: go on with Base"
    assert "Hello Ines, there has been no day of study since 10 November." in text(quiet_mail)
    assert "https://learn.example.org/roads/trail-test/stages/base/" in text(quiet_mail)
    assert "0 of 3 stages passed, 0 of 5 core resources done." in text(quiet_mail)


def test_the_quiet_letter_goes_on_where_she_stands(sink):
    enrollment = quiet(ines())
    pass_stage(enrollment, "base", LAST)
    at(WEEK_LATER)

    send_reminders()

    assert sink.letters[0]["Subject"] == "Test Trail: go on with Ridge"
    assert "1 of 3 stages passed" in text(sink.letters[0])


def test_the_last_one_says_that_it_is_the_last(sink):
    quiet(ines())
    at(LAST + timedelta(days=32))

    send_reminders()

    assert "the last letter of this kind until you are back" in text(sink.letters[0])


def test_both_parts_carry_the_same_links(quiet_mail, feedback_mail):
    for mail in (quiet_mail, feedback_mail):
        in_text = set(re.findall(r"https://\S+", text(mail)))

        assert in_text == set(re.findall(r'href="([^"]+)"', html(mail)))


def test_feedback_is_named_and_quoted_without_the_decision_in_the_subject(feedback_mail):
    assert feedback_mail["Subject"] == "Tomas Berg answered: Ridge-Report"
    assert "“The second plot needs axis labels. The rest is clear.”" in text(feedback_mail)
    assert "/roads/trail-test/evidence/ridge-report/" in text(feedback_mail)


def test_feedback_of_a_former_member_is_from_your_mentor(sink):
    hand_in(enrolled(ines())).submission.accept(tomas(), NOW)
    tomas().erase()
    at(NOW + timedelta(hours=1))

    send_reminders()

    assert sink.letters[0]["Subject"] == "Your mentor answered: Ridge-Report"


def test_what_people_wrote_is_escaped(sink):
    version = hand_in(enrolled(ines()))
    _review(version, "<script>alert(1)</script> & so on", "ask_for_changes")
    at(NOW + timedelta(hours=1))

    send_reminders()

    assert "<script>" not in html(sink.letters[0])
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; so on" in html(sink.letters[0])
    assert "<script>alert(1)</script> & so on" in text(sink.letters[0])


def test_styles_stand_in_the_elements_and_nothing_is_fetched(quiet_mail):
    page = html(quiet_mail)

    assert 'style="' in page
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"<(img|link|script)|url\(|@import", page)
    assert len(page.encode()) < 20_000


def test_it_is_in_the_language_of_the_person(quiet_mail):
    assert '<html lang="en"' in html(quiet_mail)
    assert User.objects.get(pk=ines().pk).language == "en"


def test_a_name_of_many_lines_makes_no_header(sink):
    quiet(ines())
    User.objects.get_queryset().filter(pk=ines().pk).update(name="Ines\nBcc: all@example.org")
    at(WEEK_LATER)

    send_reminders()

    assert sink.letters[0]["Bcc"] is None
