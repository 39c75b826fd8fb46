//! The kind of world that a schedule plays in.

use std::rc::Rc;

use tokenflight::millis::Millis;
use tokenflight::policy::Policy;

use super::agenda::{MS, SECOND, Time};
use super::chance::Chance;
use super::server::Rotation;
use super::storage::Medium;

/// The state that the tabs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Both tokens.
    Tokens,
    /// The refresh token: every second tab is of another audience, and has an access token of
    /// its own.
    RefreshToken,
    /// The lock and the record: each tab was duplicated, with a copy of the tokens.
    Copies,
}

#[derive(Clone, Debug)]
pub struct Setting {
    pub sharing: Sharing,
    pub tabs: usize,
    pub has_locks: bool,
    pub has_record: bool,
    pub medium: Medium,
    /// The storage is blocked for the last tab.
    pub has_blocked_tab: bool,
    pub rotation: Rotation,
    pub has_cookies: bool,
    /// Nothing is in the storage at first, although a refresh cookie is there.
    pub starts_empty: bool,
    pub is_opaque: bool,
    pub lifetime: Option<Millis>,
    pub policy: Rc<Policy>,
    pub has_faults: bool,
    /// The percentage of refreshes that go wrong although the server is healthy.
    pub faults: u64,
    /// App code writes the storage itself at times.
    pub has_direct_writes: bool,
    /// The application is given newer tokens of the session at times.
    pub has_newer_tokens: bool,
    /// How long it goes on.
    pub ends: Time,
}

impl Setting {
    pub fn drawn(chance: &Chance) -> Self {
        let sharing = match chance.below(10) {
            0 => Sharing::Copies,
            1 => Sharing::RefreshToken,
            _ => Sharing::Tokens,
        };
        let is_usual = sharing == Sharing::Tokens;
        let medium = medium(chance, is_usual);
        let has_cookies = sharing != Sharing::RefreshToken && chance.percent(22);
        let rotation = match chance.below(10) {
            0..=5 => Rotation::Strict,
            6 | 7 => Rotation::Grace(chance.pick(&[2, 10, 30]) * SECOND),
            _ => Rotation::Never,
        };
        let lifetime =
            chance.percent(50).then(|| Millis::from_secs(chance.pick(&[4, 20, 60, 600])));
        Self {
            sharing,
            tabs: 2 + chance.below(3),
            has_locks: !chance.percent(12),
            // A storage of the application's own may say that it is shared.
            has_record: match medium {
                Medium::Lagging(_) => !chance.percent(8),
                Medium::Slow { .. } => chance.percent(50),
            },
            medium,
            has_blocked_tab: is_usual && !has_cookies && chance.percent(6),
            rotation,
            has_cookies,
            starts_empty: has_cookies && chance.percent(40),
            is_opaque: chance.percent(40),
            lifetime,
            policy: Rc::new(policy(chance)),
            has_faults: chance.percent(60),
            faults: chance.pick(&[2, 10, 30]),
            has_direct_writes: is_usual && chance.percent(25),
            has_newer_tokens: chance.percent(30),
            ends: chance.pick(&[5, 20, 60]) * SECOND,
        }
    }

    /// Describes its peculiarities in a few words.
    pub fn summary(&self) -> String {
        let specials = [
            (self.sharing == Sharing::Copies, "copies"),
            (self.sharing == Sharing::RefreshToken, "audiences"),
            (self.has_newer_tokens, "newer tokens"),
            (!self.has_locks, "no locks"),
            (!self.has_record, "no record"),
            (matches!(self.medium, Medium::Slow { .. }), "slow storage"),
            (self.has_blocked_tab, "blocked tab"),
            (self.has_cookies, "cookies"),
            (self.rotation == Rotation::Never, "no rotation"),
            (matches!(self.rotation, Rotation::Grace(_)), "grace"),
            (self.is_opaque, "opaque"),
            (self.lifetime.is_some(), "lifetime"),
            (self.has_direct_writes, "direct writes"),
            (!self.has_faults, "no faults"),
        ];
        let chosen: Vec<_> = specials.iter().filter(|it| it.0).map(|it| it.1).collect();
        chosen.join(", ")
    }
}

/// A storage of the application's own may be slow.
fn medium(chance: &Chance, may_be_slow: bool) -> Medium {
    match chance.below(10) {
        0 | 1 if may_be_slow => Medium::Slow {
            reads: chance.pick(&[0, 5 * MS, 30 * MS]),
            writes: chance.pick(&[1, 5 * MS, 60 * MS]),
        },
        _ => Medium::Lagging(chance.pick(&[0, 2 * MS, 20 * MS, 100 * MS, 400 * MS, 700 * MS])),
    }
}

/// A holder of the lock is never given up before its refresh has timed out.
fn policy(chance: &Chance) -> Policy {
    let seconds = chance.pick(&[10, 10, 3]);
    Policy {
        refresh_timeout: Millis::from_secs(seconds),
        lock_timeout: Millis::from_secs(seconds),
        refresh_retries: chance.pick(&[2, 2, 2, 0, 1, 4]),
        returns_unauthorized: chance.percent(25),
        ..Policy::default()
    }
}
