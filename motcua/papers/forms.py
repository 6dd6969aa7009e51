"""The papers as plain data, and which form of which circular prints them.

Every class here is one paper. :func:`render` chooses the form by the day of acceptance (TT 01/2018 or TT 03/2025),
turns moments and sums into words and hands the rest to the template as it is. No query anywhere.
"""

import dataclasses
import datetime as dt
import functools
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.papers import engine, qr
from motcua.papers.words import BLANK, amount, amount_words, day_words, moment_words, printable

PAGES = {"a5": "A5", "a4": "A4", "a4-wide": "A4 ngang"}


@dataclass(frozen=True, slots=True)
class Generation:
    """One circular's set of forms, for what is accepted from ``valid_from`` on."""

    code: str
    valid_from: dt.date
    basis: str
    confirmed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Form:
    """One form: which template prints it, on which page, and whether its fields were compared with a published text."""

    kind: str
    generation: str  # "" for the product's own papers, which no circular prescribes
    number: str
    title: str
    template: str
    page: str
    symbol: str
    confirmed: bool
    source: str

    @property
    def name(self) -> str:
        """What the paper is called among others; its title may say less."""
        return "Thông báo hết thời hạn bổ sung hồ sơ" if self.kind == "expired" else self.title.replace("\n", " ")

    @property
    def page_name(self) -> str:
        """The size of the page, in words."""
        return PAGES[self.page]

    @property
    def own_template(self) -> bool:
        """Whether the office prints it from a template of its own."""
        return self.template in engine.own_files()


def _rows(text: str, name: str) -> dict[str, list[dict[str, Any]]]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise engine.BrokenTemplate(f"Tệp {name} của mẫu in không đọc được: {error}.") from error


def _made(kind: type[Any], row: dict[str, Any]) -> Any:
    try:
        return kind(**row)
    except TypeError as error:
        raise engine.BrokenTemplate(f"Tệp forms.toml của mẫu in thiếu hoặc thừa mục: {error}.") from error


@functools.lru_cache(maxsize=2)
def _read(stamp: Any) -> tuple[list[Generation], list[Form]]:
    """The rows in force; read anew when a file of the office changes (``stamp``)."""
    generations: dict[str, Generation] = {}
    forms: dict[tuple[str, str], Form] = {}
    texts = [(engine.SHIPPED / "forms.toml").read_text(encoding="utf-8")]
    own = engine.own_files().get("forms.toml")
    if own is not None:
        texts.append(own.read_text(encoding="utf-8"))
    for text in texts:
        rows = _rows(text, "forms.toml")
        for row in rows.get("generation", []):
            generation = _made(Generation, row)
            generations[generation.code] = generation
        for row in rows.get("form", []):
            form = _made(Form, row)
            if form.page not in PAGES:
                raise engine.BrokenTemplate(
                    f"Mẫu {form.kind}: khổ giấy «{form.page}» không có, chọn {', '.join(PAGES)}."
                )
            forms[form.kind, form.generation] = form
    return sorted(generations.values(), key=lambda g: g.valid_from), list(forms.values())


def _all() -> tuple[list[Generation], list[Form]]:
    return _read(engine.stamp())


def forms() -> list[Form]:
    """Every form in force, the office's rows over the shipped ones."""
    return _all()[1]


def generations() -> list[Generation]:
    """The circulars, the earliest first."""
    return _all()[0]


def generation_for(accepted: dt.date) -> Generation:
    """The circular for a dossier accepted on a day; what is older than the first takes the first."""
    found = generations()
    return next((g for g in reversed(found) if g.valid_from <= accepted), found[0])


def form_for(kind: str, accepted: dt.date) -> Form:
    """The form of a kind for a day of acceptance; NotFound where that circular has none (2018 has no stop notice)."""
    known = {(f.kind, f.generation): f for f in forms()}
    found = known.get((kind, "")) or known.get((kind, generation_for(accepted).code))
    if found is None:
        raise NotFound("Thông tư áp dụng cho ngày tiếp nhận này không có mẫu giấy đó.")
    return found


def has_form(kind: str, accepted: dt.date) -> bool:
    """Whether the circular of that day has a form of the kind."""
    try:
        form_for(kind, accepted)
    except NotFound:
        return False
    return True


# ---- what stands on the papers ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Head:
    """The letterhead: who issues it, its number, where and when."""

    above: str = ""
    agency: str
    number: str = ""
    place: str
    date: dt.date


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose dossier it is; empty fields print as dotted lines."""

    name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    id_text: str = ""
    submitter: str = ""


@dataclass(frozen=True, kw_only=True)
class PartLine:
    """One paper handed in."""

    name: str
    kind: str = ""
    copies: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper to print. ``link`` is what its QR says; without one there is no QR."""

    kind: ClassVar[str]
    head: Head
    code: str = ""
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Receipt(Paper):
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả. With empty fields it is a slip to be filled in by hand."""

    kind: ClassVar[str] = "receipt"
    desk: str
    owner: Owner
    request: str = ""
    parts: Sequence[PartLine] = ()
    sets: str = ""
    term: str = ""
    promised: str = ""
    received: dt.datetime | None = None
    appointed: dt.datetime | None = None
    result_method: str = ""
    fees: str = ""
    book: str = ""
    book_number: str = ""
    note: str = ""
    signer_left: str = ""
    officer: str = ""
    copies: Sequence[str] = ("",)


@dataclass(frozen=True, kw_only=True)
class Supplement(Paper):
    """Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ: one round of asking."""

    kind: ClassVar[str] = "supplement"
    owner: Owner
    request: str
    items: Sequence[str]
    reason: str
    round: int = 1
    basis: str = ""
    reply_by: dt.date | None = None
    contact: str = ""
    phone: str = ""
    officer: str = ""


@dataclass(frozen=True, kw_only=True)
class Refusal(Paper):
    """Phiếu từ chối tiếp nhận giải quyết hồ sơ."""

    kind: ClassVar[str] = "refusal"
    desk: str
    owner: Owner
    request: str
    reason: str
    signer_left: str = ""
    officer: str = ""


@dataclass(frozen=True, kw_only=True)
class Apology(Paper):
    """Phiếu xin lỗi và hẹn lại (2018); văn bản xin lỗi và đề nghị gia hạn (2025)."""

    kind: ClassVar[str] = "apology"
    owner: Owner
    request: str
    received: dt.datetime
    appointed: dt.datetime | None
    reason: str
    new_date: dt.date
    authority: Sequence[str]
    officer: str = ""
    term: str = ""
    extension: str = ""
    limit: str = ""
    history: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Stop(Paper):
    """Thông báo dừng giải quyết hồ sơ (2025)."""

    kind: ClassVar[str] = "stop"
    desk: str
    owner: Owner
    request: str
    received: dt.datetime
    stopped: dt.datetime
    reason: str
    authority: Sequence[str]
    officer: str = ""
    fees: str = ""


@dataclass(frozen=True, kw_only=True)
class Expired(Paper):
    """Thông báo hết thời hạn bổ sung: the applicant was asked and has not answered."""

    kind: ClassVar[str] = "expired"
    desk: str
    owner: Owner
    request: str
    round: int
    asked: dt.datetime
    waited: int
    items: Sequence[str]
    authority: Sequence[str]
    reply_by: dt.date | None = None
    ended: dt.datetime | None = None
    officer: str = ""


@dataclass(frozen=True, kw_only=True)
class ControlRow:
    """One hand-over of the dossier from hand to hand."""

    giver: str
    taker: str
    at: dt.datetime
    result: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Control(Paper):
    """Phiếu kiểm soát quá trình giải quyết hồ sơ."""

    kind: ClassVar[str] = "control"
    owner: Owner
    request: str
    received: dt.datetime
    appointed: dt.datetime | None
    agency: str
    partners: str = ""
    rows: Sequence[ControlRow] = ()


@dataclass(frozen=True, kw_only=True)
class RegisterRow:
    """One line of the register; dates as they are to be read."""

    number: str
    code: str
    procedure: str
    sets: int
    name: str
    contact: str
    agency: str
    received: str
    appointed: str
    returned: str
    method: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Register(Paper):
    """Sổ theo dõi hồ sơ of one desk over a span of days; voided codes stay in it."""

    kind: ClassVar[str] = "register"
    span: str
    rows: Sequence[RegisterRow]
    returned: int
    voided: int = 0
    officer: str = ""


@dataclass(frozen=True, kw_only=True)
class HandOverRow:
    """One dossier that changed hands."""

    code: str
    name: str
    procedure: str
    due: str
    state: str


@dataclass(frozen=True, kw_only=True)
class HandOver(Paper):
    """Biên bản bàn giao."""

    kind: ClassVar[str] = "handover"
    at: dt.datetime
    unit: str
    giver: str
    giver_name: str
    taker: str
    taker_name: str
    reason: str
    rows: Sequence[HandOverRow]
    maker: str = ""


@dataclass(frozen=True, kw_only=True)
class CashRow:
    """One sum received, in whole đồng."""

    receipt: str
    code: str
    payer: str
    what: str
    method: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class CashList(Paper):
    """Bảng kê thu trong ngày of one collector or desk. ``counted`` is the money in the drawer, where it was counted.

    Totals, by method too, and the sum in words are reckoned here from the rows.
    """

    kind: ClassVar[str] = "cash"
    span: str
    rows: Sequence[CashRow]
    collector: str = ""
    collector_name: str = ""
    counted: int | None = None


# ---- printing --------------------------------------------------------------------------------------------------------

# Fields that print a dotted line when nothing is known; any other empty moment stays "none" for the template to ask.
_ALWAYS = frozenset({"received", "appointed"})


def _plain(value: Any, name: str = "") -> Any:
    """What a template sees of a value: strings cleaned, moments in words. Pure."""
    if value is None:
        return BLANK if name in _ALWAYS else None
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dt.datetime):
        return moment_words(value)
    if isinstance(value, dt.date):
        return day_words(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name), f.name) for f in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _cash(paper: CashList) -> dict[str, Any]:
    total = sum(row.amount for row in paper.rows)
    by_method: dict[str, list[int]] = {}
    for row in paper.rows:
        by_method.setdefault(row.method, []).append(row.amount)
    counted = paper.counted
    return {
        "rows": [{**_plain(row), "amount": amount(row.amount)} for row in paper.rows],
        "total": amount(total),
        "words": amount_words(total),
        "methods": [
            {"method": printable(m), "count": amount(len(sums)), "amount": amount(sum(sums))}
            for m, sums in by_method.items()
        ],
        "counted": "" if counted is None else amount(counted),
        "difference": "" if counted is None else amount(counted - total),
    }


def data_of(paper: Paper, form: Form, basis: str = "") -> dict[str, Any]:
    """The data a template sees as ``d``. Pure."""
    found: dict[str, Any] = _plain(paper)
    if isinstance(paper, CashList):
        found.update(_cash(paper))
    found["qr"] = qr.svg(paper.link) if paper.link else ""
    found["form"] = {
        "generation": form.generation,
        "number": form.number,
        "title": form.title,
        "page": form.page,
        "symbol": form.symbol,
        "footer": f"{form.number}, {basis}" if form.number else "",
    }
    return found


def render(paper: Paper, *, accepted: dt.date, page: str = "", at: dt.datetime | None = None) -> bytes:
    """The paper as PDF, by the form for dossiers accepted on ``accepted``. ``page`` prints it on another size.

    Invalid for a page there is not; NotFound where that circular has no such form; BrokenTemplate. No query.
    """
    form = form_for(paper.kind, accepted)
    if page:
        if page not in PAGES:
            raise Invalid(f"Khổ giấy «{page}» không có; chọn {', '.join(PAGES)}.", field="page")
        form = dataclasses.replace(form, page=page)
    basis = next((g.basis for g in generations() if g.code == form.generation), "")
    return engine.pdf(form.template, data_of(paper, form, basis), at=at or clock.now())
