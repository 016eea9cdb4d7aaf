// Drives mem0ai's client for JavaScript: `node drive.mjs HOST KEY PERSON FOLDER`. Prints what it saw, as JSON.
import { createRequire } from "node:module";

const [host, apiKey, person, folder] = process.argv.slice(2);
const { MemoryClient } = createRequire(`${folder}/`)("mem0ai");
const client = new MemoryClient({ apiKey, host });
const unknown = "0192f0c1-2a3b-7c4d-8e5f-0123456789ab";
const say = (content) => [{ role: "user", content }];
const names = (rows) => rows.map((row) => row.memory).sort();

const refusal = async (call) => {
  try {
    await call();
    return "done";
  } catch (error) {
    return error.name;
  }
};

const seen = {};
await client.ping();
const added = await client.add(say("I drink tea."), { userId: person, infer: false, metadata: { inner_key: 1 } });
await client.add(say("Our dog is called Biscuit."), { userId: person, infer: false });
const id = added.results[0].id;
seen.added = [added.status, typeof added.eventId];
const page = await client.getAll({ filters: { userId: person }, pageSize: 10 });
seen.listed = [page.count, names(page.results)];
const one = await client.get(id);
seen.got = [one.memory, one.metadata, one.userId];
const found = await client.search("tea", { filters: { user_id: person }, topK: 1 });
seen.searched = found.results.map((row) => [row.memory, row.score > 0]);
const either = { OR: [{ user_id: person }] };
seen.either = names((await client.getAll({ filters: either })).results).length;
await client.update(id, { text: "I drink coffee." });
seen.history = (await client.history(id)).map((entry) => [entry.event, entry.newMemory]);
const users = await client.users();
seen.users = users.results.filter((row) => row.name === person).map((row) => [typeof row.id, row.totalMemories]);
await client.batchUpdate([{ memoryId: id, text: "I drink water." }]);
seen.batch = (await client.get(id)).memory;
seen.feedback = (await client.feedback({ memoryId: id, feedback: "POSITIVE" })).feedback;
const schema = { properties: { memories: { type: "array", items: { type: "string" } } } };
const made = await client.createMemoryExport({ schema, filters: { user_id: person } });
const filled = await client.getMemoryExport({ memoryExportId: made.id });
seen.exported = filled.memories.sort();
await client.updateProject({ customInstructions: "Keep drinks." });
seen.project = (await client.getProject({ fields: ["custom_instructions"] })).customInstructions;
const hook = await client.createWebhook({
  url: "https://hook.example/",
  name: "Alarm",
  eventTypes: ["memory_add"],
  projectId: client.projectId,
});
const hooks = await client.getWebhooks({ projectId: client.projectId });
seen.webhook = hooks.filter((row) => row.webhookId === hook.webhookId).map((row) => [row.eventTypes, row.isActive]);
await client.updateWebhook({ webhookId: hook.webhookId, name: "Bell", url: hook.url, eventTypes: ["memory_add"] });
await client.deleteWebhook({ webhookId: hook.webhookId });
seen.refusals = [
  await refusal(() => client.get("nonsense")),
  await refusal(() => client.get(unknown)),
  await refusal(() => client.search("tea", { filters: { nonsense: 1 } })),
];
await client.delete(id);
await client.deleteAll({ userId: person });
seen.left = (await client.getAll({ filters: { user_id: person } })).count;
seen.nobody = await refusal(() => client.deleteAll({ userId: `${person} nobody` }));
await client.deleteUsers({ userId: person });
console.log(JSON.stringify(seen));
