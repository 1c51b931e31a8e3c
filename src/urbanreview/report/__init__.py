"""Everything that carries ink: tables, maps, workbook, GeoPackage and the page.

`write_report` writes it all; each writer also stands alone.
"""

from urbanreview.report.charts import draw_largest
from urbanreview.report.dictionary import dictionary
from urbanreview.report.extras import require_all
from urbanreview.report.geopackage import write_geopackage, write_ways
from urbanreview.report.highlights import largest_centres
from urbanreview.report.manifest import manifest
from urbanreview.report.maps import draw_map
from urbanreview.report.page import write_page
from urbanreview.report.rasters import DEGREE_OF_URBANISATION, write_cog
from urbanreview.report.result import LONG_COLUMNS, InputFile, Origin, Review
from urbanreview.report.system import system_tables
from urbanreview.report.table_files import all_tables, write_settlements, write_tables
from urbanreview.report.tables import level_tables, links_table, long_table, points_table, wide_table, zones_table
from urbanreview.report.travel_map import draw_ways
from urbanreview.report.workbook import write_workbook
from urbanreview.report.write import write_report

__all__ = [
    "DEGREE_OF_URBANISATION",
    "LONG_COLUMNS",
    "InputFile",
    "Origin",
    "Review",
    "all_tables",
    "dictionary",
    "draw_largest",
    "draw_map",
    "draw_ways",
    "largest_centres",
    "level_tables",
    "links_table",
    "long_table",
    "manifest",
    "points_table",
    "require_all",
    "system_tables",
    "wide_table",
    "write_cog",
    "write_geopackage",
    "write_page",
    "write_report",
    "write_settlements",
    "write_tables",
    "write_ways",
    "write_workbook",
    "zones_table",
]
