//! `cargo xtask guest`: fetches guests.

use super::{Debian, Release, boot_times, soak};
use crate::cargo::workspace;
use crate::error::Error;
use std::path::Path;

/// Options of `cargo xtask guest`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    guest: Guest,
}

#[derive(clap::Subcommand)]
enum Guest {
    /// Fetch a kernel of Debian for s390x, make a ramdisk, print how to run it.
    Debian {
        /// The release: bookworm, which has Linux 6.1, "next" for the one after
        /// it, or another code name or suite, such as forky, which has Linux 7.
        #[arg(long, default_value = "bookworm")]
        release: Release,
    },
    /// Boot a kernel many times, with little and much memory, and stress it.
    Soak(soak::Arguments),
    /// Measure boots on Lowcore and on QEMU.
    Times(boot_times::Arguments),
}

/// Fetches what is asked for.
///
/// # Errors
/// A sentence that says what could not be fetched or written.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    match &arguments.guest {
        Guest::Debian { release } => {
            let guest = Debian::get(release)?;
            println!("Run it with:");
            println!(
                "    cargo run --release -- run --kernel {} --initrd {}",
                short(&guest.kernel),
                short(&guest.ramdisk)
            );
            Ok(())
        }
        Guest::Soak(arguments) => soak::run(arguments),
        Guest::Times(arguments) => boot_times::run(arguments),
    }
}

/// A path as one types it in the workspace's folder.
fn short(path: &Path) -> String {
    path.strip_prefix(workspace()).unwrap_or(path).display().to_string()
}
