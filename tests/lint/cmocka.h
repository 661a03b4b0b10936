/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmocka as the analyzers of `make lint' see it.  They cannot know that a failed
 * assertion does not return, for it ends in a function of a library; here it
 * ends in abort().
 */
#ifndef SEPTUM_TESTS_LINT_CMOCKA_H
#define SEPTUM_TESTS_LINT_CMOCKA_H

#include_next <cmocka.h>

#include <stdlib.h>

#undef assert_true
#undef assert_false
#undef assert_non_null
#undef assert_null
#undef assert_int_equal
#undef assert_int_not_equal
#undef assert_ptr_equal
#undef fail

#define assert_true(c) ((c) ? (void)0 : abort())
#define assert_false(c) ((c) ? abort() : (void)0)
#define assert_non_null(p) assert_true((p) != NULL)
#define assert_null(p) assert_true((p) == NULL)
#define assert_int_equal(a, b) assert_true((unsigned long)(a) == (unsigned long)(b))
#define assert_int_not_equal(a, b) assert_false((unsigned long)(a) == (unsigned long)(b))
#define assert_ptr_equal(a, b) assert_true((const void *)(a) == (const void *)(b))
#define fail() abort()

#endif
