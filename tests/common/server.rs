//! The server: it accepts the newest access token of each user and rotates refresh
//! tokens; one that comes a second time ends the session. A script overrides it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use tokenflight::credential::Grant;
use tokenflight::millis::Millis;
use tokenflight::policy::{Answer, Body};

use super::request::Failure;
use super::storage::text;
use super::token::Token;

pub type ServerAnswer = Answer<Token, Failure>;

/// The token server's reply to one refresh.
#[derive(Clone)]
pub enum Reply {
    /// It answers so.
    Answer(ServerAnswer),
    /// It rotates the token, and its answer gets lost.
    Lost,
    /// It never answers.
    Never,
    /// A `refresh` function is run.
    Function(Rc<dyn Fn() -> LocalBoxFuture<'static, ServerAnswer>>),
}

impl Reply {
    pub fn response(status: u16, body: Body<Token>) -> Self {
        Self::retry_after(status, None, body)
    }

    pub fn retry_after(status: u16, after: Option<Millis>, body: Body<Token>) -> Self {
        let cause = Some(Failure::Http(status));
        Self::Answer(Answer::Response { status, retry_after: after, body, cause })
    }

    /// A page with this status and no JSON.
    pub fn status(status: u16) -> Self {
        Self::response(status, Body::NotJson)
    }

    /// JSON without a token.
    pub fn envelope(code: Option<u16>) -> Self {
        Self::response(200, Body::WithoutToken { code, is_temporary: false })
    }

    pub fn tokens(access: &str, refresh: Option<&str>) -> Self {
        Self::response(200, Body::Tokens(grant(access, refresh)))
    }

    pub fn offline() -> Self {
        Self::Answer(Answer::Failed(Failure::Offline))
    }

    pub fn sign_in_required() -> Self {
        Self::Answer(Answer::SignInRequired(Failure::Callback))
    }
}

fn grant(access: &str, refresh: Option<&str>) -> Grant<Token> {
    Grant {
        access: Token(access.to_owned()),
        refresh: refresh.map(|it| Token(it.to_owned())),
        expires_in: None,
    }
}

#[derive(Default)]
pub struct Server {
    /// The number of the newest tokens of each user who is signed in.
    newest: RefCell<BTreeMap<String, u32>>,
    /// The access tokens that are accepted no more.
    expired: RefCell<BTreeMap<String, u32>>,
    /// The user of an HttpOnly cookie that refreshes.
    pub cookie: RefCell<Option<String>>,
    /// The lifetime that it gives its access tokens.
    pub lives: Cell<Option<Millis>>,
    /// The duration of a refresh.
    pub latency: Cell<Millis>,
    script: RefCell<VecDeque<Reply>>,
    always: RefCell<Option<Reply>>,
    /// The refresh tokens that it was asked with, in their order.
    pub refreshes: RefCell<Vec<String>>,
    pub reuses: Cell<u32>,
}

impl Server {
    pub fn sign_in(&self, user: &str) -> (Token, Token) {
        self.newest.borrow_mut().insert(user.to_owned(), 1);
        (Token::access(user, 1), Token::refresh(user, 1))
    }

    /// `user` signs in once more: the tokens that there are now are replaced.
    pub fn sign_in_again(&self, user: &str) -> (Token, Token) {
        let number = self.newest.borrow()[user] + 1;
        self.newest.borrow_mut().insert(user.to_owned(), number);
        (Token::access(user, number), Token::refresh(user, number))
    }

    /// The access tokens that there are now are accepted no more.
    pub fn expire(&self) {
        self.expired.replace(self.newest.borrow().clone());
    }

    /// The next refreshes are answered so.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script.borrow_mut().extend(replies);
    }

    /// All refreshes that no script speaks of are answered so.
    pub fn always(&self, reply: Option<Reply>) {
        self.always.replace(reply);
    }

    pub fn accepts(&self, access: Option<&Token>) -> bool {
        let (newest, expired) = (self.newest.borrow(), self.expired.borrow());
        newest
            .iter()
            .filter(|(user, number)| expired.get(*user) != Some(number))
            .any(|(user, number)| access.is_some_and(|it| it.is_the(user, *number)))
    }

    /// Handles a refresh that arrives now.
    pub fn refresh(&self, spent: Option<&Token>) -> Reply {
        self.refreshes.borrow_mut().push(text(spent));
        let scripted = self.script.borrow_mut().pop_front();
        match scripted.or_else(|| self.always.borrow().clone()) {
            Some(Reply::Lost) => {
                self.rotate(spent);
                Reply::Never
            }
            Some(reply) => reply,
            None => self.rotate(spent),
        }
    }

    fn rotate(&self, spent: Option<&Token>) -> Reply {
        let cookie = self.cookie.borrow().clone();
        let mut newest = self.newest.borrow_mut();
        let user = match (spent.and_then(Token::parts), cookie) {
            (Some((user, number)), _) if newest.get(user) == Some(&number) => user.to_owned(),
            (Some((user, _)), _) => {
                self.reuses.set(self.reuses.get() + 1);
                newest.remove(user);
                return Reply::status(400);
            }
            (None, Some(user)) => user,
            (None, None) => return Reply::status(401),
        };
        let number = newest.entry(user.clone()).or_default();
        *number += 1;
        let refresh = spent.map(|_| Token::refresh(&user, *number));
        let access = Token::access(&user, *number);
        Reply::response(200, Body::Tokens(Grant { access, refresh, expires_in: self.lives.get() }))
    }
}
