"""The Celery application: `celery -A lms`. Its settings are in lms/settings.py."""

import os
import warnings

from celery import Celery
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

# Root is no danger to a worker that reads JSON only; the container has a user of its own.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("waymark")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("lms.tick:Tick")  # by name: it needs models, which are not there yet

# A worker that loses Redis wants to put back what it had begun, over the connection that is gone, and ends of that
# (kombu 5.7.0). Nothing need be put back: tables know what waits, and Redis gives it out again after its time anyway.
Channel.do_restore = False
