"""Who is signed in, and what a role may do at the desk.

Roles are groups; which parts of the desk they open is said in settings.
"""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.backends import BaseBackend

from accounts.models import User


class SignIn(AuthenticationBackend):  # type: ignore[misc]  # allauth is untyped
    """allauth's own, but every page asks who is signed in: one statement brings the person and her roles."""

    def get_user(self, user_id: int) -> User | None:
        person = User.objects.with_roles(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None


class RolePermissions(BaseBackend):
    """Grants every permission of the apps that settings.ROLES_AT_THE_DESK names for a role; `*` names all."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return self.has_module_perms(user_obj, perm.partition(".")[0])

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        opened = settings.ROLES_AT_THE_DESK
        return any({app_label, "*"} & opened.get(role, set()) for role in user_obj.roles())
