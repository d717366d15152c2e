"""Which expectation, promise, loss or renewal hangs on a request?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, ChurnRecord, ExpectationGap, Promise, User
from accounts.models.of_account import OfAccountQuerySet
from revenue.models import Renewal
from roadmap.models.requests import FeatureRequest

KINDS = ("gap", "promise", "churn_record", "renewal")


def _only(kind: str) -> Q:
    return Q(**{f"{other}__isnull": other != kind for other in KINDS})


class RequestLink(models.Model):
    """One thing of an account that hangs on a request: a gap, a promise, a loss or a renewal."""

    class Kind(models.TextChoices):
        GAP = "gap", _("Expectation gap")
        PROMISE = "promise", _("Promise")
        CHURN_RECORD = "churn_record", _("Churn record")
        RENEWAL = "renewal", _("Renewal")

    request = models.ForeignKey(
        FeatureRequest,
        verbose_name=_("request"),
        on_delete=models.CASCADE,
        related_name="links",
    )
    # As of a voice: the merged request that it was made for.
    linked_as = models.ForeignKey(
        FeatureRequest,
        verbose_name=_("linked as"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="request_links",
    )
    gap = models.ForeignKey(
        ExpectationGap, verbose_name=_("expectation gap"), on_delete=models.CASCADE, null=True, blank=True,
        related_name="request_links",
    )  # fmt: skip
    promise = models.ForeignKey(
        Promise, verbose_name=_("promise"), on_delete=models.CASCADE, null=True, blank=True,
        related_name="request_links",
    )  # fmt: skip
    churn_record = models.ForeignKey(
        ChurnRecord, verbose_name=_("churn record"), on_delete=models.CASCADE, null=True, blank=True,
        related_name="request_links",
    )  # fmt: skip
    renewal = models.ForeignKey(
        Renewal, verbose_name=_("renewal"), on_delete=models.CASCADE, null=True, blank=True,
        related_name="request_links",
    )  # fmt: skip
    added_at = models.DateTimeField(_("linked"))
    added_by = models.ForeignKey(
        User,
        verbose_name=_("linked by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-pk"]
        verbose_name = _("link of a request")
        verbose_name_plural = _("links of requests")
        constraints = [
            models.CheckConstraint(
                condition=_only("gap") | _only("promise") | _only("churn_record") | _only("renewal"),
                name="roadmap_requestlink_to_one_thing",
            ),
            *(
                models.UniqueConstraint(
                    fields=["request", kind],
                    condition=Q(**{f"{kind}__isnull": False}),
                    name=f"roadmap_requestlink_{kind}_once",
                )
                for kind in KINDS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.account_id}"

    @property
    def kind(self) -> str:
        """What it leads to."""
        return next(kind for kind in KINDS if getattr(self, f"{kind}_id") is not None)

    def get_kind_display(self) -> str:
        """What it leads to, in words."""
        return str(self.Kind(self.kind).label)

    @property
    def target(self) -> ExpectationGap | Promise | ChurnRecord | Renewal:
        """The row that hangs on the request."""
        row: ExpectationGap | Promise | ChurnRecord | Renewal = getattr(self, self.kind)
        return row
