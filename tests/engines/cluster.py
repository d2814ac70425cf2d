"""A standalone cluster of Spark on this machine: a master and workers, each a process of its own on its own address."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.engines.conftest import FRUGAL

WAIT = 45.0  # seconds for a process of Java to come up on a busy machine
SETTINGS = {
    "spark.executor.cores": "1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.files.openCostInBytes": "134217728",  # a task a file
    "spark.sql.adaptive.enabled": "false",  # so that stages stand as planned, and one can be met halfway
}


@dataclass
class Cluster:
    """The cluster's address and its processes."""

    address: str
    environment: Mapping[str, str]
    workers: list[subprocess.Popen[bytes]]

    def kill(self, worker: int) -> None:
        """End a worker and its executor at once, as when a machine loses its power."""
        os.killpg(self.workers[worker].pid, signal.SIGKILL)


def free_port(host: str) -> int:
    with socket.socket() as asked:
        asked.bind((host, 0))
        return int(asked.getsockname()[1])


def settled_environment(folder: Path, memory: int, java: str) -> dict[str, str]:
    """Give the environment of every process of the cluster, with its settings in a file, as on a real one."""
    import pyspark

    settings = {**SETTINGS, "spark.executor.memory": f"{memory}m"}
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "spark-defaults.conf").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    return {
        **os.environ,
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOG_DIR": str(folder),
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "JDK_JAVA_OPTIONS": java,
        "TZ": "America/New_York",
    }


@contextmanager
def standalone(
    folder: Path, hosts: tuple[str, ...] = ("127.0.0.2", "127.0.0.3"), *, memory: int = 600, java: str = FRUGAL
) -> Iterator[Cluster]:
    """Start a master on 127.0.0.1 and a worker of one core on each host; end them all afterwards.

    Args:
        folder: where logs and settings lie.
        hosts: addresses of workers.
        memory: megabytes of each executor.
        java: options of every process of Java.
    """
    environment = settled_environment(folder, memory, java)
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *words: str, up: str) -> subprocess.Popen[bytes]:
        log = folder / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [Path(environment["SPARK_HOME"]) / "bin" / "spark-class", *words],
                env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        started.append(process)
        wait_for(log, up, process)
        return process

    port = free_port("127.0.0.1")
    address = f"spark://127.0.0.1:{port}"
    try:
        start("master", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port),
              "--webui-port", "0", up="I have been elected leader")  # fmt: skip
        workers = [
            start(f"worker-{host}", "org.apache.spark.deploy.worker.Worker", "--host", host, "--cores", "1", "--memory",
                  f"{memory + 100}m", "--webui-port", "0", address, up="Successfully registered with master")
            for host in hosts
        ]  # fmt: skip
        yield Cluster(address, environment, workers)
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(log: Path, words: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process says some words in its log."""
    until = time.monotonic() + WAIT
    while words not in (said := log.read_text(errors="replace")):
        assert process.poll() is None, said
        assert time.monotonic() < until, said
        time.sleep(0.05)


@contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """Start a server of Spark Connect, one that keeps to no ANSI rules, and give its address; end it afterwards."""
    environment, port, log = settled_environment(folder, 600, FRUGAL), free_port("127.0.0.1"), folder / "connect.log"
    words = [f"{environment['SPARK_HOME']}/bin/spark-submit", "--master", "local[2]", "--driver-memory", "1g",
             "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "--conf", "spark.ui.enabled=false",
             "--conf", f"spark.connect.grpc.binding.port={port}", "--conf", "spark.sql.ansi.enabled=false",
             "spark-internal"]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(words, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_for(log, "Spark Connect server started", process)
        yield f"sc://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
