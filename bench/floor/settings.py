"""The floor: Django with a session, a cache and nothing else; servers and flags are those of the product."""

import os
from pathlib import Path

from lms import places

SECRET_KEY = "the-floor-serves-nobody-but-the-bench-" * 2
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bench.floor.urls"
WSGI_APPLICATION = "bench.floor.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "bench.floor",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
    },
    {"BACKEND": "django.template.backends.jinja2.Jinja2", "DIRS": [Path(__file__).parent / "jinja2"]},
]
DATABASES = {
    "default": {**places.database(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": places.cache_url(os.environ["REDIS_URL"]),
        "KEY_PREFIX": "floor",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
USE_TZ = True
USE_I18N = False
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
}
LOGGING_CONFIG = None
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ.get("FLOOR_SMTP_PORT", "25"))
