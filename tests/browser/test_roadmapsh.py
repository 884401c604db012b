"""The dry run of a road from roadmap.sh, and its page, in both themes and widths."""

import pytest

from accounts import clock
from authoring.models import Draft, RoadmapshImport, RoadUpload
from roadmap.models import Roadmap
from tests.authoring.checkouts import edge, graph, layout_c, link, node, packed, read, three_topics, topic
from tests.browser.watch import Watch, sign_in
from tests.cast import ada

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [(theme, width) for theme in ("light", "dark") for width in (1440, 360)]
DRAWING = graph(
    [
        node("houses", "paragraph", label="Houses and who lives in them"),
        node("hive", "topic", y=100),
        node("queen", x=300, y=100),
        node("smoke", x=500, y=260),
    ],
    [edge("hive", "queen"), edge("hive", "gone")],
)


def checkout() -> dict[str, bytes]:
    odd = topic("Wax", link("Candles"), "[@guide@Polish]](https://bees.example/polish)")
    return {**three_topics(), **layout_c(wax=odd), "roadmaps/bees/graph.json": DRAWING}


@pytest.mark.long
def test_the_dry_run_and_the_road_are_for_everybody_who_may_see_them(browser, live_server, settings):
    settings.SITE_URL = live_server.url
    author, now = ada(), clock.now()
    upload = RoadUpload.objects.receive(author, "bees.zip", packed(checkout()), now)
    RoadmapshImport(read(three_topics("honey"))).save(now)
    honey = Roadmap.objects.get()
    Draft(honey).publish(by=None, changelog="First.", now=now)
    pages = (
        f"/admin/roadmap/roadmap/import/{upload.pk}/",
        f"/admin/roadmap/roadmap/{honey.pk}/change/",
        f"/roads/{honey.key}/",
    )

    faults: list[str] = []
    for theme, width in LOOKS:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
        sign_in(context, author, live_server.url)
        watch = Watch(context.new_page(), live_server.url)
        for page in pages:
            watch.open(page)
            watch.look()
        faults += [f"{theme} {width} {fault}" for fault in watch.faults]
        context.close()
    assert not faults, "\n".join(faults)
