"""Property 5 and its kin: whatever is changed behind the back of the books is found, and named."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.series import next_number
from motcua.ledger import actions, chain, checkpoint, freeze, registry, totals, verify
from motcua.ledger.models import Checkpoint, Event, Item, Leg
from motcua.ledger.rules import Fact
from motcua.ledger.totals_models import CELL_COLUMNS
from motcua.org.models import UnitPlace
from motcua.org.queries import SYSTEM
from motcua.worktime.rules import Deadline

pytestmark = pytest.mark.django_db

NOW = clock.local_moment(dt.date(2023, 7, 10), dt.time(8))


def at(day: int, hour: int = 9) -> dt.datetime:
    return clock.local_moment(dt.date(2023, 6, day), dt.time(hour))


@pytest.fixture
def books(world: SimpleNamespace, book: dict[int, list[Fact]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three dossiers with six acts, totals folded, June frozen, a checkpoint made and sent out."""
    monkeypatch.setattr(settings, "KEYS", tmp_path / "keys")
    monkeypatch.setattr(settings, "CHECKPOINT_DIR", tmp_path / "outside")
    for unit in world.units:
        UnitPlace.objects.create(unit=unit, path=f"/{unit.pk}/", valid_from=unit.valid_from)
    for n in range(3):
        receipt = Fact(
            "receive", at(1), deadline=Deadline(at(8, 17), "day"), unit=world.units[n].pk,
            category=world.categories[0].pk, channel="direct",
        )  # fmt: skip
        with clock.at(at(1)), transaction.atomic():
            next_number("H59", dt.date(2023, 6, 1))
            item = actions.open_item(book="dossier", code=f"H59-{n}", unit=world.units[n])
        facts = [receipt]
        act(item, world, "receive", facts, 1)
        act(item, world, "forward", None, 2)
        if n < 2:
            facts = [*facts, Fact("close", at(5 + n), outcome="granted")]
            act(item, world, "resolve", facts, 5 + n)
        book[item.pk] = facts
    with clock.at(NOW):
        totals.fold()
        freeze.freeze(
            scope=SYSTEM, unit=world.units[0], book="dossier", start=dt.date(2023, 6, 1), end=dt.date(2023, 6, 30),
            actor=None,
        )  # fmt: skip
        made = checkpoint.make_daily()
        assert made is not None
        checkpoint.send_out({"checkpoint": made.pk})
        yield SimpleNamespace(told=book, made=made, file=tmp_path / "outside" / f"chot-{made.day}.json")


def act(item: Item, world: SimpleNamespace, verb: str, facts: list[Fact] | None, day: int) -> None:
    with clock.at(at(day)), transaction.atomic():
        actions.record(
            item=actions.lock(item.pk), verb=verb, occurred_at=at(day), actor=world.official, duty="handle",
            unit=world.units[0], facts={"step": verb}, timeline=facts,
        )  # fmt: skip


def faults(*, but: tuple[str, ...] = ()) -> list[str]:
    return [f for check in verify.checks() if check.title not in but for f in check.run(lambda done, total: None)]


@contextmanager
def damaged(*statements: str | Callable[[], Any]) -> Iterator[None]:
    """The books after somebody with full power over the database has been at them, covering his tracks."""
    with transaction.atomic():
        with connection.cursor() as cursor, unguarded():
            for statement in statements:
                if callable(statement):
                    statement()
                else:
                    cursor.execute(statement)
        yield
        transaction.set_rollback(True)


@contextmanager
def unguarded() -> Iterator[None]:
    """No trigger fires in the block; afterwards all are there again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            cursor.execute("SET LOCAL session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        there = cursor.fetchall()
        for name, _ in there:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, sql in there:
            cursor.execute(sql)


def test_sound_books_are_found_sound(books: SimpleNamespace) -> None:
    assert faults() == []
    assert list(checkpoint.check_file(books.file)) == []


_ITEM1 = "(SELECT id FROM ledger_item WHERE code = 'H59-1')"
_CLOSE1 = f"SELECT id FROM ledger_leg WHERE item_id = {_ITEM1} AND kind = 'close'"
_LEG = "event_id, position, item_id, book, at, day, recorded_at, sign, account, unit_id, category_id, channel, outcome"


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (
            [f"UPDATE ledger_leg SET account = 'late' WHERE id IN ({_CLOSE1}) AND sign = 1"],
            r"Hồ sơ TTHC H59-1: sự kiện 3 «resolve» hoặc bút toán của nó đã bị sửa",
        ),
        (
            [f"UPDATE ledger_leg SET unit_id = unit_id + 1 WHERE item_id = {_ITEM1} AND kind = 'receive'"],
            r"H59-1: sự kiện 1 «receive» hoặc bút toán của nó đã bị sửa",
        ),
        (
            [f"UPDATE ledger_leg SET day = '2023-06-30' WHERE id IN ({_CLOSE1})"],
            r"H59-1: sự kiện 3 «resolve»: bút toán \d+ ghi ngày 30/06/2023 không phải ngày của lúc xảy ra",
        ),
        (
            [f"UPDATE ledger_leg SET recorded_at = at WHERE item_id = {_ITEM1} AND kind = 'cross'"],
            r"H59-1: sự kiện 1 «receive»: bút toán \d+ khác sổ hoặc khác lúc ghi",
        ),
        (
            [f"DELETE FROM ledger_leg WHERE id IN ({_CLOSE1}) AND sign = 1"],
            r"H59-1: sự kiện 3 «resolve»: bút toán không cân \(tổng -1\)",
        ),
        (
            [f"DELETE FROM ledger_leg WHERE id IN ({_CLOSE1})"],
            r"H59-1: sự kiện 3 «resolve» hoặc bút toán của nó đã bị sửa",
        ),
        (
            [
                f"INSERT INTO ledger_leg ({_LEG}, kind) SELECT event_id, position + 50, item_id, book, at, day, "
                f"recorded_at, sign, account, unit_id, category_id, channel, outcome, kind FROM ledger_leg "
                f"WHERE id IN ({_CLOSE1})"
            ],
            r"H59-1: sự kiện 3 «resolve»: bút toán không đủ thứ tự",
        ),
        (
            [f"UPDATE ledger_leg SET item_id = item_id + 1 WHERE id IN ({_CLOSE1})"],
            r"H59-2: bút toán \d+ thuộc sự kiện \d+ không phải của đầu việc này",
        ),
        (
            [
                f"UPDATE ledger_leg SET reverses_id = NULL WHERE item_id = {_ITEM1} AND kind = 'cross' AND sign = 1 "
                "AND reverses_id IS NOT NULL"
            ],
            r"H59-1: sự kiện 3 «resolve» hoặc bút toán của nó đã bị sửa",
        ),
        (
            [
                f"UPDATE ledger_leg SET sign = -sign WHERE item_id = {_ITEM1} AND kind = 'cross' "
                "AND reverses_id IS NOT NULL"
            ],
            r"H59-1: bút toán đảo \d+ không phải là ảnh ngược",
        ),
        (
            ["UPDATE ledger_event SET facts = '{\"step\": \"x\"}' WHERE verb = 'forward' AND item_id = " + _ITEM1],
            r"H59-1: sự kiện 2 «forward» hoặc bút toán của nó đã bị sửa",
        ),
        (
            [f"UPDATE ledger_event SET occurred_at = recorded_at - (recorded_at - occurred_at), actor_id = NULL "
             f"WHERE seq = 2 AND item_id = {_ITEM1}"],
            r"H59-1: sự kiện 2 «forward»",
        ),
        (
            [f"DELETE FROM ledger_event WHERE seq = 2 AND item_id = {_ITEM1}"],
            r"H59-1: thiếu sự kiện 2, gặp sự kiện 3",
        ),
        (
            [
                f"DELETE FROM ledger_leg WHERE event_id = "
                f"(SELECT id FROM ledger_event WHERE seq = 3 AND item_id = {_ITEM1})",
                f"DELETE FROM ledger_event WHERE seq = 3 AND item_id = {_ITEM1}",
            ],
            r"H59-1: đầu việc ghi 3 sự kiện, .* sổ có 2 sự kiện",
        ),
        (
            [
                f"UPDATE ledger_event SET seq = 9 WHERE seq = 2 AND item_id = {_ITEM1}",
                f"UPDATE ledger_event SET seq = 2 WHERE seq = 3 AND item_id = {_ITEM1}",
                f"UPDATE ledger_event SET seq = 3 WHERE seq = 9 AND item_id = {_ITEM1}",
            ],
            r"H59-1: sự kiện 2 «resolve» không nối với sự kiện trước",
        ),
        (
            [f"DELETE FROM ledger_leg WHERE item_id = {_ITEM1}", f"DELETE FROM ledger_event WHERE item_id = {_ITEM1}"],
            r"H59-1: không có sự kiện nào",
        ),
        (["UPDATE ledger_item SET length = 7 WHERE code = 'H59-1'"], r"H59-1: đầu việc ghi 7 sự kiện"),
        (["UPDATE ledger_item SET code = 'H60-1' WHERE code = 'H59-1'"], r"H60-1: sự kiện 1 «receive» .* đã bị sửa"),
        (["UPDATE ledger_category SET field = 'Khác'"], r"H59-1: sự kiện 1 «receive» .* đã bị sửa"),
        (["UPDATE org_unit SET code = 'X1' WHERE code = 'T1'"], r"H59-1: sự kiện 1 «receive» .* đã bị sửa"),
        (["UPDATE ledger_total_unit SET {cell} = {cell} + 1"], r"Cộng dồn: tổng khác sổ gốc: Hồ sơ TTHC"),
        (["DELETE FROM ledger_total_procedure"], r"Cộng dồn: tổng khác sổ gốc"),
        (["UPDATE ledger_balance_unit SET {cell} = {cell} + 1"], r"Biểu Hồ sơ TTHC .*: .*còn lại"),
        (["UPDATE ledger_cutoff SET figures = replace(figures, '1', '2')"], r"Chốt số liệu: số liệu .* đã bị sửa"),
        (["UPDATE ledger_checkpoint SET root = previous_root"], r"Bản chốt ngày 09/07/2023: nội dung đã ký khác"),
        (
            ["UPDATE ledger_checkpoint SET signature = '00' || substr(signature, 3)"],
            r"Bản chốt ngày 09/07/2023: chữ ký không khớp",
        ),
        (
            ["DELETE FROM ledger_item WHERE code = 'H59-1'"],
            r"Liên kết gãy: sự kiện số \d+ trỏ tới đầu việc \d+ không còn",
        ),
    ],
)  # fmt: skip
def test_damage_is_named(books: SimpleNamespace, statements: list[str], named: str) -> None:
    cell = "{cell}"
    if any(cell in s for s in statements):
        statements = [s.replace(cell, _some_cell()) for s in statements]
    with damaged(*statements):
        found = faults()
    assert any(re.search(named, fault) for fault in found), "\n".join(found)
    assert faults() == []


def _some_cell() -> str:
    """A column of the totals that is not zero."""
    with connection.cursor() as cursor:
        for name in CELL_COLUMNS:
            cursor.execute(f"SELECT COUNT(*) FROM ledger_total_unit WHERE {name} > 0 AND outcome = ''")
            if cursor.fetchone()[0]:
                return name
    raise AssertionError("the totals are empty")


# ---- forgers who know how hashes are made ----------------------------------------------------------------------------


def rehash(item: Item, *, only: int | None = None) -> None:
    """Compute the hashes of an item's events anew (or of one), and its head, as the product would."""
    previous = ""
    events = list(Event.objects.filter(item=item).order_by("seq").select_related("unit", "voids"))
    for event in events:
        legs = list(event.legs.order_by("position").select_related("unit", "category", "reverses__event"))
        if only is None:
            event.prev_hash = previous
        digest = chain.event_hash(
            prev_hash=event.prev_hash, book=item.book, code=item.code, seq=event.seq, verb=event.verb,
            occurred_at=event.occurred_at, recorded_at=event.recorded_at, actor=event.actor_id, duty=event.duty,
            unit=event.unit.key if event.unit else "", facts=event.facts,
            voids=event.voids.seq if event.voids else None,
            legs=[
                chain.ChainedLeg(
                    leg.at, leg.day, leg.sign, leg.account, leg.unit.key, leg.category.key, leg.channel, leg.outcome,
                    leg.kind, f"{leg.reverses.event.seq}:{leg.reverses.position}" if leg.reverses else "",
                )
                for leg in legs
            ],
        )  # fmt: skip
        if only is None or only == event.seq:
            Event.objects.filter(pk=event.pk).update(hash=digest, prev_hash=event.prev_hash)
            previous = digest
        else:
            previous = event.hash
    Item.objects.filter(pk=item.pk).update(head=previous)


def test_a_forged_event_whose_followers_were_forgotten(books: SimpleNamespace) -> None:
    item = Item.objects.get(code="H59-1")

    def forge() -> None:
        Event.objects.filter(item=item, seq=1).update(verb="received_twice")
        rehash(item, only=1)

    with damaged(forge):
        found = faults(but=("Bản chốt ngày",))
    assert found == ["Hồ sơ TTHC H59-1: sự kiện 2 «forward» không nối với sự kiện trước (mã băm trước khác)."]


def test_legs_forged_with_every_hash_made_anew_are_found_by_the_facts(books: SimpleNamespace) -> None:
    """An on-time end turned into an early one, consistently; the trade's facts still say otherwise."""
    item = Item.objects.get(code="H59-1")

    def forge() -> None:
        Leg.objects.filter(item=item, kind="close", sign=1).update(account="on_time")
        rehash(item)

    with damaged(forge):
        found = faults(but=("Bản chốt ngày", "Cộng dồn", "Biểu tổng hợp", "Số liệu đã chốt"))
    assert len(found) == 1
    assert found[0].startswith("Hồ sơ TTHC H59-1: sổ số liệu khác diễn biến của đầu việc:")


def test_a_perfect_forgery_is_found_by_the_checkpoint_kept_outside(books: SimpleNamespace) -> None:
    """Events, legs, facts, totals and even our own checkpoint agree; the file in another house does not."""
    item = Item.objects.get(code="H59-1")

    def forge() -> None:
        Event.objects.filter(item=item, verb="forward").update(facts={"step": "never happened"})
        rehash(item)

    with damaged(forge):
        assert faults(but=("Bản chốt ngày",)) == []
        assert "Đầu việc H59-1 (sổ dossier): khác lúc chốt ngày 09/07/2023 (1 → 1 đầu việc)." in faults()
        redo = Checkpoint.objects.get()
        size = 1
        tree, blocks = checkpoint.merkle.build(checkpoint.heads(redo.last_event), size)
        document = redo.document | {
            "root": tree.root(),
            "blocks": [[b.book, b.code, b.count, b.root] for b in blocks],
        }
        signature = checkpoint.signing_key().sign(checkpoint.signed_bytes(document)).hex()
        with unguarded():
            Checkpoint.objects.update(root=tree.root(), document=document, signature=signature)
        assert faults() == []
        outside = list(checkpoint.check_file(books.file))
    assert len(outside) == 2
    assert "khác bản chốt của ngày này trong cơ sở dữ liệu" in outside[0]
    assert outside[1] == "Đầu việc H59-1 (sổ dossier): khác lúc chốt ngày 09/07/2023 (1 → 1 đầu việc)."


def test_an_item_removed_without_a_trace_is_missed_by_the_copy_outside(books: SimpleNamespace) -> None:
    with damaged(
        f"DELETE FROM ledger_leg WHERE item_id = {_ITEM1}",
        f"DELETE FROM ledger_event WHERE item_id = {_ITEM1}",
        "DELETE FROM ledger_item WHERE code = 'H59-1'",
    ):
        outside = list(checkpoint.check_file(books.file))
    assert outside == ["Đầu việc H59-1 (sổ dossier): khác lúc chốt ngày 09/07/2023 (1 → 0 đầu việc)."]


def test_an_item_slipped_in_with_an_old_date_is_noticed(books: SimpleNamespace) -> None:
    def slip() -> None:
        world_unit = Item.objects.get(code="H59-1").unit
        item = Item.objects.create(book="dossier", code="H59-15", unit=world_unit, head="f" * 64, length=1)
        Event.objects.create(
            pk=0, item=item, seq=1, verb="receive", occurred_at=at(1), recorded_at=at(1), hash="f" * 64
        )

    with damaged(slip):
        outside = list(checkpoint.check_file(books.file))
    assert outside == [
        "Các đầu việc sau mã H59-1 (sổ dossier) đến mã H59-2 (sổ dossier): khác lúc chốt ngày 09/07/2023 "
        "(1 → 2 đầu việc)."
    ]


def test_numbers_taken_back_are_noticed(books: SimpleNamespace) -> None:
    with damaged("UPDATE core_seriescounter SET n = 2 WHERE series = 'H59'"):
        assert list(checkpoint.check_file(books.file)) == [
            "Dãy số H59: lúc chốt ngày 09/07/2023 đã cấp 3 số, nay chỉ còn 2."
        ]


# ---- triggers, series, sums -----------------------------------------------------------------------------------------


def test_a_missing_trigger_is_named(books: SimpleNamespace) -> None:
    statement = (
        "DROP TRIGGER ledger_leg_no_update"
        if connection.vendor == "sqlite"
        else "ALTER TABLE ledger_leg DISABLE TRIGGER ledger_leg_no_change"
    )
    with damaged():
        with connection.cursor() as cursor:
            cursor.execute(statement)
        found = faults()
    assert [f.split()[-1] for f in found] == [
        "ledger_leg_no_update." if connection.vendor == "sqlite" else "ledger_leg_no_change."
    ]


@pytest.mark.parametrize("table", ["worktime_ruleset", "worktime_calendarday", "org_accesschange"])
def test_a_missing_trigger_beneath_the_figures_is_named(books: SimpleNamespace, table: str) -> None:
    name = f"{table}_no_update" if connection.vendor == "sqlite" else f"{table}_no_change"
    with damaged():
        with connection.cursor() as cursor:
            cursor.execute(
                f"DROP TRIGGER {name}"
                if connection.vendor == "sqlite"
                else f"ALTER TABLE {table} DISABLE TRIGGER {name}"
            )
        assert list(verify.check_triggers()) == [f"Bảo vệ cơ sở dữ liệu: thiếu hoặc đã tắt bẫy {name}."]


def test_rooms_above_the_ledger_are_asked_and_one_that_breaks_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, world: SimpleNamespace
) -> None:
    def broken() -> list[str]:
        raise KeyError("pins")

    monkeypatch.setattr(registry, "_checks", {})
    registry.also_check("Hỏng", broken)
    registry.also_check("Giấy tờ", lambda: ["thiếu tờ 3"])
    assert list(verify.check_others()) == [
        "Hỏng: không kiểm tra được (KeyError: 'pins').",
        "Giấy tờ: thiếu tờ 3.",
    ]


def test_a_hollow_trigger_is_named(books: SimpleNamespace) -> None:
    with damaged():
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("DROP TRIGGER ledger_event_check")
                cursor.execute("CREATE TRIGGER ledger_event_check BEFORE INSERT ON ledger_event BEGIN SELECT 1; END")
            else:
                cursor.execute(
                    "CREATE OR REPLACE FUNCTION ledger_event_check() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RETURN NEW; END $$"
                )
        found = faults()
    assert found == ["Bảo vệ cơ sở dữ liệu: nội dung đã bị đổi ở bẫy ledger_event_check."]


def test_books_tell_of_broken_series_and_of_rows_that_disagree(
    books: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = registry.get("dossier")
    assert info is not None
    monkeypatch.setattr(registry, "_books", {})
    registry.register(
        registry.BookInfo(
            book="dossier",
            title="Hồ sơ",
            url=info.url,
            timeline_facts=info.timeline_facts,
            series_check=lambda: ["H59 ngày 01/06/2023 thiếu số 2"],
            items_check=lambda items: [f"{item.code} ghi trạng thái khác sự kiện" for item in items[:1]],
        )
    )
    assert faults() == [
        "H59-0 ghi trạng thái khác sự kiện",
        "Dãy số (Hồ sơ): H59 ngày 01/06/2023 thiếu số 2",
    ]


def test_a_book_nobody_knows_is_said(books: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_books", {})
    assert faults() == ["Sổ «Hồ sơ TTHC»: 3 đầu việc không có phần nghiệp vụ nào nhận, không tính lại được diễn biến."]


def test_facts_that_cannot_have_happened_are_named(books: SimpleNamespace) -> None:
    item = Item.objects.get(code="H59-2")
    books.told[item.pk] = [*books.told[item.pk], Fact("resume", at(9), deadline=Deadline(at(9), "day"))]
    found = faults()
    assert len(found) == 1
    assert "H59-2: sự kiện không xếp được thành diễn biến hợp lệ" in found[0]


def test_quick_sums_find_missing_ends_and_torn_legs(books: SimpleNamespace) -> None:
    with damaged("UPDATE ledger_item SET head = '' WHERE code = 'H59-0'"):
        assert any("H59-0: số sự kiện hoặc mã băm cuối không khớp" in f for f in verify.check_sums())
    with damaged(f"DELETE FROM ledger_leg WHERE id IN ({_CLOSE1}) AND sign = -1"):
        assert any("H59-1: sự kiện 3 «resolve»: bút toán không cân (tổng +1)" in f for f in verify.check_sums())
    with damaged(f"UPDATE ledger_leg SET item_id = item_id + 1 WHERE id IN ({_CLOSE1})"):
        assert any("không cùng đầu việc với sự kiện của nó" in f for f in verify.check_sums())


# ---- the command ----------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify", *arguments, stdout=out, no_color=True)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    return 0, out.getvalue()


def test_the_command_says_what_it_did(books: SimpleNamespace) -> None:
    code, said = run("--checkpoint", str(books.file))
    assert code == 0
    assert "Chuỗi sự kiện, bút toán, diễn biến: đúng" in said
    assert f"Bản chốt ở ngoài {books.file.name}: đúng" in said
    assert "Chuỗi sự kiện" not in run("--quick")[1]


def test_the_command_fails_and_names(books: SimpleNamespace) -> None:
    with damaged("UPDATE ledger_event SET verb = 'x'"):
        code, said = run("--limit", "2")
    assert code == 1
    assert "Hồ sơ TTHC H59-0: sự kiện 1 «x» hoặc bút toán của nó đã bị sửa" in said
    assert "… và còn nữa" in said


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"document": {"day": "hôm qua"}}', "\x00", "không", "[" * 100_000]
)
def test_a_file_that_is_no_checkpoint_is_said_to_be_none(books: SimpleNamespace, content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Invalid, match="không phải bản chốt"):
        list(checkpoint.check_file(path))
    with pytest.raises(Invalid, match="Không có tệp"):
        list(checkpoint.check_file(tmp_path / "none.json"))


def test_a_changed_file_is_said_to_be_changed(books: SimpleNamespace) -> None:
    content = json.loads(books.file.read_text())
    content["document"]["items"] = 2
    books.file.write_text(json.dumps(content))
    assert list(checkpoint.check_file(books.file)) == [
        f"Bản chốt ngày 09/07/2023 ({books.file.name}): chữ ký không khớp, tệp đã bị sửa."
    ]
