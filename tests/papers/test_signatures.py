"""Signed results: who signed, when, and whether it holds; never believed more than it deserves."""

import datetime as dt
import io
import zlib

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from motcua.core.errors import Invalid
from motcua.papers import signatures
from motcua.papers.signatures import examine, examine_file, roots_in
from tests.papers.signing import SIGNER, Authority, authority, plain, signed

pytestmark = pytest.mark.pure


def test_a_signature_under_a_trusted_root_is_valid_and_names_its_signer():
    before = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    found = examine(signed(authority().signer()), [authority().root])
    assert found.verdict == "valid"
    assert found.sentence == f"Chữ ký số hợp lệ của {SIGNER}; nội dung không thay đổi từ khi ký."
    (one,) = found.signatures
    assert (one.name, one.organisation) == (SIGNER, "Ủy ban nhân dân xã Cầu Kè")
    assert dt.datetime.fromisoformat(one.signed_at) >= before.replace(microsecond=0)


def test_without_roots_or_under_another_root_the_signer_is_unknown_not_valid():
    content = signed(authority().signer())
    nobody = examine(content, [])
    assert nobody.verdict == "unknown"
    assert "Chưa có chứng thư gốc" in nobody.sentence
    other = examine(content, [Authority("CA khác").root])
    assert other.verdict == "unknown"
    assert "không trong danh sách tin cậy" in other.sentence


def test_an_expired_certificate_is_said_to_be_expired():
    signer = authority().signer(until=dt.datetime(2021, 1, 1, tzinfo=dt.UTC))
    found = examine(signed(signer), [authority().root])
    assert found.verdict == "unknown"
    assert "đã hết hạn" in found.sentence


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5])
def test_a_flipped_byte_is_caught(place):
    content = bytearray(signed(authority().signer()))
    content[int(len(plain()) * place)] ^= 0x01
    found = examine(bytes(content), [authority().root])
    assert found.verdict == "invalid"
    assert "đã bị sửa" in found.sentence


def test_what_is_added_after_signing_is_caught():
    content = signed(authority().signer())
    reader = PdfFileReader(io.BytesIO(content))
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = reader.root["/Pages"]["/Count"]
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    found = examine(out.getvalue(), [authority().root])
    assert found.verdict == "invalid"
    assert "sửa thêm sau khi" in found.sentence


def test_two_signatures_are_both_read_and_the_worse_decides():
    both = signed(authority().signer("Trần Thị Bưởi"), signed(authority().signer()), "ChuKy2")
    found = examine(both, [authority().root])
    assert (found.verdict, len(found.signatures)) == ("valid", 2)
    assert found.sentence.startswith("2 chữ ký số hợp lệ của Nguyễn Văn Xoài, Trần Thị Bưởi")
    mixed = signed(Authority("CA khác").signer("Người Lạ"), signed(authority().signer()), "ChuKy2")
    found = examine(mixed, [authority().root])
    assert [s.verdict for s in found.signatures] == ["valid", "unknown"]
    assert found.verdict == "unknown"


def test_an_unsigned_file_is_said_to_be_so():
    assert examine(plain(), [authority().root]).verdict == "unsigned"


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4\n% mot trang\n%%EOF\n", b"%PDF-1.7\n" + b"\x00" * 4000, b"%PDF-", plain()[:3000]]
)
def test_a_broken_file_is_refused_with_a_sentence(content):
    with pytest.raises(Invalid, match="hỏng") as caught:
        examine(content, [])
    assert caught.value.code == "pdf_broken"


def test_a_locked_file_is_refused_with_a_sentence():
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(plain())))
    writer.encrypt("mot", "hai")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Invalid, match="mật khẩu"):
        examine(out.getvalue(), [])


def test_in_a_process_of_its_own_it_says_the_same_and_a_bomb_harms_nobody(tmp_path):
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "goc.pem").write_bytes(authority().pem)
    (trust / "doc.txt").write_text("không phải chứng thư")
    good = tmp_path / "good.pdf"
    good.write_bytes(signed(authority().signer()))
    found = examine_file(good, trust)
    assert found == examine(good.read_bytes(), roots_in(trust))
    assert found.verdict == "valid"
    bomb = tmp_path / "bomb.pdf"
    # A cross-reference stream that unpacks to two thousand million bytes: one compressed block, two hundred times.
    press = zlib.compressobj(9)
    start = press.compress(b"\x00" * 10_000_000) + press.flush(zlib.Z_FULL_FLUSH)
    block = press.compress(b"\x00" * 10_000_000) + press.flush(zlib.Z_FULL_FLUSH)
    stream = start + block * 199 + press.flush()
    head = (
        b"%PDF-1.5\n1 0 obj\n<</Type/XRef/Size 2/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length "
        + str(len(stream)).encode()
        + b">>\nstream\n"
    )
    bomb.write_bytes(head + stream + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n")
    with pytest.raises(Invalid) as caught:
        examine_file(bomb, trust)
    assert caught.value.code in ("pdf_heavy", "pdf_broken")


def test_a_root_that_cannot_be_read_is_named_not_left_out(tmp_path):
    (tmp_path / "hong.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    with pytest.raises(Invalid, match=r"hong\.pem"):
        roots_in(tmp_path)
    assert roots_in(tmp_path / "khong-co") == []
    assert signatures.BROKEN
