"""Who offers the datasets: one module per provider, each with the two functions of `urbanreview.sources.remote.Provider`."""

from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from urbanreview.errors import UnknownName
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.remote import Provider


def provider_of(dataset: Dataset) -> Provider:
    """Return the module that knows a dataset's files.

    Raises
    ------
    UnknownName
        If no module has the name in the dataset's row, as of one that nobody may fetch without an account.

    Examples
    --------
    >>> from urbanreview.sources.catalogue import dataset_of
    >>> provider_of(dataset_of("ghs-pop-r2023a")).__name__.rpartition(".")[2]
    'ghsl'
    """
    known = [module.name for module in iter_modules(__path__)]
    if dataset.provider not in known:
        raise UnknownName(f"provider of {dataset.key}", dataset.provider, known=known)
    return cast("Provider", import_module(f"{__name__}.{dataset.provider}"))
