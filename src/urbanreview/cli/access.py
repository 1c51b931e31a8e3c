"""urbanreview access."""

from pathlib import Path

import click

from urbanreview.cli.options import json_option, replace_option, talk_options
from urbanreview.cli.progress import shown

PATH = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Compute travel time between points.")
@click.argument("points", type=PATH)
@click.option("--friction", type=PATH, required=True, help="Minutes per metre.")
@click.option("--id", "id_column", metavar="COLUMN", help="Column with unique ids; the order of the points without it.")
@click.option("--layer", help="Layer of the points, if the file has several.")
@click.option("--to", "destinations", type=PATH, help="Other points to travel to; the same ones without it.")
@click.option("--to-id", metavar="COLUMN", help="Column with their ids; that of --id without it.")
@click.option("--routes", type=click.IntRange(min=0), default=3, show_default=True, help="Nearest points with a way drawn.")
@click.option("--what-if", "scenario", type=PATH, help="Lines with new speeds, such as planned roads.")
@click.option("--speed", metavar="COLUMN", help="Their column with the speed [km/h].")
@click.option("--no-map", is_flag=True, help="Leave out map.png, which needs the extra [report].")
@click.option("--all-routes", is_flag=True, help="Draw the ways of all pairs.")
@click.option("--snap-km", type=click.FloatRange(min=0), default=5.0, show_default=True, help="How far a point may move.")
@click.option("--margin-km", type=click.FloatRange(min=0), default=100.0, show_default=True, help="Read around the points.")
@click.option(
    "-o", "--output", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the results."
)
@replace_option
@json_option
@talk_options
def access(
    points: Path,
    friction: Path,
    id_column: str | None,
    layer: str | None,
    destinations: Path | None,
    to_id: str | None,
    routes: int,
    snap_km: float,
    margin_km: float,
    scenario: Path | None,
    speed: str | None,
    folder: Path,
    *,
    no_map: bool,
    all_routes: bool,
    force: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Compute the time, the length and the line of the fastest way between POINTS over a friction surface.

    Writes minutes.csv and km.csv (origins in rows), matrix.parquet, routes.gpkg, travel_time.tif, catchments.tif and
    map.png.

    Example: urbanreview access cities.gpkg --friction friction.tif --id name -o travel
    """
    from urbanreview.cli.summary import say_travelled
    from urbanreview.steps.access_files import access_files

    with shown(quiet=quiet, verbose=verbose) as progress:
        done = access_files(
            points,
            friction,
            folder=folder,
            id_column=id_column,
            layer=layer,
            to=destinations,
            to_id_column=to_id,
            most_routes=None if all_routes else routes,
            snap_within_km=snap_km,
            margin_km=margin_km,
            scenario=scenario,
            speed_column=speed,
            drawn=not no_map,
            force=force,
            progress=progress,
        )
    say_travelled(done, as_json=as_json)
