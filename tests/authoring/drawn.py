"""Roads drawn by Hypothesis: odd texts, wherever a text may stand."""

from typing import Any

from hypothesis import strategies as st

from authoring.checked import Part, RawQuiz, RawRoad, RawStage
from authoring.faults import RowPlace

ODD = (
    "yes",
    "null",
    "2026-11-24",
    "1e3",
    "007",
    ": x",
    "- x",
    "# x",
    "'\"",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "%",
    "---",
    "...",
    "~",
    "{",
    "[",
)
letters = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])  # all that CONTROL lets through
lines = (
    st.text(letters, max_size=30)
    | st.sampled_from(ODD)
    | st.sampled_from(("", "  ", "    indented", "\t", "```", "\r"))
)
raw = st.lists(lines, max_size=5).map("\n".join)
spans = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted)


def part(data: dict[str, Any]) -> Part:
    return Part(data, RowPlace(str(data.get("key", "")), "", None), str(data.get("key", "")))


class Pen:
    """Writes the texts of a road: each one of a few that were drawn for it."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.texts = st.sampled_from(draw(st.lists(raw, min_size=4, max_size=12)))

    def raw(self) -> str:
        """Any text, blank ones and blanks around it included."""
        return self.draw(self.texts)

    def some(self) -> str:
        return self.raw().strip() or "x"

    def short(self) -> str:
        """One line, as in a title."""
        return " ".join(self.some().split())[:80]


@st.composite
def roads(draw: st.DrawFn) -> RawRoad:
    """A small sound road as its parts arrive; run `check` over it."""
    count = draw(st.integers(1, 3))
    pen = Pen(draw)
    stages = [_stage(draw, pen, number) for number in range(count)]
    resources = [
        part(
            {
                "key": f"drawn-r{number}", "title": pen.short(), "author": pen.short(),
                "url": f"https://example.org/{number}?q={draw(st.integers(0, 9))}#a:b", "type": "book",
                "minutes": draw(st.none() | spans), "why": pen.raw(), "year": draw(st.none() | st.integers(1000, 9999)),
            }
        )
        for number in range(count)
    ]  # fmt: skip
    road = {
        "format": 1, "key": "drawn", "title": pen.short(), "level": "beginner", "summary": pen.some(),
        "audience": pen.raw(), "choose_when": pen.raw(), "last_updated": draw(st.none() | st.dates().map(str)),
        "backgrounds": [{"key": "anybody", "title": pen.short(), "months": [0, 9]}],
        "learn": [{"title": pen.some(), "points": [pen.some(), pen.some()]}],
        "recommended": ["drawn-r0"], "public": draw(st.booleans()),
        "related": [{"key": "other", "title": pen.short(), "choose_when": pen.some(), "difference": pen.raw()}],
        "stages": [f"s{number}" for number in range(count)],
    }  # fmt: skip
    faq = [part({"key": "why", "question": pen.short(), "answer": pen.some()})]
    bank = [
        part(
            {"key": "drawn-bank", "type": "true_false", "stem": pen.some(), "explanation": pen.some(), "answer": True,
             "topic": "t0", "tags": ["spare"], "difficulty": draw(st.integers(1, 5))}
        )
    ]  # fmt: skip
    placement = RawQuiz(
        part(
            {
                "key": "drawn-placement", "title": pen.short(), "review": {"handed_in": ["correctness"], "closed": []},
                "available_until": draw(st.none() | st.just("2027-02-03T04:05:06+02:00")),
                "pools": [{"key": "spare", "topic": "t0", "tag": "spare", "count": 1, "points": 2}],
            }
        ),
        [],
    )  # fmt: skip
    has_placement = draw(st.booleans())
    return RawRoad(
        part(road),
        faq,
        resources,
        stages,
        bank if has_placement else [],
        placement if has_placement else None,
    )


def _stage(draw: st.DrawFn, pen: Pen, number: int) -> RawStage:
    topic = {
        "key": f"t{number}", "title": pen.short(), "objective": pen.raw(), "body": pen.raw(),
        "outcomes": [{"bloom": pen.some(), "text": pen.some()}], "hours": {"anybody": draw(spans)},
        "resources": [{"resource": f"drawn-r{number}", "role": "core"}],
        "prerequisites": [f"t{number - 1}"] if number else [],
    }  # fmt: skip
    levels = {level: pen.some() for level in ("not_yet", "developing", "meets", "exceeds")}
    task = {
        "key": f"e{number}", "title": pen.short(), "body": pen.some(), "hours": {"anybody": draw(spans)},
        "rubric": [{"key": "clear", "title": pen.short(), "levels": levels}],
    }  # fmt: skip
    stage = {
        "key": f"s{number}", "title": pen.short(), "summary": pen.raw(), "why": pen.raw(),
        "step": {"title": pen.short(), "body": pen.raw(), "tags": [pen.some()]},
        "gates": [{"kind": "stage_passed", "stages": [f"s{number - 1}"], "because": pen.raw()}] if number else [],
        "topics": [f"t{number}"], "evidence": [f"e{number}"],
    }  # fmt: skip
    questions: list[dict[str, Any]] = [
        {"key": f"drawn-q{number}a", "type": "single", "stem": pen.some(), "explanation": pen.some(),
         "topic": f"t{number}",
         "options": [{"key": "a", "text": pen.some(), "right": True, "feedback": pen.raw()},
                     {"key": "b", "text": pen.some(), "right": False}]},
        {"key": f"drawn-q{number}b", "type": "numeric", "stem": pen.some(), "explanation": pen.some(),
         "answer": draw(st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9, allow_subnormal=False))},
        {"key": f"drawn-q{number}c", "type": "short_text", "stem": pen.some(), "explanation": pen.some(),
         "answers": [pen.some(), pen.some()]},
    ]  # fmt: skip
    policies = {
        "overtime": draw(st.sampled_from(["hand_in", "grace", "abandon"])), "overtime_minutes": draw(st.integers(0, 9)),
        "score": draw(st.sampled_from(["best", "last", "first", "average"])), "asks_confidence": draw(st.booleans()),
        "per_page": draw(st.none() | st.integers(1, 9)),
    }  # fmt: skip
    quiz = RawQuiz(
        part({"key": f"z{number}", "title": pen.short(), **policies}),
        [part(question) for question in questions],
    )
    return RawStage(part(stage), [part(topic)], [part(task)], quiz)
