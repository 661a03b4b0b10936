/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one exit costs, as the cell sees it: TSC before and after one
 * instruction, less the same without it.  Under "-icount shift=0" a TSC cycle
 * is an instruction, so the numbers are the instructions of the monitor.
 */
#include "../lib/apic.h"
#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/traps.h"

#include <septum/x86/cell_registers.h>
#include <stddef.h>

#define RUNS 64u
#define PORT_NOBODY 0x80u
#define HOLE 0xd0000000ull
#define OWN_VECTOR 0x52u
#define MSR_UNKNOWN 0x12345678u

void cell_main(uint64_t boot_argument);

static void act_nothing(void *arg)
{
	(void)arg;
}

static void act_cpuid(void *arg)
{
	(void)arg;
	cpuid(0, 0);
}

static void act_msr_emulated(void *arg)
{
	(void)arg;
	msr_read(MSR_APIC_BASE);
}

static void act_msr_denied(void *arg)
{
	(void)arg;
	msr_read(MSR_UNKNOWN);
}

static void act_port_denied(void *arg)
{
	(void)arg;
	in8(PORT_NOBODY);
}

static void act_control_register(void *arg)
{
	(void)arg;
	cr4_write(cr4_read() ^ CR4_PGE);
}

static void act_xsetbv(void *arg)
{
	(void)arg;
	xcr_write(0, 3);
}

static void act_cache(void *arg)
{
	(void)arg;
	asm volatile("wbinvd" : : : "memory");
}

/* Each vendor's; on the other's processors it is undefined, and no exit. */
static void act_vmmcall(void *arg)
{
	(void)arg;
	asm volatile("vmmcall" : : : "memory");
}

static void act_vmcall(void *arg)
{
	(void)arg;
	asm volatile("vmcall" : : : "memory");
}

static void act_hole(void *arg)
{
	(void)*(volatile uint32_t *)arg;
}

static void act_ipi(void *arg)
{
	(void)arg;
	apic_send(0, ICR_DELIVERY_FIXED | OWN_VECTOR);
}

static void act_ipi_denied(void *arg)
{
	(void)arg;
	apic_send(1, ICR_DELIVERY_FIXED | OWN_VECTOR);
}

static void act_ipi_shorthand(void *arg)
{
	(void)arg;
	apic_send(0, ICR_TO_SELF | ICR_DELIVERY_FIXED | OWN_VECTOR);
}

static void act_ipi_logical(void *arg)
{
	(void)arg;
	apic_send(1, ICR_LOGICAL | ICR_DELIVERY_FIXED | OWN_VECTOR);
}

static void act_ipi_broadcast(void *arg)
{
	(void)arg;
	apic_send(APIC_BROADCAST, ICR_DELIVERY_FIXED | OWN_VECTOR);
}

/* No exit: what it costs is the processor's own. */
static void act_self_ipi(void *arg)
{
	(void)arg;
	msr_write(MSR_X2APIC_SELF_IPI, OWN_VECTOR);
}

/* Undefined on every processor, with or without a monitor. */
static void act_undefined(void *arg)
{
	(void)arg;
	asm volatile("ud2");
}

struct cost {
	uint64_t least, greatest;
};

static struct cost measure(void (*act)(void *arg))
{
	struct cost cost = { UINT64_MAX, 0 };

	for (unsigned int i = 0; i < RUNS; i++) {
		uint64_t start = tsc_read(), passed;

		trap_guard(act, (void *)(uintptr_t)HOLE);
		passed = tsc_read() - start;
		if (passed < cost.least)
			cost.least = passed;
		if (passed > cost.greatest)
			cost.greatest = passed;
	}
	return cost;
}

/* The baseline is what is no exit: the guard, or the cell's own exception handler. */
static uint64_t above(uint64_t value, uint64_t baseline)
{
	return value > baseline ? value - baseline : 0;
}

static void tell(const char *name, struct cost cost, struct cost baseline)
{
	console_format("bench: %s least %lu greatest %lu\n", name,
		       above(cost.least, baseline.least), above(cost.greatest, baseline.least));
}

void cell_main(uint64_t boot_argument)
{
	static const struct {
		const char *name; /* of enum plan_exit or close to it */
		void (*act)(void *arg);
		bool traps; /* ends in the cell's exception handler */
	} acts[] = {
		{ "cpuid", act_cpuid, false },
		{ "msr-emulated", act_msr_emulated, false },
		{ "msr-denied", act_msr_denied, true },
		{ "port-denied", act_port_denied, false },
		{ "control-register", act_control_register, false },
		{ "xsetbv", act_xsetbv, false },
		{ "cache", act_cache, false },
		{ "denied-vmmcall", act_vmmcall, true },
		{ "denied-vmcall", act_vmcall, true },
		{ "ipi", act_ipi, false },
		{ "ipi-shorthand", act_ipi_shorthand, false },
		{ "ipi-logical", act_ipi_logical, false },
		{ "ipi-broadcast", act_ipi_broadcast, false },
		{ "ipi-denied", act_ipi_denied, false },
		{ "self-ipi", act_self_ipi, false },
		/* last: a cell without septum,hole = "ones" ends here */
		{ "hole", act_hole, false },
	};
	struct cost nothing, undefined;

	(void)boot_argument;
	console_init(UART_COM3);
	apic_enable();
	cr4_write(cr4_read() | CR4_OSXSAVE);
	console_format("bench: ready\n");
	nothing = measure(act_nothing);
	undefined = measure(act_undefined);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		tell(acts[i].name, measure(acts[i].act), acts[i].traps ? undefined : nothing);
	console_format("bench: end\n");
}
