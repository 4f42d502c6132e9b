//! What an injection costs a C program whose `/dev/kvm` is served, beside an
//! empty system call of the same program.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a failing set-up ends the benchmark")]

use criterion::{Criterion, criterion_group, criterion_main};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Builds the client with the s390 view of `linux/kvm.h`.
fn client(folder: &Path) -> PathBuf {
    let headers = folder.join("include");
    std::fs::create_dir_all(headers.join("asm")).unwrap();
    let link = headers.join("asm/kvm.h");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink("/usr/s390x-linux-gnu/include/asm/kvm.h", &link).unwrap();
    let program = folder.join("wrapped");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/wrapped.c");
    let status = Command::new("gcc")
        .args(["-O2", "-Wall", "-Werror", "-I"])
        .arg(&headers)
        .arg("-o")
        .arg(&program)
        .arg(source)
        .status()
        .expect("gcc starts (Debian packages gcc and linux-libc-dev-s390x-cross)");
    assert!(status.success());
    program
}

fn wrapped(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let program = client(folder);
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--package", "lowcore", "--package", "lowcore-preload"])
        .status()
        .unwrap();
    assert!(built.success());
    let lowcore = folder.parent().unwrap().join("release/lowcore");
    let mut group = criterion.benchmark_group("wrapped");
    group.sample_size(20);
    for (name, what) in [("injection", "inject"), ("empty_system_call", "syscall")] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| {
                let output = Command::new(&lowcore)
                    .args(["kvm", "--"])
                    .arg(&program)
                    .args([what, &count.to_string()])
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                let text = String::from_utf8(output.stdout).unwrap();
                Duration::from_nanos(text.trim().parse().unwrap())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, wrapped);
criterion_main!(benches);
