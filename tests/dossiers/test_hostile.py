"""Wrong, huge and hostile input: a clear refusal and nothing changed, or kept as harmless text. Never a 500."""

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from motcua.core import clock
from motcua.core.errors import MotcuaError, NotFound
from motcua.core.verbs import verb
from motcua.desk.acts import SPECS
from motcua.dossiers import actions, files, queries, sheets
from motcua.dossiers.models import Attachment, Component, Dossier, Note, SupplementRequest
from motcua.dossiers.states import DUTIES, Act
from motcua.ledger.models import Event
from motcua.org import queries as org
from motcua.org.models import Duty
from motcua.org.queries import SYSTEM
from tests.desk.conftest import signed_in
from tests.desk.filing import CODE, PDF, received, usable
from tests.dossiers.books import counts
from tests.dossiers.conftest import at
from tests.dossiers.test_scope import DEEDS, LATER, LATEST, MORNING, TWO_DAYS, duties_of, new, prepared

__all__ = ["signed_in"]

NUL, HALF, HUGE = "a\x00b", "a\ud800b", "đ" * 100_000
# Refused wherever text is taken.
UNKEEPABLE = {"NUL": NUL, "half a surrogate pair": HALF, "100 KB": HUGE}
# Only text: kept as it is, in NFC.
HARMLESS = {
    "HTML": "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "a formula": '=HYPERLINK("http://evil.example","bấm")',
    "a template": "{{ settings.SECRET_KEY }}{% debug %}",
    "SQL": "'); DROP TABLE dossiers_dossier; --",
    "NFD": unicodedata.normalize("NFD", "Đường sắt Thống Nhất, xã Hòa Ân"),
    "emoji": "Đã nhận 👍🏽 👨‍👩‍👧",
    "percent": "100% %s %(x)s \\ _",
}
IDS = [-1, 0, 987_654_321, 2**31, 2**63 - 1, 2**63, 10**30]


@contextmanager
def nothing_changes() -> Iterator[None]:
    before = counts()
    heads = list(Dossier.objects.order_by("pk").values())
    yield
    assert counts() == before
    assert list(Dossier.objects.order_by("pk").values()) == heads


def refused(act: Callable[[], Any], what: str = "") -> MotcuaError:
    """It is refused with a sentence, and nothing has changed."""
    with nothing_changes(), pytest.raises(MotcuaError) as told:
        act()
    assert len(str(told.value)) > 10, what
    assert "\x00" not in str(told.value)
    return told.value


# ---- what each verb is told ------------------------------------------------------------------------------------------

TEXTS = {
    "submit": ["subject"],
    "receive": ["subject", "external_code", "owning_system", "reason", "evidence"],
    "receive_filing": ["reason", "evidence"],
    "receive_and_resolve": ["subject", "reason", "evidence"],
    "refuse_intake": ["reason"],
    "request_supplement": ["reason", "basis", "items", "evidence"],
    "supplement_received": ["reason", "evidence"],
    "pause": ["reason", "evidence"],
    "resume": ["reason", "evidence"],
    "forward": ["note"],
    "reassign": ["reason"],
    "transfer": ["reason"],
    "send_part": ["work", "note"],
    "part_returned": ["note"],
    "propose": ["note"],
    "return_for_correction": ["reason"],
    "approve": ["note"],
    "resolve": ["reason", "evidence"],
    "return_dossier": ["reason", "evidence"],
    "withdraw": ["reason", "evidence"],
    "stop": ["reason", "evidence"],
    "apologise": ["reason"],
    "move_due": ["decision", "reason"],
    "reclassify": ["reason"],
    "hand_over": ["note"],
    "correct_acceptance": ["reason"],
    "void": ["reason"],
    "approve_catch_up": ["reason"],
    "move_due_dates": ["decision", "reason"],
}
CALLED = {"receive_filing": "receive", "reassign": "hand_over_pending", "hand_over": "hand_over_result",
          "void": "void_event"}  # fmt: skip


def rightful(office: Any, name: str) -> Any:
    """Somebody who may."""
    people = [office.clerk, office.handler, office.head, office.chair]
    duties = {p: {d for d, _ in org.duties(p, dt.date(2023, 6, 2))} for p in people}
    return next(p for p in people if duties[p] & duties_of(name))


def told_otherwise(monkeypatch: pytest.MonkeyPatch, name: str, **changed: Any) -> None:
    """Let the deed of ``name`` be told something else."""
    called = CALLED.get(name, name)
    original = getattr(actions, called)
    monkeypatch.setattr(actions, called, lambda **given: original(**{**given, **changed}))


@pytest.mark.parametrize(("name", "argument"), [(n, a) for n, arguments in TEXTS.items() for a in arguments])
def test_text_no_book_can_hold_is_refused_and_any_other_is_kept(name, argument, office, monkeypatch):
    pk = prepared(office, name)
    actor = rightful(office, name)
    with clock.at(LATEST):
        for what, text in UNKEEPABLE.items():
            with monkeypatch.context() as patch:
                told_otherwise(patch, name, **{argument: [text] if argument == "items" else text})
                refused(lambda: DEEDS[name].call(office, actor, pk), what)
        limits = {"external_code": 80, "owning_system": 80, "decision": 200, "work": 300, "basis": 300, "items": 2500}
        limit = 300 if name in ("reassign", "approve_catch_up") else limits.get(argument, 900)
        text = "; ".join(HARMLESS.values())[:limit].strip()
        told_otherwise(monkeypatch, name, **{argument: [text] if argument == "items" else text})
        DEEDS[name].call(office, actor, pk)
    kept = " ".join(
        str(value)
        for model in (Dossier, Note, SupplementRequest, *(m for m in _records()))
        for row in model.objects.values()
        for value in row.values()
    )
    assert unicodedata.normalize("NFC", kept) == kept, "not in NFC"
    for part in unicodedata.normalize("NFC", text).split("; ")[:2]:
        # In a list of items Python shows quotes its own way.
        assert part.replace("'", "") in kept.replace("'", "").replace("\\", "")
    assert not Event.objects.filter(facts__icontains="script").exists(), "free text in an event"


def _records() -> list[Any]:
    from motcua.dossiers.models import CatchUpWindow, DossierPart, DueMove, HandOverRecord

    return [CatchUpWindow, DossierPart, DueMove, HandOverRecord]


def test_every_verb_with_text_has_its_line():
    import inspect

    free = {"subject", "reason", "note", "basis", "items", "work", "decision", "external_code", "owning_system",
            "evidence"}  # fmt: skip
    for name in DEEDS:
        if name in ("attach", "remove"):
            continue
        wrapped = inspect.signature(inspect.unwrap(getattr(actions, CALLED.get(name, name))))
        takes = free & set(wrapped.parameters)
        if name == "receive_filing":
            continue
        assert takes == set(TEXTS[name]), name


@pytest.mark.parametrize(
    "name", sorted(n for n in DEEDS if not DEEDS[n].fresh and n not in ("reassign", "move_due_dates"))
)
@pytest.mark.parametrize("pk", IDS)
def test_a_dossier_that_is_none(name, pk, office, monkeypatch):
    prepared(office, name)
    actor = rightful(office, name)
    with clock.at(LATEST):
        if name == "part_returned":
            assert isinstance(refused(lambda: actions.part_returned(actor=actor, part=pk)), NotFound)
        elif name == "remove":
            assert isinstance(refused(lambda: files.remove(actor=actor, dossier=pk, attachment=1)), NotFound)
        else:
            assert isinstance(refused(lambda: DEEDS[name].call(office, actor, pk)), NotFound)


@pytest.mark.parametrize("number", [*IDS, 10**30])
def test_an_act_or_file_or_version_that_is_none(number, office, settings, tmp_path):
    settings.UPLOADS = tmp_path
    pk = prepared(office, "remove")
    with clock.at(LATEST):
        refused(lambda: files.remove(actor=office.clerk, dossier=pk, attachment=number if number != 1 else 2))
        refused(
            lambda: actions.void_event(actor=office.clerk, dossier=pk, seq=number, reason="x", approver=office.head)
        )
        refused(lambda: actions.forward(actor=office.clerk, dossier=pk, holder=office.second, expected=number))
        scope = org.scope(office.clerk, Duty.RECEIVE, clock.today())
        for read in (
            lambda: queries.get(scope, number),
            lambda: sheets.sheet(scope, number),
            lambda: queries.hand_over_sheet(scope, number),
            lambda: files.open_attachment(scope, pk, number),
            lambda: files.open_attachment(scope, number, 1),
        ):
            with pytest.raises(NotFound):
                read()
        for narrowed in (queries.Filter(holder=number), queries.Filter(unit=number)):
            if number:
                assert list(queries.listing(scope, narrowed)) == []


UNKNOWN = ["", "zzz", "GRANTED", "granted ", "đ", "x" * 100_000, "__class__"]
WORDS: list[tuple[str, str]] = [
    ("submit", "channel"), ("submit", "result_method"), ("receive", "channel"), ("receive", "result_method"),
    ("receive_and_resolve", "channel"), ("pause", "why"), ("propose", "proposal"), ("resolve", "outcome"),
    ("reclassify", "channel"), ("hand_over", "method"), ("correct_acceptance", "channel"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "argument"), WORDS)
def test_a_word_that_is_not_in_the_list(name, argument, office, monkeypatch):
    pk, actor = prepared(office, name), rightful(office, name)
    with clock.at(LATEST):
        for word in UNKNOWN:
            with monkeypatch.context() as patch:
                told_otherwise(patch, name, **{argument: word})
                refused(lambda: DEEDS[name].call(office, actor, pk), word)


NUMBERS = [0, -1, 1_000_000, 2**31, 2**63, 10**30]


@pytest.mark.parametrize(
    ("name", "argument"),
    [("receive", "copies"), ("receive_and_resolve", "copies"), ("move_due", "days"), ("move_due_dates", "days")],
)
def test_a_number_that_cannot_be(name, argument, office, monkeypatch):
    pk, actor = prepared(office, name), rightful(office, name)
    with clock.at(LATEST):
        for number in NUMBERS:
            with monkeypatch.context() as patch:
                told_otherwise(patch, name, **{argument: number})
                refused(lambda: DEEDS[name].call(office, actor, pk), str(number))


NAIVE = dt.datetime(2023, 6, 2, 9)  # noqa: DTZ001
MOMENTS = [
    NAIVE,
    dt.datetime.max.replace(tzinfo=dt.UTC),
    dt.datetime.min.replace(tzinfo=dt.UTC),
    dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=14))),
    dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-12))),
    at("03/06/2023 09:00"),
    at("01/01/1991 09:00"),
    at("01/01/2019 09:00"),
    at("31/12/2050 09:00"),
]


@pytest.mark.parametrize(
    "name",
    ["receive", "receive_filing", "receive_and_resolve", "request_supplement", "supplement_received", "pause", "resume",
     "resolve", "return_dossier", "withdraw", "stop"],
)  # fmt: skip
def test_a_moment_that_cannot_be(name, office, monkeypatch):
    pk, actor = prepared(office, name), rightful(office, name)
    with clock.at(LATEST):
        for moment in MOMENTS:
            with monkeypatch.context() as patch:
                told_otherwise(patch, name, occurred_at=moment, reason="Quên", approver=office.head)
                refused(lambda: DEEDS[name].call(office, actor, pk), str(moment))


def test_dates_that_cannot_be(office):
    pk = prepared(office, "forward")
    with clock.at(LATEST):
        for day in (dt.date.min, dt.date.max, dt.date(2023, 6, 2), dt.date(1, 1, 1), dt.date(2099, 1, 1)):
            refused(lambda day=day: actions.apologise(actor=office.chair, dossier=pk, reason="x", new_appointment=day))
        for moment in MOMENTS:
            refused(
                lambda moment=moment: actions.correct_acceptance(
                    actor=office.clerk, dossier=pk, received_at=moment, reason="x", approver=office.head
                )
            )
            refused(
                lambda moment=moment: actions.approve_catch_up(
                    actor=office.chair, unit=office.district, done_from=MORNING, done_to=moment,
                    enter_until=at("05/06/2023 09:00"), reason="x",
                )
            )  # fmt: skip
            if moment != at("03/06/2023 09:00"):
                refused(
                    lambda moment=moment: actions.approve_catch_up(
                        actor=office.chair, unit=office.district, done_from=MORNING, done_to=LATER, enter_until=moment,
                        reason="x",
                    )
                )  # fmt: skip


@pytest.mark.parametrize(
    "paper",
    [
        {"name": "Tờ khai", "kind": "zzz"},
        {"name": "Tờ khai", "kind": ""},
        {"name": "Tờ khai", "copies": 0},
        {"name": "Tờ khai", "copies": -1},
        {"name": "Tờ khai", "copies": 10**12},
        {"name": "x" * 100_000},
        {"name": NUL},
        {"name": HALF},
        {"name": "Tờ khai", "part": 987_654_321},
        {"name": "Tờ khai", "part": -1},
        {"name": "Tờ khai", "part": 10**30},
    ],
)
def test_a_paper_that_cannot_be(paper, office):
    pk = prepared(office, "supplement_received")
    with clock.at(LATEST):
        refused(lambda: actions.receive(actor=office.clerk, papers=[paper], **new(office)))
        refused(lambda: actions.submit(actor=None, papers=[paper], **new(office)))
        refused(lambda: actions.supplement_received(actor=office.clerk, dossier=pk, papers=[paper]))
        refused(lambda: actions.receive(actor=office.clerk, papers=[{"name": "x"}] * 5000, **new(office)))
        actions.receive(actor=office.clerk, papers=[{"name": HARMLESS["NFD"]}, {"name": "  "}], **new(office))
    assert [c.name for c in Component.objects.all()] == [unicodedata.normalize("NFC", HARMLESS["NFD"])]


@pytest.mark.parametrize("key", ["", NUL, HALF, "k" * 81, "k" * 100_000, "khóa", "a b", "\n"])
def test_a_request_key_that_cannot_be(key, office):
    with clock.at(MORNING):
        refused(lambda: actions.receive(actor=office.clerk, request_key=key, **new(office)))


def test_hostile_text_is_found_wherever_it_hides():
    @verb
    def act(*, told: Any) -> None:
        raise AssertionError("carried out")

    for told in (NUL, [NUL], {"a": (HALF,)}, {NUL: 1}, [[[{"x": {NUL}}]]]):
        with pytest.raises(MotcuaError):
            act(told=told)


# ---- searching -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*UNKEEPABLE.values(), *HARMLESS.values(), "%", "_", "\\", "-", "a" * 251, "\u202e"])
def test_odd_searches_find_nothing_and_break_nothing(text, office):
    pk = prepared(office, "forward")
    with clock.at(LATER):
        for narrowed in (
            queries.Filter(text=text),
            queries.Filter(procedure=text),
            queries.Filter(channel=text),
            queries.Filter(text=text, state=text, due=text),
        ):
            found = list(queries.listing(SYSTEM, narrowed))
            assert found == [] or not text.strip("\u202e")
        assert queries.find(SYSTEM, text) is None
    assert Dossier.objects.filter(pk=pk).exists()


# ---- files -----------------------------------------------------------------------------------------------------------

NAMES = [
    "../../etc/passwd", "..\\..\\windows\\system32\\x.pdf", "C:\\x.pdf", "/etc/shadow", "a/../../b.pdf", "..", ".", "",
    "   ", ".htaccess", "CON.pdf", "a\r\nSet-Cookie: x=1.pdf", 'a"b.pdf', "a;b.pdf", "\u202efdp.exe", "x" * 5000,
    "%2e%2e%2fpasswd", "a\u0000b.pdf", HARMLESS["NFD"] + ".pdf", "👍.pdf", "<img src=x>.pdf", "=cmd()|.pdf",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_file_names_with_tricks_become_harmless(name, cast, signed_in, settings, tmp_path):
    settings.UPLOADS = tmp_path / "uploads"
    dossier = received(cast)
    client = signed_in(cast.receiver)
    sent = SimpleUploadedFile("x.pdf", PDF)
    sent._name = name or "x"
    answer = client.post(reverse("upload", args=[dossier.pk]), {"file": sent, "kind": "part"})
    assert answer.status_code in (302, 400)
    kept = [p for p in tmp_path.rglob("*") if p.is_file()]
    if answer.status_code == 400:
        assert not kept
        assert not Attachment.objects.exists()
        return
    found = Attachment.objects.get()
    assert [p.name for p in kept] == [found.blob.sha256]
    assert found.name == unicodedata.normalize("NFC", found.name)
    assert not set(found.name) & set("/\\\x00\r\n\u202e")
    assert found.name.endswith(".pdf")
    assert len(found.name) <= 125
    got = client.get(reverse("download", args=[dossier.pk, found.pk]))
    assert got["Content-Disposition"].startswith("attachment")
    assert "Set-Cookie" not in got.headers
    b"".join(got.streaming_content)
    page = client.get(reverse("dossier", args=[dossier.pk])).content.decode()
    assert "<img src=x>" not in page


def test_a_file_of_an_unknown_kind_or_without_content(office, settings, tmp_path):
    settings.UPLOADS = tmp_path
    pk = prepared(office, "forward")
    with clock.at(LATEST):
        for kind in UNKNOWN:
            refused(
                lambda kind=kind: files.attach(actor=office.clerk, dossier=pk, name="a.pdf", chunks=[PDF], kind=kind)
            )
        for name in (NUL, HALF):
            refused(
                lambda name=name: files.attach(actor=office.clerk, dossier=pk, name=name, chunks=[PDF], kind="part")
            )
        refused(lambda: files.attach(actor=office.clerk, dossier=pk, name="a.pdf", chunks=[], kind="part"))
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


# ---- pages -----------------------------------------------------------------------------------------------------------

ADDRESSES = [
    "/ho-so/{}/", "/ho-so/{}/viec/forward/", "/ho-so/{}/tep/1/", "/ho-so/1/tep/{}/", "/ban-giao/{}/",
    "/ho-so/1/viec/{}/", "/tiep-nhan/{}/", "/thu-tuc/{}/", "/quan-tri/tai-khoan/{}/",
]  # fmt: skip
PLACES = [
    "0", "-1", "9" * 23, "9" * 5000, "1.0", "١", "²", "%00", "a%00b", "%ff", "%ED%A0%80", "..", "%2e%2e%2f", "<script>",
    "'", "void%0a", "%E2%80%AE", "\u0111" * 500,
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_addresses_of_nothing_are_not_found(place, cast, signed_in):
    usable(cast)
    client = signed_in(cast.receiver)
    for address in ADDRESSES:
        for answer in (client.get(address.format(place)), client.post(address.format(place), {"reason": "x"})):
            assert answer.status_code in (302, 400, 403, 404, 405), (address, answer.status_code)
            assert b"<script>alert" not in answer.content


QUERIES = ["tim", "han", "trang_thai", "hinh_thuc", "trang", "xep", "ma", "don-vi", "version", "tu", "den", "theo"]
VALUES = ["\x00", "a\x00b", "%", "_", "x" * 100_000, "-1", "0", "9" * 23, "²", "١", "ma,-ma", "__all__",
          "<script>alert(1)</script>", "' OR 1=1 --", "\u202e", "👍", "31/02/2023", "00/00/0000"]  # fmt: skip
LISTS = ["work", "dossiers", "dossier_by_code", "intake", "hand_over", "procedures", "statement"]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("page", LISTS)
def test_addresses_with_anything_behind_the_question_mark(page, value, cast, signed_in):
    received(cast)
    client = signed_in(cast.receiver)
    for answer in (
        client.get(reverse(page), dict.fromkeys(QUERIES, value)),
        *(client.get(reverse(page), {name: value}) for name in QUERIES),
    ):
        assert answer.status_code in (200, 302, 400, 403, 404), answer.status_code
        assert b"<script>alert(1)" not in answer.content


def test_a_query_string_of_raw_bytes(cast, signed_in):
    received(cast)
    client = signed_in(cast.receiver)
    for raw in ("tim=%ff%fe%00", "tim=%ED%A0%80", "ma=%00", "trang=%FF", "xep=%00&han=%00&trang_thai=%00"):
        for page in LISTS:
            assert client.get(f"{reverse(page)}?{raw}").status_code in (200, 302, 400, 403)


FIELDS = [
    "reason", "note", "items", "basis", "decision", "days", "work", "unit", "holder", "to", "channel", "outcome", "why",
    "method", "proposal", "target", "part", "occurred_at", "received_at", "new_appointment", "approver_name",
    "approver_password", "collector_name", "collector_id", "version", "request_key", "case",
]  # fmt: skip


@pytest.mark.parametrize("value", [NUL, HUGE, "99999999999999999999999", "²", "-1", "31/02/2023", "00:00 00/00/0000",
                                   "23:59 31/12/9999", "00:00 01/01/0001", "{{7*7}}"])  # fmt: skip
@pytest.mark.parametrize("act", list(SPECS))
def test_forms_filled_with_nonsense_come_back_or_are_refused(act, value, cast, signed_in):
    """In every field at once the form is refused; in one field alone it is refused or taken as text; never a crash."""
    dossier = received(cast)
    actor = next(person for duty, person in cast.by_duty.items() if duty in DUTIES[act])
    client = signed_in(actor)
    url = reverse("act", args=[dossier.pk, act.value])
    with nothing_changes_here():
        page = client.post(url, dict.fromkeys(FIELDS, value))
        assert page.status_code == 400, page.status_code


@contextmanager
def nothing_changes_here() -> Iterator[None]:
    """For pages: sessions, and the counts of wrong passwords, may change."""
    aside = ("django_session", "desk_cache", "axes_accessattempt", "axes_accessfailurelog", "axes_accesslog")
    before = {t: n for t, n in counts().items() if t not in aside}
    yield
    assert {t: n for t, n in counts().items() if t not in aside} == before


@pytest.mark.parametrize("field", FIELDS)
def test_one_hostile_field_among_good_ones(field, cast, signed_in):
    """The acts a receiver may do on a new dossier, each with one field of nonsense."""
    good = {"reason": "x", "items": "Tờ khai", "holder": "", "days": "2", "decision": "QĐ", "unit": "", "work": "x",
            "channel": "post", "outcome": "granted", "why": "law", "method": "counter"}  # fmt: skip
    for act in (Act.FORWARD, Act.REQUEST_SUPPLEMENT, Act.RESOLVE, Act.RETURN_DOSSIER, Act.RECLASSIFY, Act.SEND_PART):
        dossier = received(cast)
        client = signed_in(cast.receiver)
        for value in (NUL, HUGE, "9" * 40, "²"):
            typed = {**good, "holder": cast.receiver.pk, field: value}
            before = Event.objects.count()
            page = client.post(reverse("act", args=[dossier.pk, act.value]), typed)
            assert page.status_code in (302, 400), page.status_code
            assert Event.objects.count() - before == (page.status_code == 302)


def test_html_in_every_text_is_shown_as_text(cast, signed_in):
    evil = "<b onmouseover=alert(1)>Nguyễn</b>"
    usable(cast)
    client = signed_in(cast.receiver)
    typed = {"name": evil, "kind": "person", "channel": "direct", "copies": "1", "result_method": "counter",
             "subject": evil, "address": evil, "submitter": evil}  # fmt: skip
    answer = client.post(reverse("receive", args=[CODE]), typed)
    assert answer.status_code == 302
    dossier = Dossier.objects.get()
    assert dossier.applicant.name == evil
    for act, more in (("forward", {"holder": cast.by_duty[Duty.HANDLE].pk, "note": evil}),
                      ("request_supplement", {"items": evil, "reason": evil})):  # fmt: skip
        client.post(reverse("act", args=[dossier.pk, act]), more)
    for url in (reverse("dossier", args=[dossier.pk]), reverse("dossiers"), reverse("dossiers") + "?tim=Nguy%E1%BB%85n",
                reverse("act", args=[dossier.pk, "supplement_received"])):  # fmt: skip
        page = client.get(url).content.decode()
        assert "<b onmouseover" not in page
        assert "&lt;b onmouseover" in page or "dossiers" in url


def test_parts_with_an_impossible_term_are_refused(office):
    pk = prepared(office, "send_part")
    with clock.at(LATEST):
        for days in (0, -1, 10**9):
            refused(
                lambda days=days: actions.send_part(
                    actor=office.handler, dossier=pk, unit=office.commune, work="x",
                    term=type(TWO_DAYS)(days, TWO_DAYS.unit, TWO_DAYS.start_rule),
                )
            )  # fmt: skip
