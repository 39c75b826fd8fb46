//! The record that tabs leave each other, in IndexedDB: of what a page can write, it alone
//! is ordered with the locks.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use js_sys::{Array, JsString, Object};
use wasm_bindgen::prelude::*;

use super::called::Called;
use super::clock::{from_millis, to_millis, while_running};
use super::globals::{Callable, as_object, global};
use super::members::{member, object_of};
use crate::handover::{Failed, Fingerprint, Record};
use crate::ports::Act;

#[wasm_bindgen]
extern "C" {
    type Factory;
    #[wasm_bindgen(method, structural, catch)]
    fn open(this: &Factory, name: &str, version: u32) -> Result<Request, JsValue>;

    /// `IDBRequest`, `IDBOpenDBRequest`, `IDBTransaction`: what ends with an event.
    #[wasm_bindgen(extends = Object)]
    type Request;
    #[wasm_bindgen(method, getter, structural, catch)]
    fn result(this: &Request) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, js_name = addEventListener)]
    fn on(this: &Request, event: &str, listener: &js_sys::Function);

    #[derive(Clone)]
    type Database;
    #[wasm_bindgen(method, structural, js_name = createObjectStore, catch)]
    fn create_store(this: &Database, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn transaction(
        this: &Database,
        store: &str,
        mode: &str,
        options: &Object,
    ) -> Result<Transaction, JsValue>;
    #[wasm_bindgen(method, getter, structural, js_name = close)]
    fn closing(this: &Database) -> Callable;
    #[wasm_bindgen(method, structural, js_name = addEventListener)]
    fn on(this: &Database, event: &str, listener: &js_sys::Function);

    #[wasm_bindgen(extends = Request)]
    type Transaction;
    #[wasm_bindgen(method, structural, js_name = objectStore, catch)]
    fn store(this: &Transaction, name: &str) -> Result<ObjectStore, JsValue>;

    type ObjectStore;
    #[wasm_bindgen(method, structural, catch)]
    fn get(this: &ObjectStore, key: &JsString) -> Result<Request, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn put(this: &ObjectStore, value: &Object, key: &JsString) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn delete(this: &ObjectStore, key: &JsString) -> Result<JsValue, JsValue>;
}

const DATABASE: &str = "tokenflight";
const STORE: &str = "records";

/// A database that does not answer for so long is done without, for as long as the page lives.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the record of one session is.
pub(crate) struct RecordStore {
    /// Its key in the database; none where no other tab reads the same tokens.
    key: Option<JsString>,
    database: RefCell<Option<Database>>,
    /// Whether the database is done without.
    is_alone: Cell<bool>,
    /// The record as this page has left it.
    own: RefCell<Option<Record>>,
}

impl RecordStore {
    pub(crate) fn new(key: Option<JsString>) -> Self {
        let is_alone = Cell::new(key.is_none());
        Self { key, database: RefCell::default(), is_alone, own: RefCell::default() }
    }

    /// Whether other tabs read the same record.
    pub(crate) fn is_common(&self) -> bool {
        !self.is_alone.get()
    }

    /// Hands the record to `act`, inside a transaction that no other tab shares.
    pub(crate) async fn exclusively(&self, act: Act<'_>) {
        if let Some(key) = self.key.as_ref().filter(|_| self.is_common()) {
            let mut has_acted = false;
            {
                let shared = pin!(self.in_database(key, act, &mut has_acted));
                let late = pin!(while_running(PATIENCE));
                if let Either::Left((Ok(()), _)) = select(shared, late).await {
                    return;
                }
            }
            self.is_alone.set(true);
            if has_acted {
                return;
            }
        }
        // Not borrowed while `act` runs: it may ask whether the record is common.
        let mut own = self.own.take();
        act(&mut own);
        self.own.replace(own);
    }

    async fn in_database(
        &self,
        key: &JsString,
        act: Act<'_>,
        has_acted: &mut bool,
    ) -> Result<(), JsValue> {
        let (transaction, store) = self.begin().await?;
        let held = ended(&store.get(key)?, "success", "error").await?.result()?;
        // From here on nothing is awaited but what the transaction itself waits for: it
        // ends when it has nothing to do.
        let mut record = held.is_object().then(|| decode(&held));
        let before = record.clone();
        act(&mut record);
        *has_acted = true;
        self.own.borrow_mut().clone_from(&record);
        match &record {
            same if *same == before => {}
            Some(record) => drop(store.put(&encode(record), key)?),
            None => drop(store.delete(key)?),
        }
        ended(&transaction, "complete", "abort").await?;
        Ok(())
    }

    async fn begin(&self) -> Result<(Transaction, ObjectStore), JsValue> {
        let known = self.database.borrow().clone();
        if let Some(begun) = known.and_then(|database| begin_in(&database).ok()) {
            return Ok(begun);
        }
        // There was none yet, or the browser has closed it.
        let database = open_database().await?;
        self.database.replace(Some(database.clone()));
        begin_in(&database)
    }
}

async fn open_database() -> Result<Database, JsValue> {
    let factory = global().indexed_db()?;
    let factory = as_object::<Factory>(&factory).ok_or(JsValue::UNDEFINED)?;
    let request = factory.open(DATABASE, 1)?;
    let raw: JsValue = request.clone().into();
    let upgrade = Closure::<dyn FnMut()>::new(move || {
        let database = raw.unchecked_ref::<Request>().result();
        drop(database.map(|it| it.unchecked_ref::<Database>().create_store(STORE)));
    });
    request.on("upgradeneeded", upgrade.as_ref().unchecked_ref());
    let database: Database = ended(&request, "success", "error").await?.result()?.unchecked_into();
    // Whoever deletes the database is not held up.
    let close = database.closing().bind_this(database.as_ref());
    database.on("versionchange", &close);
    Ok(database)
}

fn begin_in(database: &Database) -> Result<(Transaction, ObjectStore), JsValue> {
    // It has to be ordered; whether it outlives a power failure does not matter.
    let options = object_of(&[("durability", &"relaxed".into())]);
    let transaction = database.transaction(STORE, "readwrite", &options)?;
    let store = transaction.store(STORE)?;
    Ok((transaction, store))
}

/// Waits for one of two events; the second one is the bad end.
async fn ended<'a>(request: &'a Request, good: &str, bad: &str) -> Result<&'a Request, JsValue> {
    let (succeeded, failed) = (Called::new(), Called::new());
    request.on(good, succeeded.function());
    request.on(bad, failed.function());
    match select(succeeded, failed).await {
        Either::Left(_) => Ok(request),
        Either::Right(_) => Err(JsValue::UNDEFINED),
    }
}

/// What is no record, of another version or of somebody else, reads as an empty one.
fn decode(stored: &JsValue) -> Record {
    let number = |name| member(stored, name).as_f64();
    let count = |name| number(name).unwrap_or_default() as u32;
    let time = |name| number(name).map(from_millis);
    let fingerprints = |name| fingerprints_of(&member(stored, name));
    Record {
        generation: count("generation"),
        beat: count("beat"),
        asked: number("asked").map(Fingerprint::from_raw),
        asked_at: count("askedAt"),
        spent: fingerprints("spent"),
        reigns: fingerprints("reigns"),
        ended: fingerprints("ended"),
        ended_at: time("endedAt").unwrap_or_default(),
        failed: time("failedAt").zip(time("failedUntil")).map(|(at, until)| Failed { at, until }),
    }
}

/// A record as it is stored: numbers only.
fn encode(record: &Record) -> Object {
    let failed = |time: fn(&Failed) -> Duration| {
        record.failed.as_ref().map_or(JsValue::UNDEFINED, |failed| to_millis(time(failed)).into())
    };
    object_of(&[
        ("generation", &record.generation.into()),
        ("beat", &record.beat.into()),
        ("asked", &record.asked.map(Fingerprint::into_raw).into()),
        ("askedAt", &record.asked_at.into()),
        ("spent", &array_of(&record.spent)),
        ("reigns", &array_of(&record.reigns)),
        ("ended", &array_of(&record.ended)),
        ("endedAt", &to_millis(record.ended_at).into()),
        ("failedAt", &failed(|failed| failed.at)),
        ("failedUntil", &failed(|failed| failed.until)),
    ])
}

fn fingerprints_of(stored: &JsValue) -> Vec<Fingerprint> {
    let numbers = stored.dyn_ref::<Array>().into_iter().flat_map(|numbers| numbers.iter());
    numbers.filter_map(|number| number.as_f64()).map(Fingerprint::from_raw).collect()
}

fn array_of(fingerprints: &[Fingerprint]) -> Array {
    fingerprints.iter().map(|fingerprint| JsValue::from_f64(fingerprint.into_raw())).collect()
}
