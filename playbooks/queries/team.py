"""Who sees to a step of a role for each account?

The person who serves the account in that role. Where there is none, or the one there is can no longer sign in: the CSM,
then the manager of the CSM's team. Where nobody is left the task stands without a name, and managers see it so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from accounts.models import ServiceAssignment, User
from common.columns import only_ids
from playbooks.rules.steps import Role

# Nobody's until somebody takes it, or the program's own.
NOBODYS = (Role.POOLED, Role.AUTOMATIC)


@dataclass(frozen=True)
class ServiceTeams:
    """The people of some accounts by role, and the managers of their teams; only people who can sign in."""

    people: Mapping[tuple[int, str], int]
    managers: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def load(cls, account_ids: Collection[int], on: dt.date) -> ServiceTeams:
        """Read who serves accounts on a day: two queries, whatever their number."""
        wanted = frozenset(account_ids)
        serving = ServiceAssignment.objects.active_on(on).order_by("started_on", "pk")
        rows = only_ids(serving, "account_id", wanted).values_list(
            "account_id", "role", "user_id", "user__is_active", "user__team_id"
        )
        people: dict[tuple[int, str], int] = {}
        teams: dict[int, int] = {}
        for account, role, user, is_active, team in rows.iterator():
            if account not in wanted:
                continue
            if role == ServiceAssignment.Role.CSM and team is not None:
                # A CSM who left still says to which team, and so to which manager, the account belongs.
                teams[account] = team
            if is_active:
                people[account, role] = user
        heads = managers_of_teams()
        return cls(people, {account: heads[team] for account, team in teams.items() if team in heads})

    def person(self, account_id: int, role: str) -> int | None:
        """Who sees to a step of a role, by the order above."""
        if role in NOBODYS:
            return None
        own = None if role == Role.MANAGER else self.people.get((account_id, role))
        csm = None if role == Role.MANAGER else self.people.get((account_id, Role.CSM))
        return own or csm or self.managers.get(account_id) or self.people.get((account_id, Role.CSM))


def managers_of_teams() -> dict[int, int]:
    """The CS manager of each team who can sign in; of several the one who has been there longest."""
    rows = User.objects.active().filter(role=User.Role.CS_MANAGER, team__isnull=False).order_by("-pk")
    return {team: user for team, user in rows.values_list("team_id", "pk") if team is not None}
