//! The token server and the resource server: they know the truth about each session.

use std::cell::{Cell, RefCell};

use tokenflight::credential::Lifetime;
use tokenflight::millis::Millis;
use tokenflight::task::Slot;

use super::agenda::{SECOND, Time};
use super::tab::span;
use super::token::{SessionId, Token};

/// The server's way of treating refresh tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Each is good for once; one that comes again ends the session.
    Strict,
    /// The one before is answered with the newest tokens for so long.
    Grace(Time),
    /// They stay.
    Never,
}

/// A refresh token as the server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub session: SessionId,
    pub number: u32,
}

/// Why the server ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The application logged out there.
    LoggedOut,
    /// An administrator ended it.
    Revoked,
    /// A refresh token came a second time.
    Reused,
}

pub struct Account {
    pub user: char,
    /// The number of the refresh token that is good.
    pub newest: u32,
    pub newest_access: u32,
    pub ended: Option<Cause>,
    rotated_at: Time,
    /// Access tokens up to this number are accepted no more.
    expired: Option<u32>,
    newest_token: Token,
}

/// The answer of the token server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reply {
    Tokens {
        access: Token,
        refresh: Option<Token>,
    },
    Refused,
    /// A status, and a `Retry-After` in seconds.
    Unavailable(u16, Option<u32>),
    /// Not JSON: a captive portal.
    Portal,
}

/// The health of the token server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Good,
    /// It fails before it has done anything.
    Failing(u16, Option<u32>),
    Portal,
    /// It does not answer.
    Hanging,
    /// It rotates the token, and takes about as long to say so as anybody waits.
    Late,
    /// It rotates the token, and its answer is lost.
    LosingAnswers,
}

pub struct Server {
    pub rotation: Rotation,
    pub has_cookies: bool,
    is_opaque: bool,
    lifetime: Option<Millis>,
    pub accounts: RefCell<Vec<Account>>,
    pub health: Cell<Health>,
    /// The HttpOnly refresh cookie, common to all tabs.
    pub jar: Cell<Option<Key>>,
}

/// The true time of day at the beginning of a world.
pub const DAWN: Millis = Millis::from_secs(1_700_000_000);

impl Server {
    pub fn new(
        rotation: Rotation,
        has_cookies: bool,
        is_opaque: bool,
        life: Option<Millis>,
    ) -> Self {
        Self {
            rotation,
            has_cookies,
            is_opaque,
            lifetime: life,
            accounts: RefCell::default(),
            health: Cell::new(Health::Good),
            jar: Cell::new(None),
        }
    }

    pub fn lifetime(&self) -> Option<Millis> {
        self.lifetime
    }

    /// `user` signs in: both tokens; where there are cookies, the second one is in the jar.
    pub fn sign_in(&self, now: Time, user: char, audience: usize) -> (Token, Option<Token>) {
        let session = self.accounts.borrow().len();
        let access = self.access_token(now, user, session, [0, 0], audience);
        self.accounts.borrow_mut().push(Account {
            user,
            newest: 0,
            newest_access: 0,
            ended: None,
            rotated_at: 0,
            expired: None,
            newest_token: access,
        });
        if self.has_cookies {
            self.jar.set(Some(Key { session, number: 0 }));
            return (access, None);
        }
        (access, Some(refresh_token(access, 0)))
    }

    /// An answer brings a newer access token of a session that stands; the refresh token stays.
    pub fn slide(&self, now: Time, session: SessionId, audience: usize) -> Option<Token> {
        let mut accounts = self.accounts.borrow_mut();
        let account = accounts.get_mut(session).filter(|account| account.ended.is_none())?;
        account.newest_access += 1;
        let numbers = [account.newest_access, account.newest];
        let token = self.access_token(now, account.user, session, numbers, audience);
        Some(Token { is_slid: true, ..token })
    }

    pub fn end(&self, session: SessionId, cause: Cause) {
        self.accounts.borrow_mut()[session].ended.get_or_insert(cause);
        if self.jar.get().is_some_and(|jar| jar.session == session) && cause == Cause::LoggedOut {
            self.jar.set(None);
        }
    }

    pub fn ended(&self, session: SessionId) -> Option<Cause> {
        self.accounts.borrow()[session].ended
    }

    /// Tells if a refresh token was replaced by a newer one.
    pub fn is_replaced(&self, refresh: Token) -> bool {
        self.is_spent(Key { session: refresh.session, number: refresh.number })
    }

    /// Tells if a refresh with `key` would be a reuse.
    pub fn is_spent(&self, key: Key) -> bool {
        self.ended(key.session).is_none() && key.number < self.newest(key.session)
    }

    pub fn newest(&self, session: SessionId) -> u32 {
        self.accounts.borrow()[session].newest
    }

    /// The access tokens that there are now are accepted no more.
    pub fn expire(&self) {
        for account in &mut *self.accounts.borrow_mut() {
            account.expired = Some(account.newest_access);
        }
    }

    /// Returns the resource server's answer to a request.
    pub fn accepts(&self, now: Time, token: Option<Token>) -> bool {
        let accounts = self.accounts.borrow();
        token.is_some_and(|token| {
            let account = &accounts[token.session];
            let has_ended = token.ends().is_some_and(|ends| ends <= time_of_day(now));
            account.ended.is_none()
                && !has_ended
                && account.expired.is_none_or(|expired| token.number > expired)
        })
    }

    /// Handles a refresh token that arrives, or the cookie.
    pub fn refresh(&self, now: Time, key: Option<Key>, audience: usize) -> Reply {
        let Some(key) = key else {
            return Reply::Refused;
        };
        let mut accounts = self.accounts.borrow_mut();
        let account = &mut accounts[key.session];
        if account.ended.is_some() {
            return Reply::Refused;
        }
        if key.number != account.newest {
            return match self.rotation {
                Rotation::Grace(grace)
                    if key.number + 1 == account.newest && now < account.rotated_at + grace =>
                {
                    self.tokens(account, audience)
                }
                _ => {
                    account.ended = Some(Cause::Reused);
                    Reply::Refused
                }
            };
        }
        if self.rotation != Rotation::Never {
            account.newest += 1;
            account.rotated_at = now;
        }
        account.newest_access += 1;
        let numbers = [account.newest_access, account.newest];
        account.newest_token = self.access_token(now, account.user, key.session, numbers, audience);
        self.tokens(account, audience)
    }

    fn tokens(&self, account: &Account, audience: usize) -> Reply {
        let access = Token { audience, ..account.newest_token };
        let rotates = self.rotation != Rotation::Never && !self.has_cookies;
        Reply::Tokens { access, refresh: rotates.then(|| refresh_token(access, account.newest)) }
    }

    fn access_token(
        &self,
        now: Time,
        user: char,
        session: SessionId,
        [number, rotation]: [u32; 2],
        audience: usize,
    ) -> Token {
        let issued = time_of_day(now);
        let lifetime =
            self.lifetime.map(|total| Lifetime { issued: Some(issued), ends: issued + total });
        Token {
            slot: Slot::Access,
            user,
            session,
            number,
            rotation,
            audience,
            is_slid: false,
            is_opaque: self.is_opaque,
            lifetime,
        }
    }
}

fn refresh_token(access: Token, number: u32) -> Token {
    let (slot, rotation) = (Slot::Refresh, number);
    Token { slot, number, rotation, audience: 0, lifetime: None, ..access }
}

/// The token that another audience gets at the same time.
pub fn token_of(audience: usize, access: Token) -> Token {
    Token { audience, ..access }
}

/// The true time of day.
pub fn time_of_day(now: Time) -> Millis {
    DAWN + span(now)
}

/// How long a network takes: mostly little, and never long when all is well again.
pub fn latency(world: &super::world::World) -> Time {
    let chance = &world.chance;
    match chance.below(20) {
        _ if world.is_healed.get() => chance.between(1_000, SECOND / 50),
        0 => chance.between(SECOND / 2, 3 * SECOND),
        1..=3 => chance.between(SECOND / 10, SECOND / 2),
        _ => chance.between(1_000, SECOND / 10),
    }
}
