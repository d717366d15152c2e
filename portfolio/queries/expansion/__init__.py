"""What is on the pages about expansion: pipeline, board, targets, profile, whitespace?"""

from portfolio.queries.expansion.ground import Ground
from portfolio.queries.expansion.pipeline import EXPORTED, board, deals, export_rows, pipeline
from portfolio.queries.expansion.profile import fits, fits_in_words, left_out, traits_in_words
from portfolio.queries.expansion.targets import credits_of, target_chart, targets
from portfolio.queries.expansion.whitespace import whitespace

__all__ = [
    "EXPORTED",
    "Ground",
    "board",
    "credits_of",
    "deals",
    "export_rows",
    "fits",
    "fits_in_words",
    "left_out",
    "pipeline",
    "target_chart",
    "targets",
    "traits_in_words",
    "whitespace",
]
