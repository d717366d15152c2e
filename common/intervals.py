"""How far may a mean be off, told from few values?"""

from __future__ import annotations

from statistics import NormalDist


def student_quantile(share: float, freedom: float) -> float:
    """Give the quantile of Student's distribution, by the expansion of Fisher and Cornish.

    Its error is below 0.001 from ten degrees of freedom on.

    >>> [round(student_quantile(share, 15), 3) for share in (0.975, 0.995, 0.5)]
    [2.131, 2.947, 0.0]
    """
    z = NormalDist().inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(z + sum(term / freedom ** (power + 1) for power, term in enumerate(terms)))
