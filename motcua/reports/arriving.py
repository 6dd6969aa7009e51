"""A Word file from outside: refused where it could do harm, else its parts in memory. Pure, no network, no macro run.

What is refused: macros, embedded objects, anything fetched from elsewhere, fields that fetch or run, foreign chunks,
document types (entities), archives that unpack to far more than they are, broken or encrypted ones.
"""

import io
import re
import zipfile
from collections.abc import Mapping

from lxml import etree

from motcua.core.errors import Invalid

LARGEST = 10 * 1024 * 1024
_UNPACKED = 60 * 1024 * 1024
_MEMBERS = 1_000
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BODY = "word/document.xml"
_MACROS = ("vbaproject.bin", "vbadata.xml", "vbaprojectsignature.bin")
_OBJECTS = ("word/embeddings/", "word/activex/", "word/controls/")
# Fields that read another file, start a program or ask a server; the others (PAGE, TOC, REF …) stay.
_FIELDS = re.compile(r"^\s*(DDE|DDEAUTO|LINK|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|DATABASE|MACROBUTTON)\b", re.I)


def opened(content: bytes) -> dict[str, bytes]:
    """The parts of a .docx by name. :class:`Invalid` says in a sentence what it carries that is not taken in."""
    if len(content) > LARGEST:
        raise _refused(f"Tệp lớn quá {LARGEST // 1024 // 1024} MB, không nhận.", "too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = _unpacked(archive)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
        raise _refused("Tệp hỏng hoặc không phải tệp Word (.docx).", "not_docx") from error
    if _BODY not in parts or "[Content_Types].xml" not in parts:
        raise _refused("Tệp này không phải tệp Word (.docx).", "not_docx")
    _refuse_by_name(parts)
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            _refuse_by_content(name, part)
    return parts


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(members) > _MEMBERS or sum(member.file_size for member in members) > _UNPACKED:
        raise _refused("Tệp này khi mở ra quá lớn, không nhận.", "zip_bomb")
    if len({name.casefold() for name in names}) != len(names):
        raise _refused("Tệp này có hai phần cùng tên, không nhận.", "not_docx")
    parts, left = {}, _UNPACKED
    for member in members:
        if member.flag_bits & 1:
            raise _refused("Tệp đặt mật khẩu, không đọc được. Hãy gửi bản không đặt mật khẩu.", "locked")
        with archive.open(member) as file:
            # What the archive says of its sizes need not be true.
            part = file.read(left + 1)
        left -= len(part)
        if left < 0:
            raise _refused("Tệp này khi mở ra quá lớn, không nhận.", "zip_bomb")
        parts[member.filename] = part
    return parts


def _refuse_by_name(parts: Mapping[str, bytes]) -> None:
    for name in map(str.lower, parts):
        if name.endswith(_MACROS):
            raise _refused("Tệp có chứa macro, không nhận. Hãy lưu lại thành .docx không có macro.", "macro")
        if name.startswith(_OBJECTS) or "oleobject" in name:
            raise _refused("Tệp có nhúng đối tượng (bảng tính, tệp khác), không nhận. Hãy bỏ đối tượng đó.", "embedded")


def _refuse_by_content(name: str, part: bytes) -> None:
    root = parsed(part, name)
    if name == "[Content_Types].xml" and b"macroenabled" in part.lower():
        raise _refused("Tệp có chứa macro, không nhận. Hãy lưu lại thành .docx không có macro.", "macro")
    if name.endswith(".rels"):
        for each in root:
            kind, target = str(each.get("Type", "")), str(each.get("Target", ""))
            if "vbaProject" in kind:
                raise _refused("Tệp có chứa macro, không nhận.", "macro")
            if kind.endswith(("/aFChunk", "/oleObject", "/package", "/control", "/subDocument")):
                raise _refused("Tệp có nhúng nội dung của tệp khác, không nhận.", "embedded")
            if each.get("TargetMode") == "External" and not (
                kind.endswith("/hyperlink") and target.lower().startswith(("http://", "https://", "mailto:"))
            ):
                raise _refused(
                    "Tệp có liên kết tự lấy nội dung từ nơi khác, không nhận. Hãy chèn thẳng hình vào tệp, "
                    "và bỏ mẫu (template) gắn ngoài.",
                    "external",
                )
    for each in root.iter(f"{W}instrText", f"{W}fldSimple", f"{W}altChunk", f"{W}object"):
        if each.tag in (f"{W}altChunk", f"{W}object"):
            raise _refused("Tệp có nhúng nội dung của tệp khác, không nhận.", "embedded")
        if _FIELDS.match(each.get(f"{W}instr") or each.text or ""):
            raise _refused("Tệp có trường tự lấy nội dung hoặc chạy lệnh (DDE, INCLUDE…), không nhận.", "field")


def parsed(part: bytes, name: str) -> etree._Element:
    """The XML of a part, without entities. :class:`Invalid` where it is broken or brings a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(part, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused(f"Tệp hỏng: phần {name} không đọc được.", "not_docx") from error
    if root.getroottree().docinfo.doctype:
        raise _refused("Tệp có khai báo kiểu tài liệu (DTD), không nhận.", "doctype")
    return root


def _refused(message: str, code: str) -> Invalid:
    return Invalid(message, code=code, field="file")


__all__ = ["LARGEST", "W", "opened", "parsed"]
