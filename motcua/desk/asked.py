"""Which statement is asked for: the form over it, the address it lives at, and the answer from the ledger.

Everything stands in the address, so that a statement can be sent to a colleague as it is; what an address leaves out
is the asker's own unit and the running month.
"""

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.http import HttpRequest

from motcua.core import clock, text
from motcua.core.errors import Invalid, NotFound
from motcua.desk.dossiers import user_of
from motcua.desk.forms import DateField, LineField, attempt
from motcua.desk.frame import STATEMENT_DUTIES, standing
from motcua.desk.templatetags.vn import day, unit_label
from motcua.ledger import queries as ledger
from motcua.ledger import registry
from motcua.ledger.freeze import coverage_of
from motcua.ledger.models import Book
from motcua.ledger.statement import By, Statement
from motcua.ledger.totals_models import Cutoff, CutoffKind
from motcua.org import queries as org
from motcua.org.models import Duty, Unit
from motcua.org.queries import Scope
from motcua.reports import periods, receipt
from motcua.reports.layout import TABS

# Who may freeze a statement.
FREEZE_DUTIES = frozenset({Duty.REFORM, Duty.CONTROL})
CHAINED = "chot"
# The ledger's names of what it was given, and the form's.
FIELDS = {
    "unit": "don_vi",
    "start": "tu",
    "end": "den",
    "by": "theo",
    "book": "so",
    "known_at": "biet",
    "chained_from": "noi",
    "counted_to": "uoc",
    "completes": "uoc",
}
_OFFERED = 300
_DATES = ("tu", "den", "uoc")


class Question(forms.Form):
    """One statement asked for. Bound to the address; what is missing there comes from :meth:`defaults`."""

    don_vi = forms.CharField(label="Đơn vị", max_length=200)
    tu = DateField(label="Từ ngày")
    den = DateField(label="Đến hết ngày")
    theo = forms.ChoiceField(
        label="Chia theo",
        choices=[
            ("unit", "Đơn vị"),
            ("procedure", "Thủ tục"),
            ("field", "Lĩnh vực"),
            ("channel", "Hình thức nộp"),
            ("desk", "Nơi tiếp nhận"),
        ],
    )
    so = forms.ChoiceField(label="Sổ")
    noi = forms.ChoiceField(label="Số kỳ trước", required=False)
    biet = LineField(
        label="Theo những gì đã biết",
        required=False,
        max_length=40,
        help_text="Để trống: đến nay. Hoặc một ngày, một số chốt (CS-2026-0001), một số bút toán.",
        widget=forms.TextInput(attrs={"class": "short"}),
    )
    uoc = DateField(
        label="Số ước, tính đến hết ngày", required=False, help_text="Khi kỳ chưa hết mà phải báo cáo; in cả hai ngày."
    )
    muon = forms.BooleanField(label="Nói thêm việc ghi muộn, các tỷ lệ", required=False)
    mau = forms.ChoiceField(label="Mẫu biểu", choices=list(TABS.items()), widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, scope: Scope, *, offer: bool = False) -> None:
        self.scope, self.own = scope, standing(request).units
        super().__init__(self._data(request))
        self._choose("so", [(info.book, Book(info.book).label) for info in registry.books()])
        self._choose("noi", [("", "Đọc lại toàn bộ"), (CHAINED, "Nối tiếp bản chốt liền trước")])
        number = self.data.get("noi", "")
        if number.startswith("CS-"):
            self._choose("noi", [("", "Đọc lại toàn bộ"), (number, f"Nối tiếp bản chốt {number}")])
        self.units: list[Unit] | None = None  # those offered; None where there are too many, or no form to draw
        if offer and len(scope.unit_ids) <= _OFFERED:
            self.fields["don_vi"].widget = forms.Select(choices=self._offered())
            self.fields["don_vi"].widget.is_required = True
        else:
            self.fields["don_vi"].help_text = "Gõ mã, mã ngắn hoặc tên đơn vị."

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _offered(self) -> list[Any]:
        """The units of the scope: those that live, then those of earlier days. One statement."""
        units = self.units = org.in_order(self.scope.filter(Unit.objects.all(), "id"))
        today = clock.today()
        groups: dict[str, list[tuple[str, str]]] = {"Đang hoạt động": [], "Trước đây": []}
        for unit in units:
            ended = unit.valid_to is not None and unit.valid_to < today
            groups["Trước đây" if ended else "Đang hoạt động"].append((unit.key, unit_label(unit)))
        return [(title, found) for title, found in groups.items() if found]

    @classmethod
    def _data(cls, request: HttpRequest) -> dict[str, str]:
        given = {name: request.GET[name] for name in cls.base_fields if name in request.GET}
        # Half a period is not filled up with days of another one.
        whole = defaults(request) if not {"tu", "den", "uoc"} & given.keys() else _fixed(request)
        data = {**whole, **given}
        for name in _DATES:  # an address holds 2023-01-05; nobody is to read that
            try:
                data[name] = day(dt.date.fromisoformat(data.get(name, "")))
            except ValueError:
                continue
        return data

    # ---- what was typed ----------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("uoc") and given.get("den") and given["uoc"] >= given["den"]:
            # Counted to a day on which the period was over: that is the whole period, and no estimate.
            given["uoc"] = None
            self.data = {**self.data, "uoc": ""}
        if given.get("theo") == receipt.BY:
            self._of_desks(given)
        if "don_vi" in given:
            try:
                given["don_vi"] = self._unit(given["don_vi"], given.get("den") or clock.today())
            except (Invalid, NotFound) as error:
                self.add_error("don_vi", error.message)
        if not self.errors:
            try:
                given["noi"] = self._chain(given["noi"])
            except (Invalid, NotFound) as error:
                self.add_error("noi", error.message)
        if "biet" in given:
            try:
                given["biet"] = self._known(given["biet"])
            except (Invalid, NotFound) as error:
                self.add_error("biet", error.message)
        return given

    def _of_desks(self, given: dict[str, Any]) -> None:
        """By place of receipt there is no form of the law, nothing frozen to continue, and no other book."""
        if given.get("mau") == "06a":
            given["mau"] = "14"
            self.data = {**self.data, "mau": "14"}
        if given.get("noi"):
            self.add_error("noi", "Biểu theo nơi tiếp nhận đọc lại toàn bộ, không nối tiếp bản chốt.")
        if given.get("so") not in (None, Book.DOSSIER):
            self.add_error("so", "Chỉ hồ sơ TTHC có nơi tiếp nhận.")

    def _unit(self, typed: str, on: dt.date) -> Unit:
        """The unit meant, inside the scope: by key, code alive on the period's last day, or name. At most one
        statement."""
        typed = text.clean(typed)
        # Most people ask for a unit they serve at, which is already read.
        known = self.own if self.units is None else self.units
        found = [unit for unit in known if unit.key == typed and self.scope.contains(unit.pk)]
        if not found:
            found = [unit for unit in Unit.objects.filter(_named(typed)) if self.scope.contains(unit.pk)]
        alive = [u for u in found if u.valid_from <= on and (u.valid_to is None or u.valid_to >= on)]
        found = alive if len(found) > 1 and alive else found
        if not found:
            raise NotFound(f"Không có đơn vị «{typed}» trong phạm vi được giao.")
        if len(found) > 1:
            named = "; ".join(f"{unit_label(unit)}: {unit.key}" for unit in org.in_order(found)[:8])
            raise Invalid(f"Nhiều đơn vị cùng tên hoặc mã, gõ đúng một: {named}.")
        unit = found[0]
        if self.units:
            shown = unit.key  # the choice's own value
        elif "@" in typed:
            # A key came from an address; the code says the same wherever it is this unit's on the last day.
            shown = unit.code if unit.valid_from <= on and (unit.valid_to is None or unit.valid_to >= on) else typed
            self["don_vi"].help_text = f"{unit_label(unit)}. Gõ mã, mã ngắn hoặc tên đơn vị khác."
        else:
            shown = typed
        self.data = {**self.data, "don_vi": shown}
        return unit

    def _chain(self, typed: str) -> Cutoff | None:
        if not typed:
            return None
        if typed == CHAINED:
            latest = ledger.latest_cutoff(self.unit, self.cleaned_data["so"], self.cleaned_data["tu"])
            if latest is None:
                last = self.cleaned_data["tu"] - dt.timedelta(days=1)
                raise NotFound(
                    f"Chưa có bản chốt chính thức nào của {self.unit.name} đến hết ngày {last:%d/%m/%Y} để nối tiếp."
                )
            return latest
        found = ledger.cutoff(self.scope, typed)
        if (found.unit_id, found.book) != (self.unit.pk, self.cleaned_data["so"]):
            raise NotFound(f"Không có bản chốt {typed} của {self.unit.name}.")
        return found

    def _known(self, typed: str) -> "int | str | dt.date | None":
        if not typed:
            return None
        if typed.isascii() and typed.isdigit() and len(typed) <= 18:
            return int(typed)
        if typed.upper().startswith("CS-"):
            return (ledger.cutoff(self.scope, typed) if self.errors else self._frozen(typed.upper())).number
        try:
            return cast(dt.date, DateField().clean(typed))
        except forms.ValidationError:
            raise Invalid("Gõ một ngày (14/06/2023), một số chốt (CS-2023-0001) hoặc một số bút toán.") from None

    def _frozen(self, number: str) -> Cutoff:
        return next((c for c in self.frozen_here if c.number == number), None) or ledger.cutoff(self.scope, number)

    # ---- what is asked -----------------------------------------------------------------------------------------------

    @property
    def unit(self) -> Unit:
        return cast(Unit, self.cleaned_data["don_vi"])

    @property
    def chain(self) -> Cutoff | None:
        return cast("Cutoff | None", self.cleaned_data["noi"])

    @functools.cached_property
    def frozen_here(self) -> list[Cutoff]:
        """What was frozen of this unit and book, latest first. One statement."""
        here = Scope(self.scope.user_id, self.scope.day, frozenset({self.unit.pk}))
        return ledger.cutoffs(here, book=self.cleaned_data["so"], limit=1000)

    @property
    def frozen_just_before(self) -> Cutoff | None:
        """The official one that ends the day before this period, frozen last."""
        last = self.cleaned_data["tu"] - dt.timedelta(days=1)
        official = (each for each in self.frozen_here if each.kind == CutoffKind.OFFICIAL)
        return next((each for each in official if each.end == last), None)

    @property
    def estimate_here(self) -> Cutoff | None:
        """The estimate of this very period that an official statement would complete, frozen last."""
        days = (self.cleaned_data["tu"], self.cleaned_data["den"])
        estimates = (each for each in self.frozen_here if each.kind == CutoffKind.ESTIMATE)
        return next((each for each in estimates if (each.start, each.end) == days), None)

    @property
    def frozen(self) -> Cutoff | None:
        """The frozen statement that this question asks to see again, if that is what it does."""
        given = self.cleaned_data
        for each in self.frozen_here if isinstance(given["biet"], str) else ():
            days = (each.start, each.end, each.counted_to) == (given["tu"], given["den"], given["uoc"] or given["den"])
            if each.number == given["biet"] and days and each.chained_from_id == (self.chain and self.chain.pk):
                return each
        return None

    def answer(self) -> Statement | None:
        """The statement, or None with the errors in the form. At most eight statements beside the form's own."""
        if not self.is_valid():
            return None
        given = self.cleaned_data
        by = cast(By, given["theo"])

        def ask() -> Statement:
            if by == receipt.BY:
                return receipt.by_desk(
                    self.scope,
                    unit=self.unit,
                    start=given["tu"],
                    end=given["den"],
                    known_at=given["biet"],
                    counted_to=given["uoc"],
                )
            return ledger.statement(
                self.scope,
                book=given["so"],
                units=[self.unit],
                start=given["tu"],
                end=given["den"],
                by=by,
                known_at=given["biet"],
                chained_from=self.chain,
                counted_to=given["uoc"],
                # What was published was of these units, whatever the tree says of those days now.
                counted=coverage_of(self.frozen, by) if self.frozen else None,
            )

        return attempt(self, ask, fields=FIELDS)

    def params(self, **changes: Any) -> dict[str, str]:
        """The question as the values of an address; None or "" takes a value out."""
        given = self.cleaned_data
        biet = given["biet"]
        found: dict[str, Any] = {
            "don_vi": self.unit.key,
            "tu": given["tu"].isoformat(),
            "den": given["den"].isoformat(),
            "uoc": given["uoc"].isoformat() if given["uoc"] else "",
            "theo": given["theo"],
            "so": given["so"],
            "noi": self.chain.number if self.chain else "",
            "biet": day(biet) if isinstance(biet, dt.date) else biet,
            "muon": "on" if given["muon"] else "",
            "mau": given["mau"],
            **changes,
        }
        return {name: str(value) for name, value in found.items() if value not in (None, "")}

    def address(self, **changes: Any) -> str:
        """The same as a query string."""
        return "?" + urlencode(self.params(**changes))

    def typed_address(self, **changes: Any) -> str:
        """As :meth:`address`, but for what was typed: also where it is not valid."""
        typed = {**self.data, **changes}
        return "?" + urlencode({name: value for name, value in typed.items() if value})


def _named(typed: str) -> Q:
    """The units that ``typed`` may mean: «29308@2025-07-01», «29308», «XACAUKE», «Xã Cầu Kè»."""
    code, _, since = typed.partition("@")
    try:
        return Q(code=code, valid_from=dt.date.fromisoformat(since))
    except ValueError:
        return Q(code=typed) | Q(short_code=typed.upper(), short_code__gt="") | Q(name__iexact=typed)


def _fixed(request: HttpRequest) -> dict[str, str]:
    """What an address may leave out without meaning another period."""
    here = next(unit for duty, unit in standing(request).duties if duty in STATEMENT_DUTIES)
    return {"don_vi": here.key, "theo": "unit", "so": Book.DOSSIER.value, "mau": "06a"}


def defaults(request: HttpRequest) -> dict[str, str]:
    """The asker's first unit and the running month."""
    running = periods.choices(clock.today())[0]
    return {**_fixed(request), **window(running)}


def window(period: periods.Period) -> dict[str, str]:
    """A period as values of an address; one that still runs is an estimate up to today."""
    today = clock.today()
    estimate = today.isoformat() if period.start <= today < period.end else ""
    return {"tu": period.start.isoformat(), "den": period.end.isoformat(), "uoc": estimate}


def of_frozen(frozen: Cutoff) -> Mapping[str, str]:
    """The address at which a frozen statement is seen again."""
    found = {
        "don_vi": frozen.unit.key,
        "tu": frozen.start.isoformat(),
        "den": frozen.end.isoformat(),
        "uoc": frozen.counted_to.isoformat() if frozen.counted_to < frozen.end else "",
        "theo": frozen.by,
        "so": frozen.book,
        "noi": frozen.chained_from.number if frozen.chained_from else "",
        "biet": frozen.number,
    }
    return {name: value for name, value in found.items() if value}


def reader_scope(request: HttpRequest) -> Scope:
    """The units whose statements this person reads today. One statement."""
    return org.scope(user_of(request), STATEMENT_DUTIES, clock.today())
