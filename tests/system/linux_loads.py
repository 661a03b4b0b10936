# SPDX-License-Identifier: Apache-2.0
"""Loads that a shell makes without starting programs, whose C library asks CPUID.

Each is one line that ends by itself.
"""

# Two shells on two CPUs wake each other in turn; the idle one is woken by an interrupt.
IPIS = ("rm -f /tmp/there /tmp/back; mkfifo /tmp/there /tmp/back; exec 3<>/tmp/there 4<>/tmp/back; "
        "(while read x <&3; do echo $x >&4; [ $x = end ] && break; done) & "
        "taskset -p 2 $! >/dev/null; taskset -p 1 $$ >/dev/null; "
        "i=0; while [ $i -lt {rounds} ]; do echo $i >&3; read x <&4; i=$((i+1)); done; "
        "echo end >&3; read x <&4; wait; taskset -p 3 $$ >/dev/null")

# A timeout on every CPU each millisecond.
TIMERS = ("rm -f /tmp/never; mkfifo /tmp/never; exec 5<>/tmp/never; for m in 1 2; do "
          "(i=0; while [ $i -lt {rounds} ]; do read -t 0.001 x <&5; i=$((i+1)); done) & "
          "taskset -p $m $! >/dev/null; done; wait")

COMPUTING = ("for m in 1 2; do (i=0; while [ $i -lt {rounds} ]; do i=$((i+1)); done) & "
             "taskset -p $m $! >/dev/null; done; wait")
