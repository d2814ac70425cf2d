"""Engines to compare with the embedded one: each is started once, in a time zone that is not UTC."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from precipice.archive import Limits
from tests.conftest import absent

SAIL = Limits(engine="spark", master="sail")
FRUGAL = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # a third of the CPU of Java as it starts by itself
SPARK = Limits(engine="spark", master="local[2]", memory="1GB", threads=2)


def need_spark() -> None:
    """Leave a test out where Spark itself cannot run."""
    if find_spec("py4j") is None:
        absent("Spark is not installed: only its light client is (make spark)")
    if shutil.which("java") is None:
        absent("Java is not installed (apt install openjdk-17-jre-headless)")


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[None]:
    """Start engines as on a machine in New York: what they say of times must not depend on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        patch.setenv("JDK_JAVA_OPTIONS", FRUGAL)
        yield


@pytest.fixture(scope="session")
def sail(elsewhere: None) -> Limits:
    """Sail in this process, which every run of the tests has."""
    if find_spec("pysail") is None or find_spec("pyspark") is None:
        absent("Sail is not installed (pip install 'precipice[sail]')")
    return SAIL


@pytest.fixture(scope="session")
def spark(elsewhere: None) -> Limits:
    """Spark on this machine."""
    need_spark()
    return SPARK


@pytest.fixture
def polars() -> Limits:
    return Limits(engine="polars")
