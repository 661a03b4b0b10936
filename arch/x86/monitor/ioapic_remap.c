/* SPDX-License-Identifier: Apache-2.0 */
/* Pins whose messages the IOMMU remaps. */
#include "devices.h"
#include "iommu/iommu.h"
#include "ioapic_hw.h"
#include "plan_view.h"

/*
 * The end of a level-triggered interrupt is matched with the vector field of the I/O
 * APIC's entry, which on AMD-Vi is part of the index: so there the index follows the
 * vector, in a group of 256 entries that is the pin's alone.
 */
static uint32_t remap_offset(const struct plan_iommu *unit, const struct plan_pin *pin,
			     uint64_t entry)
{
	return unit->kind == PLAN_IOMMU_AMDVI && pin->flags & PLAN_PIN_LEVEL ?
		       entry & IOAPIC_VECTOR :
		       0;
}

uint64_t ioapic_remap(const struct cpu *cpu, const struct plan_pin *pin, uint64_t entry,
		      uint32_t vector, apic_id_t destination)
{
	const struct plan_iommu *unit = hpa_pointer(cpu->plan->iommus.base);
	const struct iommu_driver *driver = iommu_driver_of(unit);
	const uint32_t offset = remap_offset(unit, pin, entry);
	const struct iommu_route route = { vector, destination, pin->flags & PLAN_PIN_LEVEL };

	driver->route(unit, (hpa_t){ pin->remap.raw + (uint64_t)offset * PLAN_REMAP_BYTES },
		      &route);
	driver->flush(unit, unit->ioapic_rid, pin->remap_index + offset, 1);
	return driver->pin(pin->remap_index + offset, entry & IOAPIC_VECTOR);
}
