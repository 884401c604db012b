"""The least work that each kind of page can be. Each view is one floor; bench/scenes.py says what stands on it."""

from datetime import UTC, datetime

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer

from bench.floor.models import Item, Mark

BODY = ("<p>" + "The same for all readers. " * 40 + "</p>") * 20
GROUPS = 5


def cached(request: HttpRequest) -> HttpResponse:
    """A ready-made body of 20 KB from the process's memory, for anybody."""
    return HttpResponse(BODY)


def cached_signed_in(request: HttpRequest) -> HttpResponse:
    """The same body for somebody whose session is read."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return HttpResponse(BODY)


def page_django(request: HttpRequest) -> HttpResponse:
    """Session, person, five SELECTs, 20 KB drawn by Django's templates."""
    return render(request, "page.html", _five_lists(request))


def page_jinja(request: HttpRequest) -> HttpResponse:
    """The same page drawn by Jinja2."""
    return render(request, "page.jinja", _five_lists(request), using="jinja2")


def _five_lists(request: HttpRequest) -> dict[str, object]:
    name = request.user.get_username()
    lists = [list(Item.objects.filter(group=group).order_by("id")[:16]) for group in range(4)]
    return {"name": name, "lists": lists}  # person, four lists: five SELECTs


@csrf_exempt
def upsert(request: HttpRequest) -> HttpResponse:
    """Session, person, one upsert by the ORM."""
    Mark.objects.bulk_create(
        [Mark(person=request.user.pk, item=int(request.GET["item"]), marked_at=datetime.now(UTC))],
        update_conflicts=True,
        unique_fields=["person", "item"],
        update_fields=["marked_at"],
    )
    cache.get("nothing")
    return HttpResponse(status=204)


class ItemSerializer(ModelSerializer):
    class Meta:
        model = Item
        fields = ["id", "group", "title", "words", "minutes", "made_at"]


@api_view(["GET"])
def list_drf(request: HttpRequest) -> Response:
    """A list of 100 rows, one serializer object a row."""
    return Response(ItemSerializer(Item.objects.order_by("id")[:100], many=True).data)


def list_json_agg(request: HttpRequest) -> HttpResponse:
    """The same list, made into JSON by PostgreSQL."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT json_agg(row_to_json(i))::text FROM (SELECT * FROM floor_item ORDER BY id LIMIT 100) i"
        )
        (text,) = cursor.fetchone()
    return HttpResponse(text, content_type="application/json")
