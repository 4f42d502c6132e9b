//! KVM_S390_GET_SKEYS and KVM_S390_SET_SKEYS.

use crate::client::{Client, NOWHERE};
use crate::guest::Guest;
use lowcore_abi::*;
use lowcore_kvm::Object;

#[test]
fn keys() {
    let guest = Guest::new();
    let client = Client::new();
    let vm = Object::Vm(guest.vm.clone());
    let call = |number, start_gfn, count, skeydata_addr, flags| {
        let skeys = kvm_s390_skeys { start_gfn, count, skeydata_addr, flags, ..Default::default() };
        client.pass(&vm, number, &skeys)
    };
    let get = |start, count| call(KVM_S390_GET_SKEYS, start, count, client.at(0x1000), 0);
    let set = |start, count| call(KVM_S390_SET_SKEYS, start, count, client.at(0x2000), 0);
    // No key was ever set; the flags are looked at first, the count is not.
    assert_eq!(get(0, 0), Ok(1));
    assert_eq!(call(KVM_S390_GET_SKEYS, 0, 1, 0, 1), Err(libc::EINVAL));

    client.put(0x2000, &[0x10_u8, 0x28, 0xfe, 0x30]);
    assert_eq!(call(KVM_S390_SET_SKEYS, 0, 1, client.at(0x2000), 1), Err(libc::EINVAL));
    assert_eq!(call(KVM_S390_SET_SKEYS, 0, 1, NOWHERE, 0), Err(libc::EFAULT));
    assert_eq!(get(0, 1), Ok(1), "still none");
    assert_eq!(set(4, 4), Ok(0));
    assert_eq!(get(3, 6), Ok(0));
    assert_eq!(client.bytes(0x1000, 6), [0, 0x10, 0x28, 0xfe, 0x30, 0]);

    for count in [0, KVM_S390_SKEYS_MAX + 1, u64::MAX] {
        assert_eq!(get(0, count), Err(libc::EINVAL));
        assert_eq!(set(0, count), Err(libc::EINVAL));
    }
    assert_eq!(call(KVM_S390_GET_SKEYS, 0, 1, NOWHERE, 0), Err(libc::EFAULT));
    // The guest has 512 pages.
    assert_eq!(get(511, 1), Ok(0));
    for start in [511, 512, 1 << 52, u64::MAX] {
        assert_eq!(get(start, 2), Err(libc::EFAULT), "{start:#x}");
        assert_eq!(set(start, 2), Err(libc::EFAULT), "{start:#x}");
    }
    // The lowest bit is reserved; keys before it are set.
    client.put(0x2000, &[0x40_u8, 0x41, 0x42]);
    assert_eq!(set(100, 3), Err(libc::EINVAL));
    assert_eq!(get(100, 3), Ok(0));
    assert_eq!(client.bytes(0x1000, 3), [0x40, 0, 0]);
    for number in [KVM_S390_GET_SKEYS, KVM_S390_SET_SKEYS] {
        assert_eq!(client.ioctl(&vm, number, NOWHERE), Err(libc::EFAULT));
    }
}
