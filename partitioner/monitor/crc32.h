/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEPTUM_MONITOR_CRC32_H
#define SEPTUM_MONITOR_CRC32_H

#include <stddef.h>
#include <stdint.h>

/** crc32() - IEEE 802.3 (reflected polynomial EDB88320h), bit by bit: it guards 300 bytes. */
uint32_t crc32(const void *data, size_t bytes);

#endif
