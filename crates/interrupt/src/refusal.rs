//! Why an injection was refused.

/// Why an injection was refused. A refused injection has changed nothing.
///
/// [`Refusal::is_busy`] tells the two errors apart that the kernel knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// A stop with a flag other than store-status (B.2).
    #[error("The stop carries a flag that is not known.")]
    UnknownStopFlags,
    /// A source that no CPU can have as its address. Whether a CPU with a
    /// smaller address exists is for the caller to check (B.2).
    #[error("The source is above the highest CPU address.")]
    NoSuchSource,
    /// A set-prefix for a CPU that is not stopped (B.2).
    #[error("The prefix can be set only while the CPU is stopped.")]
    CpuNotStopped,
    /// A second stop (B.2, B.8).
    #[error("A stop is already pending.")]
    StopPending,
    /// A second external call (B.2).
    #[error("An external call is already pending.")]
    ExternalCallPending,
    /// A floating queue at its limit (C.12).
    #[error("The queue of floating interrupts of this kind is full.")]
    QueueFull,
    /// State restored over interrupts that are already pending (D.2).
    #[error("Interrupts are already pending, so interrupt state cannot be restored.")]
    InterruptsPending,
}

impl Refusal {
    /// Whether the kernel answers EBUSY; it answers EINVAL otherwise.
    #[must_use]
    pub const fn is_busy(self) -> bool {
        !matches!(self, Self::UnknownStopFlags | Self::NoSuchSource)
    }
}
