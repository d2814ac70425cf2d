"""What Spark raises, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from precipice.archive.engine import FULL, full_disk
from precipice.archive.engines.addresses import without_secrets
from precipice.errors import InputError, PrecipiceError

NO_JAVA = ("JAVA_GATEWAY_EXITED", "Java gateway process exited", "JAVA_HOME is not set")
UNREACHABLE = ("UNAVAILABLE", "failed to connect", "Connection refused", "timed out", "Name or service not known",
               "UnknownHostException", "masters are unresp",
               "Could not parse Master URL", "stopped SparkContext", "DNS resolution failed", "INVALID_CONNECT_URL",
               "Port could not")  # fmt: skip
UNREADABLE = ("PATH_NOT_FOUND", "FileNotFoundException", "object not found", "No such file", "FAILED_READ_FILE")
MEMORY = ("OutOfMemoryError", "UNABLE_TO_ACQUIRE_MEMORY", "Resources exhausted", "exceeds memory limits")
SHARE = "put the study where every worker sees it under the same path, such as a shared disk"


@contextmanager
def told_in_our_words(master: str | None, folder: Path) -> Iterator[None]:
    """Turn a failure of Spark into one clear error; whatever is ours passes through."""
    from pyspark.errors import PySparkException

    failures: list[type[Exception]] = [
        PySparkException,
        OSError,
        RuntimeError,
        ValueError,
    ]  # the last of an address that is none
    try:
        from py4j.protocol import Py4JError

        failures.append(Py4JError)
    except ImportError:  # the light client has no Java to talk to
        pass
    try:
        from grpc import RpcError

        failures.append(RpcError)
    except ImportError:  # a classic session needs none
        pass
    try:
        yield
    except PrecipiceError:
        raise
    except tuple(failures) as error:
        raise _told(without_secrets(str(error)), without_secrets(master) or "this machine", folder) from error


def _told(words: str, place: str, folder: Path) -> PrecipiceError:
    first = next((line.strip() for line in words.splitlines() if line.strip()), "")[:300]
    if any(sign in words for sign in FULL):
        return full_disk(folder, first)
    for signs, what, fix in (
        (NO_JAVA, "Java is missing", 'install Java 17 or newer, or use Spark without Java:  master = "sail"'),
        (MEMORY, "memory is not enough for this step", "raise [engine] memory, or give the cluster's workers more"),
        (UNREADABLE, "Spark cannot read the archive", SHARE),
        (UNREACHABLE, "Spark does not answer", "check the address in [engine] master, and that the server is up"),
    ):  # fmt: skip
        if any(sign in words for sign in signs):
            return InputError(what, where=place, why=first, fix=f"{fix}; nothing was changed")
    return InputError("Spark failed", where=place, why=first, fix="see its own log; nothing was changed")
