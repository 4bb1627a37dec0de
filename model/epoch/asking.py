"""Asking a strategy: its own random draws, its answer checked, and its memory kept; what goes wrong is named."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.observation import (
    Delegation,
    MinerAction,
    MinerView,
    NominatorView,
    OwnerView,
    ValidatorView,
    Vote,
)
from ext.noise import KeyArray
from model.bounds import error_text, shown
from model.units import BoolArray, FloatArray, IntArray
from model.world.population import Cohort
from model.world.randomness import CohortDraws, stream_key
from model.world.state import State

View = MinerView | ValidatorView | NominatorView | OwnerView


class StrategyError(RuntimeError):
    """A strategy raised, or its answer is no action; the message names the cohort, the epoch and the error or rule."""


def ask(cohort: Cohort, verb: str, view: View, seed: int) -> Any:
    """Answer of the cohort's strategy to its view, with draws of its own.

    Raises
    ------
    StrategyError
        If the strategy raises anything.
    """
    epoch = view.public.epoch
    draws = draws_for(view, cohort.person_key, stream_key(seed, "strategy", verb, epoch))
    return answer_of(cohort, epoch, verb, view, draws)


def draws_for(view: View, person_key: KeyArray, key: int) -> CohortDraws:
    """Draws of those who see the view: for each person and subnet of its slots, or for each of its rows.

    Parameters
    ----------
    view : View
        Of a cohort.
    person_key : (member,)
        Who they are.
    key : int
        64-bit key of what they are asked, and when.
    """
    if isinstance(view, MinerView):
        return CohortDraws(key, read_only(person_key), view.slot_miner, view.slot_subnet)
    return CohortDraws(key, read_only(person_key), np.arange(len(person_key)))


def answer_of(cohort: Cohort, epoch: int, verb: str, *given: object) -> Any:
    """What the strategy's method `verb` returns; what it raises becomes a `StrategyError`."""
    try:
        return getattr(cohort.strategy, verb)(*given)
    except BaseException as error:  # a strategy may be anybody's code
        if type(error) is KeyboardInterrupt:  # a person's
            raise
        raise StrategyError(f"{cohort.name} in epoch {epoch}: {error_text(error)}") from error


def recall(state: State, cohort: Cohort, part: str = "") -> dict[str, np.ndarray]:
    """What the cohort, or the part of it with that name, handed back last time, read-only."""
    return {name: read_only(array) for name, array in state.memory.get(cohort.name + part, {}).items()}


def remember(state: State, cohort: Cohort, memory: Mapping[str, np.ndarray], epoch: int, part: str = "") -> None:
    """Keep what the cohort, or a part of it, wants to see again; it must be such that it can be written to a file."""
    where = f"{cohort.name} in epoch {epoch}"
    if not isinstance(memory, Mapping) or not all(type(array) is np.ndarray for array in memory.values()):
        raise StrategyError(f"{where}: memory must hold arrays by name, is {shown(memory)}")
    for name, array in memory.items():
        if not isinstance(name, str) or array.dtype.hasobject:
            raise StrategyError(f"{where}: memory must hold arrays of numbers or texts by name, has {shown(name)}")
    # How an array lies in memory may tell in the last bit of its sum: the same one after it was written and read.
    state.memory[cohort.name + part] = {name: np.asarray(array, order="C") for name, array in memory.items()}


def tenure_of(state: State, cohort: Cohort) -> IntArray:
    """Who holds each slot of a cohort of miners, where, and since which block, (slot, 3): what a memory belongs to."""
    since = state.registered_block.ravel()[cohort.seat]
    return np.stack([cohort.member[cohort.seat_member], cohort.seat, since], axis=1)


def recall_slots(state: State, cohort: Cohort, tenure: IntArray) -> tuple[dict[str, np.ndarray], BoolArray]:
    """What a cohort of miners noted of the slots that it has now, read-only, and which of them are remembered, (slot,).

    A slot that has changed hands since, or whose miner was away, has zeros: nobody goes on with another's memory, and
    whoever comes back starts anew.

    Parameters
    ----------
    tenure : (slot, 3)
        The slots, from `tenure_of`.
    """
    memory, held = recall(state, cohort), state.tenure.get(cohort.name, tenure[:0])
    if not len(held) or not len(tenure) or cohort.name not in state.memory:
        return {}, np.zeros(len(tenure), dtype=bool)
    if np.array_equal(held, tenure):
        return memory, np.ones(len(tenure), dtype=bool)
    place = np.minimum(np.searchsorted(held[:, 1], tenure[:, 1]), len(held) - 1)  # seats ascend
    known = (held[place] == tenure).all(axis=1)
    aligned = {}
    for name, array in memory.items():
        rows = np.zeros((len(tenure), *array.shape[1:]), array.dtype)
        rows[known] = array[place[known]]
        aligned[name] = read_only(rows)
    return aligned, known


def remember_slots(
    state: State, cohort: Cohort, memory: Mapping[str, np.ndarray], epoch: int, tenure: IntArray
) -> None:
    """Keep what a cohort of miners wants to see again; the first axis of each array is the slot."""
    remember(state, cohort, memory, epoch)
    for name, array in memory.items():
        if array.shape[:1] != tenure.shape[:1]:
            raise StrategyError(
                f"{cohort.name} in epoch {epoch}: memory {name!r} must have the slot as its first axis, "
                f"({len(tenure)}, ...), has shape {array.shape}"
            )
    state.tenure[cohort.name] = tenure


def read_only(array: np.ndarray) -> np.ndarray:
    """View of the array that nobody can write through."""
    view = array.view()
    view.setflags(write=False)
    return view


def check_action(action: MinerAction, cohort: Cohort, epoch: int, shape: tuple[int, ...]) -> None:
    """Pass if it is a miners' action, for slots and capabilities of this shape."""
    check_kind(action, MinerAction, cohort, epoch)
    check_array(action.resource, "resource", cohort, epoch, shape)
    check_array(action.claim_factor, "claim_factor", cohort, epoch, shape[:1], np.shape(action.claim_factor) == ())


def check_vote(vote: Vote, measured: FloatArray, cohort: Cohort, epoch: int, shape: tuple[int, ...]) -> None:
    """Pass if it is a vote of this shape; what was measured has been checked."""
    check_kind(vote, Vote, cohort, epoch)
    if vote.weight is not measured:
        check_array(vote.weight, "weight", cohort, epoch, shape)


def check_kind(answer: object, kind: type, cohort: Cohort, epoch: int) -> None:
    """Pass if the answer is of the kind asked for."""
    if not isinstance(answer, kind):
        where = f"{cohort.name} in epoch {epoch}"
        raise StrategyError(f"{where}: the answer must be of type {kind.__name__}, is {shown(answer)}")


def check_array(
    array: FloatArray | float, name: str, cohort: Cohort, epoch: int, shape: tuple[int, ...], single: bool = False
) -> None:
    """Pass if the array, or the single number, holds finite numbers >= 0 and has the shape."""
    where = f"{cohort.name} in epoch {epoch}"
    try:
        given = np.asarray(array)
    except ValueError as error:
        raise StrategyError(f"{where}: {name} must be an array: {error}") from error
    if given.shape != shape and not single:
        raise StrategyError(f"{where}: {name} must have shape {shape}, has {given.shape}")
    if given.dtype.kind not in "fiu":
        raise StrategyError(f"{where}: {name} must hold numbers, holds {given.dtype}")
    # The least and the largest entry tell, and NaN is passed on to both.
    if given.size and not (given.min() >= 0 and given.max() < np.inf):
        bad = given[~((given >= 0) & (given < np.inf))][0]
        raise StrategyError(f"{where}: {name} must be finite and >= 0, has {bad}")


def check_delegation(answer: Delegation, cohort: Cohort, epoch: int, shape: tuple[int, ...], n_validators: int) -> None:
    """Pass if it names a validator for each nominator and subnet."""
    check_kind(answer, Delegation, cohort, epoch)
    chosen = np.asarray(answer.delegate)
    whole = chosen.shape == shape and chosen.dtype.kind in "iu"
    if not whole or chosen.min(initial=0) < 0 or chosen.max(initial=0) >= n_validators:
        raise StrategyError(
            f"{cohort.name} in epoch {epoch}: delegate must be a validator's number in [0, {n_validators}) "
            f"for each of {shape}"
        )
