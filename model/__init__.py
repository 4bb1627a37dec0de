"""What happens in an epoch, and what is made of many. The only place where agents and ext meet.

`Economy.step` in `economy.py` is one epoch. Below it lie `epoch` (a file for each word of that step), `world` (what
is between two epochs), `yardsticks` (what could have been), `scenario` (what a user writes), `reward_rules`, `chain`
(what the protocol says) and `records` (what is kept); above it `experiments`, `charts`, `commands` and `pages`.
"""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DATA_FOLDER = CHECKOUT / "data"
