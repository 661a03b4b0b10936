/* SPDX-License-Identifier: Apache-2.0 */
/* Reading payload files, and sending each to the parser of its kind. */
#include "payload_formats.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until @size bytes or the end of the file; returns an errno. */
static int read_fully(int fd, uint8_t *bytes, uint64_t size, uint64_t *got)
{
	*got = 0;
	while (*got < size) {
		ssize_t n = read(fd, bytes + *got, size - *got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		*got += (uint64_t)n;
	}
	return 0;
}

static int read_descriptor(int fd, struct blob *blob)
{
	struct stat st;
	uint64_t size;
	int error;

	if (fstat(fd, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode) || st.st_size < 0)
		return EINVAL;
	size = (uint64_t)st.st_size;
	/* One byte more than needed: an empty file is not an unreadable one. */
	blob->bytes = malloc(size + 1);
	if (!blob->bytes)
		return ENOMEM;
	error = read_fully(fd, blob->bytes, size, &blob->size);
	if (error)
		blob_free(blob);
	return error;
}

/* O_NONBLOCK: opening a pipe must not wait for its writer; it is refused later. */
static int read_file(const char *path, struct blob *blob)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int error;

	if (fd < 0)
		return errno;
	error = read_descriptor(fd, blob);
	close(fd);
	return error;
}

static int read_in_dir(const char *dir, const char *path, struct blob *blob)
{
	char full[PATH_MAX];
	int n = snprintf(full, sizeof(full), "%s/%s", dir, path);

	if (n < 0 || (size_t)n >= sizeof(full))
		return ENAMETOOLONG;
	return read_file(full, blob);
}

void blob_read(struct blob *blob, const char *path, const char *const *dirs)
{
	static const char *const current_dir[] = { ".", NULL };
	int worst = ENOENT;

	*blob = (struct blob){ .path = path };
	if (path[0] == '/') {
		blob->error = read_file(path, blob);
		return;
	}
	/* A file that is there but unreadable says more than one that is absent elsewhere. */
	for (dirs = dirs ? dirs : current_dir; *dirs; dirs++) {
		int error = read_in_dir(*dirs, path, blob);

		if (error == 0)
			return;
		if (worst == ENOENT)
			worst = error;
	}
	blob->error = worst;
}

void blob_free(struct blob *blob)
{
	free(blob->bytes);
	blob->bytes = NULL;
	blob->size = 0;
}

void payload_parse(enum payload_kind kind, const struct blob *blob, gpa_t load,
		   uint64_t entry_offset, struct payload_info *info)
{
	*info = (struct payload_info){ .error = NULL };
	if (!blob->bytes) {
		info->error = "file could not be read";
		return;
	}
	switch (kind) {
	case PAYLOAD_LINUX:
		payload_parse_linux(blob, info);
		break;
	case PAYLOAD_ELF:
		payload_parse_elf(blob, info);
		break;
	case PAYLOAD_FLAT:
		payload_parse_flat(blob, load, entry_offset, info);
		break;
	case PAYLOAD_NONE:
	default:
		info->error = "no payload format given";
		break;
	}
}
