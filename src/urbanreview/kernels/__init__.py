"""Loops over cells, on plain numpy arrays and nothing else."""
