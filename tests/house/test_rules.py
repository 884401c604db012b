"""Each rule of the house bites: a small bad sample is refused, the good one beside it is not."""

import pytest

from tests.house import addresses, code, pages, relations


def bites(rule, bad: str, good: str) -> None:
    assert list(rule(bad)), f"The bad sample passed:\n{bad}"
    assert not list(rule(good)), f"The good sample was refused:\n{good}"


@pytest.mark.parametrize(
    "bad",
    [
        "def road():\n    from mentoring.models import Review\n",
        "def road():\n    if 1:\n        import mentoring\n",
        "async def road():\n    import mentoring\n",
        "class Road:\n    def settle(self):\n        from mentoring import models\n",
        "import importlib\nreview = importlib.import_module('mentoring.models')\n",
        "from django.apps import apps\nReview = apps.get_model('mentoring', 'Review')\n",
    ],
)
def test_a_hidden_import_is_found(bad):
    bites(code.hidden_imports, bad, "from roadmap.models import Roadmap\n\ndef road():\n    return Roadmap\n")


@pytest.mark.parametrize(
    "bad",
    [
        "from django.utils import timezone\nstart = timezone.now()\n",
        "from datetime import datetime\nstart = datetime.now()\n",
        "import datetime\nstart = datetime.datetime.now(datetime.UTC)\n",
        "from datetime import date\nday = date.today()\n",
        "from django.utils import timezone\nfield = models.DateTimeField(default=timezone.now)\n",
        "field = models.DateTimeField(auto_now=True)\n",
        "field = models.DateTimeField(auto_now_add=True)\n",
        "from django.db.models.functions import Now\nrows.filter(due_at__lte=Now())\n",
        "import time\nstart = time.time()\n",
    ],
)
def test_a_clock_of_ones_own_is_found(bad):
    bites(code.own_clocks, bad, "def is_due(due_at, now):\n    return due_at <= now\n")


@pytest.mark.parametrize("question", ["clock.now()", "clock.database_now()"])
def test_a_rule_that_asks_the_clock_is_found(question):
    bites(
        code.clock_in_a_rule, f"def settle():\n    now = {question}\n", "def settle(now):\n    return now\n"
    )


def test_a_long_function_is_found():
    def of(lines: int) -> str:
        return "def walk():\n" + "    step = 1\n" * (lines - 1)

    bites(code.long_functions, of(51), of(50))


def test_a_model_without_docstring_is_found():
    bites(
        code.models_that_do_not_say_what_a_row_is,
        "class Tick(models.Model):\n    pass\n",
        'class Tick(models.Model):\n    """The row is the tick."""\n\nclass Meta:\n    pass\n',
    )


@pytest.mark.parametrize(
    "bad",
    [
        "class CourseList:\n    pass\n",
        "def approve(review):\n    pass\n",
        "lesson_count = 3\n",
        "def show(assignment):\n    pass\n",
        "title = _('Your courses')\n",
        "title = gettext('Approve this work')\n",
        "title = ngettext('%d lesson', '%d lessons', n)\n",
    ],
)
def test_a_word_of_other_products_is_found_in_code(bad):
    bites(code.forbidden_words, bad, "def accept(review):\n    return _('Of course, accepted')\n")


def test_a_word_of_other_products_is_found_on_a_page():
    bites(
        pages.forbidden_words_on_page,
        "<p>{% trans 'Back to the lesson' %}</p>",
        "{# no lesson #}<p class='module'>{% trans 'Back to the stage' %}, of course</p>",
    )
    assert list(pages.forbidden_words_on_page("<h1>Courses</h1>"))


def test_signposts_into_anothers_views_are_found():
    def of_progress(source: str):
        return code.others_views(source, "progress")

    bites(
        of_progress,
        "from mentoring import views\n",
        "from progress import views\nfrom progress.views import today\n",
    )
    assert list(of_progress("from mentoring.views import home\n"))


@pytest.mark.parametrize(
    "name", ["utils.py", "helpers.py", "common", "core", "services.py", "selectors.py", "signals.py"]
)
def test_a_room_that_says_nothing_is_found(name):
    assert code.forbidden_room(("roadmap", name))
    assert not code.forbidden_room(("roadmap", "document.py"))


ABOVE = {"ticks": "progress.Tick", "attempts": "quizzes.Attempt"}


@pytest.mark.parametrize(
    "bad",
    [
        "def done(person):\n    return person.ticks.count()\n",
        "def done(self):\n    return self.person.ticks.all()\n",
        "people.filter(ticks__resource=1)\n",
        "people.exclude(person__attempts=None)\n",
        "people.prefetch_related('ticks')\n",
        "people.annotate(n=Count('ticks'))\n",
        "people.order_by('-attempts__started_at')\n",
        "people.filter(Q(ticks=None))\n",
    ],
)
def test_a_climbed_relation_is_found_in_code(bad):
    def rule(source: str):
        return relations.climbed_in_code(source, ABOVE)

    bites(rule, bad, "def done(person, ticks):\n    return ticks.of(person).filter(person=person)\n")


def test_a_climbed_relation_is_found_in_a_template():
    def rule(page: str):
        return relations.climbed_in_page(page, ABOVE)

    bites(
        rule,
        "{% for tick in person.ticks.all %}{% endfor %}",
        "{% for tick in ticks %}{{ tick.title }}{% endfor %}",
    )


def test_the_registry_says_which_names_lead_up():
    above = relations.names_from_above()

    assert above["accounts"]["ticks"] == "progress.Tick"
    assert "ticks" in relations.forbidden_on("roadmap", above)
    assert "ticks" not in relations.forbidden_on("progress", above)
    assert "pauses" not in relations.forbidden_on("accounts", above)


@pytest.mark.parametrize(
    "bad",
    [
        "<style>p { color: red }</style>",
        "<p style='color: red'>",
        "<p\n  class='a'\n  style=\"color: red\">",
        "<button onclick='go()'>",
        "<script>go()</script>",
        "<a href='javascript:go()'>",
        '<p {% if a %}style="x"{% endif %}>',
    ],
)
def test_code_inside_a_page_is_found(bad):
    bites(
        pages.inline_code, bad, '<p class="a">on time = style</p><script type="module" src="a.js"></script>'
    )


@pytest.mark.parametrize(
    "bad",
    [
        "<p>Sign in</p>",
        "<p>{% if open %}open{% else %}<b>–</b>{% endif %}</p>",
        '<a aria-label="Back">{% icon "arrow-left" %}</a>',
        '{% translate "Page" %} of {{ count }}',
    ],
)
def test_a_text_outside_translation_is_found(bad):
    good = """{% comment %} The page. {% endcomment %}{% block nav_current %}roads{% endblock %}
        <p class="sm" title="{% translate "Back" %}">{{ n }} – {% blocktranslate %}of {{ n }}{% endblocktranslate %}
        &nbsp;Waymark</p>"""
    bites(pages.untranslated, bad, good)


@pytest.mark.parametrize(
    ("bad", "good", "suffix"),
    [
        ("<img src='https://a.example/a.png'>", "<a href='https://a.example/'>", ".html"),
        ("<link rel=x href='//a.example/a.css'>", "<link rel=x href='/static/a.css'>", ".html"),
        ("a { background: url(https://a.example/a.png) }", "a { background: url(../img/a.svg) }", ".css"),
        ("@import 'https://a.example/a.css';", "@import 'a.css';", ".css"),
        ("import a from 'https://a.example/a.js';", "import a from './a.js';", ".js"),
        ("fetch(`https://a.example/`)", "fetch('/roads/')", ".js"),
    ],
)
def test_a_foreign_address_is_found(bad, good, suffix):
    bites(lambda text: pages.foreign_addresses(text, suffix), bad, good)


def test_addresses_are_read_from_code_and_pages():
    source = "reverse('progress:today')\nredirect(f'{x}#y')\nredirect('/')\nresolve_url(page)"
    page = '{% url "admin:index" as desk %}{% url name %}'

    assert list(addresses.named_in_code(source)) == ["progress:today"]
    assert list(addresses.named_on_page(page)) == ["admin:index"]
    assert {"progress:today", "account_login", "api:tokens", "admin:index"} <= addresses.existing()
