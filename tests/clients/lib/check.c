/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Counting checks, telling what differs, and comparing states. */
#define _GNU_SOURCE
#include "lc.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_LINES = 40 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *client_name;
static const char *group_name;
static char case_name[200];
static unsigned long group_passed, group_failed, passed, failed;

static void *watchdog(void *limit)
{
	sleep((unsigned)(uintptr_t)limit);
	fprintf(stderr, "%s: watchdog: nothing finished in time; group: %s; case: %s\n",
		client_name, group_name ? group_name : "none", case_name);
	_exit(3);
}

void begin(const char *client, unsigned limit)
{
	pthread_t thread;

	setvbuf(stdout, NULL, _IOLBF, 0);
	client_name = client;
	if (pthread_create(&thread, NULL, watchdog, (void *)(uintptr_t)limit))
		die("watchdog");
	pthread_detach(thread);
}

static void end_group(void)
{
	if (group_name)
		printf("%-4s %s: %lu checks%s\n", group_failed ? "FAIL" : "ok", group_name,
		       group_passed + group_failed, group_passed + group_failed ? "" : " (!)");
	if (group_name && !(group_passed + group_failed))
		failed++;
	passed += group_passed;
	failed += group_failed;
	group_passed = group_failed = 0;
}

void group(const char *name)
{
	end_group();
	group_name = name;
	case_name[0] = 0;
}

void context(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(case_name, sizeof(case_name), format, list);
	va_end(list);
}

int finish(void)
{
	end_group();
	group_name = NULL;
	printf("%s: %lu passed, %lu failed\n", client_name, passed, failed);
	return failed ? 1 : 0;
}

/* Counts a check. The caller prints what differs when this returns true. */
static bool failing(const char *file, int line, const char *what, bool good)
{
	bool tell;

	pthread_mutex_lock(&lock);
	if (good)
		group_passed++;
	else
		group_failed++;
	tell = !good && group_failed <= MAX_LINES;
	if (tell)
		printf("%s:%d: %s: %s%s%s: ", file, line, group_name, case_name,
		       case_name[0] ? ": " : "", what);
	pthread_mutex_unlock(&lock);
	return tell;
}

bool check_equal(const char *file, int line, const char *what, uint64_t expected, uint64_t seen)
{
	if (failing(file, line, what, expected == seen))
		printf("expected %#llx, saw %#llx\n", (unsigned long long)expected,
		       (unsigned long long)seen);
	return expected == seen;
}

static const char *result_name(long result, char *buffer, size_t size)
{
	if (result < 0)
		snprintf(buffer, size, "%s", strerrorname_np((int)-result));
	else
		snprintf(buffer, size, "%ld", result);
	return buffer;
}

bool check_result(const char *file, int line, const char *what, long expected, long seen)
{
	char a[32], b[32];

	if (failing(file, line, what, expected == seen))
		printf("expected %s, saw %s\n", result_name(expected, a, sizeof(a)),
		       result_name(seen, b, sizeof(b)));
	return expected == seen;
}

bool check_exit(const char *file, int line, const char *what, struct cpu *cpu, long result,
		unsigned intercept)
{
	struct kvm_run *page = cpu->run;
	bool good = result == 0 && page->exit_reason == KVM_EXIT_S390_SIEIC &&
		    page->s390_sieic.icptcode == intercept;
	char name[32];

	if (failing(file, line, what, good))
		printf("expected KVM_RUN 0, exit 13, intercept %#x; saw %s, exit %u, intercept %#x, "
		       "ipa %#x, ipb %#x, PSW %016llx %016llx\n",
		       intercept, result_name(result, name, sizeof(name)), page->exit_reason,
		       page->s390_sieic.icptcode, page->s390_sieic.ipa, page->s390_sieic.ipb,
		       (unsigned long long)page->psw_mask, (unsigned long long)page->psw_addr);
	return good;
}

static bool bytes_equal(const char *file, int line, const char *what, uint64_t origin,
			const uint8_t *expected, const uint8_t *seen, size_t size)
{
	bool good = memcmp(expected, seen, size) == 0;

	if (failing(file, line, what, good)) {
		unsigned shown = 0;

		printf("storage differs:");
		for (size_t n = 0; n < size && shown < 16; n++)
			if (expected[n] != seen[n]) {
				printf(" [%#llx] expected %02x saw %02x;",
				       (unsigned long long)(origin + n), expected[n], seen[n]);
				shown++;
			}
		printf("%s\n", shown == 16 ? " ..." : "");
	}
	return good;
}

bool check_storage(const char *file, int line, const char *what, struct vm *vm)
{
	return bytes_equal(file, line, what, vm->origin, vm->expected, vm->storage, vm->size);
}

static void print_irqs(const char *word, const struct kvm_s390_irq *list, long count)
{
	char name[32];

	if (count < 0) {
		printf("%s %s", word, result_name(count, name, sizeof(name)));
		return;
	}
	printf("%s %ld:", word, count);
	for (long n = 0; n < count && n < 24; n++) {
		const uint8_t *bytes = (const uint8_t *)&list[n].u;
		size_t length = 64;

		while (length && !bytes[length - 1])
			length--;
		printf(" %llx(", (unsigned long long)list[n].type);
		for (size_t byte = 0; byte < length; byte++)
			printf("%02x", bytes[byte]);
		printf(")");
	}
}

bool check_irqs(const char *file, int line, const char *what, const struct kvm_s390_irq *expected,
		long count, const struct kvm_s390_irq *seen, long seen_count)
{
	bool good = count == seen_count &&
		    (count <= 0 || memcmp(expected, seen, (size_t)count * IRQ_SIZE) == 0);

	if (failing(file, line, what, good)) {
		print_irqs("expected", expected, count);
		print_irqs("; saw", seen, seen_count);
		printf("\n");
	}
	return good;
}

void check_pending(const char *file, int line, const char *what, struct cpu *cpu,
		   const struct kvm_s390_irq *expected, long count)
{
	static struct kvm_s390_irq list[MAX_PENDING];

	check_irqs(file, line, what, expected, count, list, pending(cpu, list, MAX_PENDING));
}

void check_floating(const char *file, int line, const char *what, struct vm *vm,
		    const struct kvm_s390_irq *expected, long count)
{
	static struct kvm_s390_irq list[MAX_PENDING];

	check_irqs(file, line, what, expected, count, list, floating(vm, list, MAX_PENDING));
}

/* Everything of a VM that a refused call must leave alone. */
struct snapshot {
	struct {
		long count, state;
		struct kvm_s390_irq list[MAX_PENDING];
		struct kvm_run page;
	} cpu[MAX_CPUS];
	long floats;
	struct kvm_s390_irq list[MAX_PENDING];
	uint8_t *storage;
};

struct snapshot *snapshot(struct vm *vm)
{
	struct snapshot *now = calloc(1, sizeof(*now));

	if (!now)
		die("snapshot");
	for (unsigned n = 0; n < vm->cpus; n++) {
		now->cpu[n].count = pending(&vm->cpu[n], now->cpu[n].list, MAX_PENDING);
		now->cpu[n].state = mp_state(&vm->cpu[n]);
		memcpy(&now->cpu[n].page, vm->cpu[n].run, sizeof(struct kvm_run));
	}
	if (vm->flic)
		now->floats = floating(vm, now->list, MAX_PENDING);
	if (vm->storage) {
		now->storage = malloc(vm->size);
		if (!now->storage)
			die("snapshot");
		memcpy(now->storage, vm->storage, vm->size);
	}
	return now;
}

void snapshot_check(const char *file, int line, const char *what, struct vm *vm,
		    struct snapshot *before, bool storage_too)
{
	struct snapshot *now = snapshot(vm);
	char text[256];

	for (unsigned n = 0; n < vm->cpus; n++) {
		snprintf(text, sizeof(text), "%s: pending at CPU %u unchanged", what, vm->cpu[n].id);
		check_irqs(file, line, text, before->cpu[n].list, before->cpu[n].count,
			   now->cpu[n].list, now->cpu[n].count);
		snprintf(text, sizeof(text), "%s: state of CPU %u unchanged", what, vm->cpu[n].id);
		check_result(file, line, text, before->cpu[n].state, now->cpu[n].state);
		snprintf(text, sizeof(text), "%s: run page of CPU %u unchanged", what, vm->cpu[n].id);
		bytes_equal(file, line, text, 0, (uint8_t *)&before->cpu[n].page,
			    (uint8_t *)&now->cpu[n].page, sizeof(struct kvm_run));
	}
	snprintf(text, sizeof(text), "%s: floating interrupts unchanged", what);
	check_irqs(file, line, text, before->list, before->floats, now->list, now->floats);
	if (storage_too && vm->storage) {
		snprintf(text, sizeof(text), "%s: storage unchanged", what);
		bytes_equal(file, line, text, vm->origin, before->storage, now->storage, vm->size);
	}
	free(now->storage);
	free(now);
	free(before->storage);
	free(before);
}
