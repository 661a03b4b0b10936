/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about board devices and the monitor's console. */
#include "rules.h"
#include "span.h"

struct claim { /* one entry of a cell's septum,devices */
	const struct model_cell *cell;
	const struct model_ref *ref;
	const struct model_device *device;
};

static const struct model_device *device_of(const struct model *m, int index)
{
	if (index < 0 || (size_t)index >= m->device_count)
		return NULL;
	return &m->devices[index];
}

/* The claim after @c and @i in source order that names a device of the board. */
static bool next_claim(const struct model *m, size_t *c, size_t *i, struct claim *claim)
{
	for (; *c < m->cell_count; (*c)++, *i = 0) {
		while (*i < m->cells[*c].device_count) {
			claim->cell = &m->cells[*c];
			claim->ref = &claim->cell->devices[(*i)++];
			claim->device = device_of(m, claim->ref->index);
			if (claim->device != NULL)
				return true;
		}
	}
	return false;
}

void rule_dev_exists(const struct model *m, struct diag_sink *sink)
{
	for (size_t c = 0; c < m->cell_count; c++)
		for (size_t i = 0; i < m->cells[c].device_count; i++)
			if (device_of(m, m->cells[c].devices[i].index) == NULL)
				diag_add(
					sink, "dev-exists", DIAG_ERROR, m->cells[c].devices[i].pos,
					"cell '%s': entry %zu of septum,devices is no device of the "
					"board; name one of the board's device nodes",
					m->cells[c].name, i + 1);
	if (m->monitor.present && m->monitor.console == MODEL_NONE &&
	    m->monitor.console_pos.file != NULL)
		diag_add(sink, "dev-exists", DIAG_ERROR, m->monitor.console_pos,
			 "monitor: septum,console is no device of the board; name one of the "
			 "board's UARTs");
}

static bool earlier_claim(const struct model *m, const struct claim *later, struct claim *found)
{
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, found) && found->ref != later->ref)
		if (found->device == later->device)
			return true;
	return false;
}

void rule_dev_unique(const struct model *m, struct diag_sink *sink)
{
	struct claim claim, other;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim)) {
		if (!earlier_claim(m, &claim, &other))
			continue;
		if (other.cell == claim.cell)
			diag_add(sink, "dev-unique", DIAG_ERROR, claim.ref->pos,
				 "cell '%s': %s is listed twice (%s); list it once",
				 claim.cell->name, claim.device->name,
				 pos_text(other.ref->pos).text);
		else
			diag_add(
				sink, "dev-unique", DIAG_ERROR, claim.ref->pos,
				"cell '%s': %s already belongs to cell '%s' (%s); take it from one "
				"of them",
				claim.cell->name, claim.device->name, other.cell->name,
				pos_text(other.ref->pos).text);
	}
}

void rule_dev_status(const struct model *m, struct diag_sink *sink)
{
	const struct model_device *console = device_of(m, m->monitor.console);
	struct claim claim;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim))
		if (!claim.device->enabled)
			diag_add(sink, "dev-status", DIAG_ERROR, claim.ref->pos,
				 "cell '%s': %s is disabled on the board (%s); name another device",
				 claim.cell->name, claim.device->name,
				 pos_text(claim.device->pos).text);
	if (m->monitor.present && console != NULL && !console->enabled)
		diag_add(sink, "dev-status", DIAG_ERROR, m->monitor.console_pos,
			 "monitor: console %s is disabled on the board (%s); name another UART",
			 console->name, pos_text(console->pos).text);
}

static void check_compatible(const struct claim *claim, struct diag_sink *sink)
{
	const struct model_device *device = claim->device;

	switch (device->kind) {
	case MODEL_DEV_UART:
	case MODEL_DEV_PCI:
		break;
	case MODEL_DEV_PM_TIMER:
		diag_add(sink, "dev-compat", DIAG_ERROR, claim->ref->pos,
			 "cell '%s': %s (%s) is readable in every cell and owned by none; take it "
			 "out of septum,devices",
			 claim->cell->name, device->name, pos_text(device->pos).text);
		break;
	case MODEL_DEV_OTHER:
		diag_add(sink, "dev-compat", DIAG_ERROR, claim->ref->pos,
			 "cell '%s': %s (%s) is '%s', which no cell can be given by name; give its "
			 "ports by septum,io-ports",
			 claim->cell->name, device->name, pos_text(device->pos).text,
			 device->compatible != NULL ? device->compatible : "without a compatible");
		break;
	}
}

void rule_dev_compat(const struct model *m, struct diag_sink *sink)
{
	const struct model_device *console = device_of(m, m->monitor.console);
	struct claim claim;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim))
		check_compatible(&claim, sink);
	if (m->monitor.present && console != NULL && console->kind != MODEL_DEV_UART)
		diag_add(sink, "dev-compat", DIAG_ERROR, m->monitor.console_pos,
			 "monitor: console %s (%s) is no 16550 UART; name one", console->name,
			 pos_text(console->pos).text);
}

void rule_uart_monitor(const struct model *m, struct diag_sink *sink)
{
	const struct model_device *console = device_of(m, m->monitor.console);
	struct claim claim;
	size_t c = 0, i = 0;

	while (next_claim(m, &c, &i, &claim))
		if (m->monitor.present && console != NULL && claim.device == console)
			diag_add(
				sink, "uart-monitor", DIAG_ERROR, claim.ref->pos,
				"cell '%s': %s is the monitor's console (%s); give the cell another "
				"UART",
				claim.cell->name, claim.device->name,
				pos_text(m->monitor.console_pos).text);
}

/* A septum,console that names no device has a position: dev-exists refuses it. */
void rule_console_none(const struct model *m, struct diag_sink *sink)
{
	if (m->monitor.present && m->monitor.console == MODEL_NONE &&
	    m->monitor.console_pos.file == NULL)
		diag_add(sink, "console-none", DIAG_WARNING, m->monitor.pos,
			 "monitor has no console, so refusals and faults are printed nowhere; name "
			 "a UART in septum,console");
}
