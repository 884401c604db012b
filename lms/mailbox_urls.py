from django.urls import path

from lms import mailbox_views as views

app_name = "mailbox"

urlpatterns = [
    path("", views.letters, name="letters"),
    path("<slug:name>/", views.letter, name="letter"),
    path("<slug:name>/html/", views.html, name="html"),
]
