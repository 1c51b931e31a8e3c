"""How work is run: a graph of steps in one driver, independent tasks on an executor."""

from urbanreview.engine.drive import Drive, drive
from urbanreview.engine.graph import Step, after, key_of, keys_of, parts_of
from urbanreview.engine.plan import Planned, plan_steps
from urbanreview.engine.tasks import map_tasks, workers

__all__ = ["Drive", "Planned", "Step", "after", "drive", "key_of", "keys_of", "map_tasks", "parts_of", "plan_steps", "workers"]
