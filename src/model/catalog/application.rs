//! What the files of an application say of the databases that it uses: client libraries and settings of
//! its pools. Hosts, users and passwords are not here.

use super::told::{Told, later};
use crate::model::event::Engine;
use crate::model::workload::examples::Place;
use std::collections::BTreeMap;

/// Libraries and settings of one application that are kept, of each the first by name.
const MAX_KEPT: usize = 200;

/// A client library, or a connection string.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Library {
    /// The engine that it speaks to; `None` where it speaks to several.
    pub engine: Option<Engine>,
    /// The version that is asked for, as it stands in the file.
    pub version: Option<Box<str>>,
}

/// An application, as its files tell.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Application {
    /// Its client libraries by name.
    pub libraries: BTreeMap<Box<str>, Told<Library>>,
    /// Settings of its pools by name, as they stand in the file: numbers, switches and durations.
    pub pool_settings: BTreeMap<Box<str>, Told<Box<str>>>,
}

impl Application {
    /// Adds what other files say. Which are kept depends on their names only.
    pub fn merge(&mut self, other: Application) {
        for (name, library) in other.libraries {
            later(self.libraries.entry(name), library);
        }
        for (name, setting) in other.pool_settings {
            later(self.pool_settings.entry(name), setting);
        }
        while self.libraries.len() > MAX_KEPT {
            self.libraries.pop_last();
        }
        while self.pool_settings.len() > MAX_KEPT {
            self.pool_settings.pop_last();
        }
    }

    /// Where its facts stand, for changing it.
    pub(super) fn each_place_mut(&mut self, change: &mut dyn FnMut(&mut Place)) {
        self.libraries.values_mut().for_each(|told| change(&mut told.origin.place));
        self.pool_settings.values_mut().for_each(|told| change(&mut told.origin.place));
    }
}
