"""Knobs of what a rule or a strategy is built with: its parameters by name, shown where one that has them is chosen."""

from model.pages.knobs.knob import Knob

# Of scores, pay shapes and emission rules.
PARAMETERS = {
    knob.path: knob
    for knob in (
        Knob(path="decisiveness", label="Decisiveness", low=0.1, high=5.0, step=0.1, number="%.1f",
             help="Power of the score in the pay: 1 pays in proportion, more favours the best."),
        Knob(path="temperature", label="Temperature", low=0.05, high=10.0, step=0.05,
             help="In units of the score: a lead of this much is worth a factor of 2.7."),
        Knob(path="prize_ratio", label="Prize of a rank over the one above", low=0.05, step=0.05,
             help="1 pays all ranks the same, less favours the first."),
        Knob(path="bar_share", label="Pass mark", low=0.05, step=0.05, number="percent",
             help="Score needed for a full share, as a share of the best score."),
        Knob(path="n_winners", label="Winners", low=1, high=100, step=1, number="%d miners",
             help="Number of best miners that share the pay equally."),
        Knob(path="substitution_exponent", label="Substitution", low=0.05, step=0.05,
             help="1 adds capabilities up, towards 0 each one is needed."),
        Knob(path="quantile", label="Threshold", low=0.01, number="percent",
             help="Quantile of subnets' prices at which the gate is half open."),
        Knob(path="rank", label="Threshold rank", low=1, high=128, step=1, number="%d",
             help="Rank of the subnet at whose share the gate is half open."),
        Knob(path="steepness", label="Steepness", low=0.5, high=10.0, step=0.5, number="%.1f",
             help="Power of the gate: the larger, the less those below the threshold get."),
        Knob(path="cutoff_tao", label="Cut-off", high=100.0, step=1.0, number="%.0f TAO",
             help="Flow of TAO below which a subnet gets nothing."),
        Knob(path="exponent", label="Exponent", low=0.1, high=3.0, step=0.1, number="%.1f",
             help="Power of the flow in a subnet's share."),
    )
}  # fmt: skip

# Of strategies; one that plays shows those it has.
STRATEGY_PARAMETERS = {
    knob.path: knob
    for knob in (
        Knob(path="spend_share", label="Pay spent on work", number="percent",
             help="Share of an equal split of miners' pay that its work costs."),
        Knob(path="claim_factor", label="Claims over work done", low=1.0, high=10.0, step=0.1, number="%.1f times",
             help="What it claims to have done, for each unit that it did."),
        Knob(path="work_share", label="Work done when lying", low=0.000001, number="percent",
             help="Share of the honest work that it does in an epoch in which it lies."),
        Knob(path="delay_epochs", label="Age of the copied consensus", low=1, high=50, step=1, number="%d epochs",
             help="1 copies the last epoch's; more where weights are revealed late (commit-reveal)."),
        Knob(path="self_share", label="Weight for itself", number="percent",
             help="Share of its weight that it gives itself."),
        Knob(path="bias_share", label="Strength of the bias", number="percent",
             help="Share of the rule's weights that it shifts to its favourite capability."),
        Knob(path="period_epochs", label="Acts every", low=1, high=50, step=1, number="%d epochs",
             help="Epochs from one measurement of a lazy validator, or one step of a tuning owner, to the next."),
        Knob(path="harm_tao", label="Harm of a lie nobody finds", high=20.0, step=0.1, number="%.1f TAO",
             help="What an undetected lie costs the owner in an epoch: it audits where that is worth it."),
        Knob(path="inertia_share", label="Those who stay put", number="percent",
             help="Share that does not look for a better place in an epoch."),
    )
}  # fmt: skip
