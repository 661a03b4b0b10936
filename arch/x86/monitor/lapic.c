/* SPDX-License-Identifier: Apache-2.0 */
#include "lapic.h"

/* Local vector table entries but the timer's, APM volume 2, 16.4 */
#define LVT_VECTOR 0xffull
#define LVT_MODE 0x700ull
#define LVT_DEFINED 0x1f7ffull
#define LVT_MASKED 0x10000ull
#define LVT_MODE_FIXED 0u
#define LVT_MODE_SMI 2u
#define LVT_MODE_NMI 4u
#define LVT_MODE_EXTINT 7u

uint32_t lapic_logical_id(uint32_t id)
{
	return (id >> 4) << 16 | 1u << (id & 15);
}

static bool named_reaches(uint64_t icr, uint32_t target)
{
	const uint32_t dest = (uint32_t)(icr >> 32);
	const uint32_t logical = lapic_logical_id(target);

	if (dest == ICR_BROADCAST)
		return true;
	if (!(icr & ICR_LOGICAL))
		return dest == target;
	return dest >> 16 == logical >> 16 && (dest & logical & 0xffff) != 0;
}

bool lapic_ipi_reaches(uint64_t icr, uint32_t sender, uint32_t target)
{
	switch (ICR_SHORTHAND(icr)) {
	case ICR_TO_SELF:
		return sender == target;
	case ICR_TO_ALL:
		return true;
	case ICR_TO_OTHERS:
		return sender != target;
	default:
		return named_reaches(icr, target);
	}
}

bool lapic_lvt_valid(uint64_t value)
{
	return !(value & ~LVT_DEFINED);
}

uint64_t lapic_lvt_filter(uint64_t value, bool masked)
{
	const unsigned int mode = (unsigned int)(value >> 8 & 7);
	const uint64_t stored = (value & (LVT_VECTOR | LVT_MODE | LVT_MASKED)) |
				(masked ? LVT_MASKED : 0);

	if (mode == LVT_MODE_FIXED || mode == LVT_MODE_NMI)
		return stored;
	if (mode == LVT_MODE_SMI || mode == LVT_MODE_EXTINT)
		return stored | LVT_MASKED;
	return (stored & ~LVT_MODE) | LVT_MASKED;
}
