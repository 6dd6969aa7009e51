"""What every writing verb has in common: keyword-only, one transaction, and harmless when repeated."""

import functools
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.apps import apps
from django.db import connection, models, transaction

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid
from motcua.core.models import Request

R = TypeVar("R")
# As long as the column; printable, so that it can be read out on the telephone.
_KEY = re.compile(r"[\x21-\x7e]{1,80}")


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return f"{value._meta.label}:{value.pk}"
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        # A set has another order in every process.
        return sorted((_plain(v) for v in value), key=repr)
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value if isinstance(value, (int, str, bool, type(None))) else str(value)


def _refuse_unkeepable(name: str, value: Any) -> None:
    """Refuse text that no database keeps: a NUL, or half of a surrogate pair (both are broken or hostile input)."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            value = "\x00"
        if "\x00" in value:
            raise Invalid("Nội dung có ký tự hỏng, không lưu được. Hãy gõ lại.", code="unkeepable", field=name)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            _refuse_unkeepable(name, part)
    elif isinstance(value, dict):
        for part in (*value, *value.values()):
            _refuse_unkeepable(name, part)


def _digest(arguments: dict[str, Any]) -> str:
    text = json.dumps(_plain(arguments), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _claim(key: str, name: str, digest: str) -> bool:
    """Write the request down as being carried out; False when it already was. One statement.

    On PostgreSQL a second request with the same key waits here for the first to end.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_request (key, verb, digest, result_model, created_at) VALUES (%s, %s, %s, '', %s) "
            "ON CONFLICT (key) DO NOTHING",
            [key, name, digest, connection.ops.adapt_datetimefield_value(clock.now())],
        )
        return cursor.rowcount == 1


def verb(function: Callable[..., R]) -> Callable[..., R]:
    """Make a function a verb: one transaction around it, and an optional ``request_key`` that makes it idempotent.

    With a ``request_key`` seen before, the earlier result (a model instance) is read again and returned and nothing is
    written; the same key with other arguments is refused (:class:`Conflict`). A key costs two statements more. Text
    that no database keeps is refused (:class:`Invalid`) before anything is done.
    """

    @functools.wraps(function)
    def run(*, request_key: str | None = None, **arguments: Any) -> R:
        for name, value in arguments.items():
            _refuse_unkeepable(name, value)
        if request_key is not None and not _KEY.fullmatch(request_key):
            raise Invalid("Khóa yêu cầu không đúng mẫu. Hãy tải lại trang rồi làm lại.", code="bad_request_key")
        with transaction.atomic():
            if request_key is None:
                return function(**arguments)
            name = f"{function.__module__.removeprefix('motcua.')}.{function.__name__}"
            digest = _digest(arguments)
            if not _claim(request_key, name, digest):
                request = Request.objects.get(key=request_key)
                if (request.verb, request.digest) != (name, digest):
                    raise Conflict(
                        "Khóa yêu cầu này đã dùng cho một việc khác. Hãy tải lại trang rồi làm lại.",
                        code="request_key_reused",
                    )
                if not request.result_model:
                    return cast(R, None)
                return cast(R, apps.get_model(request.result_model)._default_manager.get(pk=request.result_id))
            result = function(**arguments)
            if isinstance(result, models.Model):
                Request.objects.filter(key=request_key).update(result_model=result._meta.label, result_id=result.pk)
            return result

    return run


def part_of(function: Callable[..., R], **arguments: Any) -> R:
    """Run a verb as a part of the one that is running: in its transaction, without a savepoint of its own.

    Whatever it refuses, the whole act is refused. RuntimeError outside of a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a part runs inside the transaction of its act")
    for name, value in arguments.items():
        _refuse_unkeepable(name, value)
    return cast(R, function.__wrapped__(**arguments))  # type: ignore[attr-defined]
