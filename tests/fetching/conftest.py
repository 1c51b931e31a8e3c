"""A small country behind servers of this machine, and commands that are run on it as a user does."""

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from click.testing import CliRunner, Result
from fetching.world import CLIMATE_YEARS, EPOCHS, LIGHT_MONTHS, LIGHT_YEARS, RETURN_PERIODS, World, write, write_others
from moto.server import ThreadedMotoServer
from servers import Server, serving

WITHOUT_RANGES = ("aqueduct", "chc", "cru", "github", "malariaatlas")
"""Hosts that give whole files only."""
DEAD = "http://127.0.0.1:9"
"""Where nobody listens."""
MARGIN_KM = 5
NUMBERS = count(1)
SHORTENED = {
    "margin_km = 50": f"margin_km = {MARGIN_KM}",
    r"years = \[1990, 2000, 2010, 2020\]": f"years = {list(EPOCHS)}",
    r"years = \[2000, 2010, 2020\]": f"years = {list(EPOCHS)}",
    r"years = \[2018, .*\]": f"years = {list(LIGHT_YEARS)}\nmonths = {list(LIGHT_MONTHS)}",
    r"return_periods = .*": f"return_periods = {list(RETURN_PERIODS)}",
    r"years = \[1991, .*\]": f"years = {list(CLIMATE_YEARS)}",
    r"reference = .*": f"reference = {list(CLIMATE_YEARS)}",
}
"""What a user does to a settings file who has no time: fewer dates, a narrower margin."""
SHORTEST = {
    f"years = {re.escape(str(list(EPOCHS)))}": f"years = [{EPOCHS[-1]}]",
    f"years = {re.escape(str(list(LIGHT_YEARS)))}": f"years = [{LIGHT_YEARS[-1]}]",
    f"months = {re.escape(str(list(LIGHT_MONTHS)))}": f"months = [{LIGHT_MONTHS[-1]}]",
    f"return_periods = {re.escape(str(list(RETURN_PERIODS)))}": f"return_periods = [{RETURN_PERIODS[-1]}]",
    r"# WorldPop[^#]*": "",
    r'(folder = ".*")': r"\1\nreport = false",
}
"""What one does besides who has less time still."""


@dataclass(frozen=True)
class Served:
    """Servers that are up.

    Attributes
    ----------
    hosts : str
        The one setting that leads there.
    ranged, whole : Server
        With byte ranges and without.
    """

    hosts: str
    ranged: Server
    whole: Server


@dataclass(frozen=True)
class Bench:
    """Where commands are run: a cache, and the setting of hosts."""

    cache: Path
    hosts: str

    @property
    def environment(self) -> dict[str, str]:
        """What a shell would export."""
        return {"URBANREVIEW_CACHE": str(self.cache), "URBANREVIEW_HOSTS": self.hosts, "no_proxy": "127.0.0.1"}

    def run(self, *words: object, code: int = 0) -> Result:
        """Run a command in this process; a traceback fails the test, another exit code does, too."""
        from urbanreview.cli import main

        result = CliRunner().invoke(main, [str(word) for word in words], env=self.environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The country's files."""
    found = write(tmp_path_factory.mktemp("world"))
    write_others(found)
    return found


@contextmanager
def bucket_server(objects: Mapping[str, Mapping[str, Path | bytes]]) -> Iterator[dict[str, str]]:
    """Serve buckets that anyone may read as S3 does; gives addresses by the names that were asked for.

    Servers of one process share what they hold, so every bucket gets a name of its own.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    words = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=address, config=Config(s3={"addressing_style": "path"}), **words)
    found = {}
    try:
        for name, keys in objects.items():
            bucket = f"{name}-{next(NUMBERS)}"
            client.create_bucket(Bucket=bucket)
            for key, content in keys.items():
                body = content if isinstance(content, bytes) else content.read_bytes()
                client.put_object(Bucket=bucket, Key=key, ACL="public-read", Body=body)
            found[name] = f"{address}/{bucket}"
        yield found
    finally:
        server.stop()


@contextmanager
def up(world: World) -> Iterator[Served]:
    """Start all servers: two of files, one of buckets; the coverage service is a path of the second."""
    with ExitStack() as stack:
        stack.enter_context(without_proxy())
        ranged = stack.enter_context(serving(world.served))
        whole = stack.enter_context(serving(world.served, ranges=False))
        buckets = stack.enter_context(bucket_server(world.objects()))
        for server in (ranged, whole):
            server.answers.update(world.answers)
        exceptions = [f"{host}={whole.address}/{host}" for host in WITHOUT_RANGES]
        exceptions += [f"{host}={address}" for host, address in buckets.items()]
        yield Served(",".join([f"{ranged.address}/{{host}}", *exceptions]), ranged, whole)


@contextmanager
def without_proxy() -> Iterator[None]:
    """Reach this machine directly, whatever proxy the machine has; an account that is there is not used."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1")
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        yield


def shorten(settings: Path, *changes: Mapping[str, str]) -> None:
    """Change a settings file by its text; every change must find something."""
    text = settings.read_text(encoding="utf-8")
    for old, new in (each for change in changes for each in change.items()):
        text, times = re.subn(old, new, text)
        assert times, old
    settings.write_text(text, encoding="utf-8")


def tree(folder: Path) -> dict[str, int]:
    """Return every file below a folder with the time it was written."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()
    }
