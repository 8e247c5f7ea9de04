"""One thread for numpy's matrix products while we calculate, and only then."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let the linear algebra library use one thread for the time of this context; it costs a tenth of a millisecond.

    Our matrices are small: threads that wait for each other on a busy machine make their products a hundred times
    slower. The limit holds for the whole process, therefore it is taken back as soon as the calculation is done.
    """
    with _controller().limit(limits=1):
        yield


@cache
def _controller() -> Any:
    return ThreadpoolController().select(user_api="blas")
