/* SPDX-License-Identifier: Apache-2.0 */
/* What a cell may load into the registers that switch modes. Pure. */
#ifndef SEPTUM_X86_CONTROL_REGISTERS_H
#define SEPTUM_X86_CONTROL_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * efer_write() - the EFER that follows from a cell's write (APM volume 2, 3.1.7).
 * @old: the real one; @allowed: bits a cell may set; @paging: is CR0.PG set?
 * Return: false: #GP.
 */
bool efer_write(uint64_t old, uint64_t value, uint64_t allowed, bool paging, uint64_t *next);

#endif
