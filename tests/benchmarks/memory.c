/* Storage in words, and strings with the C library and without. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS (1 << 19)

static uint64_t words[WORDS];

static uint64_t scan(void)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < WORDS; i++)
		words[i] = i * i;
	for (int round = 0; round < 4; round++)
		for (size_t i = 0; i < WORDS; i++)
			sum += words[i] ^ sum >> 3;
	return sum;
}

/* Follows a chain through 1 MiB in which each entry names the next. */
static uint64_t chase(void)
{
	const uint32_t count = 1 << 17;
	uint64_t state = 8, at = 0, sum = 0;

	for (uint32_t i = 0; i < count; i++)
		words[i] = i;
	/* One cycle through all of them. */
	for (uint32_t i = count - 1; i > 0; i--) {
		uint32_t other = next_random(&state) % i;
		uint64_t word = words[i];

		words[i] = words[other];
		words[other] = word;
	}
	for (int n = 0; n < 300000; n++) {
		at = words[at];
		sum += at * 3;
	}
	return sum;
}

/* A word of every page of 4 MiB, often. */
static uint64_t pages(void)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < WORDS; i++)
		words[i] = i;
	for (int round = 0; round < 200; round++)
		for (size_t i = (size_t)round; i < WORDS; i += 512) {
			words[i] += sum;
			sum += words[i] >> 1;
		}
	return sum;
}

static uint64_t copy(void)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < WORDS; i++)
		words[i] = i * 7;
	for (int n = 0; n < 40; n++) {
		memcpy(words + WORDS / 2, words, WORDS / 8 * sizeof(words[0]));
		memset(words + n, n, 1 << 16);
		sum = add(sum, words[WORDS / 2 + 8 * (size_t)n]);
	}
	return sum;
}

static const char text[] =
	"Interrupts on Z are delivered through the low core, the prefix area at the bottom of "
	"the storage of a CPU; whoever stores there decides where its handlers are.";

static uint64_t library(void)
{
	static char buffer[4096];
	uint64_t sum = 0;

	for (int n = 0; n < 60000; n++) {
		size_t cut = (size_t)n % 100;

		strcpy(buffer, text + cut);
		sum += strlen(buffer);
		sum += (size_t)(strchr(buffer, ';') - buffer);
		sum += strcmp(buffer, text + cut) == 0;
		sum += memchr(buffer, '!', sizeof(text) - cut) != NULL;
		sum += strstr(buffer, "handlers") != NULL;
		memmove(buffer + 1, buffer, 100);
		sum = add(sum, (unsigned char)buffer[cut / 2]);
	}
	return sum;
}

static uint64_t numbers(void)
{
	char line[80];
	uint64_t state = 9, sum = 0;

	for (int n = 0; n < 10000; n++) {
		uint32_t one = next_random(&state);
		int two = (int)next_random(&state) - 1000000000;
		char *end;

		snprintf(line, sizeof(line), "%u %d %#x", one, two, next_random(&state));
		sum = add(sum, strtoul(line, &end, 10));
		sum = add(sum, (uint64_t)strtol(end, &end, 10));
		sum = add(sum, strtoul(end, NULL, 16));
	}
	return sum;
}

/* Words and their letters, a byte at a time. */
static uint64_t letters(void)
{
	uint64_t counts[256] = { 0 }, longest = 0, sum = 0;

	for (int n = 0; n < 12000; n++) {
		uint64_t length = 0;

		for (const char *at = text; *at; at++) {
			counts[(unsigned char)*at]++;
			if (*at == ' ') {
				longest = length > longest ? length : longest;
				length = 0;
			} else {
				length++;
			}
		}
	}
	for (size_t i = 0; i < COUNT(counts); i++)
		sum = add(sum, counts[i]);
	return add(sum, longest);
}

static const struct program list[] = {
	{ "memory", "scan", scan, 1, NULL },       { "memory", "chase", chase, 1, NULL },
	{ "memory", "pages", pages, 1, NULL },     { "memory", "copy", copy, 1, NULL },
	{ "strings", "library", library, 1, NULL }, { "strings", "numbers", numbers, 1, NULL },
	{ "strings", "letters", letters, 1, NULL },
};

const struct programs memory_programs = { list, COUNT(list) };
