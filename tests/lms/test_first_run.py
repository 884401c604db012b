"""What a developer's house begins with; a production house begins with nobody."""

import re

import pytest
from django.core.management import CommandError

from accounts import clock
from accounts.models import User
from lms import first_run
from mentoring.models import Mentorship
from roadmap.models import Roadmap
from tests.cast import ines, road

pytestmark = pytest.mark.django_db


@pytest.fixture
def development(settings):
    settings.IN_DEVELOPMENT = True


def test_an_empty_house_in_development_is_given_three_people(development):
    assert first_run.is_due()
    people = {person.role: person for person in first_run.create_people(clock.now())}

    written = {role: User.objects.get(email=person.email) for role, person in people.items()}
    assert all(written[role].check_password(person.password) for role, person in people.items())
    assert written["admin"].is_superuser
    assert not written["mentor"].is_staff
    assert Mentorship.objects.get().mentor == written["mentor"]
    assert Mentorship.objects.get().learner == written["learner"]
    assert not first_run.is_due()


def test_passwords_are_random(development):
    passwords = {person.password for person in first_run.create_people(clock.now())}
    assert len(passwords) == 3
    assert all(re.fullmatch(r"[\w-]{12,}", password) for password in passwords)


def test_a_house_with_somebody_in_it_is_given_nobody(development):
    ines()
    assert not first_run.is_due()


def test_production_is_given_nobody_and_no_road(settings):
    settings.IN_DEVELOPMENT = False
    assert not first_run.is_due()
    assert not first_run.road_is_due()


def test_a_house_with_a_road_is_given_no_other(development):
    assert first_run.road_is_due()
    road()
    assert not first_run.road_is_due()


def test_every_road_that_comes_with_the_house_is_published(development):
    first_run.publish_built_in_roads()

    keys = {folder.name for folder in first_run.built_in_roads()}
    assert keys == {"ai-engineer", "data-scientist", "machine-learning"}
    assert set(Roadmap.objects.exclude(current_edition=None).values_list("key", flat=True)) == keys
    assert not first_run.road_is_due()


def test_a_road_that_fails_leaves_the_house_without_any(development, monkeypatch):
    sound, *_ = first_run.built_in_roads()
    monkeypatch.setattr(first_run, "built_in_roads", lambda: [sound, sound / "stages"])

    with pytest.raises(CommandError):
        first_run.publish_built_in_roads()
    assert first_run.road_is_due()
