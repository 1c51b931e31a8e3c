"""Choose the newest versions that the extras allow and write them to requirements/<extra>.txt, without addresses."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
EXTRAS = ("report", "test", "dev")


def pinned(extra: str) -> list[str]:
    """Install the project with one extra into an empty environment and list what came."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"{HERE.parent}[{extra}]"], check=True)
        frozen = subprocess.run([python, "-m", "pip", "freeze"], check=True, capture_output=True, text=True).stdout
    return [
        line for line in frozen.splitlines() if re.match(r"^[A-Za-z0-9_.-]+==", line) and not line.startswith("urbanreview")
    ]


for extra in EXTRAS:
    (HERE / f"{extra}.txt").write_text("\n".join(pinned(extra)) + "\n", encoding="utf-8")
