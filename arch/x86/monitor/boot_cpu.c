/* SPDX-License-Identifier: Apache-2.0 */
/* From the assembly entry points to the architecture-neutral boot order. */
#include "apic.h"
#include "arch.h"
#include "boot.h"
#include "console.h"
#include "cpu.h"
#include "cpu_features.h"
#include "instructions.h"
#include "log.h"
#include "pci_hw.h"
#include "plan_view.h"
#include "x86.h"

#include <septum/x86/registers.h>

extern const struct monitor_header septum_monitor_header;

static const void *boot_information;
static struct gate boot_idt[EXCEPTION_COUNT]; /* until the boot CPU has its own */

const struct plan *arch_plan(void)
{
	return hpa_pointer(septum_monitor_header.plan);
}

const void *x86_boot_information(void)
{
	return boot_information;
}

void monitor_boot(const void *information)
{
	const uint64_t entry_tsc = rdtsc();
	const struct plan *plan = arch_plan();
	int index;

	boot_information = information;
	console_setup(plan->console_port, plan->console_divisor);
	exceptions_setup(boot_idt, EXCEPTION_COUNT);
	pci_silence();
	boot_run(plan);
	log_at(1, "entry tsc %lu", entry_tsc);
	index = plan_cpu_by_apic_id(plan, cpu_apic_id());
	monitor_switch(plan_cpus(plan)[index].cr3.raw,
		       plan_cpus(plan)[index].block.raw + CPU_BLOCK_STACK_TOP, (uint32_t)index);
}

void monitor_joined(uint32_t index)
{
	const struct plan *plan = arch_plan();

	exceptions_setup(plan_block(&plan_cpus(plan)[index], CPU_BLOCK_IDT), GATE_COUNT);
	cpu_redirect_init();
	boot_join(plan, index, 1);
}

void arch_park(void)
{
	apic_quiet();
	for (;;)
		cpu_halt();
}
