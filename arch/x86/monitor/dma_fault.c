/* SPDX-License-Identifier: Apache-2.0 */
/* From an IOMMU's fault log to the end of the cell whose function it was. */
#include "device_notes.h"
#include "devices.h"
#include "iommu/iommu.h"
#include "ipi.h"
#include "log.h"
#include "plan_view.h"
#include "stop.h"

/* Of one NMI; more make another one. */
#define FAULTS_AT_ONCE 8u

static const struct plan_function *function_of(const struct plan *plan, uint32_t rid)
{
	const struct plan_function *functions = hpa_pointer(plan->functions.base);

	for (uint32_t i = 0; i < plan->functions.count; i++)
		if (functions[i].rid == rid)
			return &functions[i];
	return NULL;
}

static void tell_owner(const struct cpu *cpu, const struct iommu_fault *fault)
{
	const struct plan_function *function = function_of(cpu->plan, fault->rid);
	const struct plan_cpu *first;
	struct device_notes *notes;

	if (!function) {
		log_line("PCI function %x:%x.%x, which is nobody's, was blocked: %s at 0x%lx "
			 "[rule dma-fault]; mend: switch it off, or give it to a cell",
			 fault->rid >> 8, fault->rid >> 3 & 31, fault->rid & 7,
			 fault->is_interrupt ? "interrupt" : "DMA", fault->address);
		return;
	}
	first = plan_cpus(cpu->plan) + plan_cells(cpu->plan)[function->cell].first_cpu;
	notes = plan_block(first, CPU_BLOCK_MAILBOX + DEVICE_NOTES_OFFSET);
	notes->fault_rid = fault->rid;
	notes->fault_address = fault->address;
	notes->fault_flags = (fault->is_write ? FAULT_WRITE : 0) |
			     (fault->is_interrupt ? FAULT_INTERRUPT : 0);
	ipi_request(first, REQUEST_DMA_FAULT);
}

bool dma_faults_pass_on(const struct cpu *cpu)
{
	const struct plan_iommu *units = hpa_pointer(cpu->plan->iommus.base);
	struct iommu_fault fault;
	bool found = false;

	for (uint32_t i = 0; i < cpu->plan->iommus.count; i++) {
		if (units[i].fault_cpu.raw != cpu->self->apic_id.raw)
			continue;
		for (unsigned int n = 0; n < FAULTS_AT_ONCE; n++) {
			if (!iommu_driver_of(&units[i])->fault(&units[i], &fault))
				break;
			tell_owner(cpu, &fault);
			found = true;
		}
	}
	return found;
}

void dma_fault_stop(struct cpu *cpu)
{
	const struct device_notes *notes = plan_block(cpu->self,
						      CPU_BLOCK_MAILBOX + DEVICE_NOTES_OFFSET);
	const struct plan_function *function = function_of(cpu->plan, notes->fault_rid);
	const char *what = notes->fault_flags & FAULT_INTERRUPT ? "interrupt message" :
			   notes->fault_flags & FAULT_WRITE	? "DMA write" :
								  "DMA read";

	pci_stop(cpu); /* first: more faults are more exits of another CPU */
	log_line("cell '%s': PCI function %x:%x.%x '%s' was blocked: %s", cpu->cell->name,
		 notes->fault_rid >> 8, notes->fault_rid >> 3 & 31, notes->fault_rid & 7,
		 function ? function->name : "?", what);
	cell_stop(cpu, PLAN_EVENT_DMA_FAULT, notes->fault_address, "dma-fault", what);
}
