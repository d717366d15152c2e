"""What does the account list show, sorted and filtered without reading the facts again?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User
from accounts.models.of_account import OfAccountQuerySet
from common.formats import number
from health.models import TONES, HealthScore
from portfolio.models.reasons import sentence


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
    purchase_level = models.CharField(_("purchase level"), max_length=12, choices=Account.PurchaseLevel)
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
    # Until when a person's word stands in for the computed band; its score stays the computed one.
    override_until = models.DateField(_("set by hand until"), null=True)
    # Against the score four weeks earlier.
    score_change = models.DecimalField(_("change in 4 weeks"), max_digits=5, decimal_places=2, null=True)
    # Weekly scores of the last 12 weeks, oldest first, null where there was none.
    trend = models.JSONField(_("12 weeks"), default=list)
    # The same as an SVG path of 96 × 24, drawn once when the row is written rather than at each look at the list.
    trend_path = models.CharField(max_length=400, blank=True)
    # The three indicators that pull the score down most: [{indicator, value, label}], as `rules.sentence` takes them.
    drivers = models.JSONField(_("main reason"), default=list)
    touched_on = models.DateField(_("last touch"), null=True)
    scored_on = models.DateField(_("scored on"), null=True)
    # ARR × how much is at risk; Today's order. 0 where nothing is known.
    priority = models.DecimalField(_("priority"), max_digits=16, decimal_places=2, default=0)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("account row")
        verbose_name_plural = _("account rows")
        constraints = [models.CheckConstraint(condition=Q(arr__gte=0), name="portfolio_accountrow_arr_not_negative")]
        # One index per sort, with the tie-break in the same direction, so a page is read from the index.
        indexes = [
            models.Index(fields=["name", "account"], name="portfolio_row_name"),
            models.Index(fields=["arr", "account"], name="portfolio_row_arr"),
            models.Index(fields=["unscored", "score", "account"], name="portfolio_row_score"),
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
            # The strip of bands over the whole book is counted and summed within this one.
            models.Index(fields=["band", "stage", "arr"], name="portfolio_row_strip"),
            models.Index(fields=["owner", "arr", "account"], name="portfolio_row_owner"),
            models.Index(fields=["priority", "account"], name="portfolio_row_priority"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The address of the account's page."""
        return reverse("account_overview", args=[self.pk])

    @property
    def tone(self) -> str:
        """The colour and shape that the band is shown in."""
        return TONES[self.band]

    def get_band_display(self) -> str:  # type: ignore[no-redef]
        """The band in words. Django's own way translates every choice for each row, and a list has fifty."""
        return str(HealthScore.Band(self.band).label)

    @property
    def reason(self) -> str:
        """What pulls the score down most, in words."""
        return sentence(**self.drivers[0]) if self.drivers else ""

    @property
    def trend_text(self) -> str:
        """What the small line shows, in words."""
        known = [score for score in self.trend if score is not None]
        return _text("from %(first)s to %(last)s in 12 weeks") % {"first": number(known[0]), "last": number(known[-1])}

    def text_of(self, column: str) -> str:
        """The words of a plain cell; `cf_…` names a custom field, which the list annotates as `custom`."""
        if column.startswith("cf_"):
            value = (getattr(self, "custom", None) or {}).get(column.removeprefix("cf_"))
            return {True: _text("Yes"), False: _text("No"), None: ""}.get(value, str(value))
        display = getattr(self, f"get_{column}_display", None)
        return str(display() if display else getattr(self, column) or "")
