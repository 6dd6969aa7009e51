"""Make the tabular figures of Be Vietnam Pro, which has none: ten digits of one width, from the vendored font files.

Run once when the font is renewed, with fonttools and brotli installed (they are not among the project's dependencies):
    python scripts/make_figures.py motcua/desk/static/desk/fonts
The licence (OFL, no reserved font name) allows the change; the family gets a name of its own all the same.
"""

import sys
from pathlib import Path

from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

WIDTH = 660  # of 1000: the median of the digits; "1" gets air, "4" is drawn a little narrower
FAMILY = "Be Vietnam Pro Figures"


def make(source: Path, target: Path) -> None:
    font = TTFont(source)
    options = Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 13, 14])
    options.flavor = "woff2"
    subsetter = Subsetter(options)
    subsetter.populate(text="0123456789")
    subsetter.subset(font)
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
    font.flavor = "woff2"
    font.save(target)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for weight in (400, 500, 600, 700):
        make(folder / f"be-vietnam-pro-latin-{weight}-normal.woff2", folder / f"figures-{weight}.woff2")
