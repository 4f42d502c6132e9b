//! Every kind of access, to good memory and to every kind of bad.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{ClientMemory, HostRange, Mapping, SharedPage};
use crate::Fault;

const PAGE: usize = 0x1000;

#[test]
fn cleared_memory_goes_back_to_the_host() {
    const PAGES: usize = 16 << 10;
    // What is resident of this process, in pages.
    let resident = || -> usize {
        let text = std::fs::read_to_string("/proc/self/statm").unwrap();
        text.split(' ').nth(1).unwrap().parse().unwrap()
    };
    let range = HostRange::of(&Mapping::anonymous(PAGES * PAGE).unwrap());
    range.fill(0, range.len(), 1).unwrap();
    let before = resident();
    range.clear().unwrap();
    assert!(resident() + PAGES / 2 < before, "{} pages, and {before} before", resident());
    let bytes = |range: &HostRange, offset| {
        let mut bytes = [7; 16];
        range.read(offset, &mut bytes).unwrap();
        bytes
    };
    assert_eq!(bytes(&range, 0x1234), [0; 16]);

    // Parts of pages are cleared, and nothing beside them.
    range.fill(0, 3 * PAGE, 1).unwrap();
    for (offset, len) in [(0, 100), (PAGE, PAGE - 8), (100, PAGE)] {
        range.slice(offset, len).unwrap().clear().unwrap();
    }
    assert_eq!(bytes(&range, 0), [0; 16]);
    assert_eq!(bytes(&range, PAGE + 100), [0; 16]);
    assert_eq!(range.load_u64(2 * PAGE - 8), Ok(0x0101_0101_0101_0101));
    assert_eq!(range.load_u64(2 * PAGE), Ok(0x0101_0101_0101_0101));

    // Memory of a client's is filled.
    let client = Client::map(libc::PROT_READ | libc::PROT_WRITE, -1, PAGE);
    client.range().fill(0, PAGE, 1).unwrap();
    client.range().clear().unwrap();
    assert_eq!(bytes(&client.range(), 0), [0; 16]);
}

/// A raw mapping with a bad half, as a client could have.
struct Client {
    base: u64,
    len: usize,
}

impl Client {
    fn map(protection: i32, fd: i32, len: usize) -> Client {
        let flags = if fd < 0 { libc::MAP_PRIVATE | libc::MAP_ANONYMOUS } else { libc::MAP_SHARED };
        // SAFETY: a new mapping replaces nothing.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), len, protection, flags, fd, 0) };
        assert_ne!(base, libc::MAP_FAILED, "{}", io::Error::last_os_error());
        Client { base: base as u64, len }
    }

    fn range(&self) -> HostRange {
        // SAFETY: nothing of Rust's lies in the mapping.
        unsafe { HostRange::new(self.base, self.len) }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: mapped by `map`; unmapping holes is allowed.
        unsafe { libc::munmap(self.base as *mut libc::c_void, self.len) };
    }
}

fn loads(range: &HostRange, at: usize) -> Vec<Result<(), Fault>> {
    let mut bytes = [0; 32];
    vec![
        range.load_u8(at).map(drop),
        range.load_u16(at).map(drop),
        range.load_u32(at).map(drop),
        range.load_u64(at).map(drop),
        range.load_u128(at).map(drop),
        range.load_u128(at + 1).map(drop),
        range.read(at, &mut bytes),
        range.read(at, &mut bytes[..15]),
        range.read(at, &mut bytes[..1]),
    ]
}

fn stores(range: &HostRange, at: usize) -> Vec<Result<(), Fault>> {
    vec![
        range.store_u8(at, 1),
        range.store_u16(at, 1),
        range.store_u32(at, 1),
        range.store_u64(at, 1),
        range.store_u128(at, 1),
        range.store_u128(at + 1, 1),
        range.write(at, &[1; 32]),
        range.write(at, &[1; 15]),
        range.write(at, &[1]),
        range.compare_exchange_u8(at, 1, 2).map(drop),
        range.compare_exchange_u16(at, 1, 2).map(drop),
        range.compare_exchange_u32(at, 1, 2).map(drop),
        range.compare_exchange_u64(at, 1, 2).map(drop),
        range.compare_exchange_u128(at, 1, 2).map(drop),
    ]
}

fn all_fail(results: &[Result<(), Fault>]) {
    assert!(results.iter().all(|r| *r == Err(Fault)), "{results:?}");
}

fn all_pass(results: &[Result<(), Fault>]) {
    assert!(results.iter().all(|r| *r == Ok(())), "{results:?}");
}

#[test]
fn no_access() {
    let client = Client::map(libc::PROT_NONE, -1, PAGE);
    all_fail(&loads(&client.range(), 0x80));
    all_fail(&stores(&client.range(), 0x80));
}

#[test]
fn read_only() {
    let client = Client::map(libc::PROT_READ, -1, PAGE);
    all_pass(&loads(&client.range(), 0x80));
    all_fail(&stores(&client.range(), 0x80));
}

#[test]
fn unmapped_while_in_use() {
    let client = Client::map(libc::PROT_READ | libc::PROT_WRITE, -1, PAGE);
    let range = client.range();
    all_pass(&loads(&range, 0x80));
    all_pass(&stores(&range, 0x80));
    // Other threads of this test binary may get the addresses, so the page is
    // made inaccessible rather than free.
    // SAFETY: the page is the client's.
    unsafe { libc::mprotect(client.base as *mut libc::c_void, PAGE, libc::PROT_NONE) };
    all_fail(&loads(&range, 0x80));
    all_fail(&stores(&range, 0x80));
}

#[test]
fn truncated_file() {
    // SAFETY: a valid name.
    let fd = unsafe { libc::memfd_create(c"test".as_ptr(), 0) };
    // SAFETY: the descriptor is ours.
    unsafe { libc::ftruncate(fd, 0x2000) };
    let client = Client::map(libc::PROT_READ | libc::PROT_WRITE, fd, 2 * PAGE);
    all_pass(&stores(&client.range(), PAGE));
    // SAFETY: the descriptor is ours.
    unsafe { libc::ftruncate(fd, 0x1000) };
    all_fail(&loads(&client.range(), PAGE));
    all_fail(&stores(&client.range(), PAGE));
    all_pass(&stores(&client.range(), 0));
    // SAFETY: the descriptor is ours.
    unsafe { libc::close(fd) };
}

#[test]
fn addresses_that_no_process_has() {
    for base in [0u64, 8, 0x8000_0000_0000, 0xdead_0000_0000_0000, 0xffff_8000_0000_0000, !0 - 63] {
        // SAFETY: nothing of Rust's is there.
        let range = unsafe { HostRange::new(base & !15, 64) };
        all_fail(&loads(&range, 0));
        all_fail(&stores(&range, 0));
    }
}

#[test]
fn offsets_outside() {
    let mapping = Mapping::anonymous(PAGE).unwrap();
    let range = HostRange::of(&mapping);
    for offset in [PAGE, PAGE + 1, usize::MAX, usize::MAX - 7] {
        assert_eq!(range.load_u8(offset), Err(Fault));
        assert_eq!(range.store_u8(offset, 0), Err(Fault));
        assert_eq!(range.write(offset, &[0]), Err(Fault));
    }
    assert_eq!(range.load_u16(PAGE - 1), Err(Fault));
    assert_eq!(range.load_u128(PAGE - 15), Err(Fault));
    assert_eq!(range.read(PAGE - 1, &mut [0; 2]), Err(Fault));
    assert_eq!(range.read(PAGE, &mut []), Ok(()));
    assert!(range.slice(1, PAGE).is_none());
    assert!(range.slice(usize::MAX, 2).is_none());
    let part = range.slice(0x100, 0x10).unwrap();
    assert_eq!((part.base(), part.len()), (range.base() + 0x100, 0x10));
    assert_eq!(part.load_u8(0x10), Err(Fault));
}

#[test]
fn a_copy_stops_at_the_fault() {
    let client = Client::map(libc::PROT_READ | libc::PROT_WRITE, -1, 2 * PAGE);
    let range = client.range();
    range.write(PAGE, &[7; 16]).unwrap();
    // SAFETY: the page is the client's.
    unsafe {
        let second = (client.base + PAGE as u64) as *mut libc::c_void;
        libc::mprotect(second, PAGE, libc::PROT_READ);
    }
    assert_eq!(range.write(PAGE - 8, &[9; 16]), Err(Fault));
    assert_eq!(range.write(PAGE - 8, &[9; 40]), Err(Fault));
    assert_eq!(range.write(PAGE - 3, &[9; 15]), Err(Fault));
    let mut bytes = [0; 16];
    range.read(PAGE, &mut bytes).unwrap();
    assert_eq!(bytes, [7; 16], "nothing behind the fault");
    // SAFETY: as above.
    unsafe {
        let second = (client.base + PAGE as u64) as *mut libc::c_void;
        libc::mprotect(second, PAGE, libc::PROT_NONE);
    }
    assert_eq!(range.read(PAGE - 8, &mut bytes), Err(Fault));
    assert_eq!(range.load_u64(PAGE - 4), Err(Fault));
    assert_eq!(range.store_u64(PAGE - 4, 0), Err(Fault));
    assert_eq!(range.store_u128(PAGE - 4, 0), Err(Fault));
}

#[test]
fn values_are_those_of_memory() {
    let mapping = Mapping::anonymous(PAGE).unwrap();
    let range = HostRange::of(&mapping);
    let bytes: Vec<u8> = (0..64).map(|n| n * 3 + 1).collect();
    range.write(0, &bytes).unwrap();
    for at in 0..48 {
        let here = &bytes[at..];
        assert_eq!(range.load_u8(at), Ok(here[0]));
        assert_eq!(range.load_u16(at), Ok(u16::from_ne_bytes(here[..2].try_into().unwrap())));
        assert_eq!(range.load_u32(at), Ok(u32::from_ne_bytes(here[..4].try_into().unwrap())));
        assert_eq!(range.load_u64(at), Ok(u64::from_ne_bytes(here[..8].try_into().unwrap())));
        assert_eq!(range.load_u128(at), Ok(u128::from_ne_bytes(here[..16].try_into().unwrap())));
    }
    let value = 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10u128;
    for at in 100..116 {
        range.write(96, &[0xee; 64]).unwrap();
        range.store_u128(at, value).unwrap();
        assert_eq!(range.load_u128(at), Ok(value));
        range.store_u64(at, 0x1122_3344_5566_7788).unwrap();
        range.store_u32(at, 0xaabb_ccdd).unwrap();
        range.store_u16(at, 0x99aa).unwrap();
        range.store_u8(at, 0x55).unwrap();
        let mut found = [0; 18];
        range.read(at - 1, &mut found).unwrap();
        let mut expected = [0xee; 18];
        expected[1..17].copy_from_slice(&value.to_ne_bytes());
        expected[1..9].copy_from_slice(&0x1122_3344_5566_7788u64.to_ne_bytes());
        expected[1..5].copy_from_slice(&0xaabb_ccddu32.to_ne_bytes());
        expected[1..3].copy_from_slice(&0x99aau16.to_ne_bytes());
        expected[1] = 0x55;
        assert_eq!(found, expected);
    }
}

#[test]
fn copies_of_every_length() {
    let mapping = Mapping::anonymous(PAGE).unwrap();
    let range = HostRange::of(&mapping);
    for len in 0..40 {
        let bytes: Vec<u8> = (1..=len).map(|n| n + len).collect();
        let len = usize::from(len);
        range.write(0, &[0xee; 80]).unwrap();
        range.write(21, &bytes).unwrap();
        for at in 0..80usize {
            let expected = at.checked_sub(21).and_then(|n| bytes.get(n)).unwrap_or(&0xee);
            assert_eq!(range.load_u8(at), Ok(*expected), "{len} bytes, byte {at}");
        }
        let mut back = vec![0; len];
        range.read(21, &mut back).unwrap();
        assert_eq!(back, bytes);
    }
}

#[test]
fn compare_and_exchange() {
    let mapping = Mapping::anonymous(PAGE).unwrap();
    let range = HostRange::of(&mapping);
    macro_rules! check {
        ($name:ident, $load:ident, $type:ty, $a:expr, $b:expr, $c:expr) => {
            let at = 16;
            range.write(0, &[0xcc; 64]).unwrap();
            range.write(at, &<$type>::to_ne_bytes($a)).unwrap();
            assert_eq!(range.$name(at, $b, $c), Ok(Err($a)));
            assert_eq!(range.$load(at), Ok($a));
            assert_eq!(range.$name(at, $a, $b), Ok(Ok($a)));
            assert_eq!(range.$load(at), Ok($b));
            assert_eq!(range.load_u8(at - 1), Ok(0xcc));
            assert_eq!(range.load_u8(at + size_of::<$type>()), Ok(0xcc));
        };
    }
    check!(compare_exchange_u8, load_u8, u8, 0x81, 0x7f, 3);
    check!(compare_exchange_u16, load_u16, u16, 0x8001, 0x7fff, 3);
    check!(compare_exchange_u32, load_u32, u32, 0x8000_0001, 0x7fff_ffff, 3);
    check!(compare_exchange_u64, load_u64, u64, 1 << 63 | 1, 0x7fff_ffff_0000_0000, 3);
    check!(compare_exchange_u128, load_u128, u128, 1 << 127 | 1, 1 << 64 | 5, 3);
    // Only the high half differs.
    range.store_u128(16, 1 << 64).unwrap();
    assert_eq!(range.compare_exchange_u128(16, 2 << 64, 0), Ok(Err(1 << 64)));
    assert_eq!(range.compare_exchange_u16(17, 0, 0), Err(Fault));
    assert_eq!(range.compare_exchange_u32(18, 0, 0), Err(Fault));
    assert_eq!(range.compare_exchange_u64(20, 0, 0), Err(Fault));
    assert_eq!(range.compare_exchange_u128(24, 0, 0), Err(Fault));
}

/// A value is either seen whole or not at all, from 1 to 16 bytes.
#[test]
fn aligned_accesses_are_whole() {
    let mapping = Mapping::anonymous(PAGE).unwrap();
    let range = HostRange::of(&mapping);
    let stop = Arc::new(AtomicBool::new(false));
    let writer = {
        let (range, stop) = (range.clone(), Arc::clone(&stop));
        std::thread::spawn(move || {
            for round in 0.. {
                let byte = u8::try_from(round % 251).unwrap();
                range.store_u128(0, u128::from_ne_bytes([byte; 16])).unwrap();
                range.store_u64(16, u64::from_ne_bytes([byte; 8])).unwrap();
                range.store_u32(24, u32::from_ne_bytes([byte; 4])).unwrap();
                range.store_u16(28, u16::from_ne_bytes([byte; 2])).unwrap();
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        })
    };
    for _ in 0..300_000 {
        let bytes = range.load_u128(0).unwrap().to_ne_bytes();
        assert_eq!(bytes, [bytes[0]; 16]);
        let bytes = range.load_u64(16).unwrap().to_ne_bytes();
        assert_eq!(bytes, [bytes[0]; 8]);
        let bytes = range.load_u32(24).unwrap().to_ne_bytes();
        assert_eq!(bytes, [bytes[0]; 4]);
        let bytes = range.load_u16(28).unwrap().to_ne_bytes();
        assert_eq!(bytes, [bytes[0]; 2]);
    }
    stop.store(true, Ordering::Relaxed);
    writer.join().unwrap();
}

#[test]
fn exchanges_of_many_threads_add_up() {
    const ROUNDS: u32 = 20_000;
    let mapping = Mapping::anonymous(PAGE).unwrap();
    let range = HostRange::of(&mapping);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    let mut old = range.load_u128(0).unwrap();
                    while let Err(found) =
                        range.compare_exchange_u128(0, old, old + (1 << 64) + 1).unwrap()
                    {
                        old = found;
                    }
                    let mut old = range.load_u8(16).unwrap();
                    while let Err(found) =
                        range.compare_exchange_u8(16, old, old.wrapping_add(1)).unwrap()
                    {
                        old = found;
                    }
                }
            });
        }
    });
    let total = u128::from(3 * ROUNDS);
    assert_eq!(range.load_u128(0), Ok(total << 64 | total));
    assert_eq!(range.load_u64(16), Ok(u64::from(3 * ROUNDS) & 0xff), "no byte beside it changes");
}

#[test]
fn client_memory() {
    // SAFETY: only the addresses below are used.
    let client = unsafe { ClientMemory::of_this_process() };
    let mapping = Mapping::anonymous(PAGE).unwrap();
    let base = HostRange::of(&mapping).base();
    client.write(base + 4, b"argument").unwrap();
    let mut bytes = [0; 8];
    client.read(base + 4, &mut bytes).unwrap();
    assert_eq!(&bytes, b"argument");
    assert_eq!(client.read(0, &mut bytes), Err(Fault));
    assert_eq!(client.write(u64::MAX - 3, &bytes), Err(Fault));
    assert_eq!(client.read(0, &mut []), Ok(()));
}

#[test]
fn a_shared_page_is_seen_through_its_descriptor() {
    use std::os::fd::AsRawFd;
    let page = SharedPage::new("lowcore-test", 3 * PAGE).unwrap();
    let fd = page.take_fd().unwrap();
    assert!(page.take_fd().is_none());
    let client = Client::map(libc::PROT_READ | libc::PROT_WRITE, fd.as_raw_fd(), 3 * PAGE);
    assert_eq!(page.load_u64(0x40), 0);
    page.store_u64(0x40, 0x1234_5678_9abc_def0);
    page.write(2 * PAGE, b"end");
    assert_eq!(client.range().load_u64(0x40), Ok(0x1234_5678_9abc_def0));
    client.range().store_u8(1, 1).unwrap();
    assert_eq!(page.load_u8(1), 1);
    let mut bytes = [0; 3];
    page.read(2 * PAGE, &mut bytes);
    assert_eq!(&bytes, b"end");
    // SAFETY: only the file's length would change.
    let result = unsafe { libc::ftruncate(fd.as_raw_fd(), 0) };
    assert_eq!((result, io::Error::last_os_error().raw_os_error()), (-1, Some(libc::EPERM)));
    drop(page);
    assert_eq!(client.range().load_u8(1), Ok(1), "the client's mapping stays");
}

#[test]
fn a_shared_page_needs_a_name_and_a_length() {
    assert_eq!(SharedPage::new("a\0b", PAGE).unwrap_err().raw_os_error(), Some(libc::EINVAL));
    assert_eq!(SharedPage::new("empty", 0).unwrap_err().raw_os_error(), Some(libc::EINVAL));
    assert_eq!(Mapping::anonymous(0).unwrap_err().raw_os_error(), Some(libc::EINVAL));
}

#[test]
fn copies_within_a_range_go_from_left_to_right() {
    let range = HostRange::of(&Mapping::anonymous(PAGE).unwrap());
    for len in [0, 1, 2, 7, 8, 15, 16, 17, 31, 64, 255, 256, 1000] {
        for distance in [-300_i64, -17, -8, -1, 0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 100, 255, 256] {
            let mut model: Vec<u8> = (0..PAGE).map(|n| n.to_le_bytes()[0] ^ 0x5a).collect();
            range.write(0, &model).unwrap();
            let from = 1500;
            let to = usize::try_from(1500 + distance).unwrap();
            for i in 0..len {
                model[to + i] = model[from + i];
            }
            range.copy_from(to, &range, from, len).unwrap();
            let mut bytes = vec![0; PAGE];
            range.read(0, &mut bytes).unwrap();
            assert!(bytes == model, "{len} bytes, {distance} to the right");
        }
    }
}

#[test]
fn bulk_stores_stop_at_what_is_not_there() {
    let client = Client::map(libc::PROT_READ | libc::PROT_WRITE, -1, 2 * PAGE);
    // SAFETY: the second page of the mapping becomes inaccessible.
    let done = unsafe {
        libc::mprotect((client.base + PAGE as u64) as *mut libc::c_void, PAGE, libc::PROT_NONE)
    };
    assert_eq!(done, 0);
    let range = client.range();
    for len in [1, 8, 16, 17, 100] {
        range.fill(PAGE - len, len, 7).unwrap();
        assert_eq!(range.fill(PAGE - len, len + 1, 9), Err(Fault));
        assert_eq!(range.copy_from(0, &range, PAGE - len + 1, len), Err(Fault));
        assert_eq!(range.copy_from(PAGE - len + 1, &range, 0, len), Err(Fault));
        assert_eq!(range.copy_from(PAGE - len, &range, PAGE - len - 1, len + 1), Err(Fault));
        assert_eq!(range.copy_from(PAGE - len, &range, PAGE - len - 3, len + 1), Err(Fault));
    }
    assert_eq!(range.fill(2 * PAGE - 1, 2, 0), Err(Fault), "beyond the range");
    assert_eq!(range.copy_from(0, &range, 2 * PAGE - 1, 2), Err(Fault), "beyond the range");
}
