/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../fake_bzimage.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const gpa_t at_0 = { 0 };

static void parse(enum payload_kind kind, const struct blob *blob, struct payload_info *info)
{
	payload_parse(kind, blob, at_0, 0, info);
}

/* Parses a copy of exactly @size bytes, so that a read beyond them is caught. */
static const char *error_of(enum payload_kind kind, const uint8_t *bytes, uint64_t size)
{
	struct blob cut = { .path = "cut", .bytes = malloc(size ? size : 1), .size = size };
	struct payload_info info;

	memcpy(cut.bytes, bytes, size);
	parse(kind, &cut, &info);
	blob_free(&cut);
	return info.error;
}

/* ---- Linux ---- */

static void a_bzimage_is_recognised_with_its_sizes(void **state)
{
	struct blob kernel;
	struct payload_info info;

	(void)state;
	fake_bzimage(&kernel);
	parse(PAYLOAD_LINUX, &kernel, &info);
	assert_null(info.error);
	assert_true(info.long_mode);
	assert_int_equal(info.setup_bytes, FAKE_SETUP_BYTES);
	assert_int_equal(info.segment_count, 1);
	assert_int_equal(info.segments[0].file_offset, FAKE_SETUP_BYTES);
	assert_int_equal(info.segments[0].file_bytes, FAKE_KERNEL_BYTES);
	assert_int_equal(info.segments[0].memory_bytes, FAKE_INIT_SIZE);
	assert_int_equal(info.segments[0].dest.raw, FAKE_PREF);
	assert_int_equal(info.entry.raw, FAKE_PREF + 0x200);
	assert_int_equal(info.kernel_alignment, FAKE_ALIGN);
	assert_true(info.relocatable);
	assert_int_equal(info.initrd_addr_max, 0x7fffffff);
	assert_int_equal(info.cmdline_size, 0x7ff);
	assert_int_equal(info.protocol, 0x20f);
	blob_free(&kernel);
}

static void setup_sects_of_zero_means_four(void **state)
{
	struct blob kernel;
	struct payload_info info;

	(void)state;
	fake_bzimage(&kernel);
	put(kernel.bytes, 0x1f1, 1, 0);
	put(kernel.bytes, 0x1f4, 4, FAKE_KERNEL_BYTES / 32);
	parse(PAYLOAD_LINUX, &kernel, &info);
	assert_null(info.error);
	assert_int_equal(info.setup_bytes, 5 * 512);
	blob_free(&kernel);
}

static void a_bzimage_truncated_anywhere_is_refused(void **state)
{
	struct blob kernel;

	(void)state;
	fake_bzimage(&kernel);
	for (uint64_t size = 0; size < FAKE_SETUP_BYTES + FAKE_KERNEL_BYTES; size++)
		assert_non_null(error_of(PAYLOAD_LINUX, kernel.bytes, size));
	assert_null(error_of(PAYLOAD_LINUX, kernel.bytes, FAKE_SETUP_BYTES + FAKE_KERNEL_BYTES));
	assert_string_equal(error_of(PAYLOAD_LINUX, kernel.bytes, 0x267),
			    "file ends inside the Linux setup header");
	assert_string_equal(error_of(PAYLOAD_LINUX, kernel.bytes, FAKE_SETUP_BYTES - 1),
			    "file ends before setup_sects says");
	assert_string_equal(error_of(PAYLOAD_LINUX, kernel.bytes,
				     FAKE_SETUP_BYTES + FAKE_KERNEL_BYTES - 1),
			    "file ends before syssize says");
	blob_free(&kernel);
}

struct damage {
	unsigned int offset, width;
	uint64_t value;
	const char *error;
};

static void each_unusable_setup_header_is_refused_by_name(void **state)
{
	static const struct damage damages[] = {
		{ 0x1fe, 2, 0x55aa, "not a Linux bzImage: no boot flag 0xAA55" },
		{ 0x202, 4, 0x53726449, "not a Linux bzImage: no HdrS signature" },
		{ 0x206, 2, 0x020b, "kernel's boot protocol is older than 2.12" },
		{ 0x201, 1, 0x65, "kernel's setup header is shorter than its protocol says" },
		{ 0x211, 1, 0, "kernel is a zImage, not a bzImage (LOADED_HIGH is clear)" },
		{ 0x236, 2, 0xfe, "kernel has no 64-bit entry point (XLF_KERNEL_64 is clear)" },
		{ 0x1f4, 4, 0xffffffff, "file ends before syssize says" },
		{ 0x1f4, 4, 0x20, "kernel ends before its 64-bit entry point" },
		{ 0x230, 4, 0, "kernel_alignment is not a power of two" },
		{ 0x230, 4, 0x300000, "kernel_alignment is not a power of two" },
		{ 0x260, 4, FAKE_KERNEL_BYTES - 1, "init_size is smaller than the kernel" },
		{ 0x258, 8, UINT64_MAX, "kernel prefers an address above 4 GiB" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const struct damage *d = &damages[i];
		struct blob kernel;

		fake_bzimage(&kernel);
		put(kernel.bytes, d->offset, d->width, d->value);
		assert_string_equal(error_of(PAYLOAD_LINUX, kernel.bytes, kernel.size), d->error);
		blob_free(&kernel);
	}
}

static void an_unaligned_preference_is_rounded_up_only_for_a_relocatable_kernel(void **state)
{
	struct blob kernel;
	struct payload_info info;

	(void)state;
	fake_bzimage(&kernel);
	put(kernel.bytes, 0x258, 8, FAKE_PREF + 1);
	parse(PAYLOAD_LINUX, &kernel, &info);
	assert_null(info.error);
	assert_int_equal(info.pref_address, FAKE_PREF + FAKE_ALIGN);
	put(kernel.bytes, 0x234, 1, 0);
	parse(PAYLOAD_LINUX, &kernel, &info);
	assert_string_equal(info.error,
			    "kernel is not relocatable and pref_address is not aligned");
	blob_free(&kernel);
}

/* ---- flat ---- */

static void a_flat_binary_goes_where_it_is_told(void **state)
{
	uint8_t bytes[100] = { 0 };
	struct blob blob = { .path = "x.bin", .bytes = bytes, .size = sizeof(bytes) };
	struct payload_info info;

	(void)state;
	payload_parse(PAYLOAD_FLAT, &blob, (gpa_t){ 0x7c00 }, 0x10, &info);
	assert_null(info.error);
	assert_false(info.long_mode);
	assert_int_equal(info.segment_count, 1);
	assert_int_equal(info.segments[0].dest.raw, 0x7c00);
	assert_int_equal(info.segments[0].file_bytes, 100);
	assert_int_equal(info.segments[0].memory_bytes, 100);
	assert_int_equal(info.entry.raw, 0x7c10);
}

static void a_flat_binary_ends_exactly_at_4_gib_and_not_beyond(void **state)
{
	uint8_t bytes[256] = { 0 };
	struct blob blob = { .path = "x.bin", .bytes = bytes, .size = sizeof(bytes) };
	struct payload_info info;

	(void)state;
	payload_parse(PAYLOAD_FLAT, &blob, (gpa_t){ 0xffffff00 }, 0xff, &info);
	assert_null(info.error);
	payload_parse(PAYLOAD_FLAT, &blob, (gpa_t){ 0xffffff01 }, 0, &info);
	assert_non_null(info.error);
	payload_parse(PAYLOAD_FLAT, &blob, (gpa_t){ UINT64_MAX }, 0, &info);
	assert_non_null(info.error);
	payload_parse(PAYLOAD_FLAT, &blob, (gpa_t){ 0xffffff00 }, 0x100, &info);
	assert_non_null(info.error);
	blob.size = 0;
	payload_parse(PAYLOAD_FLAT, &blob, at_0, 0, &info);
	assert_string_equal(info.error, "file is empty");
}

static void an_unread_file_and_an_unknown_kind_are_refused(void **state)
{
	uint8_t byte = 0;
	struct blob blob = { .path = "x", .error = ENOENT };
	struct payload_info info;

	(void)state;
	parse(PAYLOAD_LINUX, &blob, &info);
	assert_string_equal(info.error, "file could not be read");
	blob.bytes = &byte;
	blob.size = 1;
	parse(PAYLOAD_NONE, &blob, &info);
	assert_string_equal(info.error, "no payload format given");
}

/* ---- reading ---- */

static char folder[] = "/tmp/septum-payload-XXXXXX";

static void in_folder(char *path, size_t room, const char *name)
{
	snprintf(path, room, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *out;

	in_folder(path, sizeof(path), name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static int make_folder(void **state)
{
	char path[128];

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	in_folder(path, sizeof(path), "b");
	if (mkdir(path, 0777) != 0)
		return -1;
	in_folder(path, sizeof(path), "pipe");
	if (mkfifo(path, 0600) != 0)
		return -1;
	write_file("one", "in a");
	write_file("b/one", "in b");
	write_file("b/two", "second");
	write_file("empty", "");
	return 0;
}

static int remove_folder(void **state)
{
	static const char *const names[] = { "b/one", "b/two", "b", "one", "empty", "pipe", "." };
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		in_folder(path, sizeof(path), names[i]);
		if (remove(names[i][0] == '.' ? folder : path) != 0)
			return -1;
	}
	return 0;
}

static void a_file_is_found_in_the_first_folder_that_has_it(void **state)
{
	char b[128];
	const char *dirs[] = { "/nonexistent", folder, b, NULL };
	struct blob blob;

	(void)state;
	in_folder(b, sizeof(b), "b");
	blob_read(&blob, "one", dirs);
	assert_int_equal(blob.error, 0);
	assert_int_equal(blob.size, 4);
	assert_memory_equal(blob.bytes, "in a", 4);
	assert_string_equal(blob.path, "one");
	blob_free(&blob);
	blob_read(&blob, "two", dirs);
	assert_int_equal(blob.size, 6);
	blob_free(&blob);
	assert_null(blob.bytes);
}

static void an_absolute_path_ignores_the_folders(void **state)
{
	const char *dirs[] = { "/nonexistent", NULL };
	char path[128];
	struct blob blob;

	(void)state;
	in_folder(path, sizeof(path), "b/two");
	blob_read(&blob, path, dirs);
	assert_int_equal(blob.error, 0);
	assert_memory_equal(blob.bytes, "second", 6);
	blob_free(&blob);
}

static void an_empty_file_is_read_and_not_an_error(void **state)
{
	const char *dirs[] = { folder, NULL };
	struct blob blob;

	(void)state;
	blob_read(&blob, "empty", dirs);
	assert_int_equal(blob.error, 0);
	assert_non_null(blob.bytes);
	assert_int_equal(blob.size, 0);
	blob_free(&blob);
}

static void what_is_no_regular_file_is_refused_without_waiting(void **state)
{
	const char *dirs[] = { folder, NULL };
	struct blob blob;

	(void)state;
	blob_read(&blob, "absent", dirs);
	assert_null(blob.bytes);
	assert_int_equal(blob.error, ENOENT);
	blob_read(&blob, "b", dirs);
	assert_null(blob.bytes);
	assert_int_equal(blob.error, EISDIR);
	blob_read(&blob, "pipe", dirs);
	assert_null(blob.bytes);
	assert_int_equal(blob.error, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bzimage_is_recognised_with_its_sizes),
		cmocka_unit_test(setup_sects_of_zero_means_four),
		cmocka_unit_test(a_bzimage_truncated_anywhere_is_refused),
		cmocka_unit_test(each_unusable_setup_header_is_refused_by_name),
		cmocka_unit_test(
			an_unaligned_preference_is_rounded_up_only_for_a_relocatable_kernel),
		cmocka_unit_test(a_flat_binary_goes_where_it_is_told),
		cmocka_unit_test(a_flat_binary_ends_exactly_at_4_gib_and_not_beyond),
		cmocka_unit_test(an_unread_file_and_an_unknown_kind_are_refused),
		cmocka_unit_test(a_file_is_found_in_the_first_folder_that_has_it),
		cmocka_unit_test(an_absolute_path_ignores_the_folders),
		cmocka_unit_test(an_empty_file_is_read_and_not_an_error),
		cmocka_unit_test(what_is_no_regular_file_is_refused_without_waiting),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
