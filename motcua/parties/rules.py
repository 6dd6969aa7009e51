"""Identity numbers, phones and masking: pure."""

import datetime as dt
import re

from motcua.core.errors import Invalid

_PHONE = re.compile(r"^(?:\+?84|0)\d{9,10}$")


def check_id_number(kind: str, number: str, birth_date: dt.date | None = None) -> str:
    """The number without spaces and dots, or Invalid saying what is wrong.

    The 12-digit number has no check digit; its 4th digit gives century and sex and the 5th and 6th the year of birth,
    so a stated date of birth must agree with them.
    """
    bare = re.sub(r"[\s.]", "", number)
    if not bare:
        return ""
    if kind == "cccd":
        if not re.fullmatch(r"\d{12}", bare):
            raise Invalid(f"Số căn cước phải có 12 chữ số, đã nhập «{number}».", field="id_number")
        if birth_date is not None:
            century = 1900 + 100 * (int(bare[3]) // 2)
            if century + int(bare[4:6]) != birth_date.year:
                raise Invalid(
                    f"Số căn cước cho năm sinh {century + int(bare[4:6])}, ngày sinh đã nhập là "
                    f"{birth_date:%d/%m/%Y}. Hãy kiểm tra lại hai ô này.",
                    field="birth_date",
                )
    elif kind == "cmnd":
        if not re.fullmatch(r"\d{9}", bare):
            raise Invalid(f"Số CMND phải có 9 chữ số, đã nhập «{number}».", field="id_number")
    elif kind == "tax":
        if not re.fullmatch(r"\d{10}(-?\d{3})?|\d{12}", bare):
            raise Invalid(f"Mã số thuế phải có 10, 12 hoặc 13 chữ số, đã nhập «{number}».", field="id_number")
    elif not re.fullmatch(r"[\w/-]{2,30}", bare):
        raise Invalid(f"Số giấy tờ «{number}» có ký tự lạ.", field="id_number")
    return bare.upper()


def check_phone(phone: str) -> str:
    """A phone number as digits from 0, or Invalid."""
    bare = re.sub(r"[\s.()-]", "", phone)
    if not bare:
        return ""
    if not _PHONE.fullmatch(bare):
        raise Invalid(f"Số điện thoại «{phone}» không đúng: cần 10 hoặc 11 chữ số, bắt đầu bằng 0.", field="phone")
    return re.sub(r"^\+?84", "0", bare)


def mask(value: str, keep: int = 3) -> str:
    """An identity or phone number for lists: its first and its last ``keep`` characters: 0********123."""
    if len(value) <= keep + 1:
        return "*" * len(value)
    return value[0] + "*" * (len(value) - keep - 1) + value[-keep:]


def number_in_list(value: str, *, whole: bool, restricted: bool) -> str:
    """A telephone as a list or a paper of many people says it. Whole only where the reader's duty is to call
    (``whole``), and never of somebody who has had processing restricted: their dossier says it, with a reason. Pure."""
    return value if whole and not restricted else mask(value)


def needs_reason(*, restricted: bool, own: bool) -> bool:
    """Must whoever reads somebody's dossier say why? Where the person has had processing restricted, and outside what
    one's own units hold: whoever serves the dossier reads it as part of the work, whoever looks in from above says why.
    """
    return restricted or not own
