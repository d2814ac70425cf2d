"""`python -m precipice` is `precipice`."""

from precipice.cli import main

main()
