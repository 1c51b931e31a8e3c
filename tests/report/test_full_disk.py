"""A raster that does not fit on the disk is an error that the folder of results knows."""

import os
import subprocess

import numpy as np
import pytest
from toys import grid, raster

from urbanreview.errors import OutputRefused
from urbanreview.report import write_cog
from urbanreview.store import staged


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="needs the right to mount a small disk")
def test_a_raster_too_large_for_the_disk_is_refused_in_one_sentence(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    noise = raster(np.random.default_rng(7).random((1_000, 1_000)), grid((1_000, 1_000)))
    try:
        with pytest.raises(OutputRefused, match="Cannot write to"), staged(disk / "out") as stage:
            write_cog(noise, stage / "noise.tif")
        assert not list(disk.rglob("*.tif"))
    finally:
        subprocess.run(["umount", disk], check=False)
