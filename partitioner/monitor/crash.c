/* SPDX-License-Identifier: Apache-2.0 */
#include "crash.h"

#include "log.h"
#include "plan_view.h"
#include "sha256.h"

static uint32_t checksum(const struct plan_crash_record *record)
{
	const size_t skip = offsetof(struct plan_crash_record, sequence);
	uint32_t digest[PLAN_HASH_BYTES / 4];
	struct sha256 hash;

	sha256_start(&hash);
	sha256_add(&hash, (const uint8_t *)record + skip, sizeof(*record) - skip);
	sha256_end(&hash, (uint8_t *)digest);
	return digest[0];
}

bool crash_record_valid(const struct plan_crash_record *record)
{
	return record->magic == PLAN_CRASH_MAGIC && record->checksum == checksum(record);
}

void crash_record_store(struct plan_crash_record *ring, const struct plan_crash_record *record)
{
	uint64_t newest = 0;
	struct plan_crash_record *slot;

	for (uint32_t i = 0; i < PLAN_CRASH_SLOTS; i++)
		if (crash_record_valid(&ring[i]) && ring[i].sequence > newest)
			newest = ring[i].sequence;
	slot = &ring[newest % PLAN_CRASH_SLOTS];
	*slot = *record;
	slot->sequence = newest + 1;
	slot->checksum = checksum(slot);
	slot->magic = PLAN_CRASH_MAGIC;
}

static void print(const struct plan *plan, const struct plan_crash_record *record)
{
	char cell[PLAN_NAME_BYTES];

	/* The checksum holds, but the name may still lack its NUL: another image wrote it. */
	for (uint32_t i = 0; i < PLAN_NAME_BYTES - 1; i++)
		cell[i] = record->cell[i] >= ' ' && record->cell[i] <= '~' ? record->cell[i] : '\0';
	cell[PLAN_NAME_BYTES - 1] = '\0';
	log_line("crash record: cell '%s' %s at address 0x%lx, RIP 0x%lx, APIC id %u, "
		 "exit code 0x%lx info 0x%lx 0x%lx%s",
		 cell, plan_event_name(record->event), record->address, record->rip,
		 record->apic_id.raw, record->code, record->info1, record->info2,
		 sha256_equal(record->plan_hash, plan->hash) ? "" : " (written by another image)");
}

void crash_print_all(const struct plan *plan)
{
	for (uint32_t cpu = 0; cpu < plan->cpus.count; cpu++) {
		struct plan_crash_record *ring = hpa_pointer(plan_cpus(plan)[cpu].crash);

		for (uint32_t i = 0; i < PLAN_CRASH_SLOTS; i++) {
			if (crash_record_valid(&ring[i]))
				print(plan, &ring[i]);
			ring[i].magic = 0;
		}
	}
}
