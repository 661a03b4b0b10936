# SPDX-License-Identifier: Apache-2.0
"""The monitor stays small: what everybody has to trust has a limit."""
import pytest

import bench
import trusted_code

TRUSTED_LINES = {"AMD-V only": 5000, "VT-x only": 5000, "both": 6000,
                 "AMD-V and AMD-Vi": 6000, "VT-x and VT-d": 6000}
TEXT_AND_DATA_BYTES = {"both": 72 << 10, "everything": 84 << 10}


@pytest.mark.parametrize("name", TRUSTED_LINES)
def test_trusted_code_stays_under_its_limit(name, record_property):
    lines = trusted_code.lines(name)
    record_property("lines", lines)
    assert set(trusted_code.LANGUAGES) <= set(lines)
    assert 0 < lines["all"] < TRUSTED_LINES[name]


def test_a_build_for_one_vendor_has_nothing_of_the_other():
    amd, intel = (trusted_code.sources(trusted_code.build(name))
                  for name in ("AMD-V only", "VT-x only"))
    assert not [path for path in amd if "vmx/" in path or "vmcs" in path]
    assert not [path for path in intel if "svm/" in path or "vmcb" in path]


@pytest.mark.parametrize("name", TEXT_AND_DATA_BYTES)
def test_monitor_stays_small(name):
    sizes = bench.sizes(trusted_code.monitor(name))
    assert 0 < sizes["text"] + sizes["data"] + sizes["bss"] < TEXT_AND_DATA_BYTES[name]
