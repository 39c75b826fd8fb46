//! Names the values and the services that a platform gives to decisions.

use crate::credential::Credential;
use crate::error::Error;
use crate::millis::Millis;
use crate::policy::Step;
use crate::session::{Event, SignOut};

/// The values that a platform has. To the decisions they are opaque.
pub trait Values: 'static {
    /// An access or refresh token.
    type Token: Credential + 'static;
    /// One request; it can be sent more than once.
    type Request;
    /// The answer to a request.
    type Response;
    /// The error that a request rejects with.
    type Failure: Clone + 'static;
    /// The lock between the tabs, held until this is dropped.
    type Guard: Guard;
}

/// A lock that is held.
pub trait Guard {
    /// Tells if the lock is still held. A page that is frozen or put away releases it.
    fn is_held(&self) -> bool;
}

/// Services that decisions may use at any time. None of them waits, and none calls back.
pub trait Surroundings: Values {
    /// Monotonic time, from any fixed point.
    fn now(&self) -> Millis;

    /// Like [`Surroundings::now`], but cheap enough for every request. It is off by less than a
    /// second if the wall clock was set within the last second.
    fn about_now(&self) -> Millis {
        self.now()
    }

    /// The wall clock, since 1970. All tabs share it; it may be wrong, and it may jump.
    fn wall_clock(&self) -> Millis;

    /// A number from 0 up to, not including, 1.
    fn random(&self) -> f64;

    /// Tells if other tabs read the same record.
    fn is_record_shared(&self) -> bool;

    /// Tells if those tabs have copies of this one's tokens, rather than the same: what one of
    /// them stores is never seen in the others.
    fn is_storage_copied(&self) -> bool {
        false
    }

    /// Turns an error into what requests reject with. It is called once for each
    /// flight: all who waited for it get the same value.
    fn failure(&self, error: Error<Self::Failure>) -> Self::Failure;

    /// Tells if `request` may be sent a second time.
    fn may_replay(&self, request: &Self::Request) -> bool;

    /// Tells if `request` does without a session: its 401 leads nobody to the login page.
    fn is_optional(&self, request: &Self::Request) -> bool;

    /// Tells the listeners, when the code that runs now is through: a listener may call back.
    fn announce(&self, event: Event<Self::Token, Self::Failure>);

    /// Leads to the login page, when the code that runs now is through: a request of this page
    /// needs a session, and it is over. Returns false where the page is one that it does not lead
    /// away from, such as the login page itself.
    fn go_to_login(&self, why: SignOut) -> bool;

    /// Tells the server that the session of these tokens has been signed out, when the code that
    /// runs now is through.
    fn tell_sign_out(&self, access: Option<&Self::Token>, refresh: Option<&Self::Token>);

    /// Tells if anybody reads the notes. Where nobody does, the clock is not asked for them: in a
    /// storm, each request would ask twice.
    fn is_traced(&self) -> bool {
        true
    }

    /// Tells of a decision, where `debug` asks for it.
    fn trace(&self, note: Note<'_, Self>);
}

/// A decision, for the log.
#[derive(Debug)]
pub enum Note<'a, V: Values + ?Sized> {
    /// A request waits for the flight that is under way.
    Waits(&'a V::Request),
    /// A request has waited for so long.
    Waited(&'a V::Request, Millis),
    /// A request is due to go out with a token that is about to end.
    NearItsEnd(&'a V::Request),
    /// A request got a 401, and what follows from it.
    Unauthorized(&'a V::Request, Step),
    /// A request is sent again.
    Replays(&'a V::Request),
    /// A flight has started.
    FlightStarted,
    /// A flight has ended after this long.
    FlightLanded(&'static str, Millis),
    /// Another tab holds the lock.
    WaitsForTabs,
    /// The tab that holds the lock has not moved for this long; it is left behind.
    LeavesHolderBehind(Millis),
    /// Waits for the tokens that another tab has stored.
    WaitsForHandOver,
    /// New tokens are asked for.
    Asks,
    /// A refresh is tried again after this long, for this reason.
    Retries(Millis, &'static str),
}
