"""Canaries in every key, right answer, reason and feedback of every type: no door, letter or log line sings too early.

Who asks: somebody in the middle of the quiz; somebody who finished it and may not see yet what was right; somebody who
has not begun; a mentor of others; nobody. Once the rule allows it the result says it all, so these tests can fail.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import timedelta
from hashlib import sha256
from typing import Any
from typing import cast as cast_

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.models import User
from quizzes.bodies import TYPES, body
from quizzes.models import Attempt, Card, PaperItem, Question, Quiz
from quizzes.review import Item
from reminders.emails import send_reminders
from reminders.models import Letter
from roadmap.models import Edition
from tests import cast
from tests.documents import three_stage_document
from tests.populated import House, populate
from tests.quizzes.test_bodies import EXAMPLES, with_canaries
from tests.test_doors import API, DESK, PAGES, address_of, rows

ROAD, QUIZ = "trail-test", "ridge-quiz"
SINGS = re.compile(r"hush-\w[\w-]*|424242", re.IGNORECASE)
LATER = {"handed_in": [], "passed": [], "closed": [item.value for item in Item]}
TOLD = {f"HUSH-{type_}-WHY" for type_ in TYPES} | {
    *("HUSH-single-FEEDBACK", "HUSH-multiple-FEEDBACK", "HUSH-short_text-ANSWER", "HUSH-code_output-ANSWER"),
    *("HUSH-cloze-ANSWER", "424242"),
}
NEVER_TOLD = "HUSH-long_text-GUIDE"
PAGES_ABOUT_ROADS = "\n".join(
    line for line in PAGES.splitlines() if not re.match("account|mfa|usersessions", line)
)
ANSWERS = {"single": "b", "multiple": ["c"], "true_false": "true", "long_text": "Because.", "numeric": "1"}


def hushed(type_: str) -> dict[str, Any]:
    """The example of this type with canaries that say where they were put."""
    plain = json.dumps(with_canaries(type_))
    found: dict[str, Any] = json.loads(
        plain.replace("CANARY-", f"HUSH-{type_}-").replace("canary-key", "hush-key")
    )
    return found


def sings(text: str) -> set[str]:
    return set(SINGS.findall(text))


# What is asked is made of nothing but what may be seen

# The same words on the page; another key, another order, other names of parts, other reasons.
_TWISTED: dict[str, Any] = {
    "single": lambda b: {"options": [{**o, "right": not o["right"]} for o in b["options"]]},
    "multiple": lambda b: {"options": [{**o, "right": not o["right"]} for o in b["options"]]},
    "true_false": lambda b: {"answer": not b["answer"]},
    "numeric": lambda _b: {"answer": 7, "tolerance": 2, "formula": "3 + 4"},
    "short_text": lambda _b: {"answers": ["frost", "ice"], "pattern": "fr.*"},
    "code_output": lambda _b: {"answers": ["2\nFalse"]},
    "long_text": lambda _b: {"guide": "Another."},
    "ordering": lambda b: {
        "items": [{"key": f"x{n}", "text": item["text"]} for n, item in enumerate(reversed(b["items"]))]
    },
    "matching": lambda b: {
        "prompts": [{**p, "match": m} for p, m in zip(b["prompts"], ("x2", "x0"), strict=True)],
        "choices": [{"key": f"x{n}", "text": c["text"]} for n, c in enumerate(reversed(b["choices"]))],
    },
    "cloze": lambda b: {
        "text": re.sub(r"\{\{(\w+)", r"{{x-\1", b["text"]),
        "gaps": [
            {**gap, "key": f"x-{gap['key']}"}
            | ({"answer": 9} if gap["type"] == "numeric" else {})
            | ({"answers": ["KFold"]} if gap["type"] == "short_text" else {})
            | (
                {"options": [{**o, "right": not o["right"]} for o in gap["options"]]}
                if gap["type"] == "choice"
                else {}
            )
            for gap in reversed(b["gaps"])
        ],
    },
}


def twisted(type_: str) -> dict[str, Any]:
    example = EXAMPLES[type_]
    swapped: dict[str, Any] = {**example, **_TWISTED[type_](example), "explanation": "Since."}
    if type_ == "multiple":  # two of three were right: one is
        assert [option["right"] for option in swapped["options"]] == [False, False, True]
    return swapped


@pytest.mark.parametrize("type_", TYPES)
def test_what_is_asked_is_the_same_whatever_is_right_and_whatever_its_parts_are_called(type_):
    one, other = body(type_, EXAMPLES[type_]), body(type_, twisted(type_))

    assert one.key() != other.key() or type_ == "long_text"
    assert one.asked(one.option_keys()) == other.asked(other.option_keys())
    # Without an order of the attempt the options of a gap stand as its author has them, which is never shown.
    assert one.asked() == other.asked() or type_ == "cloze"


@pytest.mark.parametrize("type_", ["ordering", "matching"])
def test_no_handle_can_be_found_by_guessing_keys_even_for_who_knows_the_reason(type_):
    """Ten keys that authors give, hashed alone and with all that is known of the question by somebody who saw why."""
    question = body(type_, EXAMPLES[type_])
    shown = {handle for handle, _text in question.asked(question.option_keys()).options}
    keys = [*EXAMPLES_KEYS, *"abcd1234", "i1", "c1"]
    known = ("", question.stem, question.explanation, f"{question.stem}\n{question.explanation}")

    tried = {
        sha256(text.encode()).hexdigest()[:10]
        for key in keys
        for more in known
        for text in (key, f"{key}\n{more}", f"{more}\n{key}", f"{key}{more}")
    }

    assert not shown & tried


EXAMPLES_KEYS = ["first", "second", "third", "fourth", "tuple", "series", "frame"]


# All doors


@pytest.fixture
def house(settings, db) -> House:
    """Ines is in the middle of the quiz, whose questions have canaries; Lena has handed it in once and may again."""
    settings.ACCOUNT_RATE_LIMITS = False
    settings.API_REQUESTS_PER_MINUTE_WITHOUT_TOKEN = 10_000
    ask_canaries()
    found = populate()
    enrollment = cast.enrolled(found.people["other"])
    cast.pass_stage(enrollment, "base", cast.EARLIER)
    hand_in(enrollment.start_quiz(the_quiz(), clock.now()))
    Card.objects.gather(clock.now())
    return found


def the_quiz() -> Quiz:
    return Quiz.objects.select_related("current_version").get(roadmap__key=ROAD, key=QUIZ)


def ask_canaries() -> None:
    road = cast.road()
    quiz = Quiz.objects.get(roadmap=road, key=QUIZ)
    quiz.items.all().delete()
    topic = quiz.stage.topics.first()
    for place, type_ in enumerate(TYPES):
        key = f"q-{type_.replace('_', '-')}"
        question = Question.objects.create(key=key, type=type_, topic=topic, draft=hushed(type_))
        PaperItem.objects.create(quiz=quiz, question=question, position=place)
    quiz.review, quiz.attempts_limit, quiz.cooldown_hours = LATER, 2, 0
    quiz.time_limit_minutes, quiz.asks_confidence = 60, True
    quiz.save()
    quiz.publish(None, cast.EARLIER)
    document = three_stage_document().model_copy(update={"summary": "Other questions."})
    Edition.objects.publish(road, document, by=None, changelog="Other questions.", now=cast.NOW)


def hand_in(attempt: Attempt) -> None:
    now = clock.now()
    types = dict(Question.objects.values_list("key", "type"))
    said = {slot.slot: ANSWERS.get(types[slot.question], "nothing") for slot in attempt.slots}
    saves = [cast.answer(slot, value) for slot, value in said.items()]
    attempt.save_answers(attempt.open(now), saves, now)
    attempt.submit(now)


def values_for(house: House, person: User) -> dict[str, object]:
    """What addresses name: the quiz with the canaries, and what is hers of it."""
    attempt = Attempt.objects.of(person).at(ROAD, QUIZ).order_by("number").last()
    card = Card.objects.of(person).filter(source=attempt).first()
    own = {"number": attempt.number, "attempt_id": attempt.pk} if attempt else {"number": 1}
    topic = the_quiz().stage.topics.get().key if the_quiz().stage else ""
    return {
        **house.values,
        **own,
        **({"card_id": card.pk} if card else {}),
        "quiz_key": QUIZ,
        "stage_key": "ridge",
        "topic_key": topic,
    }


class _UndoError(Exception):
    """Takes back what a request did."""


def said(browser: Client, how: str, address: str, data: object = None, kind: str = "") -> str:
    """All that comes back: status, headers, cookies, body; pages it leads to as well. What it did is taken back."""
    asker = Client(**cast_("dict[str, Any]", browser.defaults))
    asker.cookies = copy(browser.cookies)
    found: list[str] = []
    try:
        with transaction.atomic():
            answer: Any = asker.generic(how, address, *payload(how, address, data, kind))
            found += _parts(answer)
            if answer.status_code == 302 and answer["Location"].startswith("/"):
                found += _parts(asker.get(answer["Location"]))
            raise _UndoError  # noqa: TRY301  # only an error takes a transaction back
    except _UndoError:
        pass
    return "\n".join(found)


def _parts(answer: Any) -> Iterator[str]:
    content = answer.getvalue() if answer.streaming else answer.content
    yield f"{answer.status_code} {answer.headers} {answer.cookies}"
    yield content.decode(errors="replace")


def payload(how: str, address: str, data: object, kind: str) -> tuple[str, str]:
    if data is not None:
        return str(data), kind or "application/x-www-form-urlencoded"
    if address.startswith("/api/"):
        return "{}", "application/json"
    return ("nothing=1" if how == "POST" else ""), "application/x-www-form-urlencoded"


def doors(values: Mapping[str, object], of: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(method, address) of every door of these tables."""
    for table in of:
        space = "api:v1:" if table == API else ""
        for row in rows(table):
            yield row.get("how", "GET"), address_of(space + row["door"], values)


def acts(person: User) -> Iterator[tuple[str, str, object, str]]:
    """What is done at the quiz with something to say: saves, forms, handing in, searching, asking of cards."""
    attempt = Attempt.objects.of(person).at(ROAD, QUIZ).order_by("number").last()
    number, epoch = (attempt.number, attempt.epoch) if attempt else (1, 0)
    page = {
        name: reverse(f"progress:{name}", args=[ROAD, QUIZ, number])
        for name in ("quiz", "quiz_save", "quiz_submit", "quiz_flag", "quiz_appeal", "quiz_differences")
    }
    api = reverse("api:v1:attempt", args=[ROAD, QUIZ, number])
    client = "0190c5a1-0000-7000-8000-00000000000"
    for slot in range(1, len(TYPES) + 1):
        item = {"slot": slot, "sequence": 1, "client_id": f"{client}{slot % 10}", "value": "b"}
        sent = json.dumps({"epoch": epoch, "items": [item]})
        yield "POST", page["quiz_save"], sent, "application/json"
        yield "PUT", f"{api}answers/", sent, "application/json"
    for wrong in (epoch, epoch + 5):
        form = f"epoch={wrong}&q1=b&q2=b&q3=true&q4=1&q5=x&q6=x&q7.1=x&q8=x&q9=x&q10=x"
        yield "POST", page["quiz"], form, ""
        yield "POST", page["quiz_submit"], form, ""
        yield "POST", page["quiz_submit"], f"{form}&confirmed=1", ""
    yield "POST", page["quiz_flag"], "flag=1", ""
    yield "POST", page["quiz_appeal"], "slot=1&text=Why%3F", ""
    yield "POST", page["quiz_differences"], "slot=1&take=overtaken", ""
    yield "POST", f"{api}submit/", "{}", "application/json"
    for text in ("which", "hush", "because", "timeseriessplit"):
        for name in ("search", "palette"):
            yield "GET", f"{reverse(f'progress:{name}')}?q={text}", None, ""
    for card in Card.objects.of(person):
        yield "GET", f"{reverse('progress:card_answer', args=[card.pk])}?q{card.slot}=b", None, ""
        yield "GET", reverse("api:v1:card_back", args=[card.pk]), None, ""


def walk(house: House, browser: Client, person: User | None, tables: Sequence[str]) -> dict[str, set[str]]:
    """What sings, by door of these tables."""
    somebody = person or house.people["owner"]
    asked = [(how, address, None, "") for how, address in doors(values_for(house, somebody), of=tables)]
    found = {
        f"{how} {address}": sings(said(browser, how, address, data, kind))
        for how, address, data, kind in (*asked, *acts(somebody))
    }
    assert len(found) > 120
    return {door: songs for door, songs in found.items() if songs}


@pytest.mark.parametrize(
    "who", ["owner", "other", pytest.param("suspended", marks=pytest.mark.long), "strange", "nobody"]
)
def test_nobody_hears_one_before_the_rule_allows_it(house, who, caplog):
    """In the middle of the quiz; handed in, with an attempt left; not begun; a mentor of others; not signed in."""
    browser, person = Client(), house.people.get(who)
    if person is not None:
        browser.force_login(person)
    if who == "suspended":
        cast.pass_stage(cast.enrolled(person), "base", cast.EARLIER)

    tables = (PAGES, API, DESK) if who == "owner" else (PAGES_ABOUT_ROADS, API)

    with caplog.at_level("DEBUG"):
        assert walk(house, browser, person, tables) == {}

    assert not sings(caplog.text)


def test_no_letter_sings(house, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Letter.objects.all().delete()  # of the populated house, which says nothing
    for hours in range(0, 10 * 24, 6):
        clock.move(timedelta(hours=hours))
        send_reminders()

    assert mail.outbox
    assert not sings("\n".join(str(letter.message()) for letter in mail.outbox))


def test_once_the_rule_allows_it_result_api_and_card_say_it_all_but_what_only_markers_read(house):
    """So that the tests above can fail: Lena hands in her last attempt, and everything may be seen."""
    lena, browser = house.people["other"], Client()
    browser.force_login(lena)
    hand_in(cast.enrolled(lena).start_quiz(the_quiz(), clock.now()))
    page = said(browser, "GET", reverse("progress:quiz_result", args=[ROAD, QUIZ, 1]))
    api = said(browser, "GET", reverse("api:v1:attempt", args=[ROAD, QUIZ, 1]))
    Card.objects.gather_of(lena, clock.now())
    card = Card.objects.of(lena).filter(question__key="q-single").get()
    back = said(browser, "GET", reverse("progress:card_answer", args=[card.pk]) + f"?q{card.slot}=b")

    assert sings(page) >= TOLD
    assert {f"HUSH-{type_}-WHY" for type_ in TYPES} <= sings(api)
    assert sings(back) >= {"HUSH-single-WHY", "HUSH-single-FEEDBACK"}
    assert all(NEVER_TOLD not in text for text in (page, api, back))


def test_a_card_says_no_more_than_the_result_it_comes_from(house):
    """Right answers and reasons once handed in, but never what the author says to an answer."""
    quiz = the_quiz()
    quiz.review = {**LATER, "handed_in": ["correctness", "right_answer", "explanation"], "closed": []}
    quiz.attempts_limit = None
    quiz.save()
    quiz.publish(None, clock.now())
    lena, browser = house.people["other"], Client()
    browser.force_login(lena)
    hand_in(cast.enrolled(lena).start_quiz(the_quiz(), clock.now()))
    Card.objects.gather_of(lena, clock.now())
    card = Card.objects.of(lena).filter(question__key="q-single").get()

    back = said(browser, "GET", reverse("progress:card_answer", args=[card.pk]) + f"?q{card.slot}=b")

    assert sings(back) == {"HUSH-single-WHY"}
