//! KVM_S390_MEM_OP (arch/s390/kvm/kvm-s390.c and gaccess.c of Linux 6.12).

use crate::client::{Client, NOWHERE};
use crate::guest::*;
use lowcore_abi::*;
use lowcore_arch::Psw;
use lowcore_kvm::{Object, Vcpu};

const ADDRESSING: i32 = 5;
const PROTECTION: i32 = 4;

struct Fixture {
    guest: Guest,
    client: Client,
    vcpu: Vcpu,
}

impl Fixture {
    fn new() -> Self {
        let guest = Guest::new();
        let vcpu = guest.vcpu(0, MASKED);
        Self { guest, client: Client::new(), vcpu }
    }

    fn logical(&self, op: kvm_s390_mem_op) -> Result<i32, i32> {
        self.client.pass(&object(&self.vcpu), KVM_S390_MEM_OP, &op)
    }

    fn absolute(&self, op: kvm_s390_mem_op) -> Result<i32, i32> {
        self.client.pass(&Object::Vm(self.guest.vm.clone()), KVM_S390_MEM_OP, &op)
    }

    fn op(&self, op: u32, gaddr: u64, size: u32) -> kvm_s390_mem_op {
        kvm_s390_mem_op { gaddr, size, op, buf: self.client.at(0x1000), ..Default::default() }
    }

    /// Runs the vcpu once, so that its control registers and PSW are these.
    fn enter(&self, cr0: u64, mask: u64) {
        self.guest.put(CODE, &DIAG_501);
        self.vcpu.run_page().set_psw(Psw::new(mask, CODE));
        assert_eq!(self.vcpu.run(), Ok(EXIT_501));
        let mut sregs = self.vcpu.get_sregs();
        sregs.crs[0] = cr0;
        self.vcpu.set_sregs(&sregs);
    }
}

const READ: u32 = KVM_S390_MEMOP_LOGICAL_READ;
const WRITE: u32 = KVM_S390_MEMOP_LOGICAL_WRITE;
const ABSOLUTE_READ: u32 = KVM_S390_MEMOP_ABSOLUTE_READ;
const ABSOLUTE_WRITE: u32 = KVM_S390_MEMOP_ABSOLUTE_WRITE;

#[test]
fn forms_that_are_refused() {
    let f = Fixture::new();
    type Op = kvm_s390_mem_op;
    for (logical, read) in [(true, READ), (false, ABSOLUTE_READ)] {
        let call = |op| if logical { f.logical(op) } else { f.absolute(op) };
        let good = f.op(read, 0, 8);
        assert_eq!(call(good), Ok(0));
        assert_eq!(call(Op { size: 0, ..good }), Err(libc::EINVAL));
        assert_eq!(call(Op { size: 65536, ..good }), Ok(0));
        assert_eq!(call(Op { size: 65537, ..good }), Err(libc::E2BIG));
        assert_eq!(call(Op { flags: 1 << 3, ..good }), Err(libc::EINVAL));
        assert_eq!(call(Op { flags: 1 << 3, size: 65537, ..good }), Err(libc::EINVAL));
        let with_key = KVM_S390_MEMOP_F_SKEY_PROTECTION;
        assert_eq!(call(Op { flags: with_key, key: 16, ..good }), Err(libc::EINVAL));
        assert_eq!(call(Op { flags: with_key, key: 15, ..good }), Ok(0));
        // Without the flag the key is not looked at.
        assert_eq!(call(Op { key: 255, ..good }), Ok(0));
        assert_eq!(call(Op { buf: NOWHERE, ..good }), Err(libc::EFAULT));
        for op in [7, 99, u32::MAX, KVM_S390_MEMOP_SIDA_READ, KVM_S390_MEMOP_SIDA_WRITE] {
            assert_eq!(call(Op { op, ..good }), Err(libc::EINVAL), "{op}");
        }
    }
    assert_eq!(f.logical(Op { ar: 16, ..f.op(READ, 0, 8) }), Err(libc::EINVAL));
    assert_eq!(f.logical(Op { ar: 15, ..f.op(READ, 0, 8) }), Ok(0));
    // An exception cannot be injected into a VM, nor is it a vcpu's absolute.
    let inject = KVM_S390_MEMOP_F_INJECT_EXCEPTION;
    assert_eq!(f.absolute(Op { flags: inject, ..f.op(ABSOLUTE_READ, 0, 8) }), Err(libc::EINVAL));
    assert_eq!(f.logical(f.op(ABSOLUTE_READ, 0, 8)), Err(libc::EINVAL));
    assert_eq!(f.absolute(f.op(READ, 0, 8)), Err(libc::EINVAL));
    let vm = Object::Vm(f.guest.vm.clone());
    for fd in [&vm, &object(&f.vcpu)] {
        assert_eq!(f.client.ioctl(fd, KVM_S390_MEM_OP, NOWHERE), Err(libc::EFAULT));
    }
}

#[test]
fn bytes_go_both_ways() {
    for (write, read) in [(WRITE, READ), (ABSOLUTE_WRITE, ABSOLUTE_READ)] {
        let f = Fixture::new();
        let call = |op| if write == WRITE { f.logical(op) } else { f.absolute(op) };
        f.client.put(0x1000, b"across a page");
        assert_eq!(call(f.op(write, 0x8_0ffa, 13)), Ok(0));
        assert_eq!(f.guest.bytes(0x8_0ffa, 13), b"across a page");
        f.guest.put(0x8_0fff, b"!!");
        assert_eq!(call(f.op(read, 0x8_0ffa, 13)), Ok(0));
        assert_eq!(f.client.bytes(0x1000, 13), b"acros!!a page");
    }
}

#[test]
fn prefixing_applies_to_logical_addresses_only() {
    let f = Fixture::new();
    f.vcpu.run_page().set_prefix(0x10_0000);
    f.vcpu.run_page().set_dirty(KVM_SYNC_PREFIX);
    f.enter(0, MASKED);
    f.client.put(0x1000, &[7_u8]);
    assert_eq!(f.logical(f.op(WRITE, 0x500, 1)), Ok(0));
    assert_eq!((f.guest.u8(0x500), f.guest.u8(0x10_0500)), (0, 7));
    assert_eq!(f.absolute(f.op(ABSOLUTE_WRITE, 0x501, 1)), Ok(0));
    assert_eq!((f.guest.u8(0x501), f.guest.u8(0x10_0501)), (7, 0));
}

/// A logical address is cut to the addressing mode of the PSW last run.
#[test]
fn addresses_wrap() {
    let f = Fixture::new();
    f.enter(0, 0x0000_0000_0000_0000);
    f.client.put(0x1000, &[9_u8; 2]);
    assert_eq!(f.logical(f.op(WRITE, 0xff00_0400, 1)), Ok(0));
    assert_eq!(f.guest.u8(0x400), 9);
}

#[test]
fn outside_of_storage() {
    let f = Fixture::new();
    let end = SIZE as u64;
    for op in [READ, WRITE] {
        assert_eq!(f.logical(f.op(op, end, 1)), Ok(ADDRESSING));
        assert_eq!(f.logical(f.op(op, end - 1, 2)), Ok(ADDRESSING));
    }
    for op in [ABSOLUTE_READ, ABSOLUTE_WRITE] {
        assert_eq!(f.absolute(f.op(op, end, 1)), Ok(ADDRESSING));
        assert_eq!(f.absolute(f.op(op, end - 1, 2)), Ok(ADDRESSING));
        assert_eq!(f.absolute(f.op(op, u64::MAX, 2)), Ok(ADDRESSING));
        // Storage is looked for before the client's buffer.
        let bad = kvm_s390_mem_op { buf: NOWHERE, ..f.op(op, end, 1) };
        assert_eq!(f.absolute(bad), Ok(ADDRESSING));
    }
    // Without a request nothing is injected.
    assert!(f.vcpu.get_irq_state().is_empty());
}

#[test]
fn checks_change_nothing() {
    let f = Fixture::new();
    let before = f.guest.bytes(0, SIZE);
    let check = |op| kvm_s390_mem_op { flags: KVM_S390_MEMOP_F_CHECK_ONLY, buf: NOWHERE, ..op };
    assert_eq!(f.logical(check(f.op(WRITE, 0x1000, 65536))), Ok(0));
    assert_eq!(f.logical(check(f.op(WRITE, SIZE as u64 - 8, 16))), Ok(ADDRESSING));
    assert_eq!(f.absolute(check(f.op(ABSOLUTE_WRITE, 0x1000, 65536))), Ok(0));
    assert_eq!(f.absolute(check(f.op(ABSOLUTE_WRITE, SIZE as u64, 8))), Ok(ADDRESSING));
    assert!(f.guest.bytes(0, SIZE) == before);
}

#[test]
fn keys_protect() {
    let f = Fixture::new();
    // Page 0x80: key 5, fetch protected; page 0x81: key 5; page 0x82: key 9.
    f.guest.vm.set_skeys(0x80, &[0x58, 0x50, 0x98]).unwrap();
    f.enter(0, MASKED);
    let with_key = |op, key| kvm_s390_mem_op { flags: KVM_S390_MEMOP_F_SKEY_PROTECTION, key, ..op };
    for (read, write) in [(READ, WRITE), (ABSOLUTE_READ, ABSOLUTE_WRITE)] {
        let call = |op| if read == READ { f.logical(op) } else { f.absolute(op) };
        for key in [0, 5] {
            assert_eq!(call(with_key(f.op(read, 0x8_0000, 8), key)), Ok(0));
            assert_eq!(call(with_key(f.op(write, 0x8_0000, 8), key)), Ok(0));
        }
        assert_eq!(call(with_key(f.op(read, 0x8_0000, 8), 4)), Ok(PROTECTION));
        assert_eq!(call(with_key(f.op(read, 0x8_1000, 8), 4)), Ok(0));
        assert_eq!(call(with_key(f.op(write, 0x8_1000, 8), 4)), Ok(PROTECTION));
        assert_eq!(call(with_key(f.op(write, 0x8_2000, 8), 4)), Ok(PROTECTION));
    }
    // Storage-protection override is a matter of the CPU.
    let mut sregs = f.vcpu.get_sregs();
    sregs.crs[0] = 1 << 24;
    f.vcpu.set_sregs(&sregs);
    assert_eq!(f.logical(with_key(f.op(WRITE, 0x8_2000, 8), 4)), Ok(0));
    assert_eq!(f.absolute(with_key(f.op(ABSOLUTE_WRITE, 0x8_2000, 8), 4)), Ok(PROTECTION));
}

/// The translation-exception identification tells page, kind of access and
/// cause; a store that has happened in part does not tell the cause.
#[test]
fn injected_exceptions() {
    let f = Fixture::new();
    f.guest.vm.set_skeys(0x80, &[0x40, 0x50]).unwrap();
    f.enter(0, MASKED);
    let flags = KVM_S390_MEMOP_F_SKEY_PROTECTION | KVM_S390_MEMOP_F_INJECT_EXCEPTION;
    let op = |gaddr, size| kvm_s390_mem_op { flags, key: 4, ar: 3, ..f.op(WRITE, gaddr, size) };
    f.client.put(0x1000, &[0xee_u8; 16]);
    assert_eq!(f.logical(op(0x8_1008, 8)), Ok(PROTECTION));
    let pgm = f.vcpu.get_irq_state()[0].pgm();
    assert_eq!((pgm.code, pgm.exc_access_id), (4, 3));
    assert_eq!(pgm.trans_exc_code, 0x8_1000 | 1 << 10 | 0x08);
    // The length of the last exit, a DIAGNOSE.
    assert_eq!(pgm.flags, KVM_S390_PGM_FLAGS_ILC_VALID | 4);

    f.vcpu.normal_reset();
    f.enter(0, MASKED);
    assert_eq!(f.logical(op(0x8_0ff8, 16)), Ok(PROTECTION));
    let pgm = f.vcpu.get_irq_state()[0].pgm();
    assert_eq!(pgm.trans_exc_code, 0x8_1000 | 1 << 10);
    assert_eq!(f.guest.bytes(0x8_0ff8, 16), [[0xee; 8], [0; 8]].concat());
    // It becomes the guest's.
    assert_eq!(f.vcpu.run(), Ok(EXIT_501));
    assert_eq!((f.guest.u16(0x8e), f.guest.u64(0xa8)), (4, 0x8_1000 | 1 << 10));
}

#[test]
fn low_address_protection() {
    let f = Fixture::new();
    f.enter(1 << 28, MASKED);
    for (address, answer) in
        [(0, 4), (511, 4), (512, 0), (4095, 0), (4096, 4), (4607, 4), (4608, 0)]
    {
        assert_eq!(f.logical(f.op(WRITE, address, 1)), Ok(answer), "{address}");
        assert_eq!(f.logical(f.op(READ, address, 1)), Ok(0));
        assert_eq!(f.absolute(f.op(ABSOLUTE_WRITE, address, 1)), Ok(0));
    }
}

#[test]
fn compare_and_swap() {
    let f = Fixture::new();
    let old = f.client.at(0x2000);
    let swap = |gaddr, size| kvm_s390_mem_op {
        old_addr: old,
        ..f.op(KVM_S390_MEMOP_ABSOLUTE_CMPXCHG, gaddr, size)
    };
    let bytes: Vec<u8> = (1..=16).collect();
    for size in [1, 2, 4, 8, 16] {
        let n = usize::try_from(size).unwrap();
        for gaddr in [0x8_0000, 0x8_0010, 0x8_0010 - u64::from(size)] {
            f.guest.put(0x8_0000, &[0xaa; 32]);
            f.client.put(0x1000, &bytes[..n]);
            f.client.put(0x2000, &[0_u8; 16][..n]);
            assert_eq!(f.absolute(swap(gaddr, size)), Ok(0));
            assert_eq!(f.guest.bytes(gaddr, n), vec![0xaa; n], "it was not equal");
            assert_eq!(f.client.bytes(0x2000, n), vec![0xaa; n], "what was found");
            assert_eq!(f.absolute(swap(gaddr, size)), Ok(0));
            assert_eq!(f.guest.bytes(gaddr, n), bytes[..n]);
            let others = f.guest.bytes(0x8_0000, 32).iter().filter(|&&b| b == 0xaa).count();
            assert_eq!(others, 32 - n, "and nothing else");
            assert_eq!(f.client.bytes(0x2000, n), vec![0xaa; n]);
        }
    }
    for (gaddr, size) in [(0, 3), (0, 5), (0, 17), (1, 2), (2, 4), (4, 8), (8, 16)] {
        assert_eq!(f.absolute(swap(gaddr, size)), Err(libc::EINVAL), "{gaddr} {size}");
    }
    let check = kvm_s390_mem_op { flags: KVM_S390_MEMOP_F_CHECK_ONLY, ..swap(0, 8) };
    assert_eq!(f.absolute(check), Err(libc::EINVAL));
    assert_eq!(f.absolute(swap(1 << 40, 8)), Ok(ADDRESSING));
    assert_eq!(f.absolute(kvm_s390_mem_op { buf: NOWHERE, ..swap(0, 8) }), Err(libc::EFAULT));
    assert_eq!(f.absolute(kvm_s390_mem_op { old_addr: NOWHERE, ..swap(0, 8) }), Err(libc::EFAULT));
    f.guest.vm.set_skeys(0x80, &[0x50]).unwrap();
    let keyed =
        |key| kvm_s390_mem_op { flags: KVM_S390_MEMOP_F_SKEY_PROTECTION, key, ..swap(0x8_0000, 8) };
    assert_eq!(f.absolute(keyed(4)), Ok(PROTECTION));
    assert_eq!(f.absolute(keyed(5)), Ok(0));
}

/// 64-bit mode with translation: primary, access-register, secondary and home
/// space.
const TRANSLATED: [u64; 4] =
    [0x0400_0001_8000_0000, 0x0400_4001_8000_0000, 0x0400_8001_8000_0000, 0x0400_c001_8000_0000];

/// Segment table, page table and frame of a space that has its first MiB only:
/// pages as in real storage, but page 0x80 in this frame, 0x81 invalid, 0x82
/// protected.
const SPACES: [(u64, u64, u64); 3] = [
    (0x10_0000, 0x10_4000, 0x9_0000),
    (0x11_0000, 0x11_4000, 0xa_0000),
    (0x12_0000, 0x12_4000, 0xb_0000),
];

impl Fixture {
    /// Enters with translation on. The three spaces are primary, secondary and
    /// home.
    fn enter_translated(&self, cr0: u64, mask: u64) {
        for (segments, pages, frame) in SPACES {
            for n in 0..512 {
                let entry = if n == 0 { pages } else { 0x20 };
                self.guest.put(segments + 8 * n, &entry.to_be_bytes());
            }
            for n in 0..256 {
                let entry = match n {
                    0x80 => frame,
                    0x81 => 0x400,
                    0x82 => 0x8_2200,
                    n => n << 12,
                };
                self.guest.put(pages + 8 * n, &entry.to_be_bytes());
            }
        }
        let mut sregs = self.vcpu.get_sregs();
        sregs.crs[0] = 0;
        for (control, (segments, ..)) in [1, 7, 13].into_iter().zip(SPACES) {
            sregs.crs[control] = segments;
        }
        self.vcpu.set_sregs(&sregs);
        self.enter(cr0, mask);
    }
}

#[test]
fn addresses_are_translated() {
    let f = Fixture::new();
    for (mask, space) in [(TRANSLATED[0], 0), (TRANSLATED[2], 1), (TRANSLATED[3], 2)] {
        f.enter_translated(0, mask);
        let frame = SPACES[space].2;
        f.client.put(0x1000, &[0x77_u8; 4]);
        assert_eq!(f.logical(f.op(WRITE, 0x8_0ffc, 4)), Ok(0));
        assert_eq!(f.guest.bytes(frame + 0xffc, 4), [0x77; 4]);
        f.guest.put(frame + 0x10, b"read");
        assert_eq!(f.logical(f.op(READ, 0x8_0010, 4)), Ok(0));
        assert_eq!(f.client.bytes(0x1000, 4), b"read");
        // Page and segment translation, ASCE type, DAT protection.
        assert_eq!(f.logical(f.op(READ, 0x8_1000, 1)), Ok(0x11));
        assert_eq!(f.logical(f.op(WRITE, 0x8_0fff, 2)), Ok(0x11));
        assert_eq!(f.logical(f.op(READ, 0x10_0000, 1)), Ok(0x10));
        assert_eq!(f.logical(f.op(READ, 1 << 31, 1)), Ok(0x38));
        assert_eq!(f.logical(f.op(READ, 0x8_2000, 8)), Ok(0));
        assert_eq!(f.logical(f.op(WRITE, 0x8_2000, 8)), Ok(PROTECTION));
    }
    assert!(f.vcpu.get_irq_state().is_empty());
}

/// What the exception shows: page, kind of access, cause, space.
#[test]
fn injected_exceptions_of_translation() {
    let inject = |op| kvm_s390_mem_op { flags: KVM_S390_MEMOP_F_INJECT_EXCEPTION, ar: 5, ..op };
    for (mask, space) in [(TRANSLATED[0], 0), (TRANSLATED[2], 2), (TRANSLATED[3], 3)] {
        for (op, gaddr, code, identification) in [
            (READ, 0x8_1234, 0x11, 0x8_1800),
            (WRITE, 0x8_1234, 0x11, 0x8_1400),
            (READ, 0x12_3456, 0x10, 0x12_3800),
            (WRITE, 0x8_2008, 4, 0x8_2404),
        ] {
            let f = Fixture::new();
            f.enter_translated(0, mask);
            assert_eq!(f.logical(inject(f.op(op, gaddr, 1))), Ok(code));
            let pgm = f.vcpu.get_irq_state()[0].pgm();
            assert_eq!(i32::from(pgm.code), code);
            assert_eq!(pgm.trans_exc_code, identification | space);
            assert_eq!(pgm.exc_access_id, 5);
        }
    }
}

/// Low-address protection and fetch-protection override stay away from
/// private spaces.
#[test]
fn private_spaces() {
    let f = Fixture::new();
    let keyed = |op| kvm_s390_mem_op { flags: KVM_S390_MEMOP_F_SKEY_PROTECTION, key: 4, ..op };
    f.guest.vm.set_skeys(0, &[0x58]).unwrap();
    f.enter_translated(1 << 28 | 1 << 25, TRANSLATED[0]);
    assert_eq!(f.logical(f.op(WRITE, 0x100, 1)), Ok(PROTECTION));
    assert_eq!(f.logical(keyed(f.op(READ, 0x100, 1))), Ok(0));
    let mut sregs = f.vcpu.get_sregs();
    sregs.crs[1] |= 0x100;
    f.vcpu.set_sregs(&sregs);
    assert_eq!(f.logical(f.op(WRITE, 0x100, 1)), Ok(0));
    assert_eq!(f.logical(keyed(f.op(READ, 0x100, 1))), Ok(PROTECTION));
}

#[test]
fn access_registers_name_spaces() {
    let f = Fixture::new();
    f.enter_translated(0, TRANSLATED[1]);
    let mut sregs = f.vcpu.get_sregs();
    // Tokens: primary, secondary, an entry behind the list's end, and one
    // that cannot be.
    sregs.acrs[..5].copy_from_slice(&[1, 0, 1, 0x20, 0x8000_0000]);
    sregs.crs[2] = 0x13_0000;
    f.vcpu.set_sregs(&sregs);
    for (_, _, frame) in SPACES {
        f.guest.put(frame, &frame.to_be_bytes());
    }
    // Access register 0 names the primary space, whatever it has.
    for (ar, frame) in [(0, SPACES[0].2), (1, SPACES[0].2), (2, SPACES[1].2)] {
        assert_eq!(f.logical(kvm_s390_mem_op { ar, ..f.op(READ, 0x8_0000, 8) }), Ok(0));
        assert_eq!(f.client.bytes(0x1000, 8), frame.to_be_bytes(), "{ar}");
    }
    let flags = KVM_S390_MEMOP_F_INJECT_EXCEPTION;
    for (ar, code, shown) in [(3, 0x29, 3), (4, 0x28, 0)] {
        let op = kvm_s390_mem_op { ar, flags, ..f.op(READ, 0x8_0000, 8) };
        assert_eq!(f.logical(op), Ok(code));
        let pgm = f.vcpu.get_irq_state()[0].pgm();
        assert_eq!((i32::from(pgm.code), pgm.trans_exc_code), (code, 0));
        assert_eq!(pgm.exc_access_id, shown);
        f.vcpu.normal_reset();
    }
}
