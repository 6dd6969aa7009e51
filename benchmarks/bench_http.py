"""Requests a second over HTTP: create, next act, a list of 20 filtered, one dossier; by one client and by four.

``motcua serve`` (granian) with two workers on the database, 100,000 dossiers of ten communes present, written by the
product's own bulk path; the clients are threads of one process on the same machine, each with one connection kept open.
SQL statements a request, and its processor time, are taken beforehand in this process. Bounds: write ≤ 20 and two for
the key, list ≤ 8, one ≤ 6 and one for the record of its reading.

``DOSSIERS=n`` changes the hundred thousand, ``REQUESTS=n`` how many of each kind a run sends in all.
"""

import datetime as dt
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from motcua.api.clients import FASTEST, create_client, renew_token
from motcua.core import clock
from motcua.core.text import fold, sort_key
from motcua.dossiers import bulk
from motcua.dossiers.accepting import Terms, terms_for
from motcua.dossiers.bulk import Deed, History
from motcua.dossiers.models import Dossier
from motcua.dossiers.states import PENDING_STATES, Act
from motcua.org.models import Assignment, Duty, Unit, UnitPlace, User
from motcua.org.queries import SYSTEM
from motcua.parties.models import Party
from motcua.procedures.actions import adopt, create_procedure
from motcua.procedures.choices import Stated
from motcua.procedures.drafts import Draft, Head, TermDraft
from motcua.procedures.models import Procedure

DATABASES = ("postgresql",)
DOSSIERS = int(os.environ.get("DOSSIERS", "100000"))
REQUESTS = int(os.environ.get("REQUESTS", "400"))
COMMUNES, PARTIES, STRETCH = 10, 5_000, 10_000
BORN = dt.date(2020, 1, 1)
CODE = "1.000001"
HOST = "127.0.0.1"


# ---- the office ------------------------------------------------------------------------------------------------------


def build() -> tuple[list[Unit], list[User], str]:
    """A province with its communes, a handler each, one procedure in use, the dossiers; the client's token."""
    top = Unit.objects.create(code="96", name="Tỉnh thử", kind="province", valid_from=BORN, short_code="THU")
    UnitPlace.objects.create(unit=top, path=f"/{top.pk}/", valid_from=BORN)
    communes, handlers = [], []
    draft = Draft(
        Head(name="Đăng ký biến động", field="Đất đai"),
        terms=(TermDraft(Stated.STATED, value=Decimal(15), unit="working_day", start_rule="next_day", confirmed=True),),
    )
    procedure = create_procedure(code=CODE, draft=draft, valid_from=BORN, basis="Thử").procedure
    for n in range(COMMUNES):
        unit = Unit.objects.create(
            code=f"960{n:02d}", name=f"Xã thử {n}", kind="commune", valid_from=BORN, short_code=f"XA{n}"
        )
        UnitPlace.objects.create(unit=unit, parent=top, path=f"/{top.pk}/{unit.pk}/", valid_from=BORN)
        adopt(unit=unit, procedure=procedure, valid_from=BORN)
        user = User.objects.create_user(f"xuly{n}", None, full_name=f"Người {n}", home=unit)
        Assignment.objects.bulk_create(
            Assignment(user=user, unit=unit, duty=duty, valid_from=BORN) for duty in (Duty.RECEIVE, Duty.HANDLE)
        )
        communes.append(unit)
        handlers.append(user)
    names = [f"Nguyễn Văn Mẫu {n}" for n in range(PARTIES)]
    now = clock.now()
    parties = Party.objects.bulk_create(
        Party(
            name=name,
            name_folded=fold(name),
            name_sort=sort_key(name),
            phone=f"09{n:08d}",
            salt="0" * 32,
            invented=True,
            created_at=now,
        )
        for n, name in enumerate(names)
    )
    began = time.perf_counter()
    draw = random.Random(2026)
    histories = tell(communes, handlers, parties, procedure, draw)
    for _ in range(-(-DOSSIERS // STRETCH)):
        bulk.write([next(histories) for _ in range(min(STRETCH, DOSSIERS))], today=clock.today())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    told = time.perf_counter() - began
    pending = Dossier.objects.filter(state__in=PENDING_STATES).count()
    print(f"  {Dossier.objects.count():,} dossiers in {COMMUNES} communes, {pending:,} pending; told in {told:.0f} s")
    client = create_client(
        actor=SYSTEM,
        name="Máy đo",
        unit=top,
        units=communes,
        duties=[Duty.RECEIVE, Duty.HANDLE],
        valid_from=clock.today(),
        valid_to=clock.today(),
        requests_a_minute=FASTEST,
    )
    return communes, handlers, renew_token(actor=SYSTEM, client=client)


def tell(
    communes: list[Unit], handlers: list[User], parties: list[Party], procedure: Procedure, draw: random.Random
) -> Iterator[History]:
    """Received over the last hundred days; nine of ten have ended."""
    midnight = clock.local_moment(clock.today())
    known: dict[tuple[int, dt.date], Terms] = {}
    while True:
        n = draw.randrange(COMMUNES)
        unit, user = communes[n], handlers[n]
        at = midnight - dt.timedelta(days=draw.randrange(1, 100)) + dt.timedelta(hours=8, seconds=draw.randrange(28800))
        day = clock.local_date(at)
        if (unit.pk, day) not in known:
            known[unit.pk, day] = terms_for(procedure=procedure, case=None, channel="direct", unit=unit, at=at)
        told = {
            "terms": known[unit.pk, day],
            "unit": unit,
            "channel": "direct",
            "applicant": draw.choice(parties),
            "step": None,
        }
        deeds = [Deed(Act.RECEIVE, at, user, "receive", told)]
        if draw.random() < 0.9:
            after = min(at + dt.timedelta(hours=draw.randrange(1, 400)), midnight)
            deeds.append(Deed(Act.RESOLVE, after, user, "handle", {}))
        yield History(deeds)


# ---- the requests ----------------------------------------------------------------------------------------------------


class Asking:
    """What the clients send; each request another dossier, unit or page."""

    def __init__(self, communes: list[Unit], handlers: list[User], token: str) -> None:
        self.units, self.handlers, self.token = communes, handlers, token
        self.draw = random.Random(7)
        self.ids = list(Dossier.objects.values_list("pk", flat=True)[:50_000])
        rows = Dossier.objects.filter(state="received").values_list("pk", "unit_id")
        place = {unit.pk: n for n, unit in enumerate(communes)}
        self.pending = [(pk, place[unit]) for pk, unit in rows]
        self.draw.shuffle(self.pending)
        self.kinds: dict[str, Callable[[], tuple[str, str, dict[str, object] | None]]] = {
            "create": self.create,
            "next act (forward)": self.forward,
            "list of 20, filtered": self.list,
            "one dossier": self.one,
        }

    def create(self) -> tuple[str, str, dict[str, object] | None]:
        unit = self.draw.choice(self.units)
        person = {"name": "Trần Thị Mẫu", "phone": "0900000001"}
        return "POST", "/api/v1/dossiers", {"procedure": CODE, "unit": unit.code, "applicant": person}

    def forward(self) -> tuple[str, str, dict[str, object] | None]:
        pk, n = self.pending.pop()
        return "POST", f"/api/v1/dossiers/{pk}/forward", {"holder": self.handlers[n].username, "expected": 1}

    def list(self) -> tuple[str, str, dict[str, object] | None]:
        unit = self.draw.choice(self.units)
        page = self.draw.randrange(1, 20)
        return "GET", f"/api/v1/dossiers?state=pending&unit={unit.code}&size=20&page={page}", None

    def one(self) -> tuple[str, str, dict[str, object] | None]:
        return "GET", f"/api/v1/dossiers/{self.draw.choice(self.ids)}", None

    def headers(self, method: str) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return {**found, "Idempotency-Key": uuid.uuid4().hex} if method == "POST" else found


def alone(asking: Asking, kind: str) -> tuple[int, float]:
    """One request of a kind in this process, warm: its SQL statements (begin and commit not counted), and the processor
    time of the application in seconds (the database's not counted)."""
    client = Client(SERVER_NAME=HOST)

    def send() -> None:
        method, path, body = asking.kinds[kind]()
        headers = asking.headers(method)
        del headers["Content-Type"]
        if method == "POST":
            response = client.post(path, json.dumps(body), content_type="application/json", headers=headers)
        else:
            response = client.get(path, headers=headers)
        assert response.status_code < 300, response.content

    for _ in range(3):
        send()
    with CaptureQueriesContext(connection) as captured:
        send()
        sent = sum(not q["sql"].startswith(("BEGIN", "COMMIT")) for q in captured.captured_queries)
    began = time.process_time()
    for _ in range(20):
        send()
    spent = (time.process_time() - began) / 20
    return sent, spent


@contextmanager
def served(workers: int = 2) -> Iterator[int]:
    """The office's own server on a free port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "motcua.config.cli", "serve", "--port", str(port), "--workers", str(workers)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 180
        while True:
            try:
                probe_connection = http.client.HTTPConnection(HOST, port, timeout=5)
                probe_connection.request("GET", "/api/v1/me")
                probe_connection.getresponse().read()
                break
            except OSError:
                if time.monotonic() > until or server.poll() is not None:
                    raise SystemExit("the server did not start") from None
                time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def measure(port: int, asking: Asking, kind: str, clients: int) -> None:
    """Send the requests from so many clients at once; print requests a second and latencies."""
    each = REQUESTS // clients
    work = [[asking.kinds[kind]() for _ in range(each)] for _ in range(clients)]
    times: list[float] = []
    failed: list[str] = []
    start = threading.Barrier(clients + 1)

    def run(requests: list[tuple[str, str, dict[str, object] | None]]) -> None:
        line = http.client.HTTPConnection(HOST, port, timeout=60)
        mine = []
        line.connect()
        start.wait()
        for method, path, body in requests:
            headers = asking.headers(method)
            data = json.dumps(body) if body is not None else None
            began = time.perf_counter()
            line.request(method, path, data, headers)
            response = line.getresponse()
            content = response.read()
            mine.append(time.perf_counter() - began)
            if response.status >= 300:
                failed.append(content.decode()[:200])
        times.extend(mine)

    threads = [threading.Thread(target=run, args=(requests,)) for requests in work]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - began
    if failed:
        raise SystemExit(f"{kind}: {len(failed)} requests failed, the first: {failed[0]}")
    cuts = statistics.quantiles(times, n=20)
    print(
        f"  {kind:<22} {clients} client{'s' if clients > 1 else ' '}  {len(times) / spent:7.1f} requests/s   "
        f"p50 {cuts[9] * 1000:6.1f} ms   p95 {cuts[18] * 1000:6.1f} ms   ({len(times)} requests)"
    )


def main() -> None:
    """Print the figures."""
    from importlib.metadata import version

    versions = ", ".join(f"{name} {version(name)}" for name in ("granian", "django-ninja", "pydantic", "psycopg"))
    print(f"  {versions}; 2 workers; machine with {os.cpu_count()} cores for server, database and clients together")
    asking = Asking(*build())
    for kind in asking.kinds:
        sent, spent = alone(asking, kind)
        print(
            f"  {kind:<22} {sent} SQL statements a request, {spent * 1000:.1f} ms of the application's processor time"
        )
    connection.close()
    with served() as port:
        for kind in asking.kinds:
            measure(port, asking, kind, 4)  # both workers warm
        print("  warm; measured:")
        for kind in asking.kinds:
            for clients in (1, 4):
                measure(port, asking, kind, clients)
