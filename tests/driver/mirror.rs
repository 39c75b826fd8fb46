//! A page's mirror of a slow storage, as `src/shell/mirror.js` is one of a caller's own.
//!
//! Reads and writes go through one queue. A written value is read at once.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, join};
use tokenflight::task::Slot;

use super::reading::Reading;

type Read<T> = Box<dyn Fn(Slot) -> Reading<Option<T>>>;
type Write<T> = Box<dyn Fn(Slot, Option<T>) -> Reading<()>>;
type Spawn = Box<dyn Fn(LocalBoxFuture<'static, ()>)>;

enum Job<T> {
    Read(oneshot::Sender<()>),
    Write(Slot, Option<T>),
    /// Tells when everything before it is done.
    Told(oneshot::Sender<()>),
}

pub struct Mirror<T> {
    known: RefCell<[Option<T>; 2]>,
    /// The number of writes of a slot that are not done.
    pending: [Cell<u32>; 2],
    jobs: RefCell<VecDeque<Job<T>>>,
    is_working: Cell<bool>,
    read: Read<T>,
    write: Write<T>,
    spawn: Spawn,
}

impl<T: Clone + 'static> Mirror<T> {
    pub fn new(read: Read<T>, write: Write<T>, spawn: Spawn) -> Rc<Self> {
        Rc::new(Self {
            known: RefCell::new([None, None]),
            pending: Default::default(),
            jobs: RefCell::default(),
            is_working: Cell::new(false),
            read,
            write,
            spawn,
        })
    }

    /// Returns the known content of `slot`.
    pub fn read(&self, slot: Slot) -> Option<T> {
        self.known.borrow()[slot as usize].clone()
    }

    pub fn write(self: &Rc<Self>, slot: Slot, value: Option<T>) {
        self.known.borrow_mut()[slot as usize] = value.clone();
        let pending = &self.pending[slot as usize];
        pending.set(pending.get() + 1);
        self.put(Job::Write(slot, value));
    }

    /// Reads both tokens, at the same time: the order of reads that a refresh depends on is one
    /// of two waits for the storage.
    pub async fn sync(self: &Rc<Self>) {
        let (done, wait) = oneshot::channel();
        self.put(Job::Read(done));
        wait.await.ok();
    }

    pub async fn flush(self: &Rc<Self>) {
        let (done, wait) = oneshot::channel();
        self.put(Job::Told(done));
        wait.await.ok();
    }

    fn put(self: &Rc<Self>, job: Job<T>) {
        self.jobs.borrow_mut().push_back(job);
        if !self.is_working.replace(true) {
            let mirror = self.clone();
            (self.spawn)(Box::pin(async move { mirror.work().await }));
        }
    }

    async fn learn(&self, slot: Slot) {
        let value = (self.read)(slot).get().await;
        if self.pending[slot as usize].get() == 0 {
            self.known.borrow_mut()[slot as usize] = value;
        }
    }

    async fn work(&self) {
        loop {
            let job = self.jobs.borrow_mut().pop_front();
            match job {
                None => break,
                Some(Job::Write(slot, value)) => {
                    let pending = &self.pending[slot as usize];
                    // One that another follows is not begun any more.
                    if pending.get() == 1 {
                        (self.write)(slot, value).get().await;
                    }
                    pending.set(pending.get() - 1);
                }
                Some(Job::Read(done)) => {
                    join(self.learn(Slot::Refresh), self.learn(Slot::Access)).await;
                    done.send(()).ok();
                }
                Some(Job::Told(done)) => drop(done.send(())),
            }
        }
        self.is_working.set(false);
    }
}
