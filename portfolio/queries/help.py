"""What does a figure mean, by which rule of the code is it worked out, and which keys are there?"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Definition:
    """One figure or word: its anchor, what it is called, what it means, and the rules that work it out."""

    key: str
    term: str | Promise
    text: str | Promise
    rules: tuple[str, ...] = ()


DEFINITIONS = (
    Definition(
        "health", _("Health score"),
        _("0 to 100, from the indicators of the scorecard that applies: each is scored between its red and its green "
          "point and counts with its weight. What could not be measured is left out, never 0."),
        ("score_columns", "interpolate"),
    ),
    Definition(
        "band", _("Healthy, Watch, At risk"),
        _("Healthy from 75 points, Watch from 50, At risk below, unless the scorecard says otherwise. A band changes "
          "only 3 points past its edge or at the second reading in a row, so that it does not flap."),
        ("settle_bands",),
    ),
    Definition(
        "coverage", _("Measured (coverage)"),
        _("The share of a score’s weight that was really measured. Below 60 % there is no score."), ("score_columns",),
    ),
    Definition(
        "moved", _("What moved the score"),
        _("The change of a score split into its indicators, exactly, with a line of its own for a changed scorecard."),
        ("what_moved",),
    ),
    Definition(
        "trend", _("Trend"), _("Points a week, by least squares over the scores of 4 and 13 weeks."), ("trend_slope",),
    ),
    Definition(
        "churn_risk", _("Risk of leaving"),
        _("How likely a customer is to leave within 90 days and within a year: by published figures, or by a model of "
          "your own history once that is better on time held out."),
        ("prior_risk", "is_better"),
    ),
    Definition(
        "arr", _("ARR"),
        _("What an account pays in a year: the sum of its contract lines that have begun and not ended, in the "
          "reporting currency."),
        ("worth_by_account",),
    ),
    Definition(
        "nrr", _("Net revenue retention (NRR)"),
        _("What the customers of the opening pay at the close / what they paid at the opening. Expansion counts, new "
          "customers do not. Above 100 % the book grows by itself."),
        ("retention", "rates_of"),
    ),
    Definition(
        "grr_revenue", _("Gross revenue retention (GRR)"),
        _("As NRR, with no customer counted for more than it paid at the opening: what was kept, without expansion."),
        ("retention", "rates_of"),
    ),
    Definition(
        "grr_logo", _("Logo retention"), _("Customers of the opening that are still there / customers of the opening."),
        ("rates_of",),
    ),
    Definition(
        "churn", _("Churn"),
        _("Customers or ARR of the opening that were lost. A year’s churn from its months is 1 − Π(1 − m): 5 % a month "
          "is 46 % a year."),
        ("annual_churn",),
    ),
    Definition(
        "quick_ratio", _("Quick ratio"), _("(New + expansion + reactivation) / (contraction + churn)."), ("rates_of",)
    ),
    Definition(
        "movements", _("Movements"),
        _("New, expansion, contraction, churn, reactivation: derived from the contract lines, netted per account and "
          "day, never typed in. Opening + movements = closing, exactly."),
        ("movements_of", "ledgers"),
    ),
    Definition(
        "masking", _("Masking"),
        _("The overall rate looks healthy while a segment lies well below its own benchmark."), ("masking",),
    ),
    Definition(
        "reversal", _("Reversal (Simpson’s paradox)"),
        _("The overall rate moved one way and every segment’s the other: the mix of customers changed."),
        ("reversal", "mix_and_rate"),
    ),
    Definition(
        "renewal_rate", _("Renewal rate"),
        _("What was renewed / what was due, by count and by ARR. A late renewal counts in the period in which it was "
          "due."),
        ("share_right",),
    ),
    Definition(
        "forecast", _("Forecast"),
        _("Low: won and committed. Likely: as called, by the final call, else the CSM’s, else the rule’s. High: all "
          "that is not lost."),
        ("forecast_range", "computed_call"),
    ),
    Definition(
        "arr_at_risk", _("ARR at risk"),
        _("What the open risks put at risk; of one account together never more than it pays."), ("at_risk",),
    ),
    Definition(
        "warning", _("Early warning"),
        _("A rule that found something in an account, with its numbers. It closes by itself when its cause is gone."),
        ("is_warned", "settle_warning"),
    ),
    Definition(
        "usage_rate", _("Usage rate"),
        _("Entitled accounts that used a feature within 30 days / entitled accounts."), ("rate",),
    ),
    Definition(
        "active", _("Weekly and monthly active"),
        _("Accounts and people with use in the last 7 and 30 days."), ("growth",),
    ),
    Definition(
        "nps", _("NPS"),
        _("(Promoters 9–10 − detractors 0–6) / answers × 100, over the latest answer of each contact in 180 days."),
        ("net_promoter_score",),
    ),
    Definition(
        "attainment", _("Goal reached"),
        _("(Current − baseline) / (target − baseline); it holds for goals where lower is better, too."),
        ("attainment",),
    ),
    Definition(
        "pipeline", _("Weighted pipeline"), _("Expected ARR × how likely the stage is to be won."), ("weighted_arr",)
    ),
    Definition(
        "cohort", _("Cohort"),
        _("Customers by the month or quarter of their first paying day. What they paid then is 100 %; each later point "
          "says how much of it, or how many of them, is left."),
        ("cohorts_of", "all_cohorts"),
    ),
    Definition(
        "downgraded", _("Downgrade"),
        _("A day on which an account comes to pay less and still pays: (ARR before − ARR after) / ARR before."),
        ("share_lost", "left_rate"),
    ),
    Definition(
        "target", _("Credited, target, coverage"),
        _("Every expansion of a quarter is credited to the CSM of its day. Coverage: weighted open pipeline / what is "
          "still missing to the target."),
        ("target_rate", "pipeline_coverage"),
    ),
    Definition(
        "fit", _("Resembles those that expanded"),
        _("For each trait: how much more often accounts with it expanded than those without, as it was known then. The "
          "points of an account add these up."),
        ("trait_lift", "fit_points"),
    ),
    Definition(
        "inherited", _("Inherited risk"),
        _("What could be expected to be lost of a book, from the health bands in which its accounts were taken over. "
          "It stands beside the result, so that a hard book is no bad mark."),
        ("expected_losses", "credits_of"),
    ),
    Definition(
        "track_record", _("Was it foreseen?"),
        _("How often an account that left had the worse score or the higher risk than one that stayed, on time held "
          "out. Chance is 50 %, fair begins at 70 %, good at 80 %."),
        ("roc_auc", "top_lift"),
    ),
    Definition(
        "relationship", _("Relationship"),
        _("Half how lately somebody spoke with the contact, then their attitude and their role."),
        ("relationship_score",),
    ),
    Definition(
        "completeness", _("Complete (handoff)"),
        _("Filled sections / all sections; required ones count twice."), ("completeness_score",),
    ),
    Definition(
        "in_time", _("Resolved in time"),
        _("Tickets resolved within the hours that their severity allows / tickets whose time is over."), ("is_met",),
    ),
    Definition(
        "effect", _("Effect of a playbook"),
        _("Accounts that got it beside others that were alike on that day and did not, with the range in which the "
          "difference lies. Below 20 pairs nothing is said."),
        ("match_untreated", "mean_effect"),
    ),
    Definition(
        "on_time", _("Tasks on time"),
        _("Tasks done by their first day / tasks whose first day is over. Moving a task makes nobody punctual."),
        ("share_on_time",),
    ),
    Definition(
        "load", _("Load"),
        _("Accounts of each tier × the weight of the tier, and its share of what one person can carry."),
        ("weighted_load", "used_share"),
    ),
    Definition(
        "borne_out", _("Borne out by the renewal"),
        _("Stabilized and not lost, or failed and lost / verdicts that a renewal could judge."),
        ("was_right", "right_share"),
    ),
    Definition(
        "advocate_score", _("Advocate score"),
        _("Spread, dependence and feedback, each by where the customer stands in the portfolio, 0 to 100."),
        ("advocate_score", "percentile_scores"),
    ),
    Definition(
        "high_value", _("High-value customer"),
        _("Among the top 2 % by login frequency, more than four fifths of the modules in use, a goal reached, an "
          "expansion in the last year. Each is shown as met or not, with its number."),
        ("high_value", "is_at_the_top"),
    ),
    Definition(
        "referral", _("Referrals"),
        _("How many companies came at least as far as each stage; those that were lost count as far as they came."),
        ("referral_funnel", "furthest_state"),
    ),
    Definition(
        "session_effect", _("Effect of sessions"),
        _("Days of use in the 30 days after a session less the 30 before, of those who came and of those who were "
          "invited and did not. Below 20 customers only the count is shown."),
        ("mean_change", "difference_of_changes"),
    ),
    Definition(
        "rank", _("Rank of a request"),
        _("First what at least ten customers share, then the rest; within both by a score of asks, customers, "
          "segments, users and value. One customer alone, however large, lifts nothing over the common needs."),
        ("order_of", "request_scores"),
    ),
    Definition(
        "fits", _("What fits"),
        _("Of all sets of requests within the capacity, the one that serves the most customers, each once per need; "
          "solved exactly."),
        ("served_value", "fits"),
    ),
    Definition(
        "told", _("Told in time"),
        _("Customers told within 14 days of a decision / those told and those whose time is over."), ("told_rate",),
    ),
    Definition(
        "gap_risk", _("ARR at risk because of a gap"),
        _("ARR of the accounts at risk that ask for it or have something linked to it, each account once."),
        ("at_risk_by_request", "at_risk_in_all"),
    ),
    Definition(
        "priority", _("Do these first"),
        _("ARR × rough chance of loss × how near the end of the contract is. It orders the morning and predicts "
          "nothing."),
        ("attention", "rule_of"),
    ),
)  # fmt: skip


KEYS = (
    (_("Everywhere"), (
        (("Ctrl", "K"), _("Search and jump to; > for acts alone")),
        (("G", "T"), _("Go to Today")), (("G", "A"), _("Go to Accounts")), (("G", "P"), _("Go to Playbooks")),
        (("G", "R"), _("Go to Revenue")), (("G", "V"), _("Go to Advocacy")), (("G", "O"), _("Go to Roadmap")),
        (("G", "S"), _("Go to Settings")), (("N",), _("Log a touch")), (("Z",), _("Undo the last act")),
        (("?",), _("These keys")),
    )),
    (_("In a list"), (
        (("/",), _("Filter")), (("J",), _("Next row")), (("K",), _("Row before")), (("X",), _("Select the row")),
        (("E",), _("Edit the cell or the account")), (("Enter",), _("Open the row")),
    )),
    (_("In search, sheets and cells"), (
        (("↑", "↓"), _("Move through the answers")), (("Enter",), _("Open the chosen answer; save the cell")),
        (("Esc",), _("Close, or restore the cell")),
    )),
)  # fmt: skip
