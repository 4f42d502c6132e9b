/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Descriptors that are duplicated, replaced, closed, and their numbers reused. */
#include "manners.h"

#include <sys/resource.h>
#include <sys/syscall.h>

#define IS_SYSTEM(fd) (ioctl(fd, KVM_GET_API_VERSION, 0) == KVM_API_VERSION)

static int not_kvm(int fd)
{
	errno = 0;
	return ioctl(fd, KVM_GET_API_VERSION, 0) == -1 && (errno == ENOTTY || errno == EBADF);
}

static void flags(void)
{
	int fd = open("/dev/kvm", O_RDWR);

	CHECK(fcntl(fd, F_GETFD) == 0);
	close(fd);
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(fcntl(fd, F_SETFD, 0) == 0);
	CHECK(fcntl(fd, F_GETFD) == 0);
	CHECK(IS_SYSTEM(fd));
	close(fd);
	FAILS(EEXIST, open("/dev/kvm", O_RDWR | O_CREAT | O_EXCL, 0600));
	FAILS(ENOTDIR, open("/dev/kvm", O_RDONLY | O_DIRECTORY));
}

/* VM, CPU and device descriptors close at exec, as the kernel's do. */
static void made(struct guest *guest)
{
	struct kvm_create_device flic = {.type = KVM_DEV_TYPE_FLIC};

	CHECK(fcntl(guest->vm, F_GETFD) == FD_CLOEXEC);
	CHECK(fcntl(guest->cpu, F_GETFD) == FD_CLOEXEC);
	CHECK(ioctl(guest->vm, KVM_CREATE_DEVICE, &flic) == 0);
	CHECK(fcntl((int)flic.fd, F_GETFD) == FD_CLOEXEC);
	close((int)flic.fd);
}

static void duplicates(void)
{
	int fd = kvm_open(), other, high;

	other = dup(fd);
	CHECK(other > fd && IS_SYSTEM(other));
	CHECK(fcntl(other, F_GETFD) == 0);
	close(fd);
	CHECK(!is_open(fd) && not_kvm(fd));
	CHECK(IS_SYSTEM(other));

	fd = fcntl(other, F_DUPFD, 100);
	CHECK(fd == 100 && IS_SYSTEM(fd) && fcntl(fd, F_GETFD) == 0);
	high = fcntl(other, F_DUPFD_CLOEXEC, 2000);
	CHECK(high == 2000 && IS_SYSTEM(high) && fcntl(high, F_GETFD) == FD_CLOEXEC);
	CHECK(close(high) == 0 && not_kvm(high));
	CHECK(close(fd) == 0);

	CHECK(dup2(other, 101) == 101 && IS_SYSTEM(101));
	CHECK(dup3(other, 102, O_CLOEXEC) == 102 && IS_SYSTEM(102));
	CHECK(fcntl(102, F_GETFD) == FD_CLOEXEC);
	FAILS(EINVAL, dup3(other, other, 0));
	CHECK(dup2(other, other) == other && IS_SYSTEM(other));
	FAILS(EBADF, dup2(other, -1));
	FAILS(EBADF, dup2(777, other));
	CHECK(IS_SYSTEM(other));
	FAILS(EINVAL, dup3(other, 103, O_APPEND));
	close(101);
	close(102);
	close(other);
}

/* dup2 over a descriptor of KVM, and of KVM over another. */
static void replaced(void)
{
	struct guest guest = guest_new();
	int null = open("/dev/null", O_RDWR);
	int number = dup(guest.system);

	CHECK(dup2(null, number) == number);
	CHECK(not_kvm(number) && write(number, "x", 1) == 1);
	CHECK(dup2(guest.vm, number) == number);
	CHECK(ioctl(number, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS) > 0);
	FAILS(ENOTTY, ioctl(number, KVM_GET_VCPU_MMAP_SIZE, 0));
	CHECK(dup3(guest.cpu, number, 0) == number);
	close(guest.cpu);
	guest.cpu = number;
	CHECK(guest_done(&guest));
	close(null);
	guest_free(&guest);
}

static void ranges(void)
{
	int first = fcntl(0, F_DUPFD, 200);
	int fd[3];

	close(first);
	for (int n = 0; n < 3; n++)
		fd[n] = fcntl(kvm_open(), F_DUPFD, 200);
	CHECK(fd[0] == 200 && fd[2] == 202);
	CHECK(close_range(200, 202, CLOSE_RANGE_CLOEXEC) == 0);
	CHECK(IS_SYSTEM(200) && fcntl(200, F_GETFD) == FD_CLOEXEC);
	CHECK(close_range(200, 201, 0) == 0);
	CHECK(!is_open(200) && not_kvm(200) && not_kvm(201) && IS_SYSTEM(202));
	FAILS(EINVAL, close_range(5, 4, 0));
	closefrom(3);
	CHECK(!is_open(3) && not_kvm(3) && not_kvm(202));
}

/* A number is free for something else the moment it is closed. */
static void reused(void)
{
	int fd = kvm_open(), pipes[2];
	FILE *stream;

	close(fd);
	CHECK(open("/dev/null", O_RDWR) == fd);
	CHECK(not_kvm(fd));
	close(fd);

	CHECK(kvm_open() == fd);
	close(fd);
	CHECK(pipe(pipes) == 0 && pipes[0] == fd);
	CHECK(not_kvm(fd) && not_kvm(pipes[1]));
	CHECK(write(pipes[1], "ab", 2) == 2 && ioctl(fd, FIONREAD, &fd) == 0 && fd == 2);
	close(pipes[0]);
	close(pipes[1]);

	/* Through a stream, which closes its descriptor by itself. */
	fd = kvm_open();
	stream = fdopen(fd, "r+");
	CHECK(stream != NULL && IS_SYSTEM(fileno(stream)));
	CHECK(fclose(stream) == 0);
	CHECK(pipe(pipes) == 0 && pipes[0] == fd);
	CHECK(not_kvm(fd));
	close(pipes[0]);
	close(pipes[1]);

	/* Past the C library's function: the next open tells. */
	fd = kvm_open();
	syscall(SYS_close, fd);
	CHECK(open("/dev/null", O_RDWR) == fd);
	CHECK(not_kvm(fd));
	close(fd);
}

static void lifetimes(void)
{
	struct guest guest = guest_new();
	int cpu = guest.cpu;

	/* The VM lives as long as a CPU's descriptor. */
	close(guest.system);
	close(guest.vm);
	CHECK(guest_done(&guest));
	/* The page stays, whoever is gone. */
	close(guest.cpu);
	FAILS(EBADF, ioctl(cpu, KVM_RUN, 0));
	CHECK(guest.run->exit_reason == KVM_EXIT_S390_SIEIC);
	guest.run->psw_addr = 0x4711;
	CHECK(guest.run->psw_addr == 0x4711);
	munmap(guest.run, 4096);
	munmap(guest.storage, 1 << 20);
}

static int count_open(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += is_open(fd);
	return count;
}

/* No descriptor is in the process but those that the client asked for. */
static void none_hidden(void)
{
	int before = count_open();
	struct guest guest = guest_new();

	CHECK(guest_done(&guest));
	CHECK(count_open() == before + 3);
	guest_free(&guest);
	CHECK(count_open() == before);
}

/* Every VM frees what it has: descriptors and memory do not run out. */
static void many(void)
{
	int limit = kvm_open();

	close(limit);
	for (int n = 0; n < 3000; n++) {
		struct guest guest = guest_new();

		if (n % 500 == 0)
			CHECK(guest_done(&guest));
		guest_free(&guest);
	}
	CHECK(kvm_open() == limit);
	close(limit);
}

/* With no number left, nothing is made. */
static void no_number_left(void)
{
	struct kvm_create_device flic = {.type = KVM_DEV_TYPE_FLIC};
	struct guest guest = guest_new();
	int last = open("/dev/null", O_RDWR), fd;
	struct rlimit before, limit;

	getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = (rlim_t)last + 1;
	/* Numbers below it may be free. */
	while ((fd = dup(last)) >= 0 && fd < last)
		;
	close(fd);
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	FAILS(EMFILE, open("/dev/kvm", O_RDWR));
	FAILS(EMFILE, ioctl(guest.system, KVM_CREATE_VM, 0));
	FAILS(EMFILE, ioctl(guest.vm, KVM_CREATE_VCPU, 1));
	FAILS(EMFILE, ioctl(guest.vm, KVM_CREATE_DEVICE, &flic));
	FAILS(EMFILE, dup(guest.cpu));
	CHECK(guest_done(&guest));
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
	fd = ioctl(guest.vm, KVM_CREATE_VCPU, 1);
	CHECK(fd >= 0);
	close(fd);
	CHECK(ioctl(guest.vm, KVM_CREATE_DEVICE, &flic) == 0);
	close((int)flic.fd);
	close(last);
	guest_free(&guest);
}

static void other_calls(struct guest *guest)
{
	char byte = 0;
	struct stat status;
	struct pollfd poll_system = {.fd = guest->system, .events = POLLIN | POLLOUT};

	FAILS(EINVAL, read(guest->system, &byte, 1));
	FAILS(EINVAL, write(guest->vm, &byte, 1));
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, guest->vm, 0) == MAP_FAILED);
	CHECK(poll(&poll_system, 1, 0) >= 0 && !(poll_system.revents & (POLLNVAL | POLLERR)));
	CHECK(fstat(guest->system, &status) == 0);
	/* Private and shared mappings, and a second one, of the run page. */
	struct kvm_run *second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, guest->cpu, 0);
	CHECK(second != MAP_FAILED);
	guest->run->psw_addr = 0x123456789;
	CHECK(second->psw_addr == 0x123456789);
	munmap(second, 4096);
	/* The page neither shrinks nor grows. */
	CHECK(ftruncate(guest->cpu, 0) == -1);
	CHECK(pwrite(guest->cpu, &byte, 1, 4096) == -1);
	/* An ioctl of something else. */
	int number = 0;
	CHECK(ioctl(guest->system, FIONREAD, &number) == -1);
}

int main(void)
{
	struct guest guest = guest_new();

	flags();
	made(&guest);
	duplicates();
	replaced();
	lifetimes();
	other_calls(&guest);
	guest_free(&guest);
	none_hidden();
	no_number_left();
	many();
	reused();
	ranges();
	return finish();
}
