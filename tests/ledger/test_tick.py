"""The only clock of the house: what falls due is done once, and one failure does not stop the rest."""

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.models import Outbox
from motcua.ledger import actions, checkpoint, registry
from motcua.ledger.models import Checkpoint, Event, Item, Leg
from motcua.ledger.rules import Fact
from motcua.worktime.rules import Deadline

pytestmark = pytest.mark.django_db


def at(day: int, hour: int = 9) -> dt.datetime:
    return clock.local_moment(dt.date(2023, 6, day), dt.time(hour))


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "KEYS", tmp_path / "keys")
    monkeypatch.setattr(settings, "CHECKPOINT_DIR", tmp_path / "outside")
    monkeypatch.setattr(registry, "_chores", {})
    monkeypatch.setattr(registry, "_senders", dict(registry._senders))
    return tmp_path / "outside"


def receive(world: SimpleNamespace, code: str, when: dt.datetime) -> Item:
    facts = [
        Fact("receive", when, deadline=Deadline(when + dt.timedelta(days=7), "day"), unit=world.units[0].pk,
             category=world.categories[0].pk, channel="direct")
    ]  # fmt: skip
    with clock.at(when), transaction.atomic():
        item = actions.open_item(book="dossier", code=code, unit=world.units[0])
        actions.record(item=item, verb="receive", occurred_at=when, actor=None, facts={}, timeline=facts)
    return item


def tick(when: dt.datetime) -> str:
    out = StringIO()
    with clock.at(when):
        call_command("tick", stdout=out)
    return out.getvalue()


def test_a_day_later_the_checkpoint_has_left_the_house(world: SimpleNamespace, outside: Path) -> None:
    receive(world, "H59-1", at(1))
    said = tick(at(2, 0))
    assert "cộng dồn: đã cộng đến bút toán số" in said
    assert "lập bản chốt ngày 01/06/2023: 1 đầu việc" in said
    assert "gửi đi: đã gửi 1 tin" in said
    content = json.loads((outside / "chot-2023-06-01.json").read_text())
    assert content["document"]["items"] == 1
    assert content["public_key"] in said
    assert tick(at(2, 1)).count("không có gì đến hạn") == 3


def test_on_its_own_day_nothing_is_held_yet(world: SimpleNamespace, outside: Path) -> None:
    assert "bản chốt ngày: không có gì đến hạn" in tick(at(1, 8))
    receive(world, "H59-1", at(1))
    assert "bản chốt ngày: không có gì đến hạn" in tick(at(1, 17))
    assert not outside.exists()


def test_it_holds_what_was_recorded_by_that_evening(world: SimpleNamespace) -> None:
    """A tick that comes late in the morning leaves out what this morning brought."""
    receive(world, "H59-1", at(1))
    leg, event = Leg.objects.order_by("-pk")[0].pk, Event.objects.order_by("-pk")[0].pk
    receive(world, "H59-2", at(2, 8))
    tick(at(2, 11))
    made = Checkpoint.objects.get()
    assert (made.watermark, made.last_event, made.items) == (leg, event, 1)


def test_each_links_to_the_one_before_and_old_copies_stay_good(world: SimpleNamespace, outside: Path) -> None:
    """What happens to an item later changes its head, not what its head was."""
    item = receive(world, "H59-1", at(1))
    tick(at(2, 0))
    with clock.at(at(2)), transaction.atomic():
        actions.record(
            item=actions.lock(item.pk), verb="forward", occurred_at=at(2), actor=None, facts={}, timeline=None
        )
    receive(world, "H59-0", at(2))
    receive(world, "A-0", at(3))
    tick(at(3, 0))
    first, second = Checkpoint.objects.order_by("day")
    assert second.previous_root == first.root != second.root
    assert (first.items, second.items) == (1, 2)
    for day in (1, 2):
        assert list(checkpoint.check_file(outside / f"chot-2023-06-0{day}.json")) == []
    assert list(checkpoint.check_kept()) == []


def test_days_without_a_tick_are_covered_by_the_next(world: SimpleNamespace) -> None:
    receive(world, "H59-1", at(1))
    tick(at(9))
    assert Checkpoint.objects.get().day == dt.date(2023, 6, 8)


def test_a_copy_is_never_written_over(world: SimpleNamespace, outside: Path) -> None:
    receive(world, "H59-1", at(1))
    outside.mkdir()
    (outside / "chot-2023-06-01.json").write_text("somebody was here")
    assert "1 tin gửi hỏng, sẽ gửi lại" in tick(at(2, 0))
    assert (outside / "chot-2023-06-01.json").read_text() == "somebody was here"
    message = Outbox.objects.get()
    assert "không ghi đè" in message.error
    (outside / "chot-2023-06-01.json").unlink()
    assert "đã gửi 1 tin" in tick(at(2, 1))
    message.refresh_from_db()
    assert (message.attempts, message.error) == (2, "")


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = checkpoint.public_hex(checkpoint.signing_key().public_key())
    assert checkpoint.public_hex(checkpoint.signing_key().public_key()) == first
    assert (tmp_path / "keys" / "checkpoint.pem").stat().st_mode & 0o777 == 0o600


def test_a_foreign_key_file_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed448

    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "checkpoint.pem").write_bytes(
        ed448.Ed448PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(Invalid, match="Ed25519"):
        checkpoint.signing_key()


def test_a_chore_that_fails_does_not_stop_the_next(world: SimpleNamespace) -> None:
    done: list[dt.datetime] = []

    def broken(now: dt.datetime) -> str:
        raise RuntimeError("no line to the mail server")

    def remind(now: dt.datetime) -> str:
        done.append(now)
        return "nhắc 3 hồ sơ"

    registry.at_tick("hỏng", broken)
    registry.at_tick("nhắc việc", remind)
    out = StringIO()
    with clock.at(at(1)), pytest.raises(CommandError, match="1 việc định kỳ không xong") as error:
        call_command("tick", stdout=out)
    assert error.value.returncode == 1
    assert "hỏng: HỎNG — RuntimeError: no line to the mail server" in out.getvalue()
    assert "nhắc việc: nhắc 3 hồ sơ" in out.getvalue()
    assert done == [at(1)]


def test_messages_go_out_once_and_those_without_a_gateway_wait() -> None:
    sent: list[dict[str, Any]] = []

    def send(payload: dict[str, Any]) -> None:
        if payload.get("bad"):
            raise ConnectionError("refused")
        sent.append(payload)

    registry.send_with("sms", send)
    for topic, payload in (("sms", {"n": 1}), ("sms", {"bad": True}), ("zalo", {"n": 2}), ("sms", {"n": 3})):
        Outbox.objects.create(topic=topic, payload=payload, created_at=at(1))
    assert "gửi đi: đã gửi 2 tin, 1 tin gửi hỏng, sẽ gửi lại, 1 tin chưa có kênh gửi" in tick(at(1))
    assert "gửi đi: 1 tin gửi hỏng, sẽ gửi lại, 1 tin chưa có kênh gửi" in tick(at(1))
    assert sent == [{"n": 1}, {"n": 3}]
    failed = Outbox.objects.get(payload={"bad": True})
    assert (failed.attempts, failed.error, failed.sent_at) == (2, "ConnectionError: refused", None)


def test_hundreds_of_messages_nobody_sends_or_nobody_takes_hold_up_no_other() -> None:
    sent: list[dict[str, Any]] = []

    def refuse(payload: dict[str, Any]) -> None:
        raise ConnectionError("refused")

    registry.send_with("copy", sent.append)
    registry.send_with("down", refuse)
    for topic, many in (("nobody", 501), ("down", 500)):
        Outbox.objects.bulk_create(Outbox(topic=topic, payload={"n": n}, created_at=at(1)) for n in range(many))
    Outbox.objects.create(topic="copy", payload={"last": 1}, created_at=at(1))
    tick(at(1))
    assert "đã gửi 1 tin, 499 tin gửi hỏng, sẽ gửi lại, 501 tin chưa có kênh gửi" in tick(at(1, 10))
    assert sent == [{"last": 1}]


def test_a_book_is_registered_once() -> None:
    info = registry.BookInfo(book="task", title="Nhiệm vụ", url=lambda item: "/", timeline_facts=lambda items: {})
    before = dict(registry._books)
    try:
        registry.register(info)
        registry.register(info)
        with pytest.raises(ValueError, match="already registered"):
            registry.register(
                registry.BookInfo(book="task", title="", url=lambda item: "/", timeline_facts=lambda items: {})
            )
        assert registry.get("task") is info
    finally:
        registry._books.clear()
        registry._books.update(before)
