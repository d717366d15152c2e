"""What must hold of an account among others, and whom does its tier ask for?"""

from collections.abc import Collection, Mapping

KEY_ACCOUNT = "elephant"
IRON_TRIANGLE = ("csm", "solution_expert", "delivery_manager")
MAX_DEPTH = 100


def makes_circle(account: int | None, parent: int | None, parent_of: Mapping[int, int | None]) -> bool:
    """Say whether putting an account under a parent closes a circle in the hierarchy.

    `parent_of` maps each account to its parent, as it stands. A chain longer than a hundred is treated as a circle.

    >>> chain = {1: None, 2: 1, 3: 2}
    >>> makes_circle(1, 3, chain), makes_circle(3, 1, chain), makes_circle(2, 2, chain), makes_circle(None, 3, chain)
    (True, False, True, False)
    """
    for _step in range(MAX_DEPTH):
        if parent is None:
            return False
        if parent == account:
            return True
        parent = parent_of.get(parent)
    return True


def missing_roles(tier: str, roles: Collection[str]) -> list[str]:
    """List who is missing from the service team: a key account has an iron triangle, others need a CSM at most.

    >>> missing_roles("elephant", ["csm", "support"])
    ['solution_expert', 'delivery_manager']
    >>> missing_roles("rabbit", [])
    []
    """
    if tier != KEY_ACCOUNT:
        return []
    return [role for role in IRON_TRIANGLE if role not in roles]


def normal_domain(text: str) -> str:
    """Reduce what people paste to a bare host name in lower case.

    >>> normal_domain(" https://www.Example.com/about?x=1 "), normal_domain("sub.example.com:8080"), normal_domain("")
    ('example.com', 'sub.example.com', '')
    """
    host = text.strip().lower()
    host = host.split("://", 1)[-1].split("/", 1)[0].split("?", 1)[0]
    host = host.rsplit("@", 1)[-1].split(":", 1)[0].strip(".")
    return host.removeprefix("www.")
