"""What does the account list show, sorted and filtered without reading the facts again?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from health.models import HealthScore


class AccountRow(models.Model):
    """One account as the list shows it: everything sorted or filtered by, kept beside its index.

    Written by `portfolio.actions.refresh_rows` after scoring, imports and edits; the facts stay the authority.
    """

    account = models.OneToOneField(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="row",
    )
    name = models.CharField(_("account"), max_length=200)
    external_id = models.CharField(_("external id"), max_length=128)
    # Lower-case name, external id, domain: what the search box looks in.
    search_text = models.CharField(max_length=600)
    tier = models.CharField(_("tier"), max_length=10, choices=Account.Tier)
    purchase_level = models.CharField(
        _("purchase level"), max_length=12, choices=Account.PurchaseLevel
    )
    stage = models.CharField(_("stage"), max_length=12, choices=Account.Stage)
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    owner = models.ForeignKey(
        User,
        verbose_name=_("owner"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
    )
    owner_name = models.CharField(_("owner"), max_length=200, blank=True)
    # In the reporting currency; 0 for an account that pays nothing.
    arr = models.DecimalField(_("ARR"), max_digits=14, decimal_places=2, default=0)
    renewal_on = models.DateField(_("renewal"), null=True)
    # Accounts without a date or a score stand last in either direction: SQLite has no NULLS LAST in an index.
    no_renewal = models.BooleanField(default=True)
    unscored = models.BooleanField(default=True)
    score = models.DecimalField(_("health"), max_digits=5, decimal_places=2, null=True)
    band = models.CharField(
        _("band"),
        max_length=10,
        choices=HealthScore.Band,
        default=HealthScore.Band.UNKNOWN,
    )
    # Against the score four weeks earlier.
    score_change = models.DecimalField(
        _("change in 4 weeks"), max_digits=5, decimal_places=2, null=True
    )
    # Weekly scores of the last 12 weeks, oldest first, null where there was none.
    trend = models.JSONField(_("12 weeks"), default=list)
    # The three indicators that move the score most: [{key, value, contribution, change}].
    drivers = models.JSONField(_("main reason"), default=list)
    touched_on = models.DateField(_("last touch"), null=True)
    scored_on = models.DateField(_("scored on"), null=True)
    # ARR × how much is at risk; Today's order. 0 where nothing is known.
    priority = models.DecimalField(
        _("priority"), max_digits=16, decimal_places=2, default=0
    )

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("account row")
        verbose_name_plural = _("account rows")
        constraints = [
            models.CheckConstraint(
                condition=Q(arr__gte=0), name="portfolio_accountrow_arr_not_negative"
            )
        ]
        # One index per sort, with the tie-break in the same direction, so a page is read from the index.
        indexes = [
            models.Index(fields=["name", "account"], name="portfolio_row_name"),
            models.Index(fields=["arr", "account"], name="portfolio_row_arr"),
            models.Index(
                fields=["unscored", "score", "account"], name="portfolio_row_score"
            ),
            models.Index(
                fields=["unscored", "-score", "-account"],
                name="portfolio_row_score_down",
            ),
            models.Index(
                fields=["no_renewal", "renewal_on", "account"],
                name="portfolio_row_renewal",
            ),
            models.Index(
                fields=["no_renewal", "-renewal_on", "-account"],
                name="portfolio_row_renewal_down",
            ),
            models.Index(fields=["band", "arr", "account"], name="portfolio_row_band"),
            models.Index(
                fields=["owner", "arr", "account"], name="portfolio_row_owner"
            ),
            models.Index(fields=["priority", "account"], name="portfolio_row_priority"),
        ]

    def __str__(self) -> str:
        return self.name
