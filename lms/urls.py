"""The signposts of the house. Which page is where within an app stands in that app's urls.py."""

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
    path("", include("roadmap.urls")),
    path("", include("progress.urls")),
    path("", include("mentoring.urls")),
    path("", include("reminders.urls")),
    path("", include("api.urls")),
]

if settings.SHOW_MAILBOX:
    urlpatterns.append(path("dev/mail/", include("lms.mailbox_urls")))
