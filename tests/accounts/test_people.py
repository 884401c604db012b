"""accounts.models.User: names, roles and the case of addresses."""

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError

from accounts.models import User
from accounts.permissions import SignIn
from tests.cast import ada, ines, noor, tomas
from tests.cast import person as somebody

pytestmark = pytest.mark.django_db


def test_an_address_is_unique_whatever_its_case():
    ines()

    with pytest.raises(IntegrityError):
        User.objects.create_user("INES@example.org")


def test_authors_and_admins_may_open_the_desk_and_nobody_else():
    assert [person().is_staff for person in (ines, tomas, noor, ada)] == [False, False, True, True]


def test_taking_roles_replaces_the_old_ones():
    person = noor()

    person.take_roles(["mentor"])

    found = User.objects.get(pk=person.pk)
    assert found.roles() == {"mentor"}
    assert not found.is_staff


def test_a_role_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="professor"):
        ines().take_roles(["professor"])


def test_a_superuser_is_an_admin_with_a_confirmed_address():
    root = User.objects.create_superuser("root@example.org", "some-long-password")

    assert root.is_admin()
    assert EmailAddress.objects.filter(user=root, verified=True, primary=True).exists()


def test_whoever_is_signed_in_is_read_with_her_roles_by_one_query(django_assert_num_queries):
    made = somebody("Vera Lind", "mentor", "author", time_zone="Europe/Oslo")

    with django_assert_num_queries(1):
        found = SignIn().get_user(made.pk)
        assert found is not None
        assert found.roles() == {"mentor", "author"}
        assert found.time_zone == "Europe/Oslo"
    assert found == User.objects.get(pk=made.pk)
    assert found.__dict__.keys() - {"_roles"} == User.objects.get(pk=made.pk).__dict__.keys()


def test_whoever_is_switched_off_or_unknown_is_not_signed_in():
    made = somebody("Vera Lind", "learner")
    User.objects.filter(pk=made.pk).update(is_active=False)

    assert SignIn().get_user(made.pk) is None
    assert SignIn().get_user(0) is None
