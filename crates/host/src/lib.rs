//! What needs care on the host: fault-safe memory, parking, signals, clocks.
