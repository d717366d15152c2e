"""What may a person of each role do, and whose rows do they see?"""

from enum import StrEnum


class Role(StrEnum):
    """The five kinds of people who sign in (PRODUCT.md, opening)."""

    CSM = "csm"
    CS_MANAGER = "cs_manager"
    PRODUCT_MANAGER = "product_manager"
    ADMIN = "admin"
    VIEWER = "viewer"


class Visibility(StrEnum):
    """How much of the book a person sees besides what is shared with them."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


class Capability(StrEnum):
    """One right that a page, an action or an API scope asks for."""

    EDIT_ACCOUNTS = "edit_accounts"
    ASSIGN_OWNERS = "assign_owners"
    EDIT_REVENUE = "edit_revenue"
    EDIT_CATALOGUE = "edit_catalogue"
    EDIT_ROADMAP = "edit_roadmap"
    EDIT_HEALTH = "edit_health"
    EDIT_PLAYBOOKS = "edit_playbooks"
    EDIT_ADVOCACY = "edit_advocacy"
    PLAN_ROADMAP = "plan_roadmap"
    SHARE_WITH_TEAM = "share_with_team"
    EXPORT = "export"
    IMPORT_BOOK = "import_book"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SETTINGS = "manage_settings"
    SEE_MONEY = "see_money"
    SEE_CONTACT_DETAILS = "see_contact_details"
    SEE_PRIVATE_NOTES = "see_private_notes"


CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.CSM: frozenset(
        {
            Capability.EDIT_ACCOUNTS,
            Capability.EDIT_REVENUE,
            Capability.EDIT_ROADMAP,
            Capability.EXPORT,
            Capability.SEE_MONEY,
            Capability.SEE_CONTACT_DETAILS,
        }
    ),
    Role.CS_MANAGER: frozenset(
        {
            Capability.EDIT_ACCOUNTS,
            Capability.ASSIGN_OWNERS,
            Capability.EDIT_REVENUE,
            Capability.EDIT_ROADMAP,
            Capability.EDIT_HEALTH,
            Capability.EDIT_PLAYBOOKS,
            Capability.EDIT_ADVOCACY,
            Capability.SHARE_WITH_TEAM,
            Capability.EXPORT,
            Capability.SEE_MONEY,
            Capability.SEE_CONTACT_DETAILS,
            Capability.SEE_PRIVATE_NOTES,
        }
    ),
    Role.PRODUCT_MANAGER: frozenset(
        {
            Capability.EDIT_CATALOGUE,
            Capability.EDIT_ROADMAP,
            Capability.PLAN_ROADMAP,
            Capability.EXPORT,
        }
    ),
    Role.ADMIN: frozenset(Capability),
    Role.VIEWER: frozenset({Capability.SEE_MONEY}),
}

DEFAULT_VISIBILITY: dict[Role, Visibility] = {
    Role.CSM: Visibility.OWN,
    Role.CS_MANAGER: Visibility.TEAM,
    Role.PRODUCT_MANAGER: Visibility.ALL,
    Role.ADMIN: Visibility.ALL,
    Role.VIEWER: Visibility.ALL,
}


def may(role: str, capability: Capability) -> bool:
    """Say whether a role has a capability.

    >>> may("csm", Capability.EDIT_ACCOUNTS), may("viewer", Capability.EDIT_ACCOUNTS)
    (True, False)
    """
    return capability in CAPABILITIES[Role(role)]
