//! How often what happened: a simulator that never gets there proves nothing.

use std::cell::RefCell;

macro_rules! kinds {
    ($($kind:ident: $name:literal,)*) => {
        /// A kind of event that is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($kind,)* }

        /// All kinds, with what they are called.
        pub const KINDS: &[(Kind, &str)] = &[$((Kind::$kind, $name),)*];
    };
}

kinds! {
    Fetch: "requests",
    Aborted: "requests aborted by their caller",
    Unreplayable: "requests that cannot be replayed",
    Replay: "replays",
    Unauthorized: "answers 401",
    RefreshCall: "refresh() by hand",
    AccessTokenCall: "getAccessToken()",
    KeepFresh: "autoRefresh switched on",
    SignIn: "sign-ins through the api",
    OtherUser: "sign-ins of another user",
    SignOut: "sign-outs through the api",
    StepUp: "newer tokens of a session",
    Slide: "newer access tokens alone",
    DirectSignIn: "sign-ins written by app code",
    DirectSignOut: "sign-outs written by app code",
    DirectHalf: "access tokens removed by app code",
    Ask: "refreshes sent",
    Granted: "refreshes granted",
    Refused: "refreshes refused",
    Reused: "sessions ended by reuse detection",
    ExcusedReuse: "refresh tokens used twice, excused",
    Graced: "reuses within the grace",
    Unavailable: "refreshes answered 5xx or 429",
    Hang: "refreshes without an answer",
    LateAnswer: "answers after refreshTimeout",
    LostBefore: "refreshes lost on the way there",
    LostAfterRotation: "rotations lost on the way back",
    ExpiresIn: "answers with expires_in",
    Retried: "refreshes tried again",
    FlightStarted: "flights",
    Adopted: "flights that adopted another tab's token",
    Renewed: "flights that landed: renewed",
    Kept: "flights that landed: kept",
    SignedOut: "flights that landed: signed out",
    Outage: "flights that landed: unavailable",
    Superseded: "flights that landed: superseded",
    WaitsForFlight: "requests that waited for a flight",
    Ahead: "refreshes before the end",
    WaitsForTabs: "waits for another tab's lock",
    HandOver: "waits for a hand-over",
    Orphan: "orphaned refreshes found",
    LeftBehind: "locks given up",
    SessionChanged: "requests rejected: session changed",
    SignInRequired: "requests rejected: sign in",
    RefreshUnavailable: "requests rejected: unavailable",
    Login: "navigations to the login page",
    StorageEvent: "storage events",
    Killed: "tabs killed",
    KilledInFlight: "tabs killed during a flight",
    Frozen: "tabs frozen",
    FrozenInFlight: "tabs frozen during a flight",
    PutAway: "tabs put away, locks let go",
    Thawed: "tabs thawed",
    Opened: "tabs opened",
    Duplicated: "tabs duplicated",
    Offline: "spells without a network",
    Sick: "spells with a token server that fails",
    Expired: "access tokens expired at once",
    Revoked: "sessions revoked by the server",
    ClockJump: "jumps of the wall clock",
    Woken: "wake-ups (online, visible)",
    WorldLagging: "worlds: storage with a lag",
    WorldSlow: "worlds: slow storage",
    WorldCopies: "worlds: tabs with copies",
    WorldAudiences: "worlds: two audiences",
    WorldNewer: "worlds: newer tokens",
    WorldNoLocks: "worlds: no locks",
    WorldNoRecord: "worlds: no record in common",
    WorldBlocked: "worlds: storage blocked for a tab",
    WorldCookie: "worlds: refresh cookie",
    WorldStrict: "worlds: strict reuse detection",
    WorldGrace: "worlds: reuse grace",
    WorldNoRotation: "worlds: no rotation",
    WorldOpaque: "worlds: opaque tokens",
    Contested: "worlds that end with a contested session",
}

/// One counter for each kind.
#[derive(Clone, Debug)]
pub struct Counts(RefCell<Vec<u64>>);

impl Default for Counts {
    fn default() -> Self {
        Self(RefCell::new(vec![0; KINDS.len()]))
    }
}

impl Counts {
    pub fn add(&self, kind: Kind) {
        self.0.borrow_mut()[kind as usize] += 1;
    }

    pub fn of(&self, kind: Kind) -> u64 {
        self.0.borrow()[kind as usize]
    }

    pub fn take_in(&self, other: &Self) {
        let mut mine = self.0.borrow_mut();
        mine.iter_mut().zip(other.0.borrow().iter()).for_each(|(mine, other)| *mine += other);
    }
}
