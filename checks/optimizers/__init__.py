"""Batched optimizers: AdamW and its relatives, in the papers' convention or, on request, in PyTorch's."""

from checks.optimizers.adam import Adam
from checks.optimizers.adamw import AdamW
from checks.optimizers.adasgd import AdaSGD
from checks.optimizers.blockwise import BlockwiseAdam
from checks.optimizers.convention import PAPER, PYTORCH, Convention
from checks.optimizers.nadamw import NAdamW
from checks.optimizers.nsd import NSD
from checks.optimizers.optimizer import Optimizer, State
from checks.optimizers.rmsprop import RMSProp
from checks.optimizers.run import Trajectory, run
from checks.optimizers.sgd import SGD
from checks.optimizers.signgd import SignGD

__all__ = [
    "NSD", "PAPER", "PYTORCH", "SGD", "AdaSGD", "Adam", "AdamW", "BlockwiseAdam", "Convention", "NAdamW",
    "Optimizer", "RMSProp", "SignGD", "State", "Trajectory", "run",
]  # fmt: skip
