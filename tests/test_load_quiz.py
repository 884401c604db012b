"""`make load-quiz` never says that all held when it did not: it is played against a house with planted faults."""

import asyncio
import itertools
import json
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from bench.load_quiz import judge, player, scenes
from bench.load_quiz.judge import HandedIn, Saved, Verdict
from bench.load_quiz.scenes import Play, Scale

SMALL = Scale(
    10, 10, 0.05, ramp_seconds=0.05, pace=0.05, rounds=2, kill_seconds=0.2, kill_every=0.1, submit_seconds=0.1
)
PAPER = [{"slot": slot, "version": 10 * slot, "points": slot} for slot in (1, 2, 3)]
FAULTS = {
    "forgets an answer": "steady saves (lost",
    "keeps another value": "steady saves (lost",
    "refuses a save": "steady saves (save: 500",
    "keeps a save twice": "kills (kept 2 times",
    "starts twice": "starts (person 0 has 2 attempts",
    "starts nothing": "starts (person 0 has 0 attempts",
    "is never killed": "kills (kills: 0 instead of 2",
    "gives no receipt": "hand-ins (attempt",
    "grades twice": "hand-ins (attempt",
    "marks wrongly": "hand-ins (attempt",
    "opens without an epoch": "steady saves (page",
}


class FakeHouse:
    """Answers as the product does, from memory, but for one fault."""

    def __init__(self, fault=""):
        self.fault = fault
        self.port = 0
        people = [{"id": number, "session": f"s{number}"} for number in range(20)]
        right = {str(slot["version"]): f"right {slot['version']}" for slot in PAPER}
        self.data = {"learners": people, "right": right, "quiz": "/quiz/", "csrf": "c"}
        self.data |= {"session_cookie": "sessionid", "csrf_cookie": "csrftoken"}
        self.begun = defaultdict(list)
        self.kept = []
        self.gradings = defaultdict(int)
        self.connections = set()
        self.is_left = asyncio.Event()
        self.saves = itertools.count(1)

    def answer(self, person, path, body):
        if path == "/quiz/":
            return 302, f"Location: /quiz/attempts/{self.start(person)}/\r\n", ""
        if path.endswith("/answers/"):
            return self.save(person, json.loads(body)), "", "{}"
        if path.endswith("/hand-in/"):
            self.gradings[person] += 1
            return 302, "", ""
        return 200, "", "" if self.fault == "opens without an epoch" else '<form data-epoch="4">'

    def start(self, person):
        if self.fault == "starts nothing" and person == 0:
            return 1
        if not self.begun[person] or (self.fault == "starts twice" and person == 0):
            self.begun[person].append(100 + person + 1000 * len(self.begun[person]))
        return 1

    def save(self, person, sent):
        number = next(self.saves)
        if self.fault == "refuses a save" and number == 5:
            return 500
        for item in sent["items"]:
            row = Saved(
                100 + person, item["slot"], sent["epoch"], item["sequence"], item["client_id"], item["value"]
            )
            is_new = row not in self.kept or self.fault == "keeps a save twice"
            if is_new and not (self.fault == "forgets an answer" and number == 5):
                self.kept.append(row._replace(value="other") if self._spoils(number) else row)
        return 200

    def _spoils(self, number):
        return self.fault == "keeps another value" and number == 5

    # What the tool sees of a house

    def attempts(self):
        return [(person, attempt, PAPER) for person, begun in self.begun.items() for attempt in begun]

    def answers(self):
        return list(self.kept)

    def handed_in(self):
        points = Decimal(1) if self.fault == "marks wrongly" else Decimal(0)
        receipt = "" if self.fault == "gives no receipt" else "digest"
        return [
            HandedIn(
                100 + p,
                self.earned(p) + points,
                receipt,
                n if self.fault == "grades twice" else 1,
                self.earned(p),
            )
            for p, n in self.gradings.items()
        ]

    def earned(self, person):
        right = {(slot["slot"], self.data["right"][str(slot["version"])]): slot["points"] for slot in PAPER}
        return Decimal(sum(right.get((s.slot, s.value), 0) for s in self.kept if s.attempt == 100 + person))

    def kill_a_worker(self, _number):
        for connection in list(self.connections):
            connection.transport.abort()
        return self.fault != "is never killed"

    def cpu_seconds(self):
        return 0.0


class Answering(asyncio.Protocol):
    """One connection to the fake house."""

    def __init__(self, house):
        self.house = house
        self.heard = b""

    def connection_made(self, transport):
        self.transport = transport
        self.house.connections.add(self)
        self.house.is_left.clear()

    def connection_lost(self, _reason):
        self.house.connections.discard(self)
        if not self.house.connections:
            self.house.is_left.set()

    def data_received(self, data):
        self.heard += data
        head, end, body = self.heard.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:])
        if not end or len(body) < int(fields.get("Content-Length", 0)):
            return
        self.heard = b""
        person = int(fields["Cookie"].partition(";")[0].partition("=s")[2])
        status, more, said = self.house.answer(person, urlsplit(lines[0].split()[1]).path, body)
        answer = f"HTTP/1.1 {status} X\r\nContent-Length: {len(said)}\r\n{more}\r\n{said}"
        self.transport.write(answer.encode())


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(player, "AGAIN_AFTER", 0.01)
    monkeypatch.setattr(scenes, "LAST_TRY", 1)
    monkeypatch.setattr(scenes, "OPENING", 1000)


def played(fault=""):
    """In a thread of its own: the worker's own may hold the running loop of a browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _play(FakeHouse(fault))).result()


async def _play(house):
    server = await asyncio.get_running_loop().create_server(lambda: Answering(house), "127.0.0.1", 0)
    house.port = server.sockets[0].getsockname()[1]
    play = Play(house, SMALL)
    verdicts = await play.run(lambda _lines: None)
    server.close()
    await house.is_left.wait()
    return judge.summary(verdicts, play.scenes)


def test_a_house_without_faults_holds():
    line, is_held = played()

    assert is_held, line
    assert line.startswith("load-quiz: held starts, steady saves, burst, ")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_said(fault):
    line, is_held = played(fault)

    assert not is_held
    assert line.startswith("load-quiz: NOT held: ")
    assert FAULTS[fault] in line


@pytest.mark.parametrize(
    ("limit", "scene"), [("P95_LIMIT", "steady saves (the 95th"), ("BURST_LIMIT", "burst (the last")]
)
def test_a_slow_house_does_not_hold(monkeypatch, limit, scene):
    monkeypatch.setattr(scenes, limit, 0.00001)
    line, is_held = played()

    assert not is_held
    assert scene in line


def test_what_was_not_played_does_not_hold():
    line, is_held = judge.summary([Verdict("starts")], ["starts", "kills"])

    assert not is_held
    assert line == "load-quiz: NOT held: kills (not played)"
    assert judge.summary([], []) == ("load-quiz: NOT held: nothing was played", False)


def test_a_count_of_nothing_is_a_fault():
    assert judge.miscounted("saves", 0, 0)
    assert judge.too_slow("nothing", judge.percentile([], 0.95), 1)
    assert not judge.miscounted("saves", 3, 3)


def test_an_older_value_that_counts_is_a_fault():
    older, newer = Saved(1, 1, 1, 1, "a", "x"), Saved(1, 1, 1, 2, "b", "y")

    assert judge.wrong_at_last([older, newer], [newer, older]) == []
    assert judge.wrong_at_last([older, newer], [older])
    assert judge.wrong_at_last([older, newer], [newer, older._replace(epoch=2)])


def test_a_save_that_nobody_sent_is_a_fault():
    sent, strange = Saved(1, 1, 1, 1, "a", "x"), Saved(1, 1, 1, 2, "b", "y")

    assert judge.doubled([sent], [sent]) == []
    assert judge.doubled([sent], [sent, strange]) == ["kept, but never sent: save (1, 'b')"]
    assert judge.doubled([sent, strange], [sent, strange._replace(sequence=1)]) == [
        "kept 2 times: (attempt, slot, epoch, sequence) (1, 1, 1, 1)"
    ]
