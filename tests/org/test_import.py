"""Files of units: an own small country, changed files, broken files, and where the work of districts went."""

import gzip
import unicodedata
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from motcua.core.errors import Invalid
from motcua.org import actions, queries
from motcua.org.importing import import_mapping
from motcua.org.models import NOT_KNOWN_EARLIER, TWO_TIER_DAY, Succession, Unit, UnitKind, UnitPlace
from motcua.org.queries import SYSTEM
from tests.org import small_country
from tests.org.small_country import LINKS, NEW, Write
from tests.support.cast import LAST_OLD_DAY, NEW_DAY, OLD_DAY

pytestmark = pytest.mark.django_db

MAPPING = "old_code,new_code,share,territory_code,by_territory,day,old_short_code,basis\n"


def load(folder: Path, **options: object) -> str:
    out = StringIO()
    call_command("import_units", dir=folder, stdout=out, **options)
    return out.getvalue()


def counts() -> tuple[int, int, int]:
    return Unit.objects.count(), UnitPlace.objects.count(), Succession.objects.count()


def test_an_own_small_country(files: Write) -> None:
    assert "đã thêm 20 đơn vị, 10 quan hệ kế thừa" in load(files())
    assert counts() == (20, 20, 10)
    hanoi = queries.unit_by_code("01", OLD_DAY)
    assert hanoi == queries.unit_by_code("01", NEW_DAY)  # took in nobody, gave nothing away: one existence
    assert [u.name for u in queries.children(hanoi, OLD_DAY)] == ["Quận Ba Đình"]
    assert [u.name for u in queries.children(hanoi, NEW_DAY)] == ["Phường Ba Đình"]
    vinh_long = queries.unit_by_code("86", OLD_DAY)
    assert vinh_long.valid_to == LAST_OLD_DAY  # same code, same name, and yet another province
    assert [(s.old.code, s.new.key) for s in Succession.objects.filter(old__code="86")] == [("86", "86@2025-07-01")]
    kinds = dict(Unit.objects.filter(valid_from=NOT_KNOWN_EARLIER).values_list("code", "kind"))
    assert (kinds["84"], kinds["01"], kinds["855"], kinds["001"]) == ("province", "city", "district", "district")
    assert (kinds["29308"], kinds["29311"], kinds["29542"]) == ("town", "commune", "ward")
    # an island district without communes passes on by itself, across provinces
    island = queries.unit_by_code("755", OLD_DAY)
    assert queries.succession_map({island.pk}).path(island.pk, None, OLD_DAY) == [
        (TWO_TIER_DAY, queries.unit_by_code("26732", NEW_DAY).pk)
    ]


def test_the_same_files_again_change_nothing(files: Write) -> None:
    load(files())
    before = list(Unit.objects.values_list()), list(UnitPlace.objects.values_list()), list(Succession.objects.values())
    assert load(files()) == "Đơn vị: không có gì mới, dữ liệu đã đúng như tệp.\n"
    assert before == (
        list(Unit.objects.values_list()),
        list(UnitPlace.objects.values_list()),
        list(Succession.objects.values()),
    )


def test_compressed_files_with_a_byte_order_mark(files: Write) -> None:
    folder = files()
    for name in small_country.FILES:
        plain = folder / f"{name}.csv"
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + plain.read_bytes()))
        plain.unlink()
    assert "đã thêm 20 đơn vị" in load(folder)


def test_decomposed_letters_and_hidden_characters_are_cleaned(files: Write) -> None:

    load(
        files(
            old=("Xã Hòa Ân", "\u200bXã  Hòa\0Ân\u00a0"), new=("Xã Cầu Kè", unicodedata.normalize("NFD", "Xã Cầu Kè"))
        )
    )
    assert queries.unit_by_code("29311", OLD_DAY).name == "Xã Hòa Ân"
    assert queries.unit_by_code("29308", NEW_DAY).name == "Xã Cầu Kè"


def test_a_changed_file_shows_the_differences_and_waits_for_apply(files: Write) -> None:
    load(files())
    changed = files(
        old=("Xã Hòa Ân\n", "Xã Hoà Ân\n"),
        links=(
            '29311,Xã Hòa Ân,Huyện Cầu Kè,Tỉnh Trà Vinh,29308,Xã Cầu Kè,Tỉnh Vĩnh Long,"part, default"\n'
            "29311,Xã Hòa Ân,",
            "29311,Xã Hoà Ân,",
        ),
    )
    path = changed / "succession_2025-07-01.csv"
    path.write_text(path.read_text().replace("Tỉnh Vĩnh Long,part\n", "Tỉnh Vĩnh Long,whole\n"))
    before = counts()
    told = load(changed)
    assert "khác: 29311: Xã Hòa Ân (Xã) → Xã Hoà Ân (Xã)" in told
    assert "khác: 29311: Xã Hoà Ân về Xã An Phú Tân (part), Xã Cầu Kè (default) → Xã An Phú Tân (whole)" in told
    assert "Chưa ghi gì" in told
    assert counts() == before
    assert queries.unit_by_code("29311", OLD_DAY).name == "Xã Hòa Ân"

    load(changed, apply=True)
    old = queries.unit_by_code("29311", OLD_DAY)
    assert old.name == "Xã Hoà Ân"
    assert queries.succession_map().path(old.pk, None, OLD_DAY) == [
        (TWO_TIER_DAY, queries.unit_by_code("29317", NEW_DAY).pk)
    ]
    assert "không có gì mới" in load(changed)


def test_a_unit_moved_in_the_file_is_moved_with_all_beneath_it_when_applied(files: Write) -> None:
    load(files())
    kinh = actions.add_unit(
        actor=SYSTEM,
        parent=queries.unit_by_code("29311", OLD_DAY),
        code="29311-1",
        name="Điểm tiếp nhận ấp Giồng Lớn",
        kind=UnitKind.POINT,
        valid_from=OLD_DAY,
    )
    changed = files(old=("84,Tỉnh Trà Vinh,845,Huyện Cầu Kè,29311", "86,Tỉnh Vĩnh Long,855,Thành phố Vĩnh Long,29311"))
    assert "khác: 29311: Xã Hòa Ân: cấp trên là Thành phố Vĩnh Long" in load(changed)
    load(changed, apply=True)
    assert queries.label(kinh, OLD_DAY) == (
        "Điểm tiếp nhận ấp Giồng Lớn, Xã Hòa Ân, Thành phố Vĩnh Long, Tỉnh Vĩnh Long"
    )
    assert "không có gì mới" in load(changed)


def test_a_vanished_unit_is_only_reported(files: Write) -> None:
    load(files())
    fewer = files()
    for name in ("units_to_2025-06-30.csv", "succession_2025-07-01.csv"):
        path = fewer / name
        path.write_text("".join(line for line in path.read_text().splitlines(True) if "Xã Hòa Ân" not in line))
    told = load(fewer)
    assert "29311: Xã Hòa Ân không có trong tệp, giữ nguyên" in told
    assert "không có gì mới" in told
    assert counts() == (20, 20, 10)


def test_what_happened_here_since_is_left_alone(files: Write) -> None:
    load(files())
    new = actions.rename(
        actor=SYSTEM, unit=queries.unit_by_code("29308", NEW_DAY), day=NEW_DAY, name="Phường Cầu Kè", kind="ward"
    )
    assert "không có gì mới" in load(files())
    assert queries.unit_by_code("29308", NEW_DAY) == new


def test_a_code_alive_here_under_another_first_day_is_a_clash(files: Write) -> None:
    actions.add_unit(
        actor=SYSTEM, parent=None, code="29308", name="Xã Cầu Kè", kind=UnitKind.COMMUNE, valid_from=OLD_DAY
    )
    with pytest.raises(Invalid, match=r"mã 29308 \(.*\) đang là của Xã Cầu Kè, từ 01/06/2023"):
        load(files())
    assert counts() == (1, 1, 0)


BROKEN: list[tuple[dict[str, tuple[str, str]], str]] = [
    ({"old": ("29311,Xã Hòa Ân", "2931,Xã Hòa Ân")}, r"units_to_2025-06-30.csv, dòng 3: ward_code «2931» phải có"),
    ({"old": ("29311,Xã Hòa Ân", "29308,Xã Hòa Ân")}, r"dòng 3: mã 29308 đã có ở dòng trước"),
    ({"old": ("845,Huyện Cầu Kè,29311", "845,Huyện Cầu Kẻ,29311")}, r"dòng 3: mã 845 đã có .* tên hoặc cấp trên khác"),
    ({"old": ("Xã Hòa Ân", "Làng Hòa Ân")}, r"dòng 3: tên «Làng Hòa Ân» phải bắt đầu bằng"),
    ({"old": ("Xã Hòa Ân", "Xã " + "Â" * 250)}, r"dòng 3: tên .* không quá 200 chữ"),
    ({"old": ("29311,Xã Hòa Ân", "29311,")}, r"dòng 3: tên «»"),
    ({"old": ("29311,Xã Hòa Ân", "29311,Xã Hòa Ân,thừa")}, r"dòng 3: có 7 ô, phải có 6"),
    ({"old": ("ward_code,ward\n", "ward_code,ten\n")}, r"units_to_2025-06-30.csv, dòng 1: thiếu cột ward"),
    ({"old": ("Xã Hòa Ân", '"Xã Hòa Ân')}, r"units_to_2025-06-30.csv, dòng \d+: không đọc được"),
    ({"new": ("Xã Cầu Kè,Xã", "Thị trấn,Xã")}, r"units_from_2025-07-01.csv, dòng 2: tên «Thị trấn» phải bắt đầu"),
    ({"links": ("29317,Xã An Phú Tân,Huyện", "29318,Xã An Phú Tân,Huyện")}, r"dòng 5: mã cũ «29318» không có trong"),
    ({"links": ("29542,Phường Long Châu", "29543,Phường Long Châu")}, r"dòng 6: mã mới «29543» không có trong"),
    ({"links": ("29542,Phường Long Châu", "29308,Phường Long Châu")}, r"dòng 6: tên không khớp với mã"),
    ({"links": (",part\n", ",half\n")}, r"dòng 4: share «half» phải là một trong"),
    ({"links": (',"part, default"\n', ",part\n")}, r"mã cũ 29311 phải có đúng một dòng «whole» hoặc"),
    ({"links": (",part\n", ",whole\n")}, r"mã cũ 29311 phải có đúng một dòng"),
    ({"links": ("29317,Xã An Phú Tân,Tỉnh Vĩnh Long,part", "29308,Xã Cầu Kè,Tỉnh Vĩnh Long,part")}, "dòng 4: liên kết"),
    (
        {"links": (LINKS.splitlines(True)[5], "")},
        r"succession_2025-07-01: không có dòng nào cho Phường 4, mã 29542",
    ),
]


@pytest.mark.parametrize(("change", "says"), BROKEN, ids=[says[:40] for _, says in BROKEN])
def test_a_broken_line_is_named_and_nothing_is_half_imported(
    files: Write, change: dict[str, tuple[str, str]], says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        load(files(**change))
    assert counts() == (0, 0, 0)


def test_files_that_are_no_text_empty_or_missing(files: Write) -> None:
    folder = files()
    path = folder / "units_from_2025-07-01.csv"
    path.write_bytes(path.read_text().encode("cp1258", "replace"))
    with pytest.raises(Invalid, match=r"units_from_2025-07-01.csv, dòng 2: không phải UTF-8"):
        load(folder)
    path.write_text("")
    with pytest.raises(Invalid, match="dòng 1: thiếu cột"):
        load(folder)
    path.write_text(NEW.splitlines()[0])
    with pytest.raises(Invalid, match="không có dòng dữ liệu nào"):
        load(folder)
    path.unlink()
    with pytest.raises(Invalid, match=r"không có tệp units_from_2025-07-01.csv"):
        load(folder)
    (folder / "units_from_2025-07-01.csv.gz").write_bytes(b"\x1f\x8b broken")
    with pytest.raises(Invalid, match="không mở được tệp"):
        load(folder)
    assert counts() == (0, 0, 0)


# ---- mapping files --------------------------------------------------------------------------------------------------


def office(code: str, name: str) -> Unit:
    return actions.add_unit(
        actor=SYSTEM,
        parent=queries.unit_by_code("845", OLD_DAY),
        code=code,
        name=name,
        kind=UnitKind.OFFICE,
        valid_from=NOT_KNOWN_EARLIER,
    )


def mapping(folder: Path, *lines: str) -> Path:
    path = folder / "mapping.csv"
    path.write_text(MAPPING + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def goes(unit: Unit, territory: Unit | None) -> list[str]:
    ids = {unit.pk} | ({territory.pk} if territory else set())
    path = queries.succession_map(ids).path(unit.pk, territory.pk if territory else None, OLD_DAY)
    return [f"{day:%d/%m/%Y} {Unit.objects.get(pk=new).name}" for day, new in path]


def test_a_district_and_its_offices_pass_on_by_commune(files: Write) -> None:
    folder = files()
    load(folder)
    justice = office("845-TP", "Phòng Tư pháp")
    path = mapping(folder, "845,29308,default,,x,2025-07-01,cauke,Phân công")
    told = load(folder, mapping=path)
    assert "Nơi nhận việc của huyện, phòng: đã thêm 0 đơn vị, 2 quan hệ kế thừa" in told
    cauke = queries.unit_by_code("CAUKE", OLD_DAY)
    an_phu_tan, ha_noi = queries.unit_by_code("29317", OLD_DAY), queries.unit_by_code("00004", OLD_DAY)
    for unit in (cauke, justice):
        assert goes(unit, an_phu_tan) == ["01/07/2025 Xã An Phú Tân"]
        assert goes(unit, ha_noi) == goes(unit, None) == ["01/07/2025 Xã Cầu Kè"]
    assert load(folder, mapping=path).count("không có gì mới") == 2
    # an office founded on paper afterwards ends with its district and goes the same way
    late = office("845-TC", "Phòng Tài chính - Kế hoạch")
    assert late.valid_to == LAST_OLD_DAY
    assert goes(late, an_phu_tan) == ["01/07/2025 Xã An Phú Tân"]
    assert load(folder, mapping=path).count("không có gì mới") == 2


def test_an_invented_split_in_parts_by_territory(files: Write) -> None:
    folder = files()
    load(folder)
    justice, health = office("845-TP", "Phòng Tư pháp"), office("845-YT", "Phòng Y tế")
    path = mapping(
        folder,
        "845,29308,default,,,2025-07-01,,",
        "845,29542,part,29311,,2025-07-01,,",
        "845,29317,part,29317,,2025-07-01,,",
        "845-YT,29542,whole,,,2025-07-01,,Phòng Y tế về Long Châu",
    )
    load(folder, mapping=path)
    communes = [queries.unit_by_code(code, OLD_DAY) for code in ("29308", "29311", "29317")]
    cauke = queries.unit_by_code("845", OLD_DAY)
    for unit in (cauke, justice):
        assert [goes(unit, commune) for commune in (*communes, None)] == [
            ["01/07/2025 Xã Cầu Kè"],
            ["01/07/2025 Phường Long Châu"],
            ["01/07/2025 Xã An Phú Tân"],
            ["01/07/2025 Xã Cầu Kè"],
        ]
    assert goes(health, communes[0]) == ["01/07/2025 Phường Long Châu"]  # its own line, not the district's


def test_a_changed_mapping_waits_for_apply(files: Write) -> None:
    folder = files()
    load(folder)
    load(folder, mapping=mapping(folder, "845,29308,whole,,,2025-07-01,,"))
    cauke = queries.unit_by_code("845", OLD_DAY)
    changed = mapping(folder, "845,29317,whole,,,2025-07-01,,")
    told = load(folder, mapping=changed)
    assert "khác: 845: Huyện Cầu Kè về Xã Cầu Kè (whole) → Xã An Phú Tân (whole)" in told
    assert "Chưa ghi gì" in told
    assert goes(cauke, None) == ["01/07/2025 Xã Cầu Kè"]
    load(folder, mapping=changed, apply=True)
    assert goes(cauke, None) == ["01/07/2025 Xã An Phú Tân"]
    # the published links of the same files stay
    assert Succession.objects.count() == 11


BAD_MAPPINGS = [
    (["845,29308,whole,,,01/7/2025,,"], r"mapping.csv, dòng 2: day «01/7/2025» phải là ngày"),
    (["845,29308,whole,,,9999-99-99,,"], r"dòng 2: day"),
    (["845,29308,whole,,,0001-01-01,,"], r"dòng 2: day"),
    (["999,29308,whole,,,2025-07-01,,"], r"dòng 2: Không có đơn vị nào mang mã «999»"),
    (["845,29311,whole,,,2025-07-01,,"], r"dòng 2: Ngày 01/07/2025 không có đơn vị nào mang mã «29311»"),
    (["845,29308,half,,,2025-07-01,,"], r"dòng 2: share «half»"),
    (["01,29308,whole,,,2025-07-01,,"], r"dòng 2: Thành phố Hà Nội không kết thúc hết ngày 30/06/2025"),
    (["845,29308,whole,29311,,2025-07-01,,"], r"dòng 2: territory_code chỉ dùng với share là part"),
    (["845,29308,part,29311,x,2025-07-01,,"], r"dòng 2: by_territory chỉ dùng với"),
    (["845,29308,default,,ừ,2025-07-01,,"], r"dòng 2: by_territory chỉ để trống hoặc ghi x"),
    (["845,29308,part,29311,,2025-07-01,,"], r"dòng 2: Huyện Cầu Kè phải có đúng một dòng whole"),
    (["845,29308,whole,,,2025-07-01,,", "845,29317,whole,,,2025-07-01,,"], r"phải có đúng một dòng whole"),
    (["845,29308,default,,,2025-07-01,,", "845,29308,part,,,2025-07-01,,"], r"dòng 3: .* trùng đơn vị nhận"),
    (
        [
            "845,29308,default,,,2025-07-01,,",
            "845,29317,part,29311,,2025-07-01,,",
            "845,29542,part,29311,,2025-07-01,,",
        ],
        r"dòng 4: .* trùng đơn vị nhận hoặc địa bàn",
    ),
    (["845,29308,whole,,,2025-07-01,," + "x" * 201], r"dòng 2: basis dài quá 200"),
]


@pytest.mark.parametrize(("lines", "says"), BAD_MAPPINGS, ids=[says[:40] for _, says in BAD_MAPPINGS])
def test_a_broken_mapping_is_named_and_nothing_is_written(files: Write, lines: list[str], says: str) -> None:
    folder = files()
    load(folder)
    with pytest.raises(Invalid, match=says):
        import_mapping(mapping(folder, *lines))
    assert counts() == (20, 20, 10)


def test_a_broken_mapping_takes_the_import_around_it_back_too(files: Write) -> None:
    folder = files()
    with pytest.raises(Invalid, match="dòng 2"):
        load(folder, mapping=mapping(folder, "845,29311,whole,,,2025-07-01,,"))
    assert counts() == (0, 0, 0)
