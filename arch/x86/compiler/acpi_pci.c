/* SPDX-License-Identifier: Apache-2.0 */
#include "acpi_pci.h"

#include "cell_functions.h"

#include <inttypes.h>
#include <stdlib.h>

static int by_place(const void *left, const void *right)
{
	const struct acpi_pci_window *a = left, *b = right;

	if (a->io != b->io)
		return a->io ? -1 : 1;
	return (a->base > b->base) - (a->base < b->base);
}

static bool joins(const struct acpi_pci_window *a, const struct acpi_pci_window *b)
{
	return a->io == b->io && a->prefetchable == b->prefetchable && a->base + a->size == b->base;
}

void acpi_pci_sort_windows(struct acpi_pci *pci)
{
	struct acpi_pci_window *windows = pci->windows;
	size_t n = 0;

	if (pci->window_count == 0)
		return;
	qsort(windows, pci->window_count, sizeof(*windows), by_place);
	for (size_t i = 1; i < pci->window_count; i++) {
		if (joins(&windows[n], &windows[i]))
			windows[n].size += windows[i].size;
		else
			windows[++n] = windows[i];
	}
	pci->window_count = n + 1;
}

/* All ports are 16 bit wide: iasl refuses more. */
static void write_io(FILE *out, const struct acpi_pci_window *w)
{
	fprintf(out,
		"\t\t\t\tWordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, "
		"0x%04" PRIX64 ", 0x%04" PRIX64 ", 0, 0x%04" PRIX64 ")\n",
		w->base, w->base + (w->size - 1), w->size);
}

/*
 * Linux puts no other than a prefetchable BAR into a
 * prefetchable window, so each window says what its BARs are.
 */
static void write_memory(FILE *out, const struct acpi_pci_window *w, const char *role)
{
	const uint64_t last = w->base + (w->size - 1);
	const bool low = last <= UINT32_MAX && w->size <= UINT32_MAX;
	const int digits = low ? 8 : 16;

	fprintf(out,
		"\t\t\t\t%sMemory (%s, PosDecode, MinFixed, MaxFixed, %s, ReadWrite, 0, "
		"0x%0*" PRIX64 ", 0x%0*" PRIX64 ", 0, 0x%0*" PRIX64 ")\n",
		low ? "DWord" : "QWord", role, w->prefetchable ? "Prefetchable" : "NonCacheable",
		digits, w->base, digits, last, digits, w->size);
}

/*
 * ACPI 6.3, 6.2.13: the form without link devices.  Reads of the Interrupt Pin register
 * reach the hardware, where a function may be on any pin; as it is the only one
 * in its slot, all four lead to its line.
 *
 * Linux takes such an entry as level, active low, whatever the board has: the
 * monitor sets the line's real trigger and polarity, so no entry needs to say.
 */
static void write_routes(FILE *out, const struct acpi_pci *pci)
{
	if (pci->route_count == 0)
		return;
	fprintf(out, "\t\t\tName (_PRT, Package ()\n\t\t\t{\n");
	for (size_t i = 0; i < pci->route_count; i++)
		for (unsigned int pin = 0; pin < 4; pin++)
			fprintf(out, "\t\t\t\tPackage () { 0x%04XFFFF, %u, 0, %u },\n",
				pci->routes[i].slot, pin, pci->routes[i].gsi);
	fprintf(out, "\t\t\t})\n");
}

/*
 * No _OSC: Linux then leaves hot plug, power management events, error reporting
 * and ASPM of PCI Express alone, none of which a cell could have.
 */
static void write_bridge(FILE *out, const struct acpi_pci *pci)
{
	fprintf(out, "\t\tDevice (PCI0)\n\t\t{\n"
		     "\t\t\tName (_HID, EisaId (\"PNP0A08\"))\n"
		     "\t\t\tName (_CID, EisaId (\"PNP0A03\"))\n"
		     "\t\t\tName (_UID, 0)\n"
		     "\t\t\tName (_SEG, 0)\n"
		     "\t\t\tName (_BBN, 0)\n"
		     "\t\t\tName (_CRS, ResourceTemplate ()\n\t\t\t{\n"
		     "\t\t\t\tWordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, "
		     "0, 0, 0, 1)\n");
	for (size_t i = 0; i < pci->window_count; i++) {
		if (pci->windows[i].io)
			write_io(out, &pci->windows[i]);
		else
			write_memory(out, &pci->windows[i], "ResourceProducer");
	}
	fprintf(out, "\t\t\t})\n");
	write_routes(out, pci);
	fprintf(out, "\t\t}\n");
}

/*
 * PCI Firmware Specification 3.2, 4.1.2: the window that MCFG names must be a
 * resource of the motherboard.  Linux refuses MCFG else, and has no other way
 * to configuration space in a cell.
 */
static void write_motherboard(FILE *out, uint64_t ecam)
{
	const struct acpi_pci_window window = { .base = ecam, .size = CELL_ECAM_BYTES };

	fprintf(out, "\t\tDevice (MBRD)\n\t\t{\n"
		     "\t\t\tName (_HID, EisaId (\"PNP0C02\"))\n"
		     "\t\t\tName (_UID, 0)\n"
		     "\t\t\tName (_CRS, ResourceTemplate ()\n\t\t\t{\n");
	write_memory(out, &window, "ResourceConsumer");
	fprintf(out, "\t\t\t})\n\t\t}\n");
}

void acpi_pci_write(FILE *out, const struct acpi_pci *pci)
{
	write_bridge(out, pci);
	write_motherboard(out, pci->ecam);
}
