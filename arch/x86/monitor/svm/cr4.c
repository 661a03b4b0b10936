/* SPDX-License-Identifier: Apache-2.0 */
#include "cr4.h"

#include <septum/x86/registers.h>

bool cr4_valid(uint64_t old, uint64_t value, uint64_t allowed, uint64_t efer, uint64_t cr3)
{
	const bool long_mode = efer & EFER_LMA;

	if (value & ~allowed)
		return false;
	if (long_mode && !(value & CR4_PAE))
		return false;
	/* PCIDE is set only in long mode and with PCID 0 (APM volume 2, 5.5.1). */
	if (value & ~old & CR4_PCIDE && (!long_mode || cr3 & 0xfff))
		return false;
	return true;
}
