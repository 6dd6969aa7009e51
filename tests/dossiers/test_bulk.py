"""The bulk path leaves the same books behind as the verbs: events, legs, hashes, and every row beside them."""

import datetime as dt
import os
from typing import Any

import pytest

from motcua.core import clock
from motcua.core.errors import IllegalAct
from motcua.core.models import Outbox, SeriesCounter
from motcua.dossiers import bulk
from motcua.dossiers.models import Component, Dossier, DossierPart, Note, SupplementRequest
from motcua.dossiers.states import Act, State
from motcua.ledger.models import Event, Item, Leg
from tests.dossiers import storyteller

TODAY = dt.date(2025, 9, 30)


def books() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that was kept, in words where rows point to rows whose ids may differ."""
    items = Item.objects.order_by("book", "code").values_list("book", "code", "unit", "territory", "head", "length")
    events = Event.objects.order_by("item__book", "item__code", "seq").values_list(
        "item__book", "item__code", "seq", "verb", "occurred_at", "recorded_at", "actor", "duty", "unit", "facts",
        "voids__seq", "prev_hash", "hash",
    )  # fmt: skip
    legs = Leg.objects.order_by("item__book", "item__code", "event__seq", "position").values_list(
        "item__book", "item__code", "event__seq", "position", "at", "day", "recorded_at", "sign", "account", "unit",
        "category", "channel", "outcome", "kind", "reverses__event__seq", "reverses__position",
    )  # fmt: skip
    columns = [f.attname for f in Dossier._meta.concrete_fields if f.attname not in ("item_id", "intake_item_id")]
    return {
        "items": list(items),
        "events": list(events),
        "legs": list(legs),
        "dossiers": list(Dossier.objects.order_by("pk").values_list(*columns, "item__code", "intake_item__code")),
        "notes": list(Note.objects.order_by("pk").values_list()),
        "papers": sorted(Component.objects.values_list("dossier", "part", "name", "kind", "copies"), key=repr),
        "supplements": list(
            SupplementRequest.objects.order_by("dossier", "requested_at", "event_seq").values_list(
                "dossier", "number", "event_seq", "at_intake", "requested_at", "reply_by", "items", "note", "basis",
                "answered_at", "voided",
            )
        ),
        "parts": list(
            DossierPart.objects.order_by("item__code").values_list(
                "dossier", "item__code", "unit", "work", "sent_at", "due_at", "due_grain", "returned_at"
            )
        ),
        "series": list(SeriesCounter.objects.order_by("series", "day").values_list("series", "day", "n")),
    }  # fmt: skip


@pytest.fixture
def place(real_database: str) -> storyteller.Place:
    return storyteller.build()


@pytest.mark.slow
def test_500_histories_lived_and_told_are_the_same(real_database: str, django_db_blocker: Any) -> None:
    from django.conf import settings

    from tests.support import databases

    place = storyteller.build()
    teller = storyteller.Teller(place, seed=2023)
    # The sample of 500 is told on SQLite; PostgreSQL, where each act is a journey to a server, repeats a part of it.
    whole = not databases.ON_POSTGRESQL or os.environ.get("FULL") == "1"
    histories = [teller.history() for _ in range(500 if whole else 80)]
    twin = f"{settings.WORKER}_twin"
    mine = databases.connections.settings["default"]["NAME"]
    databases.connections.close_all()
    _copy(databases, mine, twin)
    try:
        rows = storyteller.live(histories, TODAY)
        lived = books()
        with databases.pointed_at(twin):
            told_rows = bulk.write(histories, today=TODAY, salt=storyteller.salts())
            told = books()
    finally:
        databases.connections.close_all()
        databases.drop(twin)
    for name in ("series", "notes", "events", "legs", "items", *lived):
        assert len(lived[name]) == len(told[name]), name
        differing = [(a, b) for a, b in zip(lived[name], told[name], strict=True) if a != b]
        assert differing[:3] == [], name
    assert [r.code for r in rows] == [r.code for r in told_rows]
    if not whole:
        return
    # The sample is worth its name: nearly every act and state, both sides of the succession, late and voided acts.
    verbs = {event[3] for event in lived["events"]}
    assert verbs >= {a.value for a in Act} - {"reassign"} | {"accept", "accept_voided", "part_sent"}
    assert storyteller.lived_states(rows) >= set(State) - {State.INTAKE_WAITING, State.SUSPENDED}
    assert any(leg[13] == "succession" for leg in lived["legs"])
    assert any("late_entry" in event[9] for event in lived["events"])
    assert any(event[10] for event in lived["events"])


def _copy(databases: Any, name: str, twin: str) -> None:
    """A copy of the database in use, as create_from makes one of the template."""
    copy = name.rsplit("/", 1)[-1].removesuffix(".sqlite3") if not databases.ON_POSTGRESQL else None
    source = copy if copy is not None else name.removeprefix(databases._PREFIX + "_")
    databases.create_from(source, twin)


def test_an_illegal_history_leaves_nothing(place: storyteller.Place) -> None:
    teller = storyteller.Teller(place, seed=7)
    good = teller.history()
    while good.deeds[0].act is not Act.RECEIVE:
        good = teller.history()
    bad = bulk.History([good.deeds[0], bulk.Deed(Act.APPROVE, good.deeds[0].at, good.deeds[0].actor, "chair")])
    with pytest.raises(IllegalAct, match="Duyệt, ký"):
        bulk.write([good, bad], today=TODAY)
    assert not Item.objects.exists()
    assert not Dossier.objects.exists()
    assert not SeriesCounter.objects.exists()


def test_numbers_go_on_where_the_desk_left_them(place: storyteller.Place) -> None:
    """Bulk after verbs and verbs after bulk: one series, no number twice, none left out."""
    teller = storyteller.Teller(place, seed=11)
    histories = [h for h in (teller.history() for _ in range(60)) if h.deeds[0].act is Act.RECEIVE]
    day = clock.local_date(histories[0].deeds[0].at)
    unit = histories[0].deeds[0].told["unit"]
    same = [bulk.History([h.deeds[0]]) for h in histories if h.deeds[0].told["unit"] == unit][:4]
    assert len(same) >= 3
    for n, history in enumerate(same):
        first = history.deeds[0]
        history.deeds[0] = bulk.Deed(
            first.act,
            storyteller.moment(day, 9, n),
            first.actor,
            first.duty,
            {**first.told, "terms": first.told["terms"]},
        )
    storyteller.live(same[:1], day)
    bulk.write(same[1:-1], today=day)
    storyteller.live(same[-1:], day)
    numbers = sorted(int(c.rsplit("-", 1)[1]) for c in Dossier.objects.values_list("code", flat=True))
    assert numbers == list(range(1, len(same) + 1))
    assert Outbox.objects.count() == 2


def test_the_same_histories_cannot_be_told_twice_under_one_number(place: storyteller.Place) -> None:
    teller = storyteller.Teller(place, seed=13)
    history = teller.history()
    first = bulk.write([history], today=TODAY)[0]
    second = bulk.write([history], today=TODAY)[0]
    assert (first.code or first.filing_code) != (second.code or second.filing_code)
