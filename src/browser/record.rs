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
use super::globals::{Callable, Init, as_object, global};
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
        options: &Init,
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
    fn put(this: &ObjectStore, value: &Stored, key: &JsString) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn delete(this: &ObjectStore, key: &JsString) -> Result<JsValue, JsValue>;

    /// A record as it is stored: numbers only.
    #[wasm_bindgen(extends = Object)]
    type Stored;
    #[wasm_bindgen(method, getter, structural)]
    fn generation(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    fn set_generation(this: &Stored, generation: u32);
    #[wasm_bindgen(method, getter, structural)]
    fn beat(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    fn set_beat(this: &Stored, beat: u32);
    #[wasm_bindgen(method, getter, structural)]
    fn asked(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    fn set_asked(this: &Stored, asked: Option<f64>);
    #[wasm_bindgen(method, getter, structural, js_name = askedAt)]
    fn asked_at(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural, js_name = askedAt)]
    fn set_asked_at(this: &Stored, beat: u32);
    #[wasm_bindgen(method, getter, structural)]
    fn spent(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    fn set_spent(this: &Stored, spent: &Array);
    #[wasm_bindgen(method, getter, structural)]
    fn reigns(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    fn set_reigns(this: &Stored, reigns: &Array);
    #[wasm_bindgen(method, getter, structural)]
    fn ended(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural)]
    fn set_ended(this: &Stored, ended: &Array);
    #[wasm_bindgen(method, getter, structural, js_name = endedAt)]
    fn ended_at(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural, js_name = endedAt)]
    fn set_ended_at(this: &Stored, ms: f64);
    #[wasm_bindgen(method, getter, structural, js_name = failedAt)]
    fn failed_at(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural, js_name = failedAt)]
    fn set_failed_at(this: &Stored, ms: Option<f64>);
    #[wasm_bindgen(method, getter, structural, js_name = failedUntil)]
    fn failed_until(this: &Stored) -> JsValue;
    #[wasm_bindgen(method, setter, structural, js_name = failedUntil)]
    fn set_failed_until(this: &Stored, ms: Option<f64>);
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
        let mut record = as_object::<Stored>(&held).map(decode);
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
    let options: Init = Object::new().unchecked_into();
    // It has to be ordered; whether it outlives a power failure does not matter.
    options.set_durability("relaxed");
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
fn decode(stored: &Stored) -> Record {
    let count = |value: JsValue| value.as_f64().unwrap_or_default() as u32;
    let time = |value: JsValue| value.as_f64().map(from_millis);
    let failed = time(stored.failed_at()).zip(time(stored.failed_until()));
    Record {
        generation: count(stored.generation()),
        beat: count(stored.beat()),
        asked: stored.asked().as_f64().map(Fingerprint::from_raw),
        asked_at: count(stored.asked_at()),
        spent: fingerprints_of(&stored.spent()),
        reigns: fingerprints_of(&stored.reigns()),
        ended: fingerprints_of(&stored.ended()),
        ended_at: time(stored.ended_at()).unwrap_or_default(),
        failed: failed.map(|(at, until)| Failed { at, until }),
    }
}

fn encode(record: &Record) -> Stored {
    let stored: Stored = Object::new().unchecked_into();
    stored.set_generation(record.generation);
    stored.set_beat(record.beat);
    stored.set_asked(record.asked.map(Fingerprint::into_raw));
    stored.set_asked_at(record.asked_at);
    stored.set_spent(&array_of(&record.spent));
    stored.set_reigns(&array_of(&record.reigns));
    stored.set_ended(&array_of(&record.ended));
    stored.set_ended_at(to_millis(record.ended_at));
    stored.set_failed_at(record.failed.map(|failed| to_millis(failed.at)));
    stored.set_failed_until(record.failed.map(|failed| to_millis(failed.until)));
    stored
}

fn fingerprints_of(stored: &JsValue) -> Vec<Fingerprint> {
    let numbers = stored.dyn_ref::<Array>().into_iter().flat_map(|numbers| numbers.iter());
    numbers.filter_map(|number| number.as_f64()).map(Fingerprint::from_raw).collect()
}

fn array_of(fingerprints: &[Fingerprint]) -> Array {
    fingerprints.iter().map(|fingerprint| JsValue::from_f64(fingerprint.into_raw())).collect()
}
