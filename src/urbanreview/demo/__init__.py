"""The embedded demo country, Kazakhstan: real boundaries and cities, modelled rasters; no download, no account."""

from urbanreview.demo.write import DEMO_NOTE, LAYERS, write_demo

__all__ = ["DEMO_NOTE", "LAYERS", "write_demo"]
