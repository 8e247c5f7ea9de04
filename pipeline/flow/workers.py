"""The name under which this process claims work, and whether the process behind such a name still runs."""

import socket

import psutil


def worker_name() -> str:
    """This process as a worker: host, process id and start."""
    return _name_of(psutil.Process())


def is_alive(worker: str) -> bool:
    """Whether the process of a worker's name still runs. One on another machine is assumed to."""
    host, pid, _ = worker.rsplit("/", 2)
    if host != socket.gethostname():
        return True
    try:
        return _name_of(psutil.Process(int(pid))) == worker
    except psutil.NoSuchProcess:
        return False


def _name_of(process: psutil.Process) -> str:
    # The start tells a process from an earlier one with the same id.
    return f"{socket.gethostname()}/{process.pid}/{process.create_time():.2f}"
