"""The drill: a backup while people work, a restore elsewhere, and everything proven; refusals that change nothing."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from motcua.core import clock
from motcua.core.errors import Conflict, IllegalAct, Invalid
from motcua.dossiers import files as dossier_files
from motcua.dossiers.models import Dossier
from motcua.keeping import archive, backup, databases, restore
from motcua.ledger.models import Event, Item
from motcua.papers import files
from motcua.papers.models import Blob
from tests.dossiers.conftest import at, make_office
from tests.dossiers.test_concurrency import found, receive
from tests.keeping.conftest import ELSEWHERE
from tests.keeping.hands import receive_for_ever
from tests.support import databases as test_databases
from tests.support.processes import ROOT, Child

DAY = "01/06/2023 09:00"


def command(*words: str, home: Path, url: str) -> subprocess.CompletedProcess[str]:
    """The real ``motcua`` in a process of its own."""
    env = {**os.environ, "DATABASE_URL": url, "MOTCUA_HOME": str(home)}
    env["DJANGO_SETTINGS_MODULE"] = "motcua.config.settings"
    return subprocess.run(
        [sys.executable, "-m", "motcua.config.cli", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def pdf(n: int) -> bytes:
    return b"%PDF-1.4\n" + str(n).encode() * 100 + os.urandom(64)


def test_a_backup_made_while_people_work_is_restored_elsewhere_and_proven(
    real_database: str, home: Path, elsewhere: str, tmp_path: Path
) -> None:
    office = make_office()
    before = [receive(office, DAY) for _ in range(3)]
    blob = files.store_bytes(pdf(1))
    (home / "secret_key").write_text("mot-khoa-de-thu")
    (home / "orders").mkdir()
    (home / "orders" / "cua-xa.json").write_text("[]")
    target = tmp_path / "sao-luu.zip"
    writer = Child(receive_for_ever, real_database, str(home), env={"MOTCUA_HOME": str(home)})
    try:
        writer.wait_ready()
        writer.go()
        acknowledged = [writer.read() for _ in range(3)]
        made = backup.make(target)
        after = [writer.read() for _ in range(2)]
    finally:
        writer.kill()
    assert None not in acknowledged + after, writer.errors
    assert made.lost == []
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir() if ".part" in p.name] == []

    new_home = tmp_path / "may-khac"
    done = command("restore", str(target), home=new_home, url=elsewhere)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Đối chiếu với bản chốt trong bản sao lưu: đúng" in done.stdout
    assert "Sổ số liệu toàn vẹn." in done.stdout
    assert (new_home / "secret_key").read_text() == "mot-khoa-de-thu"
    assert (new_home / "orders" / "cua-xa.json").read_text() == "[]"
    stored = new_home / "uploads" / blob.sha256[:2] / blob.sha256[2:4] / blob.sha256
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == blob.sha256
    again = command("verify", home=new_home, url=elsewhere)
    assert again.returncode == 0, again.stdout + again.stderr

    with test_databases.pointed_at(ELSEWHERE):
        counted = databases.present()
        codes = set(Dossier.objects.values_list("code", flat=True))
        assert counted == made.counts
        assert {d.code for d in before} | {code for _, code in acknowledged} <= codes
        assert Event.objects.count() == len(codes) == counted["ledger_event"]
        connections.close_all()
    # Restoring onto an office at work is refused, and says what would be lost.
    refused = command("restore", str(target), home=new_home, url=elsewhere)
    assert refused.returncode == 1
    assert "--replace" in refused.stderr


@pytest.fixture
def kept(real_database: str, home: Path, tmp_path: Path) -> Path:
    """A small office with a dossier and an upload, and its backup."""
    receive(make_office(), DAY)
    files.store_bytes(pdf(7))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # as a search would want it
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute("CREATE INDEX by_words ON parties_party USING gin (name gin_trgm_ops)")
    backup.make(tmp_path / "a.zip")
    return tmp_path / "a.zip"


def state(home: Path) -> tuple[dict[str, int], list[str], list[str]]:
    """What must not change by a refusal."""
    return (
        databases.present(),
        sorted(Event.objects.values_list("hash", flat=True)),
        sorted(str(p.relative_to(home)) for p in home.rglob("*") if p.is_file()),
    )


def test_replacing_puts_the_old_day_back_and_keeps_what_was_there(kept: Path, home: Path) -> None:
    then = databases.present()
    receive(found(), DAY)
    now = databases.present()
    with pytest.raises(IllegalAct, match="--replace"):
        restore.put_back(kept)
    assert databases.present() == now
    connections.close_all()
    made = restore.put_back(kept, replace=True)
    assert databases.present() == then
    assert list(restore.proof(kept)) == []
    # A new act goes on from there, and the day that was replaced can itself be put back.
    assert receive(found(), DAY).code
    assert made.kept is not None
    connections.close_all()
    restore.put_back(made.kept, replace=True)
    assert databases.present() == now
    call_command("verify")


def test_a_restore_while_somebody_works_is_refused(kept: Path, home: Path, real_database: str) -> None:
    before = state(home)
    connections.close_all()
    worker = Child("from django.db import connection\nconnection.ensure_connection()\n"
                   "from motcua.ledger.models import Event\nEvent.objects.count()\nsay('in')\n"
                   "import time\ntime.sleep(60)", real_database)  # fmt: skip
    try:
        worker.wait_ready()
        worker.go()
        assert worker.read() == "in"
        with pytest.raises(Conflict, match="dừng «motcua serve»"):
            restore.put_back(kept, replace=True)
    finally:
        worker.kill()
    kept_aside = [name for name in state(home)[2] if name.startswith("backups/")]
    assert state(home)[:2] == before[:2]
    assert len(kept_aside) == 1


def rewritten(path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """The backup with its manifest and members changed by somebody who knows the format."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(manifest, members)
    target = path.with_name("xau.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("manifest.json", json.dumps(manifest))
        for name, content in members.items():
            new.writestr(name, content)
    return target


def path_trick(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    content = b"* * * * * root id"
    members["../../etc/cron.d/x"] = content
    manifest["members"]["../../etc/cron.d/x"] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def office_trick(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    members["office/orders/../../secret_key"] = b"x"
    manifest["members"]["office/orders/../../secret_key"] = {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}


def stowaway(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    members["uploads/" + "0" * 64] = b"x"


def bomb(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("database"))
    members[name] = bytes(50_000_000)


def announced_bomb(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("database"))
    manifest["members"][name]["size"] = 2**49


def other_content(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("uploads"))
    members[name] = members[name][:-1] + b"!"


def newer(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    manifest["migrations"].append(["dossiers", "0999_tomorrow"])


def other_vendor(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    ours = manifest["database"]["vendor"]
    theirs = "postgresql" if ours == "sqlite" else "sqlite"
    content = members.pop(databases.MEMBERS[ours])
    members[databases.MEMBERS[theirs]] = content
    manifest["database"]["vendor"] = theirs
    manifest["members"][databases.MEMBERS[theirs]] = manifest["members"].pop(databases.MEMBERS[ours])


def no_counts(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    del manifest["counts"]


def nonsense_inside(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("database"))
    content = (b"SQLite format 3\x00" if "sqlite" in name else b"PGDMP") + os.urandom(5000)
    members[name] = content
    manifest["members"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def other_counts(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    manifest["counts"]["ledger_event"] += 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (path_trick, "tên lạ"),
        (office_trick, "tên lạ"),
        (stowaway, "không khớp bản kê"),
        (bomb, "cỡ tệp không khớp"),
        (announced_bomb, "không khớp"),
        (other_content, "bị hỏng"),
        (newer, "mới hơn phần mềm đang cài"),
        (other_vendor, "Hãy đặt"),
        (no_counts, "thiếu hoặc sai"),
        (nonsense_inside, "bị hỏng|pg_restore"),
        (other_counts, "Số dòng"),
    ],
)
def test_a_hostile_archive_is_refused_and_changes_nothing(kept: Path, home: Path, change: Any, said: str) -> None:
    before = state(home)
    bad = rewritten(kept, change)
    connections.close_all()
    with pytest.raises(Invalid, match=said):
        restore.put_back(bad, replace=True)
    counted, hashes, names = state(home)
    assert (counted, hashes) == before[:2]
    # At most the copy that is kept before anything is replaced.
    assert [name for name in names if not name.startswith("backups/")] == before[2]


def test_a_truncated_or_flipped_archive_is_refused(kept: Path, home: Path) -> None:
    before, whole = state(home), kept.read_bytes()
    bad = kept.with_name("hong.zip")
    for content in (b"", b"PK", whole[: len(whole) // 2], whole[:-30], whole[30:], b"\x00" * 1000):
        bad.write_bytes(content)
        with pytest.raises(Invalid, match=r"bị hỏng|bản kê"):
            restore.put_back(bad, replace=True)
    for place in range(200, len(whole) - 200, len(whole) // 9):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        connections.close_all()
        try:
            restore.put_back(bad, replace=True)
        except Invalid:
            continue
        # A byte nothing depends on (a time stamp in the list): then what is restored is all right.
        assert list(restore.proof(kept)) == []
        assert databases.present() == before[0]
    assert state(home)[:2] == before[:2]


def test_a_backup_never_replaces_a_file_and_leaves_none_by_half(
    kept: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = kept.read_bytes()
    with pytest.raises(Invalid, match="không ghi đè"):
        backup.make(kept)
    assert kept.read_bytes() == content
    monkeypatch.setattr(archive.zipfile.ZipFile, "open", lambda *a, **k: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(OSError, match="no space"):
        backup.make(kept.with_name("b.zip"))
    assert [p.name for p in kept.parent.iterdir() if p.name not in ("a.zip", "home")] == []
    assert [p.name for p in home.iterdir() if p.name.startswith(".")] == []
    with pytest.raises(Invalid, match="Không có thư mục"):
        backup.make(kept.parent / "khong-co" / "c.zip")


def test_a_lost_upload_is_said_and_the_rest_is_saved(kept: Path, home: Path) -> None:
    blob = Blob.objects.get()
    Blob.objects.update(references=1)
    files.path_of(blob.sha256).unlink()
    with pytest.raises(CommandError, match="1 tệp tải lên không còn nguyên"):
        call_command("backup", str(kept.with_name("b.zip")))
    connections.close_all()
    made = restore.put_back(kept.with_name("b.zip"), replace=True)
    assert made.lost == [blob.sha256]
    assert list(restore.proof(kept.with_name("b.zip"))) == []


def test_what_was_changed_behind_the_seal_is_found(kept: Path, home: Path) -> None:
    receive(found(), DAY)
    assert any("bản sao lưu chỉ đến sự kiện" in fault for fault in restore.proof(kept))
    connections.close_all()
    restore.put_back(kept, replace=True)
    Item.objects.update(head="0" * 64)
    assert any("khác lúc chốt" in fault for fault in restore.proof(kept))
    Item.objects.update(head="")
    assert any("mã gốc" in fault or "khác lúc chốt" in fault for fault in restore.proof(kept))


@pytest.mark.skipif(not test_databases.ON_POSTGRESQL, reason="SQLite's own journal does this")
@pytest.mark.parametrize("done", [False, True])
def test_a_restore_that_was_killed_is_tidied_up_by_the_next(kept: Path, home: Path, done: bool) -> None:
    before = databases.present()
    # As after a kill: the tables set aside, and the new ones not there yet, or there.
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SCHEMA public RENAME TO {databases._ASIDE}")
        cursor.execute("CREATE SCHEMA public")
        for statement in databases._move_extensions(databases._ASIDE, "public"):
            cursor.execute(statement)
        if done:
            cursor.execute("CREATE TABLE public.org_user (id bigint)")
            cursor.execute("INSERT INTO public.org_user VALUES (1)")
    connections.close_all()
    # The office that stands there is still not replaced unasked.
    with pytest.raises(IllegalAct, match="--replace"):
        restore.put_back(kept)
    schemas = {name for (name,) in databases.ask_present("SELECT nspname FROM pg_namespace")}
    assert databases._ASIDE not in schemas
    if not done:
        assert databases.present() == before


@pytest.mark.skipif(not test_databases.ON_POSTGRESQL, reason="PostgreSQL's client programs")
def test_a_missing_or_old_pg_dump_is_said_in_a_sentence(
    kept: Path, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match=r"là bản \d+, cần bản 99"):
        databases.program("pg_dump", 99)
    monkeypatch.setattr(databases.glob, "glob", lambda pattern: [])
    monkeypatch.setattr(shutil, "which", lambda *a, **k: None)
    with pytest.raises(Invalid, match="Thiếu chương trình pg_dump"):
        backup.make(tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_attached_files_still_open_after_a_restore(real_database: str, home: Path, tmp_path: Path) -> None:
    office = make_office()
    made = receive(office, DAY)
    with clock.at(at(DAY)):
        attached = dossier_files.attach(
            actor=office.clerk, dossier=made.pk, name="don.pdf", chunks=[pdf(3)], kind="part"
        )
    backup.make(tmp_path / "a.zip")
    shutil.rmtree(home / "uploads")
    connections.close_all()
    restore.put_back(tmp_path / "a.zip", replace=True)
    with files.read(attached.blob) as content:
        assert content.read().startswith(b"%PDF")
    assert connection.vendor in ("sqlite", "postgresql")
