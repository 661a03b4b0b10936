# SPDX-License-Identifier: Apache-2.0
"""Images under test and machines that several tests share."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import boards  # noqa: E402 pylint: disable=wrong-import-position
import layout  # noqa: E402 pylint: disable=wrong-import-position
import victim  # noqa: E402 pylint: disable=wrong-import-position


def pytest_addoption(parser):
    parser.addoption("--board", action="append", choices=sorted([*boards.DRIVERS, *boards.DEVICE_DRIVERS]),
                     help="only this board; may be repeated")


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(what): skipped on boards that have it not")


def pytest_generate_tests(metafunc):
    if "board" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--board") or list(boards.DRIVERS)
        metafunc.parametrize("board", chosen, indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """The one place where a test is skipped."""
    for mark in item.iter_markers("needs"):
        reason = boards.absent(item.callspec.params["board"], mark.args[0])
        if reason:
            pytest.skip(reason)


@pytest.fixture(scope="session")
def board(request):
    """Each board in its turn."""
    return request.param


def _system(name, board_name):
    try:
        system = layout.System(name, board_name)
    except FileNotFoundError as error:
        pytest.fail(f"{error}: run `make images'")
    assert system.image.exists(), f"{system.image} is missing: run `make images'"
    return system


@pytest.fixture(scope="session")
def pair(board):
    """Heartbeat and attacker."""
    return _system("pair", board)


@pytest.fixture(scope="session")
def trio(board):
    """Heartbeat, attacker and a stock Linux."""
    return _system("trio", board)


@pytest.fixture(scope="session")
def pins(board):
    """Two cells that drive their serial ports by interrupts."""
    return _system("pins", board)


@pytest.fixture(scope="session")
def wire(board):
    """Two Linux cells, each with a network card and disks of its own."""
    return _system("wire", board)


@pytest.fixture(scope="session")
def dma(board):
    """Two cells, each with a device that reaches wherever it is told."""
    return _system("dma", board)


class Pool:
    """A booted system one of whose cells still takes orders; booted anew when it does not."""

    def __init__(self, system, ready):
        self.system, self.ready = system, ready
        self.machine = None

    def get(self):
        if not self.machine:
            self.machine = boards.boot(self.system).__enter__()
            self.ready(self.machine)
        return self.machine

    def discard(self):
        if self.machine:
            self.machine.close()
        self.machine = None


def discard_after_failure(pool, request):
    outcome = getattr(request.node, "outcome_of_call", None)
    if outcome is None or outcome.failed:
        pool.discard()


@pytest.fixture(scope="module")
def attacker_pool(pair):
    pool = Pool(pair, victim.wait_for_pair)
    yield pool
    pool.discard()


@pytest.fixture
def attacker(attacker_pool, request):
    """Pool with a live attacker; whoever stops it calls discard()."""
    yield attacker_pool
    discard_after_failure(attacker_pool, request)


@pytest.fixture(scope="module", params=["smp", "smp3"])
def smp_pool(board, request):
    pool = Pool(_system(request.param, board),
                lambda machine: victim.wait_for_pair(machine, "smp"))
    yield pool
    pool.discard()


@pytest.fixture
def smp(smp_pool, request):
    """Pool with a live cell of several CPUs; whoever stops it calls discard()."""
    yield smp_pool
    discard_after_failure(smp_pool, request)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Lets fixtures see whether their test failed."""
    report = (yield).get_result()
    if call.when == "call":
        item.outcome_of_call = report
