from django.urls import path

from reminders.views import address, ahead, calendar, events, inbox, own, stop

app_name = "reminders"

urlpatterns = [
    path("letters/", inbox.inbox, name="inbox"),
    path("letters/<uuid:letter_id>/", inbox.letter, name="letter"),
    path("letters/<uuid:letter_id>/reading/", inbox.reading, name="reading"),
    path("settings/letters/", own.settings_page, name="settings"),
    path("settings/letters/next/", ahead.next_letters, name="next"),
    path("settings/letters/tryout/", own.tryout, name="tryout"),
    path("settings/letters/links/renewal/", own.renew_links, name="renew_links"),
    path("settings/calendar/", calendar.settings_page, name="calendar_settings"),
    path("settings/calendar/renewal/", calendar.renew, name="renew_calendar"),
    path("settings/calendar/revocation/", calendar.revoke, name="revoke_calendar"),
    path("calendar/<str:secret>.ics", calendar.feed, name="calendar"),
    path("letters/stop/<str:token>/", stop.unsubscribe, name="unsubscribe"),
    path("settings/letters/address/", address.address, name="address"),
    path("letters/address/<str:token>/", address.confirm_address, name="confirm_address"),
    path("letters/events/<str:provider>/", events.events, name="events"),
]
