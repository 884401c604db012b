from django.urls import URLPattern, URLResolver, include, path

from progress.views import (
    appeal,
    cards,
    editions,
    enroll,
    handout,
    placement,
    plan,
    practice,
    quiz,
    quiz_saving,
    road,
    search,
    stage,
    today,
)

app_name = "progress"

one_quiz = [
    path("", quiz.start, name="quiz_start"),
    path("attempts/<int:number>/", quiz.quiz, name="quiz"),
    path("attempts/<int:number>/answers/", quiz_saving.save, name="quiz_save"),
    path("attempts/<int:number>/state/", quiz_saving.state, name="quiz_state"),
    path("attempts/<int:number>/flag/", quiz_saving.flag, name="quiz_flag"),
    path("attempts/<int:number>/differences/", quiz_saving.differences, name="quiz_differences"),
    path("attempts/<int:number>/hand-in/", quiz.submit, name="quiz_submit"),
    path("attempts/<int:number>/result/", quiz.result, name="quiz_result"),
    path("attempts/<int:number>/appeals/", appeal.appeal, name="quiz_appeal"),
]

one_card = [
    path("answer/", cards.answer, name="card_answer"),
    path("review/", cards.review, name="card_review"),
    path("suspension/", cards.suspension, name="card_suspension"),
]

the_cards: list[URLPattern | URLResolver] = [
    path("", cards.cards, name="cards"),
    path("session/", cards.session, name="card_session"),
    path("next/", cards.upcoming, name="card_next"),
    path("undo/", cards.undo, name="card_undo"),
    path("<int:card_id>/", include(one_card)),
]

one_road: list[URLPattern | URLResolver] = [
    path("", road.road, name="road"),
    path("print/", handout.printed, name="print"),
    path("road.md", handout.markdown, name="markdown"),
    path("editions/", editions.editions, name="editions"),
    path("editions/<int:number>/", editions.edition, name="edition"),
    path("changes/", editions.since, name="since"),
    path("enroll/", enroll.enroll, name="enroll"),
    path("plan/", plan.plan, name="plan"),
    path("placement/", placement.placement, name="placement"),
    path("stages/<slug:stage_key>/", stage.stage, name="stage"),
    path("stages/<slug:stage_key>/walk/", placement.walk, name="walk"),
    path("resources/<slug:resource_key>/tick/", stage.tick, name="tick"),
    path("practice/<slug:topic_key>/", practice.practice, name="practice"),
    path("quizzes/<slug:quiz_key>/", include(one_quiz)),
]

urlpatterns = [
    path("signed-in/", quiz_saving.signed_in, name="signed_in"),
    path("today/", today.today, name="today"),
    path("cards/", include(the_cards)),
    path("search/", search.search, name="search"),
    path("search/palette/", search.palette, name="palette"),
    path("roads/<slug:road_key>/", include(one_road)),
]
