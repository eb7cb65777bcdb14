// The OpenAI SDK for JavaScript against a running service: clients.sh runs it.
//
// node openai_javascript.mjs http://127.0.0.1:8080

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

let OpenAI;
try {
  // Where the script is started, not where it lies: packages are installed there.
  const entry = createRequire(process.cwd() + "/").resolve("openai");
  OpenAI = (await import(pathToFileURL(entry))).default;
  OpenAI = OpenAI.default ?? OpenAI;
} catch (error) {
  console.log("skipped: the OpenAI SDK for JavaScript isn't there; npm install openai");
  process.exit(0);
}

const service = process.argv[2] ?? "http://127.0.0.1:8080";
const client = new OpenAI({ baseURL: service + "/v1", apiKey: "any", maxRetries: 0 });
const models = [];
for await (const model of client.models.list()) models.push(model.id);
const alone = models[0];
const byDocuments = alone + ":parametric";
const messages = [{ role: "user", content: "Who wrote it?" }];
const endless = { model: alone, messages, temperature: 5, max_tokens: 900, seed: 7 };

async function idles() {
  for (let i = 0; i < 100; i++) {
    const metrics = await (await fetch(service + "/q/metrics")).text();
    const running = metrics.split("\n").find((line) => line.startsWith("prag_engine_running"));
    if (Number(running.split(" ").at(-1)) === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("the generation goes on");
}

const checks = {
  async listsModels() {
    assert(models.includes(byDocuments));
    assert.equal((await client.models.retrieve(byDocuments)).id, byDocuments);
    await assert.rejects(client.models.retrieve("gpt-4o"), (error) => error.status === 404 && error.code === "model_not_found");
  },
  async chats() {
    const answer = await client.chat.completions.create({ model: alone, messages, max_tokens: 8 });
    assert.equal(answer.choices[0].message.role, "assistant");
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    assert(answer._request_id);
  },
  async streams() {
    const asked = { model: alone, messages, max_completion_tokens: 8 };
    const whole = await client.chat.completions.create(asked);
    let text = "";
    let usage;
    const stream = await client.chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0].message.content);
    assert.deepEqual(usage, whole.usage);
    assert.equal(await client.chat.completions.stream(asked).finalContent(), text);
  },
  async tellsOfPassages() {
    const answer = await client.chat.completions.create({ model: byDocuments, messages, prag: { topK: 2 } });
    assert(Array.isArray(answer.prag.passages) && Array.isArray(answer.prag.notes));
  },
  async hasLogprobs() {
    const answer = await client.chat.completions.create({ model: alone, messages, max_tokens: 4, logprobs: true, top_logprobs: 2 });
    for (const token of answer.choices[0].logprobs.content) {
      assert.equal(token.top_logprobs.length, 2);
      assert.equal(Buffer.from(token.bytes).toString(), token.token);
    }
  },
  async keepsToSchemas() {
    const schema = { type: "object", properties: { yes: { type: "boolean" } }, required: ["yes"], additionalProperties: false };
    const answer = await client.chat.completions.parse({
      model: alone,
      messages,
      max_tokens: 40,
      response_format: { type: "json_schema", json_schema: { name: "verdict", schema, strict: true } },
    });
    assert.equal(typeof JSON.parse(answer.choices[0].message.content).yes, "boolean");
  },
  async completes() {
    const text = await client.completions.create({ model: alone, prompt: "The Anchor of", max_tokens: 4 });
    let streamed = "";
    for await (const chunk of await client.completions.create({ model: alone, prompt: "The Anchor of", max_tokens: 4, stream: true })) {
      streamed += chunk.choices[0].text;
    }
    assert.equal(streamed, text.choices[0].text);
  },
  async namesWhatIsWrong() {
    for (const [field, value] of Object.entries({ n: 2, frequency_penalty: 1, logit_bias: { 5: 3 } })) {
      await assert.rejects(
        client.chat.completions.create({ model: alone, messages, [field]: value }),
        (error) => error instanceof OpenAI.BadRequestError && error.param === field,
      );
    }
    await assert.rejects(
      client.chat.completions.create({ model: alone, messages: [{ role: "user", content: "why ".repeat(15000) }], stream: true }),
      (error) => error.code === "context_length_exceeded",
    );
  },
  async timesOut() {
    await assert.rejects(client.chat.completions.create(endless, { timeout: 50 }), OpenAI.APIConnectionTimeoutError);
    await idles();
  },
  async givesUp() {
    let chunks = 0;
    for await (const chunk of await client.chat.completions.create({ ...endless, stream: true })) {
      if (++chunks === 4) break;
    }
    assert.equal(chunks, 4);
    await idles();
  },
};

for (const [name, check] of Object.entries(checks)) {
  await check();
  console.log(`ok: javascript ${name}`);
}
