"""Write docs/openapi.json as the interface describes itself. A test compares the two."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "openapi.json"


def text() -> str:
    """The description as it is committed; Django must be set up."""
    from motcua.api.interface import description

    return json.dumps(description(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the committed file differs")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "motcua.config.settings")
    with tempfile.TemporaryDirectory() as home:
        os.environ["MOTCUA_HOME"] = home
        import django

        django.setup()
        if asked.check:
            sys.exit(0 if FILE.read_text() == text() else f"{FILE.relative_to(ROOT)} is not what the interface says.")
        FILE.write_text(text())
    print(f"{FILE.relative_to(ROOT)}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
