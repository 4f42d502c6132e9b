//! Which paths name `/dev/kvm`.

use std::ffi::{CStr, CString, c_char, c_int};

use crate::system;

/// Symbolic links that are followed, as the kernel does.
const LINKS: usize = 40;

/// Whether opening `path` would open KVM's device: it names the character
/// device 10:232, or the place `/dev/kvm`, whether or not anything is there.
/// Nothing is opened. Keeps `errno`.
///
/// `folder` and `flags` are those of `openat`.
///
/// # Safety
/// `path` is a C string, or a pointer that the kernel refuses.
pub unsafe fn names_kvm(folder: c_int, path: *const c_char, flags: c_int) -> bool {
    // A descriptor with O_PATH is a name, not an open file.
    if flags & libc::O_PATH != 0 {
        return false;
    }
    let errno = system::errno();
    let follow = flags & libc::O_NOFOLLOW == 0;
    let at = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let names = match system::status(folder, path, at) {
        Ok(status) if is_kvm(&status) => true,
        // SAFETY: the kernel has just read it.
        Ok(_) => is_place(folder, unsafe { CStr::from_ptr(path) }),
        // SAFETY: as above.
        Err(libc::ENOENT) => names_missing(folder, unsafe { CStr::from_ptr(path) }, follow),
        Err(_) => false,
    };
    system::set_errno(errno);
    names
}

/// Whether it is the character device 10:232.
fn is_kvm(status: &libc::stat) -> bool {
    status.st_mode & libc::S_IFMT == libc::S_IFCHR && status.st_rdev == libc::makedev(10, 232)
}

/// A path where there is nothing: `/dev/kvm` itself, or a symbolic link to it.
fn names_missing(folder: c_int, path: &CStr, follow: bool) -> bool {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if is_place(folder, &path) {
            return true;
        }
        let mut buffer = [0; libc::PATH_MAX as usize];
        let Ok(target) = system::read_link(folder, &path, &mut buffer) else { return false };
        let (parent, _) = split(path.to_bytes());
        let target = if target.starts_with(b"/") {
            CString::new(target)
        } else {
            CString::new([parent, b"/", target].concat())
        };
        let Ok(target) = target else { return false };
        if !follow {
            return false;
        }
        path = target;
    }
    false
}

/// Whether the path is that of an entry `kvm` in the folder `/dev`.
fn is_place(folder: c_int, path: &CStr) -> bool {
    if path == c"/dev/kvm" {
        return true;
    }
    let (parent, name) = split(path.to_bytes());
    if name != b"kvm" {
        return false;
    }
    let Ok(parent) = CString::new(parent) else { return false };
    let (Ok(parent), Ok(dev)) = (
        system::status(folder, parent.as_ptr(), 0),
        system::status(libc::AT_FDCWD, c"/dev".as_ptr(), 0),
    ) else {
        return false;
    };
    (parent.st_dev, parent.st_ino) == (dev.st_dev, dev.st_ino)
}

/// A path's folder and its last part.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        None => (b".", path),
        Some(0) => (b"/", &path[1..]),
        Some(slash) => (&path[..slash], &path[slash + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    fn names(path: &Path, flags: c_int) -> bool {
        let path = CString::new(path.as_os_str().as_encoded_bytes()).unwrap();
        // SAFETY: it is a C string.
        unsafe { names_kvm(libc::AT_FDCWD, path.as_ptr(), flags) }
    }

    #[test]
    fn spellings_of_the_place() {
        for path in ["/dev/kvm", "//dev//kvm", "/dev/../dev/./kvm", "/proc/self/root/dev/kvm"] {
            assert!(names(Path::new(path), libc::O_RDWR), "{path}");
        }
        for path in ["/dev/kvm2", "/dev/null", "/dev", "/", "", "/kvm", "kvm", "/dev/kvm/"] {
            assert!(!names(Path::new(path), libc::O_RDWR), "{path}");
        }
        assert!(!names(Path::new("/dev/kvm"), libc::O_PATH));
    }

    #[test]
    fn links() {
        let folder = std::env::temp_dir().join(format!("lowcore-path-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("inner")).unwrap();
        symlink("/dev/kvm", folder.join("direct")).unwrap();
        symlink("../direct", folder.join("inner/twice")).unwrap();
        symlink("/dev", folder.join("dev")).unwrap();
        symlink("round", folder.join("round")).unwrap();
        symlink("/nowhere/kvm", folder.join("nowhere")).unwrap();
        for path in ["direct", "inner/twice", "dev/kvm"] {
            assert!(names(&folder.join(path), libc::O_RDWR), "{path}");
        }
        for path in ["round", "nowhere", "inner"] {
            assert!(!names(&folder.join(path), libc::O_RDWR), "{path}");
        }
        assert!(!names(&folder.join("direct"), libc::O_NOFOLLOW));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_bad_pointer_is_nothing() {
        // SAFETY: the kernel refuses both.
        unsafe {
            assert!(!names_kvm(libc::AT_FDCWD, std::ptr::null(), 0));
            assert!(!names_kvm(libc::AT_FDCWD, 8 as *const c_char, 0));
        }
    }
}
