"""Engines to compare with the embedded one: each is started once, in a time zone that is not UTC."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from precipice.archive import Limits
from tests.conftest import absent

SAIL = Limits(engine="spark", master="sail")
SPARK = Limits(engine="spark", master="local[2]", memory="1GB", threads=2)


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[None]:
    """Start engines as on a machine in New York: what they say of times must not depend on it."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "America/New_York"
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before


@pytest.fixture(scope="session")
def sail(elsewhere: None) -> Limits:
    """Sail in this process, which every run of the tests has."""
    if find_spec("pysail") is None or find_spec("pyspark") is None:
        absent("Sail is not installed (pip install 'precipice[sail]')")
    return SAIL


@pytest.fixture(scope="session")
def spark(elsewhere: None) -> Limits:
    """Spark on this machine."""
    if find_spec("py4j") is None:
        absent("Spark is not installed: only its light client is (make spark)")
    if shutil.which("java") is None:
        absent("Java is not installed (apt install openjdk-17-jre-headless)")
    return SPARK


@pytest.fixture
def polars() -> Limits:
    return Limits(engine="polars")
