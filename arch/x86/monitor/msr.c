/* SPDX-License-Identifier: Apache-2.0 */
#include "msr.h"

#include "instructions.h"
#include "lapic.h"
#include "plan_view.h"

#include <septum/x86/registers.h>

#define APIC_BASE_ADDRESS 0xfee00000ull
/* MTRRs on, default type write-back; no fixed or variable ranges (APM volume 2, 7.7.2). */
#define MTRR_ENABLED_WRITE_BACK 0x806ull
#define MTRR_CAP_NONE 0x400ull /* write-combining supported, 0 variable ranges */

/*
 * Registers of the whole package that stock kernels read or set while they
 * start: reads give zero, writes are dropped.  All others are #GP.
 */
static bool is_inert(uint32_t msr)
{
	static const uint32_t inert[] = {
		MSR_PATCH_LEVEL,
		MSR_DEBUGCTL,
	};

	for (uint32_t i = 0; i < sizeof(inert) / sizeof(inert[0]); i++)
		if (inert[i] == msr)
			return true;
	return false;
}

static uint64_t apic_base(const struct cpu *cpu)
{
	return APIC_BASE_ADDRESS | APIC_BASE_ENABLE | APIC_BASE_EXTD |
	       (cpu->self->virtual_id == 0 ? APIC_BASE_BSP : 0);
}

bool msr_read(const struct cpu *cpu, uint32_t msr, uint64_t *value)
{
	*value = 0;
	switch (msr) {
	case MSR_APIC_BASE:
		*value = apic_base(cpu);
		return true;
	case MSR_X2APIC_ID:
		*value = cpu->self->virtual_id;
		return true;
	case MSR_X2APIC_LDR:
		*value = lapic_logical_id(cpu->self->virtual_id);
		return true;
	case MSR_X2APIC_ICR: /* the last command was taken at once: idle */
		return true;
	case MSR_MTRR_CAP:
		*value = MTRR_CAP_NONE;
		return true;
	case MSR_MTRR_DEF_TYPE:
		*value = MTRR_ENABLED_WRITE_BACK;
		return true;
	default:
		return is_inert(msr);
	}
}

/* One IPI to each addressed CPU of the cell, by its physical id; nobody else. */
static void send_ipi(struct cpu *cpu, uint64_t icr)
{
	const struct plan_cpu *peer = &plan_cpus(cpu->plan)[cpu->cell->first_cpu];
	bool sent = false;

	cpu->counters->exits[PLAN_EXIT_IPI]++;
	for (uint32_t i = 0; i < cpu->cell->cpu_count; i++) {
		if (!lapic_ipi_reaches(icr, cpu->self->virtual_id, peer[i].virtual_id))
			continue;
		if (ICR_MODE(icr) != ICR_MODE_FIXED && ICR_MODE(icr) != ICR_MODE_LOWEST)
			continue;
		wrmsr(MSR_X2APIC_ICR, (uint64_t)peer[i].apic_id.raw << 32 | (icr & ICR_VECTOR));
		sent = true;
		if (ICR_MODE(icr) == ICR_MODE_LOWEST)
			break;
	}
	if (!sent)
		cpu->counters->exits[PLAN_EXIT_IPI_DENIED]++;
}

bool msr_write(struct cpu *cpu, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_X2APIC_ICR:
		send_ipi(cpu, value);
		return true;
	case MSR_X2APIC_LVT_THERMAL:
	case MSR_X2APIC_LVT_PMC:
	case MSR_X2APIC_LVT_LINT0:
	case MSR_X2APIC_LVT_LINT1:
	case MSR_X2APIC_LVT_ERROR:
		if (!lapic_lvt_valid(value))
			return false;
		wrmsr(msr, lapic_lvt_filter(value));
		return true;
	case MSR_APIC_BASE:
		return value == apic_base(cpu);
	case MSR_TSC: /* not the cell's to move; Linux tries only when it synchronises CPUs */
		return true;
	case MSR_MTRR_DEF_TYPE:
		return true;
	default:
		return is_inert(msr);
	}
}
