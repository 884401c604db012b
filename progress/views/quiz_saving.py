"""What the player's script asks while somebody answers: keep answers, set flags, how things stand, what differs."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import ValidationError

from accounts import clock
from accounts.models import User
from progress.views import quiz_player
from progress.views.doors import SignedInRequest, enrollment_of
from progress.views.quiz_pages import player_url, result_url
from quizzes.models import Attempt
from quizzes.refusals import FinishedError, TakenOverError, UnknownSlotError
from quizzes.saves import Save, SavedItem, newest_sequences


@login_required
@require_POST
def save(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """Keep answers as the player's script sends them: 409 from an overtaken page, 410 when the attempt is over.

    Both are kept all the same, beside what counts; 404 where the page shows the attempt of somebody else.
    """
    now = clock.database_now()
    try:
        sent = Save.model_validate_json(request.body)
        deadline_at = Attempt.objects.save_answers(
            request.user, road_key, quiz_key, number, sent=sent, now=now
        )
    except Attempt.DoesNotExist as missing:
        raise Http404 from missing
    except TakenOverError:
        return JsonResponse({"reason": "taken_over", "kept": _slots(sent.items)}, status=409)
    except FinishedError:
        return JsonResponse({"reason": "finished", "kept": _slots(sent.items)}, status=410)
    except UnknownSlotError as unknown:
        return JsonResponse({"reason": "invalid", "faults": [str(unknown)]}, status=422)
    except ValidationError as invalid:
        attempt_of(
            request.user, road_key, quiz_key, number
        )  # whose attempt it is not learns no more than that
        faults = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in invalid.errors()[:20]]
        return JsonResponse({"reason": "invalid", "faults": faults}, status=422)
    return JsonResponse(
        {"saved": newest_sequences(sent.items), "server_now": now, "deadline_at": deadline_at}
    )


@login_required
@never_cache
@require_safe
def state(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """How the attempt stands, for a page that comes back: 404 where the page shows the attempt of somebody else."""
    attempt = _shown(request, road_key, quiz_key, number)
    return JsonResponse(
        {
            "csrf": get_token(request),
            "epoch": attempt.epoch,
            "is_finished": attempt.is_finished,
            "server_now": clock.database_now(),
            "deadline_at": attempt.deadline_at,
            "differences": [difference.slot for difference in attempt.answers.differences()],
        }
    )


@login_required
@require_POST
def flag(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """Mark a question to look at again (`flag`), or no longer (`unflag`); a form sent whole keeps its answers first."""
    name = "flag" if "flag" in request.POST else "unflag"
    slot = request.POST.get(name, "")
    attempt = attempt_of(request.user, road_key, quiz_key, number)
    if "epoch" in request.POST:
        enrollment = enrollment_of(request.user, road_key)
        refused = quiz_player.keep_form(request, enrollment, attempt, clock.database_now())
        if refused is not None:
            return refused
    if slot.isdecimal() and len(slot) < 6:
        attempt.flag(int(slot), is_flagged=name == "flag")
    if "epoch" not in request.POST:
        return HttpResponse(status=204)
    return redirect(quiz_player.place_url(road_key, attempt, slot))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def differences(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> HttpResponse:
    """Where an overtaken page said something else than what counts; POST takes one of both for a `slot`."""
    enrollment = enrollment_of(request.user, road_key)
    attempt = attempt_of(request.user, road_key, quiz_key, number)
    if attempt.is_finished:
        return redirect(result_url(road_key, attempt))
    if request.method == "POST":
        slot, taken = request.POST.get("slot", ""), request.POST.get("take")
        try:
            if slot.isdecimal() and taken in {"overtaken", "counting"}:
                attempt.choose(int(slot), takes_overtaken=taken == "overtaken", now=clock.database_now())
        except FinishedError:
            return redirect(result_url(road_key, attempt))
    context = quiz_player.differing(enrollment, attempt)
    if request.method == "POST" and not context["differences"]:
        return redirect(player_url(road_key, attempt))
    return render(request, "progress/quiz_differences.html", context)


@login_required
@require_safe
def signed_in(request: SignedInRequest) -> HttpResponse:
    """Where signing in from an open quiz ends: the page that waits goes on by itself."""
    return render(request, "progress/quiz_signed_in.html")


def attempt_of(person: User, road_key: str, quiz_key: str, number: int) -> Attempt:
    """The person's attempt of this number; Http404 for any other."""
    mine = Attempt.objects.of(person).at(road_key, quiz_key)
    return get_object_or_404(mine.select_related("quiz__current_version", "quiz_version"), number=number)


def _shown(request: SignedInRequest, road_key: str, quiz_key: str, number: int) -> Attempt:
    attempt = attempt_of(request.user, road_key, quiz_key, number)
    if request.GET.get("attempt", str(attempt.pk)) != str(attempt.pk):
        raise Http404
    return attempt


def _slots(items: Iterable[SavedItem]) -> list[int]:
    return sorted({item.slot for item in items})
