"""What may a person send to the pages of health?"""

from __future__ import annotations

from accounts.forms.base import RecordForm
from health.models import HealthOverride


class OverrideForm(RecordForm):
    """A band for a while, with the reason."""

    class Meta(RecordForm.Meta):
        model = HealthOverride
        fields = ("band", "reason", "ends_on")
