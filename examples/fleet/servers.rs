//! The api, and the token server with its capacity and its queue.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tokenflight::credential::{Credential, Fingerprint, Lifetime};
use tokenflight::millis::Millis;

use super::clock::{VirtualClock, ms};

/// Counts arrivals in bins of so many seconds.
pub const BIN: u64 = 5;

/// An access or a refresh token.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub user: u32,
    pub number: u32,
    pub is_refresh: bool,
    issued: Millis,
    ends: Millis,
}

impl Credential for Token {
    fn is_of_another_user(&self, other: &Self) -> bool {
        self.user != other.user
    }

    fn is_of_same_user(&self, other: &Self) -> bool {
        self.user == other.user
    }

    fn fingerprint(&self) -> Fingerprint {
        let text = format!("{} {} {}", self.user, self.number, self.is_refresh);
        Fingerprint::of(text.bytes())
    }

    fn lifetime(&self) -> Option<Lifetime> {
        let is_access = !self.is_refresh;
        is_access.then_some(Lifetime { issued: Some(self.issued), ends: self.ends })
    }
}

/// An answer of the token server.
#[derive(Clone)]
pub enum Answer {
    Tokens {
        access: Token,
        refresh: Token,
    },
    /// The refresh token was spent before: the provider ends the session.
    Refused,
    Unavailable {
        retry_after: Option<Millis>,
    },
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Up,
    /// Down until then; `tells` that moment in `Retry-After`.
    Down {
        until: Millis,
        tells: bool,
    },
}

/// The state that both servers share.
pub struct Servers {
    clock: Rc<VirtualClock>,
    /// The number of each user's newest tokens; `None`: the session was ended.
    newest: RefCell<Vec<Option<u32>>>,
    /// Access tokens that were issued before are accepted no more.
    revoked_before: Cell<Millis>,
    state: Cell<State>,
    /// Refreshes that it can do in a second.
    capacity: Cell<f64>,
    /// When all that is in the queue will be done.
    busy_until: Cell<Millis>,
    pub lifetime: Millis,
    /// Refreshes that have arrived, by bin.
    pub arrivals: RefCell<Vec<u32>>,
    pub reuses: Cell<u32>,
}

/// How long the queue gets before the server turns refreshes away.
const LONGEST_QUEUE: Millis = Millis::from_secs(20);

impl Servers {
    pub fn new(clock: Rc<VirtualClock>, users: u32, capacity: f64, lifetime: Millis) -> Self {
        Self {
            clock,
            newest: RefCell::new(vec![Some(0); users as usize]),
            revoked_before: Cell::default(),
            state: Cell::new(State::Up),
            capacity: Cell::new(capacity),
            busy_until: Cell::default(),
            lifetime,
            arrivals: RefCell::default(),
            reuses: Cell::default(),
        }
    }

    /// The tokens that `user` has when the simulation begins, the access token issued `age` ago.
    pub fn first_tokens(&self, user: u32, age: Millis) -> (Token, Token) {
        // The clock of the fleet begins at a time at which all first tokens are issued already.
        let issued = self.clock.now() - age;
        let ends = self.clock.now() + (self.lifetime - age);
        let access = Token { user, number: 0, is_refresh: false, issued, ends };
        (access.clone(), Token { is_refresh: true, ..access })
    }

    pub fn revoke_access_tokens(&self) {
        self.revoked_before.set(self.clock.now());
    }

    pub fn go_down(&self, lasts: Millis, tells: bool) {
        self.state.set(State::Down { until: self.clock.now() + lasts, tells });
    }

    pub fn come_up(&self) {
        self.state.set(State::Up);
    }

    pub fn set_capacity(&self, capacity: f64) {
        self.capacity.set(capacity);
    }

    pub fn capacity(&self) -> f64 {
        self.capacity.get()
    }

    /// Tells if the api takes this access token now.
    pub fn accepts(&self, token: Option<&Token>) -> bool {
        let is_good = |token: &Token| {
            token.ends > self.clock.now() && token.issued >= self.revoked_before.get()
        };
        token.is_some_and(is_good)
    }

    /// One refresh.
    pub async fn refresh(&self, token: Option<Token>) -> Answer {
        self.count_arrival();
        let now = self.clock.now();
        if let State::Down { until, tells } = self.state.get() {
            self.clock.sleep(ms(50)).await;
            return Answer::Unavailable { retry_after: tells.then(|| until - now) };
        }
        let done = self.busy_until.get().max(now) + Millis::from_raw(1000.0 / self.capacity.get());
        if done - now > LONGEST_QUEUE {
            self.clock.sleep(ms(50)).await;
            return Answer::Unavailable { retry_after: None };
        }
        self.busy_until.set(done);
        self.clock.sleep(done - now + ms(50)).await;
        self.rotate(token)
    }

    fn rotate(&self, token: Option<Token>) -> Answer {
        let Some(token) = token else { return Answer::Refused };
        let newest = &mut self.newest.borrow_mut()[token.user as usize];
        if *newest != Some(token.number) {
            self.reuses.set(self.reuses.get() + u32::from(newest.is_some()));
            *newest = None;
            return Answer::Refused;
        }
        let number = token.number + 1;
        *newest = Some(number);
        let issued = self.clock.now();
        let ends = issued + self.lifetime;
        let access = Token { number, is_refresh: false, issued, ends, ..token };
        Answer::Tokens { refresh: Token { is_refresh: true, ..access.clone() }, access }
    }

    fn count_arrival(&self) {
        let bin = (self.clock.elapsed() / 1000 / BIN) as usize;
        let mut arrivals = self.arrivals.borrow_mut();
        if arrivals.len() <= bin {
            arrivals.resize(bin + 1, 0);
        }
        arrivals[bin] += 1;
    }
}
