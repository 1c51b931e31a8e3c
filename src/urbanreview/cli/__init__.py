"""Words in, words out: one command per file."""

import logging
import sys

import click

from urbanreview import __version__
from urbanreview.cli.access import access
from urbanreview.cli.bundle import bundle
from urbanreview.cli.check import check
from urbanreview.cli.cite import cite
from urbanreview.cli.classify import classify
from urbanreview.cli.datasets import datasets
from urbanreview.cli.demo import demo
from urbanreview.cli.init import init
from urbanreview.cli.measures import measures
from urbanreview.cli.plan import plan
from urbanreview.cli.report import report
from urbanreview.cli.run import run
from urbanreview.cli.status import status
from urbanreview.errors import BadSetting, UrbanReviewError

FAILED = 1
MISUSED = 2
INTERRUPTED = 130


class Commands(click.Group):
    """The group of commands; turns a cause the user can mend into one sentence and an exit code."""

    def invoke(self, context: click.Context) -> object:
        """Run the command; settings that cannot be are misuse, everything else failed."""
        logging.getLogger("rasterio").addHandler(logging.NullHandler())  # what GDAL says stands in our own sentence
        try:
            return super().invoke(context)
        except UrbanReviewError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(MISUSED if isinstance(error, BadSetting) else FAILED)
        except KeyboardInterrupt:
            click.echo("Stopped. Run the same command again to go on.", err=True)
            sys.exit(INTERRUPTED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="urbanreview")
def main() -> None:
    """Make the urbanization review of a country from gridded data.

    Example: urbanreview demo
    """


for command in (init, check, plan, run, bundle, report, status, demo, classify, access, measures, datasets, cite):
    main.add_command(command)
