/* SPDX-License-Identifier: Apache-2.0 */
/* AMD-Vi: AMD I/O Virtualization Technology (IOMMU) Specification, document 48882. */
#include "arch.h"
#include "instructions.h"
#include "iommu.h"
#include "log.h"
#include "pci_hw.h"
#include "plan_view.h"
#include "ticket_lock.h"

#include <septum/x86/amdvi.h>

#define LOG_POLLS 10000u /* between the tail register and the entry: one write of the unit */

/* PCI Local Bus Specification 3.0, 6.1, 6.7, 6.8.1 */
#define PCI_CAPABILITIES 0x34u
#define PCI_CAPABILITIES_MAX 48u /* so many fit into configuration space */
#define PCI_CAPABILITY_MSI 0x05u
#define MSI_ENABLE (1u << 16)
#define MSI_COUNT_MASK (7u << 20)
#define MSI_64 (1u << 23)

/* Intel SDM volume 3A, 10.11 */
#define MSI_ADDRESS 0xfee00000u
#define MSI_DESTINATION_SHIFT 12
#define MSI_DESTINATION_MAX 254u
#define MSI_DATA_NMI (4u << 8)

#define RING_ENTRIES 256u /* of the command buffer and of the event log: a page each */
static_assert(RING_ENTRIES * sizeof(struct amdvi_command) == PLAN_IOMMU_LOG, "one page");

/* The last page of unit->queue. */
struct progress {
	volatile uint64_t done; /* stored by the unit: the number of the last wait it reached */
	uint64_t issued;
	struct ticket_lock lock;
};
static_assert(sizeof(struct progress) <= PLAN_IOMMU_QUEUE_BYTES - PLAN_IOMMU_STATUS, "one page");

static volatile uint64_t *reg(const struct plan_iommu *unit, uint32_t offset)
{
	return hpa_pointer((hpa_t){ unit->registers.raw + offset });
}

static void *queue_page(const struct plan_iommu *unit, uint32_t offset)
{
	return hpa_pointer((hpa_t){ unit->queue.raw + offset });
}

static bool becomes(const struct plan_iommu *unit, uint32_t offset, uint64_t mask, uint64_t value)
{
	for (uint32_t polls = IOMMU_POLLS; polls > 0; polls--) {
		if ((*reg(unit, offset) & mask) == value)
			return true;
		cpu_relax();
	}
	return false;
}

/* Offset of the capability for message signalled interrupts of 64 bits; 0: there is none. */
static uint32_t msi_capability(const struct plan_iommu *unit)
{
	uint32_t at = pci_port_read(unit->rid << 8 | PCI_CAPABILITIES) & 0xfc;

	for (unsigned int i = 0; i < PCI_CAPABILITIES_MAX && at != 0; i++) {
		const uint32_t header = pci_port_read(unit->rid << 8 | at);

		if ((header & (0xff | MSI_64)) == (PCI_CAPABILITY_MSI | MSI_64))
			return at;
		at = header >> 8 & 0xfc;
	}
	return 0;
}

static unsigned int amdvi_check(const struct plan_iommu *unit)
{
	const uint64_t has = *reg(unit, AMDVI_FEATURES);
	const bool remaps = (unit->features & PLAN_IOMMU_REMAP) != 0;
	const bool wide = (unit->features & PLAN_IOMMU_X2APIC) != 0;
	unsigned int wrong = 0;

	wrong += iommu_lacks(unit, (has & AMDVI_FEATURE_IA) != 0,
			     "command that invalidates everything");
	wrong += iommu_lacks(unit, (has >> AMDVI_FEATURE_HATS_SHIFT & 3) != 3,
			     "page tables of 4 levels");
	wrong += iommu_lacks(unit, !remaps || (has & AMDVI_FEATURE_GA) != 0,
			     "interrupt remapping entries of 128 bits");
	wrong += iommu_lacks(unit, !wide || (has & AMDVI_FEATURE_XT) != 0,
			     "interrupt destinations of 32 bits");
	wrong += iommu_lacks(unit, msi_capability(unit) != 0, "MSI capability in its PCI function");
	wrong += iommu_lacks(unit, unit->fault_cpu.raw <= MSI_DESTINATION_MAX,
			     "way to name the APIC id of the CPU that is to take its faults");
	return wrong;
}

/*
 * Executes one command.  The unit does commands in order (2.4), and a wait is over when all
 * before it are done (2.4.1).  Stores reach memory before the register, which is not cached.
 */
static bool execute(const struct plan_iommu *unit, uint64_t command)
{
	struct progress *progress = queue_page(unit, PLAN_IOMMU_STATUS);
	const uint32_t ticket = ticket_lock_take(&progress->lock, IOMMU_POLLS);
	const uint64_t at = progress->issued++ * 2 % RING_ENTRIES;
	volatile struct amdvi_command *ring = queue_page(unit, PLAN_IOMMU_QUEUE);
	uint32_t polls = IOMMU_POLLS;

	ring[at].low = command;
	ring[at].high = 0;
	ring[at + 1].low = AMDVI_COMPLETION_WAIT | AMDVI_WAIT_STORE |
			   (unit->queue.raw + PLAN_IOMMU_STATUS);
	ring[at + 1].high = progress->issued;
	*reg(unit, AMDVI_COMMAND_TAIL) = (at + 2) % RING_ENTRIES * sizeof(*ring);
	while (progress->done != progress->issued && --polls > 0)
		cpu_relax();
	ticket_lock_release(&progress->lock, ticket);
	return polls > 0;
}

/*
 * The table may change while the unit is on: the base is one register, written at
 * once, and what the unit still remembers of the old table is the old table's.
 */
static bool use_table(const struct plan_iommu *unit, hpa_t table)
{
	const uint64_t value = table.raw | (unit->table_bytes / PLAN_PAGE_BYTES - 1);

	*reg(unit, AMDVI_DEVICE_TABLE) = value;
	return *reg(unit, AMDVI_DEVICE_TABLE) == value;
}

static void set_up_queues(const struct plan_iommu *unit)
{
	const uint64_t queue = unit->queue.raw;

	arch_fill(hpa_pointer(unit->queue), PLAN_IOMMU_QUEUE_BYTES);
	*reg(unit, AMDVI_COMMAND_BASE) = (queue + PLAN_IOMMU_QUEUE) | AMDVI_LENGTH_256;
	*reg(unit, AMDVI_COMMAND_HEAD) = 0;
	*reg(unit, AMDVI_COMMAND_TAIL) = 0;
	*reg(unit, AMDVI_LOG_BASE) = (queue + PLAN_IOMMU_LOG) | AMDVI_LENGTH_256;
	*reg(unit, AMDVI_LOG_HEAD) = 0;
	*reg(unit, AMDVI_LOG_TAIL) = 0;
	*reg(unit, AMDVI_STATUS) = AMDVI_STATUS_LOG_OVERFLOW | AMDVI_STATUS_LOG_INTERRUPT;
}

/* Entries of 128 bits need no more of the guest virtual APIC than GAEn: GAMEn stays 0. */
static uint64_t control_of(const struct plan_iommu *unit)
{
	return AMDVI_CONTROL_ENABLE | AMDVI_CONTROL_LOG | AMDVI_CONTROL_COMMANDS |
	       AMDVI_CONTROL_COHERENT | (unit->features & PLAN_IOMMU_REMAP ? AMDVI_CONTROL_GA : 0) |
	       (unit->features & PLAN_IOMMU_X2APIC ? AMDVI_CONTROL_XT : 0);
}

/* No function of the machine is a bus master while the unit is off here. */
static bool amdvi_start(const struct plan_iommu *unit)
{
	const uint64_t runs = AMDVI_STATUS_COMMANDS_RUN | AMDVI_STATUS_LOG_RUNS;
	const uint64_t control = control_of(unit);

	*reg(unit, AMDVI_CONTROL) = 0;
	if (!becomes(unit, AMDVI_STATUS, runs, 0))
		return iommu_failed(unit, "it does not stop");
	set_up_queues(unit);
	*reg(unit, AMDVI_EXCLUSION_BASE) = 0; /* a range that would not be translated: none */
	if (!use_table(unit, unit->deny))
		return iommu_failed(unit, "it does not take its device table");
	*reg(unit, AMDVI_CONTROL) = control;
	if (*reg(unit, AMDVI_CONTROL) != control || !becomes(unit, AMDVI_STATUS, runs, runs))
		return iommu_failed(unit, "it does not start");
	return execute(unit, AMDVI_INVALIDATE_IOMMU_ALL) ||
	       iommu_failed(unit, "it does not execute commands");
}

/* MSI, PCI Local Bus Specification 3.0, 6.8.1: the unit's own messages are not remapped. */
static bool send_faults(const struct plan_iommu *unit)
{
	const uint64_t control = control_of(unit) | AMDVI_CONTROL_LOG_INTERRUPT;
	const uint32_t at = msi_capability(unit);
	const uint32_t header = pci_port_read(unit->rid << 8 | at);

	pci_port_write(unit->rid << 8 | (at + 4),
		       MSI_ADDRESS | unit->fault_cpu.raw << MSI_DESTINATION_SHIFT);
	pci_port_write(unit->rid << 8 | (at + 8), 0);
	pci_port_write(unit->rid << 8 | (at + 12), MSI_DATA_NMI);
	pci_port_write(unit->rid << 8 | at, (header & ~MSI_COUNT_MASK) | MSI_ENABLE);
	/* Status bits, in the upper half, are cleared by ones. */
	pci_port_write(unit->rid << 8 | PCI_COMMAND,
		       (pci_port_read(unit->rid << 8 | PCI_COMMAND) & 0xffff) | PCI_COMMAND_MASTER);
	*reg(unit, AMDVI_CONTROL) = control;
	return *reg(unit, AMDVI_CONTROL) == control &&
	       (pci_port_read(unit->rid << 8 | at) & MSI_ENABLE) != 0;
}

static bool amdvi_live(const struct plan_iommu *unit)
{
	if (!use_table(unit, unit->live))
		return iommu_failed(unit, "it does not take the cells' device table");
	if (!execute(unit, AMDVI_INVALIDATE_IOMMU_ALL))
		return iommu_failed(unit, "it does not forget the table that denies everything");
	return send_faults(unit) || iommu_failed(unit, "its fault interrupt cannot be turned on");
}

/*
 * The unit may read the entry at any moment: both halves change at once.  Entries are
 * one cell's; if another of its CPUs gets in between, its entry is the one that stays.
 */
static void amdvi_route(const struct plan_iommu *unit, hpa_t entry, const struct iommu_route *route)
{
	struct amdvi_irte *irte = hpa_pointer(entry);
	const uint64_t destination = route->destination.raw;
	uint64_t low = 0, high = 0, old_low = irte->low, old_high = irte->high;

	(void)unit;
	if (route->vector != 0) {
		low = AMDVI_IRTE_REMAP | (destination & 0xffffff) << AMDVI_IRTE_DESTINATION_SHIFT;
		high = destination >> 24 << AMDVI_IRTE_HIGH_DESTINATION_SHIFT | route->vector;
	}
	__asm__ volatile("lock cmpxchg16b %0"
			 : "+m"(*irte), "+a"(old_low), "+d"(old_high)
			 : "b"(low), "c"(high)
			 : "cc", "memory");
}

/* The command is for all of a requester's entries. */
static void amdvi_flush(const struct plan_iommu *unit, uint32_t rid, uint32_t first, uint32_t count)
{
	(void)first;
	(void)count;
	if (!execute(unit, AMDVI_INVALIDATE_INTERRUPT_TABLE | rid))
		log_line("IOMMU at 0x%lx: the interrupts of function 0x%x may go where they went "
			 "before: it does not execute commands",
			 unit->registers.raw, rid);
}

/* The unit takes the index from bits 10:0 of the data (2.2.5). */
static void amdvi_message(uint32_t index, uint32_t *address_low, uint32_t *data)
{
	*address_low = MSI_ADDRESS;
	*data = index;
}

/* An I/O APIC makes bits 7:0 of its message from the vector, 10:8 from the delivery mode. */
static uint64_t amdvi_pin(uint32_t index, uint32_t vector)
{
	(void)vector;
	return index;
}

/* 2.5.1: a log that overflowed stands until it is turned off and on; it is empty by now. */
static void restart_log(const struct plan_iommu *unit)
{
	const uint64_t control = *reg(unit, AMDVI_CONTROL);

	*reg(unit, AMDVI_CONTROL) = control & ~AMDVI_CONTROL_LOG;
	(void)becomes(unit, AMDVI_STATUS, AMDVI_STATUS_LOG_RUNS, 0);
	*reg(unit, AMDVI_LOG_HEAD) = 0;
	*reg(unit, AMDVI_LOG_TAIL) = 0;
	*reg(unit, AMDVI_STATUS) = AMDVI_STATUS_LOG_OVERFLOW;
	*reg(unit, AMDVI_CONTROL) = control;
}

/*
 * Entries are zeroed when they have been read, so one that is not zero has been logged.
 * The tail register may be ahead of memory for a moment.
 */
static bool is_logged(const struct plan_iommu *unit, const volatile struct amdvi_event *event,
		      uint64_t head)
{
	for (uint32_t polls = LOG_POLLS; polls > 0; polls--) {
		if (event->low >> AMDVI_EVENT_CODE_SHIFT != 0)
			return true;
		if (*reg(unit, AMDVI_LOG_TAIL) == head)
			return false;
		cpu_relax();
	}
	return false;
}

/* The interrupt bit is cleared first: what is logged later raises it, and the NMI, anew. */
static bool amdvi_fault(const struct plan_iommu *unit, struct iommu_fault *fault)
{
	const uint64_t head = *reg(unit, AMDVI_LOG_HEAD) & AMDVI_LOG_POINTER;
	volatile struct amdvi_event *log = queue_page(unit, PLAN_IOMMU_LOG);
	volatile struct amdvi_event *event = &log[head / sizeof(*event)];

	*reg(unit, AMDVI_STATUS) = AMDVI_STATUS_LOG_INTERRUPT;
	if (!is_logged(unit, event, head)) {
		if (*reg(unit, AMDVI_STATUS) & AMDVI_STATUS_LOG_OVERFLOW)
			restart_log(unit);
		return false;
	}
	fault->rid = (uint32_t)(event->low & 0xffff);
	fault->reason = (uint32_t)(event->low >> AMDVI_EVENT_CODE_SHIFT);
	fault->is_write = (event->low & AMDVI_EVENT_WRITE) != 0;
	fault->is_interrupt = (event->low & AMDVI_EVENT_INTERRUPT) != 0;
	fault->address = fault->is_interrupt ? 0 : event->address;
	event->low = 0;
	event->address = 0;
	*reg(unit, AMDVI_LOG_HEAD) = (head + sizeof(*event)) & AMDVI_LOG_POINTER;
	return true;
}

const struct iommu_driver amdvi_driver = {
	.name = "AMD-Vi",
	.check = amdvi_check,
	.start = amdvi_start,
	.live = amdvi_live,
	.route = amdvi_route,
	.flush = amdvi_flush,
	.message = amdvi_message,
	.pin = amdvi_pin,
	.fault = amdvi_fault,
};
