"""The one guard before the packages of the extra ``[report]``."""

from importlib import import_module
from types import ModuleType

from urbanreview.errors import MissingExtra

PURPOSES = {
    "altair": "Charts of the page",
    "jinja2": "The page report.html",
    "matplotlib": "Drawing maps and charts",
    "vl_convert": "Charts of the page",
    "xlsxwriter": "The workbook review.xlsx",
}


def require(package: str) -> ModuleType:
    """Import an optional package, or say what it is for and how to get it.

    >>> require("jinja2").__name__
    'jinja2'
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        root = package.partition(".")[0]
        raise MissingExtra(root, extra="report", purpose=PURPOSES.get(root, "The report")) from error


def require_all() -> None:
    """Import every optional package of the report, so that a missing one is told before any work is done."""
    for package in PURPOSES:
        require(package)
