# SPDX-License-Identifier: Apache-2.0
"""A machine for each test, and the emitters as a program."""
import pytest

import amdvi_machine
import edu_machine
import tables_bench
import vtd_machine

MACHINES = {"amdvi": amdvi_machine.Machine, "vtd": vtd_machine.Machine}


@pytest.fixture(scope="session", name="program")
def _program(tmp_path_factory):
    return edu_machine.build(tmp_path_factory.mktemp("emit"))


@pytest.fixture(name="machine")
def _machine(unit, tmp_path):
    machine = MACHINES[unit](tmp_path)
    yield machine
    machine.close()


@pytest.fixture(name="bench")
def _bench(unit, machine, program, tmp_path):
    def make(**kwargs):
        return tables_bench.Bench(unit, machine, program, tmp_path, **kwargs)
    return make
