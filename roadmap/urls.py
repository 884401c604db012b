from django.urls import path

from roadmap.views import library, opinion, outside, roads

app_name = "roadmap"

for_machines = [
    path("robots.txt", outside.robots, name="robots"),
    path("sitemap.xml", outside.sitemap_index, name="sitemap"),
    path("sitemap-<section>.xml", outside.pages, name="pages"),
    path("editions.atom", outside.feed, name="feed"),
    path("roads/<slug:road_key>/editions.atom", outside.road_feed, name="road_feed"),
    path("roads/<slug:road_key>/picture.png", outside.picture, name="picture"),
]

urlpatterns = [
    path("", roads.roads, name="roads"),
    path("library/", library.library, name="library"),
    path("library/<slug:resource_key>/", library.resource, name="resource"),
    path("library/<slug:resource_key>/report/", opinion.report, name="report_link"),
    path("library/<slug:resource_key>/rating/", opinion.rate, name="rate"),
    *for_machines,
]
