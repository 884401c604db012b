"""The schema, the page that shows it, and which other origins may ask."""

import json

import pytest
from django.core.management import call_command
from pydantic import BaseModel

from tests.api.conftest import secret_of
from tests.cast import enrolled, ines

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client):
    return json.loads(client.get("/api/schema/", {"format": "json"}).content)


def test_the_schema_is_valid_and_nothing_in_it_was_guessed(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))

    assert (tmp_path / "schema.yaml").read_text().startswith("openapi: 3.1")


def test_every_operation_names_its_refusals(schema):
    operations = {
        operation["operationId"]: operation
        for path in schema["paths"].values()
        for method, operation in path.items()
    }

    assert len(operations) > 25
    for name, operation in operations.items():
        codes = set(operation["responses"])
        assert "429" in codes, name
        assert operation["description"], name
        if "requestBody" in operation:
            assert {"400", "401", "403", "415", "422"} <= codes, name


def test_no_two_shapes_share_a_name(schema):
    """The schema knows shapes by name only, so a second one of the same name would be described as the first."""

    def heirs(kind: type[BaseModel]) -> set[type[BaseModel]]:
        below: list[type[BaseModel]] = kind.__subclasses__()
        return {kind}.union(*map(heirs, below))

    shapes = {
        shape
        for shape in heirs(BaseModel)
        if shape.__module__.startswith(("api.", "roadmap.document", "quizzes.saves"))
        and shape.__name__ in schema["components"]["schemas"]
    }

    names = [shape.__name__ for shape in shapes]
    assert len(names) > 40
    assert sorted(names) == sorted(set(names))


def test_bodies_are_described_by_the_forms_that_read_them(schema):
    plan = schema["components"]["schemas"]["PlanForm"]

    assert plan["additionalProperties"] is False
    assert plan["properties"]["hours_per_week"]["type"] == "number"
    assert plan["properties"]["hours_per_week"]["maximum"] == 80
    assert plan["required"] == ["hours_per_week", "starts_on"]


def test_the_docs_page_allows_inline_style_and_no_inline_script(client):
    docs, pages = client.get("/api/docs/"), client.get("/")

    policy = docs["Content-Security-Policy"]
    assert docs.status_code == 200
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in pages["Content-Security-Policy"]
    assert b"http://" not in docs.content
    assert b"https://" not in docs.content


def test_no_other_origin_may_ask_until_it_is_named(client):
    answer = client.get("/api/v1/roads/", headers={"Origin": "http://localhost:8090"})

    assert "Access-Control-Allow-Origin" not in answer


def test_a_named_origin_may_ask_with_a_token_and_never_with_cookies(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["http://localhost:8090"]
    enrolled(ines())
    tick = "/api/v1/enrollments/trail-test/ticks/r-rocks/"
    origin = {"Origin": "http://localhost:8090"}

    asked = client.options(
        tick,
        headers={
            **origin,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    ticked = client.put(tick, headers={**origin, "Authorization": f"Bearer {secret_of(ines())}"})

    assert asked["Access-Control-Allow-Origin"] == "http://localhost:8090"
    assert "PUT" in asked["Access-Control-Allow-Methods"]
    assert "authorization" in asked["Access-Control-Allow-Headers"]
    assert ticked.status_code == 200
    assert ticked["Access-Control-Allow-Origin"] == "http://localhost:8090"
    assert "Access-Control-Allow-Credentials" not in ticked


def test_pages_are_never_for_other_origins(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["http://localhost:8090"]

    answer = client.get("/settings/tokens/", headers={"Origin": "http://localhost:8090"})

    assert "Access-Control-Allow-Origin" not in answer
