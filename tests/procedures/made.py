"""Invented records of a published catalogue, one kind of trouble at a time."""

import gzip
import json
from pathlib import Path
from typing import Any

CODE = "9.900001"


def method(
    limit: int | None = 5, unit: str | None = "working_day", channel: str = "direct", note: str = "Miễn phí"
) -> dict[str, Any]:
    return {"channel": channel, "limit": limit, "unit": unit, "note": note}


def paper(name: str = "Tờ khai theo mẫu", copies: int = 1, kind: str = "original") -> dict[str, Any]:
    return {"name": name, "copies": copies, "kind": kind}


def record(code: str = CODE, **changes: Any) -> dict[str, Any]:
    """A record without any trouble, except what ``changes`` brings."""
    return {
        "code": code,
        "name": "Đăng ký nuôi rồng tại nhà",
        "ministry": "bo-tu-phap",
        "decision": "12/QĐ-BTP",
        "domain": "Nuôi rồng",
        "levels": ["Cấp xã"],
        "kind": "Loại khác",
        "subjects_text": "Công dân Việt Nam",
        "methods": [method()],
        "documents": [paper()],
        "legal_basis": ["01/2020/NĐ-CP"],
        "result": "Giấy chứng nhận nuôi rồng",
        "result_code": "KQ.G15.999999",
        "agency": "Ủy ban nhân dân cấp xã",
        "steps_text": "Bước 1: Nộp hồ sơ.\nBước 2: Nhận kết quả.",
    } | changes


def write(path: Path, *records: dict[str, Any] | bytes) -> Path:
    """A catalogue file of these records; bytes are written as they are; ``.gz`` is packed."""
    lines = [r if isinstance(r, bytes) else json.dumps(r, ensure_ascii=False).encode() for r in records]
    content = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
