"""The door for a WSGI server: `gunicorn lms.wsgi`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
os.environ.setdefault("WAYMARK_ROLE", "web")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
