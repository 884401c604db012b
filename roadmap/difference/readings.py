"""Reads a road's document as items that can be compared."""

from __future__ import annotations

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from roadmap.difference.change import Words
from roadmap.difference.items import Item, Items, listed, plain, span
from roadmap.document import Hours, RoadDocument, TaskEntry, TopicEntry


def road(document: RoadDocument) -> Item:
    return Item(
        document.title,
        texts={
            _("summary"): document.summary,
            _("whom it is for"): document.audience,
            _("when to choose it"): document.choose_when,
            _("what one learns"): "\n".join(
                f"{group.title}: {'; '.join(group.points)}" for group in document.learn
            ),
        },
        values={
            _("level"): document.level,
            _("language"): document.language,
            _("hours a week"): str(document.hours_per_week),
            _("last updated"): str(document.last_updated or ""),
            _("recommended resources"): listed(
                [document.resources[key].title for key in document.recommended if key in document.resources]
            ),
        },
    )


def backgrounds(document: RoadDocument) -> Items:
    return {
        entry.key: Item(
            entry.title,
            values={
                _("months"): f"{entry.months[0]}–{entry.months[1]}",
                _("leads to"): entry.leads_to,
            },
        )
        for entry in document.backgrounds
    }


def stages(document: RoadDocument) -> Items:
    return {
        stage.key: Item(
            stage.title,
            texts={
                _("summary"): stage.summary,
                _("why it matters"): stage.why,
                _("how to follow"): "\n".join(filter(None, [stage.step.title, stage.step.body])),
            },
            values={_("tags"): listed(stage.step.tags)},
        )
        for stage in document.stages
    }


def topics(document: RoadDocument) -> Items:
    return {
        topic.key: Item(
            topic.title, stage.key, stage.title, _topic_texts(topic), _topic_values(document, topic)
        )
        for stage in document.stages
        for topic in stage.topics
    }


def _topic_texts(topic: TopicEntry) -> dict[Words, str]:
    return {
        _("objective"): topic.objective,
        _("outcomes"): "\n".join(f"{outcome.bloom}: {outcome.text}" for outcome in topic.outcomes),
        _("text"): topic.body,
    }


def _topic_values(document: RoadDocument, topic: TopicEntry) -> dict[Words, Words]:
    needed = [document.topic_by_key[key].title for key in topic.prerequisites if key in document.topic_by_key]
    return {_("prerequisites"): listed(needed), **_hours(document, topic.hours)}


def _hours(document: RoadDocument, hours: Hours) -> dict[Words, Words]:
    return {
        hours_for(background.title): span(*hours.get(background.key, (0, 0)))
        for background in document.backgrounds
    }


def hours_for(background: str) -> Sentence:
    return _("hours, %(background)s", background=background)


def tasks(document: RoadDocument) -> Items:
    return {
        task.key: Item(
            task.title, stage.key, stage.title, {_("brief"): task.brief}, _task_values(document, task)
        )
        for stage in document.stages
        for task in stage.evidence
    }


def _task_values(document: RoadDocument, task: TaskEntry) -> dict[Words, Words]:
    return {
        _("handed in as"): listed(task.accepts),
        _("needed to finish"): _yes_or_no(task.required),
        _("answered within days"): str(task.promise_days),
        **_hours(document, task.hours),
    }


def criteria(document: RoadDocument) -> Items:
    """Rubric lines by task: their keys are theirs within the task only."""
    return {
        f"{task.key}/{line.key}": Item(
            line.title,
            task.key,
            task.title,
            {
                _("not yet"): line.levels.not_yet,
                _("developing"): line.levels.developing,
                _("meets"): line.levels.meets,
                _("exceeds"): line.levels.exceeds,
            },
            {_("must be met"): _yes_or_no(line.must_meet)},
        )
        for task in document.task_by_key.values()
        for line in task.rubric
    }


def placements(document: RoadDocument) -> Items:
    """Resources by the topic they stand in: the same one may stand in several."""
    return {
        f"{topic.key}/{placed.resource}": Item(
            document.resources[placed.resource].title,
            topic.key,
            topic.title,
            values={_("role"): plain(placed.role)},
        )
        for topic in document.topics()
        for placed in topic.resources
    }


def resources(document: RoadDocument) -> Items:
    return {
        key: Item(
            entry.title,
            texts={_("why this one"): entry.why},
            values={
                _("author"): entry.author,
                _("address"): entry.url,
                _("type"): plain(entry.type),
                _("cost"): plain(entry.cost),
                _("minutes"): f"{entry.minutes[0]}–{entry.minutes[1]}" if entry.minutes else "",
                _("language"): entry.language,
                _("level"): entry.level,
                _("year"): str(entry.year or ""),
            },
        )
        for key, entry in document.resources.items()
    }


def faq(document: RoadDocument) -> Items:
    return {entry.key: Item(entry.question, texts={_("answer"): entry.answer}) for entry in document.faq}


def related(document: RoadDocument) -> Items:
    return {
        entry.key: Item(
            entry.title,
            texts={_("when to choose it"): entry.choose_when, _("how it differs"): entry.difference},
        )
        for entry in document.related
    }


def _yes_or_no(value: bool) -> Sentence:
    return _("yes") if value else _("no")
