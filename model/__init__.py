"""What happens in an epoch, and what is made of many. The only place where agents and ext meet.

`Economy.step` in `economy.py` is one epoch. Below it lie, each knowing only those after it: `epoch` (a file for each
word of that step), `yardsticks` (what could have been) beside `fidelity` (how right the kernels are), `world` (what is
between two epochs), `scenario` (what a user writes), `reward_rules`, `chain` (what the protocol says), `records` (what
is kept), and `bounds` (checks of what comes from outside) beside `units`. Above it, each knowing those before it:
`experiments`, `charts`, `commands`, and `pages` beside `cli`.
"""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DATA_FOLDER = CHECKOUT / "data"
