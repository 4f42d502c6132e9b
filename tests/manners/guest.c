/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A guest from open to exit, with interrupts from its client. */
#include "manners.h"

static void *inject_restart(void *argument)
{
	struct guest *guest = argument;
	struct kvm_s390_irq irq = {.type = KVM_S390_RESTART};

	usleep(10000);
	CHECK(ioctl(guest->cpu, KVM_S390_IRQ, &irq) == 0);
	return NULL;
}

int main(void)
{
	struct guest guest = guest_new();
	struct kvm_s390_irq irq = {.type = KVM_S390_INT_EMERGENCY};
	pthread_t thread;

	CHECK(ioctl(guest.system, KVM_GET_API_VERSION, 0) == KVM_API_VERSION);
	CHECK(ioctl(guest.system, KVM_CHECK_EXTENSION, KVM_CAP_S390_INJECT_IRQ) == 1);
	CHECK(ioctl(guest.vm, KVM_CHECK_EXTENSION, KVM_CAP_S390_INJECT_IRQ) == 1);

	/* lghi 2,42; aghi 2,-2; diag */
	guest_code(&guest, "a729002a" "a72bfffe" DONE);
	CHECK(ioctl(guest.cpu, KVM_RUN, 0) == 0);
	CHECK(guest.run->exit_reason == KVM_EXIT_S390_SIEIC);
	CHECK(guest.run->s390_sieic.icptcode == 4);
	CHECK(guest.run->s390_sieic.ipa == 0x8300);
	CHECK(guest.run->psw_addr == CODE + 12);
	CHECK(guest.run->s.regs.gprs[2] == 40);

	/* An emergency signal, enabled: the handler is DONE too. */
	put_psw(&guest, 0x1b0, PSW_64BIT, 0x2000);
	memcpy(guest.storage + 0x2000, "\x83\x00\x05\x01", 4);
	guest.run->s.regs.crs[0] = 0x4000;
	guest.run->kvm_dirty_regs = KVM_SYNC_CRS;
	CHECK(ioctl(guest.cpu, KVM_S390_IRQ, &irq) == 0);
	guest.run->psw_mask = PSW_64BIT | 1ull << 56;
	guest.run->psw_addr = CODE;
	CHECK(ioctl(guest.cpu, KVM_RUN, 0) == 0);
	CHECK(guest.run->psw_addr == 0x2004);
	CHECK(guest.storage[0x86] == 0x12 && guest.storage[0x87] == 0x01);
	irq.u.emerg.code = 77;
	FAILS(EINVAL, ioctl(guest.cpu, KVM_S390_IRQ, &irq));

	/* A restart, from another thread, for a CPU that waits. */
	put_psw(&guest, 0x1a0, PSW_64BIT, 0x2000);
	guest.run->psw_mask = PSW_WAIT_EXTERNAL;
	guest.run->psw_addr = 0x123456;
	pthread_create(&thread, NULL, inject_restart, &guest);
	CHECK(ioctl(guest.cpu, KVM_RUN, 0) == 0);
	pthread_join(thread, NULL);
	CHECK(guest.run->psw_addr == 0x2004);
	CHECK(memcmp(guest.storage + 0x128, "\0\0\0\0\0\x12\x34\x56", 8) == 0);

	/* The number as an int, sign-extended to the C library's long. */
	irq.u.emerg.code = 0;
	CHECK(ioctl(guest.cpu, (unsigned long)(long)(int)KVM_GET_REGS, guest.storage) == 0);
	CHECK((long)(int)KVM_GET_REGS < 0);
	FAILS(ENOTTY, ioctl(guest.vm, _IO(KVMIO, 0xfe), 0));
	return finish();
}
