/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about I/O ports: the permission maps open what these let pass. */
#include "gpa_map.h"
#include "rules.h"
#include "span.h"

#define PORT_SPACE 0x10000u

struct port_claim {
	const struct model_cell *cell;
	bool is_device; /* an entry of septum,devices, else of septum,io-ports */
	const struct model_device *device; /* NULL: no such device, or septum,io-ports */
	uint32_t first, count;
	struct src_pos pos;
	struct span span;
};

struct cursor {
	size_t cell, entry;
};

/*
 * Ports through which one cell could reach the whole machine.  The PM timer at
 * 608h is read-only and reads alike in every cell, so it is not among them.
 * Intel 82801IB (ICH9) datasheet, 5 and 13.8.3 (PM block at PMBASE); the PM
 * block's place is where both firmwares of the q35 board put it.
 */
static const struct {
	uint16_t first, last;
	const char *what;
} reserved[] = {
	{ 0x0020, 0x0021, "the first interrupt controller" },
	{ 0x0040, 0x0043, "the interval timer" },
	{ 0x0060, 0x0060, "the keyboard controller" },
	{ 0x0061, 0x0061, "the NMI status and control port" },
	{ 0x0064, 0x0064, "the keyboard controller, which can reset the machine" },
	{ 0x0070, 0x0071, "the real-time clock and the NMI mask" },
	{ 0x0092, 0x0092, "system control port A, which can reset the machine" },
	{ 0x00a0, 0x00a1, "the second interrupt controller" },
	{ 0x00b2, 0x00b3, "the SMI ports" },
	{ 0x04d0, 0x04d1, "the interrupt controllers' edge and level control" },
	{ 0x0510, 0x051b, "the firmware configuration device" },
	{ PORT_CELL_SLEEP, PORT_CELL_SLEEP_STATUS, "the cell's own ACPI sleep registers" },
	{ 0x0600, 0x0607, "the power management block" },
	{ 0x060c, 0x067f, "the power management block" },
	{ 0x0cf8, 0x0cff, "PCI configuration and the reset register" },
};
static_assert(PORT_CELL_RESET >= 0xcf8 && PORT_CELL_RESET <= 0xcff, "covered by the table");

static const struct model_device *device_of(const struct model *m, int index)
{
	if (index < 0 || (size_t)index >= m->device_count)
		return NULL;
	return &m->devices[index];
}

static struct port_claim claim_at(const struct model *m, const struct model_cell *cell, size_t i)
{
	struct port_claim claim = { .cell = cell, .is_device = i < cell->device_count };

	if (!claim.is_device) {
		const struct model_ports *ports = &cell->ports[i - cell->device_count];

		claim.first = ports->first;
		claim.count = ports->count;
		claim.pos = ports->pos;
		return claim;
	}
	claim.device = device_of(m, cell->devices[i].index);
	claim.pos = cell->devices[i].pos;
	if (claim.device != NULL) {
		claim.first = claim.device->port;
		claim.count = claim.device->port_count;
	}
	return claim;
}

/* Each cell's devices, then its septum,io-ports.  A device that is none has count 0. */
static bool next_given(const struct model *m, struct cursor *at, struct port_claim *claim)
{
	for (; at->cell < m->cell_count; at->cell++, at->entry = 0) {
		const struct model_cell *cell = &m->cells[at->cell];

		if (at->entry < cell->device_count + cell->port_count) {
			*claim = claim_at(m, cell, at->entry++);
			return true;
		}
	}
	return false;
}

static bool is_port_range(const struct port_claim *claim)
{
	return claim->count != 0 && claim->count <= PORT_SPACE &&
	       claim->first <= PORT_SPACE - claim->count;
}

static bool next_claim(const struct model *m, struct cursor *at, struct port_claim *claim)
{
	while (next_given(m, at, claim)) {
		if (!is_port_range(claim))
			continue;
		span_make(claim->first, claim->count, &claim->span);
		return true;
	}
	return false;
}

/* One device in two cells is the subject of dev-unique. */
static bool claims_clash(const struct port_claim *a, const struct port_claim *b)
{
	return a->cell != b->cell && (a->device == NULL || a->device != b->device) &&
	       spans_meet(a->span, b->span);
}

struct ports_text {
	char text[32];
};

/* Inside the 64 Ki ports, or it would not have come this far. */
static struct ports_text ports_text(struct span span)
{
	unsigned int first = (unsigned int)span.first, last = (unsigned int)span.last;
	struct ports_text out;

	if (first == last)
		snprintf(out.text, sizeof(out.text), "port 0x%x", first);
	else
		snprintf(out.text, sizeof(out.text), "ports 0x%x-0x%x", first, last);
	return out;
}

static void check_earlier(const struct model *m, const struct port_claim *b, size_t earlier,
			  struct diag_sink *sink)
{
	struct cursor at = { 0 };
	struct port_claim a;

	while (earlier-- > 0 && next_claim(m, &at, &a))
		if (claims_clash(&a, b))
			diag_add(
				sink, "port-overlap", DIAG_ERROR, b->pos,
				"cell '%s': %s and %s of cell '%s' (%s) overlap; take what they share "
				"from one of the cells",
				b->cell->name, ports_text(b->span).text, ports_text(a.span).text,
				a.cell->name, pos_text(a.pos).text);
}

void rule_port_overlap(const struct model *m, struct diag_sink *sink)
{
	struct cursor at = { 0 };
	struct port_claim claim;

	for (size_t count = 0; next_claim(m, &at, &claim); count++)
		check_earlier(m, &claim, count, sink);
}

static void check_reserved(const struct port_claim *claim, struct span span, const char *what,
			   struct diag_sink *sink)
{
	if (spans_meet(claim->span, span))
		diag_add(sink, "port-reserved", DIAG_ERROR, claim->pos,
			 "cell '%s' asks for %s, but no cell may own %s (%s); leave it out",
			 claim->cell->name, ports_text(claim->span).text, ports_text(span).text,
			 what);
}

/* The monitor's console itself in septum,devices is the subject of uart-monitor. */
static void check_console_ports(const struct model *m, const struct port_claim *claim,
				struct diag_sink *sink)
{
	const struct model_device *console = device_of(m, m->monitor.console);
	struct span span;

	if (console != NULL && claim->device != console &&
	    span_make(console->port, console->port_count, &span))
		check_reserved(claim, span, "the monitor's console", sink);
}

/* BARs are placed in the host bridge's window, and a cell's are open to it. */
static void check_bridge_ports(const struct model *m, struct diag_sink *sink)
{
	struct span window, taken;

	if (!span_make(m->pci.io.base, m->pci.io.size, &window))
		return;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		taken = (struct span){ reserved[i].first, reserved[i].last };
		if (spans_meet(window, taken))
			diag_add(sink, "port-reserved", DIAG_ERROR, m->pci.pos,
				 "%s: its window, %s, covers %s (%s); leave that out of its ranges",
				 m->pci.name, ports_text(window).text, ports_text(taken).text,
				 reserved[i].what);
	}
	for (size_t i = 0; i < m->device_count; i++)
		if (m->devices[i].kind != MODEL_DEV_PCI &&
		    span_make(m->devices[i].port, m->devices[i].port_count, &taken) &&
		    spans_meet(window, taken))
			diag_add(
				sink, "port-overlap", DIAG_ERROR, m->pci.pos,
				"%s: its window, %s, covers %s of '%s' (%s); leave that out of its "
				"ranges",
				m->pci.name, ports_text(window).text, ports_text(taken).text,
				m->devices[i].name, pos_text(m->devices[i].pos).text);
}

void rule_port_reserved(const struct model *m, struct diag_sink *sink)
{
	struct cursor at = { 0 };
	struct port_claim claim;

	check_bridge_ports(m, sink);
	while (next_claim(m, &at, &claim)) {
		for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
			check_reserved(&claim, (struct span){ reserved[i].first, reserved[i].last },
				       reserved[i].what, sink);
		check_console_ports(m, &claim, sink);
	}
}

void rule_port_range(const struct model *m, struct diag_sink *sink)
{
	struct cursor at = { 0 };
	struct port_claim claim;

	while (next_given(m, &at, &claim)) {
		/* The ports of a PCI function are BARs. */
		if (is_port_range(&claim) ||
		    (claim.is_device &&
		     (claim.device == NULL || claim.device->kind == MODEL_DEV_PCI)))
			continue;
		diag_add(sink, "port-range", DIAG_ERROR, claim.pos,
			 "cell '%s': %u ports from 0x%x on are no range of I/O ports, which end at "
			 "0xffff; correct them",
			 claim.cell->name, claim.count, claim.first);
	}
}
