"""What a report's Word template may say, and an engine that can do nothing else. Pure.

Templates are docxtpl's, but of a closed language: a name from :data:`NAMES`, a figure ``so.CODE``, a section
``phan.KEY``, ``if`` over those, ``for`` over a list of :data:`LISTS`. Anything else (calls, filters, indexes, walking
from attribute to attribute) is refused before it is run, and the engine underneath knows no functions and no
attributes.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from motcua.core.errors import Invalid

NAMES: Mapping[str, str] = {
    "co_quan_tren": "cơ quan chủ quản (UBND thì để trống)",
    "so": "số văn bản; trống khi văn thư chưa cấp",
    "ky_hieu": "ký hiệu, ví dụ /BC-UBND",
    "dia_danh": "địa danh",
    "ngay": "ngày tháng năm, ví dụ «ngày 01 tháng 6 năm 2023»; trống chỗ khi chưa vào số",
    "quoc_hieu": "Quốc hiệu",
    "tieu_ngu": "Tiêu ngữ",
    "ten_loai": "tên loại văn bản",
    "trich_yeu": "trích yếu",
    "don_vi": "tên đơn vị báo cáo",
    "ky_bao_cao": "tên kỳ, ví dụ «6 tháng đầu năm 2023»",
    "tu_ngay": "ngày đầu kỳ",
    "den_ngay": "ngày cuối kỳ",
    "nguoi_ky": "họ tên người ký",
    "nguon": "dòng cuối trang: bản chốt, mã kiểm, tính đến đâu",
    "du_thao": "chữ «DỰ THẢO» cho tới khi ký; sau đó trống",
    "phu_luc_tieu_de": "tiêu đề phụ lục",
}
LISTS: Mapping[str, tuple[str, ...]] = {
    "co_quan": (),
    "kinh_gui": (),
    "luu_y": (),
    "quyen_han": (),
    "noi_nhan": (),
    "phu_luc": ("stt", "ten", "dvt", "ky_nay", "ky_truoc", "cung_ky", "tu_den", "ma", "nhom", "la_nhom"),
}
FIGURES, SECTIONS = "so_lieu", "phan"


@dataclass(frozen=True, slots=True)
class Tag:
    """A name a template uses: ``ten_loai``, ``so_lieu.C_11``, ``phan.ii_2``."""

    place: str  # "" for a plain name, FIGURES, SECTIONS, or the loop's own name
    name: str

    def __str__(self) -> str:
        return f"{self.place}.{self.name}" if self.place else self.name


@dataclass(frozen=True, slots=True)
class Checked:
    """What a template asks for that the report does not have, and what the report has that it does not print."""

    unknown: tuple[str, ...]
    unused_figures: tuple[str, ...]
    unused_sections: tuple[str, ...]


class Engine(ImmutableSandboxedEnvironment):
    """Jinja without functions, filters, tests, globals and attributes; it looks names up in mappings and nowhere else.

    Every template it compiles is first held against the closed language; :class:`Invalid` names what is not of it.
    """

    def __init__(self) -> None:
        super().__init__(autoescape=True)
        for table in (self.globals, self.filters, self.tests):
            table.clear()
        # The compiler itself asks for these two when it escapes and joins.
        self.seen: list[Tag] = []

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Any:
        tree = self._read(source)
        self.seen += _tags(tree)
        return super().from_string(source, *args, **kwargs)

    def _read(self, source: str) -> nodes.Template:
        try:
            return self.parse(source)
        except TemplateSyntaxError as error:
            raise Invalid(f"Thẻ trong mẫu viết chưa đúng: {error.message}.", code="bad_tag", field="file") from error

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        raise SecurityError("no indexes")

    def call(self, *args: Any, **kwargs: Any) -> Any:
        raise SecurityError("no calls")

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def _tags(tree: nodes.Node, loops: Mapping[str, str] | None = None) -> Iterator[Tag]:
    """Every name used, in order. Invalid at the first thing that is not of the language."""
    loops = loops or {}
    for node in tree.iter_child_nodes():
        yield from _of(node, loops)


def _of(node: nodes.Node, loops: Mapping[str, str]) -> Iterator[Tag]:
    if isinstance(node, nodes.TemplateData | nodes.Const):
        return
    if isinstance(node, nodes.Name):
        yield Tag("", node.name)
    elif (
        isinstance(node, nodes.Getattr)
        and isinstance(node.node, nodes.Name)
        and node.node.name in {FIGURES, SECTIONS, *loops}
    ):
        yield Tag(loops.get(node.node.name, node.node.name), node.attr)
    elif isinstance(node, nodes.For):
        if not (isinstance(node.target, nodes.Name) and isinstance(node.iter, nodes.Name)) or node.test or node.else_:
            raise _foreign("for")
        yield Tag("", node.iter.name)
        inner = {**loops, node.target.name: node.iter.name}
        for child in node.body:
            yield from (tag for tag in _of(child, inner) if not (tag.place == "" and tag.name == node.target.name))
    elif isinstance(node, nodes.Output | nodes.If | nodes.Not | nodes.And | nodes.Or):
        for child in node.iter_child_nodes():
            yield from _of(child, loops)
    else:
        raise _foreign(type(node).__name__)


def _foreign(what: str) -> Invalid:
    return Invalid(
        "Mẫu chỉ được dùng tên, số liệu, phần và «if», «for» đơn giản; có chỗ dùng lệnh khác "
        f"({what}). Xem «Viết mẫu báo cáo».",
        code="foreign_tag",
        field="file",
    )


def check(seen: Collection[Tag], figures: Mapping[str, str], sections: Collection[str]) -> Checked:
    """Hold the names a template uses against those a report has. ``figures``: name in a template → code."""
    unknown = []
    for tag in dict.fromkeys(seen):
        known = {"": {*NAMES, *LISTS}, FIGURES: set(figures), SECTIONS: set(sections)}.get(tag.place)
        if tag.place in LISTS:
            known = set(LISTS[tag.place])
        if known is None or tag.name not in known:
            unknown.append(str(tag))
    used = {tag.name for tag in seen if tag.place == FIGURES}
    shown = {tag.name for tag in seen if tag.place == SECTIONS}
    # The annex prints every figure; without it each must be somewhere in the text.
    annexed = any(tag == Tag("", "phu_luc") for tag in seen)
    return Checked(
        tuple(unknown),
        () if annexed else tuple(code for name, code in figures.items() if name not in used),
        tuple(key for key in sections if key not in shown),
    )


__all__ = ["FIGURES", "LISTS", "NAMES", "SECTIONS", "Checked", "Engine", "Tag", "UndefinedError", "check"]
