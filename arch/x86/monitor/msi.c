/* SPDX-License-Identifier: Apache-2.0 */
#include "msi.h"

#include "ecam.h"
#include "ioapic.h"
#include "iommu/iommu.h"

/* PCI Local Bus Specification 3.0, 6.8.1: offsets in the capability */
#define MSI_CONTROL 0x00u /* bits 31:16 */
#define MSI_ADDRESS 0x04u
#define MSI_ENABLE 0x00010000u
#define MSI_COUNT_SHIFT 20u /* log2 of the messages in use */
#define MSI_COUNT (7u << MSI_COUNT_SHIFT)

/* 6.8.2 */
#define MSIX_ENABLE 0x80000000u
#define MSIX_MASK_ALL 0x40000000u
#define MSIX_ENTRY_BYTES 16u
#define MSIX_MASKED 1u

/* Intel SDM volume 3, 11.11 */
#define MESSAGE_BASE 0xfee00000u
#define MESSAGE_BASE_MASK 0xfff00000u
#define MESSAGE_LOGICAL 0x4u
#define MESSAGE_DESTINATION_SHIFT 12u
#define DESTINATION_MAX 254u /* rule irq-reach; 255 is everybody */
#define MESSAGE_MODE(data) ((data) >> 8 & 7u)
#define MESSAGE_MODE_LOWEST 1u
#define MESSAGE_VECTOR 0xffu

struct msi_layout { /* offsets of registers; 0: not there */
	uint32_t control, address, high, data, mask;
};

static struct msi_layout layout_of(const struct plan_function *function)
{
	const uint32_t base = function->msi;
	const uint32_t data = base + (function->msi_flags & PLAN_MSI_64 ? 0xc : 0x8);

	return (struct msi_layout){
		.control = base + MSI_CONTROL,
		.address = base + MSI_ADDRESS,
		.high = function->msi_flags & PLAN_MSI_64 ? base + 0x8 : 0,
		.data = data,
		.mask = function->msi_flags & PLAN_MSI_MASKS ? data + 4 : 0,
	};
}

static struct plan_message *message_of(const struct plan_function *function, uint32_t index)
{
	return (struct plan_message *)hpa_pointer(function->messages) + index;
}

static hpa_t remap_of(const struct plan_function *function, uint32_t index)
{
	return (hpa_t){ function->remap.raw + (uint64_t)index * PLAN_REMAP_BYTES };
}

/*
 * Isolation rests on this: whatever the cell wrote, the interrupt is a fixed one to one
 * of its own CPUs, or none.
 */
static struct iommu_route route_of(const struct cpu *cpu, const struct plan_message *message,
				   uint32_t vector)
{
	const uint32_t id = message->address_low >> MESSAGE_DESTINATION_SHIFT & 0xff;
	const struct plan_cpu *target = target_cpu(cpu, id, message->address_low & MESSAGE_LOGICAL);
	struct iommu_route route = { .vector = vector };

	if (target)
		route.destination = target->apic_id;
	if (!target || message->address_high ||
	    (message->address_low & MESSAGE_BASE_MASK) != MESSAGE_BASE ||
	    MESSAGE_MODE(message->data) > MESSAGE_MODE_LOWEST || vector < VECTOR_MIN ||
	    vector > VECTOR_MAX)
		route.vector = 0;
	return route;
}

/* The message that the hardware gets where nothing remaps it; all zeros goes nowhere. */
static void plain_message(const struct iommu_route *route, uint32_t *address, uint32_t *data)
{
	*address = route->vector && route->destination.raw <= DESTINATION_MAX ?
			   MESSAGE_BASE | route->destination.raw << 12 :
			   0;
	*data = route->vector;
}

/*
 * Routes @count messages that start at entry @first, the vectors of which count up from
 * the cell's, and says what the function has to send.
 */
static void translate(const struct cpu *cpu, const struct plan_function *function, uint32_t first,
		      uint32_t count, const struct plan_message *message, uint32_t *address,
		      uint32_t *data)
{
	const struct plan_iommu *unit = hpa_pointer(cpu->plan->iommus.base);
	const struct iommu_driver *driver = function->remap_count ? iommu_driver_of(unit) : NULL;
	struct iommu_route route = { .vector = 0 };

	for (uint32_t i = 0; i < count; i++) {
		/* 6.8.1.6: a function changes the low bits of the data. */
		route = route_of(cpu, message, (message->data & MESSAGE_VECTOR & ~(count - 1)) | i);
		if (driver)
			driver->route(unit, remap_of(function, first + i), &route);
	}
	if (!driver) {
		plain_message(&route, address, data);
		return;
	}
	driver->flush(unit, function->rid, function->first_remap + first, count);
	driver->message(function->first_remap + first, address, data);
}

static uint32_t merged(uint32_t old, uint32_t value, uint32_t bytes)
{
	return (old & ~bytes) | (value & bytes);
}

/* As many messages as the cell switched on, of those that it has entries for. */
static uint32_t messages_in_use(const struct plan_function *function, uint32_t control)
{
	const uint32_t count = 1u << ((control & MSI_COUNT) >> MSI_COUNT_SHIFT);
	const uint32_t most = function->remap_count ? function->remap_count : 1;

	return count <= most ? count : 1;
}

static void msi_update(const struct cpu *cpu, const struct plan_function *function,
		       const struct msi_layout *at)
{
	const uint32_t control = pci_read(function->config, at->control);
	uint32_t address, data;

	translate(cpu, function, 0, messages_in_use(function, control), message_of(function, 0),
		  &address, &data);
	pci_write(function->config, at->address, 4, address);
	if (at->high)
		pci_write(function->config, at->high, 4, 0);
	pci_write(function->config, at->data, 2, data);
}

static void msi_control(const struct cpu *cpu, const struct plan_function *function,
			const struct msi_layout *at, uint32_t value)
{
	const uint32_t old = pci_read(function->config, at->control);
	uint32_t control = (old & ~(MSI_ENABLE | MSI_COUNT)) | (value & (MSI_ENABLE | MSI_COUNT));

	if (messages_in_use(function, control) == 1)
		control &= ~MSI_COUNT;
	/* The count first, then messages that fit it, then on. */
	pci_write(function->config, at->control + 2, 2, (control & ~MSI_ENABLE) >> 16);
	msi_update(cpu, function, at);
	pci_write(function->config, at->control + 2, 2, control >> 16);
}

static bool msi_register(const struct cpu *cpu, const struct plan_function *function, uint32_t reg,
			 uint32_t value, uint32_t bytes)
{
	const struct msi_layout at = layout_of(function);
	struct plan_message *message = message_of(function, 0);

	if (reg == at.control) {
		msi_control(cpu, function, &at,
			    merged(pci_read(function->config, reg), value, bytes));
		return true;
	}
	if (reg == at.address)
		message->address_low = merged(message->address_low, value, bytes);
	else if (at.high && reg == at.high)
		message->address_high = merged(message->address_high, value, bytes);
	else if (reg == at.data)
		message->data = merged(message->data, value, bytes) & 0xffffu;
	else if (at.mask && reg == at.mask) {
		pci_write(function->config, reg, 4,
			  merged(pci_read(function->config, reg), value, bytes));
		return true;
	} else {
		return at.mask && reg == at.mask + 4; /* pending bits: read-only */
	}
	msi_update(cpu, function, &at);
	return true;
}

bool msi_write(const struct cpu *cpu, const struct plan_function *function, uint32_t reg,
	       uint32_t value, uint32_t bytes)
{
	const uint32_t own = MSIX_ENABLE | MSIX_MASK_ALL;
	uint32_t control;

	if (function->msi && msi_register(cpu, function, reg, value, bytes))
		return true;
	if (!function->msix || reg != function->msix)
		return false;
	control = pci_read(function->config, reg);
	control = (control & ~own) | (merged(control, value, bytes) & own);
	pci_write(function->config, reg + 2, 2, control >> 16);
	return true;
}

const struct plan_function *msix_function_at(const struct cpu *cpu, uint64_t gpa)
{
	const struct plan_function *functions = cell_functions(cpu);

	for (uint32_t i = 0; i < cpu->cell->function_count; i++) {
		const uint64_t start = functions[i].msix_table.raw & ~(PLAN_PAGE_BYTES - 1ull);
		const uint64_t end = functions[i].msix_table.raw +
				     (uint64_t)functions[i].msix_count * MSIX_ENTRY_BYTES;

		if (functions[i].msix && gpa >= start &&
		    gpa < ((end + PLAN_PAGE_BYTES - 1) & ~(PLAN_PAGE_BYTES - 1ull)))
			return &functions[i];
	}
	return NULL;
}

/* One dword of a table's entry. */
static void write_entry(const struct cpu *cpu, const struct plan_function *function,
			uint32_t offset, uint32_t value)
{
	const uint32_t index = offset / MSIX_ENTRY_BYTES;
	const uint64_t entry = function->msix_table.raw + (uint64_t)index * MSIX_ENTRY_BYTES;
	struct plan_message *message = message_of(function, index);
	uint32_t address, data;

	switch (offset % MSIX_ENTRY_BYTES) {
	case 0:
		message->address_low = value;
		break;
	case 4:
		message->address_high = value;
		break;
	case 8:
		message->data = value;
		break;
	default:
		mmio_write(entry + 12, 4, value & MSIX_MASKED);
		return;
	}
	translate(cpu, function, index, 1, message, &address, &data);
	mmio_write(entry, 4, address);
	mmio_write(entry + 4, 4, 0);
	mmio_write(entry + 8, 4, data);
}

void msix_write(const struct cpu *cpu, uint64_t gpa, unsigned int width, uint64_t value)
{
	const struct plan_function *function = msix_function_at(cpu, gpa);
	const uint64_t start = function->msix_table.raw;
	const uint64_t bytes = (uint64_t)function->msix_count * MSIX_ENTRY_BYTES;
	const uint64_t offset = gpa - start;

	/* Registers that share the table's page (rule msix-table-page). */
	if (gpa + width <= start || (gpa >= start && offset >= bytes)) {
		mmio_write(gpa, width, value);
		return;
	}
	/* 6.8.2: only whole, aligned dwords and qwords mean anything. */
	if (gpa < start || (width != 4 && width != 8) || offset % width || offset + width > bytes)
		return;
	write_entry(cpu, function, (uint32_t)offset, (uint32_t)value);
	if (width == 8)
		write_entry(cpu, function, (uint32_t)offset + 4, (uint32_t)(value >> 32));
}
