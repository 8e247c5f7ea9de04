"""The types of the arrays that ranking and clustering calculate with."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
"""float32: weights, cosines, features."""

Doubles = npt.NDArray[np.float64]
"""float64: where many numbers are added up or compared."""

Ints = npt.NDArray[np.int64]
"""int64: lineages and hashed labels."""

Indices = npt.NDArray[np.intp]
"""intp: positions in other arrays."""

Flags = npt.NDArray[np.bool_]
"""bool: which elements of another array are meant."""
