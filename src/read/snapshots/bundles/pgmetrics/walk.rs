//! The walk over the document, value by value, so that all before a fault is kept.

use super::lists::{As, LISTS, List, cell};
use super::{Document, ViewRows};
use crate::read::snapshots::tabular::{Object, text_of};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The whole document.
pub(super) struct Root<'d, 't> {
    /// What is read goes there.
    pub document: &'d mut Document<'t>,
}

impl<'de: 't, 't> DeserializeSeed<'de> for Root<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de: 't, 't> Visitor<'de> for Root<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what pgmetrics writes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let document = self.document;
        while let Some(name) = map.next_key::<String>()? {
            if let Some(list) = LISTS.iter().find(|list| list.member == name) {
                map.next_value_seed(Items { document, list })?;
                continue;
            }
            match name.as_str() {
                "meta" => document.add_meta(map.next_value()?),
                "settings" => document.add_settings(map.next_value()?),
                "start_time" => document.started = cell(map.next_value()?, As::Time),
                "system_identifier" => document.identity = text_of(map.next_value()?),
                "is_in_recovery" => document.is_replica = text_of(map.next_value()?),
                "system" => {
                    let Object(members) = map.next_value()?;
                    let host = members.iter().find(|(name, _)| name == "hostname");
                    document.bundle.node = host.and_then(|(_, host)| text_of(host));
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The objects of a list, or one object.
struct Items<'d, 't> {
    document: &'d mut Document<'t>,
    list: &'static List,
}

impl Items<'_, '_> {
    fn view_rows(&self) -> Option<ViewRows> {
        let columns: Vec<_> = self.list.columns.iter().map(|(_, column, _)| *column).collect();
        ViewRows::of(self.list.view, &columns)
    }
}

impl<'de: 't, 't> DeserializeSeed<'de> for Items<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 't, 't> Visitor<'de> for Items<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("objects")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some(mut rows) = self.view_rows() else { return Ok(()) };
        let told = loop {
            match items.next_element::<&'de RawValue>() {
                Ok(Some(item)) => self.document.add(self.list, &mut rows, item),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.document.bundle.views.push(rows);
        told
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some(mut rows) = self.view_rows() else { return Ok(()) };
        let mut cells = vec![None; self.list.columns.len()];
        while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
            let place = self.list.columns.iter().position(|(member, _, _)| *member == name);
            let column = place.and_then(|place| self.list.columns.get(place));
            if let Some((place, (_, _, how))) = place.zip(column)
                && let Some(mine) = cells.get_mut(place)
            {
                *mine = cell(value, *how);
            }
        }
        rows.push(0, cells);
        self.document.bundle.views.push(rows);
        Ok(())
    }
}
