"""What mail servers and providers say, and what we make of it: tried on real ones that misbehave."""

import email
import email.policy
import time
from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail

from lms.places import mail
from reminders.answers import Answer, Outcome, Place, judged
from reminders.emails.post import Post, UnreachableError
from tests.fixtures.mail import free_port
from tests.reminders.header_rules import broken_rules
from tests.reminders.rogue import CUT, EXTENSIONS, HANG, certificate, provider_server, smtp_server

LETTER = uuid4()


@pytest.fixture(autouse=True)
def impatient(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.LETTERS_CONNECT_TIMEOUT, settings.LETTERS_READ_TIMEOUT = 0.5, 0.3
    settings.ANYMAIL = {"REQUESTS_TIMEOUT": (0.5, 0.3)}
    return settings


def message(to: str = "ines@example.org", body: str = "Hello Ines,\n.a dot\n") -> EmailMultiAlternatives:
    stop = f"https://learn.example.org/letters/stop/edition_changed.{'x' * 32}.{'y' * 43}/"
    letter = EmailMultiAlternatives(
        "Go on – with Base",
        body,
        "Waymark <waymark@learn.example.org>",
        [to],
        headers={
            "Message-ID": f"<{LETTER}@learn.example.org>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    letter.attach_alternative(f"<p>{body}</p>", "text/html")
    return letter


def sent(url: str, settings, *messages: EmailMultiAlternatives, **how) -> list[Answer]:
    settings.LETTERS_EMAIL = mail(url)
    with Post() as post:
        return [post.send(one, **how) for one in messages or (message(),)]


def test_many_letters_go_over_one_connection_and_arrive_as_written(settings):
    with smtp_server() as server:
        answers = sent(server.url, settings, message(), message(), message())

    assert [answer.outcome for answer in answers] == [Outcome.TAKEN] * 3
    assert server.connections == 1
    arrived = email.message_from_bytes(
        server.contents[0].replace(b"\n..", b"\n."), policy=email.policy.default
    )
    assert arrived.get_body(("plain",)).get_content().replace("\r", "") == "Hello Ines,\n.a dot\n"
    assert b"\r\n..a dot\r\n" in server.contents[0]
    assert "BODY=8BITMIME" in next(x for x in server.commands if x.startswith("mail"))
    assert not broken_rules(server.contents[0])


# what the server says where, and: outcome, is it about the mailbox, is the mailbox gone
ANSWERS = [
    ("RCPT", "450 4.2.0 greylisted", Outcome.NOT_NOW, True, False),
    ("RCPT", "452 4.2.2 mailbox full", Outcome.NOT_NOW, True, False),
    ("RCPT", "451 4.7.1 too much mail from you", Outcome.NOT_NOW, False, False),
    ("RCPT", "421 going down", Outcome.NOT_NOW, False, False),
    ("RCPT", "550 5.1.1 no such mailbox", Outcome.NEVER, True, True),
    ("RCPT", "550 no", Outcome.NEVER, True, False),
    ("RCPT", "552 5.2.2 mailbox full", Outcome.NEVER, True, False),
    ("RCPT", "550 5.7.1 relaying denied", Outcome.REFUSES_US, False, False),
    ("RCPT", "530 5.7.0 sign in first", Outcome.REFUSES_US, False, False),
    ("RCPT", "553 5.1.8 bad sender", Outcome.REFUSES_US, False, False),
    ("RCPT", "500 what", Outcome.NEVER, True, False),
    ("MAIL", "451 later", Outcome.NOT_NOW, False, False),
    ("MAIL", "550 not you", Outcome.REFUSES_US, False, False),
    ("DATA", "451 later", Outcome.NOT_NOW, False, False),
    ("DATA", "554 no valid recipients", Outcome.NEVER, False, False),
    ("END", "451 later", Outcome.NOT_NOW, False, False),
    ("END", "550 5.1.1 no such mailbox", Outcome.NEVER, True, True),
    ("END", "554 5.7.1 looks like spam", Outcome.REFUSES_US, False, False),
    ("END", "552 5.3.4 too large", Outcome.NEVER, False, False),
    ("END", HANG, Outcome.LOST, False, False),
    ("END", CUT, Outcome.LOST, False, False),
    ("BODY", CUT, Outcome.LOST, False, False),
    ("DATA", HANG, Outcome.NOT_NOW, False, False),
    ("DATA", CUT, Outcome.NOT_NOW, False, False),
    ("RCPT", CUT, Outcome.NOT_NOW, False, False),
    ("MAIL", HANG, Outcome.NOT_NOW, False, False),
]


@pytest.mark.parametrize(
    ("where", "says", "meant"), [(where, says, meant) for where, says, *meant in ANSWERS]
)
def test_what_the_server_says_is_understood_and_the_next_letter_goes(settings, where, says, meant):
    with smtp_server(says={where: says}) as server:
        settings.LETTERS_EMAIL = mail(server.url)
        with Post() as post:
            answer = post.send(message())
            server.says.clear()
            after = post.send(message())

    assert [answer.outcome, answer.is_recipients, answer.is_gone] == meant
    assert says in {HANG, CUT} or answer.said == says
    assert after.outcome == Outcome.TAKEN


def test_a_server_that_hangs_up_while_a_letter_is_given_up_costs_the_next_one_no_try(settings):
    with smtp_server(says={"RCPT": "550 no", "RSET": CUT}) as server:
        answers = sent(server.url, settings, message(), message())

    assert [answer.said for answer in answers] == ["550 no", "550 no"]
    assert server.connections == 2


def test_a_line_cut_in_a_long_letter_before_its_end_means_that_it_was_surely_not_taken(settings):
    with smtp_server(says={"BODY": CUT}) as server:
        (answer,) = sent(server.url, settings, message(body=("x" * 900 + "\n") * 9_000))

    assert answer.outcome == Outcome.NOT_NOW
    assert server.contents == []


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"says": {"GREET": "554 not you"}}, "refuses us: 554 not you"),
        ({"says": {"GREET": "421 too busy"}}, "421 too busy"),
        ({"says": {"GREET": CUT}}, "closed"),
        ({"says": {"GREET": HANG}}, "in time|timed out"),
    ],
)
def test_a_server_that_does_not_let_us_in_cannot_be_reached(settings, told, reason):
    with smtp_server(**told) as server, pytest.raises(UnreachableError, match=reason):
        sent(server.url, settings)


def test_what_a_server_says_is_kept_without_characters_that_no_table_takes(settings):
    with smtp_server(says={"RCPT": "550 5.1.1 no\0such\x0bmailbox"}) as server:
        (answer,) = sent(server.url, settings)

    assert answer.said == "550 5.1.1 no such mailbox"


def test_a_server_that_is_not_there_cannot_be_reached(settings):
    with pytest.raises(UnreachableError, match="refused"):
        sent(f"smtp://127.0.0.1:{free_port()}", settings)


def test_a_wrong_password_is_said_to_be_one_and_nothing_is_sent(settings):
    told = {"extensions": ("AUTH PLAIN",), "says": {"AUTH": "535 5.7.8 wrong"}}
    with smtp_server(**told) as server, pytest.raises(UnreachableError, match="user name or password: 535"):
        sent(server.url.replace("smtp://", "smtp://ines:secret@"), settings)

    assert not any(command.startswith("mail") for command in server.commands)


@pytest.mark.parametrize("scheme", ["submission", "smtps"])
def test_a_certificate_that_nobody_vouches_for_stops_everything(settings, tmp_path, scheme):
    _file, context = certificate(tmp_path)
    with (
        smtp_server(tls=context, is_tls_at_once=scheme == "smtps") as server,
        pytest.raises(UnreachableError, match="TLS with the mail server failed"),
    ):
        sent(f"{scheme}://localhost:{server.port}", settings)

    assert not any(command.startswith("mail") for command in server.commands)


@pytest.mark.parametrize("scheme", ["submission", "smtps"])
def test_a_certificate_that_is_trusted_carries_letters(settings, tmp_path, monkeypatch, scheme):
    file, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with smtp_server(tls=context, is_tls_at_once=scheme == "smtps") as server:
        (answer,) = sent(f"{scheme}://localhost:{server.port}", settings)

    assert answer.outcome == Outcome.TAKEN


def test_a_server_without_tls_gets_nothing_in_the_clear_when_tls_is_asked_for(settings):
    with smtp_server() as server, pytest.raises(UnreachableError, match="STARTTLS"):
        sent(f"submission://127.0.0.1:{server.port}", settings)

    assert not any(command.startswith("mail") for command in server.commands)


def test_an_address_beyond_ascii_is_written_as_it_is(settings):
    with smtp_server() as server:
        (answer,) = sent(server.url, settings, message("inès@exämple.org"))

    assert answer.outcome == Outcome.TAKEN
    assert "rcpt TO:<inès@exämple.org>" in server.commands
    assert "To: inès@exämple.org\r\n".encode() in server.contents[0]
    assert (
        email.message_from_bytes(server.contents[0], policy=email.policy.default)["Subject"]
        == "Go on – with Base"
    )
    assert not broken_rules(server.contents[0])


def test_a_server_that_knows_no_such_addresses_is_not_blamed_on_hers(settings):
    with smtp_server(extensions=EXTENSIONS[:1]) as server:
        (answer,) = sent(server.url, settings, message("inès@example.org"))

    assert (answer.outcome, answer.is_recipients) == (Outcome.NEVER, False)
    assert "SMTPUTF8" in answer.said


def test_a_domain_beyond_ascii_needs_nothing_of_the_server(settings):
    with smtp_server(extensions=EXTENSIONS[:1]) as server:
        (answer,) = sent(server.url, settings, message("ines@exämple.org"))

    assert answer.outcome == Outcome.TAKEN
    assert "rcpt TO:<ines@xn--exmple-cua.org>" in server.commands


@pytest.mark.parametrize(
    "address",
    ["ines@example.org\nBcc: all@example.org", '"\x0c\x0c<h1>Hi</h1>"@example.org', '"\0"@example.org'],
)
def test_an_address_that_would_end_a_line_of_the_head_is_written_to_nobody(settings, address):
    with smtp_server() as server:
        answers = sent(server.url, settings, message(address), message())

    assert [answer.outcome for answer in answers] == [Outcome.NEVER, Outcome.TAKEN]
    assert len(server.contents) == 1


def test_reports_go_where_the_house_wants_them(settings):
    settings.LETTERS_BOUNCE_ADDRESS = "bounces@learn.example.org"
    with smtp_server() as server:
        sent(server.url, settings)

    assert any("bounces@learn.example.org" in command for command in server.commands)
    assert b"bounces@" not in server.contents[0]


def test_a_letter_that_passed_to_somebody_else_is_not_ended(settings):
    with smtp_server() as server:
        answers = sent(server.url, settings, message(), message(), before_end=lambda: False)

    assert [answer.outcome for answer in answers] == [Outcome.NOT_OURS] * 2
    assert server.contents == []


def test_trouble_while_the_end_is_noted_leaves_the_letter_unended(settings):
    def broken() -> bool:
        raise LookupError

    began = time.monotonic()
    with smtp_server() as server, pytest.raises(LookupError):
        sent(server.url, settings, before_end=broken)

    assert server.contents == []
    assert time.monotonic() - began < 2


def test_the_end_is_noted_after_all_the_rest_was_sent(settings):
    seen: list[list[str]] = []

    def note() -> bool:
        seen.append([*server.commands])
        return True

    with smtp_server() as server:
        sent(server.url, settings, before_end=note)

    assert seen[0][-1].startswith("data")


def test_account_mail_keeps_its_own_way_when_that_of_reminders_is_broken(settings):
    with smtp_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        with pytest.raises(UnreachableError):
            sent(f"smtp://127.0.0.1:{free_port()}", settings)
        send_mail("Your new password", "…", None, ["ines@example.org"])

    assert len(server.contents) == 1


# --- Providers

ARRIVED = {"ErrorCode": 0, "Message": "OK", "To": "ines@example.org", "MessageID": "abc"}
INACTIVE = {
    "ErrorCode": 406,
    "Message": "You tried to send to a recipient that has been marked as inactive.\n"
    "Found inactive addresses: ines@example.org.\nInactive recipients are ones that have generated a hard bounce.",
}


def provided(provider, settings) -> list[Answer]:
    return sent(f"anymail+postmark:?server_token=secret&api_url={provider.url}", settings)


def test_a_provider_is_given_the_letter_with_all_its_heads_and_its_name(settings):
    with provider_server(says=(200, ARRIVED)) as provider:
        (answer,) = provided(provider, settings)

    assert answer.outcome == Outcome.TAKEN
    ((path, heads, asked),) = provider.asked
    assert (path, heads["X-Postmark-Server-Token"], asked["To"]) == ("/email", "secret", "ines@example.org")
    assert asked["Metadata"] == {"letter": str(LETTER)}
    given = {head["Name"]: head["Value"] for head in asked["Headers"]}
    assert given["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert given["Message-ID"] == f"<{LETTER}@learn.example.org>"
    assert {"TextBody", "HtmlBody"} <= asked.keys()


@pytest.mark.parametrize(
    ("says", "outcome", "is_recipients"),
    [
        ((429, {"Message": "slow down"}), Outcome.NOT_NOW, False),
        ((500, {"Message": "oh"}), Outcome.NOT_NOW, False),
        ((503, "no JSON at all"), Outcome.NOT_NOW, False),
        ((422, INACTIVE), Outcome.NEVER, True),
        (
            (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'ines@example.org'."}),
            Outcome.NEVER,
            True,
        ),
        ((422, {"ErrorCode": 400, "Message": "The Sender Signature is missing."}), Outcome.REFUSES_US, False),
        ((401, {"ErrorCode": 10, "Message": "Bad or missing API token"}), Outcome.REFUSES_US, False),
        ((200, "no JSON at all"), Outcome.LOST, False),
        (HANG, Outcome.LOST, False),
        (CUT, Outcome.LOST, False),
    ],
)
def test_what_a_provider_says_is_understood(settings, says, outcome, is_recipients):
    with provider_server(says=says) as provider:
        (answer,) = provided(provider, settings)

    assert (answer.outcome, answer.is_recipients) == (outcome, is_recipients)
    assert "\n" not in answer.said
    assert "secret" not in answer.said


def test_a_provider_that_is_not_there_cannot_be_reached(settings):
    with pytest.raises(UnreachableError):
        sent(f"anymail+postmark:?server_token=secret&api_url=http://127.0.0.1:{free_port()}/", settings)


def test_a_provider_without_its_key_cannot_be_reached_and_says_which_is_missing(settings):
    with pytest.raises(UnreachableError, match="SERVER_TOKEN"):
        sent("anymail+postmark:", settings)


@pytest.mark.parametrize(
    ("url", "arrived"),
    [
        ("anymail+mailgun:?api_key=k&sender_domain=example.org", {"id": "<1@x>", "message": "Queued"}),
        ("anymail+brevo:?api_key=k", {"messageId": "<1@x>"}),
        ("anymail+mailersend:?api_token=k", ""),
        ("anymail+resend:?api_key=k", {"id": "1"}),
        ("anymail+sendgrid:?api_key=k", {}),
        (
            "anymail+sparkpost:?api_key=k",
            {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": "1"}},
        ),
        (
            "anymail+scaleway:?secret_key=k&project_id=p",
            {"emails": [{"message_id": "1", "mail_rcpt": "ines@example.org"}]},
        ),
        ("anymail+mailtrap:?api_token=k", {"success": True, "message_ids": ["1"]}),
        (
            "anymail+mandrill:?api_key=k",
            [{"email": "ines@example.org", "status": "sent", "_id": "1", "reject_reason": None}],
        ),
        (
            "anymail+postal:?api_key=k",
            {"status": "success", "data": {"message_id": "1", "messages": {"ines@example.org": {"id": 1}}}},
        ),
        (
            "anymail+mailjet:?api_key=k&secret_key=s",
            {
                "Messages": [
                    {
                        "Status": "success",
                        "To": [{"Email": "ines@example.org", "MessageID": 1}],
                        "Cc": [],
                        "Bcc": [],
                    }
                ]
            },
        ),
        (
            "anymail+unisender-go:?api_key=k",
            {"status": "success", "job_id": "1", "emails": ["ines@example.org"]},
        ),
    ],
)
@pytest.mark.filterwarnings(
    "ignore::anymail.exceptions.AnymailNotSupportedWarning"
)  # SendGrid: works all the same
def test_every_provider_takes_a_letter_as_it_is(settings, url, arrived):
    with provider_server(says=(200, arrived)) as provider:
        (answer,) = sent(f"{url}&api_url={provider.url}", settings)

    assert answer == Answer(Outcome.TAKEN), answer.said
    assert str(LETTER) in str(provider.asked)


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ((200, {"MessageId": "1"}), Outcome.TAKEN),
        ((429, {}), Outcome.NOT_NOW),
        ((403, {}), Outcome.REFUSES_US),
    ],
)
def test_amazons_own_library_is_understood_as_well(settings, monkeypatch, says, outcome):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with provider_server(says=says) as provider:
        settings.ANYMAIL = {
            "AMAZON_SES_SESSION_PARAMS": {"aws_access_key_id": "k", "aws_secret_access_key": "s"},
            "AMAZON_SES_CLIENT_PARAMS": {
                "endpoint_url": provider.url,
                "region_name": "eu-west-1",
                "config": {"retries": {"total_max_attempts": 1}},
            },
        }
        (answer,) = sent("anymail+amazon-ses:", settings)

    assert answer.outcome == outcome


def test_amazon_that_is_not_there_cannot_be_reached(settings):
    settings.ANYMAIL = {
        "AMAZON_SES_SESSION_PARAMS": {"aws_access_key_id": "k", "aws_secret_access_key": "s"},
        "AMAZON_SES_CLIENT_PARAMS": {
            "endpoint_url": f"http://127.0.0.1:{free_port()}/",
            "region_name": "eu-west-1",
            "config": {"retries": {"total_max_attempts": 1}},
        },
    }
    with pytest.raises(UnreachableError):
        sent("anymail+amazon-ses:", settings)


@pytest.mark.parametrize("code", [400, 421, 450, 499, 500, 550, 599])
@pytest.mark.parametrize("at", Place)
def test_no_answer_is_both_the_readers_and_ours(code, at):
    for said in ("", "5.1.1 x", "5.2.1 x", "5.7.1 x", "4.2.2 x", "x" * 500):
        answer = judged(code, said, at)

        assert not (answer.is_recipients and answer.outcome == Outcome.REFUSES_US)
        assert not answer.is_gone or answer.is_recipients
        assert len(answer.said) <= 200
        assert answer.outcome in {Outcome.NOT_NOW, Outcome.NEVER, Outcome.REFUSES_US}
