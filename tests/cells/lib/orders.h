/* SPDX-License-Identifier: Apache-2.0 */
/* A cell that takes orders: reads the name of a case from its UART and runs it. */
#ifndef CELL_ORDERS_H
#define CELL_ORDERS_H

#include <stddef.h>
#include <stdint.h>

/* One case; @argument is the rest of the command line, "" if none. */
struct test_case {
	const char *name; /* NULL ends a table */
	void (*run)(const char *argument);
};

/**
 * orders_forever() - "WHO: ready", then one case after the other; the local
 * APIC's timer wakes the CPU to look at the UART.
 * @port: the cell's UART; @tables: @count tables of cases
 */
void orders_forever(const char *who, uint16_t port, const struct test_case *const *tables,
		    size_t count) __attribute__((noreturn));

#endif
