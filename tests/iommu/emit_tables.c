/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs an emitter (first argument: "vtd" or "amdvi") on a request that it reads from standard
 * input, for a judge that we did not write: an emulator's IOMMU.  One item a line, hexadecimal:
 *   base levels largest_leaf output_bits last_rid
 *   d                                   a domain; the mappings that follow are its
 *   m input output size rights
 *   r rid domain remap remap_entries
 * Writes the bytes of the tables to the file named as the second argument, and prints
 * where the tables that deny and that are live begin, and the bytes of either.
 */
#include "dma_tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX 64u

static struct page_mapping maps[MAX][MAX];
static struct dma_domain domains[MAX];
static struct dma_requester requesters[MAX];

static int read_line(struct dma_request *request)
{
	uint64_t in[4];
	char kind;

	if (scanf(" %c", &kind) != 1)
		return 0;
	if (kind == 'd' && request->domain_count < MAX) {
		domains[request->domain_count].maps = maps[request->domain_count];
		request->domain_count++;
		return 1;
	}
	if (scanf("%" SCNx64 "%" SCNx64 "%" SCNx64 "%" SCNx64, &in[0], &in[1], &in[2], &in[3]) != 4)
		return -1;
	if (kind == 'm' && request->domain_count > 0) {
		struct dma_domain *domain = &domains[request->domain_count - 1];

		if (domain->count == MAX)
			return -1;
		maps[request->domain_count - 1][domain->count++] =
			(struct page_mapping){ in[0], in[1], in[2], (uint32_t)in[3] };
		return 1;
	}
	if (kind != 'r' || request->requester_count == MAX)
		return -1;
	requesters[request->requester_count++] = (struct dma_requester){
		(uint16_t)in[0], (unsigned int)in[1], { in[2] }, (uint32_t)in[3]
	};
	return 1;
}

static int write_tables(const char *path, struct plan_bytes *bytes)
{
	FILE *file = fopen(path, "wb");

	if (!file)
		return 1;
	if (fwrite(bytes->bytes, 1, bytes->used, file) != bytes->used)
		perror(path);
	return fclose(file);
}

int main(int argc, char **argv)
{
	struct dma_request request = { .domains = domains, .requesters = requesters };
	struct plan_bytes bytes = { 0 };
	struct dma_tables tables;
	enum page_fault fault;
	int more = 1;

	if (argc != 3 || scanf("%" SCNx64 "%x%x%x%x", &bytes.base.raw, &request.levels,
			       &request.largest_leaf, &request.output_bits, &request.last_rid) != 5)
		return 2;
	while (more > 0)
		more = read_line(&request);
	if (more < 0)
		return 2;
	fault = strcmp(argv[1], "vtd") ? amdvi_emit(&request, &bytes, &tables) :
					 vtd_emit(&request, &bytes, &tables);
	if (fault != PAGE_OK) {
		fprintf(stderr, "%s\n", page_fault_text(fault));
		return 1;
	}
	printf("%" PRIx64 " %" PRIx64 " %" PRIx64 "\n", tables.deny.raw, tables.live.raw,
	       tables.bytes);
	return write_tables(argv[2], &bytes);
}
