"""The four scenes by name, in their order."""

from bench.chaos_reminders.scenes.kills import kills
from bench.chaos_reminders.scenes.outage import outage
from bench.chaos_reminders.scenes.planners import planners
from bench.chaos_reminders.scenes.redis import redis
from bench.chaos_reminders.stage import Scene

SCENES: dict[str, Scene] = {"kills": kills, "redis": redis, "planners": planners, "outage": outage}
