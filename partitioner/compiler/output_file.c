/* SPDX-License-Identifier: Apache-2.0 */
/* Output files that are either whole or absent: write beside, sync, rename. */
#include "output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* mkstemp() makes private files; an output has the rights of any new file. */
static bool usual_mode(int fd)
{
	const mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0666 & ~mask) == 0;
}

bool output_open(struct output_file *file, const char *path)
{
	static const char suffix[] = ".XXXXXX";
	int fd;

	*file = (struct output_file){ .path = path };
	file->temporary = malloc(strlen(path) + sizeof(suffix));
	if (!file->temporary)
		abort();
	memcpy(file->temporary, path, strlen(path));
	memcpy(file->temporary + strlen(path), suffix, sizeof(suffix));
	fd = mkstemp(file->temporary);
	if (fd < 0) {
		free(file->temporary);
		file->temporary = NULL;
		return false;
	}
	file->stream = usual_mode(fd) ? fdopen(fd, "wb") : NULL;
	if (file->stream)
		return true;
	close(fd);
	output_abandon(file);
	return false;
}

/* The rename itself must survive a power cut too. */
static bool sync_folder(const char *path)
{
	char *copy = strdup(path);
	bool fine = false;
	int fd;

	if (!copy)
		abort();
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY);
	if (fd >= 0) {
		/* Some file systems cannot sync folders; that is no failure of ours. */
		fine = fsync(fd) == 0 || errno == EINVAL;
		close(fd);
	}
	free(copy);
	return fine;
}

bool output_commit(struct output_file *file)
{
	bool fine = fflush(file->stream) == 0 && fsync(fileno(file->stream)) == 0;

	if (fclose(file->stream) != 0)
		fine = false;
	file->stream = NULL;
	fine = fine && rename(file->temporary, file->path) == 0;
	if (!fine) {
		const int error = errno;

		output_abandon(file);
		errno = error;
		return false;
	}
	free(file->temporary);
	file->temporary = NULL;
	return sync_folder(file->path);
}

void output_abandon(struct output_file *file)
{
	const int error = errno;

	if (file->stream)
		fclose(file->stream);
	if (file->temporary) {
		unlink(file->temporary);
		free(file->temporary);
	}
	*file = (struct output_file){ .path = file->path };
	errno = error;
}
