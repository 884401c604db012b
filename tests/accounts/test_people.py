"""accounts.models.User: names, roles and the case of addresses."""

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError

from accounts.models import User
from tests.cast import ada, ines, noor, tomas

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
