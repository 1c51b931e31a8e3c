"""The embedded demo country, Kazakhstan: real boundaries and cities, modelled rasters; no download, no account."""

from urbanreview.demo.layers import LAYERS, REVIEWED
from urbanreview.demo.notes import DEMO_NOTE
from urbanreview.demo.write import write_demo

__all__ = ["DEMO_NOTE", "LAYERS", "REVIEWED", "write_demo"]
