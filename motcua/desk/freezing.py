"""Chốt số liệu: freezing a statement, what has been frozen, and what changed since («điều chỉnh kỳ trước»)."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from motcua.core import clock
from motcua.core.errors import NotAllowed
from motcua.desk import asked
from motcua.desk.asked import FREEZE_DUTIES, Question
from motcua.desk.dossiers import user_of
from motcua.desk.forms import ActForm, attempt
from motcua.desk.frame import STATEMENT_DUTIES, needs
from motcua.desk.listing import Column, Listing, listing
from motcua.desk.statements import problem
from motcua.dossiers.states import Act
from motcua.ledger import freeze as ledger_freeze
from motcua.ledger import queries as ledger
from motcua.ledger import registry
from motcua.ledger.models import Event, Item
from motcua.ledger.statement import Statement, canonical, digest
from motcua.ledger.totals_models import Cutoff
from motcua.org import queries as org
from motcua.org.queries import Scope
from motcua.reports import changes, layout, receipt

_ACTS = dict(Act.choices)


# ---- freezing --------------------------------------------------------------------------------------------------------


class FreezeForm(ActForm):
    """Freezing what was seen: ``seen`` seals the figures the person confirmed; the page fills it in."""

    seen = forms.CharField(max_length=64)


@never_cache
@require_http_methods(["GET", "POST"])
@needs(*sorted(FREEZE_DUTIES))
def freeze(request: HttpRequest) -> HttpResponse:
    """Show what would be frozen, and freeze it when it is confirmed."""
    question = Question(request, asked.reader_scope(request))
    made = question.answer()
    if made is None:
        return problem(request, question)
    if made.by == receipt.BY:
        question.add_error("theo", "Chỉ chốt số liệu theo đơn vị có thẩm quyền; chọn cách chia khác.")
        return problem(request, question)
    user, unit = user_of(request), question.unit
    if not org.scope(user, FREEZE_DUTIES, clock.today()).contains(unit.pk):
        raise NotAllowed(f"Chốt số liệu của «{unit.name}» là việc của đầu mối CCHC hoặc đầu mối KSTTHC ở đó.")
    form = FreezeForm(request.POST or None)
    seal = _seal(made)
    if request.method == "POST" and form.is_valid():
        done = _freeze(form, question, made, request) if _unchanged(form, question, seal) else None
        if done:
            messages.success(request, f"Đã chốt số liệu, số {done.number}.")
            return redirect(f"{reverse('statement')}?{urlencode(asked.of_frozen(done))}")
    context = {
        "form": form,
        "seal": seal,  # what is shown now is what the next press confirms
        "question": question,
        "made": made,
        "facts": _facts(question, made),
        "doubts": layout.doubts(made),
        "sheet": layout.sheet(made, "06a"),
        "restated_url": question.address(noi="") if question.chain else "",
        "chained_url": _chained_url(question),
        "estimate": question.estimate_here if not made.estimate else None,
        "back": reverse("statement") + question.address(),
    }
    return render(request, "desk/statement_freeze.html", context, status=400 if form.errors else 200)


def _seal(made: Statement) -> str:
    """What was counted, without the instant it was read: two readings of the same figures have the same seal."""
    plain = made.as_dict()
    return digest(canonical({"lines": plain["lines"], "total": plain["total"], "chain": plain["chained_from"]}))


def _unchanged(form: FreezeForm, question: Question, seal: str) -> bool:
    if question.cleaned_data["biet"]:
        form.add_error(None, "Chốt số liệu là chốt những gì biết lúc này; bỏ ô «Theo những gì đã biết» rồi chốt.")
        return False
    if form.cleaned_data["seen"] != seal:
        form.add_error(None, "Số liệu đã đổi từ lúc mở trang này. Xem lại số mới bên dưới rồi chốt.")
        return False
    return True


def _freeze(form: FreezeForm, question: Question, made: Statement, request: HttpRequest) -> Cutoff | None:
    given, user = question.cleaned_data, user_of(request)
    # The one unit alone: the verb's arguments are then the same however the units above it change meanwhile.
    scope = Scope(user.pk, question.scope.day, frozenset({question.unit.pk}))

    def act() -> Cutoff:
        return ledger_freeze.freeze(
            scope=scope,
            unit=question.unit,
            book=given["so"],
            start=given["tu"],
            end=given["den"],
            by=made.by,
            actor=user,
            chained_from=question.chain,
            counted_to=given["uoc"],
            completes=None if made.estimate else question.estimate_here,
            request_key=form.key(user),
        )

    return attempt(form, act)


def _chained_url(question: Question) -> str:
    before = question.frozen_just_before
    return question.address(noi=before.number) if before and not question.chain else ""


def _facts(question: Question, made: Statement) -> list[tuple[str, str]]:
    return [
        ("Đơn vị", layout.names_of_units(made)),
        ("Sổ", layout.book_title(made)),
        ("Kỳ", layout.period_words(made)),
        ("Loại số", "Số ước" if made.estimate else "Số chính thức"),
        ("Số liệu", layout.stand_words(made)),
        ("Số kỳ trước", f"Nối tiếp bản chốt {made.chain.number}" if made.chain else "Đọc lại toàn bộ"),
        ("Chia theo", str(dict(question.fields["theo"].choices)[made.by])),  # type: ignore[attr-defined]
    ]


# ---- what has been frozen --------------------------------------------------------------------------------------------

_FROZEN_COLUMNS = [
    Column("so", "Số chốt", by=lambda c: c.pk),
    Column("don-vi", "Đơn vị", by=lambda c: c.unit.name),
    Column("ky", "Kỳ", by=lambda c: (c.end, c.start)),
    Column("loai", "Loại số"),
    Column("but-toan", "Tính đến bút toán", number=True),
    Column("luc", "Chốt lúc", by=lambda c: c.created_at),
    Column("nguoi", "Người chốt"),
    Column("ma", "Mã kiểm"),
]


@dataclass(frozen=True)
class FrozenRow:
    cutoff: Cutoff
    url: str
    period: str
    estimate: bool


@never_cache
@require_GET
@needs(*sorted(STATEMENT_DUTIES))
def frozen(request: HttpRequest) -> HttpResponse:
    """What was frozen of the asker's units, latest first."""
    rows = ledger.cutoffs(asked.reader_scope(request), limit=5000)
    found: Listing[Cutoff] = listing(request, rows, _FROZEN_COLUMNS, default="-so")
    return render(request, "desk/statement_frozen.html", {"list": found, "rows": [_row(c) for c in found.page]})


def _row(cutoff: Cutoff) -> FrozenRow:
    named = layout.named_period(cutoff.start, cutoff.end)
    url = f"{reverse('statement')}?{urlencode(asked.of_frozen(cutoff))}"
    return FrozenRow(cutoff, url, named, cutoff.counted_to < cutoff.end)


# ---- what changed since ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EntryWords:
    event: Event
    what: str


@dataclass(frozen=True)
class ChangeRow:
    change: changes.Change
    url: str
    entries: list[EntryWords]


@never_cache
@require_GET
@needs(*sorted(STATEMENT_DUTIES))
def changed(request: HttpRequest) -> HttpResponse:
    """Điều chỉnh kỳ trước: the items whose earlier days read differently now, and the entries that caused it."""
    question = Question(request, asked.reader_scope(request))
    made = question.answer()
    if made is None:
        return problem(request, question)
    found = changes.changes(question.scope, made)
    info = registry.get(made.book)
    rows = [
        ChangeRow(
            each,
            info.url(Item(pk=each.adjustment.item_id, book=made.book, code=each.adjustment.code)) if info else "",
            [EntryWords(event, _what(event)) for event in each.entries],
        )
        for each in found.items
    ]
    context = {
        "made": made,
        "period": layout.period_words(made),
        "stand": layout.stand_words(made),
        "rows": rows,
        "found": found,
        "net": made.total.figures.adjustments.total,
        "back": reverse("statement") + question.address(),
    }
    return render(request, "desk/statement_changes.html", context)


def _what(event: Event) -> str:
    what = _ACTS.get(event.verb, event.verb)
    if event.voids is not None:
        of = _ACTS.get(event.voids.verb, event.voids.verb)
        return f"{what}: {of[:1].lower()}{of[1:]}"
    return what
