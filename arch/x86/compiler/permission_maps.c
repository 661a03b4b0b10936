/* SPDX-License-Identifier: Apache-2.0 */
/* I/O and MSR permission maps: a set bit intercepts. */
#include "permission_maps.h"

#include <septum/x86/cell_registers.h>
#include <string.h>

#define PORT_COUNT 0x10000u
#define PM_TIMER_PORTS 4u /* one 32-bit register */

/*
 * Exit-free MSRs: those whose every value concerns this CPU and this cell alone.
 * Left out on purpose, so that the monitor answers: X2APIC_ID and LDR (physical
 * ids), ICR (reaches other CPUs), writes of LVTs with a delivery mode (SMI), which
 * on AMD the error LVT is and the timer is not, APIC_BASE (mode changes), EFER
 * (SVME), TSC and TSC_ADJUST writes (time).
 */
const struct msr_grant msr_grants[] = {
	{ MSR_TSC, 1, true, false },
	{ MSR_SYSENTER_CS, 1, true, true },
	{ MSR_SYSENTER_ESP, 1, true, true },
	{ MSR_SYSENTER_EIP, 1, true, true },
	{ MSR_PAT, 1, true, true },
	{ MSR_TSC_DEADLINE, 1, true, true },
	{ MSR_X2APIC_VERSION, 1, true, false },
	{ MSR_X2APIC_TPR, 1, true, true },
	{ MSR_X2APIC_PPR, 1, true, false },
	{ MSR_X2APIC_EOI, 1, false, true },
	{ MSR_X2APIC_SVR, 1, true, true },
	{ MSR_X2APIC_ISR0, 8, true, false },
	{ MSR_X2APIC_TMR0, 8, true, false },
	{ MSR_X2APIC_IRR0, 8, true, false },
	{ MSR_X2APIC_ESR, 1, true, true },
	{ MSR_X2APIC_LVT_TIMER, 1, true, true },
	{ MSR_X2APIC_LVT_THERMAL, 1, true, false },
	{ MSR_X2APIC_LVT_PMC, 1, true, false },
	{ MSR_X2APIC_LVT_LINT0, 1, true, false },
	{ MSR_X2APIC_LVT_LINT1, 1, true, false },
	{ MSR_X2APIC_LVT_ERROR, 1, true, false },
	{ MSR_X2APIC_TIMER_INIT, 1, true, true },
	{ MSR_X2APIC_TIMER_CURRENT, 1, true, false },
	{ MSR_X2APIC_TIMER_DIVIDE, 1, true, true },
	{ MSR_X2APIC_SELF_IPI, 1, false, true },
	{ MSR_STAR, 1, true, true },
	{ MSR_LSTAR, 1, true, true },
	{ MSR_CSTAR, 1, true, true },
	{ MSR_SFMASK, 1, true, true },
	{ MSR_FS_BASE, 1, true, true },
	{ MSR_GS_BASE, 1, true, true },
	{ MSR_KERNEL_GS_BASE, 1, true, true },
	{ MSR_TSC_AUX, 1, true, true },
};
const size_t msr_grant_count = sizeof(msr_grants) / sizeof(msr_grants[0]);

static void clear_bit(uint8_t *map, uint32_t bit)
{
	map[bit / 8] = (uint8_t)(map[bit / 8] & ~(1u << (bit % 8)));
}

static void open_ports(uint8_t *map, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count && first + i < PORT_COUNT; i++)
		clear_bit(map, first + i);
}

static void open_bars(uint8_t *map, const struct model_function *function)
{
	for (size_t i = 0; i < MODEL_BARS; i++)
		if (function->bars[i].kind == MODEL_BAR_IO)
			open_ports(map, (uint32_t)function->bars[i].address,
				   (uint32_t)function->bars[i].size);
}

void iopm_emit(const struct model *model, const struct model_cell *cell, uint8_t map[IOPM_BYTES])
{
	/*
	 * Ports 0 .. FFFFh take 8 KiB; an access of several bytes at FFFFh also
	 * tests bits beyond, which stay set (APM volume 2, 15.10.1).  In VMX such an
	 * access always exits (SDM volume 3C, 25.1.3).
	 */
	memset(map, 0xff, IOPM_BYTES);
	for (size_t i = 0; i < cell->device_count; i++) {
		const int index = cell->devices[i].index;

		if (index < 0)
			continue;
		open_ports(map, model->devices[index].port, model->devices[index].port_count);
		if (model->devices[index].function)
			open_bars(map, model->devices[index].function);
	}
	for (size_t i = 0; i < cell->port_count; i++)
		open_ports(map, cell->ports[i].first, cell->ports[i].count);
	/* The timer is read-only in hardware, so every cell may share it. */
	for (size_t i = 0; i < model->device_count; i++)
		if (model->devices[i].kind == MODEL_DEV_PM_TIMER && model->devices[i].enabled)
			open_ports(map, model->devices[i].port, PM_TIMER_PORTS);
}

/* Where a map keeps an MSR's two bits; NO_BIT if it has none (always intercepted). */
#define NO_BIT UINT32_MAX

struct msr_bits {
	uint32_t read, write;
};

static struct msr_bits msrpm_bits(uint32_t msr)
{
	static const uint32_t ranges[] = { 0x0, 0xc0000000u, 0xc0010000u };

	for (uint32_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (msr >= ranges[i] && msr - ranges[i] < 0x2000u) {
			const uint32_t bit = i * 0x800u * 8u + (msr - ranges[i]) * 2u;

			return (struct msr_bits){ bit, bit + 1 };
		}
	return (struct msr_bits){ NO_BIT, NO_BIT };
}

/* SDM volume 3C, 24.6.9: reads of low and of high MSRs, then writes of both, 1 KiB each. */
static struct msr_bits msr_bitmap_bits(uint32_t msr)
{
	static const uint32_t ranges[] = { 0x0, 0xc0000000u };

	for (uint32_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (msr >= ranges[i] && msr - ranges[i] < 0x2000u) {
			const uint32_t bit = i * 0x400u * 8u + (msr - ranges[i]);

			return (struct msr_bits){ bit, bit + 0x800u * 8u };
		}
	return (struct msr_bits){ NO_BIT, NO_BIT };
}

static void grant_msrs(uint8_t *map, struct msr_bits (*bits_of)(uint32_t msr))
{
	for (size_t i = 0; i < msr_grant_count; i++) {
		const struct msr_grant *grant = &msr_grants[i];

		for (uint32_t n = 0; n < grant->count; n++) {
			const struct msr_bits bits = bits_of(grant->first + n);

			if (bits.read != NO_BIT && grant->read)
				clear_bit(map, bits.read);
			if (bits.write != NO_BIT && grant->write)
				clear_bit(map, bits.write);
		}
	}
}

void msrpm_emit(uint8_t map[MSRPM_BYTES])
{
	memset(map, 0xff, MSRPM_BYTES);
	grant_msrs(map, msrpm_bits);
}

void msr_bitmap_emit(uint8_t map[MSR_BITMAP_BYTES])
{
	memset(map, 0xff, MSR_BITMAP_BYTES);
	grant_msrs(map, msr_bitmap_bits);
}
