"""Recording people and organisations."""

import datetime as dt
import hashlib
import json
import secrets
from dataclasses import dataclass, fields

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.text import clean, fold, nfc, sort_key
from motcua.core.verbs import verb
from motcua.org.models import Unit, User
from motcua.parties import rules
from motcua.parties.models import IdKind, Party, PartyChange, PartyKind

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
    """The party itself, recorded now where only particulars are given."""
    if isinstance(who, Party):
        return who
    return record_party(actor=actor, **{f.name: getattr(who, f.name) for f in fields(who)})


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
    """The party with this identity number, brought up to date; or a new one. At most four statements.

    Without an identity number a new party is made each time: two people of one name are two people. Raises Invalid
    naming the field. An empty value never wipes out what is known.
    """
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
    if not number:
        id_kind = ""
    values = {
        "kind": kind,
        "name": name,
        "id_kind": id_kind,
        "id_number": number,
        "birth_date": birth_date,
        "address": clean(address)[:300],
        "commune_id": commune.pk if commune else None,
        "phone": rules.check_phone(phone),
        "email": nfc(email).strip()[:254],
    }
    derived = {"name_folded": fold(name)[:250], "name_sort": sort_key(name)[:600]}
    if number:
        known = Party.objects.select_for_update().filter(id_kind=id_kind, id_number=number).first()
        if known is not None:
            changed = {f: v for f, v in values.items() if v not in ("", None) and getattr(known, f) != v}
            if changed:
                before = {f: _text(getattr(known, f)) for f in changed}
                PartyChange.objects.create(party=known, at=clock.now(), actor=actor, before=before)
                for field, value in (changed | derived).items():
                    setattr(known, field, value)
                known.save(update_fields=[*changed, *derived])
            return known
    return Party.objects.create(
        **values, **derived, salt=secrets.token_hex(16), invented=invented, created_at=clock.now()
    )


def digest(party: Party) -> str:
    """A salted digest of the party's record, for an event: proves what was recorded, reveals nothing. No query."""
    content = {f: _text(getattr(party, f)) for f in _FIELDS}
    text = party.salt + json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str | int | None:
    return value.isoformat() if isinstance(value, dt.date) else value  # type: ignore[return-value]
