"""What does a manager fill in about weights, criteria and limits?"""

from __future__ import annotations

from advocacy.models import AdvocacySettings
from common.forms import DraftForm


class AdvocacySettingsForm(DraftForm):
    """How advocates are scored, and when they may be asked."""

    class Meta:
        model = AdvocacySettings
        fields = AdvocacySettings.FIELDS
