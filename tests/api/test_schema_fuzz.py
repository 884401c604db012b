"""Schemathesis asks the live app what the schema says may be asked, and what it says may not."""

import time

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import clock
from quizzes.models import Attempt, Card
from roadmap.models import Topic
from tests.api.conftest import secret_of
from tests.cast import enrolled, hand_in, ines, mentored, person, take_quiz

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

SECONDS = 45
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def all_roles(settings):
    """Somebody behind every door, and a token of hers."""
    settings.API_REQUESTS_PER_MINUTE = settings.API_REQUESTS_PER_MINUTE_WITHOUT_TOKEN = 1_000_000
    boss = person("Bo Ss", "learner", "mentor", "admin")
    mentored(ines(), boss)
    take_quiz(enrolled(boss), "base-quiz", points=3)
    hand_in(enrolled(boss))
    Card.objects.gather(clock.now())
    return secret_of(boss)


@pytest.fixture
def real(all_roles):
    """What addresses may name that is really there."""
    version = hand_in(enrolled(ines()))
    return {
        "road_key": "trail-test",
        "stage_key": "base",
        "quiz_key": "base-quiz",
        "number": 1,
        "resource_key": "r-rocks",
        "task_key": "ridge-report",
        "submission_id": version.submission_id,
        "version_id": version.pk,
        "person_id": ines().pk,
        "card_id": Card.objects.earliest("id").pk,
        "topic_key": Topic.objects.earliest("id").key,
        "attempt_id": Attempt.objects.earliest("id").pk,
        "slot": 1,
    }


def test_no_request_breaks_the_api_or_gets_an_undocumented_answer(all_roles, real):
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {parameter.name for each in operations for parameter in each.path_parameters} == real.keys()
    asked = {operation.label: 0 for operation in operations}
    until = time.monotonic() + SECONDS

    for share, operation in enumerate(operations, 1):
        ask(operation, asked, all_roles, real, until - SECONDS * (1 - share / len(operations)))

    assert len(operations) > 25
    assert min(asked.values()) > 0


def ask(operation, asked, secret, real, until):
    """Ask one operation until its share of the time is over."""

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode]), st.booleans())
    def once(case, is_real):
        if asked[operation.label] and time.monotonic() > until:
            return
        if is_real:
            case.path_parameters = {name: real[name] for name in case.path_parameters or {}}
        asked[operation.label] += 1
        checks = [] if is_real else [negative_data_rejection]  # a wrong address was made right above
        case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, checks=[*CHECKS, *checks])

    once()
