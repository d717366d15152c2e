"""How is the track record written down, so that its page is quick?"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from health.models import LossReview, TrackRecord
from health.queries.track_record import HORIZONS, review_losses, track_record

# Records of other days are kept for a while, so that one can see what was said then.
KEPT_DAYS = 400


def store_track_record(*, on: dt.date) -> int:
    """Judge everything as of a day, in place of what was written for that day; return how many lines."""
    lines, losses = track_record(on), review_losses(on)
    with transaction.atomic():
        TrackRecord.objects.filter(on=on).delete()
        TrackRecord.objects.filter(on__lt=on - dt.timedelta(days=KEPT_DAYS)).delete()
        TrackRecord.objects.bulk_create(
            [
                TrackRecord(
                    on=on, subject=line.subject, key=line.key, horizon_days=line.horizon,
                    first_on=line.days[0] if line.days else None, last_on=line.days[1] if line.days else None,
                    rows=line.rows, events=line.events, verdict=line.verdict, measures=line.measures,
                )
                for line in lines
            ]
        )  # fmt: skip
        LossReview.objects.all().delete()
        LossReview.objects.bulk_create(
            [
                LossReview(
                    account_id=loss.account, on=loss.on, arr_lost=loss.arr,
                    **{f"band_{ahead}": loss.bands[ahead] for ahead in HORIZONS},
                )
                for loss in losses
            ],
            batch_size=1_000,
        )  # fmt: skip
    return len(lines)
