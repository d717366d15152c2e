"""What does one measure give for many accounts?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from health.rules.score import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Measured:
    """The values of a measure (nan: not known), and what each was made of: counts, and days since 1970 (`…_on`)."""

    values: Floats
    counts: Mapping[str, Floats | Ints] = field(default_factory=dict)
    days: Mapping[str, Ints] = field(default_factory=dict)
