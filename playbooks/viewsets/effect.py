"""How does the API tell which playbooks work?"""

from __future__ import annotations

from accounts.viewsets.base import RecordViewSet
from playbooks.filters.effect import EffectRecordFilter
from playbooks.models import EffectRecord
from playbooks.serializers.effect import EffectRecordSerializer


class EffectRecordViewSet(RecordViewSet):
    """What playbooks brought, by night, newest first: written every night, changed by nobody."""

    http_method_names = ["get", "head", "options"]
    queryset = EffectRecord.objects.prefetch_related("estimates").order_by("-on", "-pk")
    serializer_class = EffectRecordSerializer
    filterset_class = EffectRecordFilter
    write_capability = None
