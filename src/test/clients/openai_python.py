"""The OpenAI SDK for Python against a running service: clients.sh runs it.

python3 openai_python.py http://127.0.0.1:8080
"""

import sys
import time
import urllib.request

try:
    import openai
    from pydantic import BaseModel
except ImportError:
    print("skipped: the OpenAI SDK for Python isn't there; pip install openai")
    sys.exit(0)

service = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
client = openai.OpenAI(base_url=service + "/v1", api_key="any", max_retries=0)
models = [model.id for model in client.models.list()]
alone = models[0]
by_documents = alone + ":parametric"
hello = [{"role": "user", "content": "Who wrote it?"}]


class Country(BaseModel):
    country: str


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def metric(name):
    with urllib.request.urlopen(service + "/q/metrics") as metrics:
        for line in metrics.read().decode().splitlines():
            if line.startswith(name):
                return float(line.split()[-1])
    raise AssertionError("no metric " + name)


def lists_models():
    expect(by_documents in models, models)
    expect(client.models.retrieve(by_documents).object == "model", "model")
    error = raises(openai.NotFoundError, lambda: client.models.retrieve("gpt-4o"))
    expect(error.code == "model_not_found", error)


def chats():
    answer = client.chat.completions.create(model=alone, messages=hello, max_tokens=8, seed=1, user="ann")
    choice = answer.choices[0]
    expect(choice.message.role == "assistant" and choice.finish_reason in ("stop", "length"), choice)
    expect(answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens, answer.usage)
    expect(abs(answer.created - time.time()) < 60 and answer.system_fingerprint, answer)
    expect(answer._request_id, "the id of the request")


def streams():
    asked = dict(model=alone, messages=hello, max_completion_tokens=8)
    whole = client.chat.completions.create(**asked)
    chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    expect(text == whole.choices[0].message.content, text)
    expect(chunks[-1].choices == [] and chunks[-1].usage == whole.usage, chunks[-1])
    with client.chat.completions.stream(**asked) as events:
        expect(events.get_final_completion().choices[0].message.content == text, "the SDK's own sum of chunks")


def tells_of_passages():
    answer = client.chat.completions.create(
        model=by_documents, messages=hello, extra_body={"prag": {"topK": 2, "weights": "mean"}}
    )
    expect({"passages", "timings", "notes"} <= set(answer.prag), answer.prag)


def has_logprobs():
    answer = client.chat.completions.create(
        model=alone, messages=hello, max_tokens=4, logprobs=True, top_logprobs=2
    )
    for token in answer.choices[0].logprobs.content:
        expect(len(token.top_logprobs) == 2 and bytes(token.bytes).decode() == token.token, token)


def keeps_to_schemas():
    answer = client.chat.completions.parse(
        model=alone, messages=hello, max_tokens=100, stop=None, response_format=Country
    )
    if answer.choices[0].finish_reason == "stop":
        expect(isinstance(answer.choices[0].message.parsed.country, str), answer)


def completes():
    text = client.completions.create(model=alone, prompt="The Anchor of", max_tokens=4, logprobs=1)
    expect(len(text.choices[0].logprobs.tokens) == text.usage.completion_tokens, text)
    chunks = list(client.completions.create(model=alone, prompt="The Anchor of", max_tokens=4, stream=True))
    expect("".join(chunk.choices[0].text for chunk in chunks) == text.choices[0].text, chunks)


def names_what_is_wrong():
    for field, value in {"n": 2, "presence_penalty": 1, "tools": [{"type": "function", "function": {"name": "f"}}]}.items():
        error = raises(
            openai.BadRequestError,
            lambda: client.chat.completions.create(model=alone, messages=hello, **{field: value}),
        )
        expect(error.param == field and error.type == "invalid_request_error", error)
    error = raises(
        openai.BadRequestError,
        lambda: client.chat.completions.create(model=alone, messages=[{"role": "user", "content": "why " * 15000}]),
    )
    expect(error.code == "context_length_exceeded", error)
    raises(openai.NotFoundError, lambda: client.embeddings.create(model=alone, input="x"))


def endless():
    return dict(model=alone, messages=hello, temperature=5, max_tokens=900, seed=7)


def idles():
    for _ in range(100):
        if metric("prag_engine_running") == 0:
            return
        time.sleep(0.1)
    raise AssertionError("the generation goes on")


def times_out():
    impatient = client.with_options(timeout=0.05)
    raises(openai.APITimeoutError, lambda: impatient.chat.completions.create(**endless()))
    idles()


def gives_up():
    with client.chat.completions.create(**endless(), stream=True) as stream:
        for number, _ in enumerate(stream):
            if number == 3:
                break
    idles()


for check in (
    lists_models,
    chats,
    streams,
    tells_of_passages,
    has_logprobs,
    keeps_to_schemas,
    completes,
    names_what_is_wrong,
    times_out,
    gives_up,
):
    check()
    print(f"ok: python {openai.__version__} {check.__name__}")
