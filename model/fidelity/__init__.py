"""Does the engine say what the chain says? Golden vectors of every documented schema, run and compared."""

from model.fidelity.harness import run
from model.fidelity.report import Miss, NotCovered, Report, Row, Verdict

__all__ = ["Miss", "NotCovered", "Report", "Row", "Verdict", "run"]
