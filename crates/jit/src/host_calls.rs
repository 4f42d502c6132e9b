//! The functions that compiled code calls: slow accesses to storage, shared
//! routines, and what Cranelift has no instruction for. Values go through
//! [`Run::scratch`].

use crate::condition::evaluate;
use crate::run::{NO_BRANCH, Run, SCRATCH, end};
use crate::slow::{Access, IN_INSTRUCTION_SPACE, Shape, Site, status};
use lowcore_arch::bits;
use lowcore_cpu::{At, Context, Exception, Interpreter, Space};
use lowcore_isa::{Helper, HostFloat, StringHelper, SystemHelper};

/// What the calls act on.
pub struct Host<'h, 'c> {
    /// The CPU.
    pub context: &'h mut Context<'c>,
    /// What ended an instruction.
    pub exception: Option<Exception>,
    /// Executes the targets of EXECUTE.
    pub interpreter: &'h mut Interpreter,
}

/// A function that compiled code calls between instructions or in one that
/// has stored everything. It gives how to go on.
pub type HostCall = unsafe extern "C" fn(run: *mut Run, first: u64, second: u64) -> u64;

/// Where a routine is called.
#[derive(Clone, Copy, Debug)]
pub struct CallSite {
    /// The routine.
    pub helper: Helper,
    /// The instruction, left-aligned.
    pub raw: u64,
    /// Its place in the page.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u8,
}

/// Which operation [`Access::Float`] performs.
#[derive(Clone, Copy, Debug)]
pub struct FloatSite {
    /// The operation.
    pub operation: HostFloat,
    /// The widths of operands and result.
    pub widths: [u8; 2],
}

fn place(address: u64, base: u64) -> At {
    if base == u64::from(IN_INSTRUCTION_SPACE) {
        At::in_space(address, Space::Relative)
    } else {
        At::operand(address, bits::low8(base))
    }
}

/// A slow access: puts its status into the run block.
///
/// # Safety
/// Only compiled code calls it, with its own argument, whose host is set.
pub unsafe extern "C" fn access(run: *mut Run, shape: u64, address: u64) {
    // SAFETY: compiled code passes its argument on, which its caller holds
    // exclusively and does not touch meanwhile.
    let run = unsafe { &mut *run };
    // SAFETY: whoever runs compiled code keeps the host alive and does not
    // touch it meanwhile.
    let host = unsafe { &mut *run.host };
    let (shape, site) = (Shape::from_word(shape), Site::from_word(shape));
    let c = &mut *host.context;
    if shape.access == Access::Float {
        // SAFETY: the sites of a region live as long as its code.
        let FloatSite { operation, widths } = unsafe { *(address as *const FloatSite) };
        let [a, b, d, ..] = run.scratch;
        let result = c.float(operation, widths, [a, b, d]);
        [run.scratch[0], run.scratch[1]] = result.unwrap_or_default();
        run.status = if result.is_some() { status::DONE } else { status::FAILED };
        site.note(run);
        return;
    }
    run.status = match perform(c, shape, address, &mut run.scratch) {
        Err(_) => status::FAILED,
        Ok(()) => match shape.access {
            Access::Load | Access::Probe | Access::LoadQuadword => status::DONE,
            Access::Evaluate | Access::Divide | Access::Float | Access::CompareBytes => {
                status::DONE
            }
            Access::Store | Access::Move if c.must_leave() => status::LEFT,
            Access::Store | Access::Move => status::DONE,
            Access::Routine => {
                run.leave |= u64::from(c.reevaluate || c.reenter || c.must_leave());
                status::DONE
            }
            // It serializes: what others have changed counts as well.
            _ => {
                let is_changed = c.view.code_versions() != run.versions;
                run.leave |= u64::from(c.must_leave() | is_changed);
                status::DONE
            }
        },
    };
    site.note(run);
}

/// What a row calls for an operation on two storage operands, if it is one.
pub fn storage_to_storage(helper: Helper) -> Option<Access> {
    Some(match helper {
        Helper::Move => Access::Move,
        Helper::And => Access::AndBytes,
        Helper::Or => Access::OrBytes,
        Helper::ExclusiveOr => Access::XorBytes,
        Helper::Compare => Access::CompareBytes,
        _ => return None,
    })
}

/// An operation on two storage operands: the second one's address and base and
/// the number of bytes are in scratch.
fn short(
    c: &mut Context<'_>,
    helper: Helper,
    first: At,
    scratch: &mut [u64],
) -> Result<(), Exception> {
    let second = place(scratch[0], scratch[1]);
    let code = c.storage_to_storage(helper, first, second, scratch[2])?;
    // As a comparison of the two has it, and not zero as the result is.
    (scratch[0], scratch[1]) = match code {
        0 => (0, 0),
        1 if helper == Helper::Compare => (0, 1),
        _ => (1, 0),
    };
    Ok(())
}

/// A routine that needs no general register. What it wants to be known of the
/// instruction is set; the instruction address is the region's.
fn aside(c: &mut Context<'_>, site: u64, scratch: &mut [u64]) -> Result<(), Exception> {
    // SAFETY: compiled code gives one of its own sites, which live as long as
    // it.
    let site = unsafe { &*(site as *const CallSite) };
    let at = [0, 2, 4].map(|n| place(scratch[n], scratch[n + 1]));
    let arguments = core::array::from_fn(|n| scratch[ARGUMENTS + n]);
    scratch[0] = c.call_routine(site.helper, at, arguments)?;
    Ok(())
}

fn perform(
    c: &mut Context<'_>,
    shape: Shape,
    address: u64,
    scratch: &mut [u64; SCRATCH],
) -> Result<(), Exception> {
    let at = place(address, shape.base.into());
    match shape.access {
        Access::Load => load(c, at, shape, scratch),
        Access::Store => store(c, at, shape, scratch),
        Access::Probe => c.probe_store(at, scratch[0]),
        Access::CompareAndSwap => compare_and_swap(c, at, shape.width, scratch),
        Access::CompareAndSwapWide => {
            let [a, b, x, y, ..] = *scratch;
            let swapped = c.compare_and_swap_u128(at, join(a, b), join(x, y))?;
            scratch[2] = u64::from(swapped.is_ok());
            let (Ok(found) | Err(found)) = swapped;
            (scratch[0], scratch[1]) = (bits::high64(found), bits::low64(found));
            Ok(())
        }
        Access::Update => {
            let (update, operand) = (shape.update, scratch[0]);
            scratch[0] = match shape.width {
                8 => c.fetch_and_update::<u8>(at, update, operand)?,
                16 => c.fetch_and_update::<u16>(at, update, operand)?,
                32 => c.fetch_and_update::<u32>(at, update, operand)?,
                _ => c.fetch_and_update::<u64>(at, update, operand)?,
            };
            Ok(())
        }
        Access::LoadQuadword => {
            let both = c.load_u128(at)?;
            (scratch[0], scratch[1]) = (bits::high64(both), bits::low64(both));
            Ok(())
        }
        Access::Move => short(c, Helper::Move, at, scratch),
        Access::AndBytes => short(c, Helper::And, at, scratch),
        Access::OrBytes => short(c, Helper::Or, at, scratch),
        Access::XorBytes => short(c, Helper::ExclusiveOr, at, scratch),
        Access::CompareBytes => short(c, Helper::Compare, at, scratch),
        Access::Routine => aside(c, address, scratch),
        Access::StoreQuadword => c.store_u128(at, join(scratch[0], scratch[1])),
        Access::Evaluate => {
            scratch[0] = evaluate([scratch[0], scratch[1], scratch[2]]).into();
            Ok(())
        }
        Access::Divide => {
            let [high, low, divisor, ..] = *scratch;
            let (dividend, divisor) = (join(high, low), u128::from(divisor.max(1)));
            scratch[0] = bits::low64(dividend / divisor);
            scratch[1] = bits::low64(dividend % divisor);
            Ok(())
        }
        // It has its site, not a place.
        Access::Float => Ok(()),
    }
}

fn load(c: &mut Context<'_>, at: At, shape: Shape, scratch: &mut [u64]) -> Result<(), Exception> {
    let count = usize::from(shape.count);
    if count != 1 {
        return read(c, at, shape.width, &mut scratch[..count]);
    }
    scratch[0] = match shape.width {
        8 => c.load_u8(at)?.into(),
        16 => c.load_u16(at)?.into(),
        32 => c.load_u32(at)?.into(),
        _ => c.load_u64(at)?,
    };
    Ok(())
}

fn store(c: &mut Context<'_>, at: At, shape: Shape, scratch: &[u64]) -> Result<(), Exception> {
    let count = usize::from(shape.count);
    if count != 1 {
        return write(c, at, shape.width, &scratch[..count]);
    }
    let value = scratch[0];
    match shape.width {
        8 => c.store_u8(at, bits::low8(value)),
        16 => c.store_u16(at, bits::low16(value)),
        32 => c.store_u32(at, bits::low32(value)),
        _ => c.store_u64(at, value),
    }
}

fn compare_and_swap(
    c: &mut Context<'_>,
    at: At,
    width: u8,
    scratch: &mut [u64; SCRATCH],
) -> Result<(), Exception> {
    let [old, new, ..] = *scratch;
    macro_rules! swap {
        ($swap:ident, $cut:path) => {
            c.$swap(at, $cut(old), $cut(new))?.map(u64::from).map_err(u64::from)
        };
    }
    let swapped = match width {
        8 => swap!(compare_and_swap_u8, bits::low8),
        16 => swap!(compare_and_swap_u16, bits::low16),
        32 => swap!(compare_and_swap_u32, bits::low32),
        _ => c.compare_and_swap_u64(at, old, new)?,
    };
    scratch[1] = u64::from(swapped.is_ok());
    let (Ok(found) | Err(found)) = swapped;
    scratch[0] = found;
    Ok(())
}

/// Calls [`access`] and keeps all registers of the caller.
///
/// # Safety
/// As of [`access`].
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn slow_access(run: *mut Run, shape: u64, address: u64) {
    core::arch::naked_asm!(
        "sub rsp, 264",
        "movups [rsp], xmm0",
        "movups [rsp + 16], xmm1",
        "movups [rsp + 32], xmm2",
        "movups [rsp + 48], xmm3",
        "movups [rsp + 64], xmm4",
        "movups [rsp + 80], xmm5",
        "movups [rsp + 96], xmm6",
        "movups [rsp + 112], xmm7",
        "movups [rsp + 128], xmm8",
        "movups [rsp + 144], xmm9",
        "movups [rsp + 160], xmm10",
        "movups [rsp + 176], xmm11",
        "movups [rsp + 192], xmm12",
        "movups [rsp + 208], xmm13",
        "movups [rsp + 224], xmm14",
        "movups [rsp + 240], xmm15",
        "call {scalar_access}",
        "movups xmm0, [rsp]",
        "movups xmm1, [rsp + 16]",
        "movups xmm2, [rsp + 32]",
        "movups xmm3, [rsp + 48]",
        "movups xmm4, [rsp + 64]",
        "movups xmm5, [rsp + 80]",
        "movups xmm6, [rsp + 96]",
        "movups xmm7, [rsp + 112]",
        "movups xmm8, [rsp + 128]",
        "movups xmm9, [rsp + 144]",
        "movups xmm10, [rsp + 160]",
        "movups xmm11, [rsp + 176]",
        "movups xmm12, [rsp + 192]",
        "movups xmm13, [rsp + 208]",
        "movups xmm14, [rsp + 224]",
        "movups xmm15, [rsp + 240]",
        "add rsp, 264",
        "ret",
        scalar_access = sym slow_scalar_access,
    )
}

/// Calls [`access`] and keeps all registers of the caller but the vector
/// registers.
///
/// # Safety
/// As of [`access`].
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn slow_scalar_access(run: *mut Run, shape: u64, address: u64) {
    core::arch::naked_asm!(
        "push rax",
        "push rcx",
        "push rdx",
        "push rsi",
        "push rdi",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        "call {access}",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rax",
        "ret",
        access = sym access,
    )
}

/// On this host, the caller keeps what it needs.
#[cfg(not(target_arch = "x86_64"))]
pub use access as slow_access;
/// The same.
#[cfg(not(target_arch = "x86_64"))]
pub use access as slow_scalar_access;

/// Replaces a control register.
///
/// # Safety
/// Only compiled code calls it, with its own argument, whose host is set.
pub unsafe extern "C" fn set_control(run: *mut Run, number: u64, value: u64) -> u64 {
    // SAFETY: as in `access`.
    let run = unsafe { &mut *run };
    // SAFETY: as in `access`.
    let host = unsafe { &mut *run.host };
    run.leave |= u64::from(host.context.set_control(bits::low8(number), value));
    end::AT_PSW
}

/// The condition code of the recipe in the run block.
///
/// # Safety
/// Only compiled code calls it, with its own argument.
pub unsafe extern "C" fn number_of_code(run: *mut Run, _first: u64, _second: u64) -> u64 {
    // SAFETY: as in `access`.
    let run = unsafe { &*run };
    evaluate(run.cc).into()
}

/// Whether a routine needs no general register, sets no condition code, and
/// changes nothing before an exception: then it can be called without storing
/// anything before.
pub const fn is_aside(helper: Helper) -> bool {
    matches!(
        helper,
        Helper::Clock
            | Helper::ClockComparator
            | Helper::CpuTimer
            | Helper::CpuAddress
            | Helper::CpuId
            | Helper::Prefix
            | Helper::InsertKey
            | Helper::SetKey
            | Helper::SetSystemMask
            | Helper::SetClockComparator
            | Helper::SetCpuTimer
            | Helper::SetTodProgrammable
            | Helper::StoreClockExtended
            | Helper::System(SystemHelper::UniqueClock | SystemHelper::CpuAttribute)
            | Helper::String(
                StringHelper::MoveInverse
                    | StringHelper::MoveNumerics
                    | StringHelper::MoveZones
                    | StringHelper::Translate
            )
    )
}

/// Where the other operands of a routine begin.
pub const ARGUMENTS: usize = 6;

/// Calls a routine at a [`CallSite`]: addresses and bases of its storage
/// operands, then its other operands, are in scratch. Registers are up to
/// date, and the condition code is in the run block. Gives
/// [`end::KEPT`](crate::run::end::KEPT) if an exception ends the instruction;
/// else the result is in scratch.
///
/// # Safety
/// Only compiled code calls it, with its own argument, whose host is set, and
/// with one of its own sites.
pub unsafe extern "C" fn routine(run: *mut Run, site: u64, _unused: u64) -> u64 {
    let call = |host: &mut Host<'_, '_>, helper, scratch: &[u64; SCRATCH]| {
        let at = [0, 2, 4].map(|n| place(scratch[n], scratch[n + 1]));
        let arguments = core::array::from_fn(|n| scratch[ARGUMENTS + n]);
        host.context.call_routine(helper, at, arguments)
    };
    // SAFETY: the caller's.
    unsafe { at_site(run, site, call) }
}

/// Executes the target of EXECUTE, whose address and the bits to insert are in
/// scratch. As [`routine`] for all else.
///
/// # Safety
/// As of [`routine`].
pub unsafe extern "C" fn execute(run: *mut Run, site: u64, _unused: u64) -> u64 {
    let call = |host: &mut Host<'_, '_>, _, scratch: &[u64; SCRATCH]| {
        let c = &mut *host.context;
        let place = (c.instruction_address, c.ilc);
        host.interpreter.execute_target_at(c, place, scratch[0], scratch[1]).map(|()| 0)
    };
    // SAFETY: the caller's.
    unsafe { at_site(run, site, call) }
}

/// Calls what a [`CallSite`] asks for.
///
/// # Safety
/// As of [`routine`].
unsafe fn at_site(
    run: *mut Run,
    site: u64,
    call: impl FnOnce(&mut Host<'_, '_>, Helper, &[u64; SCRATCH]) -> Result<u64, Exception>,
) -> u64 {
    // SAFETY: as in `access`.
    let run = unsafe { &mut *run };
    // SAFETY: as in `access`.
    let host = unsafe { &mut *run.host };
    // SAFETY: the sites of a region live as long as its code.
    let site = unsafe { &*(site as *const CallSite) };
    let c = &mut *host.context;
    let address = run.page.wrapping_add(site.offset);
    c.instruction = site.raw;
    c.instruction_address = address;
    c.ilc = site.length;
    let next = c.wrap(address.wrapping_add(site.length.into()));
    c.regs.psw.addr = next;
    run.put_code(&mut c.regs.psw);
    if site.helper.effects().branches && run.breaking != NO_BRANCH {
        c.regs.breaking_event = run.page.wrapping_add(run.breaking);
        run.breaking = NO_BRANCH;
    }
    let result = call(host, site.helper, &run.scratch);
    let c = &mut *host.context;
    run.take_code(c.regs.psw);
    match result {
        Ok(value) => {
            run.scratch[0] = value;
            let stays = c.regs.psw.addr == next && !c.reevaluate && !c.reenter && !c.must_leave();
            run.leave |= u64::from(!stays);
            end::AT_PSW
        }
        Err(exception) => {
            host.exception = Some(exception);
            end::KEPT
        }
    }
}

fn join(high: u64, low: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// Fetches consecutive values, all or none.
fn read(c: &mut Context<'_>, at: At, width: u8, values: &mut [u64]) -> Result<(), Exception> {
    let size = usize::from(width / 8);
    let mut buffer = [0; 128];
    let bytes = &mut buffer[..values.len() * size];
    c.read(at, bytes)?;
    for (value, chunk) in values.iter_mut().zip(bytes.chunks_exact(size)) {
        *value = chunk.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    }
    Ok(())
}

/// Stores consecutive values, all or none.
fn write(c: &mut Context<'_>, at: At, width: u8, values: &[u64]) -> Result<(), Exception> {
    let size = usize::from(width / 8);
    let mut buffer = [0; 128];
    let bytes = &mut buffer[..values.len() * size];
    for (value, chunk) in values.iter().zip(bytes.chunks_exact_mut(size)) {
        chunk.copy_from_slice(&value.to_be_bytes()[8 - size..]);
    }
    c.write(at, bytes)
}
