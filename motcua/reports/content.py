"""What a report's document says now: its head, its frozen figures, the last version of each section, its annex."""

from collections.abc import Mapping

from django.conf import settings
from django.db.models import Max

from motcua.core import clock
from motcua.indicators.queries import Line
from motcua.org.models import Unit
from motcua.papers import files
from motcua.papers.words import long_day
from motcua.reports import charts, compiling, pdf, reading, tags, types, word
from motcua.reports.figures import Figure
from motcua.reports.letterhead import letterhead_of
from motcua.reports.marks import Section
from motcua.reports.models import Cut, FrozenFigure, Report, ReportSection, ReportTemplate, State
from motcua.reports.signing import lines, symbol
from motcua.reports.types import Type
from motcua.reports.word import AnnexRow, Content, Head

DRAFT = "DỰ THẢO"
_SIGNED = frozenset({State.SIGNED, State.NUMBERED, State.SENT})


def latest(report: Report) -> dict[str, ReportSection]:
    """The last version of each section by key, with who wrote it. One statement."""
    newest = report.sections.values("key").annotate(last=Max("pk")).values("last")
    rows = ReportSection.objects.filter(pk__in=newest).select_related("by", "copied_from")
    return {row.key: row for row in rows}


def titles(kind: Type) -> dict[str, str]:
    """Key → title of every section of a type. No SQL."""
    return {item.key: item.title for item in types.outlines()[kind.outline].sections}


def content(report: Report) -> Content:
    """Everything the document prints. At most ten statements. ValueError where no figures are frozen yet."""
    kind, cut = types.type_of(report.type), report.cut
    if cut is None:
        raise ValueError("no figures are frozen")
    figures = compiling.frozen(cut)
    written = latest(report)
    return Content(
        head=_head(report, kind),
        unit=report.unit.name,
        period=period(report),
        first=report.first,
        last=report.last,
        source=source(report, cut),
        doubts=tuple(doubts(cut, figures)),
        figures=figures,
        sections={
            item.key: Section(
                item.key,
                item.title,
                written[item.key].version if item.key in written else 0,
                written[item.key].text if item.key in written else "",
            )
            for item in types.outlines()[kind.outline].sections
        },
        annex_title="PHỤ LỤC SỐ LIỆU",
        annex=tuple(annex(report, figures, compiling.lines_of(kind, report.last))),
        stamp=cut.at,
    )


def _head(report: Report, kind: Type) -> Head:
    letter = letterhead_of(report.unit, report.last)
    signed = report.state in _SIGNED
    day = long_day(report.issued_on) if report.issued_on else f"ngày      tháng      năm {report.last.year}"
    return Head(
        above=letter.above,
        issuer=letter.issuer,
        number=f"{report.number:02d}" if report.number else "      ",
        symbol=report.symbol or symbol(report.unit, report.last),
        place=letter.place,
        day=day,
        noun=kind.noun,
        subject=kind.subject.format(ky=period(report), don_vi=report.unit.name),
        addressees=kind.addressees,
        authority=tuple(report.authority) or tuple(lines(report.unit, "TM", "")),
        signer=report.signer.full_name if signed and report.signer else "",
        receivers=(*kind.receivers, "Lưu: VT."),
        draft="" if signed else DRAFT,
    )


def period(report: Report) -> str:
    """The window in the middle of a sentence: «6 tháng đầu năm 2023». No SQL."""
    label = report.label
    return label[:1].lower() + label[1:] if not label[:2].isupper() else label


def source(report: Report, cut: Cut) -> str:
    """The line at the foot of every page. No SQL."""
    return (
        f"Báo cáo {report.pk}, bản chốt {cut.n}, mã kiểm {cut.digest[:12]}; số liệu tính đến hết ngày "
        f"{cut.counted_to:%d/%m/%Y}"
    )


def doubts(cut: Cut, figures: Mapping[str, Figure]) -> list[str]:
    """What a reader must know of the figures. No SQL."""
    found = []
    if cut.kind == Cut.Kind.ESTIMATE:
        found.append(f"Số liệu trong báo cáo là số ước, tính đến hết ngày {cut.counted_to:%d/%m/%Y}.")
    return found


def annex(report: Report, figures: Mapping[str, Figure], shown: "list[Line]") -> list[AnnexRow]:
    """The rows of the annex: the lines of the form; without a form every figure, in its order. No SQL."""
    places = {code: n for n, code in enumerate(figures, start=1)}
    if not shown:
        return [AnnexRow(str(n), figure.name, figure, mark(report, n)) for n, figure in enumerate(figures.values(), 1)]
    rows = []
    for line in shown:
        if line.meaning is None:
            rows.append(AnnexRow(line.number, line.heading))
        elif line.code in figures:
            rows.append(AnnexRow(line.number, line.meaning.name, figures[line.code], mark(report, places[line.code])))
    return rows


def mark(report: Report, position: int) -> str:
    """The short code of a figure in the annex: report and place, «7-12»; typed or pressed, it leads to its page."""
    return f"{report.pk}-{position}"


def addresses(report_pk: int, figures: Mapping[str, Figure]) -> dict[str, str]:
    """Code → the address of a figure's page, where the office has said what its address is (MOTCUA_ADDRESS). No SQL."""
    base = settings.ADDRESS.rstrip("/")
    if not base:
        return {}
    return {code: f"{base}/bao-cao/so/{report_pk}-{n}/" for n, code in enumerate(figures, start=1)}


# ---- files ----------------------------------------------------------------------------------------------------------


def as_word(report: Report) -> bytes:
    """The Word file as it would be now. About a dozen statements."""
    return word.document(content(report), template_of(report, types.type_of(report.type)))


def as_pdf(made: Content, document: bytes) -> bytes:
    """The PDF of a Word file just rendered. No SQL."""
    first = next((row.mark for row in made.annex if row.mark), "0-0")
    report_pk = int(first.partition("-")[0])
    return pdf.pdf(
        reading.read(document),
        title=made.head.subject,
        author=made.unit,
        stamp=made.stamp,
        addresses=addresses(report_pk, made.figures) if report_pk else {},
        charts=charts.of(made.annex),
    )


def template_of(report: Report, kind: Type) -> bytes:
    """The Word template a report is printed with: the unit's own, else the shipped one. One statement."""
    own = own_template(report.unit, kind.outline)
    if own is not None and own.blob is not None:
        with files.read(own.blob) as file:
            return file.read()
    return word.shipped(kind.template)


def own_template(unit: Unit, outline: str) -> ReportTemplate | None:
    """The unit's own template of an outline, where it has one now. One statement."""
    rows = ReportTemplate.objects.filter(unit=unit, outline=outline).select_related("blob", "by")
    found = rows.order_by("-pk").first()
    return found if found is not None and found.blob_id is not None else None


def check_template(outline: str, file: bytes) -> tags.Checked:
    """Hold a template against what the reports of an outline have: those of every type that is printed with it.

    Figures are those of the sentences and of the forms. :class:`Invalid` for a file that is not taken in at all.
    """
    codes: set[str] = set(types.outlines()[outline].codes)
    for kind in types.types().values():
        if kind.outline == outline and kind.form:
            codes |= {line.code for line in compiling.lines_of(kind, clock.today()) if line.meaning}
    keys = [item.key for item in types.outlines()[outline].sections]
    return word.checked(file, sorted(codes), keys)


def figure_at(report: Report, position: int) -> FrozenFigure | None:
    """The frozen figure with that place in the annex's codes. One statement."""
    if report.cut_id is None:
        return None
    return FrozenFigure.objects.filter(cut=report.cut_id, position=position - 1).select_related("unit", "cut").first()


__all__ = [
    "addresses", "annex", "as_pdf", "as_word", "check_template", "content", "doubts", "figure_at", "latest", "mark",
    "own_template", "period", "source", "template_of", "titles",
]  # fmt: skip
