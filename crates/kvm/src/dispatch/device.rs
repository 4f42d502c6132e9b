//! ioctls of the floating-interrupt controller.

use super::vcpu::interrupts;
use super::{Answer, DONE, Reply, get, get_bytes};
use crate::{Error, Flic};
use lowcore_abi::*;
use lowcore_arch::bits;
use lowcore_host::memory::ClientMemory;
use zerocopy::IntoBytes;

const ENTRY: u64 = size_of::<kvm_s390_irq>() as u64;
/// Entries fetched from the client at once.
const CHUNK: u64 = 64;

pub(super) fn ioctl(flic: &Flic, number: u32, argument: u64, client: &ClientMemory) -> Answer {
    match number {
        KVM_SET_DEVICE_ATTR => set(flic, &get(client, argument)?, client),
        KVM_GET_DEVICE_ATTR => read(flic, &get(client, argument)?, client),
        KVM_HAS_DEVICE_ATTR => {
            let attribute: kvm_device_attr = get(client, argument)?;
            match attribute.group {
                KVM_DEV_FLIC_GET_ALL_IRQS
                | KVM_DEV_FLIC_ENQUEUE
                | KVM_DEV_FLIC_CLEAR_IRQS
                | KVM_DEV_FLIC_APF_ENABLE
                | KVM_DEV_FLIC_APF_DISABLE_WAIT
                | KVM_DEV_FLIC_CLEAR_IO_IRQ => DONE,
                _ => Err(Error::UnknownAttribute),
            }
        }
        _ => Err(Error::UnknownIoctl),
    }
}

fn set(flic: &Flic, attribute: &kvm_device_attr, client: &ClientMemory) -> Answer {
    match attribute.group {
        KVM_DEV_FLIC_ENQUEUE => enqueue(flic, attribute, client)?,
        KVM_DEV_FLIC_CLEAR_IRQS => flic.clear(),
        // No page fault of a guest is asynchronous, so there is nothing to
        // allow or to wait for.
        KVM_DEV_FLIC_APF_ENABLE | KVM_DEV_FLIC_APF_DISABLE_WAIT => {}
        KVM_DEV_FLIC_CLEAR_IO_IRQ => {
            if attribute.flags != 0 || attribute.attr != size_of::<u32>() as u64 {
                return Err(Error::DeviceOperation);
            }
            flic.clear_io(get(client, attribute.addr)?)?;
        }
        // Both need adapter-interruption suppression.
        KVM_DEV_FLIC_AISM | KVM_DEV_FLIC_AISM_ALL => return Err(Error::FacilityMissing),
        _ => return Err(Error::DeviceOperation),
    }
    DONE
}

/// Entry by entry: those before one that is not readable or refused stay.
fn enqueue(flic: &Flic, attribute: &kvm_device_attr, client: &ClientMemory) -> Result<(), Error> {
    let length = attribute.attr;
    if !length.is_multiple_of(ENTRY) || length > u64::from(KVM_S390_FLIC_MAX_BUFFER) {
        return Err(Error::DeviceOperation);
    }
    let mut done = 0;
    while done < length {
        let at = attribute.addr.wrapping_add(done);
        let size = (length - done).min(CHUNK * ENTRY);
        match get_bytes(client, at, bits::index(size)) {
            Ok(bytes) => {
                flic.enqueue(&interrupts(&bytes))?;
                done += size;
            }
            Err(_) => {
                flic.enqueue(&interrupts(&get_bytes(client, at, bits::index(ENTRY))?))?;
                done += ENTRY;
            }
        }
    }
    Ok(())
}

fn read(flic: &Flic, attribute: &kvm_device_attr, client: &ClientMemory) -> Answer {
    match attribute.group {
        KVM_DEV_FLIC_GET_ALL_IRQS => {
            let length = attribute.attr;
            if length == 0 || length > u64::from(KVM_S390_FLIC_MAX_BUFFER) {
                return Err(Error::DeviceOperation);
            }
            let irqs = flic.all_interrupts();
            let count = bits::low32(irqs.len() as u64);
            if u64::from(count) > length / ENTRY {
                return Err(Error::FloatingBufferFull);
            }
            client.write(attribute.addr, irqs.as_bytes())?;
            Ok(Reply::Value(count.cast_signed()))
        }
        // The kernel looks at the length before the facility.
        KVM_DEV_FLIC_AISM_ALL if attribute.attr < size_of::<kvm_s390_ais_all>() as u64 => {
            Err(Error::DeviceOperation)
        }
        KVM_DEV_FLIC_AISM_ALL => Err(Error::FacilityMissing),
        _ => Err(Error::DeviceOperation),
    }
}
