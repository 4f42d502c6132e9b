//! Short functions that are compiled where they are called: a few
//! instructions without a branch, and the return.

use crate::mode::Mode;
use crate::region::{Flow, Instruction, Shape};
use lowcore_isa::decode;

/// Instructions of a function at most, without the return.
const LENGTH: usize = 12;

/// A function that a call leads to.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Its instructions.
    pub body: Vec<Instruction>,
    /// The return, which leads behind the call: nothing between has changed
    /// the register that it branches by.
    pub back: Instruction,
}

impl Leaf {
    /// All of its instructions.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction> {
        self.body.iter().chain([&self.back])
    }
}

/// The function that an instruction calls, if it is such a one. `fetch` is
/// that of [`Region::find`](crate::region::Region::find).
pub fn find<E>(
    call: &Instruction,
    mode: Mode,
    shape: Shape,
    fetch: &mut impl FnMut(u64) -> Result<Option<u64>, E>,
) -> Result<Option<Leaf>, E> {
    const BCR: u16 = 0x07;
    let Some((link, mut at)) = called(call) else { return Ok(None) };
    if !shape.permits(call.row) {
        return Ok(None);
    }
    let mut body = Vec::new();
    while body.len() <= LENGTH {
        let Some(raw) = fetch(at)? else { break };
        let Some(row) = decode(raw) else { break };
        let instruction = Instruction::new(at, raw, row);
        if !shape.permits(row) || !instruction.is_compiled(mode) {
            break;
        }
        let target = u32::try_from(raw >> 48 & 15).unwrap_or(0);
        if row.opcode == BCR && raw >> 52 & 15 == 15 && target == link {
            return Ok(Some(Leaf { body, back: instruction }));
        }
        let effects = &instruction.effects;
        // A routine may go on elsewhere.
        if instruction.flow != Flow::Next
            || effects.writes >> link & 1 != 0
            || !effects.helpers.is_empty()
        {
            break;
        }
        at = instruction.next();
        body.push(instruction);
    }
    Ok(None)
}

/// The register of the return address and the target of a call.
fn called(call: &Instruction) -> Option<(u32, u64)> {
    let effects = &call.effects;
    let is_call = effects.branches && effects.reads_psw && effects.writes.is_power_of_two();
    let bytes = effects.relative.filter(|_| is_call)?;
    let target = call.offset.wrapping_add(bytes.cast_unsigned());
    // Register 0 designates no branch.
    let link = effects.writes.trailing_zeros();
    Some((link, target)).filter(|_| link != 0 && call.flow == Flow::Ends)
}

#[cfg(test)]
mod tests {
    use crate::Mode;
    use crate::region::{Region, Shape, instruction_at};
    use lowcore_arch::Psw;
    use lowcore_isa::assemble;

    /// The places of calls whose functions are compiled in line.
    fn leaves(program: &[&str]) -> Vec<u64> {
        let mut page = vec![0; 4096];
        let mut at = 0;
        for text in program {
            let code = assemble(text, at as u64).unwrap();
            page[at..at + code.bytes().len()].copy_from_slice(code.bytes());
            at += code.bytes().len();
        }
        let mode = Mode::of(Psw::new(Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING, 0));
        let fetch = |at| Ok::<_, ()>(instruction_at(&page, at));
        let region = Region::find(0, mode, Shape::default(), fetch).unwrap().unwrap();
        region.leaves.keys().copied().collect()
    }

    #[test]
    fn a_function_without_branches_that_returns_is_a_leaf() {
        assert_eq!(leaves(&["brasl %r14,0x8", "bcr 15,%r13", "ar %r2,%r3", "bcr 15,%r14"]), [0]);
        assert_eq!(leaves(&["bras %r1,0x6", "bcr 15,%r14", "st %r1,0(%r2)", "bcr 15,%r1"]), [0]);
    }

    #[test]
    fn what_may_return_elsewhere_is_none() {
        // The register of the return address changes; another one leads back;
        // a branch; a routine.
        for function in [
            &["lgr %r14,%r2", "bcr 15,%r14"][..],
            &["bcr 15,%r1"],
            &["brc 8,0x10", "bcr 15,%r14"],
            &["stck 0(%r2)", "bcr 15,%r14"],
            &["bcr 7,%r14"],
        ] {
            let program = [&["brasl %r14,0x8", "bcr 15,%r13"], function].concat();
            assert_eq!(leaves(&program), [], "{function:?}");
        }
    }
}
