//! Objects written as the query of a URL, or as a form, the way axios writes them.

use js_sys::{Array, Date, TypeError};
use wasm_bindgen::prelude::*;

use crate::browser::globals::to_string;
use crate::browser::origin::with_query;

#[wasm_bindgen]
extern "C" {
    pub(super) type URLSearchParams;
    #[wasm_bindgen(constructor)]
    fn new() -> URLSearchParams;
    #[wasm_bindgen(method)]
    fn append(this: &URLSearchParams, name: &str, value: &JsValue);

    #[wasm_bindgen(js_namespace = Object, js_name = entries, catch)]
    fn entries_of(value: &JsValue) -> Result<Array, JsValue>;

    type Dated;
    #[wasm_bindgen(method, structural, js_name = toISOString, catch)]
    fn to_iso_text(this: &Dated) -> Result<JsValue, JsValue>;
}

/// `url` with `params` in its query, before the fragment.
pub(super) fn with_params(url: &JsValue, params: &JsValue) -> Result<JsValue, JsValue> {
    if params.is_undefined() || params.is_null() {
        return Ok(url.clone());
    }
    let query = match params.is_instance_of::<URLSearchParams>() {
        true => to_string(params)?,
        false => to_string(&form_of(params)?.into())?,
    };
    let (url, query) = (String::from(to_string(url)?), String::from(query));
    Ok(with_query(&url, &query).into())
}

/// The members of `object` as a form: nothing for null, `name[]` for each element of a list of
/// plain values, and below that `name[key]` and `name[index]`.
pub(super) fn form_of(object: &JsValue) -> Result<URLSearchParams, JsValue> {
    let form = URLSearchParams::new();
    for (name, value) in members_of(object)? {
        match value.dyn_ref::<Array>().filter(|list| is_flat(list)) {
            Some(list) => {
                let name = [name.strip_suffix("[]").unwrap_or(&name), "[]"].concat();
                for element in list.iter() {
                    append(&form, &name, &element)?;
                }
            }
            None => append(&form, &name, &value)?,
        }
    }
    Ok(form)
}

/// How many levels parameters may have.
const DEEPEST: usize = 64;

fn append(form: &URLSearchParams, name: &str, value: &JsValue) -> Result<(), JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(());
    }
    if name.bytes().filter(|byte| *byte == b'[').count() > DEEPEST {
        let message = "The parameters of a call are nested too deeply, or an object holds itself.";
        return Err(TypeError::new(message).into());
    }
    if value.is_instance_of::<Date>() {
        form.append(name, &value.unchecked_ref::<Dated>().to_iso_text()?);
    } else if value.is_object() {
        for (key, member) in members_of(value)? {
            append(form, &[name, "[", &key, "]"].concat(), &member)?;
        }
    } else {
        form.append(name, &to_string(value)?.into());
    }
    Ok(())
}

/// The members of an object, or the elements of a list by their indexes.
fn members_of(object: &JsValue) -> Result<impl Iterator<Item = (String, JsValue)>, JsValue> {
    let entries = entries_of(object)?.into_iter().map(|entry| entry.unchecked_into::<Array>());
    Ok(entries.map(|entry| (entry.get(0).as_string().unwrap_or_default(), entry.get(1))))
}

fn is_flat(list: &Array) -> bool {
    list.iter().all(|element| !element.is_object() || element.is_instance_of::<Date>())
}
