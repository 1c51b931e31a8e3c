"""The catalogue of open datasets: every row whole, every word of an address known, and no address anywhere else."""

import re
from dataclasses import fields
from pathlib import Path
from string import Formatter
from urllib.parse import urlsplit

import pytest

from urbanreview.errors import UnknownName
from urbanreview.sources.catalogue import (
    DEFAULTS,
    RESERVED,
    THEMES,
    Dataset,
    catalogue,
    dataset_of,
    default_datasets,
    hosts,
    tables,
)
from urbanreview.sources.licences import licence_of, licences, resulting_licence

PACKAGE = Path(__file__).parents[2] / "src" / "urbanreview"
WORDS = {
    "year", "month", "day", "row", "column", "iso3", "iso3_lower", "iso2", "level", "layer", "west", "south", "east", "north",
    "id", "name", "return_period", "scenario", "model", "key", "commit", "dataset", "resource", "file", "offset", "count",
}  # fmt: skip
LOCAL_WORDS = {"year", "month", "return_period"}
FORMS = {"tiff", "zip", "netcdf", "json", "text", "gzip", "gpkg"}
KINDS = {"count", "intensity", "share", "class", "cost", "vector", "table"}
OPTIONAL = {
    "index", "mirror", "nodata", "years", "listed", "projected_from", "licence_note", "share_alike", "non_commercial", "doi",
    "size_bytes", "login", "proven_live", "notes", "local", "settings", "crs",
}  # fmt: skip
"""What a dataset may truly lack."""
ELSEWHERE = {
    "config/own.py": ["https://nominatim.openstreetmap.org"],  # the default of a setting
    "naming/nominatim.py": ["https://nominatim.openstreetmap.org"],  # the same, for the library's users
    "report/geopackage.py": ["http://www.geopackage.org/spec121/#extension_schema"],  # the name of an extension
    "report/qgis.py": ["http://mrcc.com/qgis.dtd"],  # the name of a document type
}
"""Addresses outside the catalogue, none of which data are fetched from without being asked for."""
ADDRESS = re.compile(r"https?://(?!127\.0\.0\.1|\{|example\.|bucket\.|host[/\"'`])[\w.-]+\.\w[^\s'\"`,)>]*")

ROWS = [pytest.param(dataset, id=dataset.key) for dataset in catalogue().values()]
FETCHED = [pytest.param(dataset, id=dataset.key) for dataset in catalogue().values() if dataset.fetchable]


def words_of(template: str) -> set[str]:
    return {word for _, word, _, _ in Formatter().parse(template) if word is not None}


def templates(dataset: Dataset) -> list[str]:
    return [text for text in (dataset.address, dataset.index, dataset.mirror) if text]


class TestRows:
    def test_there_are_many_in_order_of_theme_and_key(self):
        known = list(catalogue().values())
        assert len(known) > 40
        assert [dataset.key for dataset in known] == list(catalogue())
        assert known == sorted(known, key=lambda dataset: (THEMES.index(dataset.theme), dataset.key))
        assert {dataset.theme for dataset in known} == set(THEMES)

    @pytest.mark.parametrize("key", [key for key in tables() if key not in RESERVED])
    def test_a_row_says_nothing_that_is_not_a_field(self, key):
        assert set(tables()[key]) <= {field.name for field in fields(Dataset)} - {"key"} | {"like"}

    @pytest.mark.parametrize("dataset", ROWS)
    def test_every_row_is_complete(self, dataset):
        empty = {field.name for field in fields(Dataset) if getattr(dataset, field.name) in ("", (), None, {})}
        assert empty - OPTIONAL <= (set() if dataset.fetchable else {"address"})
        assert re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", dataset.key)
        assert dataset.address or dataset.index or dataset.login

    @pytest.mark.parametrize("dataset", ROWS)
    def test_closed_lists_are_kept(self, dataset):
        assert dataset.form in FORMS
        assert dataset.kind in KINDS
        assert dataset.status in ("supported", "deprecated")
        assert dataset.crs in ("EPSG:4326", "ESRI:54009")
        assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", dataset.checked)

    @pytest.mark.parametrize("dataset", ROWS)
    def test_nothing_says_that_it_was_fetched_from_the_true_server(self, dataset):
        assert dataset.proven_live is False

    @pytest.mark.parametrize("dataset", ROWS)
    def test_years_are_sane(self, dataset):
        if not dataset.years:
            assert dataset.all_years() == ()
            return
        first, last, step = dataset.years
        assert 1900 < first <= last <= 2030
        assert step > 0
        assert (last - first) % step == 0
        assert dataset.all_years()[0] == first
        assert dataset.all_years()[-1] == last
        assert not dataset.listed
        if last > int(dataset.checked[:4]):
            assert dataset.projected_from is not None

    @pytest.mark.parametrize("dataset", ROWS)
    def test_sizes_are_of_files(self, dataset):
        assert dataset.size_bytes is None or 10_000 < dataset.size_bytes < 10_000_000_000

    @pytest.mark.parametrize("dataset", ROWS)
    def test_a_citation_and_a_doi_look_like_one(self, dataset):
        assert dataset.citation.endswith(".")
        assert not dataset.doi or re.fullmatch(r"10\.\d{4,9}/[\w./-]+", dataset.doi)
        assert "http" not in dataset.citation

    def test_the_codes_of_population_are_those_of_the_producers(self):
        assert dataset_of("ghs-pop-r2023a").nodata == (-200.0,)
        assert dataset_of("worldpop-r2025a").nodata == (-99999.0,)
        assert dataset_of("light-every-night").nodata == (-1.5, -999.3)

    def test_an_unknown_one_is_told_with_a_guess(self):
        with pytest.raises(UnknownName, match="Did you mean 'worldpop-r2025a'"):
            dataset_of("worldpop-r2025")


class TestAddresses:
    def test_hosts_are_https_and_end_without_a_slash(self):
        for name, address in hosts().items():
            parts = urlsplit(address)
            assert re.fullmatch(r"[a-z_]+", name)
            assert parts.scheme == "https", name
            assert parts.netloc
            assert not address.endswith("/"), name
            assert not parts.query

    def test_no_host_has_the_name_of_another_word(self):
        assert not set(hosts()) & WORDS

    @pytest.mark.parametrize("dataset", ROWS)
    def test_templates_begin_with_a_host_and_use_known_words(self, dataset):
        for template in templates(dataset):
            assert template.startswith(tuple(f"{{{host}}}" for host in hosts())), template
            assert words_of(template) <= WORDS | set(hosts()), template
            assert len(words_of(template) & set(hosts())) == 1
            assert "://" not in template
            assert ".." not in template
            assert not re.search(r"\s", template)

    @pytest.mark.parametrize("dataset", ROWS)
    def test_a_mirror_needs_no_word_that_the_address_lacks(self, dataset):
        assert words_of(dataset.mirror) - set(hosts()) <= words_of(dataset.address)
        assert dataset.mirror != dataset.address or not dataset.mirror

    @pytest.mark.parametrize("dataset", ROWS)
    def test_the_page_is_https(self, dataset):
        assert dataset.url.startswith("https://")

    def test_every_host_is_used(self):
        used = set().union(*(words_of(template) for dataset in catalogue().values() for template in templates(dataset)))
        assert set(hosts()) <= used

    @pytest.mark.parametrize("dataset", FETCHED)
    def test_a_local_name_stays_in_its_folder(self, dataset):
        for name in (dataset.local, *(value for value in dataset.settings.values() if isinstance(value, str))):
            assert not name.startswith("/")
            assert ".." not in name
            assert words_of(name) <= LOCAL_WORDS

    def test_a_tile_of_kazakhstan(self):
        template = dataset_of("ghs-pop-r2023a").address
        address = template.format(**hosts(), year=2020, row=3, column=22)
        assert address == (
            "https://jeodpp.jrc.ec.europa.eu/ftp/jrc-opendata/GHSL/GHS_POP_GLOBE_R2023A/GHS_POP_E2020_GLOBE_R2023A_54009_1000/"
            "V1-0/tiles/GHS_POP_E2020_GLOBE_R2023A_54009_1000_V1_0_R3_C22.zip"
        )

    def test_other_addresses_as_public_code_has_them(self):
        def filled(key, **words):
            return dataset_of(key).address.format(**hosts(), **words)

        assert filled("worldpop-2000-2020", year=2020).endswith(
            "/Global_2000_2020/2020/0_Mosaicked/ppp_2020_1km_Aggregated.tif"
        )
        assert filled("chirps-v3.0", year=2020, month=3).endswith("/monthly/global/cogs/chirps-v3.0.2020.03.cog")
        assert filled("satpm25-v6gl03", year=2020).endswith("/V6GL03.CNNPM25.0p10.GL.202001-202012.nc")
        assert filled("aqueduct-floods-v2", return_period=100).endswith("/inunriver_historical_000000000WATCH_1980_rp00100.tif")
        assert filled("jrc-flood-v2.1.2", return_period=10, id=1, name="N70_W180").endswith("/RP10/ID1_N70_W180_RP10_depth.tif")

    def test_code_holds_no_address(self):
        found = {}
        for module in sorted(PACKAGE.rglob("*.py")):
            addresses = sorted(set(ADDRESS.findall(module.read_text(encoding="utf-8"))))
            if addresses:
                found[module.relative_to(PACKAGE).as_posix()] = addresses
        assert found == ELSEWHERE

    def test_the_search_for_addresses_finds_one(self):
        assert ADDRESS.findall('SERVER = "https://data.worldpop.org/GIS"') == ["https://data.worldpop.org/GIS"]


class TestDefaults:
    @pytest.mark.parametrize("section", DEFAULTS)
    def test_a_default_can_be_fetched_without_an_account(self, section):
        dataset = dataset_of(default_datasets(section))
        assert dataset.fetchable
        assert dataset.status == "supported"
        assert not dataset.non_commercial

    def test_a_default_is_of_its_section(self):
        themes = {"expansion.built_up": "built_up", "lights.flares": "flares"}
        for section in DEFAULTS:
            assert dataset_of(default_datasets(section)).theme == themes.get(section, section.partition(".")[0])

    def test_every_section_that_the_review_fetches_has_one(self):
        needed = (
            "boundaries", "population", "population.worldpop", "land", "built_up", "lights", "exposure.flood",
            "climate.precipitation", "climate.temperature", "air", "access",
        )  # fmt: skip
        assert {default_datasets(section) for section in needed}

    def test_an_unknown_section_is_told(self):
        with pytest.raises(UnknownName, match="Did you mean 'lights'"):
            default_datasets("light")

    def test_accounts_are_left_out_of_what_is_fetched(self):
        left_out = {dataset.key for dataset in catalogue().values() if not dataset.fetchable}
        assert {"eog-vnl-annual", "black-marble-vnp46a4", "landscan-global", "gadm-4.1"} <= left_out
        assert not any(dataset.login and dataset.fetchable for dataset in catalogue().values())


class TestLicences:
    @pytest.mark.parametrize("dataset", ROWS)
    def test_every_row_has_one_that_is_known_and_asks_what_it_asks(self, dataset):
        licence = licences()[dataset.licence]
        assert (dataset.share_alike, dataset.non_commercial) == (licence.share_alike, licence.non_commercial)

    def test_each_has_a_name_and_a_page(self):
        for licence in licences().values():
            assert licence.name
            assert licence.url.startswith("https://")

    def test_no_spelling_means_two(self):
        spellings = [(text, each.key) for each in licences().values() for text in (each.key, each.name, *each.also)]
        assert all(licence_of(text).key == key for text, key in spellings)

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("CC BY 4.0", "CC-BY-4.0"),
            ("cc-by 4.0", "CC-BY-4.0"),
            ("ODbL 1.0", "ODbL-1.0"),
            ("ODbL", "ODbL-1.0"),
            ("Public domain", "public-domain"),
            ("CC BY-NC 4.0", "CC-BY-NC-4.0"),
        ],
    )
    def test_usual_spellings_are_known(self, text, key):
        assert licence_of(text).key == key

    @pytest.mark.parametrize("text", ["", "CC BY", "CC BY 40", "proprietary"])
    def test_what_is_not_quite_a_licence_is_not_guessed(self, text):
        assert licence_of(text) is None

    def test_credit_alone(self):
        assert resulting_licence(["CC-BY-4.0", "EC-reuse", "CC0-1.0"]).licence == "may be shared with credit to its sources"
        assert resulting_licence(["CC-BY-4.0"]).warnings == ()

    def test_public_domain_is_free(self):
        assert resulting_licence(["CC0-1.0", "public-domain"]).licence == "may be shared freely"

    def test_share_alike_reaches_tables_and_under_odbl_no_pictures(self):
        table = resulting_licence(["ODbL-1.0", "CC-BY-4.0"])
        assert table.licence == "may be shared with credit to its sources, under Open Database License 1.0"
        assert table.warnings == ("share-alike: what is made of the data must stand under Open Database License 1.0 too",)
        picture = resulting_licence(["ODbL-1.0", "CC-BY-4.0"], picture=True)
        assert (picture.licence, picture.warnings) == ("may be shared with credit to its sources", ())
        assert "share-alike 4.0" in resulting_licence(["CC-BY-SA-4.0"], picture=True).licence

    def test_two_that_ask_for_themselves_may_not_go_together(self):
        assert any("may not go together" in text for text in resulting_licence(["ODbL-1.0", "CC-BY-SA-4.0"]).warnings)

    def test_one_non_commercial_input_binds_the_whole(self):
        found = resulting_licence(["CC-BY-4.0", "GADM-licence"])
        assert found.licence == "may be shared with credit to its sources, not for commercial use"
        assert "not for commercial use: GADM licence" in found.warnings
        assert "GADM licence: it forbids passing the data on" in found.warnings

    def test_what_is_not_known_is_asked_for_and_hides_no_other_warning(self):
        found = resulting_licence(["CC-BY-NC-4.0", "", "my own"])
        assert found.licence == "not stated"
        assert found.warnings[0] == "licence not stated or not known (nothing, 'my own'): ask the producers before sharing"
        assert any(text.startswith("not for commercial use") for text in found.warnings)

    def test_the_unclear_one_of_the_lights_warns(self):
        licence = dataset_of("light-every-night").licence
        assert any("ODbL" in text for text in resulting_licence([licence]).warnings)

    def test_the_order_of_inputs_is_nothing(self):
        texts = ["ODbL-1.0", "CC-BY-SA-4.0", "x", "", "GADM-licence", "CC-BY-4.0", "CC BY 4.0"]
        assert resulting_licence(texts) == resulting_licence(reversed(texts)) == resulting_licence(texts * 2)
