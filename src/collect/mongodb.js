// querylens: read-only collection for MongoDB 4.4 and later, mongosh or the legacy shell.
//
//   mongosh --quiet mongodb://HOST/ collect.js > catalog.jsonl
//
// On every member of a replica set, since a member counts the use of its own indexes only. It writes
// nothing and reads no document of a collection of yours. Each command stands by itself: what a user
// may not run is said on its line, and the rest goes on. clusterMonitor and readAnyDatabase see all.
const host = db.hello ? db.hello().me || db.serverStatus().host : db.serverStatus().host;
const text = (value) =>
  typeof EJSON === "undefined" ? JSON.stringify(value) : EJSON.stringify(value, { relaxed: true });
const tell = (section, subject, output) =>
  print(text({ querylens: section, host, captured_at: new Date().toISOString(), ...subject, output }));
const run = (section, subject, make) => {
  try {
    tell(section, subject, make());
  } catch (error) {
    tell(section, subject, { error: String(error.codeName || error.message) });
  }
};
run("buildInfo", {}, () => db.adminCommand({ buildInfo: 1 }));
run("serverStatus", {}, () => db.serverStatus({ repl: 0 }));
run("replSetGetStatus", {}, () => db.adminCommand({ replSetGetStatus: 1 }));
const own = ["admin", "config", "local"];
const names = db
  .adminCommand({ listDatabases: 1, nameOnly: true })
  .databases.map((one) => one.name)
  .filter((name) => !own.includes(name));
for (const name of names) {
  const base = db.getSiblingDB(name);
  for (const info of base.getCollectionInfos({ type: "collection" })) {
    if (info.name.startsWith("system.")) continue;
    const subject = { ns: name + "." + info.name };
    const collection = base.getCollection(info.name);
    run("indexes", subject, () => collection.getIndexes());
    run("indexStats", subject, () => collection.aggregate([{ $indexStats: {} }]).toArray());
    run("collStats", subject, () =>
      collection
        .aggregate([{ $collStats: { storageStats: {}, count: {}, latencyStats: {}, queryExecStats: {} } }])
        .toArray()
        .map(({ ns, host, count, latencyStats, queryExecStats, storageStats: s }) => ({
          ns,
          host,
          count,
          latencyStats,
          queryExecStats,
          size: s.size,
          avgObjSize: s.avgObjSize,
          storageSize: s.storageSize,
          totalIndexSize: s.totalIndexSize,
          indexSizes: s.indexSizes,
        }))
    );
  }
}
