"""Options that several commands share.

SETTINGS (check, plan, run, status), --output (demo, plan, run, status), --from and --force (plan, run), --force to replace
files (classify, access), --json (demo, plan, run, status, classify, access, measures, datasets), --quiet and --verbose (demo,
run, access); `iso3` checks country codes (init, classify).
"""

from collections.abc import Callable
from pathlib import Path

import click

settings_argument = click.argument("settings", type=click.Path(path_type=Path, dir_okay=False))
output_option = click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for the results, instead of the settings' own."
)
from_option = click.option("--from", "first", metavar="STEP", help="Redo this step and all that follow from it.")
force_option = click.option("--force", is_flag=True, help="Redo everything, whatever is stored.")
replace_option = click.option("--force", is_flag=True, help="Replace results that are there.")
offline_option = click.option("--offline", is_flag=True, help="Ask no server: use what was fetched before.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def talk_options(command: Callable) -> Callable:
    """Add --quiet and --verbose to a command."""
    quiet = click.option("--quiet", is_flag=True, help="Say nothing while working.")
    verbose = click.option("--verbose", is_flag=True, help="Say every step with its time.")
    return quiet(verbose(command))


def iso3(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Return the code in capitals, or refuse it."""
    code = value.upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        message = f"'{value}' is no country code: use the three letters, for example KAZ"
        raise click.BadParameter(message)
    return code
