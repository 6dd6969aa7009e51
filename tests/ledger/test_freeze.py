"""Chốt số liệu: what was published stays said, and a changed figure is found."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction

from motcua.core import clock
from motcua.core.errors import Invalid, NotAllowed, NotFound
from motcua.ledger import actions, behind, freeze, queries, totals
from motcua.ledger.forms import notes
from motcua.ledger.rules import Fact
from motcua.ledger.totals_models import Cutoff
from motcua.org.models import Unit
from motcua.org.queries import SYSTEM, Scope
from tests.ledger.test_statement import Office, due, frozen, june, office, on, read  # noqa: F401


def test_numbers_follow_each_other_and_say_the_year(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    assert frozen(world, 1, 5, now=on(11)).number == "CS-2023-0001"
    assert frozen(world, 6, 10, now=on(11)).number == "CS-2023-0002"


def test_later_acts_do_not_move_it(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    kept = frozen(world, 1, 10, now=on(11))
    office.tell("A", Fact("close", on(9), outcome="granted"), recorded=on(12))
    with clock.at(on(13)):
        totals.fold()
        assert freeze.check() == []
    again = read(world, 1, 10, now=on(14), known_at=kept.number)
    assert again.total.as_dict() == freeze.figures(kept)["total"]
    assert read(world, 1, 10, now=on(14)).total.figures.ended_total == 1


def test_the_same_period_is_published_once(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    frozen(world, 1, 10, now=on(11))
    with pytest.raises(Invalid, match="CS-2023-0001"):
        frozen(world, 1, 10, now=on(12))


def test_an_estimate_is_completed_not_restated(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    estimate = frozen(world, 1, 14, now=on(11), counted_to=june(10))
    assert (estimate.kind, estimate.counted_to, estimate.end) == ("estimate", june(10), june(14))
    assert "SỐ ƯỚC" in " ".join(notes(read(world, 1, 14, now=on(11), counted_to=june(10))))
    office.receive("B", on(12), due(20))
    with pytest.raises(Invalid):
        frozen(world, 1, 14, now=on(15), completes=estimate, counted_to=june(12))
    with pytest.raises(Invalid):
        frozen(world, 1, 13, now=on(15), completes=estimate)
    official = frozen(world, 1, 14, now=on(15), completes=estimate)
    assert official.completes_id == estimate.pk
    assert freeze.figures(official)["total"]["figures"]["received"] == {"direct": 2}
    assert freeze.figures(estimate)["total"]["figures"]["received"] == {"direct": 1}
    with clock.at(on(16)):
        assert freeze.check() == []


def test_no_estimate_comes_after_the_official_figures(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    """Two sets of figures of one period would stand side by side, the lesser one the later."""
    office.receive("A", on(1), due(20))
    official = frozen(world, 1, 14, now=on(15))
    with pytest.raises(Invalid, match=official.number) as refused:
        frozen(world, 1, 14, now=on(16), counted_to=june(10))
    assert refused.value.code == "estimate_after_official"
    # Of another period, unit or book it is another matter.
    assert frozen(world, 1, 13, now=on(16), counted_to=june(10)).kind == "estimate"
    assert frozen(world, 1, 14, now=on(16), counted_to=june(10), unit=1).kind == "estimate"


def test_a_frozen_statement_is_not_known_outside_its_units(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    kept = frozen(world, 1, 10, now=on(11))
    mine, theirs = (Scope(1, june(11), frozenset({unit.pk})) for unit in world.units[:2])
    assert queries.cutoff(mine, f" {kept.number.lower()} ") == kept
    with clock.at(on(12)):
        assert queries.known(mine, kept.number).watermark == kept.watermark
        with pytest.raises(NotFound):
            queries.known(theirs, kept.number)
    with pytest.raises(NotFound):
        queries.cutoff(theirs, kept.number)
    with clock.at(on(16)), pytest.raises(NotFound):
        queries.statement(
            theirs, book="dossier", units=[world.units[1]], start=june(11), end=june(14), chained_from=kept.number
        )


def test_a_unit_that_is_past_in_its_turn_keeps_its_line_of_zeros(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    kept = frozen(world, 1, 10, now=on(11), unit=1)
    assert [line["key"] for line in freeze.figures(kept)["lines"]] == [world.units[1].key]
    Unit.objects.filter(pk=world.units[1].pk).update(valid_to=june(12))
    with clock.at(on(16)):
        assert freeze.check() == []


def test_a_period_that_is_not_over_needs_an_estimate(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    with pytest.raises(Invalid) as refused:
        frozen(world, 1, 14, now=on(11))
    assert refused.value.code == "end_in_future"
    assert not Cutoff.objects.exists()


def test_who_may_not_see_may_not_freeze(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    scope = Scope(user_id=1, day=june(11), unit_ids=frozenset())
    with clock.at(on(11)), pytest.raises(NotAllowed):
        freeze.freeze(
            scope=scope, unit=world.units[0], book="dossier", start=june(1), end=june(10), actor=world.official
        )


def test_the_database_refuses_to_change_it(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    kept = frozen(world, 1, 10, now=on(11))
    for statement in (
        f"UPDATE ledger_cutoff SET figures = '{{}}' WHERE id = {kept.pk}",
        f"DELETE FROM ledger_cutoff WHERE id = {kept.pk}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_figure_changed_behind_its_back_is_named(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    from motcua.core.triggers import drop_append_only_sql
    from motcua.ledger.statement import digest

    office.receive("A", on(1), due(20))
    kept = frozen(world, 1, 10, now=on(11))
    with connection.cursor() as cursor:
        for statement in drop_append_only_sql(connection.vendor, "ledger_cutoff"):
            cursor.execute(statement)
    changed = kept.figures.replace('"in_time":1', '"in_time":0')
    assert changed != kept.figures
    Cutoff.objects.filter(pk=kept.pk).update(figures=changed)
    assert freeze.check() == [f"số liệu của bản chốt {kept.number} đã bị sửa"]
    # A forger who knows the digest too is found by counting anew.
    Cutoff.objects.filter(pk=kept.pk).update(figures=changed, digest=digest(changed))
    assert freeze.check() == [f"bản chốt {kept.number} không còn khớp với sổ"]


def test_corrections_of_channel_category_outcome_and_day_are_adjustments(
    world: SimpleNamespace,
    office: Office,  # noqa: F811
) -> None:
    """Pending, received and ended stay the same in sum; what was published by channel or by procedure does not."""
    for code in ("CHANNEL", "CATEGORY", "OUTCOME", "DAY", "SAME", "BACK"):
        office.receive(code, on(1), due(20))
    for code in ("OUTCOME", "DAY"):
        office.close(code, on(5))
    kept = frozen(world, 1, 10, now=on(11))
    receipt = office.told["CHANNEL"][0]
    office.rewrite("CHANNEL", [replace(receipt, channel="online")], recorded=on(12))
    office.rewrite("CATEGORY", [replace(receipt, category=world.categories[1].pk)], recorded=on(12))
    office.rewrite("OUTCOME", [receipt, Fact("close", on(5), outcome="returned")], recorded=on(12))
    office.rewrite("DAY", [receipt, Fact("close", on(4), outcome="granted")], recorded=on(12))
    office.rewrite("BACK", [replace(receipt, channel="online")], recorded=on(12))
    office.rewrite("BACK", [receipt], recorded=on(12, 10))
    chained = read(world, 11, 14, now=on(15), chained_from=kept.number)
    listed = behind.adjustments(SYSTEM, chained)
    assert sorted(item.code for item in listed.items) == ["CATEGORY", "CHANNEL", "DAY", "OUTCOME"]
    assert listed.total == 4
    assert {(item.pending, item.received) for item in listed.items} == {(0, 0)}


def test_a_correction_is_no_late_entry(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("RIGHT", on(1), due(20))
    office.receive("LATE", on(1), due(20), recorded=on(2))
    corrected = [replace(office.told["RIGHT"][0], channel="online")]
    with clock.at(on(3)):
        actions.record(
            item=actions.lock(office.items["RIGHT"].pk), verb="correct_receipt", occurred_at=on(3),
            actor=world.official, facts={}, timeline=corrected,
        )  # fmt: skip
    assert behind.memo(SYSTEM, read(world, 1, 10, now=on(11))).written_late == 1


def test_published_through(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    unit = world.units[0]
    assert queries.published_through(unit, "dossier") is None
    frozen(world, 1, 14, now=on(11), counted_to=june(10))
    assert queries.published_through(unit, "dossier") is None  # an estimate binds nobody
    frozen(world, 1, 10, now=on(11))
    assert queries.published_through(unit, "dossier") == june(10)
    assert queries.published_through(world.units[1], "dossier") is None
    assert queries.published_through(unit, "feedback") is None
    assert queries.latest_cutoff(unit, "dossier", june(11)) is not None
    assert queries.latest_cutoff(unit, "dossier", june(12)) is None


def test_repeating_the_request_freezes_once(world: SimpleNamespace, office: Office) -> None:  # noqa: F811
    office.receive("A", on(1), due(20))
    one = frozen(world, 1, 10, now=on(11), request_key="k1")
    two = frozen(world, 1, 10, now=on(11), request_key="k1")
    assert one.pk == two.pk
    assert Cutoff.objects.count() == 1
