/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Default deny: a register that is not named here keeps its value.  What is named
 * concerns the function alone: no routing, no other requester's address, no power of
 * its neighbours.
 */
#include "pci_steps.h"

#include <string.h>

/* PCI Local Bus Specification 3.0, 6.2 */
#define COMMAND 0x04u
#define COMMAND_BITS 0x0547u /* decode, bus master, error responses, INTx disable */
#define STATUS_BITS 0xf9000000u /* cleared by writing ones */
#define CACHE_LINE 0x0cu
#define CACHE_LINE_BITS 0x000000ffu
#define INTERRUPT_LINE 0x3cu
#define INTERRUPT_LINE_BITS 0x000000ffu

/* PCI Power Management 1.2, 3.2.4: PowerState, PME_En, PME_Status */
#define PM_CONTROL 0x04u
#define PM_CONTROL_BITS 0x00008103u

/*
 * PCI Express Base Specification 3.0, 7.8.4 and 7.8.5: error reporting, Relaxed
 * Ordering, Max_Read_Request_Size, function level reset; status.  Not
 * Max_Payload_Size, which both ends of a link must agree on.
 */
#define PCIE_DEVICE 0x08u
#define PCIE_DEVICE_BITS 0x000ff01fu

void pci_writable_emit(const struct model_function *function,
		       uint32_t registers[PLAN_PAGE_BYTES / 4])
{
	memset(registers, 0, PLAN_PAGE_BYTES);
	registers[COMMAND / 4] = COMMAND_BITS | STATUS_BITS;
	registers[CACHE_LINE / 4] = CACHE_LINE_BITS;
	registers[INTERRUPT_LINE / 4] = INTERRUPT_LINE_BITS;
	if (function->pm)
		registers[(function->pm + PM_CONTROL) / 4] |= PM_CONTROL_BITS;
	if (function->pcie)
		registers[(function->pcie + PCIE_DEVICE) / 4] |= PCIE_DEVICE_BITS;
	for (size_t i = 0; i < function->writable_count; i++)
		registers[function->writable[i].offset / 4 % (PLAN_PAGE_BYTES / 4)] |=
			function->writable[i].bits;
}
