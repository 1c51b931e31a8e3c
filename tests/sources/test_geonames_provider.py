"""Names and gas flares as they are fetched: a table out of its archive, points out of a list of the world."""

import geopandas as gpd
import pytest
from fake_web import FakeWeb
from shapely.geometry import box

from urbanreview.errors import UnknownName, UnreadableFile
from urbanreview.sources import open_features
from urbanreview.sources.catalogue import dataset_of
from urbanreview.sources.open_alternate_names import open_alternate_names
from urbanreview.sources.providers import flares, geonames
from urbanreview.sources.remote import Place

ALTERNATE, COUNTRY, FLARES = (dataset_of(key) for key in ("geonames-alternate", "geonames-country", "eog-gas-flares"))
NAMES = "7\t1526384\tkk\tАлматы\t1\t\t\t\t\t\n8\t1526384\tru\tАлма-Ата\t\t\t\t\t\t\n"
KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Flares</name><Folder>
<Placemark><name>FL-1</name><description><![CDATA[<b>BCM</b> 0.1]]></description>
<Point><coordinates>53.21,46.9,0</coordinates></Point></Placemark>
<Placemark><name>FL-2</name><Point><coordinates> 54.0,47.5 </coordinates></Point></Placemark>
<Placemark><name>FL-3</name><Point><coordinates>-103.0,48.0,0</coordinates></Point></Placemark>
</Folder></Document></kml>
"""


def place(west=52.0, south=46.0, east=56.0, north=48.0, iso3="KAZ"):
    return Place(iso3, gpd.GeoSeries([box(west, south, east, north)], crs=4326), 0.0)


@pytest.mark.parametrize(("dataset", "path"), [(ALTERNATE, "alternatenames/KZ.zip"), (COUNTRY, "KZ.zip")], ids=["names", "all"])
def test_the_archive_is_that_of_the_country(dataset, path):
    (remote,) = geonames.wanted(dataset, place(), [""], web=FakeWeb()).remotes
    assert remote.addresses == (f"https://download.geonames.org/export/dump/{path}",)
    assert (remote.name, remote.form) == (f"{dataset.key}/KZ.zip", "zip")


def test_there_is_no_archive_of_no_country():
    with pytest.raises(UnknownName, match="country 'KAS'"):
        geonames.wanted(ALTERNATE, place(iso3="KAS"), [""], web=FakeWeb())


def test_the_table_is_taken_out_of_the_archive(tmp_path, write_zip):
    archive = write_zip({"readme.txt": b"words", "KZ.txt": NAMES.encode()}, "KZ.zip")
    geonames.make(ALTERNATE, place(), [""], files={"geonames-alternate/KZ.zip": archive}, folder=tmp_path / "made")
    names = open_alternate_names(tmp_path / "made" / "alternate_names.txt", languages=["kk", "ru"])
    assert names["name"].tolist() == ["Алматы", "Алма-Ата"]
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["alternate_names.txt"]


def test_an_archive_without_the_table_is_told(tmp_path, write_zip):
    archive = write_zip({"readme.txt": b"words"}, "KZ.zip")
    with pytest.raises(UnreadableFile, match=r"it holds readme\.txt"):
        geonames.make(ALTERNATE, place(), [""], files={"geonames-alternate/KZ.zip": archive}, folder=tmp_path / "made")


def test_flares_are_the_points_near_the_country(tmp_path):
    (remote,) = flares.wanted(FLARES, place(), [""], web=FakeWeb()).remotes
    assert remote.addresses == ("https://eogdata.mines.edu/global_flare_data/2024_flare_summary_v20250730_j01.kml",)
    (tmp_path / "world.kml").write_text(KML, encoding="utf-8")
    ledger = flares.make(FLARES, place(), [""], files={remote.name: tmp_path / "world.kml"}, folder=tmp_path / "made")
    found = open_features(tmp_path / "made" / "flares.gpkg", layer="flares")
    assert ledger.entries == ()
    assert [(name, point.x, point.y) for name, point in zip(found["name"], found.geometry, strict=True)] == [
        ("FL-1", 53.21, 46.9),
        ("FL-2", 54.0, 47.5),
    ]


def test_a_country_without_flares_gets_no_file_and_a_note(tmp_path):
    (tmp_path / "world.kml").write_text(KML, encoding="utf-8")
    files = {"eog-gas-flares/2024_flare_summary_v20250730_j01.kml": tmp_path / "world.kml"}
    ledger = flares.make(FLARES, place(0, 0, 1, 1), [""], files=files, folder=tmp_path / "made")
    assert ledger.amount("no gas flare is listed in or near the country") == 1
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("text", [KML[:400], "<kml></kml>", KML.replace("53.21", "east")], ids=["cut", "empty", "words"])
def test_a_list_that_is_none_is_told(tmp_path, text):
    (tmp_path / "world.kml").write_text(text, encoding="utf-8")
    files = {"eog-gas-flares/2024_flare_summary_v20250730_j01.kml": tmp_path / "world.kml"}
    with pytest.raises(UnreadableFile, match="a list of gas flares in KML"):
        flares.make(FLARES, place(), [""], files=files, folder=tmp_path / "made")
