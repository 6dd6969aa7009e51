"""What the digital signatures in a PDF say: who signed, when, whether it holds. Offline, with roots the office trusts.

A file may be hostile, so :func:`examine_file` reads it in a process of its own with limits on time and memory;
:func:`examine` does the work. Verdicts: ``valid`` (intact and by somebody the office trusts), ``unknown`` (intact, but
whose it is cannot be told here), ``invalid`` (changed after signing, or the signature does not fit), ``unsigned``.
"""

import datetime as dt
import io
import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.text import clean

VALID, UNKNOWN, INVALID, UNSIGNED = "valid", "unknown", "invalid", "unsigned"
MOST_SIGNATURES = 30
_SECONDS = 40
_MEMORY = 1024 * 1024 * 1024

BROKEN = "Tệp PDF này hỏng, không đọc được. Hãy xuất lại từ phần mềm ký rồi gửi lại."
LOCKED = "Tệp PDF này đặt mật khẩu, không kiểm tra được chữ ký. Hãy gửi bản không đặt mật khẩu."
HEAVY = "Tệp PDF này quá nặng để kiểm tra chữ ký. Hãy xuất lại tệp gọn hơn rồi gửi lại."


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: the person and organisation of its certificate, when (the signer's own clock unless ``stamped``),
    the verdict and why."""

    name: str
    organisation: str
    signed_at: str  # ISO, empty where the file does not say
    stamped: bool
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class Examined:
    """The verdict of a whole file with its sentence, and its signatures in order."""

    verdict: str
    sentence: str
    signatures: list[Signature] = field(default_factory=list)


def roots_in(folder: Path) -> list[Any]:
    """The certificates an office trusts: every .pem, .crt and .cer file of a folder. Invalid names the one that is not.

    A file that cannot be read must be said: leaving it out silently would turn good signatures into unknown ones.
    """
    from pyhanko.keys import load_certs_from_pemder_data

    found: list[Any] = []
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() not in (".pem", ".crt", ".cer"):
                continue
            try:
                found += list(load_certs_from_pemder_data(path.read_bytes()))
            except (ValueError, OSError) as error:
                raise Invalid(f"Chứng thư tin cậy {path.name} không đọc được. Hãy báo quản trị hệ thống.") from error
    return found


def examine(content: bytes, roots: Sequence[Any], *, at: dt.datetime | None = None) -> Examined:
    """Look at every signature of a PDF. Invalid for a broken or locked file; no network, no query."""
    # pyHanko tells its log about every certificate it cannot follow; the verdict says it to the person instead.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        if reader.encrypted:
            raise Invalid(LOCKED, field="file", code="pdf_locked")
        embedded = list(reader.embedded_regular_signatures)
    except Invalid:
        raise
    except (PdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, RecursionError) as error:
        raise Invalid(BROKEN, field="file", code="pdf_broken") from error
    if len(embedded) > MOST_SIGNATURES:
        raise Invalid(f"Tệp này có hơn {MOST_SIGNATURES} chữ ký, không nhận.", field="file", code="pdf_broken")
    if not embedded:
        return Examined(UNSIGNED, "Tệp không có chữ ký số.")
    found = [_look(one, roots, at or clock.now()) for one in embedded]
    return Examined(*_together(found), found)


def _together(found: Sequence[Signature]) -> tuple[str, str]:
    """The verdict of the file: the worst of its signatures. Pure."""
    names = ", ".join(dict.fromkeys(s.name for s in found))
    worst = next(v for v in (INVALID, UNKNOWN, VALID) if any(s.verdict == v for s in found))
    why = next(s.why for s in found if s.verdict == worst)
    if worst == VALID:
        many = f"{len(found)} chữ ký số hợp lệ" if len(found) > 1 else "Chữ ký số hợp lệ"
        return worst, f"{many} của {names}; nội dung không thay đổi từ khi ký."
    return worst, why


def _look(one: Any, roots: Sequence[Any], at: dt.datetime) -> Signature:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    name, organisation, signed_at = _signer(one)

    def said(verdict: str, why: str, *, stamped: bool = False) -> Signature:
        return Signature(name, organisation, signed_at, stamped, verdict, why)

    context = ValidationContext(trust_roots=list(roots), allow_fetching=False, revocation_mode="soft-fail", moment=at)
    try:
        status = validate_pdf_signature(one, signer_validation_context=context, ts_validation_context=context)
    except Exception:  # whatever a forged structure makes the library say, the answer is the same
        return said(INVALID, f"Chữ ký của {name} hỏng, không kiểm tra được.")
    stamped = status.timestamp_validity is not None and bool(status.timestamp_validity.valid)
    if not status.intact:
        return said(INVALID, f"Nội dung đã bị sửa sau khi {name} ký.", stamped=stamped)
    if not status.valid:
        return said(INVALID, f"Chữ ký của {name} không khớp với chứng thư số.", stamped=stamped)
    if status.modification_level is None or status.modification_level == ModificationLevel.OTHER:
        return said(INVALID, f"Tệp đã được sửa thêm sau khi {name} ký.", stamped=stamped)
    if status.revoked:
        return said(INVALID, f"Chứng thư số của {name} đã bị thu hồi.", stamped=stamped)
    if status.trusted:
        return said(VALID, f"Chữ ký số của {name} hợp lệ.", stamped=stamped)
    return said(UNKNOWN, _why_unknown(one, name, roots, at), stamped=stamped)


def _why_unknown(one: Any, name: str, roots: Sequence[Any], at: dt.datetime) -> str:
    validity = one.signer_cert["tbs_certificate"]["validity"]
    if at > validity["not_after"].native:
        return f"Nội dung không thay đổi từ khi ký, nhưng chứng thư số của {name} đã hết hạn."
    if at < validity["not_before"].native:
        return f"Nội dung không thay đổi từ khi ký, nhưng chứng thư số của {name} chưa đến ngày hiệu lực."
    if not roots:
        return (
            f"Nội dung không thay đổi từ khi {name} ký. Chưa có chứng thư gốc tin cậy trên máy chủ nên chưa xác định "
            "được người ký."
        )
    return f"Nội dung không thay đổi từ khi ký, nhưng tổ chức cấp chứng thư của {name} không trong danh sách tin cậy."


def _signer(one: Any) -> tuple[str, str, str]:
    """(name, organisation, moment) as the certificate and the signature say; unverified text, cleaned."""
    try:
        subject = one.signer_cert.subject.native
        name = _first(subject.get("common_name")) or _first(subject.get("organization_name"))
        organisation = _first(subject.get("organization_name"))
    except Exception:  # a certificate that cannot be read has no name
        name, organisation = "", ""
    try:
        moment = one.self_reported_timestamp
    except Exception:  # nor has a signature whose time cannot be read a time
        moment = None
    if isinstance(moment, dt.datetime) and moment.tzinfo is not None:
        return name or "người không rõ tên", organisation, moment.astimezone(dt.UTC).isoformat()
    return name or "người không rõ tên", organisation, ""


def _first(value: Any) -> str:
    while isinstance(value, (list, tuple)) and value:
        value = value[-1]
    return clean(str(value))[:200] if value else ""


# ---- in a process of its own -----------------------------------------------------------------------------------------


def examine_file(path: Path, trust: Path, *, at: dt.datetime | None = None) -> Examined:
    """:func:`examine` of a file on disk, in a process with limits: a file made to exhaust the machine harms nobody.

    About a second. Invalid with a sentence for a broken, locked or too heavy file.
    """
    moment = (at or clock.now()).isoformat()
    command = [sys.executable, "-m", "motcua.papers.signatures", str(path), str(trust), moment]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Invalid(HEAVY, field="file", code="pdf_heavy") from error
    try:
        said = json.loads(done.stdout)
    except ValueError as error:
        raise Invalid(HEAVY, field="file", code="pdf_heavy") from error
    if "refused" in said:
        raise Invalid(said["refused"], field="file", code=said["code"])
    return Examined(said["verdict"], said["sentence"], [Signature(**row) for row in said["signatures"]])


def _limited() -> None:
    """Bound this process: memory and processor time. Where the system has no such limits the timeout remains."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


def main(argv: Sequence[str]) -> int:
    """``python -m motcua.papers.signatures FILE TRUST MOMENT``: the verdict as JSON on standard output."""
    _limited()
    path, trust, moment = argv
    try:
        found = examine(Path(path).read_bytes(), roots_in(Path(trust)), at=dt.datetime.fromisoformat(moment))
        print(json.dumps(asdict(found)))
    except Invalid as error:
        print(json.dumps({"refused": error.message, "code": error.code}))
    except (MemoryError, RecursionError):
        print(json.dumps({"refused": HEAVY, "code": "pdf_heavy"}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))


__all__ = ["INVALID", "UNKNOWN", "UNSIGNED", "VALID", "Examined", "Signature", "examine", "examine_file", "roots_in"]
