"""The letters a person got, to be read here; looking changes nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
import uuid6

from reminders.models import Letter
from reminders.models.letter import LetterState, Reason
from tests.cast import ines, stranger
from tests.reminders.moments import LAST, at

pytestmark = pytest.mark.django_db
INBOX = "/letters/"
WORDS = {
    "subject": "Tomas Berg answered: Notebook 2",
    "preheader": "The feedback waits to be read.",
    "lead": "Hello Ines, Tomas Berg has read your evidence.",
    "kicker": "Read the feedback",
    "step": "Notebook 2",
    "link": "/evidence/",
    "why": "You get this because there is feedback you have not opened.",
    "quote": "Good framing <b>of</b> the question.",
    "quoted": "Tomas Berg",
    "tables": [{"title": "Your week", "rows": [["Monday", "Sourdough"]], "head": ["Day", "Task"]}],
    "standing": "1 of 3 stages passed,",
    "also": [{"title": "Quiz open again", "link": "/roads/", "text": "From Saturday on."}],
    "more": "And 2 more.",
    "note": "See you.",
}


@pytest.fixture
def signed_in(client):
    client.force_login(ines())
    at(LAST)
    return client


def sent(person=None, subject="Your week", *, days_ago=0, **said) -> Letter:
    """A letter that the mail server took."""
    when = LAST - timedelta(days=days_ago, minutes=30)
    return Letter.objects.create(
        id=uuid6.uuid7(),
        recipient=person or ines(),
        kind="quiet",
        occurrence=f"{uuid4()}",
        planned_at=when,
        due_at=when,
        expires_at=when + timedelta(days=3),
        state=LetterState.SENT,
        sent_at=when,
        shown_at=when,
        said={"subject": subject, "preheader": "8 h planned.", **said},
    )


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    for path in (INBOX, f"{INBOX}{sent().pk}/"):
        assert "/accounts/login/" in client.get(path)["Location"]


def test_an_empty_inbox_says_what_will_be_there(signed_in):
    assert "No letter yet" in said(signed_in.get(INBOX))


def test_the_newest_comes_first_with_what_is_unread_marked(signed_in):
    sent(subject="Old one", days_ago=20).mark_read(LAST)
    sent(subject="This week", days_ago=2)
    sent(subject="Today")
    sent(stranger(), subject="Not hers")
    page = said(signed_in.get(INBOX))

    assert "<h1>2 unread</h1>" in page
    assert page.index("Today<span") < page.index("This week<span") < page.index("Old one</a>")
    assert page.count('class="dot"') == 2
    assert ("09:30" in page, "Sun" in page, "21 Oct" in page) == (True, True, True)
    assert "Not hers" not in page


def test_a_letter_is_drawn_from_the_words_that_were_sent(signed_in):
    letter = sent(**WORDS)
    page = said(signed_in.get(f"{INBOX}{letter.pk}/"))

    for words in (
        "Notebook 2",
        "Hello Ines,",
        "Task</th>",
        "Sourdough",
        "1 of 3 stages",
        "From Saturday on.",
        "And 2 more.",
    ):
        assert words in page
    assert "Good framing &lt;b&gt;of&lt;/b&gt; the question." in page
    assert '<a class="btn btn--primary" href="/evidence/">Read the feedback' in page
    assert "Sent by e-mail on Tuesday 10 November, 09:30." in page
    assert "nothing came back" in page
    assert WORDS["why"] in page

    letter.come_back(LAST)
    assert "It came back on Tuesday 10 November, 10:00." in said(signed_in.get(f"{INBOX}{letter.pk}/"))


def test_what_could_not_be_sent_says_why(signed_in):
    letter = sent()
    Letter.objects.update(state=LetterState.HELD_BACK, reason=Reason.SUPPRESSED, sent_at=None)

    assert "Not sent by e-mail: mail to this address comes back." in said(
        signed_in.get(f"{INBOX}{letter.pk}/")
    )


def test_a_letter_without_its_words_has_the_name_of_its_kind(signed_in):
    letter = sent()
    Letter.objects.update(said={})

    for path in (INBOX, f"{INBOX}{letter.pk}/"):
        assert "When you’ve been away" in said(signed_in.get(path)) or "away" in said(signed_in.get(path))


def test_looking_changes_nothing_saying_so_does(signed_in):
    letter = sent()
    reading = f"{INBOX}{letter.pk}/reading/"
    for ask in (signed_in.get, signed_in.head):
        assert ask(f"{INBOX}{letter.pk}/").status_code == 200
    assert signed_in.get(reading).status_code == 405
    assert signed_in.post(reading, {"read": "perhaps"}).status_code == 422
    letter.refresh_from_db()
    assert letter.read_at is None

    assert signed_in.post(reading, {"read": "1"})["Location"] == f"{INBOX}{letter.pk}/"
    letter.refresh_from_db()
    assert letter.read_at == LAST or abs(letter.read_at - LAST) < timedelta(minutes=1)
    assert "Mark as unread" in said(signed_in.get(f"{INBOX}{letter.pk}/"))

    assert (
        signed_in.post(f"{reading}?show=people&page=1", {"read": "0"})["Location"]
        == "/letters/?show=people&page=1"
    )
    letter.refresh_from_db()
    assert letter.read_at is None


def test_a_script_gets_the_list_anew(signed_in):
    letter = sent()
    answer = signed_in.post(f"{INBOX}{letter.pk}/reading/", {"read": "1"}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "<html" not in said(answer)
    assert "<h1>Your letters</h1>" in said(answer)
    assert "Mark as unread" in said(answer)


def test_a_stranger_finds_no_letter_of_hers(signed_in, client):
    letter = sent()
    planned = sent()
    Letter.objects.filter(pk=planned.pk).update(state=LetterState.PLANNED, shown_at=None)
    assert signed_in.get(f"{INBOX}{planned.pk}/").status_code == 404

    client.force_login(stranger())
    assert client.get(f"{INBOX}{letter.pk}/").status_code == 404
    assert client.post(f"{INBOX}{letter.pk}/reading/", {"read": "1"}).status_code == 404


def test_the_list_is_narrowed_and_paged_in_as_many_questions(signed_in, django_assert_num_queries):
    sent(subject="From Tomas", quoted="Tomas Berg", days_ago=1)
    signed_in.get(INBOX)
    with django_assert_num_queries(5):  # who, session, count, unread, list
        signed_in.get(INBOX)
    for number in range(25):
        sent(subject=f"Letter {number}.", days_ago=2)
    Letter.objects.filter(said__subject="Letter 3.").update(read_at=LAST)
    with django_assert_num_queries(5):
        page = said(signed_in.get(INBOX))

    assert "Page 1 of 2" in page
    assert "From Tomas" not in said(signed_in.get(INBOX, {"page": "2"}))
    people = said(signed_in.get(INBOX, {"show": "people"}))
    assert "From Tomas" in people
    assert "Letter 3." not in people
    unread = said(signed_in.get(INBOX, {"show": "unread", "page": "2"}))
    assert "?show=unread&amp;page=1" in unread or "show=unread&page=1" in unread
    assert signed_in.get(INBOX, {"show": "nonsense", "page": "x"}).status_code == 200
