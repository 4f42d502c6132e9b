//! The command `lowcore`, for tests that start it.

use crate::cross;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The command, up to date, with the shared object where cargo puts it: built
/// as the calling test was.
///
/// # Panics
/// If it cannot be built.
pub fn lowcore() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // <target>/<profile>/deps/<this test>
        let test = std::env::current_exe().expect("a test knows its own file");
        let profile = test.ancestors().nth(2).expect("tests lie in <profile>/deps").to_owned();
        if let Some(cargo) = std::env::var_os("CARGO") {
            let mut build = Command::new(cargo);
            build.args(["build", "--quiet", "-p", "lowcore", "-p", "lowcore-preload"]);
            build.arg("--target-dir").arg(profile.parent().expect("a profile lies in target"));
            if profile.ends_with("release") {
                build.arg("--release");
            }
            if let Err(error) = cross::output(&mut build) {
                panic!("{error}");
            }
        }
        profile.join("lowcore")
    })
}
