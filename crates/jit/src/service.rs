//! Compiling in the background: one thread for all CPUs of the process.

use crate::cache::{Key, OtherPage};
use crate::compiler::{Compiler, Error, Extras, MachineCode};
use crate::region::Region;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};

/// A region that is to be compiled.
#[derive(Debug)]
pub struct Request {
    pub region: Region,
    pub extras: Extras,
    /// The code that goes on at an address.
    pub jump: u64,
    pub order: Order,
    /// Who wants it.
    pub reply: Sender<Reply>,
}

/// Which region it is.
#[derive(Clone, Debug)]
pub struct Order {
    /// The absolute address of its page.
    pub absolute: u64,
    pub key: Key,
    /// [`Page::drops`](crate::cache::Page::drops) when it was ordered.
    pub drops: u32,
    /// The other pages that it has instructions of.
    pub others: Vec<OtherPage>,
}

/// What became of it.
#[derive(Debug)]
pub struct Reply {
    pub order: Order,
    pub code: Result<MachineCode, Error>,
}

/// An engine's way to the compiling thread.
#[derive(Debug)]
pub struct Service {
    requests: Sender<Request>,
    reply: Sender<Reply>,
    replies: Receiver<Reply>,
    /// Regions that were ordered and did not come yet.
    waiting: usize,
}

/// Regions that an engine orders at a time.
const QUEUE: usize = 16;

impl Service {
    /// The way to the thread, which is started if there is none. `None` if it
    /// cannot be.
    pub fn new() -> Option<Self> {
        static THREAD: OnceLock<Option<Sender<Request>>> = OnceLock::new();
        let requests = THREAD.get_or_init(start).clone()?;
        let (reply, replies) = channel();
        Some(Self { requests, reply, replies, waiting: 0 })
    }

    /// Whether there is room for another order.
    pub fn has_room(&self) -> bool {
        self.waiting < QUEUE
    }

    /// Orders a region. Gives whether anybody is there to compile it.
    pub fn order(&mut self, region: Region, extras: Extras, jump: u64, order: Order) -> bool {
        let reply = self.reply.clone();
        let sent = self.requests.send(Request { region, extras, jump, order, reply }).is_ok();
        self.waiting += usize::from(sent);
        sent
    }

    /// What has come.
    pub fn take(&mut self) -> Option<Reply> {
        if self.waiting == 0 {
            return None;
        }
        let reply = self.replies.try_recv().ok()?;
        self.waiting -= 1;
        Some(reply)
    }
}

fn start() -> Option<Sender<Request>> {
    let (send, receive) = channel::<Request>();
    let mut compiler = Compiler::new().ok()?;
    let work = move || {
        for Request { region, extras, jump, order, reply } in receive {
            let code = compiler.compile(&region, extras, jump);
            // Whoever wanted it may be gone.
            let _ = reply.send(Reply { order, code });
        }
    };
    lowcore_host::background::spawn("lowcore-compiler", work).ok()?;
    Some(send)
}
