//! KVM's ioctls by number, for whoever serves `/dev/kvm` to a client.

mod cpu_model;
mod device;
mod system;
mod vcpu;
mod vm;

use crate::{Errno, Error, Flic, System, Vcpu, Vm};
use lowcore_host::memory::ClientMemory;
use lowcore_host::signals;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// What a file descriptor of KVM stands for.
#[derive(Clone, Debug)]
pub enum Object {
    /// An open `/dev/kvm`.
    System(System),
    /// A virtual machine.
    Vm(Vm),
    /// A virtual CPU, whose descriptor can be mapped: it is that of
    /// [`RunPage::take_fd`](crate::RunPage::take_fd).
    Vcpu(Vcpu),
    /// A floating-interrupt controller.
    Flic(Flic),
}

/// What an ioctl that succeeded answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// This value.
    Value(i32),
    /// The number of a new file descriptor for this object.
    Object(Object),
    /// 0, after the number of a new file descriptor for `device` has been
    /// written as 32 bits to the client's address `fd_field`. If that cannot
    /// be written, EFAULT, and the descriptor stays open as under the kernel.
    Device {
        /// The new object.
        device: Object,
        /// Where the client reads the number.
        fd_field: u64,
    },
}

/// The answer of an ioctl before errors become numbers.
type Answer = Result<Reply, Error>;

/// Executes an ioctl. `number` is its number, of which `ioctl(2)` takes 32
/// bits, and `argument` the third argument, often an address in `client`.
///
/// Handlers of signals that arrive meanwhile, if they were installed through
/// [`lowcore_host::signals::sigaction`], run before this returns, without a
/// lock held.
///
/// # Errors
/// What the kernel's ioctl fails with.
///
/// ```
/// use lowcore_abi::{KVM_GET_API_VERSION, KVM_RUN};
/// use lowcore_host::memory::ClientMemory;
/// use lowcore_kvm::{Errno, Object, Reply, System, dispatch};
///
/// // SAFETY: no ioctl here takes an address.
/// let client = unsafe { ClientMemory::of_this_process() };
/// let kvm = Object::System(System::new());
/// let reply = dispatch(&kvm, KVM_GET_API_VERSION, 0, &client);
/// assert!(matches!(reply, Ok(Reply::Value(12))));
/// let refused = dispatch(&kvm, KVM_RUN, 0, &client);
/// assert_eq!(refused.unwrap_err(), Errno(libc::EINVAL));
/// ```
pub fn dispatch(
    object: &Object,
    number: u32,
    argument: u64,
    client: &ClientMemory,
) -> Result<Reply, Errno> {
    let deferred = signals::defer(None);
    let answer = match object {
        Object::System(system) => system::ioctl(*system, number, argument),
        Object::Vm(vm) => vm::ioctl(vm, number, argument, client),
        Object::Vcpu(vcpu) => vcpu::ioctl(vcpu, number, argument, client),
        Object::Flic(flic) => device::ioctl(flic, number, argument, client),
    };
    drop(deferred);
    signals::run_deferred();
    answer.map_err(Errno::from)
}

/// The answer 0.
const DONE: Answer = Ok(Reply::Value(0));

/// A value that a client may know from a header as unsigned.
fn value(value: u32) -> Answer {
    Ok(Reply::Value(value.cast_signed()))
}

/// Copies a structure from the client.
fn get<T: FromBytes + IntoBytes>(client: &ClientMemory, address: u64) -> Result<T, Error> {
    let mut structure = T::new_zeroed();
    client.read(address, structure.as_mut_bytes())?;
    Ok(structure)
}

/// Copies a structure to the client.
fn put<T: IntoBytes + Immutable>(
    client: &ClientMemory,
    address: u64,
    structure: &T,
) -> Result<(), Error> {
    Ok(client.write(address, structure.as_bytes())?)
}

/// Copies `length` bytes from the client.
fn get_bytes(client: &ClientMemory, address: u64, length: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; length];
    client.read(address, &mut bytes)?;
    Ok(bytes)
}
