/* SPDX-License-Identifier: Apache-2.0 */
#include "port.h"

#define RESET_CONTROL_PORT 0xcf9u /* Intel ICH9 data sheet, 13.7.5: bit 2 starts the reset */
#define RESET_CONTROL_CPU_RESET 0x04u
#define KEYBOARD_COMMAND_PORT 0x64u
#define KEYBOARD_PULSE_RESET 0xfeu
#define SYSTEM_CONTROL_PORT 0x92u /* "fast reset": bit 0 */
#define SYSTEM_CONTROL_RESET 0x01u
#define SLEEP_CONTROL_ENABLE 0x20u /* ACPI specification, 4.8.3.7: SLP_EN */

enum plan_event port_event(const struct plan_cell *cell, uint16_t port, unsigned int bytes,
			   uint32_t value)
{
	/* Wider writes go to other registers: a dword to 0xCF8 is a PCI address. */
	if (bytes != 1)
		return PLAN_EVENT_NONE;
	if (port == cell->sleep_port && value & SLEEP_CONTROL_ENABLE)
		return PLAN_EVENT_POWEROFF;
	if ((port == cell->reset_port && (value & 0xff) == cell->reset_value) ||
	    (port == RESET_CONTROL_PORT && value & RESET_CONTROL_CPU_RESET) ||
	    (port == KEYBOARD_COMMAND_PORT && (value & 0xff) == KEYBOARD_PULSE_RESET) ||
	    (port == SYSTEM_CONTROL_PORT && value & SYSTEM_CONTROL_RESET))
		return PLAN_EVENT_RESET;
	return PLAN_EVENT_NONE;
}

uint32_t port_read(const struct plan_cell *cell, uint16_t port, unsigned int bytes)
{
	/* Sleep status follows its control register; WAK_STS is never set. */
	if (bytes == 1 && (port == cell->sleep_port || port == cell->sleep_port + 1))
		return 0;
	return bytes == 4 ? 0xffffffffu : (1u << bytes * 8) - 1;
}
