"""Write the reference pages from the code, or tell which of them are out of step.

``python docs/generate.py`` writes them; ``python docs/generate.py --check`` exits with 1 and names those that differ.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from urbanreview.cli import main
from urbanreview.config import Settings, sample
from urbanreview.measures import MEASURES, Measure
from urbanreview.report.wording import file_size
from urbanreview.sources.catalogue import Dataset, catalogue, hosts
from urbanreview.sources.licences import Licence, licences

HERE = Path(__file__).parent
WIDTH = 100
"""Columns of the command line's help, whatever the terminal."""
GENERATED = "<!-- Written by docs/generate.py from the code. Do not edit; run make docs. -->"


def pages() -> dict[str, str]:
    """Return every generated page: its path from the docs folder, and its text."""
    return {
        "reference/settings.md": settings_page(),
        "reference/measures.md": measures_page(),
        "reference/cli.md": cli_page(),
        "reference/datasets.md": datasets_page(),
        "reference/sample.toml": sample("KAZ"),
    }


def settings_page() -> str:
    """Return the page of all sections and keys, from the models of the settings."""
    schema = Settings.model_json_schema()
    parts = [
        "# Settings",
        GENERATED,
        "One TOML file. An unknown section or key is an error. Relative paths start from the file's folder. "
        "`urbanreview init` writes [a file with every section and key](sample.toml).",
    ]
    for name, field in schema["properties"].items():
        if name == "base":
            continue
        heading = f"{name}.NAME" if name == "population" else name
        parts += _section(heading, field, schema, needed=name in schema["required"])
    return _joined(parts)


def _section(heading: str, field: Mapping[str, Any], schema: Mapping[str, Any], *, needed: bool) -> Iterator[str]:
    """Return heading, meaning and keys of a section, then its own sections."""
    model = _model(field, schema)
    yield f"## [{heading}]"
    what = model["description"].partition(": ")[2].splitlines()[0]
    required = model.get("required", ())
    optional = "Optional; the required keys are so where the section is there." if required else "Optional."
    yield f"{what[:1].upper()}{what[1:]} {'Required.' if needed else optional}"
    rows = [["key", "type", "default", "meaning"]]
    nested = []
    for key, inner in sorted(model["properties"].items(), key=lambda item: item[0] not in required):
        if _model(inner, schema):
            nested.append((key, inner))
            continue
        default = "required" if key in required else _default(inner.get("default"))
        rows.append([f"`{key}`", _type(inner), default, inner["description"]])
    yield _table(rows)
    for key, inner in nested:
        yield from _section(f"{heading}.{key}", inner, schema, needed=False)


def _model(field: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the section that a field holds, directly, optionally, or under names; empty if it is a plain value."""
    if "$ref" in field:
        return schema["$defs"][field["$ref"].rpartition("/")[2]]
    for inner in (*field.get("anyOf", ()), *field.get("allOf", ()), *field.get("patternProperties", {}).values()):
        if found := _model(inner, schema):
            return found
    return _model(field["additionalProperties"], schema) if isinstance(field.get("additionalProperties"), dict) else {}


def _type(field: Mapping[str, Any]) -> str:
    """Say in words what a value may be."""
    if "anyOf" in field:
        return _type(next(part for part in field["anyOf"] if part.get("type") != "null"))
    if "enum" in field:
        return " or ".join(f'`"{word}"`' for word in field["enum"])
    if field["type"] == "array":
        items = field.get("items") or field["prefixItems"][0]
        return f"list of {_type(items).replace('whole number', 'whole numbers')}"
    word = {"string": "text", "boolean": "true or false", "integer": "whole number", "number": "number"}[field["type"]]
    if "pattern" in field:
        return f"{word}, `{field['pattern']}`"
    limits = (("above", "exclusiveMinimum"), ("from", "minimum"), ("to", "maximum"))
    return " ".join([word, *(f"{say} {field[key]:g}" for say, key in limits if key in field)])


def _default(value: object) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def measures_page() -> str:
    """Return the page of all measures, in report order."""
    about = (
        "Every number of the long table is one of these; `urbanreview measures` prints the list. The unit `1` is that of a "
        "share or a ratio."
    )
    parts = ["# Measures", GENERATED, about]
    theme = ""
    for measure in MEASURES:
        if measure.theme != theme:
            theme = measure.theme
            parts += [f"## {theme}", f"Explained in [{measure.page}]({measure.page.replace('docs/', '../', 1)})."]
        parts += _measure(measure)
    return _joined(parts)


def _measure(measure: Measure) -> tuple[str, ...]:
    needs = ", ".join(f"`[{section}]`" for section in measure.needs)
    missing = [f"- Missing although there are data: {measure.undefined}."] if measure.undefined else []
    lines = [
        f"- Unit: `{measure.unit}`",
        f"- Needs: {needs}",
        f"- Method: {measure.method}",
        *missing,
        f"- Reference: {measure.reference}",
    ]
    return f"### {measure.key}", f"{measure.title}.", "\n".join(lines)


def cli_page() -> str:
    """Return the page of all commands, as their help prints them."""
    parts = ["# Commands", GENERATED, "Exit codes: 0 done, 1 failed, 2 misused. Results go to stdout, talk to stderr."]
    for words, command in _commands(main, ("urbanreview",)):
        context = click.Context(command, info_name=" ".join(words), terminal_width=WIDTH, max_content_width=WIDTH)
        context.help_option_names = ["-h", "--help"]
        with context:
            text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts += [f"## {' '.join(words)}", f"```\n{text}\n```"]
    return _joined(parts)


def _commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*words, name))


def datasets_page() -> str:
    """Return the page of all open datasets, by theme, with their hosts and licences."""
    about = (
        "What `dataset` in a section of the settings may be; `urbanreview datasets` prints the list. The rows come from "
        '`src/urbanreview/sources/catalogue.toml`. "Checked" is when a row was compared with public documents; *not yet proven '
        "live* means that nothing has been fetched from the true server with this version. Round sizes are estimates."
    )
    parts = ["# Datasets", GENERATED, about]
    theme = ""
    for dataset in catalogue().values():
        if dataset.theme != theme:
            theme = dataset.theme
            parts.append(f"## {theme}")
        parts += _dataset(dataset)
    parts += ["## Hosts", _table([["host", "address"], *([f"`{name}`", f"`{address}`"] for name, address in hosts().items())])]
    about = "How they are put together for an output: [licences](../methods/licences.md)."
    parts += ["## Licences", about, _table([["id", "licence", "asks for"], *map(_licence, licences().values())])]
    return _joined(parts)


def _dataset(dataset: Dataset) -> tuple[str, ...]:
    nodata = ", ".join(f"{value:g}" for value in dataset.nodata) or "none known"
    size = f"{file_size(dataset.size_bytes)} per file" if dataset.size_bytes else "size not known"
    lines = [
        f"- Version: {dataset.version}; years: {dataset.years_text()}; state: {dataset.state()}; checked {dataset.checked}",
        f"- Format: {dataset.format}; {dataset.crs or 'no coordinates'}; {size}",
        f"- Numbers: {dataset.unit} (`{dataset.kind}`); nodata: {nodata}",
        *(f"- {what}: `{address}`" for what, address in _addresses(dataset)),
        f"- Licence: {dataset.licence}. {dataset.licence_note}".rstrip(),
        f"- Citation: {dataset.citation}{f' doi:{dataset.doi}' if dataset.doi else ''}",
        f"- Page: <{dataset.url}>",
        *([f"- {dataset.notes}"] if dataset.notes else []),
    ]
    return f"### {dataset.key}", f"{dataset.title}.", "\n".join(lines)


def _addresses(dataset: Dataset) -> Iterator[tuple[str, str]]:
    for what, address in (("Address", dataset.address), ("Index", dataset.index), ("Mirror", dataset.mirror)):
        if address:
            yield what, address


def _licence(licence: Licence) -> list[str]:
    share_alike = "share-alike" if licence.pictures else "share-alike, not of pictures"
    asks = [
        *(["credit"] if licence.attribution else []),
        *([share_alike] if licence.share_alike else []),
        *(["no commercial use"] if licence.non_commercial else []),
        *([licence.doubt] if licence.doubt else []),
    ]
    return [f"`{licence.key}`", f"[{licence.name}]({licence.url})", ", ".join(asks) or "nothing"]


def _table(rows: list[list[str]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _joined(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"


def run(arguments: list[str]) -> int:
    """Write the pages, or check them, and return the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python docs/generate.py [--check]\n")
        return 2
    differing = 0
    for name, text in pages().items():
        path = HERE / name
        if path.is_file() and path.read_bytes() == text.encode("utf-8"):
            continue
        differing += 1
        if arguments:
            sys.stderr.write(f"docs/{name} is out of step with the code: run make docs\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
            sys.stdout.write(f"docs/{name}\n")
    return 1 if arguments and differing else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
