"""Who asked for what, has it been asked before, what hangs on it, and what became of it?"""

from roadmap.queries.board import BoardColumn, board, named_customers, quarters_to_choose, shared_items
from roadmap.queries.duplicates import Alike, family_of, find_pairs, likely_duplicates, pairs_of, root_of
from roadmap.queries.evidence import AskedFor, Asker, asked_by, askers_of
from roadmap.queries.gaps import Gap, Gaps, gap_of, gaps, linkable, links_by_request, needs_of
from roadmap.queries.loop import (
    Told,
    Use,
    answers_of,
    answers_to,
    told_report,
    use_of,
    waiting_for,
    with_answerer,
    with_words,
)
from roadmap.queries.requests import with_voices

__all__ = [
    "Alike",
    "AskedFor",
    "Asker",
    "BoardColumn",
    "Gap",
    "Gaps",
    "Told",
    "Use",
    "answers_of",
    "answers_to",
    "asked_by",
    "askers_of",
    "board",
    "family_of",
    "find_pairs",
    "gap_of",
    "gaps",
    "likely_duplicates",
    "linkable",
    "links_by_request",
    "named_customers",
    "needs_of",
    "pairs_of",
    "quarters_to_choose",
    "root_of",
    "shared_items",
    "told_report",
    "use_of",
    "waiting_for",
    "with_answerer",
    "with_voices",
    "with_words",
]
