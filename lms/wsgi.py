"""The door for a WSGI server: `gunicorn lms.wsgi`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
os.environ.setdefault("WAYMARK_ROLE", "web")

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  # reads the signposts now, before the first visitor waits for it
