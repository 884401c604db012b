"""How gunicorn serves Waymark, here and in a container: `gunicorn --config python:lms.web lms.wsgi`."""

import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
os.environ.setdefault("WAYMARK_ROLE", "web")

from django.conf import settings

bind = f"{settings.BIND}:{settings.PORT}"
worker_class = "gthread"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
preload_app = True  # one import for all workers; nothing here connects before the fork
timeout = 30
graceful_timeout = 8
keepalive = 15
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
forwarded_allow_ips = ""  # Django reads X-Forwarded-Proto itself, and only where proxies are trusted
logconfig_dict = settings.LOGGING
proc_name = "waymark"
if Path("/dev/shm").is_dir():  # noqa: S108  # heartbeats belong in memory: a slow disk must not look like a hung worker
    worker_tmp_dir = "/dev/shm"  # noqa: S108  # as above
