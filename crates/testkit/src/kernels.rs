//! Functions in C that are measured in a guest and on the host: the same
//! source on both.

use crate::bare::{Error, Program};
use crate::cross::{self, Tool};
use std::path::{Path, PathBuf};
use std::process::Command;

/// For both compilers. The guest's code has neither a library nor vectors, and
/// fuses nothing, so the host's has not either.
const FLAGS: [&str; 6] =
    ["-std=gnu17", "-O2", "-fno-math-errno", "-ffp-contract=off", "-fno-tree-vectorize", "-w"];

/// The functions of one file.
pub struct Kernels {
    /// For a guest: calls and times each.
    pub program: Program,
    host: PathBuf,
}

impl Kernels {
    /// Builds `name`.c and `name`.S of a folder: the compiled functions are put
    /// at the end of what calls them. A guest has `less` times less to do than
    /// `name`.S says. Files are left in `scratch`.
    ///
    /// # Errors
    /// A missing tool, or a compiler's complaint.
    pub fn build(
        folder: &Path,
        name: &str,
        include: &Path,
        scratch: &Path,
        less: u32,
    ) -> Result<Self, Error> {
        let c = folder.join(name).with_extension("c");
        let assembly = scratch.join(format!("{name}-kernels.s"));
        let mut compiler = Tool::Compiler.command()?;
        compiler.args(FLAGS).args(["-ffreestanding", "-march=zEC12", "-S", "-o"]).arg(&assembly);
        cross::output(compiler.arg(&c))?;
        let mut source = format!("#define LESS {less}\n");
        source += &std::fs::read_to_string(folder.join(name).with_extension("S"))?;
        // Comments would be taken for directives of the preprocessor.
        for line in
            std::fs::read_to_string(&assembly)?.lines().filter(|line| !line.starts_with('#'))
        {
            source += line;
            source.push('\n');
        }
        let combined = scratch.join(format!("{name}.S"));
        std::fs::write(&combined, source)?;
        let program = Program::build_with(&combined, include)?;
        let host = scratch.join(format!("{name}-host"));
        let mut compiler = Tool::HostCompiler.command()?;
        cross::output(compiler.args(FLAGS).args(["-DHOST", "-o"]).arg(&host).arg(&c))?;
        Ok(Self { program, host })
    }

    /// Lets the host execute a function. Gives nanoseconds and the result.
    ///
    /// # Errors
    /// If it has no such function.
    pub fn on_host(&self, name: &str, times: u64) -> Result<(f64, String), Error> {
        let output = cross::output(Command::new(&self.host).args([name, &times.to_string()]))?;
        let (ns, result) = output.trim().split_once(' ').unwrap_or_default();
        Ok((ns.parse().unwrap_or(f64::NAN), result.to_owned()))
    }
}
