//! `docs/kvm.md` names every ioctl, capability and attribute that is served,
//! and every test that it names exists.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every word of `text` that starts with `KVM_` and that `wanted` accepts.
fn names(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("KVM_") && wanted(word))
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The code of a source file without comments.
fn code(path: &str) -> String {
    let text = read(&root().join(path));
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_ioctl_and_attribute_that_is_dispatched_has_its_entry() {
    let document = read(&root().join("docs/kvm.md"));
    // Flags, limits and values that an entry describes in words.
    let described = ["_F_", "_MAX", "_NONE", "MEMOP", "KVM_CREATE_DEVICE_TEST", "MEMORY_"];
    for file in ["system", "vm", "vcpu", "device", "cpu_model"] {
        let text = code(&format!("crates/kvm/src/dispatch/{file}.rs"));
        let served = names(&text, |word| {
            word.starts_with("KVM_SET_USER") || !described.iter().any(|part| word.contains(part))
        });
        assert!(served.len() > 3, "{file}: {served:?}");
        for name in served {
            // "KVM_S390_VM_TOD_LOW, _HIGH, _EXT" names three.
            let (head, tail) = name.rsplit_once('_').expect("KVM_ in it");
            let short = format!("_{tail}");
            let named = document.contains(&name)
                || document.lines().any(|line| line.contains(head) && line.contains(&short));
            assert!(named, "docs/kvm.md does not name {name}");
        }
    }
}

#[test]
fn every_capability_that_is_offered_is_listed() {
    let document = read(&root().join("docs/kvm.md"));
    let offered = names(&code("crates/kvm/src/capability.rs"), |word| word.starts_with("KVM_CAP_"));
    assert!(offered.len() > 30, "{offered:?}");
    let listed = names(&document, |word| word.starts_with("KVM_CAP_"));
    assert_eq!(offered, listed, "offered, and listed in docs/kvm.md");
}

/// A link to a test file, and the checks or functions named after it.
#[test]
fn every_test_that_is_named_exists() {
    let document = read(&root().join("docs/kvm.md"));
    let mut checked = 0;
    for line in document.lines() {
        let mut links = line.split("](").skip(1).peekable();
        while let Some(link) = links.next() {
            let (target, rest) = link.split_once(')').expect("the end of a link");
            if let Some(anchor) = target.strip_prefix('#') {
                let heading = document.lines().filter(|line| line.starts_with('#')).any(|line| {
                    let text: String = line
                        .trim_start_matches(['#', ' '])
                        .to_lowercase()
                        .chars()
                        .filter(|c| c.is_alphanumeric() || " _-".contains(*c))
                        .collect();
                    text.replace(' ', "-") == anchor
                });
                assert!(heading, "no heading for #{anchor}");
                continue;
            }
            let path = root().join("docs").join(target);
            assert!(path.exists(), "{target} does not exist");
            // The text up to the next link belongs to this one.
            let own = if links.peek().is_some() {
                rest.rsplit_once('[').map_or(rest, |(own, _)| own)
            } else {
                rest
            };
            if path.extension().is_some_and(|extension| extension == "c") {
                let text = read(&path);
                for quoted in own.split('"').skip(1).step_by(2) {
                    assert!(text.contains(quoted), "{target} has no check {quoted:?}");
                    checked += 1;
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = read(&path);
                for quoted in own.split('`').skip(1).step_by(2) {
                    let function = format!("fn {quoted}()");
                    assert!(text.contains(&function), "{target} has no {function}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 100, "{checked}");
}
