/* SPDX-License-Identifier: Apache-2.0 */
/* Segment selectors of cell_gdt; the first two equal those of the boot GDT. */
#ifndef CELL_SELECTORS_H
#define CELL_SELECTORS_H

#define SEL_CODE 0x10
#define SEL_DATA 0x18
#define SEL_USER_DATA 0x23 /* RPL 3 */
#define SEL_USER_CODE 0x2b
#define SEL_TSS 0x30

#endif
