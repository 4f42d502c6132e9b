//! The door of a running machine, as its users use it: every interrupt reaches
//! a guest, which shows it; the machine can be looked at, paused and ended;
//! sockets are nobody else's, and nothing that comes in by them does harm.
#![expect(clippy::unwrap_used, reason = "in a test it says what is wrong")]

mod guest;
mod hostile;
mod interrupts;
mod machine;
mod operator;
mod sockets;
