/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEPTUM_X86_SVM_CR4_H
#define SEPTUM_X86_SVM_CR4_H

#include <stdbool.h>
#include <stdint.h>

/**
 * cr4_valid() - may a cell load this CR4?
 * @allowed: bits that exist and are not hidden.  @efer, @cr3: the cell's.
 */
bool cr4_valid(uint64_t old, uint64_t value, uint64_t allowed, uint64_t efer, uint64_t cr3);

#endif
