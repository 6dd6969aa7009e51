"""A writing request is carried out once: the same key is answered the same, whatever became of the dossier since."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from django.db import transaction
from django.db.models import Model
from ninja import Field, Header

from motcua.api.models import ApiAnswer, ApiClient
from motcua.core import clock
from motcua.core.models import Request
from motcua.core.verbs import verb

# With the client's own prefix it must fit core.models.Request.key.
Key = Annotated[
    str,
    Field(min_length=1, max_length=50, pattern=r"^[!-~]+$"),
    Header(
        alias="Idempotency-Key",
        description=(
            "A new key for each act, of the client's choice (a UUID does). The same request sent again with the same "
            "key changes nothing and is answered the same; with another body it is refused (409)."
        ),
    ),
]


def bare(wrapped: Callable[..., Any]) -> Callable[..., Any]:
    """A verb without its own transaction: it runs inside that of the request."""
    return wrapped.__wrapped__  # type: ignore[attr-defined]


# How long a request sent again is answered the same; a system that has not asked again by then never will.
KEPT = dt.timedelta(days=90)
_AT_ONCE = 2000


def purge(now: dt.datetime) -> str:
    """Forget answers older than ``KEPT`` with their keys; run by ``tick``, safe to repeat. What was done stays.

    Three statements for each 2,000."""
    gone = 0
    while True:
        with transaction.atomic():
            rows = list(
                ApiAnswer.objects.filter(at__lt=now - KEPT)
                .order_by("at")
                .values_list("pk", "client_id", "key")[:_AT_ONCE]
            )
            Request.objects.filter(key__in=[f"api:{client}:{key}" for _, client, key in rows]).delete()
            ApiAnswer.objects.filter(pk__in=[pk for pk, *_ in rows]).delete()
        gone += len(rows)
        if len(rows) < _AT_ONCE:
            return f"bỏ {gone} câu trả lời quá {KEPT.days} ngày" if gone else ""


def answered(client: ApiClient, key: str) -> bool:
    """Whether a request with this key was carried out before; its answer waits. One statement."""
    return ApiAnswer.objects.filter(client=client, key=key).exists()


def once(
    client: ApiClient,
    operation: str,
    key: str,
    given: dict[str, Any],
    run: Callable[..., Model],
    answer: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """Run an act in one transaction with the record of its answer; the answer.

    ``given`` is what tells this request from another one. Two statements beside the act: the key is claimed, the
    answer is kept. Conflict when the key was used for something else.
    """
    told: list[dict[str, Any]] = []

    @verb
    def api_call(*, client: int, operation: str, **given: Any) -> None:
        body = answer(run(**given))
        ApiAnswer.objects.create(client_id=client, key=key, operation=operation, at=clock.now(), body=body)
        told.append(body)

    api_call(request_key=f"api:{client.pk}:{key}", client=client.pk, operation=operation, **given)
    return told[0] if told else ApiAnswer.objects.get(client=client, key=key).body
