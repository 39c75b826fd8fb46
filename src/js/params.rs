//! Objects written as the query of a URL, or as a form, the way axios writes them.

use js_sys::{Array, Date, TypeError};
use wasm_bindgen::prelude::*;

use crate::browser::globals::to_string;

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
    if query.is_empty() {
        return Ok(url.into());
    }
    let url = url.split('#').next().unwrap_or_default();
    let joint = if url.contains('?') { "&" } else { "?" };
    Ok([url, joint, &query].concat().into())
}

/// The members of `object` as a form.
pub(super) fn form_of(object: &JsValue) -> Result<URLSearchParams, JsValue> {
    let form = URLSearchParams::new();
    append_members(&form, "", object)?;
    Ok(form)
}

fn append_members(form: &URLSearchParams, prefix: &str, object: &JsValue) -> Result<(), JsValue> {
    for entry in entries_of(object)?.iter() {
        let entry: Array = entry.unchecked_into();
        let name = entry.get(0).as_string().unwrap_or_default();
        let name = if prefix.is_empty() { name } else { [prefix, "[", &name, "]"].concat() };
        append(form, &name, &entry.get(1))?;
    }
    Ok(())
}

/// How many levels parameters may have.
const DEEPEST: usize = 64;

/// Nothing for null, `name[]` for each element of an array, `name[key]` for each member
/// of an object.
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
    } else if let Some(list) = value.dyn_ref::<Array>() {
        let name = [name, "[]"].concat();
        for element in list.iter() {
            append(form, &name, &element)?;
        }
    } else if value.is_object() {
        append_members(form, name, value)?;
    } else {
        form.append(name, &to_string(value)?.into());
    }
    Ok(())
}
