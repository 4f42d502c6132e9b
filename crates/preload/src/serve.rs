//! What the replaced functions do for descriptors of ours.

use std::ffi::{CString, c_int, c_uint, c_ulong};
use std::os::fd::IntoRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

use lowcore_abi::*;
use lowcore_arch::bits;
use lowcore_host::memory::ClientMemory;
use lowcore_host::{clock, signals};
use lowcore_kvm::{Object, Reply, dispatch};

use crate::engine;
use crate::fork::{self, Lock};
use crate::message::say;
use crate::system::{self, Errno};
use crate::table::{self, Entry};
use crate::trace;

/// Opens `/dev/kvm` with the flags of `open`.
///
/// # Errors
/// `EEXIST` and `ENOTDIR` as for any device file, `EMFILE`, `ENFILE`,
/// `ENOMEM`.
pub fn open(flags: c_int) -> Result<c_int, Errno> {
    const NEW: c_int = libc::O_CREAT | libc::O_EXCL;
    if flags & NEW == NEW {
        return Err(libc::EEXIST);
    }
    if flags & libc::O_DIRECTORY != 0 {
        return Err(libc::ENOTDIR);
    }
    // All of this is set up once a process, before it can fork with a
    // descriptor of ours and leave it half done.
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            say(format_args!("a fault of Lowcore itself, not of this program: {panic}."));
        }));
        let _ = clock::host_tod();
        signals::install_fault_handler();
        engine::tell_at_the_end();
    });
    fork::prepare();
    let fd = system::placeholder(flags)?;
    install(fd, Object::System(engine::system()))
}

/// Runs `change` with the table locked and drops what it took out with the
/// table unlocked. `None` in a child that borrows its parent's memory, where
/// the table stays as it is.
fn change_table<T>(change: impl FnOnce(&Lock, &mut Vec<Entry>) -> T) -> Option<T> {
    let deferred = signals::defer(None);
    let mut dropped = Vec::new();
    let result = fork::lock().map(|lock| change(&lock, &mut dropped));
    dispose(dropped);
    drop(deferred);
    signals::run_deferred();
    result
}

/// Drops objects; the last handle to a VM frees what it has.
fn dispose<T>(objects: T) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(objects)));
}

/// Says what a new descriptor stands for, or closes it.
fn install(fd: c_int, object: Object) -> Result<c_int, Errno> {
    let installed = change_table(|lock, dropped| {
        table::make_room(lock, fd)?;
        // Something is there only if it was closed behind our back.
        dropped.extend(table::set(lock, fd, Some(Entry::Served(Arc::new(object)))));
        Ok(fd)
    });
    installed.unwrap_or(Err(libc::EIO)).inspect_err(|_| {
        let _ = system::close(fd);
    })
}

/// A number that the kernel has just given for something else: if it was ours,
/// it was closed where we do not see it.
pub fn opened(fd: c_int) {
    if table::is_ours(fd) {
        forget(fd);
    }
}

/// Takes a number out of the table, without closing it.
pub fn forget(fd: c_int) {
    change_table(|lock, dropped| dropped.extend(table::set(lock, fd, None)));
}

/// Takes all numbers from `first` on out of the table.
pub fn forget_from(first: c_uint) {
    change_table(|lock, dropped| dropped.extend(table::take_range(lock, first, c_uint::MAX)));
}

/// `close` for a number of ours.
///
/// # Errors
/// The kernel's.
pub fn close(fd: c_int) -> Result<c_int, Errno> {
    // In one step: a number that is open and out of the table looks as if it
    // came from another program.
    let result = change_table(|lock, dropped| {
        dropped.extend(table::set(lock, fd, None));
        system::close(fd)
    });
    result.unwrap_or_else(|| system::close(fd))
}

/// `close_range`.
///
/// # Errors
/// The kernel's.
pub fn close_range(first: c_uint, last: c_uint, flags: c_int) -> Result<c_int, Errno> {
    const ON_EXEC: c_int = 4;
    let result = change_table(|lock, dropped| {
        let result = system::close_range(first, last, flags)?;
        if flags & ON_EXEC == 0 {
            dropped.extend(table::take_range(lock, first, last));
        }
        Ok(result)
    });
    result.unwrap_or_else(|| system::close_range(first, last, flags))
}

/// `dup2` and `dup3`, if either number is ours; they differ.
///
/// # Errors
/// The kernel's, and `EMFILE` for a number beyond the table.
pub fn dup3(old: c_int, new: c_int, flags: c_int) -> Result<c_int, Errno> {
    let result = change_table(|lock, dropped| {
        let entry = table::get(old);
        if entry.is_some() {
            table::make_room(lock, new)?;
        }
        let result = system::dup3(old, new, flags)?;
        dropped.extend(table::set(lock, new, entry));
        Ok(result)
    });
    result.unwrap_or_else(|| system::dup3(old, new, flags))
}

/// `fcntl` with `F_DUPFD` or `F_DUPFD_CLOEXEC` for a number of ours; `dup` is
/// the first of these, from 0.
///
/// # Errors
/// The kernel's, and `EMFILE` for a number beyond the table.
pub fn duplicate(fd: c_int, command: c_int, from: c_int) -> Result<c_int, Errno> {
    let result = change_table(|lock, dropped| {
        let entry = table::get(fd);
        let new = system::fcntl(fd, command, from.into())?;
        if entry.is_some()
            && let Err(errno) = table::make_room(lock, new)
        {
            let _ = system::close(new);
            return Err(errno);
        }
        dropped.extend(table::set(lock, new, entry));
        Ok(new)
    });
    result.unwrap_or_else(|| system::fcntl(fd, command, from.into()))
}

/// `ioctl`. `None` if the number is not ours and the request not KVM's.
pub fn ioctl(fd: c_int, request: c_ulong, argument: c_ulong) -> Option<Result<c_int, Errno>> {
    // The kernel looks at 32 bits; a caller may have an int, sign-extended.
    let number = bits::low32(request);
    if table::is_ours(fd)
        && let Some(result) = ours(fd, number, argument)
    {
        return Some(result);
    }
    if !is_kvm_number(number) {
        return None;
    }
    // Another thread may be between making a duplicate and saying so.
    let left_over = change_table(|_, _| !table::is_ours(fd) && is_left_over(fd));
    let result = ours(fd, number, argument);
    result.or_else(|| Some(Err(refuse(fd, left_over.unwrap_or(false)))))
}

/// `None` if the number is not ours, or was closed just now.
fn ours(fd: c_int, number: u32, argument: u64) -> Option<Result<c_int, Errno>> {
    let deferred = signals::defer(None);
    let result = match table::get(fd) {
        Some(Entry::Served(object)) => {
            let call = AssertUnwindSafe(|| serve(fd, &object, number, argument));
            let result = catch_unwind(call).unwrap_or(Err(libc::EIO));
            // The last handle, if another thread has closed the descriptor.
            dispose(object);
            Some(result)
        }
        Some(Entry::Inherited) => {
            trace::refused(fd, number, argument);
            Some(Err(libc::EIO))
        }
        None => None,
    };
    drop(deferred);
    // The client's handlers may leave by a jump: nothing is held here.
    signals::run_deferred();
    result
}

/// The numbers that Linux lists for KVM, with its type byte.
fn is_kvm_number(number: u32) -> bool {
    number >> 8 & 0xff == KVMIO && !(0x20..0x40).contains(&(number & 0xff))
}

/// An ioctl of KVM on a descriptor that is not ours. A real one of KVM, which
/// another program may have opened, must not be reached.
fn refuse(fd: c_int, left_over: bool) -> Errno {
    if let Err(errno) = system::fcntl(fd, libc::F_GETFD, 0) {
        return errno;
    }
    static SAID: AtomicBool = AtomicBool::new(false);
    if left_over && !SAID.swap(true, Ordering::Relaxed) {
        say(format_args!(
            "descriptor {fd} stands for a guest, or for /dev/kvm, of another program; a guest \
             does not survive exec, and this program has to open /dev/kvm itself."
        ));
    }
    libc::ENOTTY
}

/// Whether the descriptor looks like one that came through `exec` or a socket
/// from a program that was served.
fn is_left_over(fd: c_int) -> bool {
    let mut buffer = [0; 64];
    let Ok(name) = CString::new(format!("/proc/self/fd/{fd}")) else { return false };
    let Ok(link) = system::read_link(libc::AT_FDCWD, &name, &mut buffer) else { return false };
    link == PLACEHOLDER_LINK || link.starts_with(RUN_PAGE_LINK) || link == b"/dev/kvm"
}

/// How `/proc` shows a [`system::placeholder`], and a run page.
const PLACEHOLDER_LINK: &[u8] = b"anon_inode:[eventpoll]";
const RUN_PAGE_LINK: &[u8] = b"/memfd:lowcore-vcpu";

fn serve(fd: c_int, object: &Object, number: u32, argument: u64) -> Result<c_int, Errno> {
    // SAFETY: the addresses are the client's.
    let client = unsafe { ClientMemory::of_this_process() };
    let event = trace::begin(fd, object, number, argument, &client);
    let result = with_descriptor(number, |new| {
        let answer = caught(object, number, || dispatch(object, number, argument, &client));
        match answer? {
            Reply::Value(value) => Ok(value),
            Reply::Object(object) => new.become_object(object),
            Reply::Device { device, fd_field } => {
                let fd = new.become_object(device)?;
                // As under the kernel, the descriptor stays.
                client.write(fd_field, &fd.to_ne_bytes()).map_err(|_| libc::EFAULT)?;
                Ok(0)
            }
        }
    });
    if let Some(event) = event {
        event.end(object, result, &client);
    }
    result
}

/// A descriptor that is there before an object is made for it, so that none is
/// made when there is no number left.
struct Reserved {
    fd: Option<c_int>,
}

fn with_descriptor(
    number: u32,
    ioctl: impl FnOnce(&mut Reserved) -> Result<c_int, Errno>,
) -> Result<c_int, Errno> {
    let makes = matches!(number, KVM_CREATE_VM | KVM_CREATE_VCPU | KVM_CREATE_DEVICE);
    let fd = if makes { Some(system::placeholder(libc::O_CLOEXEC)?) } else { None };
    let mut reserved = Reserved { fd };
    if number == KVM_CREATE_VCPU {
        // The run page comes with a descriptor of its own.
        reserved.close();
    }
    let result = ioctl(&mut reserved);
    reserved.close();
    result
}

impl Reserved {
    fn become_object(&mut self, object: Object) -> Result<c_int, Errno> {
        let page = match &object {
            Object::Vcpu(vcpu) => vcpu.run_page().take_fd(),
            _ => None,
        };
        let fd = match page.map(IntoRawFd::into_raw_fd).or_else(|| self.fd.take()) {
            Some(fd) => fd,
            None => system::placeholder(libc::O_CLOEXEC)?,
        };
        install(fd, object)
    }

    fn close(&mut self) {
        if let Some(fd) = self.fd.take() {
            let _ = system::close(fd);
        }
    }
}

/// Calls into the crates below; a fault of theirs becomes an error of this
/// one call.
fn caught(
    object: &Object,
    number: u32,
    call: impl FnOnce() -> Result<Reply, lowcore_kvm::Errno>,
) -> Result<Reply, Errno> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(answer) => answer.map_err(|errno| errno.0),
        Err(_) => match object {
            Object::Vcpu(vcpu) if number == KVM_RUN => {
                vcpu.run_page().set_internal_error();
                Ok(Reply::Value(0))
            }
            _ => Err(libc::EIO),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lowcore_kvm::System;

    #[test]
    fn a_panic_is_an_error_of_one_call() {
        let system = Object::System(System::new());
        let answer = caught(&system, KVM_CREATE_VM, || panic!("seeded"));
        assert_eq!(answer.map(|_| ()), Err(libc::EIO));
    }

    #[test]
    fn a_panic_in_a_run_is_an_exit() {
        let vm = System::new().create_vm().unwrap();
        let vcpu = vm.create_vcpu(0).unwrap();
        let answer = caught(&Object::Vcpu(vcpu.clone()), KVM_RUN, || panic!("seeded"));
        assert!(matches!(answer, Ok(Reply::Value(0))));
        assert_eq!(vcpu.run_page().exit_reason(), KVM_EXIT_INTERNAL_ERROR);
    }

    #[test]
    fn numbers_of_kvm() {
        assert!(is_kvm_number(KVM_RUN));
        assert!(is_kvm_number(KVM_S390_IRQ));
        assert!(is_kvm_number(KVM_GET_API_VERSION));
        // Another driver's, of the same type byte.
        assert!(!is_kvm_number(0xae20));
        // TCGETS.
        assert!(!is_kvm_number(0x5401));
    }
}
