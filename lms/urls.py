"""The signposts of the house. Which page is where within an app stands in that app's urls.py."""

from importlib import import_module

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from lms import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("accounts.urls")),  # before allauth, one of whose pages it replaces
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

# until every app has its signposts
for prefix, app in (
    ("", "roadmap"),
    ("", "progress"),
    ("", "mentoring"),
    ("", "reminders"),
    ("", "authoring"),
    ("", "api"),
):
    try:
        import_module(f"{app}.urls")
    except ImportError as missing:
        print(f"lms.urls: leaving out {app}: {missing}")
    else:
        urlpatterns.append(path(prefix, include(f"{app}.urls")))

if settings.SHOW_MAILBOX:
    urlpatterns.append(path("dev/mail/", include("lms.mailbox_urls")))
