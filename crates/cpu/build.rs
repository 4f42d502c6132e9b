//! Says whether the interpreter's handlers may call one another: optimised
//! code puts the call at a function's end in the function's own place, which
//! the language does not promise and other code does not do.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(replaces_calls)");
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    if matches!(level.as_str(), "2" | "3") {
        println!("cargo::rustc-cfg=replaces_calls");
    }
}
