"""What nobody in good faith sends: it is refused or survived, and never answered with a failure of ours."""

import io
import json
import zipfile
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from progress.models import SubmissionVersion
from tests import cast
from tests.populated import House, populate
from tests.test_doors import API, MODELS, PAGES, address_of, rows

pytestmark = pytest.mark.django_db

HUGE = "9" * 30
TEXTS = {
    "nul": "a\x00b",
    "long": "x" * 40_000,
    "half a surrogate pair": "\ud800",
    "line breaks": "a\r\nBcc: victim@example.org\r\n\r\nb",
    "right to left": "\u202egnp.exe",
    "huge number": HUGE,
    "negative": "-1",
    "not a number": "nan",
    "path": "../../../../etc/passwd",
    "template": "{{ 7*7 }}{% load x %}",
    "markup": "<script>alert(1)</script>",
}
SOON = (
    "nul",
    "long",
    "half a surrogate pair",
    "huge number",
    "markup",
)  # the others are for `make test-long`
QUERIES = [
    "page=-1",
    f"page={HUGE}",
    "page=%00",
    "page=x&page=y",
    "learners=-1",
    "road=%00",
    "road[]=1",
    "%00=%00",
    "page=%ff",
    "show=%00",
]
FIELDS = (
    *(
        "name",
        "time_zone",
        "language",
        "starts_on",
        "ends_on",
        "hours_per_week",
        "background",
        "theme",
        "next",
    ),
    *(
        "kind",
        "link",
        "text",
        "note",
        "number",
        "feedback",
        "decision",
        "level-clear",
        "epoch",
        "q1",
        "q1[]",
        "done",
    ),
    *(
        "stage",
        "topic",
        "kinds",
        "weekdays",
        "quiet_from",
        "quiet_until",
        "digest_weekday",
        "most_per_week",
        "quiet_days",
        "snoozed_until",
        "read",
        "reason",
        "scope",
        "days",
        "do",
        "login",
        "password",
        "email",
    ),
    *("password1", "code", "oldpassword", "road", "action", "confirmed"),
)


@pytest.fixture
def house(settings) -> House:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.API_REQUESTS_PER_MINUTE = settings.API_REQUESTS_PER_MINUTE_WITHOUT_TOKEN = 100_000
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return populate()


def as_(person: Any, **defaults: Any) -> Client:
    """A browser that shows the failures of the server as answers."""
    client = Client(raise_request_exception=False, **defaults)
    if person:
        client.force_login(person)
    return client


class Answers(dict[str, Any]):
    """Statuses by what was asked; the answers themselves would keep all that was sent."""

    def __setitem__(self, asked: str, answer: Any) -> None:
        if answer.streaming:
            answer.getvalue()  # closes the file
        super().__setitem__(asked, answer.status_code)


def failures(answers: Answers) -> dict[str, int]:
    return {asked: status for asked, status in answers.items() if status >= 500}


def own_pages(how: str) -> list[str]:
    return [row["door"] for row in rows(PAGES) if row["how"] == how and row["door"] != "account_logout"]


def in_its_time(values: Mapping[str, Any], soon: Collection[str]) -> list[Any]:
    """The values as parameters, those that are not for soon for `make test-long`."""
    marks = {name: [] if name in soon else [pytest.mark.long] for name in values}
    return [pytest.param(value, id=name, marks=marks[name]) for name, value in values.items()]


@pytest.mark.parametrize("text", in_its_time(TEXTS, SOON))
def test_no_form_fails_over_a_text(house, text):
    answers = Answers()
    for name in own_pages("POST"):
        browser = as_(house.people["mentor" if name == "mentoring:review" else "owner"])
        data = urlencode(dict.fromkeys(FIELDS, text.encode("utf-8", "surrogatepass")))
        address = address_of(name, house.values)
        answers[name] = browser.post(address, data, content_type="application/x-www-form-urlencoded")
    assert not failures(answers)


@pytest.mark.long
@pytest.mark.parametrize("query", QUERIES)
def test_no_page_fails_over_a_query(house, query):
    answers = Answers()
    for name in [*own_pages("GET"), *(f"api:v1:{row['door']}" for row in rows(API) if row["how"] == "GET")]:
        if name in {"api:schema", "api:docs"}:
            continue
        browser = as_(house.people["admin" if ":review" in name or "mentoring" in name else "owner"])
        answers[name] = browser.get(f"{address_of(name, house.values)}?{query}")
    assert not failures(answers)


@pytest.mark.long
@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "p=-1",
        f"p={HUGE}",
        "state=%00",
        "type=%00",
        "kind=%00",
        "e=1",
        "o=99.-99",
        "level=%00",
        "id=%00",
        "term=%00",
        f"topic__roadmap__id__exact={HUGE}",
        "is_active__exact=%00",
    ],
)
def test_no_list_at_the_desk_fails_over_a_query(house, query):
    browser = as_(house.people["admin"])
    answers = Answers()
    for label in (row["door"] for row in rows(MODELS)):
        answers[label] = browser.get(reverse(f"admin:{label.replace('.', '_')}_changelist") + f"?{query}")
    field = "app_label=quizzes&model_name=question&field_name=topic"
    answers["autocomplete"] = browser.get(f"/admin/autocomplete/?{field}&{query}")
    assert not failures(answers)


@pytest.mark.long
@pytest.mark.parametrize(
    "key", ["-1", "0", HUGE, "%00", "a%0d%0aSet-Cookie:x=1", "..%2f..%2fetc", "%ff%fe", "x" * 5000]
)
def test_no_address_fails(house, key):
    browser, answers = as_(house.people["admin"]), Answers()
    for before in (
        "/roads/",
        "/roads/trail-test/stages/",
        "/roads/trail-test/quizzes/",
        "/roads/trail-test/quizzes/base-quiz/attempts/",
        "/evidence/versions/",
        "/mentor/reviews/",
        "/mentor/learners/",
        "/letters/stop/",
        "/accounts/confirm-email/",
        "/accounts/password/reset/key/",
        "/admin/roadmap/stage/",
        "/admin/r/1/",
        "/admin/roadmap/roadmap/",
        "/static/",
        "/dev/mail/",
        "/api/v1/roads/",
        "/api/v1/versions/",
        "/api/v1/reviews/",
        "/api/v1/mentor/learners/",
        "/api/v1/enrollments/",
    ):
        for after in ("", "/", "/file/", "/change/", "/publish/", "/trail-test/standing/"):
            answers[f"{before}{key[:20]}{after}"] = browser.get(f"{before}{key}{after}")
    assert not failures(answers)


SOME_PAGES = (
    *("accounts:settings", "accounts:theme", "account_login", "account_change_password", "progress:plan"),
    *("mentoring:evidence", "reminders:unsubscribe", "api:tokens", "progress:tick"),
)
BODIES: dict[str, tuple[bytes, str]] = {
    "deep": (b"[" * 100_000 + b"]" * 100_000, "application/json"),
    "deep objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "application/json"),
    "deep inside a field": (b'{"levels":' * 3_000 + b"1" + b"}" * 3_000, "application/json"),
    "half": (b'{"a":', "application/json"),
    "invalid utf-8": (b'{"road": "\xff\xfe"}', "application/json"),
    "surrogate": (b'{"road": "\\ud800", "feedback": "\\ud800"}', "application/json"),
    "nul": (b'{"road": "\\u0000", "text": "\\u0000"}', "application/json"),
    "huge number": (b'{"page": 1' + b"0" * 5_000 + b', "epoch": 1e999}', "application/json"),
    "long number": (
        b'{"hours_per_week": 1' + b"0" * 4_000 + b', "number": 1' + b"0" * 400 + b"}",
        "application/json",
    ),
    "not finite": (b'{"hours_per_week": NaN, "number": Infinity}', "application/json"),
    "exponent": (b'{"hours_per_week": "1e999999999", "number": "1e9"}', "application/json"),
    "wrong types": (
        b'{"road": [], "background": {}, "levels": [1], "number": true, "kind": null}',
        "application/json",
    ),
    "unknown keys": (b'{"__proto__": 1, "person": 1, "is_staff": true}', "application/json"),
    "list": (b"[1, 2]", "application/json"),
    "text": (b"hello", "text/plain"),
    "xml": (b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>", "application/xml"),
    "no type": (b"{}", ""),
    "strange charset": (b"{}", "application/json; charset=zlib"),
    "unknown charset": (b"{}", "application/json; charset=nonsense"),
    "utf-16": ('{"road": "x"}'.encode("utf-16"), "application/json; charset=utf-16"),
    "broken multipart": (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
    "no boundary": (b"x", "multipart/form-data"),
    "multipart in a strange charset": (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
        "multipart/form-data; boundary=x; charset=zlib",
    ),
    "form in a strange charset": (b"a=%ff", "application/x-www-form-urlencoded; charset=zlib"),
    "form in utf-16": (b"a=%ff", "application/x-www-form-urlencoded; charset=utf-16"),
    "many fields": (b"&".join(b"a%d=1" % n for n in range(5_000)), "application/x-www-form-urlencoded"),
    "three megabytes": (b'{"a": "' + b"x" * 3_000_000 + b'"}', "application/json"),
}


BODIES_SOON = (
    *("deep", "half", "invalid utf-8", "nul", "huge number", "wrong types", "unknown keys", "list"),
    *("strange charset", "broken multipart", "multipart in a strange charset", "three megabytes"),
)


@pytest.mark.parametrize("body", in_its_time(BODIES, BODIES_SOON))
def test_no_door_fails_over_a_body(house, body):
    data, content_type = body
    owner = as_(None, headers={"Authorization": f"Bearer {house.secrets['write']}"})
    admin, browser = as_(house.people["admin"]), as_(house.people["owner"])
    answers = Answers()
    for row in rows(API):
        if row["how"] == "GET" and row["door"] != "me":
            continue
        address = address_of(f"api:v1:{row['door']}", house.values)
        caller = admin if "review" in row["door"] else owner
        how = row["how"] if row["how"] != "GET" else "POST"
        answers[f"{how} {address}"] = caller.generic(how, address, data, content_type)
    for address in ("/", "/roads/trail-test/", "/api/v1/roads/"):
        answers[f"GET {address}"] = browser.generic("GET", f"{address}?page=1", "", content_type)
    for name in SOME_PAGES:
        answers[name] = browser.generic("POST", address_of(name, house.values), data, content_type)
    answers["saving an answer"] = browser.generic(
        "POST", reverse("progress:quiz_save", args=["trail-test", "ridge-quiz", 1]), data, content_type
    )
    assert not failures(answers)


@pytest.mark.parametrize(
    "value",
    [
        10**400,
        -(10**400),
        1e308,
        0.1,
        "1e999",
        "9" * 4000,
        "1/0",
        "\u0663",
        ["x"] * 50,
        ["\x00"],
        True,
        "\u202e",
    ],
)
def test_any_answer_can_be_kept_and_marked(house, value):
    owner = house.people["owner"]
    for quiz in ("ridge-quiz",):
        attempt = owner.attempts.get(quiz__key=quiz)
        browser = as_(owner)
        items = [
            {
                "slot": slot.slot,
                "sequence": 1,
                "client_id": f"00000000-0000-4000-8000-{slot.slot:012}",
                "value": value,
            }
            for slot in attempt.slots
        ]
        body = json.dumps({"epoch": attempt.open(cast.NOW), "items": items})
        address = reverse("progress:quiz_save", args=["trail-test", quiz, attempt.number])
        answers = Answers()
        answers["save"] = browser.post(address, body, content_type="application/json")
        for name in ("quiz", "quiz_submit", "quiz_result"):
            answers[name] = browser.get(
                reverse(f"progress:{name}", args=["trail-test", quiz, attempt.number])
            )
        answers["hand in"] = browser.post(
            reverse("progress:quiz_submit", args=["trail-test", quiz, attempt.number]), {"confirmed": "1"}
        )
        answers["result"] = browser.get(
            reverse("progress:quiz_result", args=["trail-test", quiz, attempt.number])
        )
        answers["api"] = browser.get(
            f"/api/v1/enrollments/trail-test/quizzes/{quiz}/attempts/{attempt.number}/"
        )
        assert not failures(answers)
        assert answers["result"] == 200


def _zip_and_png() -> bytes:
    """A picture that is an archive as well."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    return b"\x89PNG\r\n\x1a\n" + b"\x00" * 64 + kept.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("../../../etc/cron.d/evil.txt", b"hello"),
        ("..\\..\\evil.txt", b"hello"),
        ("/etc/passwd.txt", b"hello"),
        ("a\r\nSet-Cookie: x=1.txt", b"hello"),
        ('a"; filename="b.html.txt', b"hello"),
        ("\u202etxt.exe.txt", b"hello"),
        ("x" * 190 + ".txt", b"hello"),
        (".txt", b"hello"),
        ("both.png", _zip_and_png()),
        ("page.md", b"<script>alert(1)</script>"),
    ],
)
def test_a_file_is_kept_below_the_uploads_and_comes_back_as_bytes(house, settings, name, content):
    browser = as_(house.people["owner"])
    file = SimpleUploadedFile("x.txt", content)
    file._name = name  # type: ignore[attr-defined]  # past the cleaning that browsers need not do

    answer = browser.post("/roads/trail-test/evidence/ridge-report/", {"kind": "file", "file": file})

    assert answer.status_code in {302, 422}
    if answer.status_code == 302:
        version = SubmissionVersion.objects.latest("pk")
        assert version.file.path.startswith(str(settings.MEDIA_ROOT) + "/evidence/")
        got = browser.get(reverse("mentoring:file", args=[version.pk]))
        assert got.getvalue() == content
        assert got["Content-Type"] == "application/octet-stream"
        assert got["Content-Disposition"].startswith("attachment")
        assert "\n" not in got["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("evil.html", b"<script>"),
        ("evil.svg", b"<svg/>"),
        ("a.png", b"<html>"),
        ("a.txt", b"a\x00b"),
        ("a.zip", b"MZ"),
        ("a.pdf.exe", b"%PDF-1.4"),
        ("noending", b"x"),
    ],
)
def test_a_file_of_another_kind_is_refused(house, name, content):
    browser = as_(house.people["owner"])

    answer = browser.post(
        "/roads/trail-test/evidence/ridge-report/",
        {"kind": "file", "file": SimpleUploadedFile(name, content)},
    )

    assert answer.status_code == 422


def test_a_name_writes_no_header_of_a_mail(house):
    name = "Eve\r\nBcc: victim@example.org\r\n\r\nbody"
    as_(None).post(
        "/accounts/signup/", {"name": name, "email": "eve@example.org", "password1": "a-long-walk-uphill"}
    )
    browser = as_(house.people["owner"])
    browser.post("/settings/", {"name": name, "time_zone": "UTC", "language": "en"})
    as_(None).post("/accounts/password/reset/", {"email": "ines@example.org"})

    assert mail.outbox
    for message in mail.outbox:
        assert message.recipients() in (["eve@example.org"], ["ines@example.org"])
        assert "bcc" not in {key.lower() for key in message.message()}


@pytest.mark.parametrize("host", ["evil.example", "localhost@evil.example", "evil.example:8000"])
def test_a_strange_host_is_refused(house, host):
    assert (
        as_(None)
        .post("/accounts/password/reset/", {"email": "ines@example.org"}, headers={"host": host})
        .status_code
        == 400
    )
    assert not mail.outbox


def test_a_mail_leads_to_our_own_address_whatever_host_was_asked(house, settings):
    settings.ALLOWED_HOSTS = ["*"]
    as_(None).post(
        "/accounts/password/reset/", {"email": "ines@example.org"}, headers={"host": "evil.example"}
    )
    as_(None).post("/accounts/login/code/", {"email": "ines@example.org"}, headers={"host": "evil.example"})
    as_(None).post(
        "/accounts/signup/",
        {"name": "E", "email": "eve@example.org", "password1": "a-long-walk-uphill"},
        headers={"host": "evil.example"},
    )

    assert len(mail.outbox) == 3
    assert not [message for message in mail.outbox if "evil.example" in str(message.message())]


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\x00//evil.example",
        "https:evil.example",
        " //evil.example",
        "/%0d%0aSet-Cookie:x=1",
    ],
)
def test_next_leads_to_no_other_site(house, next_):
    there = [
        as_(None).post(
            f"/accounts/login/?next={next_}",
            {"login": "ines@example.org", "password": cast.PASSWORD, "next": next_},
        ),
        as_(None).post("/theme/", {"theme": "dark", "next": next_}),
        as_(house.people["owner"]).post("/accounts/logout/", {"next": next_}),
        as_(house.people["owner"]).post(
            f"/accounts/reauthenticate/?next={next_}", {"password": cast.PASSWORD, "next": next_}
        ),
    ]

    for answer in there:
        assert answer.status_code < 500
        assert "evil" not in answer.get("Location", "")
        assert not answer.get("Location", "").lower().startswith("javascript")
        assert "x" not in answer.cookies


@pytest.mark.parametrize("count", [0, 1])
def test_a_forged_forwarded_address_escapes_no_limit(settings, count):
    """Behind one proxy the last address counts, which that proxy wrote; without any the header counts nothing."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = settings.TRUSTED_PROXIES = count
    cast.ines()
    texts = []
    for guess in range(12):
        forged = f"10.0.0.{guess}, 203.0.113.7" if count else f"10.0.0.{guess}"
        answer = as_(None).post(
            "/accounts/login/",
            {"login": f"p{guess}@example.org", "password": "wrong"},
            headers={"x-forwarded-for": forged},
        )
        texts.append(answer.content.decode())
    assert "Too many" in texts[-1]


@pytest.mark.parametrize(
    "address", ["/?q=%00", "/admin/reminders/letter/?kind=%00", "/roads/%00/", "/static/%00"]
)
def test_a_nul_in_an_address_is_refused(house, address):
    assert as_(house.people["admin"]).get(address).status_code == 400
