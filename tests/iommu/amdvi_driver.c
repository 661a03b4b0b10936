/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor's AMD-Vi driver, alone on the bare emulator; prints what it found. */
#include "console.h"
#include "iommu.h"
#include "traps.h"

#include <septum/x86/amdvi_tables.h>

#define EDU 0x40u /* requester id */
#define EDU_BAR 0xe0000000u
#define FUNCTIONS 256u
#define FAULTS 260u /* more than the log has entries */
#define UNIT_REGISTERS 0xfed80000u

void cell_main(uint64_t boot_argument);
void log_line(const char *format, const char *unit, const char *what);
void arch_fill(void *dest, uint64_t bytes);

static volatile unsigned int nmis, arrived[256];
static struct amdvi_dte device_tables[2][FUNCTIONS] __attribute__((aligned(4096)));
static struct amdvi_irte remap[64] __attribute__((aligned(4096)));
static uint8_t queue[PLAN_IOMMU_QUEUE_BYTES] __attribute__((aligned(4096)));

/* Stands for the monitor's; all of the driver's refusals have an address and a text. */
void log_line(const char *format, const char *unit, const char *what)
{
	(void)format;
	(void)unit;
	console_format("refused: %s\n", what);
}

void arch_fill(void *dest, uint64_t bytes)
{
	__asm__ volatile("rep stosb" : "+D"(dest), "+c"(bytes) : "a"(0) : "memory");
}

static void on_nmi(struct trap_frame *frame)
{
	(void)frame;
	nmis++;
}

static void on_interrupt(struct trap_frame *frame)
{
	arrived[frame->vector & 0xff]++;
	__asm__ volatile("wrmsr" : : "c"(0x80b), "a"(0), "d"(0)); /* EOI */
}

static uint32_t config_read(uint32_t rid, uint32_t offset)
{
	uint32_t value;

	__asm__ volatile("outl %0, %1"
			 :
			 : "a"(1u << 31 | rid << 8 | offset), "Nd"((uint16_t)0xcf8));
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"((uint16_t)0xcfc));
	return value;
}

static void config_write(uint32_t rid, uint32_t offset, uint32_t value)
{
	__asm__ volatile("outl %0, %1"
			 :
			 : "a"(1u << 31 | rid << 8 | offset), "Nd"((uint16_t)0xcf8));
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"((uint16_t)0xcfc));
}

static void wait_a_little(void)
{
	for (volatile unsigned int i = 0; i < 100000; i++)
		;
}

/* edu's MSI capability lies at 40h; its registers 60h and 64h raise and lower. */
static void send(const char *when)
{
	uint32_t low, data;

	amdvi_driver.message(5, &low, &data);
	config_write(EDU, 0x44, low);
	config_write(EDU, 0x48, 0);
	config_write(EDU, 0x4c, data);
	config_write(EDU, 0x40, config_read(EDU, 0x40) | 1u << 16);
	*(volatile uint32_t *)(uintptr_t)(EDU_BAR + 0x60) = 1;
	*(volatile uint32_t *)(uintptr_t)(EDU_BAR + 0x64) = 1;
	wait_a_little();
	console_format("%s: %u %u\n", when, arrived[0x51], arrived[0x52]);
}

static void route(const struct plan_iommu *unit, uint32_t vector)
{
	const struct iommu_route to = { .vector = vector };

	amdvi_driver.route(unit, (hpa_t){ (uintptr_t)&remap[5] }, &to);
	amdvi_driver.flush(unit, EDU, 5, 1);
}

/* The emulator logs nothing: its part is played here. */
static unsigned int play_faults(const struct plan_iommu *unit)
{
	volatile struct amdvi_event *log = (volatile void *)(queue + PLAN_IOMMU_LOG);
	unsigned int right = 0;

	for (unsigned int i = 0; i < FAULTS; i++) {
		struct iommu_fault fault;

		log[i % 256].address = 0x123000 + i;
		log[i % 256].low = 2ull << AMDVI_EVENT_CODE_SHIFT | AMDVI_EVENT_WRITE | 0x48;
		right += amdvi_driver.fault(unit, &fault) && fault.rid == 0x48 &&
			 fault.address == 0x123000 + i && fault.reason == 2 && fault.is_write &&
			 !fault.is_interrupt && !amdvi_driver.fault(unit, &fault);
	}
	return right;
}

/* A completion wait with its interrupt bit is the one message that the emulator's unit sends. */
static void ask_for_interrupt(void)
{
	volatile uint64_t *tail = (volatile uint64_t *)(UNIT_REGISTERS + AMDVI_COMMAND_TAIL);
	const uint64_t at = *tail;
	volatile struct amdvi_command *command = (volatile void *)(queue + at);

	command->low = AMDVI_COMPLETION_WAIT | 1u << 1;
	command->high = 0;
	*tail = (at + sizeof(*command)) % 4096;
	wait_a_little();
}

static uint32_t find_unit(void)
{
	for (uint32_t rid = 0; rid < FUNCTIONS; rid++)
		if (config_read(rid, 8) >> 16 == 0x0806)
			return rid;
	return 0;
}

static void set_up(void)
{
	console_init(UART_COM1);
	trap_on(VECTOR_NMI, on_nmi);
	trap_on(0x51, on_interrupt);
	trap_on(0x52, on_interrupt);
	__asm__ volatile("wrmsr" : : "c"(0x80f), "a"(0x1ff), "d"(0)); /* the local APIC is on */
	__asm__ volatile("sti");
	config_write(EDU, 0x10, EDU_BAR);
	config_write(EDU, 0x04, 6);
	for (unsigned int i = 0; i < FUNCTIONS; i++)
		device_tables[0][i] = device_tables[1][i] = (struct amdvi_dte){
			.dma = AMDVI_DTE_V | AMDVI_DTE_TV, .interrupts = AMDVI_DTE_IV
		};
	device_tables[1][EDU].interrupts |= AMDVI_DTE_INTCTL_REMAP | (uintptr_t)remap |
					    6u << AMDVI_DTE_TABLE_LENGTH_SHIFT;
}

void cell_main(uint64_t boot_argument)
{
	struct plan_iommu unit = {
		.kind = PLAN_IOMMU_AMDVI,
		.registers = { UNIT_REGISTERS },
		.features = PLAN_IOMMU_REMAP | PLAN_IOMMU_X2APIC | PLAN_IOMMU_LEVELS_4,
		.deny = { (uintptr_t)device_tables[0] },
		.live = { (uintptr_t)device_tables[1] },
		.table_bytes = sizeof(device_tables[0]),
		.queue = { (uintptr_t)queue },
	};
	struct iommu_fault fault;

	(void)boot_argument;
	set_up();
	unit.rid = find_unit();
	console_format("check: %u\n", amdvi_driver.check(&unit));
	console_format("start: %u\n", amdvi_driver.start(&unit));
	route(&unit, 0x51);
	send("denied");
	console_format("live: %u\n", amdvi_driver.live(&unit));
	send("routed");
	route(&unit, 0x52);
	send("rerouted");
	route(&unit, 0);
	send("blocked");
	for (unsigned int i = 0; i < 1000; i++)
		route(&unit, 0);
	console_format("fault: %u\n", amdvi_driver.fault(&unit, &fault));
	console_format("faults: %u\n", play_faults(&unit));
	ask_for_interrupt();
	console_format("nmis: %u\nend\n", nmis);
}
