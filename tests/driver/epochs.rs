//! Waiting for another epoch.

use std::cell::RefCell;
use std::rc::Rc;

use futures::channel::oneshot;
use tokenflight::shared::SharedSession;
use tokenflight::values::Values;

/// One for each session that clients share.
#[derive(Clone, Default)]
pub struct Epochs(Rc<RefCell<Vec<oneshot::Sender<()>>>>);

impl Epochs {
    /// Hears of the epochs of `shared`.
    pub fn of<V: Values>(shared: &SharedSession<V>) -> Self {
        let epochs = Self::default();
        let waiting = epochs.clone();
        shared.session.watch(move || {
            for waiting in waiting.0.take() {
                waiting.send(()).ok();
            }
        });
        epochs
    }

    /// Resolves when another epoch begins.
    pub async fn next(&self) {
        let (began, next) = oneshot::channel();
        self.add(began);
        next.await.ok();
    }

    fn add(&self, began: oneshot::Sender<()>) {
        let mut waiting = self.0.borrow_mut();
        waiting.retain(|waiting| !waiting.is_canceled());
        waiting.push(began);
    }
}
