/* SPDX-License-Identifier: Apache-2.0 */
/* Segment selectors of the monitor's GDT (head.S). */
#ifndef SEPTUM_X86_SELECTORS_H
#define SEPTUM_X86_SELECTORS_H

#define SELECTOR_CODE32 0x08
#define SELECTOR_CODE64 0x10
#define SELECTOR_DATA 0x18
#define GDT_LIMIT 0x1f

#endif
