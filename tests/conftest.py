"""What every test shares: Hypothesis profiles, one thread for each worker, and where a browser is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

# Examples run whole batches, so a slow one says nothing about its input: no deadline, no speed check.
_SHARED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
settings.register_profile("dev", max_examples=25, derandomize=True, **_SHARED)
settings.register_profile("ci", max_examples=50, derandomize=True, **_SHARED)
settings.register_profile("deep", max_examples=2000, **_SHARED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# The tests already run one process for each core.
torch.set_num_threads(1)

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(autouse=True)
def _fixed_seed() -> None:
    """A test that forgets to seed its generator still gives the same result each time."""
    torch.manual_seed(0)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default=os.environ.get("THEOREMS_DEVICE", "cpu"),
                     help="where claims are exercised: cpu or cuda (default: THEOREMS_DEVICE, else cpu)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Batteries first: they are the longest, and one worker then proves what several claims use only once."""
    items.sort(key=lambda item: item.get_closest_marker("theorems") is None)


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> str:
    """The device the battery runs on."""
    return str(request.config.getoption("--device"))


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of the browser for page tests; the test is skipped, not passed, where there is none."""
    if not CHROMIUM.exists():
        pytest.skip("no browser at /usr/bin/chromium: install Debian's chromium to run the page tests")
    return str(CHROMIUM)
