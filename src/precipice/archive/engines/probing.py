"""Whether an engine can be had: what is installed, what answers, and what to do where it does not."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from precipice.archive.engine import Limits
from precipice.archive.engines import open_engine
from precipice.archive.engines.addresses import without_secrets
from precipice.errors import PrecipiceError

OLDEST_JAVA = 17
PARTS = {
    "duckdb": (("duckdb",), ""),
    "polars": (("polars",), "polars"),
    "spark": (("pyspark", "pyspark-client", "pyspark-connect"), "spark"),
    "sail": (("pysail",), "sail"),
    "bigquery": (("ibis-framework", "google-cloud-bigquery"), "bigquery"),
    "trino": (("ibis-framework", "trino"), "trino"),
}
"""Engine → the packages it comes with, any of which for Spark and all of which for warehouses, and its extra."""


@dataclass(frozen=True)
class Reach:
    """Whether an engine can be had."""

    name: str
    reachable: bool
    words: str
    """What was found."""
    fix: str = ""
    """What to do where it cannot be had."""


def installed(name: str) -> Reach:
    """Look at what is installed for an engine, and start nothing."""
    packages, extra = PARTS[name]
    found = {package: number for package in packages if (number := _version(package))}
    whole = bool(found) if name == "spark" else len(found) == len(packages)
    words = ", ".join(f"{package} {number}" for package, number in found.items())
    if not whole:
        missing = packages[0] if name == "spark" else next(one for one in packages if one not in found)
        return Reach(name, False, f"{missing} is not installed", f"pip install 'precipice[{extra}]'")
    if name != "spark":
        return Reach(name, True, words)
    if find_spec("py4j") is None:
        return Reach(name, True, f"{words}: the light client, for Spark Connect alone")
    java = java_version()
    if java is None or java < OLDEST_JAVA:
        told = "Java is missing" if java is None else f"Java is {java}, too old"
        return Reach(name, False, f"{words}; {told}", f"install Java {OLDEST_JAVA} or newer, or use Spark Connect")
    return Reach(name, True, f"{words}, Java {java}")


def asked(limits: Limits, folder: Path) -> Reach:
    """Open the engine that the limits name and ask it for one row."""
    at = f" at {without_secrets(limits.master)}" if limits.master else ""
    try:
        with open_engine(limits, folder) as engine:
            rows = engine.rows(engine.table({"answer": ("INTEGER", [1])}))
    except PrecipiceError as error:
        why = without_secrets(f"{error.what}: {error.why}" if error.why else error.what)
        return Reach(limits.engine, False, why, error.fix)
    return Reach(limits.engine, rows == [(1,)], f"answers{at}")


def java_version() -> int | None:
    """Give the number of Java's version, None where there is no Java."""
    place = shutil.which("java")
    if place is None:
        return None
    said = subprocess.run([place, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603  from the path
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
