# SPDX-License-Identifier: Apache-2.0
"""Images under test and machines that several tests share."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import layout  # noqa: E402 pylint: disable=wrong-import-position
import machines.qemu_q35 as q35  # noqa: E402 pylint: disable=wrong-import-position
import qemu  # noqa: E402 pylint: disable=wrong-import-position
import victim  # noqa: E402 pylint: disable=wrong-import-position


def _system(name):
    try:
        system = layout.System(name)
    except FileNotFoundError as error:
        pytest.fail(f"{error}: run `make images'")
    assert system.image.exists(), f"{system.image} is missing: run `make images'"
    return system


@pytest.fixture(scope="session")
def pair():
    """Heartbeat and attacker."""
    return _system("pair")


@pytest.fixture(scope="session")
def trio():
    """Heartbeat, attacker and a stock Linux."""
    return _system("trio")


class AttackerPool:
    """A booted pair whose attacker still takes orders; booted anew when it does not."""

    def __init__(self, system):
        self.system = system
        self.machine = None

    def get(self):
        if not self.machine:
            self.machine = qemu.Machine(q35.Config(image=self.system.image)).__enter__()
            victim.wait_for_pair(self.machine)
        return self.machine

    def discard(self):
        if self.machine:
            self.machine.close()
        self.machine = None


@pytest.fixture(scope="module")
def attacker_pool(pair):
    pool = AttackerPool(pair)
    yield pool
    pool.discard()


@pytest.fixture
def attacker(attacker_pool, request):
    """(machine, watch) of a live attacker; whoever stops it calls discard()."""
    yield attacker_pool
    outcome = getattr(request.node, "outcome_of_call", None)
    if outcome is None or outcome.failed:
        attacker_pool.discard()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Lets fixtures see whether their test failed."""
    report = (yield).get_result()
    if call.when == "call":
        item.outcome_of_call = report
