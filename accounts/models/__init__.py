from accounts.models.active_day import ActiveDay
from accounts.models.clock_offset import ClockOffset
from accounts.models.invitation import Invitation
from accounts.models.pause import Pause
from accounts.models.user import User

__all__ = ["ActiveDay", "ClockOffset", "Invitation", "Pause", "User"]
