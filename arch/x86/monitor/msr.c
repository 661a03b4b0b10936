/* SPDX-License-Identifier: Apache-2.0 */
#include "exits.h"

#include "control_registers.h"
#include "instructions.h"
#include "lapic.h"
#include "machine_check.h"
#include "plan_view.h"

#include <septum/x86/registers.h>

#define APIC_BASE_ADDRESS 0xfee00000ull
/* MTRRs on, default type write-back; no fixed or variable ranges (APM volume 2, 7.7.2). */
#define MTRR_ENABLED_WRITE_BACK 0x806ull
/* Intel SDM volume 4, table 2-2 */
#define MISC_ENABLE_FAST_STRINGS 1ull
#define MISC_ENABLE_NO_BTS_PEBS (3ull << 11)
#define MTRR_CAP_NONE 0x400ull /* write-combining supported, 0 variable ranges */

static uint64_t apic_base(const struct cpu *cpu)
{
	return APIC_BASE_ADDRESS | APIC_BASE_ENABLE | APIC_BASE_EXTD |
	       (cpu->self->virtual_id == 0 ? APIC_BASE_BSP : 0);
}

bool msr_read(const struct cpu *cpu, uint32_t msr, uint64_t *value)
{
	*value = 0;
	switch (msr) {
	case MSR_EFER:
		*value = cpu->backend->get(cpu, GUEST_EFER);
		return true;
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
	case MSR_PATCH_LEVEL: /* of the whole package, read while stock kernels start */
	case MSR_DEBUGCTL:
		return true;
	case MSR_MISC_ENABLE: /* read by Linux before it can take a #GP, on Intel processors */
		*value = MISC_ENABLE_FAST_STRINGS | MISC_ENABLE_NO_BTS_PEBS;
		return true;
	case MSR_MTRR_CAP:
		*value = MTRR_CAP_NONE;
		return true;
	case MSR_MTRR_DEF_TYPE:
		*value = MTRR_ENABLED_WRITE_BACK;
		return true;
	default:
		return false;
	}
}

static bool write_efer(struct cpu *cpu, uint64_t value)
{
	const uint64_t old = cpu->backend->get(cpu, GUEST_EFER);
	const bool paging = cpu->backend->get(cpu, GUEST_CR0) & CR0_PG;
	uint64_t next;

	if (!efer_write(old, value, cpu->efer_allowed, paging, &next))
		return false;
	cpu->backend->set(cpu, GUEST_EFER, next);
	return true;
}

bool msr_write(struct cpu *cpu, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_EFER:
		return write_efer(cpu, value);
	case MSR_X2APIC_LVT_THERMAL:
	case MSR_X2APIC_LVT_PMC:
	case MSR_X2APIC_LVT_LINT0:
	case MSR_X2APIC_LVT_LINT1:
	case MSR_X2APIC_LVT_ERROR:
		if (!lapic_lvt_valid(value))
			return false;
		/* One cell of a machine owns its NMI line, which is LINT1. */
		wrmsr(msr,
		      lapic_lvt_filter(value, msr == MSR_X2APIC_LVT_LINT1 &&
						      !(cpu->cell->flags & PLAN_CELL_OWNS_NMI)));
		return true;
	case MSR_APIC_BASE:
		return value == apic_base(cpu);
	case MSR_TSC: /* not the cell's to move; Linux tries only when it synchronises CPUs */
	case MSR_MTRR_DEF_TYPE:
	case MSR_PATCH_LEVEL: /* written while stock kernels start */
	case MSR_DEBUGCTL:
		return true;
	default:
		return HAS_MACHINE_CHECK_TEST && machine_check_test(cpu, msr, value);
	}
}
