//! Documents of the profiler in a text: each as Extended JSON, whatever printed it.

use super::document::{Documents, Found};
use crate::lang::mongo::shell::{self, End};
use crate::model::event::Sink;
use crate::read::logs::ChunkText;
use crate::read::logs::mongodb::documents::{Document, DocumentReader, Refused};
use crate::read::logs::segment::{Reading, Segment};
use crate::time::ZoneTable;

const NOT_PROFILED: Refused =
    Refused { why: "a document, but none of the profiler's: no op, ns and millis", records: 0 };

/// Reads the profiler's documents of one chunk.
pub(super) struct ProfileTexts<'z> {
    documents: Documents<'z>,
    /// A document as Extended JSON.
    ejson: Vec<u8>,
}

impl<'z> ProfileTexts<'z> {
    /// As much of them as a sink wants.
    pub fn new(zones: &'z ZoneTable, sink: &dyn Sink) -> Self {
        ProfileTexts { documents: Documents::new(zones, sink.wants_spans()), ejson: Vec::new() }
    }
}

impl DocumentReader for ProfileTexts<'_> {
    const NO_DOCUMENT: &'static str = "no document of the profiler";

    fn read(
        &mut self,
        document: &Document<'_>,
        chunk: &ChunkText<'_>,
        reading: &mut Reading,
        sink: &mut dyn Sink,
    ) -> Result<(), Refused> {
        if !document.is_whole {
            return Err(Refused::UNENDED);
        }
        let &Document { text, start, line, .. } = document;
        self.ejson.clear();
        let read = shell::to_ejson(text, &mut self.ejson);
        if read.end != End::Closed {
            return Err(Refused::DAMAGED);
        }
        let place = chunk.place(start, line);
        let found = Found { text, start, place, is_elided: read.elided };
        let is_told = self.documents.tell(&self.ejson, &found, reading, sink);
        if is_told { Ok(()) } else { Err(NOT_PROFILED) }
    }

    fn into_segment(self, reading: Reading) -> Segment {
        self.documents.into_segment(reading)
    }
}
