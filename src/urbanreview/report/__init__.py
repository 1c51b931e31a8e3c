"""Everything that carries ink: tables, maps, workbook, GeoPackage and the page."""
