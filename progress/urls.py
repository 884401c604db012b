from django.urls import include, path

from progress.views import enroll, plan, road, stage, today

app_name = "progress"

one_road = [
    path("", road.road, name="road"),
    path("enroll/", enroll.enroll, name="enroll"),
    path("plan/", plan.plan, name="plan"),
    path("stages/<slug:stage_key>/", stage.stage, name="stage"),
    path("resources/<slug:resource_key>/tick/", stage.tick, name="tick"),
]

urlpatterns = [
    path("today/", today.today, name="today"),
    path("roads/<slug:road_key>/", include(one_road)),
]
