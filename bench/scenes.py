"""What is measured: each page of the product, the floor it stands on, and the goal for their ratio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.load import Request

ROAD = "machine-learning"
HOST = "waymark.test"

# CPU ms of each floor on the machine where the goals were set, and of the cached body there (performance-baselines).
REFERENCE_CACHED = 0.85
REFERENCE = {
    "cached": 0.85,
    "cached-signed-in": 1.9,
    "page-django": 20.8,
    "page-jinja": 10.5,
    "upsert": 2.95,
    "list-drf": 11.5,
    "list-json-agg": 3.0,
}
FLAGGED_OVER = 1.3


@dataclass(frozen=True)
class Goal:
    """CPU of the product's page at most `ratio` times CPU of this floor."""

    floor: str
    ratio: float


@dataclass(frozen=True)
class Scene:
    """One page of the product; `requests(data, start, count)` makes a block of requests from prepared data."""

    name: str
    goals: tuple[Goal, ...]
    requests: Callable[[dict[str, Any], int, int], list[Request]]


def floor_requests(path: str, sessions: list[str], start: int, count: int) -> list[Request]:
    """Requests to a floor, each by another person; an upsert gets another item each time."""
    made = []
    for number in range(start, start + count):
        session = sessions[number % len(sessions)]
        headers = {} if path == "cached" else {"Cookie": f"sessionid={session}"}
        is_act = path == "upsert"
        address = f"/{path}?item={number}" if is_act else f"/{path}"
        made.append(Request(address, "POST" if is_act else "GET", headers, expect=204 if is_act else 200))
    return made


def _anonymous(_data: dict[str, Any], _start: int, count: int) -> list[Request]:
    return [Request(f"/roads/{ROAD}/", headers=_house())] * count


def _page(path: str, who: str = "learners") -> Callable[[dict[str, Any], int, int], list[Request]]:
    def requests(data: dict[str, Any], start: int, count: int) -> list[Request]:
        people = data[who]
        return [Request(path, headers=_signed_in(data, people[n % len(people)])) for n in _span(start, count)]

    return requests


def _ticks(data: dict[str, Any], start: int, count: int) -> list[Request]:
    """Each learner ticks one resource after the other; after the last one she begins to untick."""
    made, people, keys = [], data["learners"], data["resources"]
    for n in _span(start, count):
        person, turn = people[n % len(people)], n // len(people)
        done = 1 - (turn // len(keys)) % 2
        headers = {**_acting(data, person), "HX-Request": "true"}
        path = f"/roads/{ROAD}/resources/{keys[turn % len(keys)]}/tick/"
        body = f"done={done}&stage={data['stage']}".encode()
        made.append(
            Request(path, "POST", {**headers, "Content-Type": "application/x-www-form-urlencoded"}, body)
        )
    return made


def _saves(data: dict[str, Any], start: int, count: int) -> list[Request]:
    made, attempts = [], data["open_attempts"]
    for n in _span(start, count):
        attempt = attempts[n % len(attempts)]
        body = attempt["save"].replace("SEQUENCE", str(n + 1)).replace("CLIENT", f"{n:032x}")
        headers = {**_acting(data, attempt), "Content-Type": "application/json"}
        made.append(Request(attempt["save_url"], "POST", headers, body.encode()))
    return made


def _submits(data: dict[str, Any], start: int, count: int) -> list[Request]:
    """Each attempt is handed in once; prepare.py makes as many as all rounds need."""
    return [
        Request(
            attempt["submit_url"],
            "POST",
            {**_acting(data, attempt), "Content-Type": "application/x-www-form-urlencoded"},
            b"confirmed=1",
            expect=302,
        )
        for attempt in data["full_attempts"][start : start + count]
    ]


def _house() -> dict[str, str]:
    return {"Host": HOST, "X-Forwarded-Proto": "https"}


def _signed_in(data: dict[str, Any], person: dict[str, Any]) -> dict[str, str]:
    return {**_house(), "Cookie": f"{data['session_cookie']}={person['session']}"}


def _acting(data: dict[str, Any], person: dict[str, Any]) -> dict[str, str]:
    token = data["csrf"]
    cookies = f"{data['session_cookie']}={person['session']}; {data['csrf_cookie']}={token}"
    return {**_house(), "Cookie": cookies, "X-CSRFToken": token, "Referer": f"https://{HOST}/"}


def _span(start: int, count: int) -> range:
    return range(start, start + count)


SCENES = (
    Scene("public road page", (Goal("cached", 2.0),), _anonymous),
    Scene("today", (Goal("page-django", 1.0), Goal("page-jinja", 1.5)), _page("/today/")),
    Scene("road page, signed in", (Goal("cached-signed-in", 2.5),), _page(f"/roads/{ROAD}/")),
    Scene("stage page", (Goal("cached-signed-in", 5.0),), _page(f"/roads/{ROAD}/stages/math/")),
    Scene("tick", (Goal("upsert", 1.5),), _ticks),
    Scene("save an answer", (Goal("upsert", 1.5),), _saves),
    Scene("submit 20 questions", (Goal("upsert", 3.3),), _submits),
    Scene("mentor queue", (Goal("page-django", 1.0),), _page("/mentor/", "mentors")),
    Scene(
        "API list of 100",
        (Goal("list-drf", 0.6), Goal("list-json-agg", 2.2)),
        _page("/api/v1/mentor/learners/?page_size=100", "mentors"),
    ),
)
LETTER_GOAL = 2.0
