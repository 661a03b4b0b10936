/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the host bridge's windows, where the placer puts BARs. */
#include "rules.h"
#include "span.h"

#include <inttypes.h>

#define MESSAGE_BASE 0xfee00000u /* Intel SDM volume 3, 11.11.1 */
#define MESSAGE_BYTES 0x100000u

static void check_apart(const struct model *m, const char *rule, struct span window,
			const struct model_range *other, struct diag_sink *sink)
{
	struct span span;

	if (span_make(other->start, other->size, &span) && spans_meet(window, span))
		diag_add(sink, rule, DIAG_ERROR, m->pci.pos,
			 "%s: its window 0x%" PRIx64 "-0x%" PRIx64 " covers '%s' 0x%" PRIx64
			 "-0x%" PRIx64 " (%s); leave that out of its ranges",
			 m->pci.name, window.first, window.last, other->name, span.first, span.last,
			 pos_text(other->pos).text);
}

void rule_mmio_monitor(const struct model *m, struct diag_sink *sink)
{
	const struct model_window *const windows[] = { &m->pci.memory32, &m->pci.memory64 };
	const struct model_range messages = { .name = "interrupt messages",
					      .start = MESSAGE_BASE,
					      .size = MESSAGE_BYTES,
					      .pos = { "every x86 machine", 0 } };
	struct span span;

	for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
		const size_t before = sink->count;

		if (!span_make(windows[w]->base, windows[w]->size, &span))
			continue;
		for (size_t i = 0; i < m->mmio_count; i++)
			check_apart(m, "mmio-monitor", span, &m->mmio[i], sink);
		if (sink->count == before)
			check_apart(m, "mmio-monitor", span, &messages, sink);
	}
}

void rule_mmio_ram(const struct model *m, struct diag_sink *sink)
{
	const struct model_window *const windows[] = { &m->pci.memory32, &m->pci.memory64 };
	struct span span;

	for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++)
		for (size_t i = 0; i < m->ram_count; i++)
			if (span_make(windows[w]->base, windows[w]->size, &span))
				check_apart(m, "mmio-ram", span, &m->ram[i], sink);
}
