//! The map of the prefix area, by real address (manual, chapter 3,
//! "Assigned Storage Locations"). Lengths in bytes stand in each comment.

/// Size of the prefix area: two 4 KiB blocks.
pub const SIZE: u64 = 0x2000;
/// Bits of a prefix value that count: it designates an 8 KiB block below 2 GiB.
pub const PREFIX_MASK: u32 = 0x7fff_e000;

/// External-interruption parameter (4).
pub const EXTERNAL_PARAMETER: u16 = 0x80;
/// CPU address or subcode of an external interruption (2).
pub const EXTERNAL_CPU_ADDRESS: u16 = 0x84;
/// External-interruption code (2).
pub const EXTERNAL_CODE: u16 = 0x86;
/// Instruction length of a supervisor call (2).
pub const SVC_ILC: u16 = 0x88;
/// Supervisor-call code (2).
pub const SVC_CODE: u16 = 0x8a;
/// Instruction length of a program interruption (2).
pub const PROGRAM_ILC: u16 = 0x8c;
/// Program-interruption code (2).
pub const PROGRAM_CODE: u16 = 0x8e;
/// Data-exception code or vector-exception code (4).
pub const DATA_EXCEPTION_CODE: u16 = 0x90;
/// Monitor-class number (2).
pub const MONITOR_CLASS: u16 = 0x94;
/// PER code (1).
pub const PER_CODE: u16 = 0x96;
/// PER addressing-and-translation-mode identification (1).
pub const PER_ATMID: u16 = 0x97;
/// PER address (8).
pub const PER_ADDRESS: u16 = 0x98;
/// Exception access identification (1).
pub const EXCEPTION_ACCESS_ID: u16 = 0xa0;
/// PER access identification (1).
pub const PER_ACCESS_ID: u16 = 0xa1;
/// Operand access identification (1).
pub const OPERAND_ACCESS_ID: u16 = 0xa2;
/// Store-status architectural-mode identification (1).
pub const ARCHITECTURAL_MODE_ID: u16 = 0xa3;
/// Translation-exception identification (8).
pub const TRANSLATION_EXCEPTION_ID: u16 = 0xa8;
/// Monitor code (8).
pub const MONITOR_CODE: u16 = 0xb0;
/// Subsystem-identification word, first half (2).
pub const SUBCHANNEL_ID: u16 = 0xb8;
/// Subsystem-identification word, subchannel number (2).
pub const SUBCHANNEL_NUMBER: u16 = 0xba;
/// I/O-interruption parameter (4).
pub const IO_PARAMETER: u16 = 0xbc;
/// I/O-interruption-identification word (4).
pub const IO_WORD: u16 = 0xc0;
/// First words of the facility list, as STORE FACILITY LIST stores them (4).
pub const FACILITY_LIST: u16 = 0xc8;
/// Machine-check-interruption code (8).
pub const MACHINE_CHECK_CODE: u16 = 0xe8;
/// External-damage code (4).
pub const EXTERNAL_DAMAGE_CODE: u16 = 0xf4;
/// Failing-storage address (8).
pub const FAILING_STORAGE_ADDRESS: u16 = 0xf8;
/// Breaking-event address of a program interruption (8).
pub const BREAKING_EVENT_ADDRESS: u16 = 0x110;
/// Restart old PSW (16).
pub const RESTART_OLD_PSW: u16 = 0x120;
/// External old PSW (16).
pub const EXTERNAL_OLD_PSW: u16 = 0x130;
/// Supervisor-call old PSW (16).
pub const SVC_OLD_PSW: u16 = 0x140;
/// Program old PSW (16).
pub const PROGRAM_OLD_PSW: u16 = 0x150;
/// Machine-check old PSW (16).
pub const MACHINE_CHECK_OLD_PSW: u16 = 0x160;
/// I/O old PSW (16).
pub const IO_OLD_PSW: u16 = 0x170;
/// Restart new PSW (16).
pub const RESTART_NEW_PSW: u16 = 0x1a0;
/// External new PSW (16).
pub const EXTERNAL_NEW_PSW: u16 = 0x1b0;
/// Supervisor-call new PSW (16).
pub const SVC_NEW_PSW: u16 = 0x1c0;
/// Program new PSW (16).
pub const PROGRAM_NEW_PSW: u16 = 0x1d0;
/// Machine-check new PSW (16).
pub const MACHINE_CHECK_NEW_PSW: u16 = 0x1e0;
/// I/O new PSW (16).
pub const IO_NEW_PSW: u16 = 0x1f0;
/// Machine-check extended-save-area designation (8).
pub const EXTENDED_SAVE_AREA: u16 = 0x11b0;
/// Second external-interruption parameter (8).
pub const EXTERNAL_PARAMETER_2: u16 = 0x11b8;
/// Floating-point-register save area (128).
pub const FPR_SAVE: u16 = 0x1200;
/// General-register save area (128).
pub const GPR_SAVE: u16 = 0x1280;
/// PSW save area of store status (16); fixed logout of a machine check.
pub const PSW_SAVE: u16 = 0x1300;
/// Prefix save area (4).
pub const PREFIX_SAVE: u16 = 0x1318;
/// Floating-point-control save area (4).
pub const FPC_SAVE: u16 = 0x131c;
/// TOD-programmable-register save area (4).
pub const TODPR_SAVE: u16 = 0x1324;
/// CPU-timer save area (8).
pub const CPU_TIMER_SAVE: u16 = 0x1328;
/// Clock-comparator save area (8); holds bits 0-55 shifted right by 8.
pub const CLOCK_COMPARATOR_SAVE: u16 = 0x1330;
/// Access-register save area (64).
pub const AR_SAVE: u16 = 0x1340;
/// Control-register save area (128).
pub const CR_SAVE: u16 = 0x1380;

/// Codes that an external interruption stores at [`EXTERNAL_CODE`].
pub mod external {
    /// Clock comparator.
    pub const CLOCK_COMPARATOR: u16 = 0x1004;
    /// CPU timer.
    pub const CPU_TIMER: u16 = 0x1005;
    /// Emergency signal.
    pub const EMERGENCY_SIGNAL: u16 = 0x1201;
    /// External call.
    pub const EXTERNAL_CALL: u16 = 0x1202;
    /// Service signal.
    pub const SERVICE_SIGNAL: u16 = 0x2401;
    /// Pseudo page fault, virtio: told apart by the subcode.
    pub const CP_SERVICE: u16 = 0x2603;
    /// Subcode of a pfault-init interruption.
    pub const SUBCODE_PFAULT_INIT: u16 = 0x0600;
    /// Subcode of a pfault-done interruption.
    pub const SUBCODE_PFAULT_DONE: u16 = 0x0680;
    /// Subcode of a virtio interruption.
    pub const SUBCODE_VIRTIO: u16 = 0x0d00;
}
