# SPDX-License-Identifier: Apache-2.0
"""The runner of unit tests believes neither a dead program nor a silent one."""
import pathlib
import subprocess
import sys

import pytest

RUNNER = pathlib.Path(__file__).resolve().parents[1] / "unit" / "run.py"
PROGRAM = """
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
void *volatile kept;
static void good(void **state) { (void)state; assert_true(1); }
static void bad(void **state) { (void)state; assert_true(0); }
static void skipped(void **state) { (void)state; skip(); }
static void dies(void **state) { (void)state; abort(); }
static void leaks(void **state) { (void)state; kept = malloc(7); kept = NULL; }
int main(void)
{
	const struct CMUnitTest tests[] = { TESTS };
	(void)good; (void)bad; (void)skipped; (void)dies; (void)leaks;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
"""


def run(folder, tests):
    """(exit status, closing line) of the runner over one program with these tests."""
    listed = ", ".join(f"cmocka_unit_test({test})" for test in tests)
    (folder / "test.c").write_text(PROGRAM.replace("TESTS", listed))
    programs = folder / "unit"
    programs.mkdir()
    subprocess.run(["cc", "-fsanitize=address", folder / "test.c", "-lcmocka", "-o",
                    programs / "test"], check=True)
    done = subprocess.run([sys.executable, RUNNER, "--junit", folder / "junit", "--programs",
                           programs, programs / "test"], stdout=subprocess.PIPE, text=True,
                          check=False)
    return done.returncode, done.stdout.splitlines()[-1]


@pytest.mark.parametrize("tests, code, closing", [
    (["good", "good", "skipped"], 0, "2 passed, 0 failed, 1 skipped"),
    (["good", "bad", "skipped"], 1, "1 passed, 1 failed, 1 skipped"),
    (["good", "dies"], 1, "0 passed, 1 failed, 0 skipped"),
    (["good", "leaks"], 1, "2 passed, 1 failed, 0 skipped"),
    (["skipped"], 1, "0 passed, 0 failed, 1 skipped"),
])
def test_every_way_to_end_is_counted(tmp_path, tests, code, closing):
    assert run(tmp_path, tests) == (code, closing)
