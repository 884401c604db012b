from django.urls import include, path

from mentoring.views import appeal, evidence, file, home, learner, marks, mine, review

app_name = "mentoring"

my_evidence = [
    path("", mine.evidence_list, name="evidence_list"),
    path("versions/<int:version_id>/file/", file.file, name="file"),
]
mentor = [
    path("", home.home, name="home"),
    path("reviews/<int:submission_id>/", review.review, name="review"),
    path("attempts/<int:attempt_id>/", marks.marks, name="marks"),
    path("appeals/<int:appeal_id>/", appeal.appeal, name="appeal"),
    path("learners/<int:person_id>/", learner.learner, name="learner"),
]

urlpatterns = [
    path("evidence/", include(my_evidence)),
    path("roads/<slug:road_key>/evidence/<slug:task_key>/", evidence.evidence, name="evidence"),
    path("mentor/", include(mentor)),
]
