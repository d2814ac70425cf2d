"""How often the bands of a supply hold what came: `python -m studies.coverage.run`."""
