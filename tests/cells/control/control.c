/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control run: the heartbeat's code on CPU 0 and a load on CPU 1 of the
 * bare emulator, with no monitor between.  What the beats suffer here, the
 * emulator does; a cell under Septum must not suffer more.
 */
#include "../lib/apic.h"
#include "../lib/beat.h"
#include "../lib/boot_word.h"
#include "../lib/console.h"
#include "../lib/cpu.h"
#include "../lib/loads.h"
#include "../lib/pm_timer.h"
#include "../lib/string.h"
#include "../lib/traps.h"
#include "bare.h"

extern const uint8_t ap_page_start[], ap_page_end[];

void cell_main(uint64_t boot_argument);
void ap_main(void);

static load *volatile ap_load;

void ap_main(void)
{
	traps_load();
	ap_load();
}

/* INIT-SIPI-SIPI: APM volume 2, 16.5 */
static void ap_start(uint32_t apic_id)
{
	memcpy((void *)(uintptr_t)AP_PAGE, ap_page_start, (size_t)(ap_page_end - ap_page_start));
	apic_send(apic_id, ICR_DELIVERY_INIT | ICR_LEVEL_ASSERT);
	pm_timer_wait_us(10000);
	for (int i = 0; i < 2; i++) {
		apic_send(apic_id, ICR_DELIVERY_STARTUP | ICR_LEVEL_ASSERT | AP_PAGE >> 12);
		pm_timer_wait_us(200);
	}
}

void cell_main(uint64_t boot_argument)
{
	const char *word = boot_word(boot_argument), *name = word && *word ? word : "halt";

	console_init(UART_COM2);
	ap_load = load_find(name);
	if (!ap_load) {
		console_format("control: unknown load '%s'\n", name);
		return;
	}
	console_format("control: load %s\n", name);
	apic_enable();
	ap_start(1);
	beat_forever(UART_COM2);
}
