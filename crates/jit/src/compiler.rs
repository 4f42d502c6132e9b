//! From one instruction to machine code.

use crate::emitter::Emitter;
use crate::end;
use crate::state::place;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{AbiParam, Function, Signature, types};
use cranelift_codegen::isa::{LookupError, OwnedTargetIsa, lookup_by_name};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{CodegenError, Context};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use lowcore_arch::{AddressingMode, ControlRegister, ProgramCode, Psw};
use lowcore_isa::{Bodies, Helper, Row};

/// The host, as Cranelift names it.
#[cfg(target_arch = "x86_64")]
const HOST: &str = "x86_64-unknown-linux-gnu";
#[cfg(target_arch = "aarch64")]
const HOST: &str = "aarch64-unknown-linux-gnu";

/// What a compiler cannot translate. The interpreter executes it instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is left to the interpreter")]
pub struct Unsupported(pub &'static str);

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The compiler does not translate the instruction.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// Cranelift does not know the host.
    #[error("Cranelift does not know this host: {0}.")]
    Host(String),
    /// Cranelift refuses the code that was written.
    #[error("Cranelift refuses the code: {0}.")]
    Refused(String),
    /// The host has no memory for code.
    #[error("There is no memory for code: {0}.")]
    Memory(#[from] std::io::Error),
}

impl From<CodegenError> for Error {
    fn from(error: CodegenError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<settings::SetError> for Error {
    fn from(error: settings::SetError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// Where an instruction stands; its code is good for this place only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its address.
    pub address: u64,
    /// Its length in bytes.
    pub length: u8,
    /// The addressing mode in which it is executed.
    pub mode: AddressingMode,
}

/// The code of one instruction, which can be put anywhere.
#[derive(Clone, Debug)]
pub struct MachineCode {
    /// The host's instructions.
    pub bytes: Vec<u8>,
    /// The shared routines that they call, by number.
    pub routines: Vec<Helper>,
}

/// Compiles instructions for the host.
pub struct Compiler {
    isa: OwnedTargetIsa,
    context: Context,
}

impl core::fmt::Debug for Compiler {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Compiler").field("isa", &self.isa.name()).finish_non_exhaustive()
    }
}

impl Compiler {
    /// A compiler for this host.
    ///
    /// # Errors
    /// [`Error::Host`] if Cranelift does not know it.
    pub fn new() -> Result<Self, Error> {
        let mut flags = settings::builder();
        flags.set("opt_level", "speed")?;
        flags.set("unwind_info", "false")?;
        flags.set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" })?;
        let host = |error: LookupError| Error::Host(error.to_string());
        let isa = lookup_by_name(HOST).map_err(host)?;
        let isa = isa.finish(settings::Flags::new(flags))?;
        Ok(Self { isa, context: Context::new() })
    }

    /// The code of the left-aligned instruction `raw`, which belongs to `row`.
    /// It checks the rules of the row first.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if the interpreter must execute it,
    /// [`Error::Refused`] for a mistake in this crate.
    pub fn compile(&mut self, row: &Row, raw: u64, place: Place) -> Result<MachineCode, Error> {
        let mut signature = Signature::new(self.isa.default_call_conv());
        signature.params.push(AbiParam::new(types::I64));
        signature.returns.push(AbiParam::new(types::I64));
        self.context.clear();
        self.context.func = Function::with_name_signature(Default::default(), signature.clone());
        // A call to the host's side takes two words more.
        signature.params.extend([AbiParam::new(types::I64); 2]);

        let mut variables = FunctionBuilderContext::new();
        let mut f = FunctionBuilder::new(&mut self.context.func, &mut variables);
        let host_call = f.import_signature(signature);
        let entry = f.create_block();
        f.append_block_params_for_function_params(entry);
        f.switch_to_block(entry);
        let state = f.block_params(entry)[0];
        let mut emitter = Emitter { f, state, host_call, place, routines: Vec::new() };
        instruction(&mut emitter, row, raw)?;
        let Emitter { mut f, routines, .. } = emitter;
        f.seal_all_blocks();
        f.finalize(self.isa.frontend_config());

        let code = self
            .context
            .compile(&*self.isa, &mut ControlPlane::default())
            .map_err(|error| Error::from(error.inner))?;
        if !code.buffer.relocs().is_empty() {
            return Err(Error::Refused("it is not complete in itself".to_string()));
        }
        Ok(MachineCode { bytes: code.code_buffer().to_vec(), routines })
    }
}

/// Writes an instruction: the rules of its row in the architecture's
/// priority, then its body.
fn instruction(emitter: &mut Emitter<'_>, row: &Row, raw: u64) -> Result<(), Unsupported> {
    if row.rules.privileged {
        let mask = emitter.get_word(place::PSW_MASK);
        let problem = emitter.mask(mask, Psw::PROBLEM);
        let is_problem = emitter.compare_with(IntCC::NotEqual, problem, 0);
        emitter.end_if(is_problem, end::program(ProgramCode::PRIVILEGED_OPERATION));
    }
    if let Some(code) = row.rules.without_afp(raw) {
        let control = emitter.get_word(place::cr(0));
        let control = emitter.mask(control, ControlRegister::CR0_AFP);
        let is_off = emitter.compare_with(IntCC::Equal, control, 0);
        emitter.end_if(is_off, end::data(code));
    }
    if row.rules.is_unpaired(raw) {
        emitter.end(end::program(ProgramCode::SPECIFICATION));
        return Ok(());
    }
    Bodies::of(row)(emitter, raw)?;
    emitter.end(end::COMPLETED);
    Ok(())
}
