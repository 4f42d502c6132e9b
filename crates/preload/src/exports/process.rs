//! The beginning of the process, where its environment is read, and its end,
//! where the buffered trace is written out.

use std::ffi::c_int;

use crate::engine;
use crate::real::real;
use crate::trace;

macro_rules! exit {
    ($($name:ident),*) => {$(
        /// `_exit` under one of its names. (`exit` runs destructors first.)
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(status: c_int) -> ! {
            trace::flush();
            real!($name(status: c_int) -> (), or ());
            std::process::abort()
        }
    )*};
}
exit!(_exit, _Exit);

extern "C" fn at_start() {
    trace::start();
    engine::start();
}

#[used]
#[unsafe(link_section = ".init_array")]
static AT_START: extern "C" fn() = at_start;

extern "C" fn at_end() {
    trace::flush();
}

#[used]
#[unsafe(link_section = ".fini_array")]
static AT_END: extern "C" fn() = at_end;
