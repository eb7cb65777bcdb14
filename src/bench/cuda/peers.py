#!/usr/bin/env python3
"""What PyTorch, transformers and PEFT do on a GPU, beside `prag bench --device cuda`: random weights in bf16, adapters of
rank 2 on the feed-forward projections. A line for each figure: part, name, median, unit, least and greatest. What fails is
said, and the rest goes on. Downloads nothing.

    python3 src/bench/cuda/peers.py --shape llama-3.2-1b
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM, StaticCache

LLAMA = dict(vocab_size=128256, num_attention_heads=32, num_key_value_heads=8, max_position_embeddings=8192)
SHAPES = {
    "llama-3.2-1b": LLAMA
    | dict(hidden_size=2048, intermediate_size=8192, num_hidden_layers=16, head_dim=64, tie_word_embeddings=True),
    "llama-3-8b": LLAMA
    | dict(hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, head_dim=128, tie_word_embeddings=False),
    "demo": dict(
        vocab_size=4096,
        hidden_size=256,
        intermediate_size=768,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=8192,
        tie_word_embeddings=True,
    ),
}
ADAPTERS = 3
PROMPT = 64
PASSAGE_TOKENS = 1300
SAMPLE_TOKENS = 260


class Peers:
    def __init__(self, options: argparse.Namespace) -> None:
        self.runs = options.runs
        self.tokens = options.tokens
        self.device = torch.device("cuda")
        config = LlamaConfig(**SHAPES[options.shape], rms_norm_eps=1e-5, bos_token_id=0, eos_token_id=None)
        config.pad_token_id = 0
        torch.manual_seed(1)
        torch.set_default_dtype(torch.bfloat16)
        with torch.device(self.device):
            self.model = LlamaForCausalLM(config).eval()
        self.vocab = config.vocab_size

    def wait(self) -> None:
        torch.cuda.synchronize(self.device)

    def seconds(self, task: Callable[[], object]) -> list[float]:
        """One run that isn't counted, then those that are."""
        taken = []
        for run in range(self.runs + 1):
            self.wait()
            start = time.perf_counter()
            task()
            self.wait()
            if run > 0:
                taken.append(time.perf_counter() - start)
        return taken

    def say(self, part: str, name: str, unit: str, values: list[float]) -> None:
        middle, least, most = statistics.median(values), min(values), max(values)
        print(f"{part:10} {name:60} {middle:10.4g} {unit:9} ({least:.4g} to {most:.4g}, {len(values)} runs)", flush=True)

    def ids(self, batch: int, tokens: int) -> torch.Tensor:
        return torch.randint(2, self.vocab, (batch, tokens), device=self.device)

    # ---- figures ----

    @torch.no_grad()
    def prefill(self) -> None:
        ids = self.ids(1, 2048)
        taken = self.seconds(lambda: self.model(input_ids=ids, logits_to_keep=1))
        self.say("prefill", "transformers, 2048 tokens", "tok/s", [2048 / s for s in taken])

    @torch.no_grad()
    def generate(self, name: str = "transformers generate") -> None:
        for batch in (1, 8):
            ids = self.ids(batch, PROMPT)
            taken = self.seconds(
                lambda: self.model.generate(
                    input_ids=ids,
                    attention_mask=torch.ones_like(ids),
                    max_new_tokens=self.tokens,
                    min_new_tokens=self.tokens,
                    do_sample=False,
                )
            )
            self.say("decode", f"{name}, batch {batch}", "tok/s", [batch * self.tokens / s for s in taken])

    @torch.no_grad()
    def graph(self) -> None:
        """A step over a static cache, captured as one CUDA graph."""
        for batch in (1, 8):
            cache = StaticCache(config=self.model.config, max_cache_len=PROMPT + 512)
            ids = self.ids(batch, PROMPT)
            self.model(
                input_ids=ids, past_key_values=cache, cache_position=torch.arange(PROMPT, device=self.device)
            )
            token = self.ids(batch, 1)
            place = torch.tensor([PROMPT], device=self.device)

            def step() -> torch.Tensor:
                logits = self.model(input_ids=token, past_key_values=cache, cache_position=place).logits
                return logits[:, -1].argmax(-1, keepdim=True)

            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(3):
                    step()
            torch.cuda.current_stream().wait_stream(side)
            captured = torch.cuda.CUDAGraph()
            with torch.cuda.graph(captured):
                chosen = step()

            def steps() -> None:
                for i in range(self.tokens):
                    place.fill_(PROMPT + i)
                    captured.replay()
                    token.copy_(chosen)

            taken = self.seconds(steps)
            self.say(
                "decode", f"a step as a CUDA graph, batch {batch}", "tok/s", [batch * self.tokens / s for s in taken]
            )

    def adapters(self) -> None:
        """Three adapters from disk, combined, generated under, merged and taken out."""
        lora = LoraConfig(r=2, lora_alpha=32, target_modules=["gate_proj", "up_proj", "down_proj"])
        with tempfile.TemporaryDirectory(prefix="peers-") as folder:
            paths = [Path(folder, f"passage-{i}") for i in range(ADAPTERS)]
            for path in paths:
                made = get_peft_model(self.model, lora)
                for name, parameter in made.named_parameters():
                    if "lora_B" in name:
                        torch.nn.init.normal_(parameter, std=1e-4)
                made.save_pretrained(path, save_embedding_layers=False)
                self.model = made.unload()
            kept: list[PeftModel] = []

            def compose() -> None:
                if kept:
                    self.model = kept.pop().unload()
                names = [path.name for path in paths]
                composed = PeftModel.from_pretrained(self.model, paths[0], adapter_name=names[0])
                for path in paths[1:]:
                    composed.load_adapter(path, adapter_name=path.name)
                composed.add_weighted_adapter(
                    names, [1 / ADAPTERS] * ADAPTERS, adapter_name="all", combination_type="cat"
                )
                composed.set_adapter("all")
                kept.append(composed)

            taken = self.seconds(compose)
            self.say("compose", "PEFT, 3 adapters from disk into one", "ms", [1e3 * s for s in taken])
            plain, self.model = self.model, kept[0]
            try:
                self.generate("PEFT generate with 3 adapters")
            finally:
                self.model = plain

            def merge() -> None:
                kept[0].merge_adapter()
                kept[0].unmerge_adapter()

            taken = self.seconds(merge)
            self.say("compose", "PEFT, merged and unmerged", "ms", [1e3 * s for s in taken])
            self.model = kept.pop().unload()

    def train(self) -> None:
        """One adapter on many samples at once, which PEFT can; an adapter of its own for each, it can't."""
        lora = LoraConfig(r=2, lora_alpha=32, target_modules=["gate_proj", "up_proj", "down_proj"])
        trained = get_peft_model(self.model, lora)
        trained.train()
        optimizer = torch.optim.AdamW([p for p in trained.parameters() if p.requires_grad], lr=3e-4)
        ids = self.ids(16, SAMPLE_TOKENS)

        def step() -> None:
            optimizer.zero_grad()
            trained(input_ids=ids, labels=ids).loss.backward()
            optimizer.step()

        try:
            taken = self.seconds(step)
            tokens = ids.numel()
            self.say("encode", "PEFT, one adapter, 16 samples of 260", "tok/s", [tokens / s for s in taken])
            self.say(
                "encode",
                f"the same, {PASSAGE_TOKENS} tokens",
                "s/passage",
                [s * PASSAGE_TOKENS / tokens for s in taken],
            )
        finally:
            self.model = trained.unload().eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="llama-3.2-1b")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=64)
    options = parser.parse_args()
    print(
        f"{options.shape}, random weights, bf16, {torch.cuda.get_device_name()}: torch {torch.__version__},"
        f" transformers {transformers.__version__}, peft {peft.__version__}",
        flush=True,
    )
    peers = Peers(options)
    for figure in (peers.prefill, peers.generate, peers.graph, peers.train, peers.adapters):
        try:
            figure()
        except Exception as error:  # Whatever one of them does, the others are worth having.
            print(f"{figure.__name__} failed: {type(error).__name__}: {str(error).splitlines()[:1]}", flush=True)


if __name__ == "__main__":
    main()
