/* SPDX-License-Identifier: Apache-2.0 */
#include "loads.h"

#include "apic.h"
#include "beat.h"
#include "cpu.h"
#include "string.h"

#include <septum/x86/registers.h>
#include <stddef.h>

#define NOBODYS_ID 0x55u
#define NOBODYS_VECTOR 0x53u
#define BOARD_CPUS 4u
#define PORT_NOBODY 0x80u /* the POST code port: harmless on the bare machine */

static void spin(void)
{
	for (;;)
		asm volatile("" : : : "memory");
}

static void loop_cpuid(void)
{
	for (;;)
		cpuid(0, 0);
}

static void loop_msr(void)
{
	for (;;)
		msr_read(MSR_APIC_BASE);
}

static void loop_port(void)
{
	for (;;)
		in8(PORT_NOBODY);
}

/* To an id that no board has. */
static void loop_icr(void)
{
	for (;;)
		apic_send(NOBODYS_ID, ICR_DELIVERY_FIXED | NOBODYS_VECTOR);
}

/* Whatever enters a monitor most often, in turn. */
static void loop_hammer(void)
{
	for (;;) {
		apic_send(NOBODYS_ID, ICR_DELIVERY_FIXED | NOBODYS_VECTOR);
		cpuid(0, 0);
		msr_read(MSR_APIC_BASE);
	}
}

/* By every name that another CPU could have. */
static void loop_forge_beats(void)
{
	for (;;)
		for (uint32_t id = 0; id < BOARD_CPUS; id++) {
			apic_send(id, ICR_DELIVERY_FIXED | BEAT_VECTOR);
			apic_send(1u << id, ICR_LOGICAL | ICR_DELIVERY_FIXED | BEAT_VECTOR);
		}
}

static void halt(void)
{
	cpu_stop();
}

load *load_find(const char *name)
{
	static const struct {
		const char *name;
		load *run;
	} loads[] = {
		{ "spin", spin },    { "cpuid", loop_cpuid },
		{ "msr", loop_msr }, { "port", loop_port },
		{ "icr", loop_icr }, { "hammer", loop_hammer },
		{ "halt", halt },    { "forge-beats", loop_forge_beats },
	};

	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (string_equal(loads[i].name, name))
			return loads[i].run;
	return NULL;
}
