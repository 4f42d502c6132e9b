//! Which descriptors of this process are ours, and what they stand for.
//!
//! Whether a number is ours costs two loads to find out, and a look at what
//! it stands for takes no lock. Changes are made under [`Lock`].

use std::ffi::c_int;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use lowcore_kvm::Object;

use crate::fork::{self, Lock};
use crate::system::Errno;

/// Numbers in one part of the table.
const PART: usize = 1024;
/// Parts: together they have a place for every number below the kernel's
/// default limit (`fs.nr_open`).
const PARTS: usize = 1024;

/// The first number that can never be ours.
const END: usize = PART * PARTS;

type Part = [Place; PART];

#[repr(C)]
struct Place {
    /// An `Arc` given away, while the state is [`SERVED`].
    object: AtomicPtr<Object>,
    state: AtomicU32,
    /// Threads between their look at `object` and their own count of it.
    readers: AtomicU32,
}

/// Not ours. A new part is all zeros.
const FREE: u32 = 0;
const SERVED: u32 = 1;
/// Came with a fork; the object belongs to the parent.
const INHERITED: u32 = 2;

static TABLE: [AtomicPtr<Part>; PARTS] = [const { AtomicPtr::new(ptr::null_mut()) }; PARTS];

/// What a number of ours stands for.
#[derive(Clone, Debug)]
pub enum Entry {
    /// This object.
    Served(Arc<Object>),
    /// One of the process that this one was forked from.
    Inherited,
}

fn part(index: usize) -> Option<&'static Part> {
    // SAFETY: a part is never given back, and zeros are a valid one.
    unsafe { TABLE.get(index)?.load(Ordering::Acquire).as_ref() }
}

fn place(fd: c_int) -> Option<&'static Place> {
    let fd = usize::try_from(fd).ok()?;
    part(fd / PART)?.get(fd % PART)
}

/// Whether the number is ours. Takes no lock and makes no system call.
#[inline]
pub fn is_ours(fd: c_int) -> bool {
    place(fd).is_some_and(|place| place.state.load(Ordering::Acquire) != FREE)
}

/// What the number stands for, if it is ours.
pub fn get(fd: c_int) -> Option<Entry> {
    let place = place(fd)?;
    if place.state.load(Ordering::Acquire) == FREE {
        return None;
    }
    fork::check();
    // Whoever takes the object out waits for readers that might have seen it:
    // either it sees this count, or we see that the object is gone.
    place.readers.fetch_add(1, Ordering::SeqCst);
    let object = place.object.load(Ordering::SeqCst);
    let entry = if !object.is_null() {
        // SAFETY: the place owns one count, and gives it up after it has seen
        // no readers.
        unsafe {
            Arc::increment_strong_count(object);
            Some(Entry::Served(Arc::from_raw(object)))
        }
    } else if place.state.load(Ordering::Relaxed) == INHERITED {
        Some(Entry::Inherited)
    } else {
        None
    };
    place.readers.fetch_sub(1, Ordering::Release);
    entry
}

/// Makes room for a number.
///
/// # Errors
/// `EMFILE` for numbers beyond the table, `ENOMEM`.
pub fn make_room(_lock: &Lock, fd: c_int) -> Result<(), Errno> {
    let index = usize::try_from(fd).map_err(|_| libc::EBADF)? / PART;
    let part = TABLE.get(index).ok_or(libc::EMFILE)?;
    if part.load(Ordering::Relaxed).is_null() {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let fresh =
            // SAFETY: a new mapping replaces nothing.
            unsafe { libc::mmap(ptr::null_mut(), size_of::<Part>(), protection, flags, -1, 0) };
        if fresh == libc::MAP_FAILED {
            return Err(libc::ENOMEM);
        }
        part.store(fresh.cast(), Ordering::Release);
    }
    Ok(())
}

/// Says what a number stands for from now on; [`make_room`] came before. Gives
/// what it stood for.
pub fn set(_lock: &Lock, fd: c_int, entry: Option<Entry>) -> Option<Entry> {
    let place = place(fd)?;
    let (object, state) = match entry {
        Some(Entry::Served(object)) => (Arc::into_raw(object).cast_mut(), SERVED),
        Some(Entry::Inherited) => (ptr::null_mut(), INHERITED),
        None => (ptr::null_mut(), FREE),
    };
    let old = place.object.swap(object, Ordering::SeqCst);
    let old_state = place.state.swap(state, Ordering::AcqRel);
    while place.readers.load(Ordering::SeqCst) != 0 {
        std::hint::spin_loop();
    }
    if !old.is_null() {
        // SAFETY: the place owned one count, and no reader is about to use it.
        return Some(Entry::Served(unsafe { Arc::from_raw(old) }));
    }
    (old_state == INHERITED).then_some(Entry::Inherited)
}

/// Takes all numbers from `first` to `last` out.
pub fn take_range(lock: &Lock, first: u32, last: u32) -> Vec<Entry> {
    let mut taken = Vec::new();
    let (first, last) = (first as usize, (last as usize).min(END - 1));
    for index in first / PART..=last / PART {
        if part(index).is_none() {
            continue;
        }
        for fd in first.max(index * PART)..=last.min(index * PART + PART - 1) {
            let Ok(fd) = c_int::try_from(fd) else { break };
            if is_ours(fd) {
                taken.extend(set(lock, fd, None));
            }
        }
    }
    taken
}

/// In a fork child: what is in the table belongs to the parent. The child's
/// copies of the objects are left as they are, since a thread that the child
/// does not have may have been changing them.
pub fn inherit() {
    for index in 0..PARTS {
        for place in part(index).into_iter().flatten() {
            place.readers.store(0, Ordering::Relaxed);
            if place.state.load(Ordering::Relaxed) == SERVED {
                place.state.store(INHERITED, Ordering::Relaxed);
                place.object.store(ptr::null_mut(), Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lowcore_kvm::System;
    use std::sync::atomic::AtomicBool;

    /// Becoming a child is for a process of one thread.
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());

    fn entry() -> Entry {
        Entry::Served(Arc::new(Object::System(System::new())))
    }

    fn count(entry: &Entry) -> usize {
        match entry {
            Entry::Served(object) => Arc::strong_count(object),
            Entry::Inherited => 0,
        }
    }

    #[test]
    fn entries_come_go_and_become_inherited() {
        let _alone = ONE_AT_A_TIME.lock().unwrap();
        let lock = fork::lock().unwrap();
        assert!(!is_ours(-1) && !is_ours(70_000) && get(70_000).is_none());
        let end = c_int::try_from(END).unwrap();
        assert_eq!(make_room(&lock, end), Err(libc::EMFILE));
        assert_eq!(make_room(&lock, -1), Err(libc::EBADF));

        make_room(&lock, 70_000).unwrap();
        let ours = entry();
        assert!(set(&lock, 70_000, Some(ours.clone())).is_none());
        assert!(is_ours(70_000) && !is_ours(70_001));
        assert!(matches!(get(70_000), Some(Entry::Served(_))));
        assert_eq!(count(&ours), 2);
        assert!(set(&lock, 70_000, Some(entry())).is_some());
        assert_eq!(count(&ours), 1, "replaced");
        assert!(set(&lock, 70_000, Some(ours.clone())).is_some());
        assert_eq!(take_range(&lock, 70_001, u32::MAX).len(), 0);
        assert_eq!(take_range(&lock, 0, 70_000).len(), 1);
        assert_eq!(count(&ours), 1, "taken");
        assert!(!is_ours(70_000));

        set(&lock, 70_000, Some(ours.clone()));
        inherit();
        assert!(is_ours(70_000));
        assert!(matches!(get(70_000), Some(Entry::Inherited)));
        assert_eq!(count(&ours), 2, "a child leaves its copy alone");
        assert!(matches!(set(&lock, 70_000, None), Some(Entry::Inherited)));
    }

    #[test]
    fn readers_meet_changes() {
        let _alone = ONE_AT_A_TIME.lock().unwrap();
        static OVER: AtomicBool = AtomicBool::new(false);
        const FD: c_int = 90_000;
        make_room(&fork::lock().unwrap(), FD).unwrap();
        let reader = std::thread::spawn(|| {
            let mut seen = 0;
            while !OVER.load(Ordering::Relaxed) {
                seen += usize::from(get(FD).is_some());
            }
            seen
        });
        let ours = entry();
        for _ in 0..20_000 {
            let lock = fork::lock().unwrap();
            set(&lock, FD, Some(ours.clone()));
            set(&lock, FD, None);
        }
        OVER.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        assert_eq!(count(&ours), 1);
    }
}
