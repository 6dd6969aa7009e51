"""What goes over the wire: text compressed, styles no larger than the pages need (weighed in tests/browser)."""

import gzip
import importlib.util
from pathlib import Path

import pytest
from django.urls import reverse

from tests.desk.filing import received

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "motcua" / "desk" / "static" / "desk"


@pytest.fixture(scope="module")
def slim():
    spec = importlib.util.spec_from_file_location("slim_bootstrap", ROOT / "scripts" / "slim_bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.pure
def test_every_rule_a_page_can_use_is_there(slim):
    kept = set(slim.SLIM.read_text().splitlines())
    missing = [rule for rule in slim.made().splitlines() if rule not in kept]
    assert not missing, f"run scripts/slim_bootstrap.py: {[rule[:80] for rule in missing[:5]]}"


@pytest.mark.pure
def test_a_class_that_is_used_brings_its_rules(slim):
    css = ".a,.b .c{x:1}@media print{.c{y:2}.a:not(.b,.d){z:3}}@keyframes turn{from{q:1}}h1{w:4}"
    assert slim.slimmed(css, {"a", "b"}) == ".a{x:1}\nh1{w:4}"
    assert slim.slimmed(css, {"a", "b", "c", "d", "turn"}).replace("\n", "") == css.replace("\n", "")


@pytest.mark.pure
def test_the_fonts_pages_name_are_there():
    css = (STATIC / "desk.css").read_text()
    named = {part.split('"')[1] for part in css.split("url(")[1:] if "data:" not in part[:6]}
    assert named == {f"fonts/{file.name}" for file in (STATIC / "fonts").glob("*.woff2")}
    assert sum((STATIC / name).stat().st_size for name in named) < 45_000


def test_text_is_compressed_and_papers_are_not(cast, signed_in):
    dossier = received(cast)
    client = signed_in(cast.receiver, headers={"accept-encoding": "gzip"})
    page = client.get(reverse("dossier", args=[dossier.pk]))
    assert page["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page["Vary"]
    assert dossier.code in gzip.decompress(page.content).decode()
    style = client.get("/static/desk/desk.css")
    assert style["Content-Encoding"] == "gzip"
    assert "immutable" in style["Cache-Control"]
    assert "Content-Encoding" not in client.get(reverse("paper", args=[dossier.pk, "receipt"]))
    assert "Content-Encoding" not in client.get("/static/desk/fonts/text-latin-400.woff2")
    assert "Content-Encoding" not in signed_in(cast.receiver).get(reverse("dossier", args=[dossier.pk]))
