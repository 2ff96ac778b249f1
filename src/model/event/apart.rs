//! Operations that are no queries of a user, or that stand in the log twice: never in a class or a
//! total, always counted.

/// Why an operation is kept apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Apart {
    /// The second record of a write: that of the command around it.
    WriteTwice,
    /// Members of a replica set that ask one another how they are.
    Heartbeat,
    /// Drivers and members that ask what a server is; they may wait for a change of it.
    Hello,
    /// Members that read the oplog.
    OplogRead,
    /// Cursors that wait for new data: change streams and tailable cursors.
    AwaitData,
    /// What a secondary applied.
    Applied,
    /// Operations that were logged while they ran.
    InProgress,
    /// Transactions as a whole: their slow operations are logged one by one.
    Transaction,
}

impl Apart {
    /// Every reason, in order.
    pub const ALL: [Apart; 8] = [
        Apart::WriteTwice,
        Apart::Heartbeat,
        Apart::Hello,
        Apart::OplogRead,
        Apart::AwaitData,
        Apart::Applied,
        Apart::InProgress,
        Apart::Transaction,
    ];

    /// The key in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Apart::WriteTwice => "write_twice",
            Apart::Heartbeat => "heartbeat",
            Apart::Hello => "hello",
            Apart::OplogRead => "oplog_read",
            Apart::AwaitData => "await_data",
            Apart::Applied => "applied",
            Apart::InProgress => "in_progress",
            Apart::Transaction => "transaction",
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Apart::WriteTwice => "writes logged a second time, by the command around them",
            Apart::Heartbeat => "heartbeats and progress reports of the replica set",
            Apart::Hello => "hello and isMaster, which may wait for a change",
            Apart::OplogRead => "reads of the oplog by other members",
            Apart::AwaitData => "waits for new data of change streams and tailable cursors",
            Apart::Applied => "operations that a secondary applied",
            Apart::InProgress => "operations logged while they still ran",
            Apart::Transaction => {
                "transactions as a whole, whose operations are logged by themselves"
            }
        }
    }
}
