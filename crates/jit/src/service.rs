//! Compiling in the background: one thread for all CPUs of the process.

use crate::cache::{Key, OtherPage};
use crate::compiler::{Compiler, Error, Extras, MachineCode};
use crate::region::Region;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
        THREAD.get_or_init(start).clone().map(Self::of)
    }

    /// The way to whoever takes the requests.
    fn of(requests: Sender<Request>) -> Self {
        let (reply, replies) = channel();
        Self { requests, reply, replies, waiting: 0 }
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
            // A region that the compiler does not survive is interpreted.
            let attempt = AssertUnwindSafe(|| compiler.compile(&region, extras, jump));
            let code = catch_unwind(attempt).unwrap_or(Err(Error::Panicked));
            if let Err(Error::Panicked) = code {
                let Ok(another) = Compiler::new() else { return };
                compiler = another;
            }
            // Whoever wanted it may be gone.
            let _ = reply.send(Reply { order, code });
        }
    };
    lowcore_host::background::spawn("lowcore-compiler", work).ok()?;
    Some(send)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Compiled, Options};
    use crate::mode::Mode;
    use crate::region::{Shape, instruction_at};
    use lowcore_arch::Psw;
    use lowcore_cpu::{Context, Engine, Exception, Mailbox, Registers, Standalone, Tlb};
    use lowcore_host::memory::{HostRange, Mapping};
    use lowcore_isa::assemble;
    use std::time::Duration;

    const MODE: u64 = Psw::EXTENDED_ADDRESSING | Psw::BASIC_ADDRESSING;

    /// A loop that adds up numbers from register 1 down.
    fn page() -> Vec<u8> {
        let mut page: Vec<u8> = [("agr %r2,%r1", 0), ("brctg %r1,0x0", 4), ("svc 0", 8)]
            .iter()
            .flat_map(|(text, at)| assemble(text, *at).unwrap().bytes().to_vec())
            .collect();
        page.resize(4096, 0);
        page
    }

    fn order(service: &mut Service, region: Region) -> bool {
        let key = Key { offset: 0, mode: region.mode, is_single: false };
        let order = Order { absolute: 0, key, drops: 0, others: Vec::new() };
        service.order(region, Extras::default(), 0, order)
    }

    fn wait(service: &mut Service) -> Reply {
        service.replies.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn a_region_that_the_compiler_does_not_survive_is_none() {
        let page = page();
        let fetch = |at| Ok::<_, ()>(instruction_at(&page, at));
        let mode = Mode::of(Psw::new(MODE, 0));
        let good = Region::find(0, mode, Shape::default(), fetch).unwrap().unwrap();
        // It has a beginning that leads nowhere.
        let mut bad = good.clone();
        bad.blocks.clear();
        let mut service = Service::new().unwrap();
        assert!(order(&mut service, bad));
        assert!(matches!(wait(&mut service).code, Err(Error::Panicked)));
        assert!(order(&mut service, good));
        assert!(wait(&mut service).code.is_ok());
    }

    /// The sum from 1 to `count` as an engine gets it whose regions are compiled
    /// by `service`.
    fn sum(service: Service, count: u64) -> (u64, Compiled) {
        let around = Standalone::default();
        let memory = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
        around.storage.set_slot(0, 0, memory, false).unwrap();
        around.storage.view().write(0, &page()).unwrap();
        let extras = Extras { counts: true, ..Extras::default() };
        let options = Options { in_background: true, hot: 2, extras, ..Options::default() };
        let mut engine = Compiled::new(options).unwrap().with_service(service);
        let mut regs = Registers { psw: Psw::new(MODE, 0), ..Registers::default() };
        regs.gr[1] = count;
        let (mailbox, view, mut tlb) = (Mailbox::new(0), around.storage.view(), Tlb::default());
        let mut context = Context::new(&mut regs, &mut tlb, &mailbox, &view, &around);
        let end = loop {
            match engine.execute(&mut context, 4096) {
                Err(Exception::Recall(absolute)) => view.code_recalled(absolute),
                Ok(()) => std::thread::yield_now(),
                Err(end) => break end,
            }
        };
        assert_eq!(end, Exception::SupervisorCall(0));
        (regs.gr[2], engine)
    }

    /// What interruptions lead to may have no branch, so that nobody comes to it
    /// by one.
    #[test]
    fn places_that_psws_lead_to_are_compiled() {
        let page: Vec<u8> = [("agr %r2,%r1", 0), ("svc 0", 4)]
            .iter()
            .flat_map(|(text, at)| assemble(text, *at).unwrap().bytes().to_vec())
            .collect();
        let around = Standalone::default();
        let memory = HostRange::of(&Mapping::anonymous(1 << 20).unwrap());
        around.storage.set_slot(0, 0, memory, false).unwrap();
        around.storage.view().write(0, &page).unwrap();
        let extras = Extras { counts: true, ..Extras::default() };
        let options = Options { in_background: true, hot: 20, extras, ..Options::default() };
        let mut engine = Compiled::new(options).unwrap();
        let mut regs = Registers::default();
        regs.gr[1] = 1;
        let (mailbox, view, mut tlb) = (Mailbox::new(0), around.storage.view(), Tlb::default());
        let mut times = 0;
        while engine.counts().compiled == 0 {
            regs.psw = Psw::new(MODE, 0);
            let mut context = Context::new(&mut regs, &mut tlb, &mailbox, &view, &around);
            match engine.execute(&mut context, 4096) {
                Err(Exception::SupervisorCall(0)) => times += 1,
                Err(Exception::Recall(absolute)) => view.code_recalled(absolute),
                other => panic!("{other:?}"),
            }
            assert_eq!(regs.gr[2], times);
            assert!(times < 100_000_000, "nobody has compiled it");
            if times.is_multiple_of(1000) {
                std::thread::yield_now();
            }
        }
    }

    #[test]
    fn without_anybody_who_compiles_everything_is_interpreted() {
        let right = |count: u64| count * (count + 1) / 2;
        // Nobody is there; somebody is there for a while, and takes a request
        // with him.
        for requests in 0..2 {
            let (send, receive) = channel();
            std::thread::spawn(move || receive.iter().take(requests).for_each(drop));
            let (result, engine) = sum(Service::of(send), 100_000);
            assert_eq!((result, engine.counts().compiled), (right(100_000), 0));
        }
        // Somebody is.
        let (result, engine) = sum(Service::new().unwrap(), 100_000_000);
        assert_eq!(result, right(100_000_000));
        assert!(engine.counts().compiled > 0);
    }
}
