"""Computes what FLARE and DRAGIN decide by, independently of the program: probabilities, entropies and the last layer's
attention by transformers, the rest by hand. Writes src/test/resources/reference/strategies.json.

Run in the repository's folder: python src/test/python/make_strategies.py   (needs torch and transformers)
"""

import json
import re
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

REFERENCE = Path("src/test/resources/reference")
QUESTION = "Where was the engineer of the Torsby bridge born?"
PROMPT = "Answer the question.\nQuestion: " + QUESTION + "\nAnswer:"
DRAFT = " The bridge of Torsby was built by Vera Lindqvist in 1937, who was born in Kirkby near the old harbour."
STOPS = "the of was by in who near a an and where is were to".split()
MODELS = [REFERENCE / name for name in ("tiny-llama-3.2", "tiny-llama-3", "tiny-llama-3.1", "tiny-qwen-2.5")]
MODELS.append(Path("src/main/demo/model"))


def pieces(tokenizer, ids):
    """The text that becomes certain with each token."""
    texts, told = [], ""
    for i in range(len(ids)):
        text = tokenizer.decode(ids[: i + 1], clean_up_tokenization_spaces=False)
        if text.endswith("\ufffd"):
            texts.append("")
        else:
            texts.append(text[len(told):])
            told = text
    return texts


def merge(texts):
    """Words as lists of token indices: a word begins where white space stands."""
    words, apart = [], False
    for i, text in enumerate(texts):
        if not words or (text and (apart or text[0].isspace())):
            words.append([i])
        else:
            words[-1].append(i)
        if text:
            apart = text[-1].isspace()
    return words


def bare(text):
    return re.sub(r"^[\W_]+|[\W_]+$", "", text)


def between(values, share):
    """A threshold that no value is near to: the middle of the widest gap around a share of the sorted values."""
    ordered = sorted(values)
    at = max(1, min(len(ordered) - 1, round(share * len(ordered))))
    near = range(max(1, at - 2), min(len(ordered), at + 3))
    best = max(near, key=lambda i: ordered[i] - ordered[i - 1])
    return (ordered[best] + ordered[best - 1]) / 2


def measure(path):
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()
    prompt = tokenizer.encode(PROMPT, add_special_tokens=False)
    draft = tokenizer.encode(DRAFT, add_special_tokens=False)
    ids = prompt + draft
    first, n = len(prompt), len(draft)
    with torch.no_grad():
        out = model(torch.tensor([ids]), output_attentions=True)
    log = torch.log_softmax(out.logits[0].double(), dim=-1)
    before = log[first - 1 : first - 1 + n]
    logprobs = [before[i, draft[i]].item() for i in range(n)]
    entropies = (-(before.exp() * before).sum(-1)).tolist()
    attention = out.attentions[-1][0].double()
    strongest = []
    for i in range(first, first + n):
        later = attention[:, i + 1 :, i]
        strongest.append(later.max(dim=1).values.mean().item() if later.shape[1] else 0.0)

    # FLARE
    texts = pieces(tokenizer, draft)
    probabilities = [torch.tensor(p, dtype=torch.float64).exp().item() for p in logprobs]
    theta, beta = between(probabilities, 0.6), between(probabilities, 0.3)
    doubtful = min((p, i) for i, p in enumerate(probabilities))[1]
    masked = re.sub(r"\s+", " ", "".join(t for t, p in zip(texts, probabilities) if p > beta).strip())
    doubt = sum(1 - p for p in probabilities) / n

    # RIND
    words = merge(texts)
    names = ["".join(texts[i] for i in word).strip() for word in words]
    content = [bool(bare(name)) and bare(name).lower() not in STOPS for name in names]
    shares = [sum(strongest[i] for i in word) for word in words]
    rind = [
        share / sum(shares) * (sum(entropies[i] for i in word) / len(word)) * len(words)
        for share, word in zip(shares, words)
    ]
    limit = between([value for value, telling in zip(rind, content) if telling], 0.7)
    trigger = next(i for i, value in enumerate(rind) if content[i] and value > limit)

    # QFS: over the question, whose tokens stand in the prompt, and the words before the trigger.
    asked_texts = pieces(tokenizer, prompt)
    start = "".join(asked_texts).rindex(QUESTION)
    place, asked = 0, []
    for word in merge(asked_texts):
        text = "".join(asked_texts[i] for i in word)
        begin = place + len(text) - len(text.lstrip())
        if start <= begin < start + len(QUESTION):
            asked.append((word, text.strip()[: start + len(QUESTION) - begin]))
        place += len(text)
    candidates = asked + [([first + i for i in word], name) for word, name in zip(words[:trigger], names[:trigger])]
    row = attention[:, first + words[trigger][0] - 1].mean(dim=0)
    ranked = [
        (-sum(row[i].item() for i in word), at, bare(name))
        for at, (word, name) in enumerate(candidates)
        if bare(name) and bare(name).lower() not in STOPS
    ]
    most = 5
    query = " ".join(name for _, _, name in sorted(sorted(ranked)[:most], key=lambda entry: entry[1]))
    return {
        "model": str(path),
        "prompt": prompt,
        "draft": draft,
        "pieces": texts,
        "logprobs": logprobs,
        "entropies": entropies,
        "strongest": strongest,
        "flare": {"theta": theta, "beta": beta, "doubtful": doubtful, "query": masked, "doubt": doubt},
        "rind": {"words": names, "values": rind, "theta": limit, "trigger": trigger},
        "qfs": {"most": most, "attention": row[: first + words[trigger][0]].tolist(), "query": query},
    }


result = {"question": QUESTION, "draft": DRAFT, "stops": STOPS, "models": [measure(path) for path in MODELS]}
(REFERENCE / "strategies.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
