"""How much market lies around a place: gravity with half-lives in minutes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

HALF_LIVES_MIN = (30, 60, 120)


def potential(
    minutes: pd.DataFrame, mass: pd.Series, *, half_lives_min: Sequence[float] = HALF_LIVES_MIN, own: bool = True
) -> pd.DataFrame:
    """Add up the mass of all destinations, halved with every half-life of travel.

    Parameters
    ----------
    minutes : DataFrame, shape (origins, destinations)
        Travel time [min]; a destination without a way adds nothing.
    mass : Series
        Of every destination, by id: people for example.
    half_lives_min : sequence of float
    own : bool
        Whether an origin counts itself, where it is a destination.

    Returns
    -------
    DataFrame, by origin
        ``half_life_<minutes>`` in the unit of `mass`; missing for an origin without any way.

    Notes
    -----
    Potential of origin i is the sum over destinations j of mass j times 2 to the power of -minutes / half-life (Hansen
    1959, with an exponential decay).

    Examples
    --------
    Two towns an hour apart:

    >>> minutes = pd.DataFrame([[0.0, 60.0], [60.0, 0.0]], index=["a", "b"], columns=["a", "b"])
    >>> potential(minutes, pd.Series({"a": 100.0, "b": 40.0}), half_lives_min=(60,)).values.tolist()
    [[120.0], [90.0]]
    >>> potential(minutes, pd.Series({"a": 100.0, "b": 40.0}), half_lives_min=(60,), own=False).values.tolist()
    [[20.0], [50.0]]
    """
    weight = mass.reindex(minutes.columns).fillna(0.0).to_numpy(float)
    time = minutes.to_numpy(float)
    reached = np.isfinite(time)
    if not own:
        reached &= minutes.index.to_numpy()[:, None] != minutes.columns.to_numpy()[None, :]
    columns = {}
    for half_life in half_lives_min:
        decay = np.where(reached, np.exp2(-np.where(reached, time, 0.0) / half_life), 0.0)
        columns[f"half_life_{half_life:g}"] = np.where(reached.any(axis=1), decay @ weight, np.nan)
    return pd.DataFrame(columns, index=minutes.index)
