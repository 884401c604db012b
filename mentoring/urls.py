from django.urls import include, path

from mentoring.views import (
    accommodations,
    appeal,
    attempt,
    evidence,
    file,
    home,
    learner,
    marks,
    mine,
    review,
)

app_name = "mentoring"

my_evidence = [
    path("", mine.evidence_list, name="evidence_list"),
    path("versions/<int:version_id>/file/", file.file, name="file"),
]
mentor = [
    path("", home.home, name="home"),
    path("reviews/<int:submission_id>/", review.review, name="review"),
    path("attempts/<int:attempt_id>/", marks.marks, name="marks"),
    path("attempts/<int:attempt_id>/record/", attempt.attempt, name="attempt"),
    path("attempts/<int:attempt_id>/minutes/", attempt.minutes, name="attempt_minutes"),
    path("attempts/<int:attempt_id>/set-aside/", attempt.set_aside, name="attempt_set_aside"),
    path("appeals/<int:appeal_id>/", appeal.appeal, name="appeal"),
    path("learners/<int:person_id>/", learner.learner, name="learner"),
    path(
        "learners/<int:person_id>/roads/<slug:road_key>/accommodations/",
        accommodations.accommodations,
        name="accommodations",
    ),
    path(
        "learners/<int:person_id>/roads/<slug:road_key>/accommodations/<int:accommodation_id>/end/",
        accommodations.end,
        name="end_accommodation",
    ),
]

urlpatterns = [
    path("evidence/", include(my_evidence)),
    path("roads/<slug:road_key>/evidence/<slug:task_key>/", evidence.evidence, name="evidence"),
    path("mentor/", include(mentor)),
]
