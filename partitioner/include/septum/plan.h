/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: every table and constant the monitor will ever use, as data at
 * fixed host-physical addresses.  This header is the only thing that the
 * partitioner, the verifier and the monitor share.
 *
 * All integers are little-endian; every pointer is a host-physical address
 * (the monitor maps its memory one to one, so an hpa_t is also where it reads).
 * Strings are NUL-terminated and NUL-padded.
 */
#ifndef SEPTUM_PLAN_H
#define SEPTUM_PLAN_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* One-field structs, so that mixing address kinds does not compile. */
typedef struct {
	uint64_t raw;
} hpa_t; /* host-physical address, bytes */
typedef struct {
	uint64_t raw;
} gpa_t; /* guest-physical address, bytes */
typedef struct {
	uint32_t raw;
} apic_id_t; /* physical x2APIC id */

#define PLAN_MAGIC 0x4e414c504d545053ull /* "SPTMPLAN" */
#define PLAN_VERSION 3u
#define MONITOR_HEADER_MAGIC 0x524f54494e4f4d53ull /* "SMONITOR" */

#define PLAN_NAME_BYTES 32u
#define PLAN_HASH_BYTES 32u /* SHA-256 */
#define PLAN_PAGE_BYTES 4096u
#define PLAN_MAX_CPUS 256u
#define PLAN_MAX_CELLS 64u
#define PLAN_NO_CELL 0xffffffffu /* a CPU nobody owns: parked */

/*
 * The monitor carries one of these in the first 32 KiB of its text segment,
 * 8-byte aligned.  The partitioner finds it by its magic, refuses another
 * version, and fills in the addresses.
 */
struct monitor_header {
	uint64_t magic; /* MONITOR_HEADER_MAGIC */
	uint32_t version; /* PLAN_VERSION the monitor was built for */
	uint32_t reserved;
	hpa_t plan; /* filled: where struct plan starts */
	hpa_t boot_cr3; /* filled: page tables of the boot stage, below 4 GiB */
};

/* An array somewhere in the plan. */
struct plan_table {
	hpa_t base;
	uint32_t count;
	uint32_t entry_bytes; /* sizeof the entry */
};

struct plan {
	uint64_t magic; /* PLAN_MAGIC */
	uint32_t version; /* PLAN_VERSION */
	uint32_t header_bytes; /* sizeof(struct plan) */
	hpa_t base; /* where this struct lies */
	uint64_t size; /* bytes from base: this struct, its arrays, all tables */
	uint8_t hash[PLAN_HASH_BYTES]; /* SHA-256 of [base, base+size), these 32 bytes as zero */
	char system[PLAN_NAME_BYTES];
	char board[PLAN_NAME_BYTES];
	struct plan_table cpus; /* struct plan_cpu, a cell's CPUs adjacent, its boot CPU first */
	struct plan_table cells; /* struct plan_cell */
	struct plan_table ram; /* struct plan_ram, grouped by cell, ascending GPA */
	struct plan_table loads; /* struct plan_load, grouped by cell */
	struct plan_table owners; /* struct plan_owner, ascending, disjoint */
	hpa_t monitor_base; /* the range the system file gives to the monitor */
	uint64_t monitor_size;
	hpa_t boot_cr3; /* identity map of the first 4 GiB for the boot stage */
	hpa_t boot_page; /* one page below 1 MiB: the APs' real-mode start */
	hpa_t crash; /* crash records: PLAN_CRASH_BYTES per CPU, in plan order */
	uint64_t crash_size;
	uint16_t console_port; /* monitor's UART, first I/O port; 0 = none */
	uint16_t console_divisor; /* 16550 divisor latch; 1 = 115200 baud */
	uint16_t pm_timer_port; /* ACPI PM timer, 32-bit I/O port */
	uint16_t pm_timer_bits; /* 24 or 32 */
	uint32_t phys_bits; /* physical address width the tables rely on */
	uint32_t cpu_features; /* PLAN_FEATURE_*: what every CPU must have */
	uint32_t prepare_seconds; /* longest wait for the slowest CPU to scrub and load its cell */
	uint32_t reserved;
	hpa_t ioapic; /* MMIO of the I/O APIC: unowned pins are masked; 0 = none */
	struct plan_table pins; /* struct plan_pin, grouped by cell, ascending */
	/* These three in plan_pci.h. */
	struct plan_table config; /* struct plan_config_step, in the order of execution */
	struct plan_table functions; /* struct plan_function, grouped by cell */
	struct plan_table iommus; /* struct plan_iommu */
	hpa_t ecam; /* PCI configuration space, of bus 0; 0 = none */
};

#define PLAN_FEATURE_SVM (1u << 0)
#define PLAN_FEATURE_NPT (1u << 1)
#define PLAN_FEATURE_X2APIC (1u << 2)
#define PLAN_FEATURE_NX (1u << 3)
#define PLAN_FEATURE_1G_PAGES (1u << 4)
#define PLAN_FEATURE_VMX (1u << 5)
#define PLAN_FEATURE_EPT (1u << 6)
#define PLAN_FEATURE_EPT_1G (1u << 7) /* EPT can map 1 GiB pages */
/* A board with both SVM and VMX is one image for two machines: each CPU must have one of them. */

/*
 * A CPU's private read-write block: nothing in it but the mailbox is mapped by
 * any other CPU.
 * The guard page is mapped by nobody: a stack that overflows resets the machine
 * (the fault finds no stack either) instead of writing into the state below it.
 * It cannot overflow by construction: no recursion, frames of at most 1 KiB.
 */
#define CPU_BLOCK_STATE 0x0000u /* the monitor's struct cpu (private layout) */
#define CPU_BLOCK_COUNTERS 0x1000u /* struct plan_counters */
#define CPU_BLOCK_CONTROL 0x2000u /* the running VMCB or VMCS */
#define CPU_BLOCK_HOST 0x3000u /* VM_HSAVE_PA, or the VMXON region */
#define CPU_BLOCK_IDT 0x4000u /* 256 gates */
#define CPU_BLOCK_GUARD 0x5000u
#define CPU_BLOCK_STACK 0x6000u
#define CPU_BLOCK_STACK_TOP 0x9000u
/* The one page of a block that the other CPUs of the same cell map too, read-write. */
#define CPU_BLOCK_MAILBOX 0x9000u
#define CPU_BLOCK_BYTES 0xa000u

struct plan_cpu {
	apic_id_t apic_id;
	uint32_t cell; /* index into cells, or PLAN_NO_CELL */
	uint32_t virtual_id; /* x2APIC id the cell sees: 0 .. n-1 */
	uint32_t reserved;
	hpa_t cr3; /* the monitor's page tables on this CPU, below 4 GiB */
	hpa_t block; /* CPU_BLOCK_BYTES of private memory */
	hpa_t crash; /* PLAN_CRASH_BYTES of this CPU's crash record */
};

/* What a nested page fault in an address nobody owns does to the cell. */
enum plan_hole_policy {
	PLAN_HOLE_STOP = 0, /* record, stop the cell */
	PLAN_HOLE_ONES = 1, /* reads give all-ones, writes are dropped, counted */
};

struct plan_cell {
	char name[PLAN_NAME_BYTES];
	uint32_t first_cpu; /* index into cpus */
	uint32_t cpu_count;
	uint32_t first_ram; /* index into ram */
	uint32_t ram_count;
	uint32_t first_load; /* index into loads */
	uint32_t load_count;
	uint32_t hole_policy; /* enum plan_hole_policy */
	uint16_t sleep_port; /* ACPI Sleep Control register of the cell (8 bit) */
	uint16_t reset_port; /* ACPI reset register of the cell (8 bit) */
	uint8_t reset_value; /* value that means reset */
	uint8_t reserved[3];
	uint32_t flags; /* PLAN_CELL_* */
	uint32_t first_pin; /* index into pins */
	uint32_t pin_count;
	uint32_t first_function; /* index into functions */
	uint32_t function_count;
	uint64_t
		boot_gprs[8]; /* RAX RCX RDX RBX RSP RBP RSI RDI at the first instruction; RSP: 0 */
	/*
	 * One page each; 0 if the board has no such CPU.  "entry" is the payload's
	 * first instruction on the cell's first CPU, "init" what a CPU is after
	 * INIT, where a SIPI starts it (CS follows from the SIPI's vector).
	 */
	hpa_t vmcb_entry, vmcb_init; /* struct vmcb */
	hpa_t vmcs_entry, vmcs_init; /* struct vmcs_template */
};

#define PLAN_CELL_OWNS_NMI (1u << 0) /* the machine's NMI line (LINT1) is this cell's */

/* A pin of the I/O APIC and the one cell that owns it. */
struct plan_pin {
	uint32_t pin; /* also its GSI */
	uint32_t cell;
	uint32_t flags; /* PLAN_PIN_* */
	uint32_t remap_index; /* as the pin's entry names it; AMD-Vi: level pins add the vector */
	hpa_t remap; /* its remapping entry, in a page of its cell's; level pins on AMD-Vi: of vector 0; 0: none */
};

#define PLAN_PIN_LEVEL (1u << 0) /* level triggered; else edge */
#define PLAN_PIN_ACTIVE_LOW (1u << 1)

#define PLAN_RIGHT_READ (1u << 0)
#define PLAN_RIGHT_WRITE (1u << 1)
#define PLAN_RIGHT_EXEC (1u << 2)

struct plan_ram {
	gpa_t gpa;
	hpa_t hpa;
	uint64_t size; /* bytes, multiple of 4 KiB */
	uint32_t rights; /* PLAN_RIGHT_* */
	uint32_t reserved;
};

/* One piece of a cell's initial memory: copied from the golden store. */
struct plan_load {
	char name[PLAN_NAME_BYTES];
	hpa_t source; /* in the golden store, page aligned */
	gpa_t dest;
	uint64_t size; /* bytes */
	uint8_t hash[PLAN_HASH_BYTES]; /* SHA-256 of the bytes */
};

enum plan_owner_kind {
	PLAN_OWNER_MONITOR = 1, /* text, plan, golden store, CPU blocks, boot page, crash */
	PLAN_OWNER_CELL_RAM = 2,
	PLAN_OWNER_DEVICE = 3, /* board MMIO: local APIC, I/O APIC, ECAM, ... */
	PLAN_OWNER_FIRMWARE = 4,
};

/*
 * Who owns a host-physical range: lets a report say whose memory was aimed at,
 * and lets the board check ask for RAM where RAM must be (MONITOR, CELL_RAM).
 */
struct plan_owner {
	hpa_t start;
	uint64_t size; /* bytes */
	uint32_t kind; /* enum plan_owner_kind */
	uint32_t cell; /* index into cells, or PLAN_NO_CELL */
	char name[PLAN_NAME_BYTES];
};

/*
 * Exits by reason, per CPU, written only by that CPU.  Which reason a cell can
 * take at all is settled by its permission maps and intercepts.
 */
enum plan_exit {
	PLAN_EXIT_CPUID,
	PLAN_EXIT_MSR_EMULATED, /* a whitelisted MSR that needs the monitor */
	PLAN_EXIT_MSR_DENIED, /* #GP delivered */
	PLAN_EXIT_PORT_DENIED, /* unowned port: all-ones or dropped */
	PLAN_EXIT_PORT_EVENT, /* reset and sleep ports */
	PLAN_EXIT_CONTROL_REGISTER,
	PLAN_EXIT_XSETBV,
	PLAN_EXIT_CACHE, /* WBINVD, INVD: no-op */
	PLAN_EXIT_DENIED_INSN, /* virtualization and other hidden instructions: #UD */
	PLAN_EXIT_EXCEPTION, /* #DB, #AC: reinjected */
	PLAN_EXIT_NMI, /* the cell's own */
	PLAN_EXIT_HOLE, /* nested page fault in nobody's address, policy "ones" */
	PLAN_EXIT_IPI, /* x2APIC ICR write */
	PLAN_EXIT_IPI_DENIED, /* ICR write to a CPU outside the cell: dropped */
	PLAN_EXIT_KICK, /* another CPU of the cell has a request: INIT, SIPI, NMI, stop */
	PLAN_EXIT_NMI_WINDOW, /* the cell can take the NMI that waits for it */
	PLAN_EXIT_IOAPIC, /* the cell configures its interrupt pins */
	PLAN_EXIT_PCI, /* the cell writes to configuration space */
	PLAN_EXIT_MESSAGE, /* the cell writes to an MSI-X table, or beside it */
	PLAN_EXIT_MACHINE_CHECK, /* corrected, or another cell's */
	PLAN_EXIT_FATAL, /* the exit that ended the cell */
	PLAN_EXIT_KINDS
};

#define PLAN_COUNTERS_MAGIC 0x52544e434d545053ull /* "SPTMCNTR" */

enum plan_cpu_state {
	PLAN_CPU_OFF = 0,
	PLAN_CPU_READY = 1, /* in the monitor, waiting for the start */
	PLAN_CPU_RUNNING = 2,
	PLAN_CPU_STOPPED = 3,
	PLAN_CPU_PARKED = 4,
	PLAN_CPU_WAITING = 5, /* in the monitor, after INIT, until its cell sends a SIPI */
};

struct plan_counters {
	uint64_t magic; /* PLAN_COUNTERS_MAGIC once the CPU is up */
	uint32_t state; /* enum plan_cpu_state */
	uint32_t stop_event; /* enum plan_event once stopped */
	uint64_t launch_tsc; /* TSC just before the cell's first instruction */
	uint64_t exits[PLAN_EXIT_KINDS];
	uint64_t last_code; /* hardware exit code of the last exit */
	uint64_t last_info1; /* its EXITINFO1, or exit qualification */
	uint64_t last_info2; /* its EXITINFO2, or guest-physical address */
};

/* Health events: why a cell was stopped. */
enum plan_event {
	PLAN_EVENT_NONE = 0,
	PLAN_EVENT_FOREIGN_ACCESS, /* nested fault on monitor, foreign RAM or device */
	PLAN_EVENT_HOLE_ACCESS, /* nested fault in nobody's address, policy "stop" */
	PLAN_EVENT_TRIPLE_FAULT,
	PLAN_EVENT_RESET, /* the cell asked for a reset */
	PLAN_EVENT_POWEROFF, /* the cell asked to be switched off */
	PLAN_EVENT_INIT,
	PLAN_EVENT_ENTRY_FAILED, /* the processor refused the VMCB or VMCS */
	PLAN_EVENT_UNKNOWN_EXIT,
	PLAN_EVENT_BAD_STATE, /* our check refused the state before launch */
	PLAN_EVENT_UNDECODABLE, /* an access to a hole that the decoder does not know */
	PLAN_EVENT_MACHINE_CHECK, /* #MC while the cell ran */
	PLAN_EVENT_PEER, /* another CPU of the cell was stopped */
	PLAN_EVENT_TASK_SWITCH, /* a hardware task switch, which VMX cannot do */
	PLAN_EVENT_DMA_FAULT, /* one of its functions reached for what is not the cell's */
	PLAN_EVENT_KINDS
};

#define PLAN_CRASH_BYTES 4096u
#define PLAN_CRASH_MAGIC 0x48535243u /* "CRSH" */
#define PLAN_CRASH_SLOTS 8u /* a ring: oldest overwritten */

/* One record of a contained fault; survives a warm reset where RAM does. */
struct plan_crash_record {
	uint32_t magic; /* PLAN_CRASH_MAGIC */
	uint32_t checksum; /* first four bytes of the SHA-256 of all that follows */
	uint64_t sequence; /* 1, 2, 3, ... per CPU */
	uint64_t tsc;
	uint32_t event; /* enum plan_event */
	apic_id_t apic_id;
	char cell[PLAN_NAME_BYTES];
	uint64_t address; /* what the access aimed at (GPA), or 0 */
	uint64_t code, info1, info2; /* hardware exit code and qualification */
	uint64_t rip, rsp, rflags, cr0, cr3, cr4, efer;
	uint64_t gprs[16]; /* RAX RCX RDX RBX RSP RBP RSI RDI R8..R15 */
	uint8_t plan_hash[PLAN_HASH_BYTES]; /* which image wrote it */
};

#endif /* SEPTUM_PLAN_H */
