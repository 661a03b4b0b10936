/* SPDX-License-Identifier: Apache-2.0 */
#include "control_registers.h"

#include <septum/x86/registers.h>

bool efer_write(uint64_t old, uint64_t value, uint64_t allowed, bool paging, uint64_t *next)
{
	if (value & ~(allowed | EFER_LMA))
		return false;
	if (paging && (old ^ value) & EFER_LME)
		return false;
	*next = (value & ~EFER_LMA) | (old & EFER_LMA);
	return true;
}
