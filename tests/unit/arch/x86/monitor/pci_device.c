/* SPDX-License-Identifier: Apache-2.0 */
#include "pci_device.h"

#include "ecam.h"
#include "pci_hw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define DECODE 3u
#define CONFIG 0x5000u /* HPA of its page, never used as a pointer */

struct fake_entry remap[REMAPS];
uint32_t table_dwords[VECTORS * 4];
unsigned int beside_writes;
struct plan_function function;
struct plan_counters counters;
struct cpu cpu;

static uint32_t regs[64], writable_hw[64], cleared_hw[64], policy[PLAN_PAGE_BYTES / 4];
static struct plan_message messages[VECTORS];
static _Alignas(4096) uint8_t blocks[CPUS][CPU_BLOCK_BYTES];
static struct plan_cpu cpus[CPUS];
static struct plan_cell cell;
static struct plan_iommu unit;
static struct plan plan;
static const uint32_t apic_ids[CPUS] = { 9, 4 };

static void assert_message(uint32_t address, uint32_t high, uint32_t data)
{
	const int index = fake_message_index(address, data);

	assert_int_equal(high, 0);
	if (function.remap_count == 0) {
		/* Nowhere, or a fixed interrupt to one of the cell's CPUs. */
		if (address == 0)
			return;
		assert_true(address == (0xfee00000u | 9u << 12) ||
			    address == (0xfee00000u | 4u << 12));
		assert_in_range(data, 0x10, 0xfe);
		return;
	}
	assert_in_range(index, FIRST_REMAP, FIRST_REMAP + REMAPS - 1);
}

static void assert_contained(void)
{
	const bool decodes = regs[1] & DECODE;

	if (decodes) {
		assert_int_equal(regs[0x10 / 4], BAR0);
		assert_int_equal(regs[0x14 / 4] & ~0xfu, BAR1);
		assert_int_equal(regs[0x18 / 4], 0);
		assert_int_equal(regs[0x1c / 4], BAR3);
	}
	assert_int_equal(regs[0x30 / 4] & 1, 0);
	if (regs[MSI / 4] & 0x10000)
		assert_message(regs[MSI / 4 + 1], regs[MSI / 4 + 2], regs[MSI / 4 + 3]);
	for (unsigned int i = 0; i < VECTORS; i++)
		if (table_dwords[4 * i] || table_dwords[4 * i + 2])
			assert_message(table_dwords[4 * i], table_dwords[4 * i + 1],
				       table_dwords[4 * i + 2]);
	for (unsigned int i = 0; i < REMAPS; i++) {
		if (remap[i].vector == 0)
			continue;
		assert_in_range(remap[i].vector, 0x10, 0xfe);
		assert_true(remap[i].destination == 9 || remap[i].destination == 4);
		assert_int_equal(remap[i].is_level, 0);
	}
}

uint32_t pci_read(hpa_t config, uint32_t offset)
{
	assert_int_equal(config.raw, CONFIG);
	assert_true(offset % 4 == 0 && offset < PLAN_PAGE_BYTES);
	return offset < sizeof(regs) ? regs[offset / 4] : 0;
}

void pci_write(hpa_t config, uint32_t offset, unsigned int bytes, uint32_t value)
{
	const unsigned int shift = offset % 4 * 8;
	const uint32_t touched = (uint32_t)((1ull << bytes * 8) - 1) << shift;
	uint32_t *at = &regs[offset / 4];

	assert_int_equal(config.raw, CONFIG);
	assert_true(offset + bytes <= sizeof(regs) && offset % bytes == 0);
	value <<= shift;
	*at = (*at & ~(writable_hw[offset / 4] & touched)) |
	      (value & writable_hw[offset / 4] & touched);
	*at &= ~(cleared_hw[offset / 4] & touched & value);
	assert_contained();
}

void mmio_write(uint64_t address, unsigned int bytes, uint64_t value)
{
	assert_in_range(address, TABLE, TABLE + 0xfff);
	if (address >= TABLE + sizeof(table_dwords)) {
		beside_writes++;
		return;
	}
	assert_int_equal(bytes, 4);
	assert_int_equal(address % 4, 0);
	table_dwords[(address - TABLE) / 4] = (uint32_t)value;
}

static void set_up_hardware(void)
{
	memset(regs, 0, sizeof(regs));
	memset(writable_hw, 0, sizeof(writable_hw));
	memset(cleared_hw, 0, sizeof(cleared_hw));
	regs[0] = 0x12348086;
	regs[1] = 0x00100000; /* capabilities list */
	writable_hw[1] = 0x0547;
	cleared_hw[1] = 0xf9000000;
	writable_hw[3] = 0xffff;
	regs[0x10 / 4] = BAR0;
	writable_hw[0x10 / 4] = BAR0_MASK;
	regs[0x14 / 4] = BAR1 | 4;
	writable_hw[0x14 / 4] = 0xfff00000;
	writable_hw[0x18 / 4] = 0xffffffff;
	regs[0x1c / 4] = BAR3;
	writable_hw[0x1c / 4] = 0xffffffe0;
	writable_hw[0x30 / 4] = 0xffff0001;
	writable_hw[0x3c / 4] = 0xff;
	writable_hw[PM / 4 + 1] = 0x103;
	cleared_hw[PM / 4 + 1] = 0x8000;
	regs[MSI / 4] = 0x01847005; /* 4 messages, 64-bit, masks */
	writable_hw[MSI / 4] = 0x00710000;
	writable_hw[MSI / 4 + 1] = 0xfffffffc;
	writable_hw[MSI / 4 + 2] = 0xffffffff;
	writable_hw[MSI / 4 + 3] = 0xffff;
	writable_hw[MSI / 4 + 4] = 0xf;
	regs[MSIX / 4] = (VECTORS - 1) << 16 | 0x11;
	writable_hw[MSIX / 4] = 0xc0000000;
	/* Registers that nobody may write, though the hardware would take it. */
	writable_hw[0x80 / 4] = 0xffffffff;
	memset(table_dwords, 0, sizeof(table_dwords));
	beside_writes = 0;
}

static void set_up_plan(bool is_remapped)
{
	memset(policy, 0, sizeof(policy));
	policy[1] = 0xf9000547;
	policy[0x3c / 4] = 0xff;
	policy[PM / 4 + 1] = 0x8103;
	function = (struct plan_function){
		.rid = 0x100,
		.config = { CONFIG },
		.virtual_config = { OWN_PAGE },
		.writable = { (uintptr_t)policy },
		.bars = { BAR0, BAR1 | 4, 0, BAR3, 0, 0 },
		.bar_masks = { BAR0_MASK | 0xf, 0xfff0000f, 0xffffffff, 0xffe3, 0, 0 },
		.msi = MSI,
		.msi_flags = PLAN_MSI_64 | PLAN_MSI_MASKS,
		.msix = MSIX,
		.msix_count = VECTORS,
		.msix_table = { TABLE },
		.messages = { (uintptr_t)messages },
		.first_remap = FIRST_REMAP,
		.remap_count = is_remapped ? REMAPS : 0,
		.remap = { (uintptr_t)remap },
	};
	plan = (struct plan){ .ecam = { WINDOW } };
	plan.cpus = (struct plan_table){ { (uintptr_t)cpus }, CPUS, 0 };
	plan.functions = (struct plan_table){ { (uintptr_t)&function }, 1, 0 };
	plan.iommus = (struct plan_table){ { (uintptr_t)&unit }, is_remapped, 0 };
	cell = (struct plan_cell){ .cpu_count = CPUS, .function_count = 1 };
}

void device_reset(bool is_remapped)
{
	memset(blocks, 0, sizeof(blocks));
	memset(messages, 0, sizeof(messages));
	memset(remap, 0, sizeof(remap));
	memset(&counters, 0, sizeof(counters));
	set_up_hardware();
	set_up_plan(is_remapped);
	for (unsigned int i = 0; i < CPUS; i++)
		cpus[i] = (struct plan_cpu){ .apic_id = { apic_ids[i] },
					     .virtual_id = i,
					     .block = { (uintptr_t)blocks[i] } };
	cpu = (struct cpu){ .plan = &plan, .self = &cpus[0], .cell = &cell, .counters = &counters };
	fake_flushes = 0;
}

uint32_t reg(uint32_t offset)
{
	return regs[offset / 4];
}

void store_at(uint64_t gpa, unsigned int bytes, uint64_t value)
{
	const struct decoded insn = { .bytes = (uint8_t)bytes, .is_write = true };

	assert_true(pci_answers(&cpu, gpa));
	pci_access(&cpu, gpa, &insn, value);
	assert_contained();
}

void store(uint32_t offset, unsigned int bytes, uint32_t value)
{
	store_at(OWN_PAGE + offset, bytes, value);
}
