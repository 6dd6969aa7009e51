"""Make the desk's fonts from the release of Be Vietnam Pro (the woff2 files of its Latin and Vietnamese parts).

Run when the font is renewed, with fonttools and brotli installed (they are not among the project's dependencies)::

    python scripts/make_fonts.py FOLDER_OF_THE_RELEASE motcua/desk/static/desk/fonts

Text: the letters, marks and signs an office writes, kerning kept, hinting left out: two thirds of the weight of a first
visit. Figures: the family has no tabular ones, so ten digits of one width are made of its own. The licence (OFL, no
reserved font name) allows both; the figures get a name of their own all the same.
"""

import argparse
from pathlib import Path

from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

WEIGHTS = (400, 500, 600)
SIGNS = "«»·×°–—‘’“”…→↑↓−²³§±ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý\xa0"
WIDTH = 660  # of 1000: the median of the digits; "1" gets air, "4" is drawn a little narrower
FAMILY = "Be Vietnam Pro Figures"


def subset(source: Path, codes: list[int] | None, features: list[str]) -> TTFont:
    """The font with these letters only (None: all it has beyond Latin-1, and what the office writes of that)."""
    font = TTFont(source)
    if codes is None:
        codes = [u for u in font.getBestCmap() if u < 0x7F or 0x100 <= u < 0x2000 or chr(u) in SIGNS]
    options = Options(layout_features=features, hinting=False, name_IDs=[0, 1, 2, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font.flavor = "woff2"
    return font


def figures(source: Path) -> TTFont:
    """Ten digits of one width."""
    font = subset(source, [ord(digit) for digit in "0123456789"], [])
    names, glyphs, metrics = font.getBestCmap(), font["glyf"], font["hmtx"]
    for digit in "0123456789":
        name = names[ord(digit)]
        advance, _ = metrics[name]
        scale = min(1.0, WIDTH / advance)
        shift = (WIDTH - advance * scale) / 2
        pen = TTGlyphPen(None)
        font.getGlyphSet()[name].draw(TransformPen(pen, (scale, 0, 0, 1, shift, 0)))
        glyphs[name] = pen.glyph()
        glyphs[name].recalcBounds(glyphs)
        metrics[name] = (WIDTH, glyphs[name].xMin)
    for record in font["name"].names:
        if record.nameID == 1:
            record.string = FAMILY
    return font


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", type=Path)
    parser.add_argument("target", type=Path)
    given = parser.parse_args()
    for weight in WEIGHTS:
        for part in ("latin", "vietnamese"):
            source = given.release / f"be-vietnam-pro-{part}-{weight}-normal.woff2"
            subset(source, None, ["kern"]).save(given.target / f"text-{part}-{weight}.woff2")
        figures(given.release / f"be-vietnam-pro-latin-{weight}-normal.woff2").save(
            given.target / f"figures-{weight}.woff2"
        )


if __name__ == "__main__":
    main()
