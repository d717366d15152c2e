"""How does a test say what accounts pay?"""

from revenue.actions import derive_movements


def ledger_of(*accounts):
    """Derive the ledger of accounts from their contract lines."""
    derive_movements(account_ids=[account.pk for account in accounts])
