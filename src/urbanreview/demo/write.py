"""Write the demo: the settings of a review of Kazakhstan and all inputs that they name."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from urbanreview.demo.country import shipped
from urbanreview.demo.layers import LAYERS, REVIEWED, Layer
from urbanreview.demo.model import Model
from urbanreview.engine import map_tasks
from urbanreview.errors import OutputRefused, UnknownName
from urbanreview.log import Progress, silent


def write_demo(folder: Path, *, what: Sequence[str] = REVIEWED, progress: Progress = silent) -> Path:
    """Write the embedded demo: ``kaz.toml`` and the inputs in ``data/``.

    Parameters
    ----------
    folder : Path
        Made if it is not there. Files of the demo in it are replaced if they differ; what this version of the model
        has written is left alone.
    what : sequence of str
        Layers to write, of `LAYERS`; those that the settings name without it.
    progress : callable
        Called as ``progress("Demo data", done, total)``.

    Returns
    -------
    Path
        The settings file. It is written last: where it is, the inputs are.

    Raises
    ------
    OutputRefused
        If the folder cannot be written.
    UnknownName
        If there is no such layer.

    Notes
    -----
    Boundaries and cities are real; every raster and the rayons are modelled from them with a fixed seed, and say so.
    """
    folder = Path(folder)
    for name in what:
        if name not in LAYERS:
            raise UnknownName("layer of the demo", name, known=LAYERS)
    try:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        _place_shipped("kazakhstan.gpkg", folder / "data")
        _write_layers([LAYERS[name] for name in what], folder / "data", progress)
        return _place_shipped("kaz.toml", folder)
    except OSError as error:
        raise OutputRefused(folder, reason=error.strerror or error) from error


def _write_layers(layers: Sequence[Layer], data: Path, progress: Progress) -> None:
    """Write what is missing, files in parallel."""
    model = Model()
    wanted = {file: layer for layer in layers for file in layer.files()}
    progress("Demo data", 0, len(wanted))
    map_tasks(partial(_write_file, model, data), list(wanted.items()), what="Demo data", progress=progress)


def _write_file(model: Model, data: Path, item: tuple[str, Layer]) -> None:
    file, layer = item
    path = data / file
    if not layer.is_written(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        layer.write(model, file, path)


def _place_shipped(name: str, folder: Path) -> Path:
    """Copy a shipped file, unless the very same is there."""
    content = shipped(name).read_bytes()
    target = folder / name
    if not target.exists() or target.read_bytes() != content:
        part = target.with_name(name + ".part")
        part.write_bytes(content)
        part.replace(target)
    return target
