/* SPDX-License-Identifier: Apache-2.0 */
/* Low memory of a run without the monitor. */
#ifndef CONTROL_BARE_H
#define CONTROL_BARE_H

#define BARE_GDT 0x1000
#define BARE_GDT_BYTES 32
#define AP_PAGE 0x9000

#endif
