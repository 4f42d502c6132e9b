//! The service-call logical processor: what the machine is, and events, of
//! which consoles are made (Linux, drivers/s390/char/sclp*).
//!
//! A guest calls it with SERVICE CALL and a block in its storage (SCCB), whose
//! first eight bytes are the header: length, function code, control mask,
//! response code. A service signal tells that it is done.

mod ebcdic;
mod events;
mod information;
mod line_mode;
mod sccb;
mod vt220;

pub use events::Console;
pub use sccb::Sccb;

use super::parameter_block::NO_LOAD_PARAMETER;
use events::Events;

/// Commands, without the byte that the service processor ignores.
mod command {
    pub const MASK: u32 = 0xffff_00ff;
    pub const READ_SCP_INFORMATION: u32 = 0x0002_0001;
    pub const READ_SCP_INFORMATION_FORCED: u32 = 0x0012_0001;
    pub const READ_CPU_INFORMATION: u32 = 0x0001_0001;
    pub const READ_EVENT_DATA: u32 = 0x0077_0005;
    pub const WRITE_EVENT_DATA: u32 = 0x0076_0005;
    pub const WRITE_EVENT_MASK: u32 = 0x0078_0005;
}

/// Response codes.
pub(super) mod response {
    pub const READ: u16 = 0x0010;
    pub const DONE: u16 = 0x0020;
    pub const BOUNDARY: u16 = 0x0100;
    pub const INVALID_COMMAND: u16 = 0x01f0;
    pub const INSUFFICIENT_LENGTH: u16 = 0x0300;
    pub const INVALID_FUNCTION: u16 = 0x40f0;
    pub const NO_EVENTS: u16 = 0x60f0;
    pub const INVALID_SELECTION: u16 = 0x70f0;
    pub const INCONSISTENT_LENGTHS: u16 = 0x72f0;
    pub const EVENT_SYNTAX: u16 = 0x73f0;
    pub const INVALID_MASK_LENGTH: u16 = 0x74f0;
}

/// What the service processor tells of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Configuration {
    /// Storage in bytes, a multiple of MiB.
    pub memory: u64,
    /// CPUs, with the addresses from 0 on.
    pub cpus: u16,
    /// The console that the guest has.
    pub console: Console,
}

/// The service processor.
#[derive(Debug)]
pub struct Sclp {
    configuration: Configuration,
    load_parameter: [u8; 8],
    events: Events,
}

impl Sclp {
    /// As after power-on.
    pub fn new(configuration: Configuration) -> Self {
        Self {
            configuration,
            load_parameter: NO_LOAD_PARAMETER,
            events: Events::new(configuration.console),
        }
    }

    /// With what load parameter the guest was loaded, in EBCDIC.
    pub fn set_load_parameter(&mut self, parameter: [u8; 8]) {
        self.load_parameter = parameter;
    }

    /// As after a reset of the subsystem: the guest no longer receives events.
    pub fn reset(&mut self) {
        self.events.reset();
    }

    /// Executes a command on a copy of the guest's block. What the guest writes
    /// to its console goes to `output`.
    pub fn execute(&mut self, command: u32, sccb: &mut Sccb, output: &mut Vec<u8>) {
        let response = match command & command::MASK {
            command::READ_SCP_INFORMATION | command::READ_SCP_INFORMATION_FORCED => {
                information::read_scp_information(&self.configuration, self.load_parameter, sccb)
            }
            command::READ_CPU_INFORMATION => {
                information::read_cpu_information(&self.configuration, sccb)
            }
            command::READ_EVENT_DATA => self.events.read(sccb),
            command::WRITE_EVENT_DATA => self.events.write(sccb, output),
            command::WRITE_EVENT_MASK => self.events.set_masks(sccb),
            _ => response::INVALID_COMMAND,
        };
        sccb.set_response(response);
    }

    /// Whether the guest has an event to read that it receives.
    pub fn event_pending(&self) -> bool {
        self.events.pending()
    }

    /// What was typed at the guest's console.
    pub fn input(&mut self, bytes: &[u8]) {
        self.events.input(bytes);
    }

    /// Asks the guest to shut down. Whether it takes such requests now.
    pub fn quiesce(&mut self) -> bool {
        self.events.quiesce()
    }
}
