"""People and invitations at the desk, and what keeps two people at the desk from overwriting each other."""

from accounts.admin.opened import OpenedAdmin
from accounts.admin.people import InvitationAdmin, PersonAdmin

__all__ = ["InvitationAdmin", "OpenedAdmin", "PersonAdmin"]
