#!/usr/bin/env python3
"""What the reference implementation of Parametric RAG needs on this machine, in PyTorch.

Its encoder trains one adapter at a time: f32, batch 1, every sample padded to 3,000 positions, one AdamW step a sample.
For a question it loads the adapters of the passages, combines them, and adds them to the weights; afterwards it takes
them out again. This script times these on a model of the given shape with random weights, which take as long as
trained ones. It needs PyTorch, transformers and peft, and downloads nothing:

    pip install torch transformers peft
    python src/bench/python/reference_step.py --shape llama-3.2-1b

Parts: padded (a step as the reference takes it), unpadded (the same without padding, f32 and bf16), swap (three
adapters in and out), decode (tokens a second, f32 and bf16). A table goes to standard output, or JSON with --json;
progress to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

SHAPES = {
    "llama-3.2-1b": dict(
        vocab_size=128256,
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=16,
        num_attention_heads=32,
        num_key_value_heads=8,
        head_dim=64,
        max_position_embeddings=131072,
        tie_word_embeddings=True,
    ),
    "demo": dict(
        vocab_size=4096,
        hidden_size=256,
        intermediate_size=768,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
    ),
}
PARTS = ("padded", "unpadded", "swap", "decode")
ADAPTERS = 3
STEPS_A_PASSAGE = 5
PROMPT_TOKENS = 32
IGNORED = -100


@dataclass
class Figure:
    part: str
    name: str
    unit: str
    median: float
    min: float
    max: float
    runs: int


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def seconds(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def figure(part: str, name: str, unit: str, values: list[float]) -> Figure:
    made = Figure(part, name, unit, statistics.median(values), min(values), max(values), len(values))
    say(f"{part}: {name}: {made.median:.4g} {unit}")
    return made


def lora() -> LoraConfig:
    """The method's: rank 2, alpha 32, on the feed-forward projections."""
    return LoraConfig(
        r=2,
        lora_alpha=32,
        lora_dropout=0.0,
        target_modules=["gate_proj", "up_proj", "down_proj"],
        task_type="CAUSAL_LM",
    )


class Bench:
    """A model of random weights, which is f32 until it is asked for in bf16."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.figures: list[Figure] = []
        shape = SHAPES[options.shape]
        self.vocab = shape["vocab_size"]
        say(f"making {options.shape} with random weights")
        torch.manual_seed(options.seed)
        self.model = LlamaForCausalLM(LlamaConfig(**shape, rms_norm_eps=1e-5, bos_token_id=0, eos_token_id=1))
        self.model.config.name_or_path = options.shape

    def run(self) -> list[Figure]:
        parts = self.options.parts
        if "padded" in parts:
            self.padded()
        if "unpadded" in parts:
            self.unpadded("f32")
        if "swap" in parts:
            self.swap()
        if "decode" in parts:
            self.decode("f32")
        if "unpadded" in parts or "decode" in parts:
            self.model.to(torch.bfloat16)
        if "unpadded" in parts:
            self.unpadded("bf16")
        if "decode" in parts:
            self.decode("bf16")
        return self.figures

    def add(self, part: str, name: str, unit: str, values: list[float]) -> None:
        self.figures.append(figure(part, name, unit, values))

    def ids(self, tokens: int) -> torch.Tensor:
        return torch.randint(2, self.vocab, (1, tokens))

    def batch(self, tokens: int, length: int) -> dict[str, torch.Tensor]:
        """One sample, padded on the right; every token but the padding is learned."""
        ids = torch.zeros((1, length), dtype=torch.long)
        labels = torch.full((1, length), IGNORED)
        mask = torch.zeros((1, length), dtype=torch.long)
        ids[:, :tokens] = self.ids(tokens)
        labels[:, :tokens] = ids[:, :tokens]
        mask[:, :tokens] = 1
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}

    def train(self, length: int, warmup_length: int) -> list[float]:
        """Seconds of forward, backward and optimizer step, for each step."""
        model = get_peft_model(self.model, lora())
        model.train()
        parameters = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(parameters, lr=3e-4)

        def step(batch: dict[str, torch.Tensor]) -> None:
            optimizer.zero_grad()
            model(**batch).loss.backward()
            optimizer.step()

        tokens = self.options.tokens
        step(self.batch(min(tokens, warmup_length), warmup_length))
        timed = [seconds(lambda: step(self.batch(tokens, length))) for _ in range(self.options.steps)]
        self.model = model.unload()
        return timed

    def padded(self) -> None:
        length = self.options.length
        # A short step is warm-up enough for one that takes minutes.
        timed = self.train(length, warmup_length=16)
        self.add("padded", f"step, f32, {length} positions", "s", timed)
        self.add("padded", f"passage of {STEPS_A_PASSAGE} steps", "s", [STEPS_A_PASSAGE * s for s in timed])

    def unpadded(self, dtype: str) -> None:
        tokens = self.options.tokens
        timed = self.train(tokens, warmup_length=tokens)
        self.add("unpadded", f"step, {dtype}, {tokens} tokens", "s", timed)

    def swap(self) -> None:
        """Three adapters from disk into the weights, and out of them again."""
        names = [f"passage-{i}" for i in range(ADAPTERS)]
        phases: dict[str, list[float]] = {p: [] for p in ("load", "combine", "merge", "unmerge", "all")}
        with tempfile.TemporaryDirectory(prefix="reference-") as folder:
            folders = [Path(folder, name) for name in names]
            for path in folders:
                made = get_peft_model(self.model, lora())
                for name, parameter in made.named_parameters():
                    if "lora_B" in name:
                        torch.nn.init.normal_(parameter, std=0.01)
                made.save_pretrained(path, save_embedding_layers=False)
                self.model = made.unload()
            for _ in range(1 + self.options.steps):
                took = self.swap_once(names, folders)
                took["all"] = sum(took.values())
                for phase, value in took.items():
                    phases[phase].append(value)
        for phase, values in phases.items():
            # The first was warm-up.
            self.add("swap", f"{phase}, {ADAPTERS} adapters, f32", "s", values[1:])

    def swap_once(self, names: list[str], folders: list[Path]) -> dict[str, float]:
        def load() -> PeftModel:
            model = PeftModel.from_pretrained(self.model, folders[0], adapter_name=names[0])
            for name, path in zip(names[1:], folders[1:], strict=True):
                model.load_adapter(path, adapter_name=name)
            return model

        def combine() -> None:
            model.add_weighted_adapter(names, [1.0] * len(names), adapter_name="merge", combination_type="cat")
            model.set_adapter("merge")

        took = {}
        start = time.perf_counter()
        model = load()
        took["load"] = time.perf_counter() - start
        took["combine"] = seconds(combine)
        took["merge"] = seconds(lambda: model.merge_adapter(["merge"]))
        took["unmerge"] = seconds(model.unmerge_adapter)
        self.model = model.unload()
        return took

    @torch.inference_mode()
    def decode(self, dtype: str) -> None:
        """Greedy tokens after the prompt, one forward pass each."""
        self.model.eval()
        rates = []
        for _ in range(1 + self.options.steps):
            out = self.model(self.ids(PROMPT_TOKENS), use_cache=True, logits_to_keep=1)
            start = time.perf_counter()
            for _ in range(self.options.new_tokens):
                best = out.logits[:, -1:].argmax(-1)
                out = self.model(best, past_key_values=out.past_key_values, use_cache=True)
            rates.append(self.options.new_tokens / (time.perf_counter() - start))
        # The first was warm-up.
        self.add("decode", f"batch 1, {dtype}", "tok/s", rates[1:])


def table(figures: list[Figure]) -> str:
    rows = [("part", "what", "median", "min", "max", "unit", "runs")]
    for f in figures:
        rows.append((f.part, f.name, f"{f.median:.4g}", f"{f.min:.4g}", f"{f.max:.4g}", f.unit, str(f.runs)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def machine() -> str:
    """The processor's name where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def parts(text: str) -> list[str]:
    chosen = text.split(",")
    for part in chosen:
        if part not in PARTS:
            raise argparse.ArgumentTypeError(f"{part} is no part; choose from {','.join(PARTS)}")
    return chosen


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: give at least 1")
    return number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="llama-3.2-1b")
    parser.add_argument("--parts", type=parts, default=list(PARTS), metavar="A,B", help="default: all")
    parser.add_argument("--steps", type=positive, default=1, help="counted runs of each (default 1), after a warm-up")
    parser.add_argument("--tokens", type=positive, default=260, help="tokens of a sample (default 260)")
    parser.add_argument("--length", type=positive, default=3000, help="positions of a padded sample (default 3000)")
    parser.add_argument("--new-tokens", type=positive, default=16, help="tokens a decoding run (default 16)")
    parser.add_argument("--threads", type=positive, default=os.cpu_count(), help="default: one for each core")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    options = parser.parse_args()
    if options.tokens > options.length:
        parser.error(f"--tokens {options.tokens} is more than --length {options.length}")

    # The names of some arguments change from version to version; those used here are known to old and new ones.
    warnings.filterwarnings("ignore", category=FutureWarning)
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(options.threads)
    setting = {
        "shape": options.shape,
        "date": date.today().isoformat(),
        "machine": machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": options.threads,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    }
    figures = Bench(options).run()
    # Linux counts in KiB.
    setting["peak_memory_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 1)
    if options.json:
        print(json.dumps({**setting, "figures": [asdict(f) for f in figures]}, indent=2))
    else:
        print(", ".join(f"{name} {value}" for name, value in setting.items()))
        print(table(figures))


if __name__ == "__main__":
    main()
