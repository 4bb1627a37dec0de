"""What happens in an epoch, and what is made of many. The only place where agents and ext meet.

`Economy.step` in `economy.py` is one epoch. Below it lie, each knowing only those after it: `epoch` (a file for each
word of that step), `yardsticks` (what could have been) beside `fidelity` (how right the kernels are), `world` (what is
between two epochs), `scenario` (what a user writes), `reward_rules`, `chain` (what the protocol says), `records` (what
is kept), and `bounds` (checks of what comes from outside) beside `units`, `wording` (how numbers and texts are written)
and `own_names`. Above it, each knowing those before it: `experiments`, `charts`, `commands`, and `pages` beside `cli`.
`data` is a link to what lies at the top of the checkout, and `door` holds a link to the page's file there, so that both
travel when the package is installed.
"""

from importlib.resources import files
from pathlib import Path

PROJECT = "subnet-sandbox"
CHECKOUT = Path(__file__).resolve().parent.parent
DATA_FOLDER = Path(str(files("model").joinpath("data")))
