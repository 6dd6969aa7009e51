"""A certificate authority of the tests' own, and PDFs signed under it. Names are invented."""

import datetime as dt
import functools
import io

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from motcua.core import clock
from motcua.papers import forms

SIGNER = "Nguyễn Văn Xoài"
FROM = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Ủy ban nhân dân xã Cầu Kè"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


class Authority:
    """A root and what it issues."""

    def __init__(self, common: str = "CA thử nghiệm") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        name = _name(common)
        self.certificate = (
            self._begun(name, name, self.key, FROM + dt.timedelta(days=20 * 365))
            .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
            .add_extension(_usage(sign_certificates=True), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def _begun(self, subject, issuer, key, until):
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(FROM)
            .not_valid_after(until)
        )

    def signer(self, common: str = SIGNER, until: dt.datetime = dt.datetime(2039, 1, 1, tzinfo=dt.UTC)):
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            self._begun(_name(common), self.certificate.subject, key, until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        from asn1crypto import keys
        from asn1crypto import x509 as asn1

        store = SimpleCertificateStore()
        store.register(asn1.Certificate.load(self.der))
        return signers.SimpleSigner(
            signing_cert=asn1.Certificate.load(made.public_bytes(serialization.Encoding.DER)),
            signing_key=keys.PrivateKeyInfo.load(
                key.private_bytes(
                    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            ),
            cert_registry=store,
        )

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def root(self):
        from asn1crypto import x509 as asn1

        return asn1.Certificate.load(self.der)


def _usage(*, sign_certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=not sign_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


@functools.cache
def authority() -> Authority:
    return Authority()


@functools.cache
def plain() -> bytes:
    """A real one-page PDF without signature."""
    head = forms.Head(agency="Ủy ban nhân dân xã Cầu Kè", place="Cầu Kè", date=dt.date(2025, 8, 4))
    paper = forms.Refusal(
        head=head, desk="Một cửa", owner=forms.Owner(name="Sơn Văn Mẫu"), request="Thử", reason="Thử nghiệm ký số."
    )
    return forms.render(paper, accepted=dt.date(2025, 8, 4), at=clock.now())


def signed(signer, content: bytes | None = None, field: str = "ChuKy1") -> bytes:
    """The PDF with one more signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content or plain()), strict=False)
    out = PdfSigner(
        PdfSignatureMetadata(field_name=field), signer=signer, new_field_spec=fields.SigFieldSpec(sig_field_name=field)
    ).sign_pdf(writer)
    return out.getvalue()
