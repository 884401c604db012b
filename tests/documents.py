"""Road documents built in code, for tests of rules that need no database."""

from roadmap.document import (
    Background,
    Criterion,
    EvidenceAccepted,
    GateEntry,
    Levels,
    PlacedResource,
    ResourceEntry,
    RoadDocument,
    StageEntry,
    StagesPassed,
    Step,
    TaskEntry,
    TopicEntry,
)


def three_stage_document() -> RoadDocument:
    """base opens ridge; ridge passed and its one task accepted open summit."""
    report = task("ridge-report")
    return document(
        stage("base", topics=[topic("rocks", "r-rocks", "r-maps"), topic("knots", "r-knots")]),
        stage(
            "ridge",
            gates=[StagesPassed(stages=("base",))],
            topics=[topic("wind", "r-wind")],
            evidence=[report],
        ),
        stage(
            "summit",
            gates=[
                StagesPassed(stages=("ridge",)),
                EvidenceAccepted(
                    tasks=("ridge-report",), at_least=1, because="Show that you can stand there."
                ),
            ],
            topics=[topic("snow", "r-snow")],
        ),
    )


def wide_document(*, stages: int, topics: int) -> RoadDocument:
    """A long road in the open: so many stages with so many topics of three resources each, and a task each."""
    wide = document(
        *(
            stage(
                f"stretch-{number}",
                topics=[
                    topic(f"t-{number}-{place}", f"r-{number}-{place}-a", f"r-{number}-{place}-b")
                    for place in range(topics)
                ],
                evidence=[task(f"task-{number}")],
            )
            for number in range(stages)
        )
    )
    return wide.model_copy(update={"key": "trail-wide"})


def document(*stages: StageEntry) -> RoadDocument:
    keys = {placed.resource for entry in stages for t in entry.topics for placed in t.resources}
    return RoadDocument(
        key="trail-test",
        title="Test Trail",
        level="beginner",
        language="en",
        last_updated=None,
        summary="A small road.",
        audience="",
        choose_when="",
        hours_per_week=10,
        backgrounds=(Background(key="walker", title="Walker", months=(1, 2)),),
        learn=(),
        recommended=(),
        related=(),
        faq=(),
        stages=stages,
        resources={key: resource(key) for key in sorted(keys)},
    )


def stage(
    key: str,
    *,
    topics: list[TopicEntry],
    gates: list[GateEntry] | None = None,
    evidence: list[TaskEntry] | None = None,
) -> StageEntry:
    return StageEntry(
        key=key,
        title=key.title(),
        summary="",
        why="",
        step=Step(title="", body="", tags=()),
        gates=tuple(gates or ()),
        topics=tuple(topics),
        evidence=tuple(evidence or ()),
        quiz=f"{key}-quiz",
    )


def topic(key: str, *core: str) -> TopicEntry:
    placed = tuple(PlacedResource(resource=name, role="core") for name in core)
    extra = PlacedResource(resource=f"r-{key}-more", role="deep_dive")
    return TopicEntry(
        key=key,
        title=key.title(),
        objective="",
        outcomes=(),
        prerequisites=(),
        hours={"walker": (4, 8)},
        resources=(*placed, extra),
        body="",
    )


def task(key: str) -> TaskEntry:
    levels = Levels(not_yet="No.", developing="Nearly.", meets="Yes.", exceeds="More than that.")
    return TaskEntry(
        key=key,
        title=key.title(),
        brief="Write it down.",
        accepts=("link", "text", "file"),
        required=True,
        promise_days=3,
        hours={"walker": (2, 4)},
        rubric=(Criterion(key="clear", title="Clear", must_meet=True, levels=levels),),
    )


def resource(key: str) -> ResourceEntry:
    return ResourceEntry(
        key=key,
        title=key.title(),
        author="",
        url=f"https://example.org/{key}",
        type="docs",
        cost="free",
        minutes=None,
        language="en",
        level="beginner",
        year=None,
        why="",
    )
