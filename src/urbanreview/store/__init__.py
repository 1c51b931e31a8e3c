"""What a run leaves on disk: whole files under their final names, and step results under content keys."""

from urbanreview.store.codec import Codec
from urbanreview.store.fingerprints import Fingerprints
from urbanreview.store.kept import Kept
from urbanreview.store.lock import locked
from urbanreview.store.logfile import logged
from urbanreview.store.place import place_text, require_free, require_writable, staged
from urbanreview.store.results import Record, Results

__all__ = [
    "Codec",
    "Fingerprints",
    "Kept",
    "Record",
    "Results",
    "locked",
    "logged",
    "place_text",
    "require_free",
    "require_writable",
    "staged",
]
