"""Boundaries as they are offered: by an index, in a zip, by pages of a service; all end as one layer of units."""

import json

import geopandas as gpd
import pytest
from fake_web import FakeWeb
from servers import serving
from shapely.geometry import LineString, Polygon, box

from urbanreview.errors import CannotFetch, NotInInput, UnreadableFile, WrongContent
from urbanreview.sources import open_vector
from urbanreview.sources.cache import Cache
from urbanreview.sources.catalogue import dataset_of, hosts
from urbanreview.sources.divisions import write_units
from urbanreview.sources.fetch import Fetcher
from urbanreview.sources.providers import cod_ab, geoboundaries, natural_earth, world_bank
from urbanreview.sources.remote import Place
from urbanreview.sources.web import LiveWeb

GB, COD, COD_KAZ, WB, NE = (
    dataset_of(key) for key in ("geoboundaries", "cod-ab", "cod-ab-kaz", "world-bank-boundaries", "natural-earth-admin1")
)
COUNTRY = Place("KAZ", gpd.GeoSeries([box(66, 46, 70, 48)], crs=4326), 0.0)
COMMIT = "9469f09ca9d8"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
INDEX = "https://www.geoboundaries.org/api/current/gbOpen/KAZ/ADM{level}/"
FILE = "wmgeolab/geoBoundaries/{folder}{commit}/releaseData/gbOpen/KAZ/ADM{level}/geoBoundaries-KAZ-ADM{level}.geojson"
WEST, EAST = box(66, 46, 68, 48), box(68, 46, 70, 48)
DISTRICTS = {"a": box(66, 46, 67.4, 48), "b": box(67.4, 46, 68.4, 48), "c": box(68.4, 46, 70, 48)}
"""The middle one lies six parts in the west, four in the east."""


def index_of(level, **said):
    """What the index answers, as documented."""
    return {
        "boundaryID": f"KAZ-ADM{level}-16772668",
        "boundaryISO": "KAZ",
        "boundaryType": f"ADM{level}",
        "boundaryYearRepresented": "2017",
        "boundarySource": "OpenStreetMap, Wambacher",
        "boundaryLicense": "Open Data Commons Open Database License 1.0",
        "admUnitCount": str({1: 2, 2: 3}[level]),
        "gjDownloadURL": f"https://github.com/{FILE.format(folder='raw/', commit=COMMIT, level=level)}",
    } | said


def told(level, **said):
    return {INDEX.format(level=level): json.dumps(index_of(level, **said))}


@pytest.fixture
def fetched(tmp_path):
    """Write the files of both levels as they are released, with their indexes, under the names of what is wanted."""

    def write(levels=(1, 2), *, districts=DISTRICTS, ids=None, **said):
        shapes = {1: {"West": WEST, "East": EAST}, 2: districts}
        files = {}
        for level in levels:
            names = list(shapes[level])
            columns = {"shapeName": names, "shapeID": (ids or names) if level == 2 else names, "shapeGroup": "KAZ"}
            path = tmp_path / f"adm{level}.geojson"
            gpd.GeoDataFrame(columns, geometry=list(shapes[level].values()), crs=4326).to_file(path)
            files[f"geoboundaries/{COMMIT}/geoBoundaries-KAZ-ADM{level}.geojson"] = path
            index = tmp_path / f"adm{level}.index.json"
            index.write_text(json.dumps(index_of(level, **said)))
            files[f"geoboundaries/index/KAZ-ADM{level}.json"] = index
        return files

    return write


def units(folder, **columns):
    columns = {"id_column": "id", "name_column": "name"} | columns
    return open_vector(folder / "units.gpkg", layer="units", level="adm2", iso3="KAZ", **columns)[0]


def said_of(folder):
    return json.loads((folder / "units.json").read_text(encoding="utf-8"))


def test_both_levels_are_asked_for_by_their_index():
    wanted = geoboundaries.wanted(GB, COUNTRY, [""], web=FakeWeb(told(1) | told(2)))
    files = [remote for remote in wanted.remotes if remote.name.endswith("geojson")]
    assert [remote.addresses for remote in files] == [
        (
            f"https://github.com/{FILE.format(folder='raw/', commit=COMMIT, level=level)}",
            f"https://media.githubusercontent.com/media/{FILE.format(folder='', commit=COMMIT, level=level)}",
        )
        for level in (1, 2)
    ]
    assert {remote.form for remote in wanted.remotes} == {"json"}
    assert wanted.remotes[0].name == "geoboundaries/index/KAZ-ADM1.json"
    assert wanted.ledger.entries == ()


def test_the_addresses_of_files_follow_the_hosts_in_force(monkeypatch):
    monkeypatch.setenv("URBANREVIEW_HOSTS", "http://127.0.0.1:9/{host}")
    index = {f"http://127.0.0.1:9/geoboundaries/api/current/gbOpen/KAZ/ADM{n}/": json.dumps(index_of(n)) for n in (1, 2)}
    wanted = geoboundaries.wanted(GB, COUNTRY, [""], web=FakeWeb(index))
    assert {address.split("/")[2] for remote in wanted.remotes for address in remote.addresses} == {"127.0.0.1:9"}


def test_a_file_elsewhere_is_asked_for_where_the_index_says():
    elsewhere = "https://example.org/kaz.geojson"
    wanted = geoboundaries.wanted(GB, COUNTRY, [""], web=FakeWeb(told(1, gjDownloadURL=elsewhere)))
    assert wanted.remotes[1].addresses == (elsewhere,)
    assert wanted.remotes[1].name == "geoboundaries/current/geoBoundaries-KAZ-ADM1.geojson"


def test_a_country_without_a_second_level_is_told():
    wanted = geoboundaries.wanted(GB, COUNTRY, [""], web=FakeWeb(told(1)))
    assert len(wanted.remotes) == 2
    assert wanted.ledger.amount("there are no boundaries of level 2") == 1


def test_a_server_that_is_down_is_no_country_without_a_second_level():
    with pytest.raises(CannotFetch, match="503"):
        geoboundaries.wanted(GB, COUNTRY, [""], web=FakeWeb(told(1), refusal="the server answered 503"))


@pytest.mark.parametrize("answer", ["[]", "null", "{}", "no"])
def test_an_index_without_an_address_is_refused(answer):
    with pytest.raises(WrongContent, match="gjDownloadURL"):
        geoboundaries.wanted(GB, COUNTRY, [""], web=FakeWeb({INDEX.format(level=1): answer}))


def test_a_unit_across_two_belongs_to_where_most_of_it_lies(tmp_path, fetched):
    ledger = geoboundaries.make(GB, COUNTRY, [""], files=fetched(), folder=tmp_path / "made")
    found = units(tmp_path / "made", parent_column="parent")
    assert found["parent_name"].tolist() == ["West", "West", "East"]
    assert found["source_year"].tolist() == [2017, 2017, 2017]
    (entry,) = ledger.entries
    assert (entry.cause, round(entry.amount, 3)) == ("unit b lies outside the unit above that was chosen for it, West", 0.4)
    said = said_of(tmp_path / "made")
    assert (said["level"], said["parent"], said["year"], said["units"]) == (2, "parent", 2017, 3)
    assert said["licence"] == "Open Data Commons Open Database License 1.0"
    assert said["source"] == "OpenStreetMap, Wambacher"


def test_units_are_not_made_again_and_still_tell_their_notes(tmp_path, fetched):
    files = fetched()
    ledgers, stamps = [], []
    for _ in range(2):
        ledgers.append(geoboundaries.make(GB, COUNTRY, [""], files=files, folder=tmp_path / "made"))
        stamps.append((tmp_path / "made" / "units.gpkg").stat().st_mtime_ns)
    assert ledgers[0] == ledgers[1]
    assert stamps[0] == stamps[1]


def test_the_first_level_alone_has_no_parents(tmp_path, fetched):
    geoboundaries.make(GB, COUNTRY, [""], files=fetched((1,)), folder=tmp_path / "made")
    assert list(units(tmp_path / "made").columns)[-3:] == ["source_name", "source_year", "geometry"]
    assert (said_of(tmp_path / "made")["level"], said_of(tmp_path / "made")["parent"]) == (1, None)


def test_ids_that_come_twice_or_are_empty_are_made_unique(tmp_path, fetched):
    ledger = geoboundaries.make(GB, COUNTRY, [""], files=fetched(ids=["x", "x", None]), folder=tmp_path / "made")
    assert ledger.amount("ids that were there twice or empty made unique") == 2
    assert set(units(tmp_path / "made")["source_id"]) == {"x", "x-2", "unit-2"}


def test_a_unit_that_crosses_itself_is_mended(tmp_path, fetched):
    tie = DISTRICTS | {"c": Polygon([(68.4, 46), (70, 48), (70, 46), (68.4, 48)])}
    ledger = geoboundaries.make(GB, COUNTRY, [""], files=fetched(districts=tie), folder=tmp_path / "made")
    assert ledger.amount("polygon mended") == 1
    assert units(tmp_path / "made").geometry.is_valid.all()


def test_another_number_of_units_than_the_index_tells_is_told(tmp_path, fetched):
    ledger = geoboundaries.make(GB, COUNTRY, [""], files=fetched(admUnitCount="4"), folder=tmp_path / "made")
    assert ledger.entries[0].cause == "the index tells of 4 units, the file holds 3"


def test_units_of_one_name_above_are_told_apart(tmp_path):
    above = gpd.GeoDataFrame({"id": ["w", "e"], "name": ["Almaty", "Almaty"]}, geometry=[WEST, EAST], crs=4326)
    below = gpd.GeoDataFrame({"id": list("abc"), "name": list("abc")}, geometry=list(DISTRICTS.values()), crs=4326)
    write_units({1: above, 2: below}, tmp_path / "units.gpkg", step="toy", year=None, licence="", source="")
    assert units(tmp_path, parent_column="parent")["parent_name"].tolist() == ["Almaty (w)", "Almaty (w)", "Almaty (e)"]


def test_an_island_outside_all_units_above_belongs_to_the_nearest(tmp_path):
    above = gpd.GeoDataFrame({"id": ["w", "e"], "name": ["West", "East"]}, geometry=[WEST, EAST], crs=4326)
    below = gpd.GeoDataFrame({"id": ["i"], "name": ["Isle"]}, geometry=[box(64, 46, 64.1, 46.1)], crs=4326)
    ledger = write_units({1: above, 2: below}, tmp_path / "units.gpkg", step="toy", year=None, licence="", source="")
    assert units(tmp_path, parent_column="parent")["parent_name"].tolist() == ["West"]
    assert ledger.entries[0].amount == 1


def test_from_a_server_a_pointer_gives_way_to_the_mirror(tmp_path, monkeypatch, fetched):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    released = fetched((1,))[f"geoboundaries/{COMMIT}/geoBoundaries-KAZ-ADM1.geojson"].read_bytes()
    with serving(tmp_path / "served") as server:
        monkeypatch.setenv("URBANREVIEW_HOSTS", f"{server.address}/{{host}}")
        server.answers["geoboundaries/api/current/gbOpen/KAZ/ADM1/"] = lambda _: json.dumps(index_of(1)).encode()
        server.put(f"github/{FILE.format(folder='raw/', commit=COMMIT, level=1)}", POINTER)
        server.put(f"github_media/media/{FILE.format(folder='', commit=COMMIT, level=1)}", released)
        cache = Cache(tmp_path / "cache")
        wanted = geoboundaries.wanted(GB, COUNTRY, [""], web=LiveWeb(cache, hosts=hosts(), retries=0))
        outcome = Fetcher(cache, retries=0).fetch(wanted.remotes)
        again = geoboundaries.wanted(GB, COUNTRY, [""], web=LiveWeb(cache, hosts=hosts(), offline=True))
    index, file = outcome.outcomes
    assert (index.how, file.how, file.mirrored) == ("cached", "fetched", True)
    assert "a Git-LFS pointer" in file.reason
    assert again.remotes == wanted.remotes
    assert wanted.ledger.amount("there are no boundaries of level 2") == 1
    assert again.ledger.amount("the index of level 2 is not in the cache") == 1
    geoboundaries.make(GB, COUNTRY, [""], files=outcome.files, folder=tmp_path / "made")
    assert units(tmp_path / "made")["name"].tolist() == ["East", "West"]


@pytest.fixture
def cod_zip(tmp_path, write_zip):
    """An archive of shapefiles as they are shipped: layers of both levels, the country, lines."""

    def write(style=str.upper, name="EN"):
        def field(text):
            return style(text.format(name=name))

        layers = {
            "adm0": ([box(66, 46, 70, 48)], {"adm0_{name}": ["Kazakhstan"], "adm0_pcode": ["KZ"]}),
            "adm1": ([WEST, EAST], {"adm1_{name}": ["West", "East"], "adm1_pcode": ["KZ1", "KZ2"], "adm0_pcode": "KZ"}),
            "adm2": (
                list(DISTRICTS.values()),
                {
                    "adm2_{name}": list("abc"),
                    "adm2_pcode": ["KZ11", "KZ21", "KZ22"],
                    "adm1_{name}": ["West", "East", "East"],
                    "adm1_pcode": ["KZ1", "KZ2", "KZ2"],
                },
            ),
            "admlines": ([LineString([(68, 46), (68, 48)])], {"adm1_pcode": ["KZ1"]}),
        }
        members = {}
        for layer, (shapes, columns) in layers.items():
            frame = gpd.GeoDataFrame({field(key): value for key, value in columns.items()}, geometry=shapes, crs=4326)
            frame.to_file(tmp_path / f"kaz_{layer}.shp")
            for part in tmp_path.glob(f"kaz_{layer}.*"):
                members[f"kaz/{part.name}"] = part
        return write_zip(members, "kaz_adm_unhcr_2023_shp.zip")

    return write


@pytest.mark.parametrize(("style", "name"), [(str.upper, "EN"), (str.lower, "name"), (str.upper, "RU")])
def test_layers_are_found_by_their_fields(tmp_path, cod_zip, style, name):
    (remote,) = cod_ab.wanted(COD_KAZ, COUNTRY, [""], web=FakeWeb()).remotes
    assert remote.addresses[0].endswith("/download/kaz_adm_unhcr_2023_shp.zip")
    cod_ab.make(COD_KAZ, COUNTRY, [""], files={remote.name: cod_zip(style, name)}, folder=tmp_path / "made")
    found = units(tmp_path / "made", parent_column="parent")
    assert found["source_id"].tolist() == ["KZ11", "KZ21", "KZ22"]
    assert found["name"].tolist() == ["a", "b", "c"]
    assert found["parent_name"].tolist() == ["West", "East", "East"]
    assert (said_of(tmp_path / "made")["year"], said_of(tmp_path / "made")["licence"]) == (2023, "CC-BY-IGO-3.0")


def test_the_archive_of_one_country_is_none_of_another():
    with pytest.raises(NotInInput, match="UZB"):
        cod_ab.wanted(COD_KAZ, Place("UZB", COUNTRY.outline, 0.0), [""], web=FakeWeb())


def test_the_index_names_the_archive_its_year_and_its_licence(tmp_path, cod_zip):
    base = "https://data.humdata.org/dataset/d1/resource/r{number}/download/{file}"
    resources = [
        {"format": "XLSX", "download_url": base.format(number=0, file="kaz.xlsx")},
        {"format": "GeoJSON", "download_url": base.format(number=1, file="kaz.geojson.zip")},
        {"format": "SHP", "download_url": base.format(number=2, file="kaz.shp.zip"), "size": 77},
    ]
    package = {"dataset_date": "[2021-03-01T00:00:00 TO *]", "license_title": "CC BY-IGO", "resources": resources}
    index = json.dumps({"success": True, "result": package})
    web = FakeWeb({"https://data.humdata.org/api/3/action/package_show?id=cod-ab-kaz": index})
    listed, archive = cod_ab.wanted(COD, COUNTRY, [""], web=web).remotes
    assert archive.addresses == (base.format(number=2, file="kaz.shp.zip"),)
    assert archive.size_bytes == 77
    (tmp_path / "index.json").write_text(index)
    files = {listed.name: tmp_path / "index.json", archive.name: cod_zip()}
    cod_ab.make(COD, COUNTRY, [""], files=files, folder=tmp_path / "made")
    assert (said_of(tmp_path / "made")["year"], said_of(tmp_path / "made")["licence"]) == (2021, "CC BY-IGO")


@pytest.mark.parametrize("index", ["no", "{}", '{"result": {"resources": [{"format": "XLSX", "url": "x"}]}}'])
def test_an_index_without_an_archive_is_refused(index):
    web = FakeWeb({"https://data.humdata.org/api/3/action/package_show?id=cod-ab-kaz": index})
    with pytest.raises(WrongContent, match="no zip with boundaries"):
        cod_ab.wanted(COD, COUNTRY, [""], web=web)


def test_an_archive_without_levels_is_told(tmp_path, write_zip):
    gpd.GeoDataFrame({"code": ["x"]}, geometry=[WEST], crs=4326).to_file(tmp_path / "other.geojson")
    archive = write_zip({"other.geojson": tmp_path / "other.geojson"})
    files = {"cod-ab-kaz/KAZ/kaz_adm_unhcr_2023_shp.zip": archive}
    with pytest.raises(UnreadableFile, match="ADM1_PCODE"):
        cod_ab.make(COD_KAZ, COUNTRY, [""], files=files, folder=tmp_path / "made")


def service(counts):
    """A feature service that counts."""
    base = "https://services.arcgis.com/iQ1dY19aHwbSDYIF/arcgis/rest/services/World_Bank_Global_Administrative_Divisions"
    query = "query?where=ISO_A3%3D%27KAZ%27&returnCountOnly=true&f=json"
    return {f"{base}/FeatureServer/{layer}/{query}": json.dumps({"count": count}) for layer, count in counts.items()}


@pytest.fixture
def paged(tmp_path, monkeypatch):
    """Write the pages of both levels, two units at a time."""
    monkeypatch.setattr(world_bank, "PAGE_UNITS", 2)
    wanted = world_bank.wanted(WB, COUNTRY, [""], web=FakeWeb(service({2: 2, 3: 3}))).remotes
    frames = {
        1: gpd.GeoDataFrame({"ADM1CD_c": ["KAZ1", "KAZ2"], "NAM_1": ["West", "East"]}, geometry=[WEST, EAST], crs=4326),
        2: gpd.GeoDataFrame(
            {"ADM2CD_c": ["KAZ11", "KAZ21", "KAZ22"], "NAM_2": list("abc"), "NAM_1": ["West", "East", "East"]},
            geometry=list(DISTRICTS.values()),
            crs=4326,
        ),
    }
    files = {}
    for remote in wanted:
        path = tmp_path / remote.name.rpartition("/")[2]
        if "/index/" in remote.name:
            path = path.with_suffix(".count.json")
            path.write_text(json.dumps({"count": 3 if "ADM2" in remote.name else 2}))
        else:
            begin = int(remote.name.split("-from-")[1].split("-")[0])
            frames[2 if "ADM2" in remote.name else 1].iloc[begin : begin + 2].to_file(path)
        files[remote.name] = path
    return wanted, files


def test_a_service_is_asked_page_by_page(paged):
    wanted, _ = paged
    asked = [remote.addresses[0] for remote in wanted if "/index/" not in remote.name]
    ends = [address.partition("f=geojson")[2] for address in asked]
    assert ends == [f"&resultOffset={offset}&resultRecordCount=2" for offset in (0, 0, 2)]
    assert [address.split("FeatureServer/")[1][0] for address in asked] == ["2", "3", "3"]


def test_pages_become_one_layer(tmp_path, paged):
    world_bank.make(WB, COUNTRY, [""], files=paged[1], folder=tmp_path / "made")
    found = units(tmp_path / "made", parent_column="parent")
    assert found["source_id"].tolist() == ["KAZ11", "KAZ21", "KAZ22"]
    assert found["parent_name"].tolist() == ["West", "East", "East"]
    assert (said_of(tmp_path / "made")["year"], said_of(tmp_path / "made")["licence"]) == (None, "CC-BY-4.0")


def test_a_level_without_all_its_pages_is_not_made(tmp_path, paged):
    files = {name: path for name, path in paged[1].items() if "ADM2-from-2" not in name}
    world_bank.make(WB, COUNTRY, [""], files=files, folder=tmp_path / "made")
    assert said_of(tmp_path / "made")["level"] == 1


def test_pages_that_do_not_add_up_are_refused(tmp_path, paged):
    short = next(path for name, path in paged[1].items() if "ADM2-from-0" in name)
    gpd.read_file(short).iloc[:1].to_file(short)
    with pytest.raises(WrongContent, match="got 2 units of level 2, expected 3, as counted"):
        world_bank.make(WB, COUNTRY, [""], files=paged[1], folder=tmp_path / "made")


def test_a_service_without_the_country_or_the_second_level_is_told():
    with pytest.raises(NotInInput, match="KAZ"):
        world_bank.wanted(WB, COUNTRY, [""], web=FakeWeb(service({2: 0, 3: 0})))
    wanted = world_bank.wanted(WB, COUNTRY, [""], web=FakeWeb(service({2: 5, 3: 0})))
    assert wanted.ledger.amount("there are no boundaries of level 2") == 1


def test_an_error_in_place_of_a_count_is_refused():
    answers = dict.fromkeys(service({2: 1}), '{"error": {"code": 400, "message": "Invalid URL"}}')
    with pytest.raises(WrongContent, match="Invalid URL"):
        world_bank.wanted(WB, COUNTRY, [""], web=FakeWeb(answers))


@pytest.mark.parametrize(("iso3", "ids"), [("KAZ", ["KAZ-1", "KAZ-2"]), ("SSD", ["SDS-1"])])
def test_states_of_the_world_are_cut_to_the_country(tmp_path, write_zip, iso3, ids):
    columns = {
        "adm1_code": ["KAZ-1", "KAZ-2", "RUS-1", "SDS-1"],
        "name": ["West", "East", "Far", "South"],
        "adm0_a3": ["KAZ", "KAZ", "RUS", "SDS"],
        "iso_a2": ["KZ", "KZ", "RU", "SS"],
    }
    shapes = [WEST, EAST, box(80, 55, 90, 60), box(28, 5, 32, 10)]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(tmp_path / "ne_10m_admin_1.shp")
    archive = write_zip({part.name: part for part in tmp_path.glob("ne_10m*")}, "states.zip")
    place = Place(iso3, COUNTRY.outline, 0.0)
    (remote,) = natural_earth.wanted(NE, place, [""], web=FakeWeb()).remotes
    assert remote.addresses == (
        "https://naturalearth.s3.amazonaws.com/10m_cultural/ne_10m_admin_1_states_provinces.zip",
        "https://naciscdn.org/naturalearth/10m/cultural/ne_10m_admin_1_states_provinces.zip",
    )
    natural_earth.make(NE, place, [""], files={remote.name: archive}, folder=tmp_path / "made")
    assert units(tmp_path / "made")["source_id"].tolist() == ids
    with pytest.raises(NotInInput, match="MNG"):
        natural_earth.make(
            NE, Place("MNG", COUNTRY.outline, 0.0), [""], files={remote.name: archive}, folder=tmp_path / "other"
        )


@pytest.mark.parametrize(("provider", "dataset"), [(geoboundaries, GB), (cod_ab, COD), (world_bank, WB), (natural_earth, NE)])
def test_nothing_fetched_makes_nothing(tmp_path, provider, dataset):
    assert provider.make(dataset, COUNTRY, [""], files={}, folder=tmp_path).entries == ()
    assert list(tmp_path.iterdir()) == []
