/* SPDX-License-Identifier: Apache-2.0 */
#include "loads.h"

#include "cpu.h"
#include "string.h"

#include <septum/x86/registers.h>
#include <stddef.h>

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
		{ "spin", spin },      { "cpuid", loop_cpuid }, { "msr", loop_msr },
		{ "port", loop_port }, { "halt", halt },
	};

	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (string_equal(loads[i].name, name))
			return loads[i].run;
	return NULL;
}
