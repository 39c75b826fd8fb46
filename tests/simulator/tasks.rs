//! The executor: of the tasks that were woken, chance decides which one runs next.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

use super::chance::Chance;
use super::tab::TabId;

type Work = Pin<Box<dyn Future<Output = ()>>>;

type Ready = Arc<Mutex<Vec<usize>>>;

struct Task {
    tab: TabId,
    /// It is out while it runs, and gone when it is through.
    work: Option<Work>,
    waker: Waker,
    wakeup: Arc<Wakeup>,
}

struct Wakeup {
    id: usize,
    is_ready: AtomicBool,
    ready: Ready,
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        if !self.is_ready.swap(true, Ordering::Relaxed) {
            self.ready.lock().unwrap_or_else(PoisonError::into_inner).push(self.id);
        }
    }
}

#[derive(Default)]
pub struct Tasks {
    tasks: RefCell<Vec<Task>>,
    ready: Ready,
}

impl Tasks {
    /// Runs `work` as a task of `tab`; its number.
    pub fn spawn(&self, tab: TabId, work: Work) -> usize {
        let mut tasks = self.tasks.borrow_mut();
        let id = tasks.len();
        let ready = self.ready.clone();
        let wakeup = Arc::new(Wakeup { id, is_ready: AtomicBool::new(false), ready });
        let waker = Waker::from(wakeup.clone());
        waker.wake_by_ref();
        tasks.push(Task { tab, work: Some(work), waker, wakeup });
        id
    }

    /// One of the tasks that were woken, and the tab that it belongs to.
    pub fn take_ready(&self, chance: &Chance) -> Option<(usize, TabId)> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.is_empty() {
            return None;
        }
        let index = chance.below(ready.len());
        let id = ready.swap_remove(index);
        Some((id, self.tasks.borrow()[id].tab))
    }

    /// Goes on with task `id`.
    pub fn run(&self, id: usize) {
        let (work, waker) = {
            let mut tasks = self.tasks.borrow_mut();
            let task = &mut tasks[id];
            task.wakeup.is_ready.store(false, Ordering::Relaxed);
            (task.work.take(), task.waker.clone())
        };
        let Some(mut work) = work else {
            return;
        };
        if work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            self.tasks.borrow_mut()[id].work = Some(work);
        }
    }

    /// Makes a task that was taken ready once more.
    pub fn put_back(&self, id: usize) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }

    /// Drops one task.
    pub fn drop_task(&self, id: usize) {
        let work = self.tasks.borrow_mut()[id].work.take();
        drop(work);
    }

    /// Drops the tasks of a tab.
    pub fn drop_of(&self, tab: TabId) {
        let works: Vec<_> = {
            let mut tasks = self.tasks.borrow_mut();
            tasks.iter_mut().filter(|task| task.tab == tab).map(|task| task.work.take()).collect()
        };
        drop(works);
    }

    pub fn clear(&self) {
        let tasks = self.tasks.take();
        drop(tasks);
    }
}
