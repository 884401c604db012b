from django.urls import URLPattern, URLResolver, include, path

from api.views import docs, enrollments, me, roads, tokens

app_name = "api"

tokens_page = [
    path("", tokens.tokens, name="tokens"),
    path("<int:token_id>/revoke/", tokens.revoke, name="revoke_token"),
]

one_road = [
    path("", roads.OneRoad.as_view(), name="road"),
    path("stages/<slug:stage_key>/", roads.OneStage.as_view(), name="stage"),
]

one_enrollment = [
    path("", enrollments.OneEnrollment.as_view(), name="enrollment"),
    path("standing/", enrollments.OwnStanding.as_view(), name="standing"),
    path("plan/", enrollments.OwnPlan.as_view(), name="plan"),
    path("ticks/", enrollments.Ticks.as_view(), name="ticks"),
    path("ticks/<slug:resource_key>/", enrollments.OneTick.as_view(), name="tick"),
]

v1: list[URLPattern | URLResolver] = [
    path("me/", me.OwnSelf.as_view(), name="me"),
    path("roads/", roads.Roads.as_view(), name="roads"),
    path("roads/<slug:road_key>/", include(one_road)),
    path("enrollments/", enrollments.Enrollments.as_view(), name="enrollments"),
    path("enrollments/<slug:road_key>/", include(one_enrollment)),
]

urlpatterns = [
    path("settings/tokens/", include(tokens_page)),
    path("api/docs/", docs.docs, name="docs"),
    path("api/schema/", docs.schema, name="schema"),
    path("api/v1/", include((v1, "v1"))),
]
