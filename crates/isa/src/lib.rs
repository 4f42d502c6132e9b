//! One row and one generic body per z/Architecture instruction; decoder, disassembler, assembler.
