from django.urls import path

from reminders.views import own, stop

app_name = "reminders"

urlpatterns = [
    path("settings/letters/", own.settings_page, name="settings"),
    path("letters/stop/<str:token>/", stop.unsubscribe, name="unsubscribe"),
]
