//! Code that belongs to no region: the way in, and between regions.

use crate::compiler::{Compiler, Error};
use crate::region::PAGE;
use crate::run::{JUMPS, Jump, Run, at, end, jump, place};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::FunctionBuilder;
use lowcore_host::executable::ExecutableMemory;

/// Executes code from the beginning of a region on. Gives how it ended.
pub type Enter = unsafe extern "C" fn(run: *mut Run, code: u64) -> u64;

/// The code.
#[derive(Debug)]
pub struct Stubs {
    _memory: ExecutableMemory,
    /// The way in.
    pub enter: Enter,
    /// Goes on at an address, its second argument.
    pub jump: u64,
    /// Tells the engine that the link in its second argument leads nowhere.
    pub unlinked: u64,
}

const PLAIN: MemFlagsData = MemFlagsData::trusted();

impl Stubs {
    /// Makes the code.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn new(compiler: &mut Compiler) -> Result<Self, Error> {
        let mut memory = ExecutableMemory::new(0x1000)?;
        let mut push = |bytes: &[u8]| {
            let kind = std::io::ErrorKind::FileTooLarge;
            memory.push(bytes).ok_or_else(|| Error::Memory(kind.into()))
        };
        let config = compiler.frontend_config();
        let enter = compiler.function(compiler.host_signature(2), false, |mut f| {
            let region = f.import_signature(Compiler::region_signature());
            let [run, code] = begin(&mut f);
            let call = f.ins().call_indirect(region, code, &[run, code]);
            let end = f.inst_results(call)[0];
            f.ins().return_(&[end]);
            f.finalize(config);
        })?;
        let enter = push(&enter.0)?;
        let unlinked = compiler.function(Compiler::region_signature(), false, |mut f| {
            let [run, link] = begin(&mut f);
            f.ins().store(PLAIN, link, run, at::LINK);
            let end = f.ins().iconst(types::I64, end::UNLINKED.cast_signed());
            f.ins().return_(&[end]);
            f.finalize(config);
        })?;
        let unlinked = push(&unlinked.0)? as u64;
        let jump = compiler.function(Compiler::region_signature(), false, |mut f| {
            write_jump(&mut f);
            f.finalize(config);
        })?;
        let jump = push(&jump.0)? as u64;
        // SAFETY: there is the code of a function of this type, which the
        // compiler has written.
        let enter = unsafe { core::mem::transmute::<*const u8, Enter>(enter) };
        Ok(Self { _memory: memory, enter, jump, unlinked })
    }
}

fn begin(f: &mut FunctionBuilder<'_>) -> [Value; 2] {
    let entry = f.create_block();
    f.append_block_params_for_function_params(entry);
    f.switch_to_block(entry);
    f.seal_block(entry);
    let params = f.block_params(entry);
    [params[0], params[1]]
}

/// Looks the address up in the jump cache, unless the slice must end or code
/// has changed.
fn write_jump(f: &mut FunctionBuilder<'_>) {
    let region = f.import_signature(Compiler::region_signature());
    let [run, address] = begin(f);
    let word = |f: &mut FunctionBuilder<'_>, at| f.ins().load(types::I64, PLAIN, run, at);
    let budget = word(f, at::BUDGET);
    let left = f.ins().iadd_imm_s(budget, -1);
    f.ins().store(PLAIN, left, run, at::BUDGET);
    let attention = word(f, at::ATTENTION);
    let raised = f.ins().uload32(PLAIN, attention, 0);
    let raised = f.ins().ishl_imm_u(raised, 32);
    let must_end = f.ins().icmp(IntCC::UnsignedLessThanOrEqual, left, raised);

    let versions_at = word(f, at::VERSIONS_AT);
    let now = f.ins().load(types::I64, PLAIN, versions_at, 0);
    let versions = word(f, at::VERSIONS);
    let changed = f.ins().bxor(now, versions);

    let jumps = word(f, at::JUMPS);
    let index = f.ins().band_imm_s(address, (JUMPS as u64 - 1).cast_signed() << 1);
    // An entry for each halfword.
    let scaled = f.ins().imul_imm_s(index, (size_of::<Jump>() as u64 / 2).cast_signed());
    let entry = f.ins().iadd(jumps, scaled);
    let of = f.ins().load(types::I64, PLAIN, entry, jump::ADDRESS);
    let other = f.ins().bxor(of, address);
    let found = f.ins().load(types::I64, PLAIN, entry, jump::TAG);
    let tag = word(f, at::TAG);
    let elsewhere = f.ins().bxor(found, tag);
    let differs = f.ins().bor(changed, other);
    let differs = f.ins().bor(differs, elsewhere);
    let misses = f.ins().icmp_imm_u(IntCC::NotEqual, differs, 0);
    let leaves = f.ins().bor(must_end, misses);
    let (leave, go) = (f.create_block(), f.create_block());
    f.set_cold_block(leave);
    f.ins().brif(leaves, leave, &[], go, &[]);
    f.seal_block(leave);
    f.seal_block(go);

    f.switch_to_block(go);
    let page = f.ins().band_imm_s(address, !(PAGE - 1).cast_signed());
    f.ins().store(PLAIN, page, run, at::PAGE);
    let code = f.ins().load(types::I64, PLAIN, entry, jump::CODE);
    f.ins().return_call_indirect(region, code, &[run, address]);

    f.switch_to_block(leave);
    let regs = word(f, at::REGS);
    f.ins().store(PLAIN, address, regs, place::PSW_ADDRESS);
    let end = f.ins().iconst(types::I64, end::AT_PSW.cast_signed());
    f.ins().return_(&[end]);
}
