"""What is said of boundaries: whose they are, and the words that stand below every map."""

from urbanreview.errors import BadSetting, UnknownName
from urbanreview.report.ink import BOUNDARY_DISCLAIMER
from urbanreview.report.result import Review

POLICIES = ("source", "bank", "own")
"""Boundaries stand as their source draws them, with the customary words, or with the user's own."""


def disclaimer_of(policy: str, *, text: str = "", citation: str = "", year: int | None = None) -> str:
    """Return the words on boundaries that a policy asks for.

    Parameters
    ----------
    policy : str
        ``source``: the boundaries are their source's. ``bank``: the words customary on maps of the World Bank.
        ``own``: `text`.
    text : str
        The user's own words; every run of blanks becomes one.
    citation : str
        Who drew the boundaries.
    year : int, optional
        Of which year the division is.

    Raises
    ------
    UnknownName
        If there is no such policy.
    BadSetting
        If the policy is ``own`` and there are no words.

    Examples
    --------
    >>> disclaimer_of("source", citation="Statbel", year=2024)[:66]
    'Boundaries as in their source (Statbel, division of 2024); they im'
    >>> disclaimer_of("own", text="Drawn for the ministry.")
    'Drawn for the ministry.'
    """
    if policy not in POLICIES:
        raise UnknownName("policy for boundaries", policy, known=POLICIES)
    if policy == "bank":
        return BOUNDARY_DISCLAIMER
    if policy == "own":
        if not text.strip():
            raise BadSetting("Boundaries", ["policy 'own' has no words, expected the text of the disclaimer; give it"])
        return " ".join(text.split())
    by = " ".join(citation.split()).rstrip(".")
    told = ", ".join([by] * bool(by) + [f"division of {year}"] * (year is not None))
    source = f"their source ({told})" if told else "their source"
    return (
        f"Boundaries as in {source}; they imply no endorsement or acceptance, "
        "nor a judgement on the legal status of any territory."
    )


def boundary_words(review: Review) -> str:
    """Return what stands below the maps of a review: its own words, or the customary ones."""
    return review.disclaimer or BOUNDARY_DISCLAIMER
