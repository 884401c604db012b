from django.urls import path

from reminders.views import calendar, own, stop

app_name = "reminders"

urlpatterns = [
    path("settings/letters/", own.settings_page, name="settings"),
    path("settings/calendar/", calendar.settings_page, name="calendar_settings"),
    path("settings/calendar/renewal/", calendar.renew, name="renew_calendar"),
    path("settings/calendar/revocation/", calendar.revoke, name="revoke_calendar"),
    path("calendar/<str:secret>.ics", calendar.feed, name="calendar"),
    path("letters/stop/<str:token>/", stop.unsubscribe, name="unsubscribe"),
]
