from django.urls import URLPattern, URLResolver, include, path, re_path

from api.views import (
    accommodations,
    attempts,
    cards,
    docs,
    enrollments,
    evidence,
    marks,
    me,
    mentors,
    nowhere,
    practice,
    questions,
    roads,
    tokens,
)

app_name = "api"

tokens_page = [
    path("", tokens.tokens, name="tokens"),
    path("<int:token_id>/revoke/", tokens.revoke, name="revoke_token"),
]

one_road = [
    path("", roads.OneRoad.as_view(), name="road"),
    path("stages/<slug:stage_key>/", roads.OneStage.as_view(), name="stage"),
]

one_quiz: list[URLPattern | URLResolver] = [
    path("", attempts.Attempts.as_view(), name="attempts"),
    path("<int:number>/", attempts.OneAttempt.as_view(), name="attempt"),
    path("<int:number>/answers/", attempts.Answers.as_view(), name="answers"),
    path("<int:number>/flags/<int:slot>/", attempts.OneFlag.as_view(), name="flag"),
    path("<int:number>/submit/", attempts.Submit.as_view(), name="submit"),
    path("<int:number>/appeals/", marks.Appeals.as_view(), name="appeals"),
]

one_enrollment: list[URLPattern | URLResolver] = [
    path("", enrollments.OneEnrollment.as_view(), name="enrollment"),
    path("standing/", enrollments.OwnStanding.as_view(), name="standing"),
    path("mastery/", enrollments.OwnMastery.as_view(), name="mastery"),
    path("practice/<slug:topic_key>/", practice.Practice.as_view(), name="practice"),
    path("practice/<slug:topic_key>/answers/", practice.PracticeAnswers.as_view(), name="practice_answers"),
    path("stages/<slug:stage_key>/walk/", enrollments.Walk.as_view(), name="walk"),
    path("plan/", enrollments.OwnPlan.as_view(), name="plan"),
    path("ticks/", enrollments.Ticks.as_view(), name="ticks"),
    path("ticks/<slug:resource_key>/", enrollments.OneTick.as_view(), name="tick"),
    path("quizzes/<slug:quiz_key>/attempts/", include(one_quiz)),
    path("submissions/", evidence.Submissions.as_view(), name="submissions"),
    path("submissions/<slug:task_key>/", evidence.OneSubmission.as_view(), name="submission"),
    path("submissions/<slug:task_key>/versions/", evidence.Versions.as_view(), name="versions"),
]

the_cards = [
    path("", cards.Cards.as_view(), name="cards"),
    path("deck/", cards.OwnDeck.as_view(), name="deck"),
    path("settings/", cards.OwnCardSettings.as_view(), name="card_settings"),
    path("<int:card_id>/", cards.OneCard.as_view(), name="card"),
    path("<int:card_id>/back/", cards.Back.as_view(), name="card_back"),
    path("<int:card_id>/reviews/", cards.Reviews.as_view(), name="card_reviews"),
]

v1: list[URLPattern | URLResolver] = [
    path("me/", me.OwnSelf.as_view(), name="me"),
    path("me/accommodations/", accommodations.Accommodations.as_view(), name="accommodations"),
    path("roads/", roads.Roads.as_view(), name="roads"),
    path("roads/<slug:road_key>/", include(one_road)),
    path("enrollments/", enrollments.Enrollments.as_view(), name="enrollments"),
    path("enrollments/<slug:road_key>/", include(one_enrollment)),
    path("cards/", include(the_cards)),
    path("versions/<int:version_id>/file/", evidence.VersionFile.as_view(), name="version_file"),
    path("reviews/", evidence.OwnReviews.as_view(), name="reviews"),
    path("reviews/queue/", mentors.Queue.as_view(), name="review_queue"),
    path("reviews/<int:submission_id>/", mentors.OneReview.as_view(), name="review"),
    path("reviews/<int:submission_id>/versions/", mentors.ReviewVersions.as_view(), name="review_versions"),
    path("marks/queue/", marks.MarksQueue.as_view(), name="marks_queue"),
    path("marks/<int:attempt_id>/", marks.Marks.as_view(), name="marks"),
    path("mentor/learners/", mentors.Learners.as_view(), name="learners"),
    path(
        "mentor/learners/<int:person_id>/<slug:road_key>/standing/",
        mentors.LearnerOnRoad.as_view(),
        name="learner_standing",
    ),
    path(
        "mentor/learners/<int:person_id>/<slug:road_key>/mastery/",
        mentors.LearnersMastery.as_view(),
        name="learner_mastery",
    ),
    path("questions/imports/", questions.QuestionImports.as_view(), name="question_imports"),
    path("questions/export/", questions.QuestionExports.as_view(), name="question_export"),
    re_path(r"^(?P<address>(?s:.*))\Z", nowhere.Nowhere.as_view(), name="nowhere"),  # line breaks too
]

urlpatterns = [
    path("settings/tokens/", include(tokens_page)),
    path("api/docs/", docs.docs, name="docs"),
    path("api/schema/", docs.schema, name="schema"),
    path("api/v1/", include((v1, "v1"))),
]
