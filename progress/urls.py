from django.urls import URLPattern, URLResolver, include, path

from progress.views import editions, enroll, handout, plan, quiz, road, search, stage, today

app_name = "progress"

one_quiz = [
    path("", quiz.start, name="quiz_start"),
    path("attempts/<int:number>/", quiz.quiz, name="quiz"),
    path("attempts/<int:number>/answers/", quiz.save, name="quiz_save"),
    path("attempts/<int:number>/hand-in/", quiz.submit, name="quiz_submit"),
    path("attempts/<int:number>/result/", quiz.result, name="quiz_result"),
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
    path("stages/<slug:stage_key>/", stage.stage, name="stage"),
    path("resources/<slug:resource_key>/tick/", stage.tick, name="tick"),
    path("quizzes/<slug:quiz_key>/", include(one_quiz)),
]

urlpatterns = [
    path("today/", today.today, name="today"),
    path("search/", search.search, name="search"),
    path("search/palette/", search.palette, name="palette"),
    path("roads/<slug:road_key>/", include(one_road)),
]
