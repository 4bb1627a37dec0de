"""Columns that a sweep's tables have whatever it asks for; no outcome may take their names."""

from model.records.data_dictionary import Column
from model.records.settling import COLUMN as SETTLING

LEAD = (
    Column(name="run", unit="index", meaning="number of the run: replicate * number of combinations + combination"),
    Column(name="combination", unit="index", meaning="number of the combination of factor values, from 0"),
    Column(name="replicate", unit="index", meaning="number of the replicate, from 0; its runs share their seed"),
    Column(name="seed", unit="index", meaning="seed of the run"),
    Column(name="status", unit="name", meaning="ok, failed, timeout or died"),
    Column(name="error", unit="text", meaning="why a run did not end; empty for the others"),
    Column(name="epochs_played", unit="epochs", meaning="epochs of the run; fewer than planned if it stopped early"),
    SETTLING,
    Column(name="epoch", unit="epochs", meaning="number of the epoch, from 0"),
)
