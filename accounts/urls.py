from django.urls import include, path, re_path

from accounts.views import entrance, own

app_name = "accounts"

settings_pages = [
    path("", own.settings_page, name="settings"),
    path("pause/", own.pause, name="pause"),
    path("pause/<int:pause_id>/end/", own.end_pause, name="end_pause"),
]

urlpatterns = [
    path("settings/", include(settings_pages)),
    path("theme/", own.theme, name="theme"),
    path("invitation/", entrance.invitation, name="invitation"),
    # stands before allauth's own page of the same address
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", entrance.confirm_email, name="confirm_email"),
]
