from django.urls import path

from bench.floor import views

urlpatterns = [
    path("cached", views.cached),
    path("cached-signed-in", views.cached_signed_in),
    path("page-django", views.page_django, name="page"),
    path("page-jinja", views.page_jinja),
    path("upsert", views.upsert, name="upsert"),
    path("list-drf", views.list_drf),
    path("list-json-agg", views.list_json_agg),
]
