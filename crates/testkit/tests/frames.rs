//! Handlers of the interpreter call one another in place of themselves: the
//! stack does not grow with the number of instructions executed.

use lowcore_testkit::ins::{Machine, all_lines};

/// Too little for a frame of sixteen bytes for each branch.
const STACK: usize = 0x1_8000;
const BRANCHES: u32 = 0x2000;

/// A handler that leaves a frame behind ends the process: the thread is named
/// after the line of its instruction.
#[test]
fn every_line_in_a_loop_takes_a_bounded_stack() {
    let lines = all_lines().unwrap_or_else(|error| panic!("{error}"));
    assert!(!lines.is_empty());
    let mut machine = Machine::new().unwrap();
    for (name, case) in lines {
        std::thread::scope(|scope| {
            let run = || machine.run_in_a_loop(&case, BRANCHES);
            let thread = std::thread::Builder::new().name(name).stack_size(STACK);
            thread.spawn_scoped(scope, run).unwrap().join().unwrap().unwrap();
        });
    }
}
