/* SPDX-License-Identifier: Apache-2.0 */
/* A VMCS as an array, built by hand from the manual: the ground the checks' tests stand on. */
#ifndef SEPTUM_TESTS_VMCS_IMAGE_H
#define SEPTUM_TESTS_VMCS_IMAGE_H

#include "vmcs_names.h"
#include "vmx/vmcs_check.h"

#include <septum/x86/cell_registers.h>
#include <septum/x86/vmcs.h>

#include <stdbool.h>

#define PHYS_BITS 40u
#define PHYS_END (1ull << PHYS_BITS)
#define CR4_SMXE (1ull << 14)
#define EXCEPTION(vector) (1ull << (vector))

/* Bits of CR4 that a cell may have; the processor has LA57, VMXE, SMXE and CET beside. */
#define CELL_CR4                                                                              \
	(0x7ffull | CR4_UMIP | CR4_FSGSBASE | CR4_PCIDE | CR4_OSXSAVE | CR4_SMEP | CR4_SMAP | \
	 CR4_PKE)

/* Every fault there is, as the monitor prints it. */
#define VMCS_FAULTS(FAULT)                                                                   \
	FAULT(PIN, "PIN_CONTROLS: a bit is not as every cell has it")                        \
	FAULT(PRIMARY, "PRIMARY_CONTROLS: a bit is not as every cell has it")                \
	FAULT(SECONDARY, "SECONDARY_CONTROLS: a bit is not as every cell has it")            \
	FAULT(EXIT, "EXIT_CONTROLS: a bit is not as every cell has it")                      \
	FAULT(ENTRY, "ENTRY_CONTROLS: a bit is not as every cell has it")                    \
	FAULT(EXCEPTIONS, "EXCEPTION_BITMAP: not #DB, #AC and #MC alone")                    \
	FAULT(PF_MASK, "PF_ERROR_MASK: not zero")                                            \
	FAULT(PF_MATCH, "PF_ERROR_MATCH: not zero")                                          \
	FAULT(CR0_MASK, "CR0_MASK: NE, NW or CD is the cell's")                              \
	FAULT(CR4_MASK_OURS, "CR4_MASK: MCE or VMXE is the cell's")                          \
	FAULT(CR3_TARGETS, "CR3_TARGET_COUNT: not zero")                                     \
	FAULT(EXIT_STORE_LIST, "EXIT_MSR_STORE_COUNT: not zero")                             \
	FAULT(EXIT_LOAD_LIST, "EXIT_MSR_LOAD_COUNT: not zero")                               \
	FAULT(ENTRY_LOAD_LIST, "ENTRY_MSR_LOAD_COUNT: not zero")                             \
	FAULT(ENTRY_EVENT, "ENTRY_EVENT: one would be injected")                             \
	FAULT(EPTP_FORMAT, "EPTP: not 4 levels, write-back")                                 \
	FAULT(LINK_POINTER, "LINK_POINTER: not all ones")                                    \
	FAULT(HOST_WP, "HOST_CR0: WP is clear: read-only memory could be written")           \
	FAULT(HOST_CR4_BITS, "HOST_CR4: PAE or MCE is clear")                                \
	FAULT(HOST_EFER, "HOST_EFER: not LME, LMA and NXE")                                  \
	FAULT(GUEST_MCE, "GUEST_CR4: MCE is clear: a machine check would shut the CPU down") \
	FAULT(GUEST_DEBUGCTL, "GUEST_DEBUGCTL: not zero")                                    \
	FAULT(GUEST_DR7, "GUEST_DR7: beyond 32 bits")                                        \
	FAULT(CS_DPL, "GUEST_CS_RIGHTS: DPL is not 0")                                       \
	FAULT(SS_DPL, "GUEST_SS_RIGHTS: DPL is not 0")                                       \
	FAULT(GDTR_LIMIT, "GUEST_GDTR_LIMIT: beyond 16 bits")                                \
	FAULT(IDTR_LIMIT, "GUEST_IDTR_LIMIT: beyond 16 bits")                                \
	FAULT(GUEST_RFLAGS, "GUEST_RFLAGS: a reserved bit, or VM")                           \
	FAULT(GUEST_ACTIVITY, "GUEST_ACTIVITY: not zero")                                    \
	FAULT(GUEST_BLOCKING, "GUEST_INTERRUPTIBILITY: not zero")                            \
	FAULT(GUEST_PENDING_DEBUG, "GUEST_PENDING_DEBUG: not zero")                          \
	FAULT(FIXED, "a bit is not as VMX demands")                                          \
	FAULT(TABLE_ADDRESS, "a table's address is zero, not aligned, or out of range")      \
	FAULT(CANONICAL, "an address is not canonical")                                      \
	FAULT(VPID, "VPID 0 is the monitor's")                                               \
	FAULT(HOST_PAT, "host PAT: a reserved memory type")                                  \
	FAULT(GUEST_PAT, "PAT: a reserved memory type")                                      \
	FAULT(HOST_SELECTOR, "host selector: RPL or TI is not 0")                            \
	FAULT(HOST_NULL, "host CS or TR selector: null")                                     \
	FAULT(GUEST_PG, "CR0: PG is set and PE is clear")                                    \
	FAULT(LONG_PG, "CR0: PG is clear in long mode")                                      \
	FAULT(GUEST_CR4, "CR4: a bit that no cell may have")                                 \
	FAULT(GUEST_PCIDE, "CR4: PCIDE is set outside long mode")                            \
	FAULT(LONG_PAE, "CR4: PAE is not LMA")                                               \
	FAULT(CR4_MASK, "CR4 mask: a bit that a cell may not have is the cell's")            \
	FAULT(GUEST_CR3, "CR3: out of range")                                                \
	FAULT(CS_L_AND_D, "CS: L and D are both set")                                        \
	FAULT(GUEST_EFER, "EFER: a bit that a cell may not have")                            \
	FAULT(GUEST_LMA, "EFER: LMA is not IA-32e mode")                                     \
	FAULT(GUEST_LME, "EFER: LME is not LMA")                                             \
	FAULT(GUEST_RIP, "RIP: out of the code's range")                                     \
	FAULT(SEGMENT_UNUSABLE, "CS or TR: unusable")                                        \
	FAULT(SEGMENT_PRESENT, "segment rights: not present")                                \
	FAULT(SEGMENT_RESERVED, "segment rights: a reserved bit is set")                     \
	FAULT(SEGMENT_TYPE, "segment: wrong type")                                           \
	FAULT(SEGMENT_LIMIT, "segment limit: does not fit the granularity")                  \
	FAULT(SEGMENT_BASE, "segment base: beyond 32 bits")                                  \
	FAULT(SEGMENT_SELECTOR, "LDTR or TR selector: TI is set")

#define VMCS_FAULT_ENUMERATOR(name, text) VMCS_FAULT_##name,
enum vmcs_fault { VMCS_OK, VMCS_FAULTS(VMCS_FAULT_ENUMERATOR) VMCS_FAULT_END };
#undef VMCS_FAULT_ENUMERATOR

extern const struct vmcs_limits vmcs_image_limits;

/* By encoding, even ones only: an odd one is the upper half of a field. */
struct vmcs_image {
	uint64_t value[0x7000 / 2];
	bool known[0x7000 / 2];
};

/* The modes a cell's CPU can start in; the last has paging, which no template has. */
enum vmcs_mode { LONG, REAL, PAGED };

void vmcs_put(struct vmcs_image *image, uint32_t encoding, uint64_t value);

/** vmcs_put_host() - the monitor's own state. */
void vmcs_put_host(struct vmcs_image *image);

/** vmcs_good() - a VMCS that nothing is wrong with. */
struct vmcs_image vmcs_good(enum vmcs_mode mode);

/** vmcs_fault_name() - its text; VMCS_OK: "no fault". */
const char *vmcs_fault_name(enum vmcs_fault fault);

/**
 * vmcs_image_check() - vmcs_check().  A field that is read but was never put fails the
 * test, and so does a text that VMCS_FAULTS does not have.
 */
enum vmcs_fault vmcs_image_check(const struct vmcs_image *image, const struct vmcs_limits *limits,
				 uint32_t *field);

#endif
