"""What holds of a letter of every kind: both parts say the same, every link leads here and changes nothing by itself.

A kind without a sample fails: add tests/reminders/samples/<key>.py.
"""

from __future__ import annotations

import email
import email.policy
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.apps import apps
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client

from accounts import clock
from accounts.models import User
from progress.models import Enrollment, Submission
from quizzes.models import Card
from reminders.emails import wire
from reminders.emails.deciding import refusals
from reminders.emails.drawing import WIDTH, mail
from reminders.kinds import KINDS, Asked, Matter
from reminders.models import Letter, LetterWishes
from reminders.models.reader import readers
from reminders.models.wishes import ALL_KINDS
from reminders.words import Content, Table
from tests.reminders.header_rules import broken_rules

pytestmark = pytest.mark.django_db
HERE = "https://learn.example.org"
READING = {
    "progress_submission": "feedback_seen_at",  # that she has read an answer is noted when she reads it
    "reminders_letter": "",
    "accounts_pause": "",
    "progress_enrollment": "seen_edition_id",  # and that she has read what changed
}
GUILT = re.compile(
    r"\b(you (?:have )?(?:failed|forgot|should|missed (?:your|the|a) )|don.t (?:lose|break)|streak|lazy|shame|"
    r"disappoint\w*|fall(?:en|ing)? behind|last chance|hurry|urgent|we miss you|too slow|not good enough)\b",
    re.IGNORECASE,
)
GRADES = re.compile(r"\b(accepted|changes|passed|failed|\d+ ?%|\d+ of \d+|points?)\b", re.IGNORECASE)
NEVER = re.compile(r"\b(course|lesson|module|assignment|enrol(?:ment)?|approve\w*|service)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Drawn:
    """A letter of one kind as it would be sent."""

    person: User
    said: Content
    message: EmailMultiAlternatives
    raw: bytes
    matter: Matter

    @property
    def parsed(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def text(self) -> str:
        return str(self.message.body)

    @property
    def html(self) -> str:
        return str(self.message.alternatives[0][0])


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL, settings.SITE_HOST = HERE, "learn.example.org"
    settings.LETTERS_FROM_EMAIL = "Waymark <letters@learn.example.org>"


def drawn(key: str) -> Drawn:
    """The sample of this kind, planned, asked again and written."""
    person, now = importlib.import_module(f"tests.reminders.samples.{key}").sample()
    letter = the_letter(key, person, now)
    known, at = readers([person.pk]), max(now, letter.due_at)
    assert refusals([letter], known, at) == {}
    matter = KINDS[key].matters([letter], known, at)[letter.pk]
    said = KINDS[key].says(matter)
    message = mail(matter, said)
    return Drawn(person, said, message, wire.written(message), matter)


def the_letter(key: str, person: User, now: datetime) -> Letter:
    for letters in KINDS[key].plan(Asked.of_all(now)):
        Letter.objects.write(letters)
    return Letter.objects.of(person).of_kinds([key]).select_related("recipient").earliest("id")


class Page(HTMLParser):
    """The words of a page one after the other, its links, and what is hidden."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent += tag in ("style", "title")
        if tag == "a":
            self.links.append(str(dict(attrs)["href"]))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    @property
    def text(self) -> str:
        return flat(" ".join(self.words))


def flat(text: str) -> str:
    return " ".join(text.split())


def all_said(said: Content) -> Iterator[str]:
    yield from (said.subject, said.lead, said.kicker, said.step, said.why, said.quote, said.quoted)
    yield from (said.standing, said.more, said.note)
    for also in said.also:
        yield from (also.title, also.text, also.note)
    for table in said.tables:
        yield table.title
        for row in (table.head, *table.rows):
            yield from row


def everything() -> dict[str, int]:
    """How many rows every table has, and a hash of what stands in those that links might touch."""
    rows = {model._meta.db_table: model._base_manager.count() for model in apps.get_models()}
    with connection.cursor() as cursor:
        for table, column in READING.items():
            whole = (
                f"SELECT hashtextextended(string_agg((to_jsonb(t) - '{column}')::text, '|' ORDER BY id), 0)"  # noqa: S608  # constants
                f" FROM {table} t"
            )
            cursor.execute(whole)
            rows[f"what {table} says"] = cursor.fetchone()[0]
    return rows


def test_every_kind_has_a_sample_and_no_sample_is_without_its_kind():
    samples = {file.stem for file in (Path(__file__).parent / "samples").glob("[a-z]*.py")}

    assert KINDS.keys() - samples == set()
    assert samples - KINDS.keys() == set()


@pytest.mark.parametrize("key", sorted(KINDS))
def test_a_letter_of_every_kind(key, client):
    letter = drawn(key)
    page, text = Page(letter.html), flat(letter.text)

    for words in filter(None, all_said(letter.said)):
        assert flat(words) in page.text, "the HTML part says it"
        assert flat(words) in text, "the text part says it"
    assert all(
        [letter.said.subject, letter.said.step, letter.said.link, letter.said.why, letter.said.preheader]
    )
    check_links(letter, page)
    check_form(letter, page)
    check_voice(letter)
    check_names(letter)
    assert broken_rules(letter.raw) == []
    check_that_it_can_be_switched_off(letter, key)
    check_that_looking_changes_nothing(letter, page, client)


def check_names(letter: Drawn) -> None:
    """Whom it names is known, so that her name goes from it when she is erased."""
    words = " ".join([letter.said.preheader, *all_said(letter.said)])
    others = User.objects.get_queryset().exclude(pk=letter.person.pk)
    assert {one.pk for one in others if str(one) in words} == set(letter.matter.named)


def check_links(letter: Drawn, page: Page) -> None:
    """Both parts have the same links, all into this site; there is one to the step, one to stop, one to all letters."""
    stop = str(letter.parsed["List-Unsubscribe"]).strip(" <>")
    assert set(re.findall(r"https?://\S+", letter.text)) == set(page.links)
    assert all(link.startswith(f"{HERE}/") for link in page.links), page.links
    assert page.links.count(f"{HERE}{letter.said.link}") >= 1
    assert page.links[-3:] == [f"{stop}#pause", stop, f"{HERE}/settings/letters/"]


def check_form(letter: Drawn, page: Page) -> None:
    """Right for screens of all widths, for readers of all scripts, for mail programs that fetch nothing."""
    by_tag = [(tag, attributes) for tag, attributes in page.tags]
    assert {tag for tag, _ in by_tag} & {"img", "link", "script", "form", "iframe", "input"} == set()
    assert not re.search(r"url\(|@import|<!--|\{[%{]", letter.html)
    root = next(attributes for tag, attributes in by_tag if tag == "html")
    assert (root["lang"], root["dir"]) == ("en", "ltr")
    assert [tag for tag, _ in by_tag].count("h1") == 1
    assert page.text.startswith(flat(letter.said.preheader)), "what inboxes show beside the subject"
    assert not re.search(r"#(?:000(?:000)?|fff(?:fff)?)\b", letter.html, re.IGNORECASE)
    data = [attributes for tag, attributes in by_tag if tag == "table" and "role" not in attributes]
    assert len(data) == len(letter.said.tables)
    assert len(letter.html.encode()) < 60_000
    lines = [line for line in letter.text.split("\n") if "://" not in line]
    assert max(map(len, lines)) <= WIDTH


def check_voice(letter: Drawn) -> None:
    for words in (letter.said.subject, *all_said(letter.said)):
        assert "—" not in words
        assert not GUILT.search(words)
        assert "!" not in words
        assert not NEVER.search(words.replace("at your service", ""))
    assert not GRADES.search(letter.said.subject)


def check_that_it_can_be_switched_off(letter: Drawn, key: str) -> None:
    """Then it is planned no more, and the preview of its reader finds it still, to say that it is off."""
    person, now = letter.person, letter.matter.letter.planned_at
    Letter.objects.of(person).of_kinds([key]).delete()
    wishes = LetterWishes.objects.of(person)
    for off in (key, ALL_KINDS):
        wishes.choose(stopped=[off])
        assert person not in {x.recipient for some in KINDS[key].plan(Asked.of_all(now)) for x in some}
        preview = Asked(now, now + timedelta(days=14), person.pk)
        assert {x.recipient for some in KINDS[key].plan(preview) for x in some} == {person}
    wishes.choose(stopped=[])


def check_that_looking_changes_nothing(letter: Drawn, page: Page, client: Client) -> None:
    """Mail scanners follow every link before anybody has read a word; or it is the reader herself.

    Whose pages they are, her reading is noted, and her cards are there. Nothing else comes of it.
    """
    client.force_login(letter.person)
    Card.objects.gather_of(letter.person, clock.now())
    unread, before = unread_by_readers(), everything()
    paths = sorted({link.removeprefix(HERE).partition("#")[0] for link in page.links})
    for path in paths:
        assert Client().get(path).status_code in (200, 302)
        assert Client().head(path).status_code in (200, 302)
        assert client.head(path).status_code == 200
    assert unread_by_readers() == unread
    for path in paths:
        assert client.get(path).status_code == 200, f"{path} is not hers"
    assert everything() == before


def unread_by_readers() -> list[int]:
    """How many answers and how many changes of roads nobody has read."""
    answers = Submission.objects.filter(feedback_seen_at=None)
    return [answers.count(), Enrollment.objects.filter(seen_edition=None).count()]


def test_for_scripts_from_right_to_left_the_page_is_turned():
    letter = drawn("mentor_week")
    letter.matter.reader.person.language = "ar"

    turned = str(mail(letter.matter, letter.said).alternatives[0][0])

    assert '<html lang="ar" dir="rtl"' in turned
    assert "text-align: left" in letter.html
    assert "text-align: right" in turned
    assert turned.count("text-align: left") == letter.html.count("text-align: right") > 0
    assert turned.count("padding-left") == letter.html.count("padding-right")


def test_a_table_that_is_too_wide_for_the_text_part_becomes_lines():
    letter = drawn("quiet")
    narrow = Table("Week", (("Wind", "1 h"), ("Snow and ice", "2 h")), head=("Task", "Time"))
    wide = Table("Cohorts", (("A very long name " * 6, "3", "2"),), head=("Cohort", "Learners", "Finished"))

    text = str(mail(letter.matter, replace(letter.said, tables=(narrow, wide))).body)

    assert "  Task          Time\n  Wind          1 h\n  Snow and ice  2 h\n" in text
    assert "  Cohort, Learners, Finished\n  A very long name A very long name" in text
    assert max(map(len, (line for line in text.split("\n") if "://" not in line))) <= WIDTH


def test_what_is_noted_of_a_letter_goes_with_it_into_another(client):
    letter = drawn("quiet")
    says = "A signal is a reason to write, not a grade."
    lead = replace(letter.said, note=says)
    last = replace(letter.said, note="This is the last letter of this kind until you are back.")
    merged = lead.carrying([last, replace(letter.said, note=says)])
    Letter.objects.update(state="sent", shown_at=letter.matter.letter.due_at, said=merged.kept())
    client.force_login(letter.person)
    inbox = client.get(f"/letters/{letter.matter.letter.pk}/").content.decode()

    message = mail(letter.matter, merged)
    pages = Page(str(message.alternatives[0][0])).text, flat(str(message.body)), flat(inbox)

    for page in pages:
        assert page.count(last.note) == page.count(says) == 1
        assert page.index(last.preheader) < page.index(last.note) < page.index(says)
    assert f"  {last.preheader}\n  {last.note}\n" in str(message.body)
