//! VMs and the creation of vcpus (A.4, A.5, E.3).

use crate::client::{Client, NOWHERE};
use crate::guest::{CODE, DIAG_501, EXIT_501, Guest, MASKED, object};
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Object, System};

#[test]
fn vcpu_ids() {
    let client = Client::new();
    let vm = Object::Vm(System::new().create_vm().unwrap());
    for id in [0, 7, 247] {
        assert!(client.make(&vm, KVM_CREATE_VCPU, id).is_ok());
        assert_eq!(client.make(&vm, KVM_CREATE_VCPU, id).err(), Some(libc::EEXIST));
    }
    for id in [248, 255, 256, 1 << 16, 1 << 32, u64::MAX] {
        assert_eq!(client.make(&vm, KVM_CREATE_VCPU, id).err(), Some(libc::EINVAL), "{id}");
    }
}

#[test]
fn all_248_vcpus_exist_at_once() {
    let vm = System::new().create_vm().unwrap();
    let vcpus: Vec<_> = (0..248).rev().map(|id| vm.create_vcpu(id).unwrap()).collect();
    assert_eq!(vcpus.len(), 248);
    let source = kvm_s390_emerg_info { code: 247 };
    let irq = kvm_s390_irq::with_emerg(KVM_S390_INT_EMERGENCY, source);
    assert_eq!(vcpus[247].id(), 0);
    assert_eq!(vcpus[247].inject(&irq), Ok(()));
}

#[test]
fn an_id_stays_taken_when_the_handle_is_gone() {
    let guest = Guest::new();
    drop(guest.vm.create_vcpu(3).unwrap());
    assert_eq!(guest.vm.create_vcpu(3).unwrap_err().errno().0, libc::EEXIST);
}

#[test]
fn a_new_vcpu() {
    // E.3: stopped, all registers zero, CR0 and CR14 too; pfault token ~0.
    let guest = Guest::new();
    let vcpu = guest.vm.create_vcpu(0).unwrap();
    assert_eq!(vcpu.get_mp_state(), KVM_MP_STATE_STOPPED);
    assert_eq!(vcpu.run_page().psw(), Psw::default());
    assert_eq!(vcpu.get_regs(), kvm_regs::default());
    assert_eq!(vcpu.get_sregs(), kvm_sregs::default());
    assert_eq!(vcpu.get_fpu(), kvm_fpu::default());
    assert_eq!(vcpu.get_one_reg(KVM_REG_S390_PFTOKEN), Ok(u64::MAX));
    assert_eq!(vcpu.get_one_reg(KVM_REG_S390_GBEA), Ok(0));
    assert!(vcpu.get_irq_state().is_empty());
    // A.7, on a host without vector registers.
    assert_eq!(vcpu.run_page().valid(), 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x100 | 0x1000);
}

#[test]
fn enable_cap_refuses() {
    let guest = Guest::new();
    let client = Client::new();
    let vm = Object::Vm(guest.vm.clone());
    let vcpu = object(&guest.vcpu(0, MASKED));
    let cap = |cap, flags| kvm_enable_cap { cap, flags, ..Default::default() };
    for refused in [
        cap(KVM_CAP_S390_USER_SIGP, 1),
        cap(KVM_CAP_S390_CSS_SUPPORT, 0),
        cap(KVM_CAP_S390_IRQCHIP, 0),
        cap(KVM_CAP_S390_VECTOR_REGISTERS, 0),
        cap(0, 0),
        cap(u32::MAX, 0),
    ] {
        assert_eq!(client.pass(&vm, KVM_ENABLE_CAP, &refused), Err(libc::EINVAL));
    }
    for refused in [cap(KVM_CAP_S390_CSS_SUPPORT, 1), cap(KVM_CAP_S390_USER_SIGP, 0)] {
        assert_eq!(client.pass(&vcpu, KVM_ENABLE_CAP, &refused), Err(libc::EINVAL));
    }
    assert_eq!(client.ioctl(&vm, KVM_ENABLE_CAP, NOWHERE), Err(libc::EFAULT));
    assert_eq!(client.ioctl(&vcpu, KVM_ENABLE_CAP, NOWHERE), Err(libc::EFAULT));
}

#[test]
fn unknown_ioctls() {
    let guest = Guest::new();
    let client = Client::new();
    let vm = Object::Vm(guest.vm.clone());
    let vcpu = object(&guest.vcpu(0, MASKED));
    for number in [KVM_RUN, KVM_GET_API_VERSION, KVM_IRQFD, KVM_IOEVENTFD, 0, 0x5401] {
        assert_eq!(client.ioctl(&vm, number, NOWHERE), Err(libc::ENOTTY), "{number:#x}");
    }
    for number in [KVM_CREATE_VCPU, KVM_NMI, 0xaeff] {
        assert_eq!(client.ioctl(&vcpu, number, NOWHERE), Err(libc::ENOTTY), "{number:#x}");
    }
    // A vcpu looks at the type byte first.
    for number in [0, 0x5401, 0x4048_afb4] {
        assert_eq!(client.ioctl(&vcpu, number, NOWHERE), Err(libc::EINVAL), "{number:#x}");
    }
    assert_eq!(client.ioctl(&vm, KVM_CREATE_IRQCHIP, 0), Err(libc::EINVAL));
}

/// ioctls for other kinds of guests answer as they do for this kind.
#[test]
fn ioctls_of_other_guests() {
    let guest = Guest::new();
    guest.put(CODE, &DIAG_501);
    let client = Client::new();
    let vcpu = guest.vcpu(0, MASKED);
    let fd = object(&vcpu);
    let somewhere = client.at(0);
    for number in [KVM_TRANSLATE, KVM_S390_UCAS_MAP, KVM_S390_UCAS_UNMAP] {
        assert_eq!(client.ioctl(&fd, number, somewhere), Err(libc::EINVAL));
        assert_eq!(client.ioctl(&fd, number, NOWHERE), Err(libc::EFAULT));
    }
    assert_eq!(client.ioctl(&fd, KVM_S390_PV_CPU_COMMAND, somewhere), Err(libc::EINVAL));
    assert_eq!(client.ioctl(&fd, KVM_S390_VCPU_FAULT, 0x1000), Ok(0));
    assert_eq!(client.ioctl(&fd, KVM_S390_VCPU_FAULT, 1 << 40), Err(libc::EFAULT));
    assert_eq!(vcpu.run(), Ok(EXIT_501), "legacy state mode");
    vcpu.normal_reset();
    // E.4: even a failing one takes control of the CPU states.
    let vm = Object::Vm(guest.vm.clone());
    assert_eq!(client.ioctl(&vm, KVM_S390_PV_COMMAND, NOWHERE), Err(libc::EINVAL));
    assert_eq!(vcpu.run().unwrap_err().errno().0, libc::EINVAL);
}

#[test]
fn vms_do_not_know_of_each_other() {
    let (a, b) = (Guest::new(), Guest::new());
    let (cpu_a, cpu_b) = (a.vcpu(0, MASKED), b.vcpu(0, MASKED));
    let _other = b.vcpu(5, MASKED);
    let call = |code| {
        kvm_s390_irq::with_extcall(KVM_S390_INT_EXTERNAL_CALL, kvm_s390_extcall_info { code })
    };
    assert_eq!(cpu_a.inject(&call(5)).unwrap_err().errno().0, libc::EINVAL);
    assert_eq!(cpu_b.inject(&call(5)), Ok(()));
    assert!(cpu_a.get_irq_state().is_empty());
    a.put(CODE, &DIAG_501);
    assert_eq!(cpu_a.run(), Ok(EXIT_501));
    assert_eq!(b.u32(CODE), 0);
}

#[test]
fn a_vcpu_outlives_the_handle_of_its_vm() {
    let Guest { vm, memory } = Guest::new();
    memory.write(usize::try_from(CODE).unwrap(), &DIAG_501).unwrap();
    let vcpu = vm.create_vcpu(0).unwrap();
    drop((vm, memory));
    vcpu.run_page().set_psw(Psw::new(MASKED, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
}
