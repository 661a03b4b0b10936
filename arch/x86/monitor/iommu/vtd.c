/* SPDX-License-Identifier: Apache-2.0 */
/* VT-d: Intel Virtualization Technology for Directed I/O, specification 3.3. */
#include "arch.h"
#include "instructions.h"
#include "iommu.h"
#include "log.h"
#include "plan_view.h"
#include "ticket_lock.h"

#include <septum/x86/vtd.h>

#define RING_ENTRIES 256u /* of the invalidation queue: one page, IQA.QS 0 */
#define RING_SHIFT 4u /* log2 of a descriptor */
#define FAULT_RECORDS_MAX 256u
#define SOURCE_ENTRIES_MIN 2u /* IRTA.S 0 */

/* Intel SDM volume 3A, 10.11; VT-d 10.4.8 to 10.4.10 */
#define MESSAGE_ADDRESS 0xfee00000u
#define MESSAGE_NMI (4u << 8)
#define INDEX_LOW 0x7fffu

/* Bits of the global status that a command must repeat (10.4.4). */
#define KEPT (VTD_G_TE | VTD_G_QIE | VTD_G_IRE)

/* The last page of unit->queue. */
struct progress {
	volatile uint32_t done; /* stored by the unit: the number of the last wait it reached */
	uint32_t issued;
	uint32_t tail; /* of the queue, entries */
	struct ticket_lock lock;
};
static_assert(sizeof(struct progress) <= PLAN_IOMMU_QUEUE_BYTES - PLAN_IOMMU_STATUS, "one page");

static volatile uint32_t *reg(const struct plan_iommu *unit, uint32_t offset)
{
	return hpa_pointer((hpa_t){ unit->registers.raw + offset });
}

static volatile uint64_t *reg64(const struct plan_iommu *unit, uint32_t offset)
{
	return hpa_pointer((hpa_t){ unit->registers.raw + offset });
}

static void *queue_page(const struct plan_iommu *unit, uint32_t offset)
{
	return hpa_pointer((hpa_t){ unit->queue.raw + offset });
}

static unsigned int vtd_check(const struct plan_iommu *unit)
{
	static const struct {
		uint32_t feature;
		uint64_t cap, ecap;
		const char *what;
	} wanted[] = {
		{ PLAN_IOMMU_LEVELS_3, VTD_CAP_39_BITS, 0, "page tables of 3 levels" },
		{ PLAN_IOMMU_LEVELS_4, VTD_CAP_48_BITS, 0, "page tables of 4 levels" },
		{ PLAN_IOMMU_2M, VTD_CAP_2M, 0, "pages of 2 MiB" },
		{ PLAN_IOMMU_1G, VTD_CAP_1G, 0, "pages of 1 GiB" },
		{ PLAN_IOMMU_REMAP, 0, VTD_ECAP_IR, "interrupt remapping" },
		{ PLAN_IOMMU_X2APIC, 0, VTD_ECAP_EIM, "interrupt destinations of 32 bits" },
	};
	const uint64_t cap = *reg64(unit, VTD_REG_CAP), ecap = *reg64(unit, VTD_REG_ECAP);
	unsigned int wrong = iommu_lacks(unit, (ecap & VTD_ECAP_QI) != 0, "invalidation queue");

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (unit->features & wanted[i].feature)
			wrong += iommu_lacks(unit,
					     (cap & wanted[i].cap) == wanted[i].cap &&
						     (ecap & wanted[i].ecap) == wanted[i].ecap,
					     wanted[i].what);
	/* Without it, writes would need a flush of the unit's own to be seen (6.8). */
	wrong += iommu_lacks(unit, !(cap & VTD_CAP_RWBF), "coherent write buffer");
	wrong += iommu_lacks(unit, VTD_CAP_DOMAINS(cap) > PLAN_MAX_CELLS, "domain for each cell");
	return wrong;
}

/* One bit of the global command (10.4.4); the unit answers in the same bit of the status. */
static bool command(const struct plan_iommu *unit, uint32_t bit, bool on)
{
	*reg(unit, VTD_REG_GCMD) = (*reg(unit, VTD_REG_GSTS) & KEPT & ~bit) | (on ? bit : 0);
	for (uint32_t polls = IOMMU_POLLS; polls > 0; polls--) {
		if (!(*reg(unit, VTD_REG_GSTS) & bit) != on)
			return true;
		cpu_relax();
	}
	return false;
}

static void push(const struct plan_iommu *unit, uint64_t low, uint64_t high)
{
	struct progress *progress = queue_page(unit, PLAN_IOMMU_STATUS);
	volatile struct vtd_entry *ring = queue_page(unit, PLAN_IOMMU_QUEUE);

	ring[progress->tail].low = low;
	ring[progress->tail].high = high;
	progress->tail = (progress->tail + 1) % RING_ENTRIES;
}

/*
 * Executes what was pushed.  A wait with fence is over when all before it are done
 * (6.5.2.8).  Stores reach memory before the register, which is not cached.
 */
static bool execute(const struct plan_iommu *unit)
{
	struct progress *progress = queue_page(unit, PLAN_IOMMU_STATUS);
	uint32_t polls = IOMMU_POLLS;

	push(unit, VTD_INV_WAIT(++progress->issued), unit->queue.raw + PLAN_IOMMU_STATUS);
	*reg64(unit, VTD_REG_IQT) = (uint64_t)progress->tail << RING_SHIFT;
	while (progress->done != progress->issued && --polls > 0)
		cpu_relax();
	return polls > 0;
}

/* The table may change while the unit is on (6.6): it is read anew, and nothing of the old stays. */
static bool use_table(const struct plan_iommu *unit, hpa_t table)
{
	*reg64(unit, VTD_REG_RTADDR) = table.raw;
	if (!command(unit, VTD_G_SRTP, true))
		return false;
	push(unit, VTD_INV_CONTEXT_ALL, 0);
	push(unit, VTD_INV_IOTLB_ALL, 0);
	return execute(unit);
}

/* Without CFI, messages in the format of old are blocked (5.1.4). */
static bool remap_interrupts(const struct plan_iommu *unit)
{
	if (!(unit->features & PLAN_IOMMU_REMAP))
		return true;
	*reg64(unit, VTD_REG_IRTA) =
		unit->remap.raw | (unit->features & PLAN_IOMMU_X2APIC ? VTD_IRTA_EIME : 0) |
		(uint32_t)__builtin_ctz(unit->remap_entries / SOURCE_ENTRIES_MIN);
	if (!command(unit, VTD_G_SIRTP, true))
		return false;
	push(unit, VTD_INV_IEC_ALL, 0);
	return execute(unit) && command(unit, VTD_G_IRE, true) &&
	       !(*reg(unit, VTD_REG_GSTS) & VTD_G_CFI);
}

/* 7.3: the record is freed, and with the last one the event may come again. */
static bool vtd_fault(const struct plan_iommu *unit, struct iommu_fault *fault)
{
	const uint32_t status = *reg(unit, VTD_REG_FSTS);
	const uint32_t record = VTD_CAP_FRO(*reg64(unit, VTD_REG_CAP)) + VTD_FSTS_FRI(status) * 16;
	const uint64_t low = *reg64(unit, record), high = *reg64(unit, record + 8);

	if (!(high & VTD_FAULT_F)) {
		*reg(unit, VTD_REG_FSTS) = VTD_FSTS_PFO;
		return false;
	}
	*fault = (struct iommu_fault){
		.rid = VTD_FAULT_SID(high),
		.reason = VTD_FAULT_REASON(high),
		.is_write = !(high & VTD_FAULT_T1),
		.is_interrupt = (VTD_FAULT_REASON(high) & ~0xfu) == VTD_FAULT_INTERRUPT,
	};
	fault->address = fault->is_interrupt ? low >> 48 : low & ~0xfffull;
	*reg(unit, record + 12) = (uint32_t)(VTD_FAULT_F >> 32);
	*reg(unit, VTD_REG_FSTS) = VTD_FSTS_PFO;
	return true;
}

/* What firmware may have left on, and in the fault records. */
static bool stop(const struct plan_iommu *unit)
{
	struct iommu_fault old;

	*reg(unit, VTD_REG_FECTL) = VTD_FECTL_IM;
	for (uint32_t i = 0; i < FAULT_RECORDS_MAX && vtd_fault(unit, &old); i++)
		cpu_relax();
	return command(unit, VTD_G_TE, false) && command(unit, VTD_G_IRE, false) &&
	       command(unit, VTD_G_QIE, false);
}

/* 10.4.16: regions that firmware protects from all DMA, which would outlive it. */
static bool open_protected_memory(const struct plan_iommu *unit)
{
	uint32_t polls = IOMMU_POLLS;

	if (!(*reg64(unit, VTD_REG_CAP) & VTD_CAP_PROTECTED))
		return true;
	*reg(unit, VTD_REG_PMEN) = 0;
	while (*reg(unit, VTD_REG_PMEN) & VTD_PMEN_PRS && --polls > 0)
		cpu_relax();
	return polls > 0;
}

/* No function of the machine is a bus master meanwhile. */
static bool vtd_start(const struct plan_iommu *unit)
{
	if (!stop(unit))
		return iommu_failed(unit, "it does not stop");
	arch_fill(hpa_pointer(unit->queue), PLAN_IOMMU_QUEUE_BYTES);
	/* Not every unit looks for its tables in the processors' caches (10.4.3, C). */
	__asm__ volatile("wbinvd" : : : "memory");
	*reg64(unit, VTD_REG_IQT) = 0;
	*reg64(unit, VTD_REG_IQA) = unit->queue.raw + PLAN_IOMMU_QUEUE;
	if (!command(unit, VTD_G_QIE, true))
		return iommu_failed(unit, "its invalidation queue does not start");
	if (!use_table(unit, unit->deny))
		return iommu_failed(unit, "it does not take its root table");
	if (!remap_interrupts(unit))
		return iommu_failed(unit, "it does not remap interrupts");
	return (command(unit, VTD_G_TE, true) && open_protected_memory(unit)) ||
	       iommu_failed(unit, "it does not translate");
}

/* The unit's own messages are not remapped (5.1.7). */
static void send_faults(const struct plan_iommu *unit)
{
	*reg(unit, VTD_REG_FSTS) = VTD_FSTS_PFO;
	*reg(unit, VTD_REG_FEDATA) = MESSAGE_NMI;
	*reg(unit, VTD_REG_FEADDR) = MESSAGE_ADDRESS | (unit->fault_cpu.raw & 0xff) << 12;
	*reg(unit, VTD_REG_FEUADDR) = unit->fault_cpu.raw & ~0xffu;
	*reg(unit, VTD_REG_FECTL) = 0;
}

static bool vtd_live(const struct plan_iommu *unit)
{
	if (!use_table(unit, unit->live))
		return iommu_failed(unit, "it does not take the cells' root table");
	send_faults(unit);
	return true;
}

/*
 * Only the low half changes, at once; the source check in the high half is the plan's.
 * An entry that leads nowhere blocks in silence: a device may well send a message that
 * its driver has just switched off.
 */
static void vtd_route(const struct plan_iommu *unit, hpa_t entry, const struct iommu_route *route)
{
	volatile uint64_t *low = hpa_pointer(entry);
	const uint64_t id = route->destination.raw;
	uint64_t bits = VTD_IRTE_FPD;

	if (route->vector != 0)
		bits = VTD_IRTE_P | VTD_IRTE_VECTOR(route->vector) |
		       (route->is_level ? VTD_IRTE_LEVEL : 0) |
		       (unit->features & PLAN_IOMMU_X2APIC ? VTD_IRTE_X2APIC(id) :
							     VTD_IRTE_XAPIC(id));
	*low = bits;
	__asm__ volatile("clflush (%0)" : : "r"(low) : "memory");
}

static void vtd_flush(const struct plan_iommu *unit, uint32_t rid, uint32_t first, uint32_t count)
{
	struct progress *progress = queue_page(unit, PLAN_IOMMU_STATUS);
	const uint32_t ticket = ticket_lock_take(&progress->lock, IOMMU_POLLS);
	bool fine;

	for (uint32_t i = 0; i < count; i++)
		push(unit, VTD_INV_IEC_INDEX(first + i, 0), 0);
	fine = execute(unit);
	ticket_lock_release(&progress->lock, ticket);
	if (!fine)
		log_line("IOMMU at 0x%lx: the interrupts of function 0x%x may go where they went "
			 "before: it does not execute commands",
			 unit->registers.raw, rid);
}

/* 5.1.2.2: with SHV the function's data is added to the index, so that several messages differ. */
static void vtd_message(uint32_t index, uint32_t *address_low, uint32_t *data)
{
	*address_low = MESSAGE_ADDRESS | (index & INDEX_LOW) << 5 | VTD_MESSAGE_REMAPPED |
		       VTD_MESSAGE_SHV | (index >> 15 & 1) << 2;
	*data = 0;
}

/* 5.1.5.1: the vector field is what the end of a level-triggered interrupt is matched with. */
static uint64_t vtd_pin(uint32_t index, uint32_t vector)
{
	return (uint64_t)(index & INDEX_LOW) << 49 | VTD_PIN_REMAPPED | (index >> 15 & 1) << 11 |
	       vector;
}

const struct iommu_driver vtd_driver = {
	.name = "VT-d",
	.check = vtd_check,
	.start = vtd_start,
	.live = vtd_live,
	.route = vtd_route,
	.flush = vtd_flush,
	.message = vtd_message,
	.pin = vtd_pin,
	.fault = vtd_fault,
};
