//! Integer programs in C: each engine gives what the host gives, and nearly
//! all of their instructions are executed by compiled code.

use lowcore_jit::{CHOICES, Choice, executed};
use lowcore_testkit::kernels::Kernels;
use std::path::Path;

/// The share of instructions that must be compiled.
const SHARE: f64 = 0.95;

/// One test, since all engines of a process count together.
#[test]
fn compiled_code_executes_nearly_all_and_gives_what_the_host_gives() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (guest, include) = (root.join("benches/guest"), root.join("bare"));
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("integer-test");
    std::fs::create_dir_all(&scratch).unwrap();
    let kernels = Kernels::build(&guest, "integer", &include, &scratch, 100).unwrap();
    let program = &kernels.program;
    for choice in CHOICES {
        let report = program.on_lowcore(choice.engines()).unwrap();
        assert!(report.ended && report.figures.len() == 9, "{choice}: {report:?}");
        for figure in &report.figures {
            let name = program.text(figure.name);
            let (_, expected) = kernels.on_host(&name, figure.times).unwrap();
            assert_eq!(figure.result.to_string(), expected, "{name}, {choice}");
        }
        if choice == Choice::Compiler {
            println!("{}", executed());
            assert!(executed().share() >= SHARE, "{}", executed());
            assert!(executed().compiled > 1_000_000, "{}", executed());
        }
    }
}
