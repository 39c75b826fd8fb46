//! A value that is there at once, or comes later.

use futures::future::LocalBoxFuture;

pub enum Reading<T> {
    Now(T),
    Later(LocalBoxFuture<'static, T>),
}

impl<T> Reading<T> {
    pub async fn get(self) -> T {
        match self {
            Self::Now(value) => value,
            Self::Later(value) => value.await,
        }
    }
}
