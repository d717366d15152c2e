"""How well does a customer fit what sales asks for?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

# What each likeness counts; only what was asked for is counted, so the whole is always 100.
POINTS = {"industry": 40, "size": 20, "use_case": 20, "product": 15, "region": 15}
# How far apart two sizes may lie to be near: a factor of so much.
NEAR = 3.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the prospect is like; what is empty was not asked for."""

    industry: str = ""
    region: str = ""
    employees: int | None = None
    tier: str = ""
    product: int | None = None
    use_case: int | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """What a customer is like."""

    industry: str = ""
    region: str = ""
    employees: int | None = None
    tier: str = ""
    products: Collection[int] = field(default=())
    use_cases: Collection[int] = field(default=())


@dataclass(frozen=True, slots=True)
class Fit:
    """How well they fit, 0 to 100, and for each thing asked for whether it is met: yes, near, or no."""

    points: float
    met: dict[str, str]


def fit(wanted: Wanted, offered: Offered) -> Fit:
    """Compare a customer with what is wanted: the share of the points asked for; near counts half.

    Same industry 40, size 20 (within a third and three times the employees, near within twice that; without a number
    of employees by tier), use case 20, product 15, region 15. Everybody fits who asks for nothing in particular.

    >>> found = fit(Wanted(industry="Retail", employees=300, product=7), Offered("Retail", "EU", 2000, products={7}))
    >>> round(found.points, 1), found.met
    (73.3, {'industry': 'yes', 'size': 'no', 'product': 'yes'})
    >>> fit(Wanted(), Offered("Retail")).points
    100.0
    """
    met: dict[str, str] = {}
    if wanted.industry:
        met["industry"] = _yes(wanted.industry.casefold() == offered.industry.casefold())
    if wanted.employees or wanted.tier:
        met["size"] = size_fit(wanted, offered)
    if wanted.use_case is not None:
        met["use_case"] = _yes(wanted.use_case in offered.use_cases)
    if wanted.product is not None:
        met["product"] = _yes(wanted.product in offered.products)
    if wanted.region:
        met["region"] = _yes(wanted.region.casefold() == offered.region.casefold())
    asked = sum(POINTS[name] for name in met)
    got = sum(POINTS[name] * {"yes": 1.0, "near": 0.5, "no": 0.0}[how] for name, how in met.items())
    return Fit(100.0 if not asked else got / asked * 100, met)


def size_fit(wanted: Wanted, offered: Offered) -> str:
    """Compare two sizes: by employees where both are known, else by tier.

    >>> size_fit(Wanted(employees=100), Offered(employees=250)), size_fit(Wanted(employees=100), Offered(employees=500))
    ('yes', 'near')
    >>> size_fit(Wanted(tier="rabbit"), Offered(tier="rabbit")), size_fit(Wanted(employees=100), Offered())
    ('yes', 'no')
    """
    if wanted.employees and offered.employees:
        factor = max(wanted.employees, offered.employees) / min(wanted.employees, offered.employees)
        return "yes" if factor <= NEAR else "near" if factor <= 2 * NEAR else "no"
    return _yes(bool(wanted.tier) and wanted.tier == offered.tier)


def _yes(is_met: bool) -> str:
    return "yes" if is_met else "no"
