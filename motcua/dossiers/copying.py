"""Chép sang: a dossier's values in the order of another system's fields, and that system's code brought back.

The orders are data files (TOML): those shipped, and an office's own in ``MOTCUA_HOME/orders``, which replace a shipped
one of the same name.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid, NotFound
from motcua.core.text import clean
from motcua.core.verbs import verb
from motcua.dossiers import indexing
from motcua.dossiers.acting import write_note
from motcua.dossiers.allowing import covering, held_duty
from motcua.dossiers.models import Dossier
from motcua.org.models import Duty, User
from motcua.parties.models import Party

SHIPPED = Path(__file__).resolve().parent / "orders"
KEEPERS = frozenset({Duty.RECEIVE, Duty.HANDLE, Duty.HAND_OVER, Duty.CLERK, Duty.HEAD, Duty.DIRECTOR})
MOST_FIELDS = 100
_LARGEST = 200_000
_CODE = re.compile(r"[\w./\-]{3,80}")


class BrokenOrder(Invalid):
    """A file of an order that cannot be used; the sentence names the file and what is wrong in it."""

    code = "broken_order"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the other system: its label there, and where our value comes from."""

    label: str
    sources: tuple[str, ...]
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """The fields of another system in its order. ``key`` is the file's name, ``own`` an office's own file."""

    key: str
    name: str
    fields: tuple[Field, ...]
    confirmed: bool
    code_pattern: str
    code_example: str
    own: bool


@dataclass(frozen=True, slots=True)
class Value:
    """A field with the dossier's value for it."""

    label: str
    text: str


def _party(pick: Callable[[Dossier], Party | None]) -> dict[str, Callable[[Dossier], str]]:
    def of(name: str) -> Callable[[Dossier], str]:
        return lambda dossier: _said(getattr(pick(dossier), name, "") or "")

    def commune(dossier: Dossier) -> str:
        party = pick(dossier)
        return party.commune.name if party and party.commune else ""

    names = ("name", "id_number", "birth_date", "address", "phone", "email")
    return {**{name: of(name) for name in names}, "commune": commune}


def _said(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return f"{clock.local(value):%d/%m/%Y %H:%M}"
    return f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else str(value)


def _day(name: str) -> Callable[[Dossier], str]:
    return lambda d: _said(clock.local_date(at)) if (at := getattr(d, name)) else ""


SOURCES: dict[str, Callable[[Dossier], str]] = {
    "code": str,
    "external_code": lambda d: d.external_code,
    "procedure.code": lambda d: d.procedure_version.procedure.code,
    "procedure.name": lambda d: d.procedure_version.name,
    "field": lambda d: d.category.field,
    "case": lambda d: d.case.name if d.case else "",
    "subject": lambda d: d.subject,
    "copies": lambda d: str(d.copies),
    "channel": lambda d: d.get_channel_display(),
    "result_method": lambda d: d.get_result_method_display(),
    "unit": lambda d: d.unit.name,
    "desk": lambda d: d.desk_unit.name,
    "received": _day("received_at"),
    "received.time": lambda d: _said(d.received_at) if d.received_at else "",
    "due": _day("due_at"),
    "appointed": _day("appointed_at"),
    "ended": _day("ended_at"),
    "handed_over": _day("handed_over_at"),
    "papers": lambda d: "; ".join(d.components.order_by("pk").values_list("name", flat=True)),
    **{f"applicant.{name}": get for name, get in _party(lambda d: d.applicant).items()},
    **{f"submitter.{name}": get for name, get in _party(lambda d: d.submitter).items()},
    **{f"submitter_or_applicant.{name}": get for name, get in _party(lambda d: d.submitter or d.applicant).items()},
    **{f"collector.{name}": get for name, get in _party(lambda d: d.collector).items()},
}


def orders() -> tuple[list[Order], list[str]]:
    """All usable orders by name, and what is wrong with the files that are not."""
    own = Path(settings.HOME) / "orders"
    files = {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}
    files |= {path.stem: path for path in sorted(own.glob("*.toml"))} if own.is_dir() else {}
    found, wrong = [], []
    for key, path in files.items():
        try:
            found.append(parsed(key, _text(path), own=path.parent == own))
        except BrokenOrder as error:
            wrong.append(error.message)
    return sorted(found, key=lambda order: order.name), wrong


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise BrokenOrder(f"Tệp {path.name} lớn quá.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenOrder(f"Không đọc được tệp {path.name}.") from error


def parsed(key: str, text: str, *, own: bool = False) -> Order:
    """An order out of its file's text; :class:`BrokenOrder` names what is wrong. Pure."""

    def wrong(why: str) -> BrokenOrder:
        return BrokenOrder(f"Tệp {key}.toml: {why}.")

    try:
        told: Mapping[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise wrong(f"không đúng cú pháp TOML ({error})") from error
    rows = told.get("field")
    if not isinstance(rows, list) or not rows or len(rows) > MOST_FIELDS:
        raise wrong(f"cần từ 1 đến {MOST_FIELDS} mục [[field]]")
    fields = []
    for n, row in enumerate(rows, start=1):
        label = clean(str(row.get("label", ""))) if isinstance(row, dict) else ""
        if not label:
            raise wrong(f"ô thứ {n} thiếu label")
        fixed, given = str(row.get("fixed", "")), row.get("from", [])
        sources = tuple(map(str, given if isinstance(given, list) else [given]))
        if unknown := [source for source in sources if source not in SOURCES]:
            raise wrong(f"ô «{label}» lấy từ «{unknown[0]}» là điều không có; các điều có: {', '.join(SOURCES)}")
        if bool(sources) == bool(fixed):
            raise wrong(f"ô «{label}» cần đúng một trong from và fixed")
        fields.append(Field(label, sources, fixed))
    pattern = str(told.get("code_pattern", ""))
    try:
        re.compile(pattern)
    except re.error as error:
        raise wrong(f"code_pattern không phải biểu thức chính quy ({error})") from error
    return Order(
        key=key,
        name=clean(str(told.get("name", ""))) or key,
        fields=tuple(fields),
        confirmed=told.get("confirmed") is True,
        code_pattern=pattern,
        code_example=str(told.get("code_example", "")),
        own=own,
    )


def values(order: Order, dossier: Dossier) -> list[Value]:
    """The dossier's values in the order's fields. One statement where papers are wanted."""
    found = []
    for field in order.fields:
        parts = [field.fixed] if field.fixed else [SOURCES[source](dossier) for source in field.sources]
        # An address often ends in the commune's name already.
        kept = [part for n, part in enumerate(parts) if part and not any(part in before for before in parts[:n])]
        found.append(Value(field.label, clean(", ".join(kept))))
    return found


@verb
def record_external_code(*, actor: User, dossier: int, code: str, order: Order | None = None) -> Dossier:
    """Keep the code another system has given this dossier; an empty one takes it away. Each change leaves a note.

    Refused when it is not of that system's pattern, is our own code, or is kept with another dossier already.
    """
    text = clean(code)
    row = Dossier.objects.select_for_update().filter(pk=dossier).first()
    if row is None:
        raise NotFound("Không có hồ sơ này.")
    held_duty(actor, KEEPERS, covering(row), "Anh/chị không có nhiệm vụ ghi mã của hồ sơ này.")
    if row.imported:
        raise Invalid("Mã của hồ sơ nhập từ danh sách do danh sách đó giữ, không ghi lại ở đây.", field="code")
    if text:
        if not _CODE.fullmatch(text):
            raise Invalid("Mã chỉ gồm chữ, số, dấu chấm, gạch nối, gạch chéo; từ 3 đến 80 ký tự.", field="code")
        if order is not None and order.code_pattern and not re.fullmatch(order.code_pattern, text):
            example = f", ví dụ {order.code_example}" if order.code_example else ""
            raise Invalid(f"Mã «{text}» không đúng mẫu của {order.name}{example}.", field="code")
        if text.casefold() == str(row.code or "").casefold():
            raise Invalid("Đây là mã của chính hồ sơ này. Hãy dán mã do hệ thống kia cấp.", field="code")
        if (other := Dossier.objects.filter(external_code__iexact=text).exclude(pk=row.pk).first()) is not None:
            raise Conflict(f"Mã «{text}» đã ghi cho hồ sơ {other}.", field="code")
    if text == row.external_code:
        return row
    system = order.name if order is not None else "hệ thống khác"
    before = f" (trước: {row.external_code})" if row.external_code else ""
    row.external_code, row.changed_at = text, clock.now()
    row.save(update_fields=["external_code", "changed_at"])
    indexing.refresh([row.pk])
    write_note(row, "external_code", f"Mã ở {system}: {text or '(bỏ)'}{before}", actor)
    return row
