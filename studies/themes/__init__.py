"""Whether themes are named that did not change, and whether those are that did: `python -m studies.themes.run`."""
