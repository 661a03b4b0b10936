/* SPDX-License-Identifier: Apache-2.0 */
#include "acpi_dsdt.h"

#include "acpi_tables.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A processor device instead of a Processor() term: ACPI 6.3, 8.4. */
static void write_cpus(FILE *out, uint32_t cpus)
{
	for (uint32_t i = 0; i < cpus; i++)
		fprintf(out,
			"\t\tDevice (C%03X)\n\t\t{\n"
			"\t\t\tName (_HID, \"ACPI0007\")\n"
			"\t\t\tName (_UID, %u)\n\t\t}\n",
			i, i);
}

/*
 * ACPI 6.3, 19.6.64.  Not IRQ(): the 16 lines that it can name are those of the
 * 8259s, which a hardware-reduced machine does not have.
 */
static void write_interrupt(FILE *out, const struct acpi_uart *uart)
{
	fprintf(out, "\t\t\t\tInterrupt (ResourceConsumer, %s, %s, %s) { %u }\n",
		uart->gsi_flags & PLAN_PIN_LEVEL ? "Level" : "Edge",
		uart->gsi_flags & PLAN_PIN_ACTIVE_LOW ? "ActiveLow" : "ActiveHigh",
		uart->gsi_shared ? "Shared" : "Exclusive", uart->gsi);
}

static void write_uarts(FILE *out, const struct acpi_uart *uarts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(out,
			"\t\tDevice (U%03zX)\n\t\t{\n"
			"\t\t\tName (_HID, EisaId (\"PNP0501\"))\n"
			"\t\t\tName (_UID, %zu)\n"
			"\t\t\tName (_CRS, ResourceTemplate ()\n\t\t\t{\n"
			"\t\t\t\tIO (Decode16, 0x%04X, 0x%04X, 0x01, 0x%02X)\n",
			i, i, uarts[i].port, uarts[i].port, uarts[i].port_count);
		if (uarts[i].has_gsi)
			write_interrupt(out, &uarts[i]);
		fprintf(out, "\t\t\t})\n\t\t}\n");
	}
}

void acpi_dsdt_write(FILE *out, uint32_t cpus, const struct acpi_uart *uarts, size_t uart_count,
		     const struct acpi_pci *pci)
{
	fprintf(out,
		"DefinitionBlock (\"\", \"DSDT\", 2, \"%s\", \"%s\", 1)\n{\n"
		"\tName (\\_S5, Package () { %u, %u, 0, 0 })\n"
		"\tScope (\\_SB)\n\t{\n",
		ACPI_OEM_ID, ACPI_OEM_TABLE_ID, ACPI_S5_SLEEP_TYPE, ACPI_S5_SLEEP_TYPE);
	write_cpus(out, cpus);
	write_uarts(out, uarts, uart_count);
	if (pci->ecam != 0)
		acpi_pci_write(out, pci);
	fprintf(out, "\t}\n}\n");
}

/* Runs iasl with both outputs in @log; returns an errno, or 0 with @status set. */
static int run_iasl(char *source, char *prefix, const char *log, int *status)
{
	char name[] = "iasl", quiet[] = "-vs", strict[] = "-we", output[] = "-p";
	char *argv[] = { name, quiet, strict, output, prefix, source, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC,
					 0666);
	posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	while (!error && waitpid(pid, status, 0) < 0)
		error = errno == EINTR ? 0 : errno;
	return error;
}

/* A log on one line: runs of white space become one space. */
static void flatten(const struct blob *log, char *line, size_t room)
{
	size_t n = 0;

	for (uint64_t i = 0; i < log->size && n + 1 < room; i++) {
		char c = (char)log->bytes[i];
		bool space = c <= ' ';

		if (!space)
			line[n++] = c;
		else if (n > 0 && line[n - 1] != ' ')
			line[n++] = ' ';
	}
	line[n] = '\0';
}

static void report_failure(const char *source, const char *log_path, int status, struct src_pos pos,
			   struct diag_sink *sink)
{
	struct blob log;
	char line[600];

	blob_read(&log, log_path, NULL);
	flatten(&log, line, sizeof(line));
	blob_free(&log);
	if (WIFEXITED(status))
		diag_add(sink, "acpi", DIAG_ERROR, pos,
			 "iasl refused %s with status %d: %s; its full output is in %s", source,
			 WEXITSTATUS(status), line, log_path);
	else
		diag_add(sink, "acpi", DIAG_ERROR, pos,
			 "iasl died of signal %d on %s: %s; its full output is in %s",
			 WTERMSIG(status), source, line, log_path);
}

static bool read_aml(const char *path, struct src_pos pos, struct blob *aml, struct diag_sink *sink)
{
	struct acpi_header header;

	blob_read(aml, path, NULL);
	if (!aml->bytes) {
		diag_add(sink, "acpi", DIAG_ERROR, pos, "iasl left no readable %s: %s", path,
			 strerror(aml->error));
		return false;
	}
	aml->path = NULL; /* @path does not outlive the caller */
	if (aml->size >= sizeof(header)) {
		memcpy(&header, aml->bytes, sizeof(header));
		if (memcmp(header.signature, "DSDT", 4) == 0 && header.length == aml->size)
			return true;
	}
	diag_add(sink, "acpi", DIAG_ERROR, pos, "%s is no whole DSDT; is this iasl the ACPICA one?",
		 path);
	blob_free(aml);
	return false;
}

bool acpi_dsdt_compile(const char *dir, struct src_pos pos, struct blob *aml,
		       struct diag_sink *sink)
{
	char source[PATH_MAX], prefix[PATH_MAX], log[PATH_MAX], output[PATH_MAX];
	int status = 0, error;

	*aml = (struct blob){ .bytes = NULL };
	if (snprintf(source, sizeof(source), "%s/dsdt.asl", dir) >= PATH_MAX ||
	    snprintf(prefix, sizeof(prefix), "%s/dsdt", dir) >= PATH_MAX ||
	    snprintf(log, sizeof(log), "%s/iasl.log", dir) >= PATH_MAX ||
	    snprintf(output, sizeof(output), "%s/dsdt.aml", dir) >= PATH_MAX) {
		diag_add(sink, "acpi", DIAG_ERROR, pos, "path too long: %s; use a shorter one",
			 dir);
		return false;
	}
	unlink(output); /* what an earlier run left must not pass for this one's */
	error = run_iasl(source, prefix, log, &status);
	if (error) {
		diag_add(sink, "acpi", DIAG_ERROR, pos,
			 "cannot run iasl: %s; install the package acpica-tools", strerror(error));
		return false;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		report_failure(source, log, status, pos, sink);
		return false;
	}
	return read_aml(output, pos, aml, sink);
}
