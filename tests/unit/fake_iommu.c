/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_iommu.h"

#define ADDRESS 0xfee00010u
#define ADDRESS_INDEX_SHIFT 5
#define PIN_INDEX_SHIFT 49

unsigned int fake_flushes;

static void route(const struct plan_iommu *unit, hpa_t entry, const struct iommu_route *to)
{
	struct fake_entry *fake = (struct fake_entry *)(uintptr_t)entry.raw;

	(void)unit;
	fake->vector = to->vector;
	fake->destination = to->destination.raw;
	fake->is_level = to->is_level;
	fake->changes++;
}

static void flush(const struct plan_iommu *unit, uint32_t rid, uint32_t first, uint32_t count)
{
	(void)unit;
	(void)rid;
	(void)first;
	(void)count;
	fake_flushes++;
}

static void message(uint32_t index, uint32_t *address_low, uint32_t *data)
{
	*address_low = ADDRESS | index << ADDRESS_INDEX_SHIFT;
	*data = 0;
}

static uint64_t pin(uint32_t index, uint32_t vector)
{
	return (uint64_t)index << PIN_INDEX_SHIFT | vector;
}

int fake_message_index(uint32_t address_low, uint32_t data)
{
	if ((address_low & 0xfff0001fu) != ADDRESS)
		return -1;
	return (int)((address_low >> ADDRESS_INDEX_SHIFT & 0x7fffu) + data);
}

uint32_t fake_pin_index(uint64_t entry)
{
	return (uint32_t)(entry >> PIN_INDEX_SHIFT);
}

static const struct iommu_driver fake_driver = {
	.name = "fake",
	.route = route,
	.flush = flush,
	.message = message,
	.pin = pin,
};

const struct iommu_driver *iommu_driver_of(const struct plan_iommu *unit)
{
	(void)unit;
	return &fake_driver;
}
