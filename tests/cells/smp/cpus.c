/* SPDX-License-Identifier: Apache-2.0 */
#include "cpus.h"

#include "../lib/apic.h"
#include "../lib/cpu.h"
#include "../lib/pm_timer.h"
#include "../lib/string.h"
#include "../lib/traps.h"

#include <septum/x86/cell_registers.h>

#define STACK_BYTES 8192u
#define SIGNATURE 0x5ea17e57u
#define POLL_US 20u
#define UP_US 1000000u
#define JOB_US 10000000u

struct cpu cpus[CPUS_MAX];
volatile bool nmi_hold;

static uint8_t stacks[CPUS_MAX][STACK_BYTES] __attribute__((aligned(16)));
static struct cpu *volatile starting;
static volatile bool should_stop;
static volatile uint64_t sent;
static unsigned int count;

void ap_main(void);

unsigned int cpu_self(void)
{
	uint64_t index;

	asm volatile("movq %%gs:0, %0" : "=r"(index));
	return (unsigned int)index;
}

static void on_ping(struct trap_frame *frame)
{
	struct cpu *self = &cpus[cpu_self()];

	(void)frame;
	self->pings = self->pings + 1;
	apic_eoi();
}

static void on_wake(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

static void on_nmi(struct trap_frame *frame)
{
	struct cpu *self = &cpus[cpu_self()];

	(void)frame;
	self->nmi_depth = self->nmi_depth + 1;
	if (self->nmi_depth > self->nmi_depth_most)
		self->nmi_depth_most = self->nmi_depth;
	self->nmis = self->nmis + 1;
	while (nmi_hold)
		asm volatile("pause");
	self->nmi_depth = self->nmi_depth - 1;
}

void cpus_init(unsigned int told)
{
	struct ap_record *record = (struct ap_record *)AP_RECORD;

	count = told ? told : cpuid(0xb, 1).ebx & 0xffff;
	if (count > CPUS_MAX)
		count = CPUS_MAX;
	for (unsigned int i = 0; i < CPUS_MAX; i++)
		cpus[i].index = i;
	msr_write(MSR_GS_BASE, (uintptr_t)&cpus[0]);
	trap_on(VECTOR_PING, on_ping);
	trap_on(VECTOR_WAKE, on_wake);
	trap_on(VECTOR_NMI, on_nmi);
	memcpy((void *)AP_PAGE_LOW, ap_low_start, (size_t)(ap_low_end - ap_low_start));
	memcpy((void *)AP_PAGE_HIGH, ap_high_start, (size_t)(ap_high_end - ap_high_start));
	*record = (struct ap_record){
		.signature = SIGNATURE,
		.gdt_pointer = { AP_GDT_BYTES - 1, (uint32_t)(uintptr_t)ap_gdt },
		.new_cr3 = (uint32_t)cr3_read(),
	};
}

unsigned int cpus_count(void)
{
	return count;
}

void ipi_send(uint32_t destination, uint32_t command)
{
	__atomic_fetch_add(&sent, 1, __ATOMIC_RELAXED);
	apic_send(destination, command);
}

uint64_t ipi_sent(void)
{
	return sent;
}

bool wait_for(const volatile uint64_t *counter, uint64_t value, uint32_t us)
{
	for (uint32_t waited = 0; *counter < value; waited += POLL_US) {
		if (waited >= us)
			return false;
		pm_timer_wait_us(POLL_US);
	}
	return true;
}

void cpu_init(unsigned int cpu)
{
	ipi_send(cpu, ICR_DELIVERY_INIT | ICR_LEVEL_ASSERT);
	cpus[cpu].nmi_depth = 0;
	cpus[cpu].job = NULL;
}

void cpu_sipi(unsigned int cpu, uint32_t page)
{
	struct ap_record *record = (struct ap_record *)AP_RECORD;

	starting = &cpus[cpu];
	record->stack = (uint32_t)(uintptr_t)&stacks[cpu][STACK_BYTES];
	ipi_send(cpu, ICR_DELIVERY_STARTUP | ICR_LEVEL_ASSERT | page >> 12);
}

bool cpu_came_up(unsigned int cpu, uint32_t before)
{
	for (uint32_t waited = 0; cpus[cpu].starts == before; waited += POLL_US) {
		if (waited >= UP_US)
			return false;
		pm_timer_wait_us(POLL_US);
	}
	return true;
}

/* APM volume 2, 16.5; the pause between INIT and SIPI is the PC's custom. */
bool cpu_restart(unsigned int cpu, uint32_t page)
{
	const uint32_t before = cpus[cpu].starts;

	cpu_init(cpu);
	pm_timer_wait_us(10000);
	cpu_sipi(cpu, page);
	pm_timer_wait_us(200);
	cpu_sipi(cpu, page);
	return cpu_came_up(cpu, before);
}

bool cpus_up(void)
{
	for (unsigned int i = 1; i < cpus_count(); i++)
		if (!cpus[i].starts && !cpu_restart(i, AP_PAGE_LOW))
			return false;
	return true;
}

static bool cpu_is_idle(unsigned int cpu)
{
	for (uint32_t waited = 0; cpus[cpu].job; waited += POLL_US) {
		if (waited >= JOB_US)
			return false;
		pm_timer_wait_us(POLL_US);
	}
	return true;
}

void cpu_give(unsigned int cpu, cpu_job *job)
{
	should_stop = false;
	cpus[cpu].turns = 0;
	cpus[cpu].job = job;
	ipi_send(cpu, VECTOR_WAKE);
	wait_for(&cpus[cpu].turns, 1, UP_US);
}

bool cpu_finish(unsigned int cpu)
{
	should_stop = true;
	ipi_send(cpu, VECTOR_WAKE);
	return cpu_is_idle(cpu);
}

bool cpus_should_stop(void)
{
	return should_stop;
}

bool cpu_run(unsigned int cpu, cpu_job *job)
{
	cpu_give(cpu, job);
	return cpu_is_idle(cpu);
}

static void start_record(struct cpu_start *start)
{
	start->apic_base = msr_read(MSR_APIC_BASE);
	/* only a bare machine needs this */
	if (!(start->apic_base & APIC_BASE_EXTD))
		msr_write(MSR_APIC_BASE, start->apic_base | APIC_BASE_ENABLE | APIC_BASE_EXTD);
	start->svr = msr_read(MSR_X2APIC_SVR);
	start->tpr = msr_read(MSR_X2APIC_TPR);
	start->lvt_timer = msr_read(MSR_X2APIC_LVT_TIMER);
	start->timer_init = msr_read(MSR_X2APIC_TIMER_INIT);
	start->irr = 0;
	for (uint32_t i = 0; i < 8; i++)
		start->irr |= msr_read(MSR_X2APIC_IRR0 + i);
	asm volatile("str %0; sldt %1" : "=m"(start->tr), "=m"(start->ldtr));
}

/* A CPU's whole life between two INITs: it waits for jobs. */
void ap_main(void)
{
	struct cpu *self = starting;

	start_record(&self->start);
	msr_write(MSR_GS_BASE, (uintptr_t)self);
	traps_load();
	apic_enable();
	self->starts = self->starts + 1;
	for (;;) {
		if (self->job) {
			asm volatile("sti");
			self->turns = 1;
			self->job();
			asm volatile("cli");
			self->job = NULL;
		} else {
			cpu_wait_for_interrupt();
		}
	}
}
