/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every way to name /dev/kvm gives the served one. The argument is an empty
 * folder to make links in, and, as root, device files.
 */
#include "manners.h"

#include <sys/sysmacros.h>


extern int __open_2(const char *, int);
extern int __open64_2(const char *, int);
extern int __openat_2(int, const char *, int);
extern int __openat64_2(int, const char *, int);

/* A served descriptor: it answers as an s390 host does, and is no device. */
static void served(const char *how, int fd)
{
	struct stat status = {0};

	if (fd < 0 || ioctl(fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION ||
	    ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_S390_INJECT_IRQ) != 1) {
		printf("%s is not served: %d (%s)\n", how, fd, strerror(errno));
		failures++;
	}
	if (fstat(fd, &status) == 0 && S_ISCHR(status.st_mode)) {
		printf("%s is a device file\n", how);
		failures++;
	}
	close(fd);
}

#define SERVED(call) served(#call, call)

int main(int count, char **arguments)
{
	int folder, dev;
	FILE *stream;

	if (count < 2 || chdir(arguments[1]))
		return 2;
	folder = open(".", O_RDONLY | O_DIRECTORY);
	dev = open("/dev", O_RDONLY | O_DIRECTORY);

	SERVED(open("/dev/kvm", O_RDWR));
	SERVED(open64("/dev/kvm", O_RDONLY));
	SERVED(__open_2("/dev/kvm", O_RDWR));
	SERVED(__open64_2("/dev/kvm", O_RDWR));
	SERVED(openat(AT_FDCWD, "/dev/kvm", O_RDWR));
	SERVED(openat64(AT_FDCWD, "/dev/kvm", O_RDWR));
	SERVED(__openat_2(AT_FDCWD, "/dev/kvm", O_RDWR));
	SERVED(__openat64_2(AT_FDCWD, "/dev/kvm", O_RDWR));
	SERVED(open("/dev/kvm", O_RDWR | O_CREAT, 0600));
	SERVED(open("//dev/../dev/./kvm", O_RDWR));
	SERVED(openat(dev, "kvm", O_RDWR));
	SERVED(openat(dev, "../dev/kvm", O_RDWR | O_NOFOLLOW));
	SERVED(open("/proc/self/root/dev/kvm", O_RDWR));
	stream = fopen("/dev/kvm", "r+");
	CHECK(stream != NULL);
	SERVED(dup(fileno(stream)));
	fclose(stream);
	stream = fopen64("/dev/kvm", "r+e");
	CHECK(stream != NULL);
	CHECK(fcntl(fileno(stream), F_GETFD) == FD_CLOEXEC);
	SERVED(dup(fileno(stream)));
	fclose(stream);

	CHECK(symlink("/dev/kvm", "link") == 0);
	CHECK(symlink("link", "twice") == 0);
	CHECK(symlink("/dev", "devices") == 0);
	SERVED(open("link", O_RDWR));
	SERVED(open("twice", O_RDWR));
	SERVED(openat(folder, "twice", O_RDWR));
	SERVED(open("devices/kvm", O_RDWR));
	FAILS(ELOOP, open("link", O_RDWR | O_NOFOLLOW));
	CHECK(chdir("/dev") == 0);
	SERVED(open("kvm", O_RDWR));
	CHECK(fchdir(folder) == 0);

	/* The device under another name, which only root can make. */
	if (geteuid() == 0) {
		CHECK(mknod("node", S_IFCHR | 0600, makedev(10, 232)) == 0);
		SERVED(open("node", O_RDWR));
		SERVED(openat(folder, "node", O_RDWR));
		CHECK(symlink("node", "link-to-node") == 0);
		SERVED(open("link-to-node", O_RDWR));
		/* Its name alone is no device, but leads to one. */
		int name = open("node", O_PATH);
		char path[64];
		FAILS(EBADF, ioctl(name, TIOCGWINSZ, 0));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", name);
		SERVED(open(path, O_RDWR));
		/* Another device stays another device. */
		CHECK(mknod("null", S_IFCHR | 0600, makedev(1, 3)) == 0);
		struct stat status;
		int null = open("/dev/null", O_RDWR);
		CHECK(fstat(null, &status) == 0 && status.st_rdev == makedev(1, 3));
	}

	/* Not it. */
	CHECK(mkdir("dev", 0700) == 0);
	int file = open("dev/kvm", O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(file >= 0 && write(file, "x", 1) == 1);
	FAILS(ENOTTY, ioctl(file, KVM_GET_API_VERSION, 0));
	FAILS(ENOENT, open("/dev/kvm2", O_RDWR));
	FAILS(ENOENT, open("", O_RDWR));
	/* The mode is passed on. */
	struct stat status;
	umask(0);
	file = open("mode", O_RDWR | O_CREAT, 0751);
	CHECK(fstat(file, &status) == 0 && (status.st_mode & 0777) == 0751);
	file = openat(folder, "mode2", O_RDWR | O_CREAT, 0642);
	CHECK(fstat(file, &status) == 0 && (status.st_mode & 0777) == 0642);
	return finish();
}
