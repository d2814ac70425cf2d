"""Draw docs/images/admissible-synthetic.png: how much synthetic work a fresh loop takes without harm.

Run it from the project: `python scripts/admissible_picture.py`.
"""

from pathlib import Path

from precipice.report import admissible_synthetic, save


def main() -> None:
    """Draw the picture."""
    save(admissible_synthetic(), Path(__file__).parent.parent / "docs" / "images" / "admissible-synthetic.png")


if __name__ == "__main__":
    main()
