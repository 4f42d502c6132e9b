/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the clients share: a VM with storage and CPUs, interrupts as values,
 * and checks that print where they stand, what was expected and what was seen.
 *
 * A client knows the kernel's headers and nothing of the program that serves
 * /dev/kvm. Compile it with a folder first on the include path that holds
 * only asm/kvm.h, a link to the s390 one.
 *
 * Functions that stand for an ioctl return its result, or the negative errno.
 */
#ifndef LC_H
#define LC_H

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/kvm.h>

#ifndef __KVM_S390
#error "asm/kvm.h is not the s390 one"
#endif

enum { MAX_CPUS = 8, MIB = 1 << 20, IRQ_SIZE = sizeof(struct kvm_s390_irq) };

struct vm;

struct cpu {
	struct vm *vm;
	unsigned id;
	int fd;
	struct kvm_run *run;
};

struct vm {
	int system, fd, flic;
	unsigned cpus;
	struct cpu cpu[MAX_CPUS];
	/* Guest storage: `size` bytes at the absolute address `origin`. */
	uint64_t origin;
	size_t size;
	uint8_t *storage;
	/* What storage should hold; see expect_now(). */
	uint8_t *expected;
};

/* PSW masks: all are 64-bit addressing unless the name says otherwise. */
#define PSW_64BIT 0x0000000180000000ull
#define PSW_31BIT 0x0000000080000000ull
#define PSW_24BIT 0x0000000000000000ull
#define PSW_IO 0x0200000000000000ull
#define PSW_EXTERNAL 0x0100000000000000ull
#define PSW_MCHECK 0x0004000000000000ull
#define PSW_WAIT 0x0002000000000000ull
#define PSW_PROBLEM 0x0001000000000000ull
#define PSW_DISABLED_WAIT (PSW_WAIT | PSW_64BIT)
#define PSW_ENABLED (PSW_IO | PSW_EXTERNAL | PSW_MCHECK | PSW_64BIT)

#define CR0_EMERGENCY 0x4000ull
#define CR0_EXTERNAL_CALL 0x2000ull
#define CR0_CLOCK_COMPARATOR 0x0800ull
#define CR0_CPU_TIMER 0x0400ull
#define CR0_SERVICE 0x0200ull
#define CR0_ALL (CR0_EMERGENCY | CR0_EXTERNAL_CALL | CR0_CLOCK_COMPARATOR | \
		 CR0_CPU_TIMER | CR0_SERVICE)
#define CR0_CLOCK_SIGN (1ull << 53)
#define CR14_CHANNEL_REPORT (1ull << 28)
#define CR14_RECOVERY (1ull << 27)
#define CR14_DEGRADATION (1ull << 26)
#define CR14_EXTERNAL_DAMAGE (1ull << 25)
#define CR14_WARNING (1ull << 24)

#define MCIC_SYSTEM_DAMAGE (1ull << 63)
#define MCIC_INSTRUCTION_DAMAGE (1ull << 62)
#define MCIC_SYSTEM_RECOVERY (1ull << 61)
#define MCIC_EXTERNAL_DAMAGE (1ull << 58)
#define MCIC_DEGRADATION (1ull << 56)
#define MCIC_WARNING (1ull << 55)
#define MCIC_CHANNEL_REPORT (1ull << 54)
#define MCIC_VECTORS (1ull << 38)
#define MCIC_GUARDED_STORAGE (1ull << 27)

/* Interruption classes, in the order of their PSWs in the low core. */
enum class { RESTART, EXTERNAL, SUPERVISOR_CALL, PROGRAM, MACHINE_CHECK, IO };
#define OLD_PSW(class) (0x120u + 16u * (class))
#define NEW_PSW(class) (0x1a0u + 16u * (class))
/* Where lowcore_new_psws() sends each class: a disabled wait at this address. */
#define HANDLER(class) (0x20000u + 0x1000u * (class))

/* Intercept codes that reach user space. */
enum {
	ICPT_INSTRUCTION = 0x04,
	ICPT_PROGRAM = 0x08,
	ICPT_EXTERNAL = 0x14,
	ICPT_WAIT = 0x1c,
	ICPT_STOP = 0x28,
	ICPT_OPERATION = 0x2c,
};

/* Setting up. Anything that fails here ends the client. */
/* A capability that vm_new() and vm_new_at() enable before CPUs exist; or 0. */
extern unsigned vm_capability;
/* A VM with `cpus` CPUs whose ids follow, and 1 MiB of storage at 0. */
struct vm *vm_new(unsigned cpus, ...);
/* The same with `size` bytes of storage at `origin`. */
struct vm *vm_new_at(uint64_t origin, size_t size, unsigned cpus, ...);
void vm_free(struct vm *vm);
/* Clear-resets every CPU, clears the floating interrupts, fills storage with
 * the pattern (0 or 1, its complement) and sets the new PSWs at absolute 0. */
void vm_fresh(struct vm *vm, int pattern);
void lowcore_new_psws(struct vm *vm, uint32_t prefix);
void lowcore_new_psw(struct vm *vm, uint32_t prefix, enum class class,
		     uint64_t mask, uint64_t address);
struct vm *vm_empty(void);
int vm_slot(struct vm *vm, unsigned slot, unsigned flags, uint64_t guest,
	    size_t size, void *host);
int vm_add_cpu(struct vm *vm, unsigned id);
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ioctl(), with -errno for an error. */
long kvm(int fd, unsigned long number, const void *argument);
long kvm_value(int fd, unsigned long number, unsigned long argument);
long capability(struct vm *vm, unsigned number);
long enable_capability(int fd, unsigned number);
long one_reg_get(struct cpu *cpu, uint64_t id, void *value);
long one_reg_set(struct cpu *cpu, uint64_t id, const void *value);
uint64_t cpu_timer(struct cpu *cpu);
uint64_t guest_tod(struct vm *vm);

/* Guest storage, big-endian, by absolute address. */
uint8_t *at(struct vm *vm, uint64_t address);
void put(struct vm *vm, uint64_t address, unsigned length, uint64_t value);
uint64_t get(struct vm *vm, uint64_t address, unsigned length);
void put_psw(struct vm *vm, uint64_t address, uint64_t mask, uint64_t psw_address);
void put_code(struct vm *vm, uint64_t address, const uint16_t *halfwords, size_t count);
/* Places the instructions (see code.h) at `address`. */
#define CODE(vm, address, ...)                                             \
	do {                                                               \
		const uint16_t code_[] = {__VA_ARGS__};                    \
		put_code(vm, address, code_, sizeof(code_) / sizeof(*code_)); \
	} while (0)

/* Registers, through the run page. */
void set_psw(struct cpu *cpu, uint64_t mask, uint64_t address);
void set_cr(struct cpu *cpu, unsigned number, uint64_t value);
void set_prefix(struct cpu *cpu, uint32_t value);
/* The fields of KVM_SYNC_ARCH0; they travel together. */
void set_arch0(struct cpu *cpu);
/* The CPU's floating-point register in the run page, wherever it lives. */
uint64_t *fpr(struct cpu *cpu, unsigned number);
uint32_t *fpc(struct cpu *cpu);

/* A value of its own for each register; they reach the CPU with the next run.
 * The control registers enable nothing that a CPU without DAT would notice. */
#define GPR(n) (0x1000000000000001ull * ((n) + 1))
#define FPR(n) (0x4100000000000001ull * ((n) + 1))
#define AR(n) (0x20000001u * ((n) + 1))
#define CR(n) (0x0000030000000000ull * ((n) + 1) | 0xe0)
#define FPC 0x00780001u
#define TODPR 0x0000abcdu
#define CLOCK_COMPARATOR 0x123456789abcdef0ull
#define CPU_TIMER 0x7654321000000000ull
#define PP 0x5555ull
#define GBEA 0x7777ull
void fill_registers(struct cpu *cpu, uint32_t prefix);

/* Running. A run that lasts over HANG_SECONDS is ended and fails a check. */
enum { HANG_SECONDS = 60 };
long run(struct cpu *cpu);
/* Runs until KVM_RUN returns 0 or an error other than EINTR. */
long run_on(struct cpu *cpu);
/* Makes a stopped CPU of a VM in legacy mode operating: one run that ends at
 * a DIAGNOSE. Leaves the instruction at 0x10000 and the PSW after it. */
void make_operating(struct cpu *cpu);
/* KVM_GET_MP_STATE, which answers by its return value. */
long mp_state(struct cpu *cpu);
long set_mp_state(struct cpu *cpu, uint32_t state);

/* One KVM_RUN on a thread of its own. */
struct runner {
	struct cpu *cpu;
	pthread_t thread;
	atomic_bool done;
	long result;
};
void runner_start(struct runner *runner, struct cpu *cpu);
/* Ends the KVM_RUN: immediate_exit and a signal that does nothing. */
void runner_kick(struct runner *runner);
/* KVM_RUN's result. Clears immediate_exit. */
long runner_join(struct runner *runner);
/* Waits until the big-endian value in storage is at least `value`. */
bool guest_reaches(struct vm *vm, uint64_t address, unsigned length, uint64_t value);

/* Interrupts. Bytes that are not named are zero. */
struct kvm_s390_irq irq(uint64_t type);
struct kvm_s390_irq irq_stop(uint32_t flags);
struct kvm_s390_irq irq_program(uint16_t code);
/* The same with the instruction length given: flags say ILC_VALID. */
struct kvm_s390_irq irq_program_ilc(uint16_t code, uint8_t length);
struct kvm_s390_irq irq_prefix(uint32_t address);
struct kvm_s390_irq irq_restart(void);
struct kvm_s390_irq irq_clock_comparator(void);
struct kvm_s390_irq irq_cpu_timer(void);
struct kvm_s390_irq irq_emergency(uint16_t source);
struct kvm_s390_irq irq_external_call(uint16_t source);
struct kvm_s390_irq irq_machine_check(uint64_t cr14, uint64_t mcic);
struct kvm_s390_irq irq_pfault_init(uint64_t token);
struct kvm_s390_irq irq_pfault_done(uint64_t token);
struct kvm_s390_irq irq_service(uint32_t parameter);
struct kvm_s390_irq irq_virtio(uint32_t parameter, uint64_t token);
struct kvm_s390_irq irq_io(uint16_t id, uint16_t nr, uint32_t parameter, uint32_t word);
long inject(struct cpu *cpu, struct kvm_s390_irq interrupt);
long inject_float(struct vm *vm, struct kvm_s390_irq interrupt);
/* KVM_S390_INTERRUPT on either fd. */
long interrupt(int fd, uint32_t type, uint32_t parm, uint64_t parm64);

enum { MAX_PENDING = 300 };
/* KVM_S390_GET_IRQ_STATE: entries, or the negative errno. */
long pending(struct cpu *cpu, struct kvm_s390_irq *list, unsigned room);
/* KVM_DEV_FLIC_GET_ALL_IRQS: the same. */
long floating(struct vm *vm, struct kvm_s390_irq *list, unsigned room);

/* The state that a refused call must leave alone. */
struct snapshot;
struct snapshot *snapshot(struct vm *vm);
/* Compares with the state now, then frees the snapshot. */
void snapshot_check(const char *file, int line, const char *what, struct vm *vm,
		    struct snapshot *before, bool storage_too);

/* What storage should hold: first as it is now, then with changes. */
void expect_now(struct vm *vm);
void expect(struct vm *vm, uint64_t address, unsigned length, uint64_t value);
void expect_psw(struct vm *vm, uint64_t address, uint64_t mask, uint64_t psw_address);
/* These bytes are judged elsewhere: take them as they are. */
void expect_any(struct vm *vm, uint64_t address, unsigned length);

/* Checks. A group is a line of output; a context names a case in a table. */
void begin(const char *client, unsigned seconds);
void group(const char *name);
void context(const char *format, ...) __attribute__((format(printf, 1, 2)));
int finish(void);
bool check_equal(const char *file, int line, const char *what, uint64_t expected, uint64_t seen);
bool check_result(const char *file, int line, const char *what, long expected, long seen);
bool check_exit(const char *file, int line, const char *what, struct cpu *cpu, long result,
		unsigned intercept);
bool check_storage(const char *file, int line, const char *what, struct vm *vm);
bool check_irqs(const char *file, int line, const char *what, const struct kvm_s390_irq *expected,
		long count, const struct kvm_s390_irq *seen, long seen_count);
void check_pending(const char *file, int line, const char *what, struct cpu *cpu,
		   const struct kvm_s390_irq *expected, long count);
void check_floating(const char *file, int line, const char *what, struct vm *vm,
		    const struct kvm_s390_irq *expected, long count);

#define CHECK(what, condition) check_equal(__FILE__, __LINE__, what, 1, !!(condition))
#define EQUAL(what, expected, seen) \
	check_equal(__FILE__, __LINE__, what, (uint64_t)(expected), (uint64_t)(seen))
/* The call's result: a value, or the negative errno. */
#define RESULT(what, expected, call) check_result(__FILE__, __LINE__, what, expected, call)
/* The call is refused with this errno, and changes nothing. */
#define REFUSED(what, vm, error, call)                                           \
	do {                                                                     \
		struct snapshot *before_ = snapshot(vm);                         \
		RESULT(what, -(error), call);                                    \
		snapshot_check(__FILE__, __LINE__, what, vm, before_, true);     \
	} while (0)
/* The call returns 0 and changes neither interrupts nor storage. */
#define NO_EFFECT(what, vm, call)                                                \
	do {                                                                     \
		struct snapshot *before_ = snapshot(vm);                         \
		RESULT(what, 0, call);                                           \
		snapshot_check(__FILE__, __LINE__, what, vm, before_, true);     \
	} while (0)
/* KVM_RUN gives KVM_EXIT_S390_SIEIC with this intercept code. */
#define EXITS(what, cpu, intercept) \
	check_exit(__FILE__, __LINE__, what, cpu, run(cpu), intercept)
/* The last KVM_RUN ended with this PSW. */
#define PSW_IS(what, cpu, mask, address)                                         \
	do {                                                                     \
		EQUAL(what, mask, (cpu)->run->psw_mask);                         \
		EQUAL(what, address, (cpu)->run->psw_addr);                      \
	} while (0)
/* The CPU took an interruption of this class to lowcore_new_psws()'s handler. */
#define TOOK(what, cpu, class)                                                   \
	do {                                                                     \
		EXITS(what, cpu, ICPT_WAIT);                                     \
		PSW_IS(what, cpu, PSW_DISABLED_WAIT, HANDLER(class));            \
	} while (0)
/* Exactly these are pending at the CPU, in this order. */
#define PENDING(what, cpu, ...)                                                  \
	do {                                                                     \
		const struct kvm_s390_irq list_[] = {__VA_ARGS__};               \
		check_pending(__FILE__, __LINE__, what, cpu, list_,              \
			      (long)(sizeof(list_) / IRQ_SIZE));                 \
	} while (0)
#define NONE_PENDING(what, cpu) check_pending(__FILE__, __LINE__, what, cpu, NULL, 0)
#define FLOATING(what, vm, ...)                                                  \
	do {                                                                     \
		const struct kvm_s390_irq list_[] = {__VA_ARGS__};               \
		check_floating(__FILE__, __LINE__, what, vm, list_,              \
			       (long)(sizeof(list_) / IRQ_SIZE));                \
	} while (0)
#define NONE_FLOATING(what, vm) check_floating(__FILE__, __LINE__, what, vm, NULL, 0)
/* Every byte of storage is as expect_now() and expect() say. */
#define STORAGE(what, vm) check_storage(__FILE__, __LINE__, what, vm)

#endif
