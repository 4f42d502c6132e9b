//! One z/Architecture CPU: registers, prefixing, timers, run loop, interpreter.
