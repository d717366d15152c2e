"""What do tokens and messages for the outside look like?"""

from integrations.rules.tokens import (
    ALPHABET,
    SAFE_METHODS,
    Parts,
    Scope,
    allows,
    compose,
    generate,
    hash_secret,
    in_base62,
    may_come_from,
    parse,
    scope_for,
)

__all__ = [
    "ALPHABET",
    "SAFE_METHODS",
    "Parts",
    "Scope",
    "allows",
    "compose",
    "generate",
    "hash_secret",
    "in_base62",
    "may_come_from",
    "parse",
    "scope_for",
]
