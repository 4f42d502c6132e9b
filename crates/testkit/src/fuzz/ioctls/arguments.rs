//! Arguments of ioctls, plausible and wild.

use super::super::{Source, guest};
use super::answers::Family;
use super::client::{Client, Place};
use lowcore_abi::*;
use lowcore_kvm::RunPage;
use zerocopy::{FromBytes, IntoBytes};

/// All types of interrupts that there are.
const TYPES: [u32; 15] = [
    KVM_S390_SIGP_STOP,
    KVM_S390_PROGRAM_INT,
    KVM_S390_SIGP_SET_PREFIX,
    KVM_S390_RESTART,
    KVM_S390_INT_PFAULT_INIT,
    KVM_S390_INT_PFAULT_DONE,
    KVM_S390_MCHK,
    KVM_S390_INT_CLOCK_COMP,
    KVM_S390_INT_CPU_TIMER,
    KVM_S390_INT_EMERGENCY,
    KVM_S390_INT_EXTERNAL_CALL,
    KVM_S390_INT_SERVICE,
    KVM_S390_INT_VIRTIO,
    0x0001_0002,
    0x0400_0000,
];

/// The argument of an ioctl: by value, or the address of a structure that has
/// been put somewhere.
pub(super) fn argument(
    source: &mut Source<'_>,
    client: &Client,
    family: Family,
    number: u32,
) -> u64 {
    let structure = match (family, number) {
        (_, KVM_CREATE_VM | KVM_RUN | KVM_GET_API_VERSION | KVM_GET_VCPU_MMAP_SIZE) => {
            return if source.one_in(12) { source.number() } else { 0 };
        }
        (_, KVM_CREATE_VCPU) => {
            return if source.one_in(4) { source.number() } else { u64::from(source.u8() % 5) };
        }
        (_, KVM_CHECK_EXTENSION) => {
            return if source.one_in(8) { source.number() } else { source.u8().into() };
        }
        (_, KVM_S390_STORE_STATUS) => {
            return match source.u8() % 5 {
                0 => u64::MAX,
                1 => u64::MAX - 1,
                // At the end of the first slot, and anywhere near it.
                2 => 0x10_0000 - u64::from(source.u8()) * 8 + u64::from(source.u8() % 16),
                3 => u64::from(source.u32() % 0x10_2000),
                _ => source.number(),
            };
        }
        _ => structure(source, client, family, number),
    };
    client.put(Place::any(source), &structure)
}

fn structure(source: &mut Source<'_>, client: &Client, family: Family, number: u32) -> Vec<u8> {
    match number {
        KVM_S390_IRQ => irq(source).as_bytes().to_vec(),
        KVM_S390_INTERRUPT => interrupt(source).as_bytes().to_vec(),
        KVM_S390_GET_IRQ_STATE | KVM_S390_SET_IRQ_STATE => {
            irq_state(source, client).as_bytes().to_vec()
        }
        KVM_SET_USER_MEMORY_REGION | KVM_SET_USER_MEMORY_REGION2 => {
            let mut bytes = client.region(source).as_bytes().to_vec();
            bytes.resize(size_of::<kvm_userspace_memory_region2>(), 0);
            bytes
        }
        KVM_GET_DIRTY_LOG => {
            let mut log: kvm_dirty_log = wild(source);
            log.slot = if source.one_in(8) { log.slot } else { u32::from(source.u8() % 4) };
            log.dirty_bitmap = buffer(source, client, &[0; 64]);
            log.as_bytes().to_vec()
        }
        KVM_S390_MEM_OP => mem_op(source, client).as_bytes().to_vec(),
        KVM_S390_GET_SKEYS | KVM_S390_SET_SKEYS => skeys(source, client).as_bytes().to_vec(),
        KVM_ENABLE_CAP => {
            let cap = source.pick(&[
                KVM_CAP_S390_USER_SIGP,
                KVM_CAP_S390_USER_INSTR0,
                KVM_CAP_S390_CSS_SUPPORT,
                KVM_CAP_S390_VECTOR_REGISTERS,
                u32::from(source.clone().u8()),
            ]);
            let flags = if source.one_in(8) { source.number32() } else { 0 };
            kvm_enable_cap { cap, flags, ..wild(source) }.as_bytes().to_vec()
        }
        KVM_GET_ONE_REG | KVM_SET_ONE_REG => {
            let known = ONE_REGS.constants;
            let id = known[usize::from(source.u8()) % known.len()].value;
            let id = if source.one_in(8) { id ^ 1 << (source.u8() % 64) } else { id };
            let value = source.number();
            kvm_one_reg { id, addr: buffer(source, client, value.as_bytes()) }.as_bytes().to_vec()
        }
        KVM_SET_MP_STATE => {
            let state = if source.one_in(4) { source.number32() } else { source.pick(&[5, 7]) };
            state.as_bytes().to_vec()
        }
        KVM_SET_SIGNAL_MASK => {
            let length: u32 = if source.one_in(4) { source.number32() } else { 8 };
            let mut bytes = length.as_bytes().to_vec();
            bytes.extend(source.bytes::<8>());
            bytes
        }
        KVM_CREATE_DEVICE => {
            let type_ = if source.one_in(4) { source.u32() } else { KVM_DEV_TYPE_FLIC };
            let device = kvm_create_device { type_, fd: 0, flags: u32::from(source.u8() & 1) };
            device.as_bytes().to_vec()
        }
        KVM_SET_DEVICE_ATTR | KVM_GET_DEVICE_ATTR | KVM_HAS_DEVICE_ATTR => {
            attribute(source, client, family).as_bytes().to_vec()
        }
        KVM_S390_SET_INITIAL_PSW => {
            let psw = guest::psw(source, 0x20_0000);
            kvm_s390_psw { mask: psw.mask, addr: psw.addr }.as_bytes().to_vec()
        }
        // Registers, or an ioctl that is not known at all.
        _ => {
            let mut bytes = vec![0; size_of::<kvm_sregs>()];
            source.fill(&mut bytes[..64]);
            bytes
        }
    }
}

/// A structure of any bytes.
fn wild<T: FromBytes + IntoBytes>(source: &mut Source<'_>) -> T {
    let mut structure = T::new_zeroed();
    source.fill(structure.as_mut_bytes());
    structure
}

/// The address of a buffer.
fn buffer(source: &mut Source<'_>, client: &Client, bytes: &[u8]) -> u64 {
    client.put_buffer(Place::any(source), bytes)
}

/// An interrupt of any type, good or bad.
pub(super) fn irq(source: &mut Source<'_>) -> kvm_s390_irq {
    let mut irq = kvm_s390_irq::of_type(source.pick(&TYPES));
    if source.one_in(2) {
        source.fill(&mut irq.u);
    } else {
        // Sources that exist, flags that are known, common codes.
        let small = source.pick(&[0, 0, 1, 3, 3, 254]);
        irq.u[..2].copy_from_slice(&u16::to_ne_bytes(small));
        if source.one_in(2) {
            let checks = 1_u64 << (55 + source.u8() % 9);
            irq.u[8..16].copy_from_slice(&checks.to_ne_bytes());
        }
    }
    if source.one_in(32) {
        irq.type_ = source.number();
    }
    irq
}

/// Three interrupts of one type, which may merge or exclude each other.
pub(super) fn irqs_of_one_type(source: &mut Source<'_>) -> [kvm_s390_irq; 3] {
    let type_ = source.pick(&TYPES);
    core::array::from_fn(|_| kvm_s390_irq { type_: type_.into(), ..irq(source) })
}

fn interrupt(source: &mut Source<'_>) -> kvm_s390_interrupt {
    let type_ = if source.one_in(16) { source.u32() } else { source.pick(&TYPES) };
    let parm = if source.one_in(2) { u32::from(source.u8() % 5) } else { source.number32() };
    kvm_s390_interrupt { type_, parm, parm64: source.number() }
}

fn irq_state(source: &mut Source<'_>, client: &Client) -> kvm_s390_irq_state {
    let entries: Vec<_> = (0..source.u8() % 4).map(|_| irq(source)).collect();
    let len = match source.u8() % 4 {
        0 => source.number32(),
        1 => source.pick(&[0, 71, 72, 73, 20_664, 20_665, 20_736]),
        _ => u32::from(source.u8() % 6) * 72,
    };
    let buf = buffer(source, client, entries.as_bytes());
    kvm_s390_irq_state { buf, len, ..wild(source) }
}

fn mem_op(source: &mut Source<'_>, client: &Client) -> kvm_s390_mem_op {
    let mut op: kvm_s390_mem_op = wild(source);
    op.gaddr = match source.u8() % 4 {
        0 => source.number(),
        1 => 0x10_0000_u64.wrapping_add_signed(source.u8().cast_signed().into()),
        _ => u64::from(source.u32() % 0x40_0000),
    };
    op.flags = if source.one_in(8) { source.number() } else { u64::from(source.u8() & 7) };
    op.size = match source.u8() % 4 {
        0 => source.number32(),
        1 => source.pick(&[0, 1, 2, 4, 8, 16, 17, 0x1000, 0x1_0000, 0x1_0001]),
        _ => u32::from(source.u8()),
    };
    op.op = u32::from(source.u8() % 9);
    let content = source.bytes::<32>();
    op.buf = buffer(source, client, &content);
    op.old_addr = buffer(source, client, &content);
    if !source.one_in(4) {
        op.ar = source.u8() % 16;
        op.key = source.u8() % 16;
    }
    op
}

fn skeys(source: &mut Source<'_>, client: &Client) -> kvm_s390_skeys {
    let mut keys: kvm_s390_skeys = wild(source);
    keys.start_gfn = if source.one_in(4) { source.number() } else { (source.u16() % 0x110).into() };
    keys.count = match source.u8() % 4 {
        0 => source.number(),
        1 => source.pick(&[0, 1, 0x10_0000, 0x10_0001]),
        _ => u64::from(source.u8()),
    };
    keys.flags = if source.one_in(8) { keys.flags } else { 0 };
    let mut values = source.bytes::<32>();
    if !source.one_in(4) {
        values.iter_mut().for_each(|key| *key &= 0xfe);
    }
    keys.skeydata_addr = buffer(source, client, &values);
    keys
}

fn attribute(source: &mut Source<'_>, client: &Client, family: Family) -> kvm_device_attr {
    let flags = if source.one_in(12) { source.u32() } else { 0 };
    let group = if source.one_in(16) { source.u32() } else { u32::from(source.u8() % 13) };
    if family != Family::Flic {
        let attr = if source.one_in(8) { source.number() } else { u64::from(source.u8() % 4) };
        let value = source.number();
        let addr = buffer(source, client, [value, 0].as_bytes());
        return kvm_device_attr { flags, group, attr, addr };
    }
    let entries: Vec<_> = (0..source.u8() % 6).map(|_| irq(source)).collect();
    let attr = match source.u8() % 6 {
        0 => source.number(),
        1 => source.pick(&[0, 1, 4, 71, 73, 0x200_0000, 0x200_0001]),
        _ => (entries.len() * size_of::<kvm_s390_irq>()) as u64,
    };
    let addr = buffer(source, client, entries.as_bytes());
    kvm_device_attr { flags, group, attr, addr }
}

/// What the client leaves in its run page before a run.
pub(super) fn run_page(source: &mut Source<'_>, page: &RunPage, guest: bool) {
    if source.one_in(2) {
        page.set_psw(guest::psw(source, 0x20_0000));
    }
    if guest && !source.one_in(4) {
        let mut psw = guest::psw(source, 0x20_0000);
        psw.addr = 0x1000;
        page.set_psw(psw);
    }
    if source.one_in(4) {
        page.set_dirty(source.number());
        page.set_prefix(source.number());
        page.set_cr(0, source.number());
        page.set_cr(6, source.number());
        page.set_cr(14, source.number());
        page.set_cpu_timer(source.number());
        page.set_clock_comparator(source.number());
    } else {
        page.set_dirty(u64::from(source.u16()) & KVM_SYNC_S390_VALID_FIELDS);
    }
    if source.one_in(16) {
        page.set_valid(source.number());
    } else {
        page.set_valid(0);
    }
    page.set_gpr(usize::from(source.u8() % 16), guest::address(source, 0x20_0000));
    page.set_fpc(source.number32());
}
