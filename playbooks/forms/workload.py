"""What does a person fill in about how load is weighed?"""

from __future__ import annotations

from accounts.forms.base import strict_field
from common.forms import DraftForm
from playbooks.models import WorkloadSettings


class WeightsForm(DraftForm):
    """The weight of each tier and what one person can carry."""

    class Meta:
        model = WorkloadSettings
        fields = ("weight_elephant", "weight_cheetah", "weight_rabbit", "capacity")
        formfield_callback = strict_field
