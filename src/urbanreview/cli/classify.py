"""urbanreview classify."""

from pathlib import Path

import click

from urbanreview.cli.options import iso3, json_option, replace_option

PATH = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Classify a population grid by the Degree of Urbanisation.")
@click.argument("population", type=PATH)
@click.option("--land", type=PATH, help="Land per cell [m2]; without it every cell is land.")
@click.option("--built", type=PATH, help="Built-up surface per cell [m2]; without it its rule is off.")
@click.option(
    "--level", type=click.Choice(["1", "2"]), default="2", show_default=True, help="3 classes and water, or 7 and water."
)
@click.option("--rules", default="jrc-2023-v2", show_default=True, help="Edition of the rules.")
@click.option("--iso3", "country", default="XXX", show_default=True, callback=iso3, help="Country code that opens the ids.")
@click.option("-o", "--output", "target", type=PATH, required=True, help="The raster of classes.")
@click.option(
    "--tables", type=click.Path(path_type=Path, file_okay=False), help="Folder for the tables of centres and clusters."
)
@replace_option
@json_option
def classify(
    population: Path,
    land: Path | None,
    built: Path | None,
    level: str,
    rules: str,
    country: str,
    target: Path,
    tables: Path | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Classify POPULATION, people per cell, and write a cloud-optimised GeoTIFF with a colour table.

    Cells under 0.25 km2 are summed to about 1 km first; over 2 km2 they are refused.

    Example: urbanreview classify pop.tif --land land.tif --built built.tif --level 2 -o classes.tif
    """
    from urbanreview.cli.summary import say_classified
    from urbanreview.steps.classify import classify_files

    done = classify_files(
        population,
        land=land,
        built_up=built,
        level=1 if level == "1" else 2,
        rules=rules,
        iso3=country,
        target=target,
        tables=tables,
        force=force,
    )
    say_classified(done, as_json=as_json)
