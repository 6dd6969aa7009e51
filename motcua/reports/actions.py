"""What is done with reports: opened, frozen, written, signed, numbered, sent. Each act is one transaction."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from motcua.core import clock
from motcua.core.errors import Conflict, Invalid, NotAllowed, NotFound
from motcua.core.series import next_number
from motcua.core.text import clean
from motcua.core.verbs import verb
from motcua.indicators import windows
from motcua.org import queries as org
from motcua.org.models import Duty, Succession, Unit, UnitKind, User
from motcua.papers import files
from motcua.reports import comparing, compiling, content, cutting, figures, flow, marks, reading, signing, types, word
from motcua.reports.models import (
    Cut,
    FrozenFigure,
    Report,
    ReportAct,
    ReportFile,
    ReportSection,
    ReportTemplate,
    State,
)

# Duties held at these count for the committee they serve.
_SERVING = (UnitKind.OFFICE, UnitKind.POINT)


def held_at(user: User, unit: Unit, day: dt.date) -> frozenset[Duty]:
    """The duties of a person at a unit or an office of it; those above do not make its reports, and those
    who succeeded it do. At most three statements."""
    mine = org.duties(user, day)
    serving = {unit.pk}
    if any(at.pk != unit.pk for _, at in mine):
        serving |= {each.pk for each in org.children(unit, day) if each.kind in _SERVING}
        if unit.valid_to is not None and unit.valid_to < day:
            # What it left unfinished, its successors finish.
            serving |= set(Succession.objects.filter(old=unit, day__lte=day).values_list("new", flat=True))
    return frozenset(Duty(duty) for duty, at in mine if at.pk in serving)


# ---- opening --------------------------------------------------------------------------------------------------------


@verb
def open_report(*, actor: User, type_code: str, unit: Unit, first: dt.date, last: dt.date) -> Report:
    """Begin a report of a window; its text starts from the last report of the same type and unit. About 12 statements.

    :class:`Invalid` for days that are no window of the type, a kind of unit that does not make it, or one that exists.
    """
    kind = types.type_of(type_code)
    if unit.kind not in kind.kinds:
        raise Invalid(f"«{unit.name}» không lập loại báo cáo «{kind.name}».", code="wrong_unit", field="unit")
    rule = compiling.rule_of(kind.rule)
    window = windows.recognise(first, last, [rule])
    if window.rule != rule.code:
        raise Invalid(f"«{kind.name}» không có kỳ từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}.", code="no_window")
    _refuse_unit_not_there(unit, window.last)
    duty = _duty(actor, unit, kind, "write")
    there = Report.objects.filter(type=type_code, unit=unit, first=first, last=last).exclude(state=State.CANCELLED)
    if there.exists():
        raise Invalid(f"«{kind.name}» {window.label} của {unit.name} đã lập rồi.", code="report_exists", field="first")
    earlier = (
        Report.objects.filter(type=type_code, unit=unit, last__lt=last)
        .exclude(state=State.CANCELLED)
        .order_by("-last", "-pk")
        .first()
    )
    made = Report.objects.create(
        type=type_code,
        unit=unit,
        rule=rule.code,
        first=first,
        last=last,
        label=window.label,
        due=kind.due.on(last),
        earlier=earlier,
        created_at=clock.now(),
        created_by=actor,
    )
    if earlier is not None:
        _copy_text(earlier, made, types.outlines()[kind.outline])
    _act(made, "open", actor, duty)
    return made


def _refuse_unit_not_there(unit: Unit, day: dt.date) -> None:
    if unit.valid_from > day or (unit.valid_to is not None and unit.valid_to < day):
        raise Invalid(f"«{unit.name}» không tồn tại vào ngày cuối kỳ {day:%d/%m/%Y}.", code="wrong_unit", field="unit")


def _copy_text(earlier: Report, made: Report, outline: types.Outline) -> None:
    """What people wrote last time, as the first version; what the figures said then they will say anew."""
    known = {item.key for item in outline.sections}
    ReportSection.objects.bulk_create(
        ReportSection(
            report=made, key=key, version=1, text=row.text, copied_from=earlier, at=clock.now(), by_id=row.by_id
        )
        for key, row in content.latest(earlier).items()
        if key in known and row.by_id is not None and row.text
    )


# ---- figures --------------------------------------------------------------------------------------------------------


@verb
def cut(*, actor: User, report: int) -> Cut:
    """Chốt số liệu: freeze every figure as known now, before the text is drafted. Before the window's last day they are
    an estimate. About 120 statements, whatever the number of units and figures.

    May be repeated while it is a draft: each cut is kept, the last one is printed.
    """
    row, kind, duty = _begin(actor, report, "cut")
    made = cutting.freeze(row, kind, actor, completes=None)
    row.cut, row.state = made, State.DRAFT
    row.save(update_fields=["cut", "state"])
    _redraft(row, kind, compiling.frozen(made))
    _act(row, "cut", actor, duty, note=f"Lần {made.n}, {made.get_kind_display().lower()}")
    return made


@verb
def complete(*, actor: User, report: int) -> Cut:
    """The official figures of a report that went out with an estimate: a completion, no restatement; both stay.

    While it is still a draft it then prints the official ones. :class:`Invalid` before the last day, or where nothing
    is to be completed.
    """
    row, kind, duty = _begin(actor, report, "complete")
    if not flow.official(row.last, clock.today()):
        raise Invalid(f"Kỳ này hết ngày {row.last:%d/%m/%Y} mới có số chính thức.", code="too_early")
    estimate = row.cuts.order_by("-n").first()
    if estimate is None or estimate.kind != Cut.Kind.ESTIMATE:
        raise Invalid("Số của báo cáo này đã là số chính thức.", code="nothing_to_complete")
    made = cutting.freeze(row, kind, actor, completes=estimate)
    if row.state == State.DRAFT:
        row.cut = made
        row.save(update_fields=["cut"])
        _redraft(row, kind, compiling.frozen(made))
    _act(row, "complete", actor, duty, note=f"Lần {made.n}")
    return made


# ---- text -----------------------------------------------------------------------------------------------------------


def tidy(text: str) -> str:
    """A section's text as it is kept: NFC, one paragraph a line, no empty lines."""
    lines = (clean(marks.plain(line)) for line in text.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


@verb
def write_section(*, actor: User, report: int, key: str, text: str, seen: int) -> ReportSection:
    """Keep a new version of a section. ``seen`` is the version it was written on (0: none): :class:`Conflict` where
    somebody else has written since, and nothing is lost of either."""
    row, kind, _ = _begin(actor, report, "write")
    types.outlines()[kind.outline].section(key)
    given = tidy(text)
    if len(given) > 20_000:
        raise Invalid("Phần này dài quá 20.000 ký tự.", code="too_long", field="text")
    if row.cut is not None:
        wrong = figures.unknown(given, FrozenFigure.objects.filter(cut=row.cut).values_list("code", flat=True))
        if wrong:
            raise Invalid(
                f"Không có số liệu {', '.join(wrong[:5])} trong báo cáo này. Xem mã ở bảng số liệu.",
                code="unknown_figure",
                field="text",
            )
    latest = content.latest(row).get(key)
    return _written(row, key, given, seen, latest, actor)


@verb
def redraft_section(*, actor: User, report: int, key: str, seen: int) -> ReportSection:
    """Let the figures speak for themselves again in a section that had been written over."""
    row, kind, _ = _begin(actor, report, "write")
    item = types.outlines()[kind.outline].section(key)
    if row.cut is None:
        raise Invalid("Chốt số liệu rồi mới có câu viết theo số liệu.", code="no_cut")
    text = types.drafted(item, compiling.frozen(row.cut))
    return _written(row, key, text, seen, content.latest(row).get(key), None)


def _written(
    row: Report, key: str, text: str, seen: int, latest: ReportSection | None, by: User | None
) -> ReportSection:
    version = latest.version if latest else 0
    if version != seen:
        who = latest.by.full_name if latest and latest.by else "hệ thống"
        raise Conflict(
            f"Phần này đã có người sửa từ lúc bạn mở: {who}, lần sửa {version}. Chép lời của bạn ra, xem bản mới rồi "
            "ghi lại.",
            code="section_changed",
        )
    if latest is not None and latest.text == text and (latest.by_id is None) == (by is None):
        return latest
    return ReportSection.objects.create(report=row, key=key, version=version + 1, text=text, at=clock.now(), by=by)


def _redraft(row: Report, kind: types.Type, frozen: Mapping[str, figures.Figure]) -> None:
    """Sections that nobody has written over say what the new figures say."""
    latest = content.latest(row)
    for item in types.outlines()[kind.outline].sections:
        there = latest.get(item.key)
        if item.sentences and (there is None or there.by_id is None):
            text = types.drafted(item, frozen)
            if there is None or there.text != text:
                version = there.version + 1 if there else 1
                ReportSection.objects.create(report=row, key=item.key, version=version, text=text, at=clock.now())


@verb
def take_back_word(*, actor: User, report: int, file: bytes) -> ReportFile:
    """The edited Word file comes back: its prose is kept as new versions, a changed figure is refused with its place.

    :class:`Invalid` lists every figure that differs; :class:`Conflict` names a section that was changed here meanwhile.
    """
    row, kind, duty = _begin(actor, report, "write")
    if row.cut is None:
        raise Invalid("Báo cáo chưa chốt số liệu, chưa có bản Word nào để sửa.", code="no_cut", field="file")
    made = content.content(row)
    titles = content.titles(kind)
    back = reading.read(file, reading.idents(made.figures))
    sent = reading.read(word.document(made, content.template_of(row, kind)))
    found = comparing.compare(back, sent, made.figures, titles)
    if not found.sections:
        raise Invalid("Tệp này không phải bản Word lấy từ báo cáo này.", code="not_this_report", field="file")
    if found.problems or found.lost:
        raise Invalid(_said(found), code="figures_changed", field="file")
    changed = _take(row, found.sections, titles, actor)
    blob = files.store_bytes(file)
    note = ("Sửa: " + ", ".join(changed)) if changed else "Không có gì khác"
    if found.outside:
        note += f". Ngoài các phần, không giữ: {'; '.join(found.outside[:5])}"
    _act(row, "return", actor, duty, note=note[:500])
    return ReportFile.objects.create(
        report=row, kind=ReportFile.Kind.RETURNED, blob=blob, cut=row.cut, state=row.state, at=clock.now(), by=actor
    )


def _said(found: comparing.Returned) -> str:
    said = [str(problem) for problem in found.problems[:10]]
    if len(found.problems) > 10:
        said.append(f"và {len(found.problems) - 10} chỗ nữa")
    if found.lost:
        said.append(f"mất dấu của phần {', '.join(f'«{title}»' for title in found.lost)}")
    return f"Không nhận: {'; '.join(said)}. Số đã chốt không sửa trong Word được; số sai thì sửa ở nguồn rồi chốt lại."


def _take(row: Report, sections: Mapping[str, tuple[int, str]], titles: Mapping[str, str], actor: User) -> list[str]:
    """Keep what was written; the titles of the sections that changed."""
    latest = content.latest(row)
    versions = {(each.key, each.version): each.text for each in row.sections.all()}
    changed = []
    for key, (version, typed) in sections.items():
        if key not in titles:
            continue
        text, there = tidy(typed), latest.get(key)
        if text == versions.get((key, version), "") or (there is not None and text == there.text):
            continue  # nobody touched it in Word, or the same file came twice
        if (there.version if there else 0) != version:
            raise Conflict(
                f"Phần «{titles[key]}» đã được sửa trên máy chủ sau khi lấy bản Word này (lần sửa {version}). Ghép lời "
                "hai bên bằng tay.",
                code="section_changed",
            )
        _written(row, key, text, version, there, actor)
        changed.append(titles[key])
    return changed


# ---- on its way -----------------------------------------------------------------------------------------------------


@verb
def submit(*, actor: User, report: int) -> Report:
    """Trình ký: from here on nothing moves until it is signed or given back."""
    row, _, duty = _begin(actor, report, "submit")
    row.state, row.submitted_by = State.SUBMITTED, actor
    row.save(update_fields=["state", "submitted_by"])
    _act(row, "submit", actor, duty)
    return row


@verb
def give_back(*, actor: User, report: int, reason: str) -> Report:
    """Chuyển lại để sửa: the leader hands it back with a reason."""
    return _moved(actor, report, "give_back", reason)


@verb
def take_back(*, actor: User, report: int) -> Report:
    """Rút lại để sửa: whoever keeps it takes it back before it is signed."""
    return _moved(actor, report, "take_back", "")


@verb
def cancel(*, actor: User, report: int, reason: str) -> Report:
    """Hủy: a report that was never numbered; the window may then be reported anew."""
    return _moved(actor, report, "cancel", reason)


def _moved(actor: User, report: int, name: str, reason: str) -> Report:
    row, _, duty = _begin(actor, report, name)
    step, said = flow.STEPS[name], clean(reason)
    if step.reason and not said:
        raise Invalid("Ghi lý do.", code="no_reason", field="reason")
    assert step.to is not None
    row.state = step.to
    row.save(update_fields=["state"])
    _act(row, name, actor, duty, note=said[:500])
    return row


@verb
def sign(*, actor: User, report: int, authority: str, title: str = "", signed_on: dt.date | None = None) -> Report:
    """Ký: the leader has read and signed it, with the authority TM., KT., TL., TUQ. or Q.

    :class:`NotAllowed` for whoever submitted it, where the type wants two people.
    """
    row, kind, duty = _begin(actor, report, "sign")
    if kind.two_people and row.submitted_by_id == actor.pk:
        raise NotAllowed("Người trình không tự ký báo cáo này; cần hai người.", code="two_people")
    if duty == Duty.HEAD and row.unit.kind in org.TERRITORIAL_KINDS and authority in ("TM", "KT", "Q"):
        raise Invalid("Lãnh đạo phòng ký thay UBND bằng TL. hoặc TUQ.", code="wrong_authority", field="authority")
    day = signed_on or clock.today()
    if day > clock.today():
        raise Invalid("Ngày ký không thể ở sau hôm nay.", code="in_future", field="signed_on")
    row.authority = signing.lines(row.unit, authority, title or actor.title)
    row.state, row.signer, row.signed_on = State.SIGNED, actor, day
    row.save(update_fields=["state", "signer", "signed_on", "authority"])
    _act(row, "sign", actor, duty)
    return row


@verb
def number(*, actor: User, report: int, issued_on: dt.date | None = None, given: int | None = None) -> Report:
    """Vào số: văn thư gives the next number of the office's series of the year, or one given by another register.

    The document is rendered with it and both files are kept. :class:`Conflict` for a number that is taken.
    """
    row, kind, duty = _begin(actor, report, "number")
    day = issued_on or clock.today()
    if day > clock.today() or (row.signed_on and day < row.signed_on):
        raise Invalid("Ngày văn bản từ ngày ký đến hôm nay.", code="wrong_day", field="issued_on")
    row.symbol, row.year, row.issued_on = signing.symbol(row.unit, row.last), day.year, day
    row.number = _number(row, given)
    row.state = State.NUMBERED
    row.save(update_fields=["symbol", "year", "issued_on", "number", "state"])
    _keep_files(row, kind, actor)
    _act(row, "number", actor, duty, note=f"Số {row.number:02d}{row.symbol}")
    return row


def _number(row: Report, given: int | None) -> int:
    taken = set(
        Report.objects.filter(unit=row.unit, symbol=row.symbol, year=row.year, number__isnull=False).values_list(
            "number", flat=True
        )
    )
    if given is not None:
        if given < 1:
            raise Invalid("Số văn bản từ 1 trở lên.", code="wrong_number", field="given")
        if given in taken:
            raise Conflict(f"Số {given:02d}{row.symbol} năm {row.year} đã cấp rồi.", code="number_taken", field="given")
        return given
    assert row.year is not None
    series = f"reports.{row.unit_id}{row.symbol}"
    while (found := next_number(series, dt.date(row.year, 1, 1))) in taken:
        pass  # given by the office's other register before
    return found


def _keep_files(row: Report, kind: types.Type, actor: User) -> None:
    assert row.cut is not None
    made = content.content(row)
    text = word.document(made, content.template_of(row, kind))
    for name, bytes_ in ((ReportFile.Kind.WORD, text), (ReportFile.Kind.PDF, content.as_pdf(made, text))):
        ReportFile.objects.create(
            report=row,
            kind=name,
            blob=files.store_bytes(bytes_),
            cut=row.cut,
            state=row.state,
            at=clock.now(),
            by=actor,
        )


@verb
def send(*, actor: User, report: int, note: str = "") -> Report:
    """Gửi: the numbered report has gone up; from now on it counts as sent, in time or late."""
    row, _, duty = _begin(actor, report, "send")
    row.state, row.sent_at = State.SENT, clock.now()
    row.save(update_fields=["state", "sent_at"])
    _act(row, "send", actor, duty, note=clean(note)[:500])
    return row


# ---- templates ------------------------------------------------------------------------------------------------------


@verb
def keep_template(*, actor: User, unit: Unit, outline: str, file: bytes | None) -> ReportTemplate:
    """An office's own Word template of an outline from now on; without a file, the shipped one again.

    :class:`Invalid` for a file that is not safe, that says what is no tag of ours, or asks for what there is not.
    """
    if outline not in types.outlines():
        raise NotFound("Không có đề cương này.")
    held = held_at(actor, unit, clock.today())
    if not held & {Duty.REFORM, Duty.CONTROL}:
        raise NotAllowed("Mẫu báo cáo do đầu mối CCHC hoặc đầu mối KSTTHC của đơn vị giữ.")
    blob = None
    if file is not None:
        found = content.check_template(outline, file)
        if found.unknown:
            raise Invalid(f"Mẫu dùng tên không có: {', '.join(found.unknown[:10])}.", code="unknown_tag", field="file")
        blob = files.store_bytes(file)
    return ReportTemplate.objects.create(unit=unit, outline=outline, blob=blob, at=clock.now(), by=actor)


# ---- common ---------------------------------------------------------------------------------------------------------


def _begin(actor: User, report: int, name: str) -> tuple[Report, types.Type, Duty]:
    """Lock a report and check that this person may do this to it now. Four statements."""
    try:
        row = Report.objects.select_for_update(of=("self",)).select_related("unit", "cut").get(pk=report)
    except ObjectDoesNotExist:
        raise NotFound("Không có báo cáo này, hoặc không thuộc đơn vị của bạn.") from None
    kind = types.type_of(row.type)
    held = held_at(actor, row.unit, clock.today())
    _, duty = flow.check(name, State(row.state), kind, held)
    return row, kind, duty


def _duty(actor: User, unit: Unit, kind: types.Type, name: str) -> Duty:
    return flow.check(name, State.PREPARING, kind, held_at(actor, unit, clock.today()))[1]


def _act(row: Report, name: str, actor: User, duty: Duty, *, note: str = "") -> None:
    ReportAct.objects.create(report=row, verb=name, at=clock.now(), actor=actor, duty=duty, note=note)


__all__: Sequence[Any] = [
    "cancel", "complete", "cut", "give_back", "held_at", "keep_template", "number", "open_report", "redraft_section",
    "send", "sign", "submit", "take_back", "take_back_word", "tidy", "write_section",
]  # fmt: skip
