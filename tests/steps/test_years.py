"""The year that a file name holds: products as they are named, and what only looks like a year."""

import pytest

from urbanreview.steps.years import years_in


@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("GHS_POP_E2020_GLOBE_R2023A_54009_1000_V1_0.tif", [2020]),
        ("GHS_BUILT_S_E1990_GLOBE_R2023A_54009_100_V1_0_R5_C20.tif", [1990]),
        ("kaz_ppp_2020_1km_Aggregated_UNadj.tif", [2020]),
        ("kaz_pop_2030_CN_100m_R2025A_v1.tif", [2030]),
        ("VNL_v21_npp_2020_global_vcmslcfg_c202205302300.average_masked.dat.tif", [2020]),
        ("VNL_v2_npp_201204-201303_global_vcmcfg_c202102150000.average_masked.tif", [2012, 2013]),
        ("SVDNB_npp_20160101-20160131_75N060E_vcmcfg_v10_c201603132032.avg_rade9h.tif", [2016]),
        ("SVDNB_npp_20151201-20160131_75N060E.tif", [2015, 2016]),
        ("V5GL0502.HybridPM25c_0p10.Global.202001-202012.nc", [2020]),
        ("lights2019.tif", [2019]),
        ("2018-03.tif", [2018]),
        ("pop_2020m03.tif", [2020]),
        ("year2018.tif", [2018]),
    ],
)
def test_years_of_products(name, years):
    assert years_in(name) == years


@pytest.mark.parametrize(
    "name",
    [
        *("cells.tif", "ghs_R2023A.tif", "r2019.tif", "worldpop_v2020.tif", "V2019_pop.tif", "wgs_1984.tif", "EPSG2056.tif"),
        *("tile_20481.tif", "c202205302300.tif", "201613.tif", "20200230999.tif", "20209901.tif", "pop_2000m.tif", "1850.tif"),
        *("MOD_A2020001.tif", "pop_20km.tif", "2154.tif", "54009_1000.tif"),
    ],
)
def test_what_only_looks_like_a_year(name):
    assert years_in(name) == []
