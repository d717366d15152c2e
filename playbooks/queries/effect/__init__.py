"""What was known of accounts on the day of a start, what came of them, and what does that say of the playbook?"""

from playbooks.queries.effect.estimates import estimates_of
from playbooks.queries.effect.figures import Figures, figures_of
from playbooks.queries.effect.page import HEADER, EffectPage, effect_page, effect_rows, exported_rows, newest_night
from playbooks.queries.effect.standing import Known, kept_on, later_on, standing_on

__all__ = [
    "HEADER",
    "EffectPage",
    "Figures",
    "Known",
    "effect_page",
    "effect_rows",
    "estimates_of",
    "exported_rows",
    "figures_of",
    "kept_on",
    "later_on",
    "newest_night",
    "standing_on",
]
