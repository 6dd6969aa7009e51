"""The numbers the demo's registers are held to are those of the published report."""

import json
import os
from pathlib import Path

import pytest

from tests.demo.registers import PUBLISHED


@pytest.mark.seeds
@pytest.mark.pure
def test_the_numbers_are_those_of_the_report() -> None:
    shared = Path(os.environ.get("MOTCUA_SHARED") or Path(__file__).parents[2] / ".." / "shared")
    path = shared / "reference" / "seed_figures.json"
    if not path.exists():
        pytest.skip("no ../shared here")
    seeds = json.loads(path.read_text())["seeds"]
    report = next(told for name, told in seeds.items() if name.startswith("004"))
    told = {each["id"].removeprefix("004."): each["value"] for each in report["figures"]}
    for _, _, number, (key, part) in PUBLISHED:
        value = told[key]
        if isinstance(value, dict):
            value = value["den" if part else "num"]
        assert int(value) == number, (key, told[key])
