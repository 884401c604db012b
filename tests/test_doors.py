"""Who finds what behind every door of the house: one line a door and method. A door without a line fails here.

`in` is the way to sign in, `on` the way to another page; numbers are statuses. The owner is Ines, whose things the
addresses name; the other is a learner on the same road. Each request is taken back before the next.
"""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any, cast

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.populated import ROLES, House, populate, suspend

pytestmark = pytest.mark.django_db

PAGES = """
door                                  how  nobody owner  other  mentor strange author admin suspended
accounts:settings                     GET  in     200    200    200    200    200    200    in
accounts:settings                     POST in     422    422    422    422    422    422    in
accounts:pause                        POST in     422    422    422    422    422    422    in
accounts:end_pause                    POST in     on     404    404    404    404    404    in
accounts:theme                        POST on     on     on     on     on     on     on     on
accounts:invitation                   GET  410    on     on     on     on     on     on     410
accounts:confirm_email                GET  200    200    200    200    200    200    200    200
accounts:confirm_email                POST 200    200    200    200    200    200    200    200
account_login                         GET  200    on     on     on     on     on     on     200
account_login                         POST 200    on     on     on     on     on     on     200
account_logout                        GET  on     200    200    200    200    200    200    on
account_logout                        POST on     on     on     on     on     on     on     on
account_inactive                      GET  200    200    200    200    200    200    200    200
account_signup                        GET  200    on     on     on     on     on     on     200
account_signup                        POST 200    on     on     on     on     on     on     200
account_reauthenticate                GET  in     200    200    200    200    200    200    in
account_reauthenticate                POST in     200    200    200    200    200    200    in
account_email                         GET  in     200    200    200    200    200    200    in
account_email                         POST in     on     on     on     on     on     on     in
account_email_verification_sent       GET  200    200    200    200    200    200    200    200
account_change_password               GET  in     200    200    200    200    200    200    in
account_change_password               POST in     200    200    200    200    200    200    in
account_set_password                  GET  in     on     on     on     on     on     on     in
account_set_password                  POST in     on     on     on     on     on     on     in
account_reset_password                GET  200    200    200    200    200    200    200    200
account_reset_password                POST 200    200    200    200    200    200    200    200
account_confirm_login_code            GET  in     on     on     on     on     on     on     in
account_confirm_login_code            POST in     on     on     on     on     on     on     in
account_reset_password_from_key_done  GET  200    200    200    200    200    200    200    200
account_reset_password_from_key       GET  200    200    200    200    200    200    200    200
account_reset_password_from_key       POST 200    200    200    200    200    200    200    200
account_reset_password_done           GET  200    200    200    200    200    200    200    200
account_request_login_code            GET  200    on     on     on     on     on     on     200
account_request_login_code            POST 200    on     on     on     on     on     on     200
mfa_index                             GET  in     200    200    200    200    200    200    in
mfa_authenticate                      GET  in     on     on     on     on     on     on     in
mfa_authenticate                      POST in     on     on     on     on     on     on     in
mfa_reauthenticate                    GET  in     on     on     on     on     on     on     in
mfa_reauthenticate                    POST in     on     on     on     on     on     on     in
mfa_activate_totp                     GET  in     on     on     on     on     on     on     in
mfa_activate_totp                     POST in     on     on     on     on     on     on     in
mfa_deactivate_totp                   GET  in     404    404    404    404    404    404    in
mfa_deactivate_totp                   POST in     404    404    404    404    404    404    in
mfa_view_recovery_codes               GET  in     404    404    404    404    404    404    in
mfa_generate_recovery_codes           GET  in     on     on     on     on     on     on     in
mfa_generate_recovery_codes           POST in     on     on     on     on     on     on     in
mfa_download_recovery_codes           GET  in     404    404    404    404    404    404    in
mfa_download_recovery_codes           POST in     404    404    404    404    404    404    in
usersessions_list                     GET  in     200    200    200    200    200    200    in
usersessions_list                     POST in     on     on     on     on     on     on     in
roadmap:roads                         GET  200    200    200    200    200    200    200    200
roadmap:library                       GET  200    200    200    200    200    200    200    200
roadmap:resource                      GET  200    200    200    200    200    200    200    200
progress:search                       GET  200    200    200    200    200    200    200    200
progress:palette                      GET  200    200    200    200    200    200    200    200
progress:today                        GET  in     200    200    200    200    200    200    in
roadmap:rate                          POST in     422    422    422    422    422    422    in
roadmap:report_link                   POST in     422    422    422    422    422    422    in
roadmap:robots                        GET  200    200    200    200    200    200    200    200
roadmap:sitemap                       GET  200    200    200    200    200    200    200    200
roadmap:pages                         GET  200    200    200    200    200    200    200    200
roadmap:feed                          GET  200    200    200    200    200    200    200    200
roadmap:road_feed                     GET  200    200    200    200    200    200    200    200
roadmap:picture                       GET  200    200    200    200    200    200    200    200
progress:print                        GET  200    200    200    200    200    200    200    200
progress:markdown                     GET  200    200    200    200    200    200    200    200
progress:road                         GET  200    200    200    200    200    200    200    200
progress:enroll                       GET  in     on     on     200    200    200    200    in
progress:enroll                       POST in     on     on     422    422    422    422    in
progress:editions                     GET  200    200    200    200    200    200    200    200
progress:edition                      GET  200    200    200    200    200    200    200    200
progress:since                        GET  in     200    200    404    404    404    404    in
progress:plan                         GET  in     200    200    404    404    404    404    in
progress:plan                         POST in     422    422    404    404    404    404    in
progress:stage                        GET  in     200    200    404    404    404    404    in
progress:placement                    GET  in     200    200    on     on     on     on     in
progress:placement                    POST in     409    on     on     on     on     on     in
progress:walk                         POST in     on     404    404    404    404    404    in
progress:practice                     GET  in     200    200    404    404    404    404    in
progress:practice                     POST in     on     on     404    404    404    404    in
progress:tick                         POST in     on     on     404    404    404    404    in
progress:cards                        GET  in     200    200    200    200    200    200    in
progress:cards                        POST in     422    422    422    422    422    422    in
progress:card_session                 GET  in     on     on     on     on     on     on     in
progress:card_session                 POST in     on     on     on     on     on     on     in
progress:card_next                    GET  in     on     on     on     on     on     on     in
progress:card_undo                    POST in     on     on     on     on     on     on     in
progress:card_answer                  GET  in     200    404    404    404    404    404    in
progress:card_review                  POST in     on     404    404    404    404    404    in
progress:card_suspension              POST in     on     404    404    404    404    404    in
progress:quiz_start                   GET  in     200    200    404    404    404    404    in
progress:quiz_start                   POST in     on     on     404    404    404    404    in
progress:quiz                         GET  in     on     404    404    404    404    404    in
progress:quiz                         POST in     on     404    404    404    404    404    in
progress:quiz_save                    POST in     422    404    404    404    404    404    in
progress:quiz_state                   GET  in     200    404    404    404    404    404    in
progress:quiz_flag                    POST in     204    404    404    404    404    404    in
progress:quiz_differences             GET  in     on     404    404    404    404    404    in
progress:quiz_differences             POST in     on     404    404    404    404    404    in
progress:signed_in                    GET  in     200    200    200    200    200    200    in
progress:quiz_submit                  GET  in     on     404    404    404    404    404    in
progress:quiz_submit                  POST in     on     404    404    404    404    404    in
progress:quiz_result                  GET  in     200    404    404    404    404    404    in
progress:quiz_appeal                  POST in     422    404    404    404    404    404    in
mentoring:evidence_list               GET  in     200    200    200    200    200    200    in
mentoring:file                        GET  in     200    404    200    404    404    200    in
mentoring:evidence                    GET  in     200    200    404    404    404    404    in
mentoring:evidence                    POST in     422    409    404    404    404    404    in
mentoring:home                        GET  in     404    404    200    200    404    200    in
mentoring:review                      GET  in     404    404    200    404    404    200    in
mentoring:review                      POST in     404    404    409    404    404    409    in
mentoring:marks                       GET  in     404    404    200    404    404    200    in
mentoring:marks                       POST in     404    404    422    404    404    422    in
mentoring:appeal                      GET  in     404    404    200    404    404    200    in
mentoring:appeal                      POST in     404    404    422    404    404    422    in
mentoring:attempt                     GET  in     404    404    200    404    404    200    in
mentoring:attempt_minutes             POST in     404    404    422    404    404    422    in
mentoring:attempt_set_aside           POST in     404    404    422    404    404    422    in
mentoring:learner                     GET  in     404    404    200    404    404    200    in
mentoring:accommodations              GET  in     404    404    200    404    404    200    in
mentoring:accommodations              POST in     404    404    422    404    404    422    in
mentoring:end_accommodation           POST in     404    404    on     404    404    on     in
reminders:settings                    GET  in     200    200    200    200    200    200    in
reminders:settings                    POST in     422    422    422    422    422    422    in
reminders:tryout                      POST in     on     on     on     on     on     on     in
reminders:next                        GET  in     200    200    200    200    200    200    in
reminders:inbox                       GET  in     200    200    200    200    200    200    in
reminders:letter                      GET  in     200    404    404    404    404    404    in
reminders:reading                     POST in     422    404    404    404    404    404    in
reminders:calendar_settings           GET  in     200    200    200    200    200    200    in
reminders:calendar_settings           POST in     on     on     on     on     on     on     in
reminders:renew_links                 POST in     on     on     on     on     on     on     in
reminders:renew_calendar              POST in     on     on     on     on     on     on     in
reminders:revoke_calendar             POST in     on     on     on     on     on     on     in
reminders:calendar                    GET  200    200    200    200    200    200    200    200
reminders:address                     GET  in     200    200    200    200    200    200    in
reminders:address                     POST in     on     on     on     on     on     on     in
reminders:confirm_address             GET  200    200    200    200    200    200    200    200
reminders:confirm_address             POST 200    200    200    200    200    200    200    200
reminders:events                      POST 404    404    404    404    404    404    404    404
reminders:unsubscribe                 GET  200    200    200    200    200    200    200    200
reminders:unsubscribe                 POST 200    200    200    200    200    200    200    200
api:tokens                            GET  in     200    200    200    200    200    200    in
api:tokens                            POST in     422    422    422    422    422    422    in
api:revoke_token                      POST in     on     404    404    404    404    404    in
api:docs                              GET  200    200    200    200    200    200    200    200
api:schema                            GET  200    200    200    200    200    200    200    200
"""

API = """
door             how    nobody owner  other  mentor strange author admin suspended read   write
me               GET    401    200    200    200    200    200    200    401    200    200
accommodations   GET    401    200    200    200    200    200    200    401    200    200
roads            GET    200    200    200    200    200    200    200    200    200    200
road             GET    200    200    200    200    200    200    200    200    200    200
stage            GET    200    200    200    200    200    200    200    200    200    200
enrollments      GET    401    200    200    200    200    200    200    401    200    200
enrollments      POST   401    422    422    422    422    422    422    401    403    422
enrollment       GET    401    200    200    404    404    404    404    401    200    200
standing         GET    401    200    200    404    404    404    404    401    200    200
mastery          GET    401    200    200    404    404    404    404    401    200    200
practice         GET    401    200    200    404    404    404    404    401    200    200
practice_answers POST   401    422    422    404    404    404    404    401    403    422
walk             PUT    401    200    404    404    404    404    404    401    403    200
walk             DELETE 401    200    404    404    404    404    404    401    403    200
plan             GET    401    200    200    404    404    404    404    401    200    200
plan             POST   401    422    422    404    404    404    404    401    403    422
ticks            GET    401    200    200    404    404    404    404    401    200    200
tick             PUT    401    200    200    404    404    404    404    401    403    200
tick             DELETE 401    204    204    404    404    404    404    401    403    204
attempts         GET    401    200    200    404    404    404    404    401    200    200
attempts         POST   401    201    201    404    404    404    404    401    403    201
attempt          GET    401    200    404    404    404    404    404    401    200    200
answers          PUT    401    422    404    404    404    404    404    401    403    422
flag             PUT    401    204    404    404    404    404    404    401    403    204
flag             DELETE 401    204    404    404    404    404    404    401    403    204
submit           POST   401    200    404    404    404    404    404    401    403    200
appeals          GET    401    200    404    404    404    404    404    401    200    200
appeals          POST   401    422    404    404    404    404    404    401    403    422
cards            GET    401    200    200    200    200    200    200    401    200    200
deck             GET    401    200    200    200    200    200    200    401    200    200
card_settings    GET    401    200    200    200    200    200    200    401    200    200
card_settings    PUT    401    422    422    422    422    422    422    401    403    422
card             GET    401    200    404    404    404    404    404    401    200    200
card_back        GET    401    200    404    404    404    404    404    401    200    200
card_reviews     POST   401    422    404    404    404    404    404    401    403    422
submissions      GET    401    200    200    404    404    404    404    401    200    200
submission       GET    401    200    404    404    404    404    404    401    200    200
submission       POST   401    422    422    404    404    404    404    401    403    422
versions         GET    401    200    404    404    404    404    404    401    200    200
version_file     GET    401    200    404    200    404    404    200    401    200    200
reviews          GET    401    200    200    200    200    200    200    401    200    200
review_queue     GET    401    404    404    200    200    404    200    401    404    404
review           GET    401    404    404    200    404    404    200    401    404    404
review           POST   401    404    404    422    404    404    422    401    403    404
review_versions  GET    401    404    404    200    404    404    200    401    404    404
marks_queue      GET    401    404    404    200    200    404    200    401    404    404
marks            GET    401    404    404    200    404    404    200    401    404    404
marks            POST   401    404    404    422    404    404    422    401    403    404
learners         GET    401    404    404    200    200    404    200    401    404    404
learner_standing GET    401    404    404    200    404    404    200    401    404    404
learner_mastery  GET    401    404    404    200    404    404    200    401    404    404
nowhere          GET    404    404    404    404    404    404    404    404    404    404
question_imports POST  401    404    404    404    404    415    415    401    403    404
question_export  GET   401    404    404    404    404    422    422    401    404    404
"""

DESK = """
door                           nobody other  mentor author admin
admin:index                    in     in     in     200    200
admin:login                    in     403    403    on     on
admin:logout                   on     on     on     405    405
admin:password_change          in     in     in     200    200
admin:password_change_done     in     in     in     200    200
admin:autocomplete             in     in     in     403    403
admin:jsi18n                   in     in     in     200    200
admin:view_on_site             in     in     in     404    404
admin:authoring_publish        in     in     in     200    200
admin:authoring_preview        in     in     in     200    200
admin:authoring_preview_stage  in     in     in     200    200
admin:authoring_stage          in     in     in     200    200
admin:roadmap_markdown         in     in     in     405    405
admin:authoring_stage_state    in     in     in     200    200
admin:authoring_editions       in     in     in     200    200
admin:authoring_difference     in     in     in     200    200
admin:authoring_publish_again  in     in     in     200    200
admin:authoring_import         in     in     in     200    200
admin:authoring_confirm_import in     in     in     200    404
admin:authoring_zip            in     in     in     on     on
admin:authoring_import_questions in   in     in     200    200
admin:authoring_confirm_questions in  in     in     200    404
admin:authoring_copy           in     in     in     200    200
admin:authoring_try_quiz       in     in     in     200    200
admin:authoring_health         in     in     in     200    200
admin:authoring_question_health in    in     in     200    200
admin:authoring_regrade        in     in     in     200    200
admin:authoring_regrade_undo   in     in     in     404    404
admin:reminders_switch         in     in     in     403    200
admin:reminders_requeue        in     in     in     405    405
admin:reminders_next_of        in     in     in     403    200
admin:reminders_rehearsal      in     in     in     403    200
admin:reminders_download       in     in     in     403    200
admin:reminders_lift           in     in     in     403    200
admin:app_list                 in     in     in     200    200
"""

# Nobody else comes in; what only admins open is 403 to authors. What does not say how it found a row is 409.
MODELS = """
door                    who    changelist add  change   history delete  archive
roadmap.roadmap         both   200        200  200      200     403     409
roadmap.stage           both   200        200  200      200     403     409
roadmap.topic           both   200        200  200      200     403     409
roadmap.evidencetask    both   200        200  200      200     403     409
roadmap.resource        both   200        200  200      200     403     409
roadmap.linkcheck       both   200        403  200      200     403     -
quizzes.quiz            both   200        200  200      200     403     409
quizzes.question        both   200        200  200      200     403     409
quizzes.accommodation   admin  200        200  200      200     403     -
accounts.user           admin  200        200  200      200     403     -
accounts.invitation     admin  200        200  200      200     200     -
account.emailaddress    admin  200        200  200      200     200     -
progress.cohort         admin  200        200  200      200     200     -
progress.enrollment     admin  200        403  200      200     403     -
mentoring.mentorship    admin  200        200  200      200     403     -
reminders.letter        admin  200        403  200      200     403     -
reminders.suppression   admin  200        403  200      200     403     -
"""
DESK_ROLES = ("nobody", "owner", "mentor", "suspended", "author", "admin")
WITHOUT_NAME = {"healthz", "readyz"}
SHADOWED = {"account_confirm_email"}  # accounts:confirm_email stands before it
WITHOUT_CSRF = {"reminders:unsubscribe", "reminders:events"}  # a token, or a secret, is the whole proof


class _UndoError(Exception):
    """Takes back what a request did."""


@pytest.fixture
def house(settings) -> House:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.API_REQUESTS_PER_MINUTE_WITHOUT_TOKEN = 10_000
    return populate()


@pytest.fixture
def browsers(house) -> dict[str, Client]:
    found = {"nobody": Client()} | {role: Client() for role in ROLES}
    for role, person in house.people.items():
        found[role].force_login(person)
    suspend(house.people["suspended"])
    found["read"], found["write"] = (
        Client(headers={"Authorization": f"Bearer {house.secrets[scope]}"}) for scope in ("read", "write")
    )
    return found


def doors(resolver: Any = None, before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """(name with its namespaces, address pattern) of every door."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inside = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from doors(entry, before + str(entry.pattern), inside)
        elif isinstance(entry, URLPattern):
            yield space + (entry.name or ""), before + str(entry.pattern)


PATTERNS = dict(doors())


def address_of(name: str, values: Mapping[str, object]) -> str:
    wanted = re.findall(r"<(?:\w+:)?(\w+)>", PATTERNS[name])
    return reverse(name, kwargs={key: values.get(f"{name}.{key}", values.get(key)) for key in wanted})


def rows(table: str) -> Iterator[dict[str, str]]:
    head, *lines = (line.split() for line in table.strip().splitlines())
    yield from (dict(zip(head, cells, strict=True)) for cells in lines)


def asked(browser: Client, how: str, address: str) -> str:
    """What the browser gets; whatever the request changed is taken back, the browser's cookies too."""
    asker = Client(**cast("dict[str, Any]", browser.defaults))
    asker.cookies = copy(browser.cookies)
    answer: Any = None
    try:
        with transaction.atomic():
            answer = asker.generic(how, address, *_body(how, address))
            raise _UndoError  # noqa: TRY301  # only an error takes a transaction back
    except _UndoError:
        pass
    if answer.streaming:
        answer.getvalue()  # closes the file
    return _short(answer)


def _body(how: str, address: str) -> tuple[str, str]:
    if address.startswith("/api/"):
        return "{}", "application/json"
    return ("nothing=1" if how == "POST" else ""), "application/x-www-form-urlencoded"


def _short(answer: Any) -> str:
    if answer.status_code != 302:
        return str(answer.status_code)
    return "in" if answer["Location"].startswith(("/accounts/login/", "/admin/login/")) else "on"


def differences(table: str, browsers: Mapping[str, Client], house: House, space: str = "") -> list[str]:
    found = []
    for row in rows(table):
        name, how = row.pop("door"), row.pop("how", "GET")
        address = address_of(space + name, house.values)
        got = {who: asked(browsers[who], how, address) for who in row}
        if got != row:
            found.append(
                f"{name} {how}: " + ", ".join(f"{w} {got[w]} not {row[w]}" for w in row if got[w] != row[w])
            )
    return found


def test_every_door_has_a_line():
    lines = {row["door"] for table in (PAGES, DESK) for row in rows(table)}
    lines |= {f"api:v1:{row['door']}" for row in rows(API)}
    models = {f"admin:{model._meta.app_label}_{model._meta.model_name}_" for model in admin.site._registry}
    named = {name for name in PATTERNS if not name.startswith(tuple(models))}

    assert named - SHADOWED - {"", "admin:"} == lines
    assert {pattern for name, pattern in doors() if not name} == WITHOUT_NAME


def test_every_model_at_the_desk_has_a_line():
    assert {row["door"] for row in rows(MODELS)} == {
        model._meta.label_lower for model in admin.site._registry
    }


def test_pages_answer_as_their_lines_say(browsers, house):
    assert not differences(PAGES, browsers, house)


def test_the_api_answers_as_its_lines_say(browsers, house):
    assert not differences(API, browsers, house, space="api:v1:")


def test_the_desk_answers_as_its_lines_say(browsers, house):
    assert not differences(DESK, browsers, house)


def test_the_drafts_and_people_at_the_desk_are_open_as_their_lines_say(browsers, house):
    found = []
    at_the_desk = {model._meta.label_lower: model for model in admin.site._registry}
    for row in rows(MODELS):
        label, who = row.pop("door"), row.pop("who")
        pk = at_the_desk[label]._base_manager.earliest("pk").pk
        for act, wanted in row.items():
            name = f"admin:{label.replace('.', '_')}_{act}"
            if wanted == "-":
                assert name not in PATTERNS
                continue
            address = reverse(name, args=[] if act in {"changelist", "add"} else [pk])
            got = {
                role: asked(browsers[role], "POST" if act == "archive" else "GET", address)
                for role in DESK_ROLES
            }
            expected = {
                **dict.fromkeys(DESK_ROLES, "in"),
                "author": wanted if who == "both" else "403",
                "admin": wanted,
            }
            found += [f"{name}: {role} {got[role]}" for role in got if got[role] != expected[role]]
    assert not found


def test_no_page_takes_a_method_without_a_line(browsers, house):
    listed = {(row["door"], row["how"]) for row in rows(PAGES)}
    own = {row["door"] for row in rows(PAGES) if ":" in row["door"]}  # allauth's take a PUT as a POST
    wanted = [(door, how) for door in sorted(own) for how in ("GET", "POST", "PUT", "DELETE")]

    taken = [
        (name, how)
        for name, how in wanted
        if (name, how) not in listed
        and asked(browsers["owner"], how, address_of(name, house.values)) not in {"405", "on"}
    ]

    assert not taken


def test_a_token_opens_no_page(browsers, house):
    personal = {row["door"] for row in rows(PAGES) if row["nobody"] == "in" and row["how"] == "GET"}

    opened = [n for n in personal if asked(browsers["write"], "GET", address_of(n, house.values)) != "in"]

    assert len(personal) > 20
    assert not opened


def test_no_form_is_taken_from_another_site(browsers, house):
    strict = Client(enforce_csrf_checks=True)
    posts = {row["door"] for row in rows(PAGES) if row["how"] == "POST"}

    taken = set()
    for name in posts:
        strict.cookies = copy(browsers["owner"].cookies)
        answer = strict.post(address_of(name, house.values), {"nothing": "1"})
        if answer.status_code != 403:
            taken.add(name)

    assert taken == WITHOUT_CSRF


def test_a_session_alone_writes_nothing_through_the_api(browsers, house):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = copy(browsers["owner"].cookies)
    for row in rows(API):
        if row["how"] != "GET":
            address = address_of(f"api:v1:{row['door']}", house.values)
            answer = strict.generic(row["how"], address, "{}", "application/json")
            assert answer.status_code == 403, row["door"]
