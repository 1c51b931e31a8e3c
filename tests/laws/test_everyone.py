"""Districts, no district, beyond the border, counted twice: together everybody on the grid, to the person."""

from types import SimpleNamespace

import numpy as np
import pytest
from toys import grid, pixel_box, raster, zones_of

from urbanreview.steps.themes import _where_everyone_is
from urbanreview.zones import Plans

HERE = grid((4, 6), left=2_000_000.0, top=5_500_000.0)
PEOPLE = np.full((4, 6), 1_000_000.0)
COUNTRY = (0, 0, 5, 4)


def balance(parts):
    """The ledger of a country of 20 million on a grid of 24, with districts given in columns and rows."""

    def plans(shapes):
        return Plans(zones_of(shapes, HERE.crs.to_wkt()))

    people = SimpleNamespace(raster=raster(PEOPLE, HERE), source="toy", period="2020")
    country = plans({"TOY": pixel_box(HERE, *COUNTRY)})
    districts = plans({name: pixel_box(HERE, *part) for name, part in parts.items()})
    return _where_everyone_is(people, SimpleNamespace(plans={"adm0": country, "districts": districts}))


@pytest.mark.parametrize(
    ("parts", "causes"),
    [
        ({"a": (0, 0, 2, 4), "b": (2, 0, 5, 4)}, {}),
        ({"a": (0, 0, 2, 4), "TOY-adm1-none": (2, 0, 5, 4)}, {"people in territory that no district covers": 12e6}),
        ({"a": (0, 0, 3, 4), "b": (2, 0, 5, 4)}, {"people counted in two districts": 4e6}),
        ({"a": (0, 0, 2, 4), "b": (2.5, 0, 5, 4)}, {"people in slivers between districts": 2e6}),
        ({"a": (0, 0, 2, 4), "b": (2.000003, 0, 5, 4)}, {"people in slivers between districts": 12.0}),
        ({"a": (0, 0, 2.000003, 4), "b": (2, 0, 5, 4)}, {"people counted in two districts": 12.0}),
    ],
)
def test_law_everybody_is_in_one_place(parts, causes):
    ledger = balance(parts)
    everybody = ledger.amount("people on the grid that was read")
    assert everybody == PEOPLE.sum()
    for cause, amount in causes.items():
        # Nobody lives a negative number of times; and a dozen people are people, however many others there are.
        assert ledger.amount(cause) == pytest.approx(amount, abs=0.5), cause
    accounted = (
        ledger.amount("people in districts")
        + ledger.amount("people in territory that no district covers")
        + ledger.amount("people beyond the border, in the margin")
        + ledger.amount("people in slivers between districts")
        - ledger.amount("people counted in two districts")
    )
    assert accounted == pytest.approx(everybody, abs=0.5)
    assert ledger.amount("people beyond the border, in the margin") == pytest.approx(4e6, abs=0.5)
