"""What may an advocate be asked for, and where is it heard?"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AskKind(models.TextChoices):
    """The favours that an advocate may be asked."""

    REFERENCE_CALL = "reference_call", _("Reference call")
    CASE_STUDY = "case_study", _("Case study")
    REVIEW = "review", _("Review")
    TALK = "talk", _("Talk in a sharing session")
    REFERRAL = "referral", _("Referral")
    CO_CREATION = "co_creation", _("Co-creation")


class Channel(models.TextChoices):
    """Where something that a customer gave may be heard or seen."""

    PRIVATE = "private", _("In private")
    EVENT = "event", _("At events")
    WEB = "web", _("On our website")
    SOCIAL = "social", _("On other sites")
    ANY = "any", _("Everywhere")


# Where each favour is heard; so far must a consent to it reach.
CHANNEL_OF: dict[str, str] = {
    AskKind.REFERENCE_CALL: Channel.PRIVATE,
    AskKind.CASE_STUDY: Channel.WEB,
    AskKind.REVIEW: Channel.SOCIAL,
    AskKind.TALK: Channel.EVENT,
    AskKind.REFERRAL: Channel.PRIVATE,
    AskKind.CO_CREATION: Channel.PRIVATE,
}
