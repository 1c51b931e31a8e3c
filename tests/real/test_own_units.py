"""Whole reviews of three real countries with the user's own units, official numbers, and other city databases."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from twins.coverage import cell_shares, to_pixels

from urbanreview.config import load_settings
from urbanreview.grid import geobox_of
from urbanreview.pipeline import review

pytestmark = pytest.mark.real

OFFICIAL_TOTAL = 19_765_004
"""Of the table's own last row."""


@pytest.fixture(scope="module")
def settings_of(shared, root, tmp_path_factory):
    """Write an example with the paths of the shared data, some sections left out."""

    def written(name: str, *without: str):
        text = (root / "examples" / f"{name}.toml").read_text(encoding="utf-8")
        parts = text.replace("../../shared", shared.resolve().as_posix()).split("\n[")
        text = "\n[".join(part for part in parts if part.partition("]")[0] not in without)
        folder = tmp_path_factory.mktemp(name)
        for table in (root / "examples").glob("*.csv"):
            (folder / table.name).write_bytes(table.read_bytes())
        path = folder / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def with_values(found, measure: str) -> pd.Series:
    """Numbers of a measure by zone id."""
    return found.values[found.values["measure"] == measure].set_index("zone_id")["value"]


def people_on(raster, shapes: list[shapely.Geometry]) -> np.ndarray:
    """People on polygons in the reference system of a raster, every cell cut with every one."""
    zone, row, col, share = cell_shares(to_pixels(shapes, geobox_of(raster).transform), raster.shape)
    living = np.nan_to_num(raster.values)[row, col] * share
    return np.bincount(zone, weights=living, minlength=len(shapes))


@pytest.fixture(scope="module")
def kazakhstan(settings_of):
    return review(load_settings(settings_of("kazakhstan")))


@pytest.fixture(scope="module")
def belgium_review(settings_of):
    return review(load_settings(settings_of("belgium_provinces", "lights", "crosswalk.geonames", "city_list")))


@pytest.fixture(scope="module")
def senegal(settings_of):
    return review(load_settings(settings_of("senegal", "access")))


class TestKazakhstan:
    @pytest.fixture
    def found(self, kazakhstan):
        return kazakhstan

    @pytest.fixture
    def rows(self, data) -> pd.Series:
        """The office's table by region, with its own total."""
        return pd.read_csv(data / "kazakhstan" / "population_by_region_2023.csv", index_col="Region")["Total"]

    def test_cities_on_cells_of_10_km_are_refused(self, settings_of):
        from urbanreview.cli import main

        path = settings_of("kazakhstan", "settlements")
        result = CliRunner().invoke(main, ["run", str(path), "--quiet"])
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: Population 'worldpop 2020' has cells of ")
        assert "expected at most 2 km2: the urban rules are made for about 1 km." in result.stderr
        assert result.stderr.endswith("or name the settlements in [settlements].\n")
        assert len(result.stderr.splitlines()) == 1
        assert not (path.parent / "kazakhstan-review" / "run.json").exists()

    def test_twenty_rows_are_folded_into_seventeen_units_and_nothing_is_lost(self, found, rows):
        table = found.beside["official"]
        country, units = table.iloc[0], table.iloc[1:]
        assert country[["zone_id", "official"]].tolist() == ["KAZ-adm0-KAZ", OFFICIAL_TOTAL]
        assert rows[country["official_rows"]] == OFFICIAL_TOTAL
        matched = units[units["official_rows"].notna()]
        keys = [key for text in matched["official_rows"] for key in text.split("; ")]
        assert sorted(keys) == sorted(set(rows.index) - {country["official_rows"]})
        assert (len(keys), len(matched)) == (20, 17)
        for row in matched.itertuples():
            assert row.official == sum(rows[key] for key in row.official_rows.split("; ")), row.name
        assert matched["official"].sum() == OFFICIAL_TOTAL
        assert units["zone_id"].notna().all()

    def test_three_new_regions_are_folded_and_the_capital_has_its_old_name(self, found):
        by = found.beside["official"].set_index("zone_id")["official_rows"]
        assert by["KAZ-adm1-KZ-VOS"] == "Abai Region; East Kazakhstan Region"
        assert by["KAZ-adm1-KZ-ALM"] == "Almaty Region; Jetisu Region"
        assert by["KAZ-adm1-KZ-KAR"] == "Karaganda Region; Ulytau Region"
        assert by["KAZ-adm1-KZ-AST"] == "Astana city"

    def test_baikonur_has_no_row(self, found):
        left = found.beside["official"].query("official.isna()")
        assert left[["zone_id", "name", "reason"]].values.tolist() == [["KAZ-adm1-KZ-BAY", "Baikonur", "no official row"]]
        assert left["ours"].iloc[0] > 0

    def test_ours_is_the_sum_of_the_raster_and_every_gap_is_told(self, found, data, stored):
        table = found.beside["official"].set_index("zone_id")
        total = with_values(found, "population.total")
        assert table["ours"].to_dict() == pytest.approx(total.reindex(table.index).to_dict(), rel=1e-12)
        assert 17e6 < total["KAZ-adm0-KAZ"] < np.nansum(stored(data / "kazakhstan" / "worldpop_2020_10km.tif"))
        known = table.dropna(subset="official")
        np.testing.assert_allclose(known["gap"], known["ours"] - known["official"], rtol=1e-12)
        large = known["gap_share"].abs() >= 0.01
        assert (known["reason"] != "").tolist() == large.tolist()
        people = with_values(found, "official.people")
        assert people.dropna().to_dict() == known["official"].to_dict()

    def test_the_number_of_regions_is_told_beside_that_of_the_standard(self, found):
        said = [note for note in found.notes if "ISO 3166-2" in note]
        assert len(said) == 1
        assert said[0].startswith("18 first-level units, ISO 3166-2 lists 20 ")
        assert "Boundaries as of 2020." in found.notes

    def test_baikonur_lies_in_two_units(self, found):
        table = found.beside["division"]
        assert "overlap" in set(table["kind"])
        assert table["people"].sum() > 0


class TestBelgium:
    @pytest.fixture
    def found(self, belgium_review):
        return belgium_review

    @pytest.fixture
    def own(self, found):
        return found.zones[found.zones["level"] == "municipality"]

    def test_there_are_581_municipalities_beside_eleven_provinces(self, found, own):
        assert len(own) == 581
        assert found.zones["level"].eq("adm2").sum() == 11
        assert not [note for note in found.notes if "ISO 3166-2" in note]

    def test_their_people_are_those_of_cells_cut_with_them(self, found, belgium, municipalities):
        """Zones go through degrees and back, which moves long straight borders a little."""
        expected = people_on(belgium, list(municipalities.geometry.values))
        people = with_values(found, "population.total")["BEL-municipality-" + municipalities.index]
        assert np.abs(people.to_numpy() - expected).max() < 1.0
        assert people.sum() == pytest.approx(expected.sum(), abs=1.0)
        urban = with_values(found, "population.urban_share")[people.index]
        assert urban.dropna().between(0, 1 + 1e-9).all()
        assert urban.notna().sum() >= 580

    def test_their_first_province_has_most_of_their_people(self, found, own, belgium, municipalities):
        links = found.links[(found.links["relation"] == "district") & found.links["from_id"].isin(own.index)]
        assert own["district_1"].notna().all()
        best = links.sort_values(["people", "cells"], ascending=False).drop_duplicates("from_id").set_index("from_id")
        assert best["to_id"].reindex(own.index).tolist() == own["district_1"].tolist()
        shapes = municipalities.geometry.set_axis("BEL-municipality-" + municipalities.index)[own.index]
        provinces = found.zones.geometry.to_crs(municipalities.crs)[own["district_1"]]
        shared = people_on(belgium, list(shapely.intersection(shapes.values, provinces.values)))
        everyone = with_values(found, "population.total")[own.index].to_numpy()
        # Two drawings of one border: next to all of a municipality lies in its province.
        share = shared[everyone > 0] / everyone[everyone > 0]
        assert share.min() > 0.5
        assert (share > 0.95).mean() > 0.95
        np.testing.assert_allclose(own["district_1_share"][everyone > 0], share, atol=1e-3)
        assert own["district_1_name"]["BEL-municipality-44021"] == "East Flanders"

    def test_gent_the_municipality_beside_gent_the_urban_centre(self, found, belgium, municipalities):
        table = found.beside["extents_compared"]
        assert len(table) == 2 * 581
        row = table[(table["zone_id"] == "BEL-municipality-44021") & (table["level"] == "urban_centre")].iloc[0]
        assert row[["name", "settlement_name"]].tolist() == ["Gent", "Gent"]
        assert row["names_agree"]
        assert row["mutual"]
        crs = municipalities.crs
        outline = municipalities.geometry["44021"]
        centre = found.zones.geometry.loc[[row["settlement_id"]]].to_crs(crs).iloc[0]
        both = outline.intersection(centre)
        people = people_on(belgium, [outline, centre, both])
        expected = {
            "people": people[0],
            "settlement_people": people[1],
            "people_both": people[2],
            "people_only_zone": people[0] - people[2],
            "people_only_settlement": people[1] - people[2],
        }
        assert row[list(expected)].to_dict() == pytest.approx(expected, abs=0.5)
        assert row["people_overlap"] == pytest.approx(people[2] / (people[0] + people[1] - people[2]), rel=1e-5)
        # Mollweide keeps areas, of a sphere of its own: within a few thousandths of those of the ellipsoid.
        assert row["area_both_km2"] == pytest.approx(both.area / 1e6, rel=7e-3)
        union = outline.area + centre.area - both.area
        assert row["area_overlap"] == pytest.approx(both.area / union, rel=1e-3)

    def test_only_municipalities_that_meet_a_centre_have_one(self, found, own):
        """And all of them do, but where no more than an edge meets."""
        centres = gpd.GeoSeries([found.zones[found.zones["level"] == "urban_centre"].union_all()], crs=4326)
        table = found.beside["extents_compared"].query("level == 'urban_centre'").set_index("zone_id")
        met = table.index[table["settlement_id"].notna()]
        apart = table.index.difference(met)
        assert len(met) > 50
        assert own.loc[met].intersects(centres.iloc[0]).all()
        assert shapely.area(own.geometry[apart].intersection(centres.iloc[0]).values).max() < 1e-9
        assert (table.loc[apart, "people_both"] == 0).all()
        assert table.loc[apart, "settlement_people"].isna().all()


class TestSenegal:
    @pytest.fixture
    def found(self, senegal):
        return senegal

    @pytest.fixture
    def cities(self, found):
        return found.zones[found.zones["level"] == "urban_centre"]

    def test_dakar_is_matched_with_its_share_and_distance(self, found, cities):
        dakar = cities.loc["SEN-urban_centre-22"]
        assert cities["people"].idxmax() == dakar.name
        said = dakar[["ucdb_id", "ucdb_name", "ucdb_share", "ucdb_distance_km", "ucdb_matches"]].tolist()
        assert said == ["39", "Dakar", 1.0, 0.0, 1]
        row = found.beside["crosswalk"].query("database == 'ucdb' and other_name == 'Dakar'").iloc[0]
        assert row[["zone_id", "how", "relation"]].tolist() == ["SEN-urban_centre-22", "inside", "one to one"]
        assert row["other_people"] == pytest.approx(3_970_202, abs=1)

    def test_the_same_points_lie_inside_by_a_plain_join(self, found, cities, data):
        ucdb = gpd.read_file(data / "senegal" / "ucdb_r2024a_cities.gpkg").to_crs(4326)
        plain = gpd.sjoin(ucdb[["ID_UC_G0", "geometry"]], cities[["geometry"]].rename_axis("zone_id").reset_index())
        rows = found.beside["crosswalk"].query("database == 'ucdb' and how == 'inside'")
        assert set(zip(rows["other_id"], rows["zone_id"], strict=True)) == set(
            zip(plain["ID_UC_G0"].astype("str"), plain["zone_id"], strict=True)
        )
        assert len(rows) >= 20

    def test_settlements_without_a_match_are_empty_and_never_zero(self, cities, found):
        matched = found.beside["crosswalk"].query("database == 'ucdb' and zone_id.notna()")["zone_id"].unique()
        without = cities.loc[cities.index.difference(matched)]
        assert len(without) > 0
        assert without.filter(regex="^ucdb_").isna().all(axis=None)
        assert cities.loc[matched, "ucdb_id"].notna().all()
        assert set(cities["ucdb_id"].dropna()) == set(
            found.beside["crosswalk"].query("database == 'ucdb' and rank == 1")["other_id"]
        )

    def test_both_databases_stand_beside_one_another(self, cities):
        assert cities["geonames_id"].notna().sum() > cities["ucdb_id"].notna().sum()
        assert cities.loc["SEN-urban_centre-22", "geonames_matches"] > 1
