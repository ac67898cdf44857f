/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_IMAGE_H
#define BOOT_IMAGE_H

/*
 * Looking at a kernel image before anything is done with it: what it is, and why it cannot be
 * booted on this machine if it cannot. Discovery looks at the beginning of a file; pinning looks at
 * all of it. The kernel itself checks only the header: a truncated or damaged image loads, and dies
 * after the jump, when nobody can be told any more. So length and checksum are checked here.
 *
 * On x86-64 kexec_file_load takes 64-bit bzImages; an ELF vmlinux is loaded by kexec-tools. What is
 * compressed is unpacked when it is pinned.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/image/unpack.h"
#include "devices/err.h"

/* How much of a file's beginning image_look() wants to see: a block of zstd has up to 128 KiB, and
 * nothing comes out before it is whole. */
#define IMAGE_HEAD (160 << 10)
/* A bzImage in an EFI zboot image, with one more to spare. */
#define IMAGE_LAYERS_MAX 3

enum image_kind {
	IMAGE_UNKNOWN, /* not one that this code knows, which does not mean that the kernel or
			  kexec-tools know no better */
	IMAGE_BZIMAGE,
	IMAGE_KERNEL,  /* another that this machine's kernel takes */
	IMAGE_PACKED,  /* see packing */
	IMAGE_UNIFIED, /* a unified kernel image: its parts can be booted (boot/bls/uki.h) */
	IMAGE_OTHER,   /* known, and not to be booted here */
};

struct image {
	enum image_kind kind;
	const char *format;  /* "bzImage", "ELF", "gzip"...; NULL if unknown */
	char reason[96];     /* why this machine cannot boot it, "" if it can */
	size_t cmdline_max;  /* longest command line in bytes without its NUL */
	char version[64];    /* "6.1.0-56-amd64", "" if it does not say */
	uint64_t start_size; /* bytes of memory that it needs to start; 0 if it does not say */
	enum packing packing;
	size_t packed_offset, packed_size; /* where the compressed data is; size 0: to the end */
};

/* What is the image whose first bytes these are (IMAGE_HEAD of them, or all), of size bytes in all?
 * machine is uname(2)'s. What is compressed is unpacked as far as needed to see what is in it: the
 * reason is that of the inside then. Unknown data has a reason too. */
void image_look(
	const uint8_t *head, size_t len, uint64_t size, const char *machine, struct image *image);

/* Examine all of an image. -EBADMSG if it is damaged, with a sentence that names the damage;
 * -ENOEXEC with the reason if this machine cannot boot it and even kexec-tools could not; 0
 * otherwise. Inside of compressed data is not looked. */
int image_examine(const uint8_t *bytes, size_t len, const char *machine, struct image *image,
	struct err *err);

#endif
