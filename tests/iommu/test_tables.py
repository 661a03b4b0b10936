# SPDX-License-Identifier: Apache-2.0
"""The emitters judged by QEMU's units: each walks our bytes, and DMA arrives or does not."""
import random

import pytest

from edu_machine import READ, RW
from tables_bench import FIRST, GIB1, KIB4, MIB2, SECOND, STRANGER


@pytest.fixture(params=["amdvi", "vtd"])
def unit(request):
    return request.param


def test_each_function_reaches_its_domains_memory(bench):
    live = bench()
    live.live()
    assert live.passes(FIRST, 0x123000, 0x20123000) == (True, True)
    assert live.passes(SECOND, 0x3000, 0x28004000) == (True, True)


def test_the_table_that_denies_lets_nobody_through(bench):
    both = bench()
    for rid in (FIRST, SECOND, STRANGER):
        assert both.passes(rid, 0x123000, 0x20123000) == (False, False)
        assert both.passes(rid, 0x20123000, 0x20123000) == (False, False)
    both.live()
    assert both.passes(FIRST, 0x123000, 0x20123000) == (True, True)


def test_what_is_not_mapped_is_not_reached(bench):
    live = bench()
    live.live()
    for address in (0x800000, 0x28004000, 0x3FFFFFFFF000):
        assert live.passes(FIRST, address, 0x28004000) == (False, False)
    assert live.passes(FIRST, 0x7FF000, 0x207FF000) == (True, True)


def test_read_only_memory_is_read_and_not_written(bench):
    live = bench()
    live.live()
    assert live.passes(FIRST, 0x900000, 0x30000000) == (True, False)


def test_a_function_nobody_listed_is_blocked(bench):
    live = bench()
    live.live()
    assert live.passes(STRANGER, 0x3000, 0x28004000) == (False, False)
    assert live.passes(STRANGER, 0x28004000, 0x28004000) == (False, False)
    assert live.passes(SECOND, 0x3000, 0x28004000) == (True, True)


def test_one_domain_does_not_reach_the_others_memory(bench):
    live = bench()
    live.live()
    assert live.passes(FIRST, 0x3000, 0x28004000) == (False, False)
    assert live.passes(SECOND, 0x3000, 0x20003000) == (False, False)
    assert live.passes(SECOND, 0x3000, 0x28004000) == (True, True)


@pytest.mark.parametrize("levels", (3, 4))
@pytest.mark.parametrize("largest", (1, 2, 3))
def test_pages_of_all_sizes_at_both_depths(bench, levels, largest):
    ram = [(2 * GIB1, GIB1, GIB1, RW), (MIB2, 0x20200000, MIB2, RW)] if largest > 1 else \
        [(2 * GIB1, GIB1, MIB2, RW), (MIB2, 0x20200000, MIB2, RW)]
    live = bench(domains=[ram], levels=levels, largest=largest)
    live.live()
    last = ram[0][2] - KIB4
    assert live.passes(FIRST, 2 * GIB1, GIB1) == (True, True)
    assert live.passes(FIRST, 2 * GIB1 + last, GIB1 + last) == (True, True)
    assert live.passes(FIRST, 2 * MIB2 - KIB4, 0x203FF000) == (True, True)
    assert live.passes(FIRST, 2 * MIB2, 0x20400000) == (False, False)
    assert live.passes(FIRST, 0, 0x20200000) == (False, False)


def random_maps(dice):
    maps = []
    for slot in range(8):
        page = dice.choice((KIB4, MIB2))
        start = slot * 2 * MIB2
        size = page * dice.randrange(1, MIB2 // page + 1)
        maps.append((start, 0x20000000 + slot * 2 * MIB2 + page * dice.randrange(MIB2 // page),
                     size, dice.choice((READ, RW))))
    return maps


@pytest.mark.parametrize("seed", range(4))
def test_random_layouts_are_byte_exact(bench, seed):
    dice = random.Random(seed)
    maps = random_maps(dice)
    live = bench(domains=[maps], levels=3 + seed % 2, largest=1 + seed % 3)
    live.live()
    through = 0
    for _ in range(40):
        start, output, size, rights = dice.choice(maps)
        offset = dice.randrange(0, 2 * MIB2, 64)
        inside = offset < size
        place = output + offset
        through += inside
        assert live.passes(FIRST, start + offset, place) == \
            (inside, inside and rights == RW), f"seed {seed}: {start + offset:#x}"
    assert through > 5
