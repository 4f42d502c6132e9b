//! The floating-interrupt controller and floating interrupts (A.9, C.11 to
//! C.13, D.3).

use crate::client::{Client, NOWHERE};
use crate::guest::*;
use lowcore_abi::*;
use lowcore_kvm::{Object, Vm};

fn flic(client: &Client, vm: &Vm) -> Object {
    let create = kvm_create_device { type_: KVM_DEV_TYPE_FLIC, fd: 0, flags: 0 };
    let address = client.put(0, &create);
    client.make(&Object::Vm(vm.clone()), KVM_CREATE_DEVICE, address).unwrap()
}

fn attribute(
    client: &Client,
    device: &Object,
    number: u32,
    group: u32,
    attr: u64,
    addr: u64,
) -> Result<i32, i32> {
    client.pass(device, number, &kvm_device_attr { flags: 0, group, attr, addr })
}

fn service(parameter: u32) -> kvm_s390_irq {
    let ext = kvm_s390_ext_info { ext_params: parameter, pad: 0, ext_params2: 0 };
    kvm_s390_irq::with_ext(KVM_S390_INT_SERVICE, ext)
}

fn io(id: u16, number: u16, parameter: u32, word: u32) -> kvm_s390_irq {
    let io = kvm_s390_io_info {
        subchannel_id: id,
        subchannel_nr: number,
        io_int_parm: parameter,
        io_int_word: word,
    };
    kvm_s390_irq::with_io(KVM_S390_INT_IO(0, 0, 0, number.into()), io)
}

#[test]
fn creation() {
    let guest = Guest::new();
    let client = Client::new();
    let vm = Object::Vm(guest.vm.clone());
    let create = |type_, flags| {
        let address = client.put(0, &kvm_create_device { type_, fd: 0, flags });
        client.make(&vm, KVM_CREATE_DEVICE, address)
    };
    for type_ in [0, 1, 4, 5, 7, 100, u32::MAX] {
        assert_eq!(create(type_, 0).err(), Some(libc::ENODEV), "{type_}");
    }
    assert_eq!(client.make(&vm, KVM_CREATE_DEVICE, NOWHERE).err(), Some(libc::EFAULT));
    // A test makes none.
    let test = kvm_create_device { type_: 6, fd: 0, flags: KVM_CREATE_DEVICE_TEST };
    assert_eq!(client.pass(&vm, KVM_CREATE_DEVICE, &test), Ok(0));
    assert!(matches!(create(6, 0), Ok(Object::Flic(_))));
    assert_eq!(create(6, 0).err(), Some(libc::EINVAL));
}

#[test]
fn unknown_groups_and_ioctls() {
    let guest = Guest::new();
    let client = Client::new();
    let device = flic(&client, &guest.vm);
    for group in [0, 12, u32::MAX] {
        let has = attribute(&client, &device, KVM_HAS_DEVICE_ATTR, group, 0, 0);
        assert_eq!(has, Err(libc::ENXIO));
        for number in [KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR] {
            assert_eq!(attribute(&client, &device, number, group, 0, 0), Err(libc::EINVAL));
        }
    }
    for group in [1, 2, 3, 4, 5, 8] {
        assert_eq!(attribute(&client, &device, KVM_HAS_DEVICE_ATTR, group, 0, 0), Ok(0));
    }
    // Not there without adapters and their suppression.
    for group in [6, 7, 9, 10, 11] {
        let has = attribute(&client, &device, KVM_HAS_DEVICE_ATTR, group, 0, 0);
        assert_eq!(has, Err(libc::ENXIO));
    }
    assert_eq!(attribute(&client, &device, KVM_SET_DEVICE_ATTR, 9, 0, 0), Err(libc::EOPNOTSUPP));
    assert_eq!(attribute(&client, &device, KVM_SET_DEVICE_ATTR, 11, 0, 0), Err(libc::EOPNOTSUPP));
    assert_eq!(attribute(&client, &device, KVM_GET_DEVICE_ATTR, 11, 1, 0), Err(libc::EINVAL));
    assert_eq!(attribute(&client, &device, KVM_GET_DEVICE_ATTR, 11, 2, 0), Err(libc::EOPNOTSUPP));
    for group in [4, 5] {
        assert_eq!(attribute(&client, &device, KVM_SET_DEVICE_ATTR, group, 9, NOWHERE), Ok(0));
    }
    assert_eq!(client.ioctl(&device, KVM_RUN, 0), Err(libc::ENOTTY));
    assert_eq!(client.ioctl(&device, KVM_HAS_DEVICE_ATTR, NOWHERE), Err(libc::EFAULT));
}

#[test]
fn enqueue_get_all_clear() {
    let guest = Guest::new();
    let client = Client::new();
    let device = flic(&client, &guest.vm);
    let set =
        |group, attr, addr| attribute(&client, &device, KVM_SET_DEVICE_ATTR, group, attr, addr);
    let get_all =
        |length| attribute(&client, &device, KVM_GET_DEVICE_ATTR, 1, length, client.at(0x8000));
    assert_eq!(get_all(0), Err(libc::EINVAL));
    assert_eq!(get_all(0x200_0001), Err(libc::EINVAL));
    assert_eq!(get_all(1), Ok(0), "nothing fits, but nothing is pending");
    assert_eq!(attribute(&client, &device, KVM_SET_DEVICE_ATTR, 1, 72, 0), Err(libc::EINVAL));
    assert_eq!(attribute(&client, &device, KVM_GET_DEVICE_ATTR, 2, 72, 0), Err(libc::EINVAL));

    let ext = |type_, parm, token| {
        let ext = kvm_s390_ext_info { ext_params: parm, pad: 0, ext_params2: token };
        kvm_s390_irq::with_ext(type_, ext)
    };
    let check = kvm_s390_mchk_info { cr14: !0, mcic: 1 << 54, ..Default::default() };
    let irqs = [
        kvm_s390_irq::with_mchk(KVM_S390_MCHK, check),
        service(0x1003),
        ext(KVM_S390_INT_VIRTIO, 1, 2),
        ext(KVM_S390_INT_PFAULT_DONE, 0, 3),
        io(1, 7, 70, 5 << 27),
        io(1, 8, 80, 2 << 27),
        io(1, 9, 90, 5 << 27),
    ];
    let buffer = client.put(0x1000, &irqs);
    for length in [1, 71, 73, 0x200_0010, 0x200_0058] {
        assert_eq!(set(2, length, buffer), Err(libc::EINVAL), "{length:#x}");
    }
    assert_eq!(set(2, 0, NOWHERE), Ok(0), "nothing to do");
    assert_eq!(set(2, 72, NOWHERE), Err(libc::EFAULT));
    assert_eq!(get_all(0x1000), Ok(0));
    assert_eq!(set(2, 7 * 72, buffer), Ok(0));

    assert_eq!(get_all(7 * 72 - 1), Err(libc::ENOMEM));
    assert_eq!(client.get::<u64>(0x8000), 0, "nothing was copied");
    // A count, and nothing is removed.
    assert_eq!(get_all(7 * 72), Ok(7));
    assert_eq!(get_all(7 * 72 + 5), Ok(7));
    let all: [kvm_s390_irq; 7] = client.get(0x8000);
    assert_eq!(all[..3], [irqs[5], irqs[4], irqs[6]]);
    assert_eq!((all[3], all[4], all[5]), (irqs[3], irqs[2], irqs[1]));
    // Of the subclasses only channel report survives (C.12).
    let mchk = kvm_s390_mchk_info { cr14: 1 << 28, ..check };
    assert_eq!(all[6], kvm_s390_irq::with_mchk(KVM_S390_MCHK, mchk));
    let unwritable = attribute(&client, &device, KVM_GET_DEVICE_ATTR, 1, 0x1000, NOWHERE);
    assert_eq!(unwritable, Err(libc::EFAULT));

    assert_eq!(set(3, 99, NOWHERE), Ok(0));
    assert_eq!(get_all(0x1000), Ok(0));
}

/// D.3: one by one, and those before the bad one stay.
#[test]
fn enqueue_stops_at_the_first_error() {
    let guest = Guest::new();
    let client = Client::new();
    let device = flic(&client, &guest.vm);
    for bad in
        [KVM_S390_RESTART, KVM_S390_INT_EMERGENCY, KVM_S390_INT_PFAULT_INIT, KVM_S390_PROGRAM_INT]
    {
        let irqs = [service(0x1000), kvm_s390_irq::of_type(bad), io(1, 1, 1, 0)];
        let buffer = client.put(0x1000, &irqs);
        let set = attribute(&client, &device, KVM_SET_DEVICE_ATTR, 2, 3 * 72, buffer);
        assert_eq!(set, Err(libc::EINVAL));
        let all = attribute(&client, &device, KVM_GET_DEVICE_ATTR, 1, 0x1000, client.at(0x8000));
        assert_eq!(all, Ok(1));
        assert_eq!(attribute(&client, &device, KVM_SET_DEVICE_ATTR, 3, 0, 0), Ok(0));
    }
}

#[test]
fn clear_io_irq() {
    let guest = Guest::new();
    let client = Client::new();
    let device = flic(&client, &guest.vm);
    let buffer = client.put(0x1000, &[io(1, 7, 1, 5 << 27), io(1, 7, 2, 3 << 27), io(2, 7, 3, 0)]);
    assert_eq!(attribute(&client, &device, KVM_SET_DEVICE_ATTR, 2, 3 * 72, buffer), Ok(0));
    let clear = |flags, attr, addr| {
        let attribute = kvm_device_attr { flags, group: 8, attr, addr };
        client.pass(&device, KVM_SET_DEVICE_ATTR, &attribute)
    };
    let schid = client.put(0x3000, &0x0001_0007_u32);
    assert_eq!(clear(1, 4, schid), Err(libc::EINVAL));
    assert_eq!(clear(0, 8, schid), Err(libc::EINVAL));
    assert_eq!(clear(0, 4, NOWHERE), Err(libc::EFAULT));
    assert_eq!(clear(0, 4, client.put(0x3008, &0_u32)), Err(libc::EINVAL));
    let parameters = || {
        let all = attribute(&client, &device, KVM_GET_DEVICE_ATTR, 1, 0x1000, client.at(0x8000));
        let count = usize::try_from(all.unwrap()).unwrap();
        (0..count)
            .map(|n| client.get::<kvm_s390_irq>(0x8000 + 72 * n).io().io_int_parm)
            .collect::<Vec<_>>()
    };
    assert_eq!(parameters(), [3, 2, 1]);
    // At most one, of the lowest subclass.
    assert_eq!(clear(0, 4, schid), Ok(0));
    assert_eq!(parameters(), [3, 1]);
    assert_eq!(clear(0, 4, schid), Ok(0));
    assert_eq!(clear(0, 4, schid), Ok(0), "none is left, and that is no error");
    assert_eq!(parameters(), [3]);
}

/// A.3: the column of the VM.
#[test]
fn interrupts_of_a_vm() {
    let guest = Guest::new();
    let client = Client::new();
    let vm = Object::Vm(guest.vm.clone());
    let inject = |type_, parm, parm64| {
        client.pass(&vm, KVM_S390_INTERRUPT, &kvm_s390_interrupt { type_, parm, parm64 })
    };
    for type_ in [
        KVM_S390_SIGP_STOP,
        KVM_S390_PROGRAM_INT,
        KVM_S390_SIGP_SET_PREFIX,
        KVM_S390_RESTART,
        KVM_S390_INT_PFAULT_INIT,
        KVM_S390_INT_CLOCK_COMP,
        KVM_S390_INT_CPU_TIMER,
        KVM_S390_INT_EMERGENCY,
        KVM_S390_INT_EXTERNAL_CALL,
        0xffff_ffff,
    ] {
        assert_eq!(inject(type_, 0, 0), Err(libc::EINVAL), "{type_:#x}");
    }
    assert_eq!(client.ioctl(&vm, KVM_S390_INTERRUPT, NOWHERE), Err(libc::EFAULT));
    let controller = guest.vm.create_flic().unwrap();
    assert!(controller.all_interrupts().is_empty());

    assert_eq!(inject(KVM_S390_INT_IO(0, 1, 2, 3), 0x0001_0003, 0xaaaa_bbbb_3800_0000), Ok(0));
    assert_eq!(inject(KVM_S390_INT_VIRTIO, 4, 5), Ok(0));
    assert_eq!(inject(KVM_S390_INT_PFAULT_DONE, 6, 7), Ok(0));
    assert_eq!(inject(KVM_S390_INT_SERVICE, 0x2000, 8), Ok(0));
    assert_eq!(inject(KVM_S390_MCHK, 1 << 28, 9), Ok(0));
    let all = controller.all_interrupts();
    assert_eq!(all.len(), 5);
    assert_eq!(all[0].type_, KVM_S390_INT_IO(0, 1, 2, 3).into());
    let io = all[0].io();
    assert_eq!((io.subchannel_id, io.subchannel_nr), (1, 3));
    assert_eq!((io.io_int_parm, io.io_int_word), (0xaaaa_bbbb, 0x3800_0000));
    assert_eq!(all[1].ext().ext_params2, 7);
    assert_eq!((all[2].ext().ext_params, all[2].ext().ext_params2), (4, 5));
    assert_eq!(all[3].ext().ext_params, 0x2000);
    assert_eq!((all[4].mchk().cr14, all[4].mchk().mcic), (1 << 28, 9));
}

#[test]
fn full_queues_are_busy() {
    let guest = Guest::new();
    let virtio = kvm_s390_interrupt { type_: KVM_S390_INT_VIRTIO, parm: 0, parm64: 0 };
    for _ in 0..87381 {
        guest.vm.interrupt(&virtio).unwrap();
    }
    assert_eq!(guest.vm.interrupt(&virtio).unwrap_err().errno().0, libc::EBUSY);
    let done = kvm_s390_interrupt { type_: KVM_S390_INT_PFAULT_DONE, parm: 0, parm64: 0 };
    for _ in 0..16320 {
        guest.vm.interrupt(&done).unwrap();
    }
    assert_eq!(guest.vm.interrupt(&done).unwrap_err().errno().0, libc::EBUSY);
}

/// C.5, C.11: the low core of floating interrupts.
#[test]
fn delivery() {
    let guest = Guest::new();
    guest.put(CODE, &SPIN);
    let vcpu = guest.vcpu(0, IO);
    let mut sregs = vcpu.get_sregs();
    sregs.crs[6] = 0x8000_0000 >> 3;
    sregs.crs[0] = 0x0200;
    vcpu.set_sregs(&sregs);
    let controller = guest.vm.create_flic().unwrap();
    // Of three subclasses one is enabled.
    controller
        .enqueue(&[io(1, 2, 0x11, 2 << 27), io(1, 3, 0x22, 3 << 27), io(1, 4, 0x33, 3 << 27)])
        .unwrap();
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!((guest.u16(0xb8), guest.u16(0xba)), (1, 3));
    assert_eq!((guest.u32(0xbc), guest.u32(0xc0)), (0x22, 3 << 27));
    assert_eq!(controller.all_interrupts().len(), 2);

    // A service signal: first the event, then the SCCB (C.12).
    controller.clear();
    controller.enqueue(&[service(0x8003)]).unwrap();
    vcpu.run_page().set_psw(lowcore_arch::Psw::new(EXTERNAL, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!((guest.u16(0x86), guest.u32(0x80)), (0x2401, 3));
    vcpu.run_page().set_psw(lowcore_arch::Psw::new(EXTERNAL, CODE));
    assert_eq!(vcpu.run(), Ok(EXIT_501));
    assert_eq!(guest.u32(0x80), 0x8000);
    assert!(controller.all_interrupts().is_empty());
}

/// The idle vcpu that is chosen is masked; one that runs takes the interrupt.
#[test]
fn a_running_vcpu_takes_what_the_idle_one_may_not() {
    let guest = Guest::new();
    let (idle, running) = (guest.vcpu(0, EXTERNAL | WAIT), guest.vcpu(1, IO));
    guest.put(CODE, &SPIN);
    let mut sregs = running.get_sregs();
    sregs.crs[6] = 0x8000_0000;
    running.set_sregs(&sregs);
    let [first, second] = [start(&idle), start(&running)];
    std::thread::sleep(std::time::Duration::from_millis(20));
    guest.vm.create_flic().unwrap().enqueue(&[io(1, 2, 3, 0)]).unwrap();
    assert_eq!(outcome(&running, second), Ok(EXIT_501));
    assert_eq!(guest.u16(0xba), 2);
    idle.kick();
    assert_eq!(outcome(&idle, first), Err(lowcore_kvm::Error::Interrupted));
}

/// C.12: the idle vcpu that was created first is woken.
#[test]
fn an_idle_vcpu_takes_it() {
    let guest = Guest::new();
    let vcpu = guest.vcpu(4, EXTERNAL | WAIT);
    let _stopped = guest.vcpu(0, EXTERNAL | WAIT);
    let thread = start(&vcpu);
    std::thread::sleep(std::time::Duration::from_millis(20));
    let done = kvm_s390_interrupt { type_: KVM_S390_INT_PFAULT_DONE, parm: 0, parm64: 0x99 };
    guest.vm.interrupt(&done).unwrap();
    assert_eq!(outcome(&vcpu, thread), Ok(EXIT_501));
    assert_eq!((guest.u16(0x86), guest.u16(0x84)), (0x2603, 0x0680));
    assert_eq!(guest.u64(0x11b8), 0x99);
}
