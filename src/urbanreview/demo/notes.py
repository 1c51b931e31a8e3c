"""What every modelled file of the demo says about itself."""

from urbanreview.demo.cities import edition
from urbanreview.demo.seed import SEED

DEMO_NOTE = "Modelled for demonstration, not for analysis"
"""What every modelled raster, the manifest and the report say."""

MODEL_VERSION = 3
"""Goes up with every change of the modelled numbers: files of another version are written anew."""


def model_edition() -> str:
    """Name the model and what it stands on: a file of another edition is written anew."""
    return f"urbanreview demo, model {MODEL_VERSION}, seed {SEED}; city sizes of GeoNames ({edition()})"


def tags_of(kind: str, units: str) -> dict[str, str]:
    """Return the tags of a file of a kind and unit."""
    return {"kind": kind, "units": units, "modelled": "yes", "note": DEMO_NOTE, "source": model_edition()}
