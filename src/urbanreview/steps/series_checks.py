"""A look along a series: a month that is of another size than the others, and the product that a file is of."""

import re

import numpy as np
import pandas as pd

from urbanreview.ledger import Ledger

ODD_BEYOND = 5.0
"""A month over so many times the median of its series, or under one part in so many of it, is named."""
MONTHS_AT_LEAST = 3
"""Of two months none can be told to be the odd one."""


def odd_months(totals: pd.Series) -> Ledger:
    """Name the months of night lights whose national total is of another size than the others.

    Parameters
    ----------
    totals : Series, indexed by period
        Sum over the country by month [nW/cm2/sr]. NaN: not known, and left out.

    Returns
    -------
    Ledger
        A row per odd month; none of fewer than three months, nor where the median is not above zero.

    Examples
    --------
    March is in pW, a thousand times the others:

    >>> totals = pd.Series({"2016-01": 90.0, "2016-02": 110.0, "2016-03": 1e5, "2016-04": 100.0})
    >>> odd_months(totals).frame()[["step", "cause"]].values.tolist()
    [['lights 2016-03', 'total is 952 times the median of the series: are its units others?']]
    """
    known = totals[np.isfinite(totals)].sort_index()
    median = float(known.median()) if len(known) >= MONTHS_AT_LEAST else 0.0
    ledger = Ledger()
    if median <= 0:
        return ledger
    for period, times in (known / median).items():
        if not 1 / ODD_BEYOND <= times <= ODD_BEYOND:
            cause = f"total is {times:.3g} times the median of the series: are its units others?"
            ledger = ledger.add(f"lights {period}", cause, "month", 1)
    return ledger


_PRODUCT = re.compile(r"vcmslcfg|vcmcfg|ecmslcfg|ecm-slcorr|rp2|vnl_v\d+|vnp46a\d|(?<![a-z0-9])f1\d(?=\d{4})")


def product_in(name: str) -> str:
    """Return the product of night lights that a file name tells, in small letters; empty if it tells none.

    >>> product_in("SVDNB_npp_20160101-20160131_75N060E_vcmslcfg_v10_c201602041140.avg_rade9.tif"), product_in("2016-01.tif")
    ('vcmslcfg', '')
    >>> product_in("VNL_v21_npp_2020_global_vcmslcfg_c202205302300.average_masked.tif"), product_in("F182013.v4c.tif")
    ('vnl_v21 vcmslcfg', 'f18')
    """
    return " ".join(dict.fromkeys(_PRODUCT.findall(name.lower())))
