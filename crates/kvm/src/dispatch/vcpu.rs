//! ioctls of a vcpu.

use super::vm::accessed;
use super::{Answer, DONE, Reply, get, get_bytes, put, value};
use crate::guest_debug::MAX_POINTS;
use crate::inject::MAX_STATE_BYTES;
use crate::registers::register_size;
use crate::{Accessed, Error, LogicalAccess, Vcpu, memop, state};
use core::mem::offset_of;
use lowcore_abi::*;
use lowcore_arch::{Psw, bits};
use lowcore_host::memory::ClientMemory;
use zerocopy::{FromBytes, IntoBytes};

/// Bytes of the kernel's signal set.
const SIGNAL_SET_SIZE: u32 = 8;

pub(super) fn ioctl(vcpu: &Vcpu, number: u32, argument: u64, client: &ClientMemory) -> Answer {
    if number >> 8 & 0xff != KVMIO {
        return Err(Error::ForeignIoctl);
    }
    match number {
        // These two alone do not wait for a run.
        KVM_S390_IRQ => vcpu.inject(&get(client, argument)?)?,
        KVM_S390_INTERRUPT => vcpu.interrupt(&get(client, argument)?)?,
        KVM_RUN => {
            if argument != 0 {
                return Err(Error::ArgumentNotZero);
            }
            vcpu.run()?;
        }
        KVM_GET_REGS => put(client, argument, &vcpu.get_regs())?,
        KVM_SET_REGS => vcpu.set_regs(&get(client, argument)?),
        KVM_GET_SREGS => put(client, argument, &vcpu.get_sregs())?,
        KVM_SET_SREGS => vcpu.set_sregs(&get(client, argument)?),
        KVM_GET_FPU => put(client, argument, &vcpu.get_fpu())?,
        KVM_SET_FPU => vcpu.set_fpu(&get(client, argument)?),
        KVM_GET_ONE_REG => get_one_reg(vcpu, &get(client, argument)?, client)?,
        KVM_SET_ONE_REG => set_one_reg(vcpu, &get(client, argument)?, client)?,
        KVM_GET_MP_STATE => return value(vcpu.get_mp_state()),
        KVM_SET_MP_STATE => {
            let state: kvm_mp_state = get(client, argument)?;
            vcpu.set_mp_state(state.mp_state)?;
        }
        KVM_SET_SIGNAL_MASK => set_signal_mask(vcpu, argument, client)?,
        KVM_SET_GUEST_DEBUG => set_guest_debug(vcpu, &get(client, argument)?, client)?,
        KVM_ENABLE_CAP => vcpu.enable_cap(&get(client, argument)?)?,
        KVM_S390_SET_INITIAL_PSW => {
            let psw: kvm_s390_psw = get(client, argument)?;
            vcpu.set_initial_psw(Psw::new(psw.mask, psw.addr))?;
        }
        KVM_S390_NORMAL_RESET => vcpu.normal_reset(),
        KVM_S390_INITIAL_RESET => vcpu.initial_reset(),
        KVM_S390_CLEAR_RESET => vcpu.clear_reset(),
        KVM_S390_STORE_STATUS => vcpu.store_status(state::status_form(argument))?,
        KVM_S390_GET_IRQ_STATE => return get_irq_state(vcpu, &get(client, argument)?, client),
        KVM_S390_SET_IRQ_STATE => set_irq_state(vcpu, &get(client, argument)?, client)?,
        KVM_S390_MEM_OP => return mem_op(vcpu, &get(client, argument)?, client),
        KVM_S390_VCPU_FAULT => resolve_fault(vcpu, argument)?,
        KVM_TRANSLATE => {
            let _: kvm_translation = get(client, argument)?;
            return Err(Error::NoTranslation);
        }
        KVM_S390_UCAS_MAP | KVM_S390_UCAS_UNMAP => {
            let _: [u64; 3] = get(client, argument)?;
            return Err(Error::OtherGuestsOnly);
        }
        KVM_S390_PV_CPU_COMMAND => return Err(Error::OtherGuestsOnly),
        _ => return Err(Error::UnknownIoctl),
    }
    DONE
}

fn set_guest_debug(
    vcpu: &Vcpu,
    request: &kvm_guest_debug,
    client: &ClientMemory,
) -> Result<(), Error> {
    const WITH_POINTS: u32 = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
    let kvm_guest_debug_arch { nr_hw_bp: count, hw_bp: at, .. } = request.arch;
    let are_wanted = request.control & WITH_POINTS == WITH_POINTS && at != 0;
    if !are_wanted || count == 0 {
        return vcpu.set_guest_debug(request.control, &[]);
    }
    let size = size_of::<kvm_hw_breakpoint>();
    let bytes = match count {
        ..=MAX_POINTS => get_bytes(client, at, bits::index(count.into()) * size),
        _ => Err(Error::GuestDebug),
    };
    match bytes {
        Ok(bytes) => {
            let points: Vec<_> = bytes
                .chunks_exact(size)
                .filter_map(|entry| kvm_hw_breakpoint::read_from_bytes(entry).ok())
                .collect();
            vcpu.set_guest_debug(request.control, &points)
        }
        Err(error) => {
            // Whatever was debugged before is so no more; wrong flags count
            // more than wrong points.
            vcpu.set_guest_debug(request.control & !KVM_GUESTDBG_ENABLE, &[])?;
            Err(error)
        }
    }
}

/// Makes sure that the memory behind a guest address is there.
fn resolve_fault(vcpu: &Vcpu, address: u64) -> Result<(), Error> {
    match vcpu.inner.vm.storage.view().load_u8(address) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::GuestStorage),
    }
}

fn get_one_reg(vcpu: &Vcpu, request: &kvm_one_reg, client: &ClientMemory) -> Result<(), Error> {
    let value = vcpu.get_one_reg(request.id)?;
    if register_size(request.id) == 4 {
        put(client, request.addr, &bits::low32(value))
    } else {
        put(client, request.addr, &value)
    }
}

fn set_one_reg(vcpu: &Vcpu, request: &kvm_one_reg, client: &ClientMemory) -> Result<(), Error> {
    // An unknown register is found before its value is fetched.
    vcpu.get_one_reg(request.id)?;
    let value = if register_size(request.id) == 4 {
        u64::from(get::<u32>(client, request.addr)?)
    } else {
        get(client, request.addr)?
    };
    vcpu.set_one_reg(request.id, value)
}

fn set_signal_mask(vcpu: &Vcpu, argument: u64, client: &ClientMemory) -> Result<(), Error> {
    if argument == 0 {
        vcpu.set_signal_mask(None);
        return Ok(());
    }
    let length: u32 = get(client, argument)?;
    if length != SIGNAL_SET_SIZE {
        return Err(Error::SignalMaskLength);
    }
    let set = argument.wrapping_add(offset_of!(kvm_signal_mask, sigset) as u64);
    vcpu.set_signal_mask(Some(get(client, set)?));
    Ok(())
}

fn get_irq_state(vcpu: &Vcpu, request: &kvm_s390_irq_state, client: &ClientMemory) -> Answer {
    if request.len == 0 {
        return Err(Error::InterruptBufferLength);
    }
    let mut written = 0_u32;
    for irq in vcpu.get_irq_state() {
        let bytes = irq.as_bytes();
        let length = bits::low32(bytes.len() as u64);
        if request.len - written < length {
            // The entries before it have been written.
            return Err(Error::InterruptBufferFull);
        }
        client.write(request.buf.wrapping_add(written.into()), bytes)?;
        written += length;
    }
    Ok(Reply::Value(written.cast_signed()))
}

fn set_irq_state(
    vcpu: &Vcpu,
    request: &kvm_s390_irq_state,
    client: &ClientMemory,
) -> Result<(), Error> {
    let length = bits::index(request.len.into());
    let whole = length.is_multiple_of(size_of::<kvm_s390_irq>());
    if length == 0 || !whole || request.len > MAX_STATE_BYTES {
        return Err(Error::InterruptBufferLength);
    }
    vcpu.set_irq_state(&interrupts(&get_bytes(client, request.buf, length)?))
}

/// The interrupts in a buffer of whole ones.
pub(super) fn interrupts(bytes: &[u8]) -> Vec<kvm_s390_irq> {
    bytes
        .chunks_exact(size_of::<kvm_s390_irq>())
        .filter_map(|entry| kvm_s390_irq::read_from_bytes(entry).ok())
        .collect()
}

fn mem_op(vcpu: &Vcpu, op: &kvm_s390_mem_op, client: &ClientMemory) -> Answer {
    const KNOWN: u64 = KVM_S390_MEMOP_F_INJECT_EXCEPTION
        | KVM_S390_MEMOP_F_CHECK_ONLY
        | KVM_S390_MEMOP_F_SKEY_PROTECTION;
    let store = match op.op {
        KVM_S390_MEMOP_LOGICAL_READ => false,
        KVM_S390_MEMOP_LOGICAL_WRITE => true,
        // Others, those of protected guests among them.
        _ => return Err(Error::MemOp),
    };
    if op.flags & !KNOWN != 0 {
        return Err(Error::MemOp);
    }
    let how = LogicalAccess {
        ar: op.ar,
        key: (op.flags & KVM_S390_MEMOP_F_SKEY_PROTECTION != 0).then_some(op.key),
        inject_exception: op.flags & KVM_S390_MEMOP_F_INJECT_EXCEPTION != 0,
    };
    memop::check_form(op.size.into(), how.key)?;
    let size = bits::index(op.size.into());
    if op.flags & KVM_S390_MEMOP_F_CHECK_ONLY != 0 {
        return accessed(vcpu.check_logical(op.gaddr, op.size.into(), store, how)?);
    }
    if store {
        memop::check_ar(how.ar)?;
        let data = get_bytes(client, op.buf, size)?;
        return accessed(vcpu.write_logical(op.gaddr, &data, how)?);
    }
    let mut data = vec![0; size];
    let outcome = vcpu.read_logical(op.gaddr, &mut data, how)?;
    if outcome == Accessed::Done {
        client.write(op.buf, &data)?;
    }
    accessed(outcome)
}
