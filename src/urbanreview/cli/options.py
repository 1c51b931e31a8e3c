"""Options that several commands share.

SETTINGS (check, run), --output (run, demo), --quiet (run, demo).
"""

from pathlib import Path

import click

settings_argument = click.argument("settings", type=click.Path(path_type=Path, dir_okay=False))
output_option = click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for the results, instead of the settings' own."
)
quiet_option = click.option("--quiet", is_flag=True, help="Say nothing while working.")
