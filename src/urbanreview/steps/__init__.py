"""The steps of a review: each takes settings and what came before, and returns tables, rasters and a ledger."""
