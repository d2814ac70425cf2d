"""How often the methods find what is not there, and what is: `python -m studies.power.run`."""
