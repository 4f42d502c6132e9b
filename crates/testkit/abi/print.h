/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the compiler makes of the kernel's headers, one fact a line:
 *
 *   SIZE struct size alignment
 *   FIELD struct field offset size
 *   PAD struct offset size            bytes that belong to no field
 *   BIT struct field offset mask      a bit field
 *   CONST name value
 */
#ifndef PRINT_H
#define PRINT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef LOWCORE_HEADER
#include "lowcore-kvm.h"
#define NEWER 1
#else
#include <linux/types.h>
#ifndef __user
#define __user
#endif
#include <linux/kvm.h>
#include <linux/version.h>
#define NEWER (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0))
#endif

/* A 64-bit limit is written with a macro that only the kernel has. */
#ifndef U64_MAX
#define U64_MAX UINT64_MAX
#endif

/* STRUCT(name, type) FIELD(...) ... END: the type may be the type of an
 * expression, for structs that the kernel gives no name. */
#define STRUCT(name, ...)                                                   \
	{                                                                   \
		typedef __VA_ARGS__ T;                                      \
		const char *struct_name = #name;                            \
		printf("SIZE %s %zu %zu\n", struct_name, sizeof(T), _Alignof(T)); \
		static union {                                              \
			T value;                                            \
			unsigned char bytes[sizeof(T)];                     \
		} padding;                                                  \
		memset(padding.bytes, 0xff, sizeof(T));                     \
		__builtin_clear_padding(&padding.value);                    \
		print_padding(struct_name, padding.bytes, sizeof(T));

/* A struct that ends in an array of any length, whose padding the compiler
 * does not tell. */
#define OPEN_STRUCT(name, ...)                                              \
	{                                                                   \
		typedef __VA_ARGS__ T;                                      \
		const char *struct_name = #name;                            \
		printf("SIZE %s %zu %zu\n", struct_name, sizeof(T), _Alignof(T));

#define FIELD(field)                                                        \
	printf("FIELD %s %s %zu %zu\n", struct_name, #field,               \
	       offsetof(T, field), sizeof(((T *)0)->field));

#define OPEN_FIELD(field)                                                   \
	printf("FIELD %s %s %zu 0\n", struct_name, #field, offsetof(T, field));

/* A bit field has no address: set it and look. */
#define BIT(field)                                                          \
	{                                                                   \
		static union {                                              \
			T value;                                            \
			unsigned char bytes[sizeof(T)];                     \
		} bit;                                                      \
		bit.value.field = 1;                                        \
		for (size_t i = 0; i < sizeof(T); i++)                      \
			if (bit.bytes[i])                                   \
				printf("BIT %s %s %zu %u\n", struct_name,  \
				       #field, i, bit.bytes[i]);            \
	}

#define END }

#define CONST(name) \
	printf("CONST %s %llu\n", #name, (unsigned long long)(name));

static inline void print_padding(const char *name, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		size_t start = i;
		while (i < size && bytes[i] == 0)
			i++;
		if (i > start)
			printf("PAD %s %zu %zu\n", name, start, i - start);
	}
}

void interrupts(void);
void registers(void);
void run_page(void);
void memory(void);
void devices(void);
void constants(void);
void ioctls(void);
void capabilities(void);

#endif
