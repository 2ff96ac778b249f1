//! The protocol's commands by the names that the servers log, and the text that stands for a
//! command that is no statement: `administrator command: Ping`, as the slow log writes it.

/// A command of the client protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Command {
    /// As logged: `Init DB`.
    pub name: &'static str,
    /// `administrator command: Init DB`
    pub administrator: &'static str,
}

macro_rules! commands {
    ($($name:literal,)*) => {
        /// Every command that MySQL and MariaDB name.
        static COMMANDS: &[Command] = &[$(Command {
            name: $name,
            administrator: concat!("administrator command: ", $name),
        },)*];
    };
}

// In the order of how often they are logged.
commands! {
    "Query",
    "Execute",
    "Prepare",
    "Connect",
    "Quit",
    "Init DB",
    "Close stmt",
    "Reset stmt",
    "Ping",
    "Statistics",
    "Field List",
    "Long Data",
    "Fetch",
    "Change user",
    "Reset Connection",
    "Reset connection",
    "Set option",
    "Processlist",
    "Kill",
    "Refresh",
    "Shutdown",
    "Sleep",
    "Create DB",
    "Drop DB",
    "Debug",
    "Time",
    "Delayed insert",
    "Binlog Dump",
    "Binlog Dump GTID",
    "Table Dump",
    "Connect Out",
    "Register Slave",
    "Register Replica",
    "Daemon",
    "Bulk_execute",
    "Stmt bulk execute",
    "Unimpl get tid",
    "Slave_worker",
    "Slave_IO",
    "Slave_SQL",
    "clone",
    "Error",
}

impl Command {
    /// The command of exactly this name.
    pub fn of_name(name: &[u8]) -> Option<Command> {
        COMMANDS.iter().copied().find(|command| command.name.as_bytes() == name)
    }
}
