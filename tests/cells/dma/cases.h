/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DMA_CASES_H
#define DMA_CASES_H

#include "edu.h"

#include "../lib/orders.h"

/** the_device() - this cell's. */
const struct edu *the_device(void);

extern const struct test_case memory_cases[], interrupt_cases[], config_cases[], disk_cases[],
	cost_cases[];

/** disk_message_write() - what the first entry sends, of the disk controller's MSI-X table. */
void disk_message_write(uint32_t value);

#endif
