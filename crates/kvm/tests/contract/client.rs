//! A client that knows ioctl numbers and addresses only.

use lowcore_host::memory::{ClientMemory, HostRange, Mapping};
use lowcore_kvm::{Object, Reply, dispatch};
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// An address at which nothing is ever mapped.
pub const NOWHERE: u64 = 0x10;

/// One client: an arena that its ioctl arguments lie in.
pub struct Client {
    memory: ClientMemory,
    arena: HostRange,
}

impl Client {
    pub fn new() -> Self {
        // SAFETY: every address that the tests name lies in the arena, which
        // is raw memory, or is not mapped.
        let memory = unsafe { ClientMemory::of_this_process() };
        Self { memory, arena: HostRange::of(&Mapping::anonymous(0x4_0000).unwrap()) }
    }

    pub fn memory(&self) -> &ClientMemory {
        &self.memory
    }

    /// The address of an offset in the arena.
    pub fn at(&self, offset: usize) -> u64 {
        self.arena.base() + offset as u64
    }

    /// The end of the arena, behind which there may be anything; the arena's
    /// last page is for structs that must not be read beyond their end.
    pub fn put<T: IntoBytes + Immutable + ?Sized>(&self, offset: usize, value: &T) -> u64 {
        self.arena.write(offset, value.as_bytes()).unwrap();
        self.at(offset)
    }

    pub fn get<T: FromBytes + IntoBytes>(&self, offset: usize) -> T {
        let mut value = T::new_zeroed();
        self.arena.read(offset, value.as_mut_bytes()).unwrap();
        value
    }

    pub fn bytes(&self, offset: usize, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.arena.read(offset, &mut bytes).unwrap();
        bytes
    }

    /// An ioctl whose answer is a value.
    pub fn ioctl(&self, object: &Object, number: u32, argument: u64) -> Result<i32, i32> {
        match dispatch(object, number, argument, &self.memory) {
            Ok(Reply::Value(value)) => Ok(value),
            Ok(other) => panic!("the ioctl made {other:?}"),
            Err(errno) => Err(errno.0),
        }
    }

    /// An ioctl that takes a structure.
    pub fn pass<T: IntoBytes + Immutable>(
        &self,
        object: &Object,
        number: u32,
        structure: &T,
    ) -> Result<i32, i32> {
        let address = self.put(0, structure);
        self.ioctl(object, number, address)
    }

    /// An ioctl that makes an object.
    pub fn make(&self, object: &Object, number: u32, argument: u64) -> Result<Object, i32> {
        match dispatch(object, number, argument, &self.memory) {
            Ok(Reply::Object(object) | Reply::Device { device: object, .. }) => Ok(object),
            Ok(Reply::Value(value)) => panic!("the ioctl answered {value}"),
            Err(errno) => Err(errno.0),
        }
    }
}
