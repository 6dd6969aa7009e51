"""Recording people and organisations."""

import datetime as dt
import hashlib
import json
import secrets
from dataclasses import dataclass, fields
from typing import Any

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.text import clean, fold, nfc, sort_key
from motcua.core.verbs import part_of, verb
from motcua.org.models import Unit, User
from motcua.parties import registry, rules
from motcua.parties.models import IdKind, Party, PartyChange, PartyKind

# What people are found by: whoever keeps an index of it is told when it changes.
SEARCHED = frozenset({"name", "id_number", "phone"})
_FIELDS = ("kind", "name", "id_kind", "id_number", "birth_date", "address", "commune_id", "phone", "email")


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is written down about somebody, not yet recorded: a verb records it in its own transaction, once.

    The fields are those of :func:`record_party`.
    """

    name: str
    kind: str = PartyKind.PERSON
    id_kind: str = ""
    id_number: str = ""
    birth_date: dt.date | None = None
    address: str = ""
    commune: Unit | None = None
    phone: str = ""


def recorded(who: "Party | Particulars", actor: User | None) -> Party:
    """The party itself, recorded now where only particulars are given; of a merged double, the one that is kept."""
    if isinstance(who, Party):
        if who.erased_at is not None:
            raise Invalid("Dữ liệu cá nhân của người này đã xóa. Hãy nhập lại họ tên, giấy tờ.", field="name")
        return who.merged_into if who.merged_into is not None else who
    return part_of(record_party, actor=actor, **{f.name: getattr(who, f.name) for f in fields(who)})


@verb
def record_party(
    *,
    actor: User | None,
    name: str,
    kind: str = PartyKind.PERSON,
    id_kind: str = "",
    id_number: str = "",
    birth_date: dt.date | None = None,
    address: str = "",
    commune: Unit | None = None,
    phone: str = "",
    email: str = "",
    invented: bool = False,
) -> Party:
    """The party with this identity number, brought up to date; or a new one. At most four statements, and what an
    index of names costs where a name or number changed.

    A merged double stands for the record it was merged into. Without an identity number a new party is made each time:
    two people of one name are two people. An empty value never wipes out what is known. Raises Invalid.
    """
    values = checked(
        kind=kind,
        name=name,
        id_kind=id_kind,
        id_number=id_number,
        birth_date=birth_date,
        address=address,
        commune=commune,
        phone=phone,
        email=email,
    )
    if number := values["id_number"]:
        rows = Party.objects.select_for_update(of=("self",)).select_related("merged_into")
        known = rows.filter(id_kind=values["id_kind"], id_number=number).first()
        if known is not None and known.merged_into is not None:
            known = known.merged_into
            values |= {"id_kind": known.id_kind or values["id_kind"], "id_number": known.id_number or number}
        if known is not None:
            write(known, {f: v for f, v in values.items() if v not in ("", None)}, actor=actor)
            return known
    return Party.objects.create(
        **values, **derived(values["name"]), salt=secrets.token_hex(16), invented=invented, created_at=clock.now()
    )


def checked(
    *,
    kind: str,
    name: str,
    id_kind: str,
    id_number: str,
    birth_date: dt.date | None,
    address: str,
    commune: Unit | None,
    phone: str,
    email: str,
) -> dict[str, Any]:
    """What somebody's record is to say, by column; Invalid naming the field. Pure."""
    name = clean(name)
    if not name:
        raise Invalid("Chưa nhập họ tên hoặc tên tổ chức.", field="name")
    if len(name) > 250:
        raise Invalid("Họ tên hoặc tên tổ chức dài quá 250 ký tự.", field="name")
    if kind not in PartyKind.values:
        raise Invalid("Loại đối tượng không có trong danh sách.", field="kind")
    if id_number and not id_kind:
        id_kind = IdKind.TAX if kind == PartyKind.ENTERPRISE else IdKind.CCCD
    number = rules.check_id_number(id_kind, id_number, birth_date)
    return {
        "kind": kind,
        "name": name,
        "id_kind": id_kind if number else "",
        "id_number": number,
        "birth_date": birth_date,
        "address": clean(address)[:300],
        "commune_id": commune.pk if commune else None,
        "phone": rules.check_phone(phone),
        "email": nfc(email).strip()[:254],
    }


def derived(name: str) -> dict[str, str]:
    """The columns made of a name. Pure."""
    return {"name_folded": fold(name)[:250], "name_sort": sort_key(name)[:600]}


def write(party: Party, values: dict[str, Any], *, actor: User | None, reason: str = "") -> bool:
    """Bring a record up to date and keep what it said before; whether anything changed. None or two statements, and
    what an index of names costs. The party is locked by the caller."""
    changed = {f: v for f, v in values.items() if getattr(party, f) != v}
    if not changed:
        return False
    before = {f: _text(getattr(party, f)) for f in changed}
    PartyChange.objects.create(party=party, at=clock.now(), actor=actor, reason=reason, before=before)
    if "name" in changed:
        changed |= derived(changed["name"])
    for field, value in changed.items():
        setattr(party, field, value)
    party.save(update_fields=list(changed))
    if SEARCHED & set(changed):
        registry.changed([party.pk])
    return True


def digest(party: Party) -> str:
    """A salted digest of the party's record, for an event: proves what was recorded, reveals nothing. No query."""
    content = {f: _text(getattr(party, f)) for f in _FIELDS}
    text = party.salt + json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str | int | None:
    return value.isoformat() if isinstance(value, dt.date) else value  # type: ignore[return-value]
