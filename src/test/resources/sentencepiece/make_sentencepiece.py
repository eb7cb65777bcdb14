"""Makes what stands beside this script (pip install sentencepiece gguf numpy transformers==4.46.3 protobuf):

bpe.gguf          a LLaMA of random weights with a SentencePiece vocabulary (type bpe, byte_fallback), trained on the demo's
                  passages and some other writing
legacy.json       the vocabulary as the tokenizer.json that transformers' LlamaTokenizerFast saves with legacy=True
metaspace.json    the same with legacy=False
vectors.json      texts, their ids by sentencepiece itself and by both files with tokenizers, and what these make of the ids
"""

import io
import json
import pathlib
import tempfile

import gguf
import numpy
import sentencepiece
from tokenizers import AddedToken, Tokenizer
from transformers import LlamaTokenizerFast

HERE = pathlib.Path(__file__).parent
DEMO = HERE.parents[2] / "main/demo/small/passages.jsonl"
OTHER = ["Žluťoučký kůň, façade größer Ångström", "Καλημέρα κόσμε, привет мир", "你好世界、こんにちは", "नमस्ते दुनिया",
         "    int i = 0;  // two", "key:  value", "a b  c   d    e", "1990 2000 2001"]
VOCABULARY, HIDDEN, INNER = 560, 32, 48

TEXTS = ["", " ", "  ", "   ", "a", " a", "  a", "a ", "a  ", "Hello world", " Hello world ", "two  spaces   three",
         "\n", "\n\n", "a\nb", "a\n b", "\ta\t\tb", "\r\n", "The film was directed in 1994 by Simon Trouqvist.",
         "Žluťoučký kůň", "Καλημέρα κόσμε", "привет", "你好世界", "नमस्ते", "مرحبا", "e\u0301 \u00e9", "🙂", "👍🏽 👩‍👩‍👧",
         "\x00\x01\x7f", "\u200b\u00a0\ufeff", "▁", "▁a", "a▁b", " ▁ ", "▁▁▁", "<0x0A>", "<0x", "<unk", "don't", "...", "????",
         "aaaaaaaaaaaaa", "ababababab", "x" * 70, "The " * 30, "\U0010ffff", "ﬁ ½ ²", "    int i = 0;"]
SPECIAL = ["<s>", "</s>", "<s>a", "<s> a", "a</s>", "a </s> b", "a<unk>b", "<s><s>", "<s>\n</s>", "<|user|>Hi<|end|>", " <|user|> Hi",
           "<|user|>\nWho directed it?<|end|>\n<|assistant|>\n", "[INST] a [/INST] b </s><s>[INST] c [/INST]"]


def train():
    texts = [json.loads(line)["text"] for line in DEMO.read_text().splitlines()] + OTHER * 3
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=made, model_type="bpe", vocab_size=VOCABULARY, byte_fallback=True,
        character_coverage=0.995, split_digits=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True, user_defined_symbols=["<|user|>", "<|assistant|>"], control_symbols=["<|end|>"],
        minloglevel=2)
    return made.getvalue()


def metadata(writer, model):
    writer.add_block_count(1)
    writer.add_context_length(512)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HIDDEN // 2)
    writer.add_vocab_size(VOCABULARY)
    ids = range(model.get_piece_size())
    kind = gguf.TokenType
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([model.id_to_piece(i).encode() for i in ids])
    writer.add_token_scores([model.get_score(i) for i in ids])
    writer.add_token_types([
        kind.UNKNOWN if model.is_unknown(i) else kind.CONTROL if model.is_control(i) else kind.BYTE if model.is_byte(i)
        else kind.UNUSED if model.is_unused(i) else kind.USER_DEFINED if model.id_to_piece(i).startswith("<|") else kind.NORMAL
        for i in ids])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template(
        "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}</s>\n{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>\n{% endif %}")


def write(model, path):
    writer = gguf.GGUFWriter(path, "llama")
    metadata(writer, model)
    random = numpy.random.default_rng(2)

    def matrix(name, rows, columns):
        writer.add_tensor(name, (random.standard_normal((rows, columns)) * 0.1).astype(numpy.float16))

    matrix("token_embd.weight", VOCABULARY, HIDDEN)
    for name in "attn_q", "attn_k", "attn_v", "attn_output":
        matrix(f"blk.0.{name}.weight", HIDDEN, HIDDEN)
    matrix("blk.0.ffn_gate.weight", INNER, HIDDEN)
    matrix("blk.0.ffn_up.weight", INNER, HIDDEN)
    matrix("blk.0.ffn_down.weight", HIDDEN, INNER)
    for name in "blk.0.attn_norm", "blk.0.ffn_norm", "output_norm":
        writer.add_tensor(f"{name}.weight", numpy.ones(HIDDEN, numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def added(model):
    return [AddedToken(model.id_to_piece(i), normalized=False, special=not model.id_to_piece(i).startswith(("<|u", "<|a")))
            for i in range(model.get_piece_size())
            if model.is_unknown(i) or model.is_control(i) or model.id_to_piece(i).startswith("<|")]


def saved(model, path, legacy):
    """tokenizer.json as transformers writes it."""
    made = LlamaTokenizerFast(vocab_file=path, legacy=legacy, from_slow=True, add_prefix_space=True)
    for token in added(model):
        made.add_tokens([token], special_tokens=token.special)
    folder = tempfile.mkdtemp()
    made.save_pretrained(folder)
    return (pathlib.Path(folder) / "tokenizer.json").read_text()


def main():
    with tempfile.NamedTemporaryFile(suffix=".model") as file:
        file.write(train())
        file.flush()
        model = sentencepiece.SentencePieceProcessor(model_file=file.name)
        forms = {"legacy": saved(model, file.name, True), "metaspace": saved(model, file.name, False)}
    write(model, HERE / "bpe.gguf")
    tokenizers = {}
    for name, text in forms.items():
        (HERE / f"{name}.json").write_text(json.dumps(json.loads(text), separators=(",", ":")) + "\n")
        tokenizers[name] = Tokenizer.from_str(text)
    vectors = []
    for text in TEXTS + SPECIAL:
        vector = {"text": text}
        if text in TEXTS:
            vector["sentencepiece"] = model.encode(text)
        for name, tokenizer in tokenizers.items():
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            vector[name] = ids
            vector[name + "_text"] = tokenizer.decode(ids, skip_special_tokens=False)
        vectors.append(vector)
    lines = ",\n".join(json.dumps(v, ensure_ascii=True, separators=(",", ":")) for v in vectors)
    (HERE / "vectors.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
