"""One thread for matrix products while we calculate, and the library's own number of threads afterwards."""

import numpy as np
from threadpoolctl import ThreadpoolController

from pipeline.relate.blas import one_blas_thread


def blas_threads() -> list[int]:
    """How many threads numpy's own linear algebra library uses now; other packages may have loaded theirs."""
    assert np.eye(2).sum() == 2
    libraries = ThreadpoolController().select(user_api="blas").info()
    threads = [library["num_threads"] for library in libraries if "numpy" in library["filepath"]]
    assert threads, libraries
    return threads


def test_the_limit_holds_inside_only() -> None:
    before = blas_threads()
    with one_blas_thread():
        assert set(blas_threads()) == {1}
    assert blas_threads() == before
