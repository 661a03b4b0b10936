/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an AMD-Vi unit reads and writes in memory at run time, and its registers: AMD I/O
 * Virtualization Technology (IOMMU) Specification, document 48882, revision 3.
 */
#ifndef SEPTUM_X86_AMDVI_H
#define SEPTUM_X86_AMDVI_H

#include <assert.h>
#include <stdint.h>

/* Interrupt remapping table entry of 128 bits, 2.2.5.2 (GAEn = 1), guest mode off */
struct amdvi_irte {
	uint64_t low, high;
} __attribute__((aligned(16)));
static_assert(sizeof(struct amdvi_irte) == 16, "interrupt remapping entry");

#define AMDVI_IRTE_REMAP (1ull << 0) /* IntType 0: fixed; DM 0: physical */
#define AMDVI_IRTE_DESTINATION_SHIFT 8 /* 31:8: bits 23:0 of the APIC id */
#define AMDVI_IRTE_HIGH_DESTINATION_SHIFT 56 /* 127:120: bits 31:24; vector in 71:64 */

/* Commands, 2.4: the operation in bits 63:60 */
struct amdvi_command {
	uint64_t low, high;
};
static_assert(sizeof(struct amdvi_command) == 16, "command");

#define AMDVI_COMPLETION_WAIT (1ull << 60)
#define AMDVI_WAIT_STORE (1ull << 0) /* bits 127:64 go to the address in 51:3 */
#define AMDVI_INVALIDATE_INTERRUPT_TABLE (5ull << 60) /* of the device id in 15:0 */
#define AMDVI_INVALIDATE_IOMMU_ALL (8ull << 60)

/* Event log entries, 2.5: the device id in bits 15:0 (none: 0), the event code in 63:60 */
struct amdvi_event {
	uint64_t low, address;
};
static_assert(sizeof(struct amdvi_event) == 16, "event");

#define AMDVI_EVENT_CODE_SHIFT 60
#define AMDVI_EVENT_INTERRUPT (1ull << 51)
#define AMDVI_EVENT_WRITE (1ull << 53)

/* Registers, 3.4; all of 64 bits */
#define AMDVI_DEVICE_TABLE 0x0000u /* base in 51:12, its 4 KiB pages - 1 in 8:0 */
#define AMDVI_COMMAND_BASE 0x0008u
#define AMDVI_LOG_BASE 0x0010u
#define AMDVI_LENGTH_256 (8ull << 56) /* of either: log2 of the entries */
#define AMDVI_CONTROL 0x0018u
#define AMDVI_EXCLUSION_BASE 0x0020u
#define AMDVI_FEATURES 0x0030u
#define AMDVI_COMMAND_HEAD 0x2000u
#define AMDVI_COMMAND_TAIL 0x2008u
#define AMDVI_LOG_HEAD 0x2010u
#define AMDVI_LOG_TAIL 0x2018u
#define AMDVI_LOG_POINTER 0xff0u /* of either: bytes, of 256 entries */
#define AMDVI_STATUS 0x2020u

#define AMDVI_CONTROL_ENABLE (1ull << 0)
#define AMDVI_CONTROL_LOG (1ull << 2)
#define AMDVI_CONTROL_LOG_INTERRUPT (1ull << 3)
#define AMDVI_CONTROL_COHERENT (1ull << 10) /* the device table is read from caches too */
#define AMDVI_CONTROL_COMMANDS (1ull << 12)
#define AMDVI_CONTROL_GA (1ull << 17) /* remapping entries have 128 bits */
#define AMDVI_CONTROL_XT (1ull << 50) /* and destinations 32 */

#define AMDVI_FEATURE_XT (1ull << 2)
#define AMDVI_FEATURE_IA (1ull << 6)
#define AMDVI_FEATURE_GA (1ull << 7)
#define AMDVI_FEATURE_HATS_SHIFT 10 /* 11:10: 0, 1, 2: up to 4, 5, 6 levels */

#define AMDVI_STATUS_LOG_OVERFLOW (1ull << 0) /* this one and the next: write 1 to clear */
#define AMDVI_STATUS_LOG_INTERRUPT (1ull << 1)
#define AMDVI_STATUS_LOG_RUNS (1ull << 3)
#define AMDVI_STATUS_COMMANDS_RUN (1ull << 4)

#endif
