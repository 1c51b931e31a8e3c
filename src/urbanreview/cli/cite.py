"""urbanreview cite."""

from pathlib import Path

import click


@click.command(short_help="Print the references of a review.")
@click.argument("folder", metavar="REVIEW_FOLDER", type=click.Path(path_type=Path, file_okay=False))
@click.option("--bibtex", "as_bibtex", is_flag=True, help="Print them as BibTeX.")
def cite(folder: Path, *, as_bibtex: bool) -> None:
    """Print how the inputs of the review in REVIEW_FOLDER are to be cited, from its run.json.

    Example: urbanreview cite kaz-review --bibtex
    """
    from urbanreview.report.citations import bibtex, references

    inputs = _inputs(folder / "run.json")
    lines = [bibtex(inputs)] if as_bibtex else references(inputs)
    for line in lines:
        click.echo(line)


def _inputs(path: Path) -> list[dict[str, object]]:
    """Return the inputs that a manifest lists, with what the catalogue knows of their datasets."""
    import json

    from urbanreview.errors import MissingFile, UnreadableFile
    from urbanreview.sources.catalogue import catalogue

    if not path.is_file():
        raise MissingFile(path)
    expected = "the run.json of a review"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise UnreadableFile(path, reason=error, expected=expected) from None
    inputs = content.get("inputs") if isinstance(content, dict) else None
    if not isinstance(inputs, list) or not all(isinstance(entry, dict) for entry in inputs):
        raise UnreadableFile(path, reason="no list of inputs", expected=expected)
    known = catalogue()
    return [_completed(_with_origin(entry), known.get(str(entry.get("dataset")))) for entry in inputs]


def _with_origin(entry: dict[str, object]) -> dict[str, object]:
    """Return an input with the address and the day of the first file that it was made of."""
    origins = entry.get("origins")
    first = origins[0] if isinstance(origins, list) and origins and isinstance(origins[0], dict) else {}
    return {"address": first.get("address", ""), "fetched": first.get("fetched", "")} | entry


def _completed(entry: dict[str, object], dataset: object) -> dict[str, object]:
    """Return an input with title, DOI, page and, where it states none, citation and the like of its dataset."""
    if dataset is None:
        return entry
    fields = ("title", "doi", "url", "citation", "licence", "version")
    return {field: getattr(dataset, field) for field in fields} | {key: value for key, value in entry.items() if value}
