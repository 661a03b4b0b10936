/* SPDX-License-Identifier: Apache-2.0 */
/* The victim of every test: a timer interrupt 20 times a second, for ever. */
#include "../lib/beat.h"
#include "../lib/console.h"

void cell_main(uint64_t boot_argument);

void cell_main(uint64_t boot_argument)
{
	(void)boot_argument;
	beat_forever(UART_COM2);
}
