//! The arguments of ioctls, by name.
//!
//! What a structure consists of is read from the layouts of
//! [`lowcore_abi`]; only what depends on a value is told here.

use std::ffi::c_int;
use std::mem::offset_of;

use lowcore_abi::*;
use lowcore_arch::bits;
use lowcore_host::memory::ClientMemory;
use lowcore_kvm::{Object, Vcpu};
use zerocopy::{FromBytes, IntoBytes};

use super::value::{Fields, Value};
use crate::system::Errno;

/// Entries of a list that are shown.
const SHOWN: usize = 16;
const IRQ: usize = size_of::<kvm_s390_irq>();

/// When a structure says something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// The ioctls whose argument is the address of one structure that needs no
/// more explanation.
const PLAIN: &[(u32, When, &str)] = &[
    (KVM_SET_USER_MEMORY_REGION, When::Before, "kvm_userspace_memory_region"),
    (KVM_SET_USER_MEMORY_REGION2, When::Before, "kvm_userspace_memory_region2"),
    (KVM_GET_DIRTY_LOG, When::Before, "kvm_dirty_log"),
    (KVM_CLEAR_DIRTY_LOG, When::Before, "kvm_clear_dirty_log"),
    (KVM_IRQFD, When::Before, "kvm_irqfd"),
    (KVM_IOEVENTFD, When::Before, "kvm_ioeventfd"),
    (KVM_GET_REGS, When::After, "kvm_regs"),
    (KVM_SET_REGS, When::Before, "kvm_regs"),
    (KVM_GET_SREGS, When::After, "kvm_sregs"),
    (KVM_SET_SREGS, When::Before, "kvm_sregs"),
    (KVM_GET_FPU, When::After, "kvm_fpu"),
    (KVM_SET_FPU, When::Before, "kvm_fpu"),
    (KVM_S390_SET_INITIAL_PSW, When::Before, "kvm_s390_psw"),
    (KVM_S390_GET_SKEYS, When::Before, "kvm_s390_skeys"),
    (KVM_S390_SET_SKEYS, When::Before, "kvm_s390_skeys"),
    (KVM_S390_GET_CMMA_BITS, When::Before, "kvm_s390_cmma_log"),
    (KVM_S390_SET_CMMA_BITS, When::Before, "kvm_s390_cmma_log"),
    (KVM_SET_GUEST_DEBUG, When::Before, "kvm_guest_debug"),
    (KVM_TRANSLATE, When::After, "kvm_translation"),
];

/// What can be said before the call.
pub fn arguments(
    out: &mut Fields,
    object: &Object,
    number: u32,
    argument: u64,
    client: &ClientMemory,
) {
    match number {
        KVM_CREATE_VM => out.add("type", Value::number(argument)),
        KVM_CREATE_VCPU => out.add("id", Value::number(argument)),
        KVM_CHECK_EXTENSION => out.add("cap", cap(bits::low32(argument))),
        KVM_S390_STORE_STATUS => {
            out.add("addr", Value::named(STORE_STATUS.name_of(argument), argument));
        }
        KVM_ENABLE_CAP => with(out, client, argument, |out, enable: kvm_enable_cap| {
            out.add("cap", cap(enable.cap));
            out.add("flags", Value::Hex(enable.flags.into()));
            out.add("args", Value::List(enable.args.to_vec()));
        }),
        KVM_S390_IRQ => with(out, client, argument, irq),
        KVM_S390_INTERRUPT => {
            with(out, client, argument, |out, interrupt: kvm_s390_interrupt| {
                out.add("type", irq_type(interrupt.type_.into()));
                out.add("parm", Value::Hex(interrupt.parm.into()));
                out.add("parm64", Value::Hex(interrupt.parm64));
            });
        }
        KVM_SET_MP_STATE => with(out, client, argument, |out, state: kvm_mp_state| {
            out.add("mp_state", mp_state(state.mp_state));
        }),
        KVM_GET_ONE_REG | KVM_SET_ONE_REG => {
            with(out, client, argument, |out, register: kvm_one_reg| {
                out.add("id", Value::named(names::one_reg_name(register.id), register.id));
                if number == KVM_SET_ONE_REG {
                    out.add("value", one_reg(&register, client));
                }
            });
        }
        KVM_S390_SET_IRQ_STATE => with(out, client, argument, |out, state: kvm_s390_irq_state| {
            out.add("len", Value::number(state.len.into()));
            out.add("irqs", irqs(client, state.buf, state.len.into()));
        }),
        KVM_S390_GET_IRQ_STATE => with(out, client, argument, |out, state: kvm_s390_irq_state| {
            out.add("len", Value::number(state.len.into()));
        }),
        KVM_S390_MEM_OP => with(out, client, argument, mem_op),
        KVM_SET_SIGNAL_MASK => signal_mask(out, client, argument),
        KVM_CREATE_DEVICE => with(out, client, argument, |out, device: kvm_create_device| {
            out.add(
                "type",
                Value::named(DEVICE_TYPES.name_of(device.type_.into()), device.type_.into()),
            );
            out.add("flags", Value::Hex(device.flags.into()));
        }),
        KVM_SET_DEVICE_ATTR | KVM_GET_DEVICE_ATTR | KVM_HAS_DEVICE_ATTR => {
            with(out, client, argument, |out, attribute: kvm_device_attr| {
                device_attr(out, object, &attribute);
                if number == KVM_SET_DEVICE_ATTR && enqueues(object, &attribute) {
                    out.add("irqs", irqs(client, attribute.addr, attribute.attr));
                }
            });
        }
        KVM_GET_API_VERSION
        | KVM_GET_VCPU_MMAP_SIZE
        | KVM_RUN
        | KVM_S390_NORMAL_RESET
        | KVM_S390_INITIAL_RESET
        | KVM_S390_CLEAR_RESET
        | KVM_S390_ENABLE_SIE
        | KVM_CREATE_IRQCHIP
        | KVM_GET_MP_STATE => {
            // These ignore it or want it to be 0.
            if argument != 0 {
                out.add("argument", Value::Hex(argument));
            }
        }
        _ => {
            if !plain(out, When::Before, number, argument, client) {
                out.add("argument", Value::Hex(argument));
            }
        }
    }
}

/// What can be said after the call.
pub fn results(
    object: &Object,
    number: u32,
    argument: u64,
    result: Result<c_int, Errno>,
    client: &ClientMemory,
) -> Fields {
    let mut out = Fields::default();
    if let (KVM_RUN, Object::Vcpu(vcpu)) = (number, object) {
        exit(&mut out, vcpu, result);
    }
    let Ok(value) = result else { return out };
    match number {
        KVM_GET_MP_STATE => out.add("mp_state", mp_state(value.unsigned_abs())),
        KVM_GET_ONE_REG => with(&mut out, client, argument, |out, register: kvm_one_reg| {
            out.add("value", one_reg(&register, client));
        }),
        KVM_S390_GET_IRQ_STATE => {
            with(&mut out, client, argument, |out, state: kvm_s390_irq_state| {
                out.add("irqs", irqs(client, state.buf, value.unsigned_abs().into()));
            });
        }
        KVM_CREATE_DEVICE => with(&mut out, client, argument, |out, device: kvm_create_device| {
            if device.flags & KVM_CREATE_DEVICE_TEST == 0 {
                out.add("device", Value::number(device.fd.into()));
            }
        }),
        KVM_GET_DEVICE_ATTR => {
            with(&mut out, client, argument, |out, attribute: kvm_device_attr| {
                let all = matches!(object, Object::Flic(_))
                    && attribute.group == KVM_DEV_FLIC_GET_ALL_IRQS;
                if all {
                    let length = u64::from(value.unsigned_abs()) * IRQ as u64;
                    out.add("irqs", irqs(client, attribute.addr, length));
                }
            });
        }
        _ => {
            plain(&mut out, When::After, number, argument, client);
        }
    }
    out
}

/// Reads a structure of the client's and tells about it.
fn with<T: FromBytes + IntoBytes>(
    out: &mut Fields,
    client: &ClientMemory,
    address: u64,
    tell: impl FnOnce(&mut Fields, T),
) {
    let mut structure = T::new_zeroed();
    match client.read(address, structure.as_mut_bytes()) {
        Ok(()) => tell(out, structure),
        Err(_) => unreadable(out, address),
    }
}

fn unreadable(out: &mut Fields, address: u64) {
    out.add("argument", Value::Hex(address));
    out.add("contents", Value::Unreadable);
}

/// Tells of an ioctl in [`PLAIN`]. Whether it is one.
fn plain(out: &mut Fields, when: When, number: u32, address: u64, client: &ClientMemory) -> bool {
    let Some((_, then, name)) = PLAIN.iter().find(|(known, ..)| *known == number) else {
        return false;
    };
    if *then == when
        && let Some(layout) = layout(name)
    {
        let mut bytes = vec![0; layout.size];
        match client.read(address, &mut bytes) {
            Ok(()) => structure(out, layout, &bytes),
            Err(_) => unreadable(out, address),
        }
    }
    true
}

fn layout(name: &str) -> Option<&'static Layout> {
    LAYOUTS.iter().copied().flatten().find(|layout| layout.name == name)
}

/// Every field of a structure that is not for later use.
fn structure(out: &mut Fields, layout: &Layout, bytes: &[u8]) {
    const UNUSED: [&str; 4] = ["pad", "_pad", "reserved", "_rest"];
    for field in layout.fields {
        if UNUSED.iter().any(|unused| field.name.starts_with(unused)) {
            continue;
        }
        let Some(bytes) = bytes.get(field.offset..field.offset + field.size) else { continue };
        match field.c_type {
            CType::Integer(_) => {
                let value = integer(bytes);
                let shown = match (layout.name, field.name) {
                    (_, "flags") if layout.name.starts_with("kvm_userspace_memory_region") => {
                        flags(&MEMORY_FLAGS, value)
                    }
                    _ if field.size == 8 || HEX.contains(&field.name) => Value::Hex(value),
                    _ => Value::number(value),
                };
                out.add(field.name, shown);
            }
            CType::Array(CType::Integer(_), length) if length > 0 => {
                let values = bytes.chunks(field.size / length).map(integer).collect();
                out.add(field.name, Value::List(values));
            }
            CType::Struct(_) | CType::Array(..) => {}
        }
    }
}

/// Fields that are bits or codes, not counts.
const HEX: &[&str] = &["flags", "code", "address", "cr14", "fpc", "io_int_word", "io_int_parm"];

/// An integer of the host's byte order.
fn integer(bytes: &[u8]) -> u64 {
    let mut wide = [0; 8];
    let length = bytes.len().min(8);
    if cfg!(target_endian = "little") {
        wide[..length].copy_from_slice(&bytes[..length]);
    } else {
        wide[8 - length..].copy_from_slice(&bytes[..length]);
    }
    u64::from_ne_bytes(wide)
}

/// A bit set of which one bit is known.
fn flags(table: &Table, value: u64) -> Value {
    Value::named(if value == 0 { None } else { table.name_of(value) }, value)
}

fn cap(number: u32) -> Value {
    Value::named(names::cap_name(number), number.into())
}

fn mp_state(state: u32) -> Value {
    Value::named(names::mp_state_name(state), state.into())
}

fn irq_type(type_: u64) -> Value {
    Value::named(names::irq_type_name(type_), type_)
}

fn irq(out: &mut Fields, irq: kvm_s390_irq) {
    out.add("type", irq_type(irq.type_));
    let payload = match u32::try_from(irq.type_) {
        Ok(KVM_S390_PROGRAM_INT) => "kvm_s390_pgm_info",
        Ok(KVM_S390_SIGP_STOP) => "kvm_s390_stop_info",
        Ok(KVM_S390_SIGP_SET_PREFIX) => "kvm_s390_prefix_info",
        Ok(KVM_S390_MCHK) => "kvm_s390_mchk_info",
        Ok(KVM_S390_INT_EMERGENCY) => "kvm_s390_emerg_info",
        Ok(KVM_S390_INT_EXTERNAL_CALL) => "kvm_s390_extcall_info",
        Ok(
            KVM_S390_INT_PFAULT_INIT
            | KVM_S390_INT_PFAULT_DONE
            | KVM_S390_INT_VIRTIO
            | KVM_S390_INT_SERVICE,
        ) => "kvm_s390_ext_info",
        Ok(type_) if type_ <= KVM_S390_INT_IO_MAX => "kvm_s390_io_info",
        _ => return,
    };
    if let Some(layout) = layout(payload) {
        structure(out, layout, &irq.u);
    }
}

/// The first interrupts in a buffer of so many bytes.
fn irqs(client: &ClientMemory, address: u64, length: u64) -> Value {
    let count = (bits::index(length) / IRQ).min(SHOWN);
    let mut bytes = vec![0; count * IRQ];
    if client.read(address, &mut bytes).is_err() {
        return Value::Unreadable;
    }
    let groups = bytes.chunks_exact(IRQ).filter_map(|entry| {
        let mut fields = Fields::default();
        irq(&mut fields, kvm_s390_irq::read_from_bytes(entry).ok()?);
        Some(fields)
    });
    Value::Groups(groups.collect())
}

fn one_reg(register: &kvm_one_reg, client: &ClientMemory) -> Value {
    let mut bytes = [0; 8];
    let length = if register.id & KVM_REG_SIZE_MASK == KVM_REG_SIZE_U32 { 4 } else { 8 };
    match client.read(register.addr, &mut bytes[..length]) {
        Ok(()) => Value::Hex(integer(&bytes[..length])),
        Err(_) => Value::Unreadable,
    }
}

fn mem_op(out: &mut Fields, op: kvm_s390_mem_op) {
    out.add("op", Value::named(MEMOP_OPERATIONS.name_of(op.op.into()), op.op.into()));
    out.add("gaddr", Value::Hex(op.gaddr));
    out.add("size", Value::number(op.size.into()));
    out.add("flags", flags(&MEMOP_FLAGS, op.flags));
    out.add("buf", Value::Hex(op.buf));
    out.add("ar", Value::number(op.ar.into()));
    out.add("key", Value::Hex(op.key.into()));
}

fn signal_mask(out: &mut Fields, client: &ClientMemory, address: u64) {
    if address == 0 {
        out.add("argument", Value::Hex(0));
        return;
    }
    with(out, client, address, |out, mask: kvm_signal_mask| {
        out.add("len", Value::number(mask.len.into()));
    });
    let set = address.wrapping_add(offset_of!(kvm_signal_mask, sigset) as u64);
    with(out, client, set, |out, set: u64| out.add("sigset", Value::Hex(set)));
}

fn enqueues(object: &Object, attribute: &kvm_device_attr) -> bool {
    matches!(object, Object::Flic(_)) && attribute.group == KVM_DEV_FLIC_ENQUEUE
}

fn device_attr(out: &mut Fields, object: &Object, attribute: &kvm_device_attr) {
    let (group, attr) = (u64::from(attribute.group), attribute.attr);
    let (group_name, attr_name) = match object {
        Object::Flic(_) => (FLIC_GROUPS.name_of(group), None),
        _ => {
            let attributes = match attribute.group {
                KVM_S390_VM_MEM_CTRL => Some(VM_MEM_ATTRIBUTES),
                KVM_S390_VM_TOD => Some(VM_TOD_ATTRIBUTES),
                KVM_S390_VM_CRYPTO => Some(VM_CRYPTO_ATTRIBUTES),
                KVM_S390_VM_CPU_MODEL => Some(CPU_MODEL_ATTRIBUTES),
                KVM_S390_VM_MIGRATION => Some(VM_MIGRATION_ATTRIBUTES),
                _ => None,
            };
            (
                VM_ATTRIBUTE_GROUPS.name_of(group),
                attributes.and_then(|attributes| attributes.name_of(attr)),
            )
        }
    };
    out.add("group", Value::named(group_name, group));
    out.add("attr", Value::named(attr_name, attr));
    out.add("addr", Value::Hex(attribute.addr));
    out.add("flags", Value::Hex(attribute.flags.into()));
}

/// How a run ended.
fn exit(out: &mut Fields, vcpu: &Vcpu, result: Result<c_int, Errno>) {
    let page = vcpu.run_page();
    let reason = page.exit_reason();
    if result.is_ok() || result == Err(libc::EINTR) {
        out.add("exit_reason", Value::named(names::exit_name(reason), reason.into()));
    }
    if result.is_ok() {
        match reason {
            KVM_EXIT_S390_SIEIC => {
                let (icptcode, ipa, ipb) = page.sieic();
                out.add("icptcode", Value::Hex(icptcode.into()));
                out.add("ipa", Value::Hex(ipa.into()));
                out.add("ipb", Value::Hex(ipb.into()));
            }
            KVM_EXIT_S390_RESET => out.add("reset_flags", Value::Hex(page.reset_flags())),
            _ => {}
        }
    }
    let psw = page.psw();
    out.add("psw_mask", Value::Hex(psw.mask));
    out.add("psw_addr", Value::Hex(psw.addr));
}
