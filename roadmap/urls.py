from django.urls import path

from roadmap.views import roads

app_name = "roadmap"
urlpatterns = [path("", roads.roads, name="roads")]
