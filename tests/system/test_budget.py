# SPDX-License-Identifier: Apache-2.0
"""The monitor stays small: what everybody has to trust has a limit."""
import bench

TRUSTED_LINES = 4000
TEXT_AND_DATA_BYTES = 48 << 10


def test_trusted_code_stays_under_its_limit():
    lines = bench.trusted_lines()
    assert {"C", "C/C++ Header", "Assembly"} <= set(lines)
    assert 0 < lines["all"] < TRUSTED_LINES


def test_monitor_stays_under_48_kib():
    sizes = bench.monitor_sizes()
    assert 0 < sizes["text"] + sizes["data"] + sizes["bss"] < TEXT_AND_DATA_BYTES
